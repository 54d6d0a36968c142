"""The mean of landmarks in the picture and in its mirror image, on bodies with a known answer."""

import numpy as np
import pytest

from analyzer.pose import mirror_average
from analyzer.pose.mirror_average import average_with_mirror
from tests.bodies import BodyPosture, picture_px

FPS = 30.0
NAN = float("nan")
STANDING, BENT = BodyPosture(), BodyPosture(trunk_deg=70.0, thigh_deg=30.0)


def times(rows: int) -> np.ndarray:
    return np.arange(rows) / FPS


def bodies(*postures: BodyPosture) -> np.ndarray:
    return np.concatenate([picture_px(posture.world_m(1, 0.0)) for posture in postures])


def mirrored_in(points: np.ndarray, shifts_px: dict[int, float]) -> np.ndarray:
    """The mirrored landmarks, known in some rows and there shifted to the right."""
    mirror = np.full_like(points, NAN)
    for row, shift_px in shifts_px.items():
        mirror[row] = points[row] + (shift_px, 0)
    return mirror


def test_two_landmarks_close_together_are_averaged():
    points = bodies(STANDING)
    mean, apart = average_with_mirror(points, points + (3, 4), times(1), scale_px=1e6)
    assert mean == pytest.approx(points + (1.5, 2.0))
    assert apart == pytest.approx(np.full((1, 33), 5.0))


@pytest.mark.parametrize(("mirror_distance_px", "share"), [(10, np.exp(-0.25)), (20, np.exp(-1)), (60, np.exp(-9))])
def test_weight_of_the_mirrored_point_decreases_with_distance(mirror_distance_px, share):
    points = bodies(STANDING)
    mean, _ = average_with_mirror(points, points + (mirror_distance_px, 0), times(1), scale_px=20.0)
    assert (mean - points)[0, :, 0] == pytest.approx(np.full(33, share * mirror_distance_px / 2), abs=1e-9)


def test_difference_comes_from_the_row_of_the_same_shape_not_from_the_nearest_in_time():
    points = bodies(STANDING, STANDING, BENT, STANDING, BENT, BENT)
    mean, _ = average_with_mirror(points, mirrored_in(points, {0: 2.0, 2: 8.0}), times(6), scale_px=1e6)
    assert (mean - points)[:, 5, 0] == pytest.approx([1, 1, 4, 1, 4, 4], abs=0.01)


def test_rows_of_one_shape_share_the_mean_difference():
    points = bodies(*[STANDING] * 7)
    mean, apart = average_with_mirror(points, mirrored_in(points, {2: 2.0, 4: 6.0}), times(7), scale_px=1e6)
    assert (mean - points)[:, 5, 0] == pytest.approx(np.full(7, 2.0), abs=0.01)
    assert apart[:, 5] == pytest.approx([2, 2, 2, 4, 6, 6, 6])  # interpolated: how far both are apart differs by row


def test_shift_of_the_whole_body_is_no_other_shape():
    points = bodies(STANDING, STANDING, BENT)
    points[1] += (300.0, -40.0)
    mean, _ = average_with_mirror(points, mirrored_in(points, {0: 2.0, 2: 8.0}), times(3), scale_px=1e6)
    assert (mean - points)[1, 5, 0] == pytest.approx(1.0, abs=0.01)


def test_a_shape_that_was_never_mirrored_takes_the_difference_of_the_nearest_shape():
    points = bodies(STANDING, BENT)
    mean, _ = average_with_mirror(points, mirrored_in(points, {0: 2.0}), times(2), scale_px=1e6)
    assert (mean - points)[:, 5, 0] == pytest.approx([1.0, 1.0])


def test_blocks_of_rows_change_nothing(monkeypatch):
    random = np.random.default_rng(5)
    points = bodies(*[STANDING, BENT] * 20) + random.normal(0, 3, (40, 33, 2))
    mirror = mirrored_in(points, {row: random.normal(0, 4) for row in range(0, 40, 5)})
    whole, _ = average_with_mirror(points, mirror, times(40), scale_px=20.0)
    monkeypatch.setattr(mirror_average, "_BLOCK_ROWS", 7)
    parts, _ = average_with_mirror(points, mirror, times(40), scale_px=20.0)
    assert parts == pytest.approx(whole)


def test_far_off_in_time_the_nearest_mirrored_row_is_used():
    points = bodies(STANDING, STANDING, STANDING)
    mean, _ = average_with_mirror(points, mirrored_in(points, {1: 2.0}), np.array([0.0, 500.0, 1000.0]), scale_px=1e6)
    assert (mean - points)[:, 5, 0] == pytest.approx([1.0, 1.0, 1.0])


def test_without_a_mirrored_point_landmarks_are_unchanged():
    points = bodies(STANDING, BENT)
    mean, apart = average_with_mirror(points, points * NAN, times(2), scale_px=10.0)
    assert (mean == points).all()
    assert np.isnan(apart).all()


def test_a_lost_frame_stays_lost():
    points = bodies(STANDING, STANDING, STANDING)
    points[1] = NAN
    mean, _ = average_with_mirror(points, mirrored_in(points, {0: 2.0, 2: 2.0}), times(3), scale_px=10.0)
    assert np.isnan(mean[1]).all() and np.isfinite(mean[[0, 2]]).all()
