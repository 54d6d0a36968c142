"""The lens, and levelled pictures."""

import numpy as np
import pytest

from analyzer.kinematics.camera_lens import CameraLens, assume_phone_lens, correct_roll


@pytest.mark.parametrize("size_px", [(1280, 720), (720, 1280)])
def test_a_phone_sees_62_degrees_along_the_longer_side(size_px):
    lens = assume_phone_lens(size_px)
    assert lens.principal_point_px == (size_px[0] / 2, size_px[1] / 2)
    assert 2 * np.degrees(np.arctan(0.5 * max(size_px) / lens.focal_length_px)) == pytest.approx(62, abs=0.3)


@pytest.mark.parametrize("roll_deg", [0.0, 5.0, -12.0])
def test_a_tilted_phone_is_levelled(roll_deg):
    points = np.random.default_rng(0).normal(size=(5, 33, 2)) * 100
    points[1, 3] = np.nan
    cos, sin = np.cos(np.radians(roll_deg)), np.sin(np.radians(roll_deg))
    tilted = points @ np.array([[cos, -sin], [sin, cos]]).T  # x right, y down: + is clockwise
    assert correct_roll(tilted + (640, 360), roll_deg, CameraLens((640, 360), 1000.0)) == pytest.approx(
        points + (640, 360), nan_ok=True
    )
