"""The outline against masks whose edges are known exactly."""

import numpy as np
import pytest

from analyzer.kinematics.back_outline import OUTLINE_POSITIONS
from analyzer.kinematics.landmarks import LEFT, RIGHT
from analyzer.pose.trunk_outline import trace_outline

SIZE = 300
HIP, SHOULDER = (150.0, 200.0), (150.0, 100.0)


def body(hip: tuple[float, float], shoulder: tuple[float, float]) -> np.ndarray:
    points = np.zeros((33, 2))
    for side in (LEFT, RIGHT):
        points[side.hip], points[side.shoulder] = hip, shoulder
    return points


def band(left_px: float, right_px: float) -> np.ndarray:
    """A soft upright band: 1 inside, 0 outside, a ramp four pixels wide that is 0.5 at its edges."""
    x = np.arange(SIZE, dtype=np.float32)
    inside = np.clip((x - left_px) / 4 + 0.5, 0, 1) * np.clip((right_px - x) / 4 + 0.5, 0, 1)
    return np.tile(inside.astype(np.float32), (SIZE, 1))


@pytest.mark.parametrize(("left_px", "right_px"), [(130.0, 190.0), (127.4, 171.8)])
def test_the_edge_is_found_between_pixels(left_px, right_px):
    edges = trace_outline(band(left_px, right_px), body(HIP, SHOULDER))
    assert edges.shape == (2, len(OUTLINE_POSITIONS))
    assert edges[0] == pytest.approx((150 - left_px) / 100, abs=0.002)
    assert edges[1] == pytest.approx((right_px - 150) / 100, abs=0.002)


def test_a_bent_body_is_measured_across_its_own_trunk():
    # The same band lying down: the shoulder is image right of the hip, so the first side is above.
    lying = band(130, 190).T.copy()
    edges = trace_outline(lying, body((100, 150), (200, 150)))
    assert edges[0][20] == pytest.approx(0.2, abs=0.002)
    assert edges[1][20] == pytest.approx(0.4, abs=0.002)


def test_a_ray_that_starts_outside_or_never_leaves_is_unknown():
    assert np.isnan(trace_outline(band(200, 250), body(HIP, SHOULDER))).all()
    assert np.isnan(trace_outline(np.ones((SIZE, SIZE), np.float32), body((150, 160), (150, 140)))).all()


def test_a_trunk_without_length_has_no_outline():
    assert np.isnan(trace_outline(band(130, 190), body(HIP, HIP))).all()
