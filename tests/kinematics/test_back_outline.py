"""The profile of the back from its outline."""

import numpy as np
import pytest

from analyzer.kinematics.back_outline import (
    OUTLINE_POSITIONS,
    PROFILE_POSITIONS,
    extract_dorsal_profile,
    largest_profile_step,
    sample_profile,
)
from analyzer.kinematics.landmarks import LEFT, RIGHT, Facing


def outlines(left: float, right: float, frames: int = 3) -> np.ndarray:
    outline = np.empty((frames, 2, len(OUTLINE_POSITIONS)))
    outline[:, 0], outline[:, 1] = left, right
    return outline


def standing(hip_x_px: float = 100.0, frames: int = 3) -> np.ndarray:
    """Landmarks of a trunk 100 px long, its shoulders at (100, 100)."""
    points = np.full((frames, 33, 2), 100.0)
    points[:, [LEFT.hip, RIGHT.hip]] = hip_x_px, 200.0
    return points


def profiles(outline: np.ndarray, facing: Facing = "right") -> np.ndarray:
    return extract_dorsal_profile(outline, facing, standing(), standing())


def test_the_back_is_on_the_side_the_person_does_not_face():
    assert profiles(outlines(0.2, 0.3)) == pytest.approx(0.2)
    assert profiles(outlines(0.2, 0.3), "left") == pytest.approx(0.3)


def test_measured_from_better_landmarks_the_edges_in_the_picture_stay():
    # The back is the line x = 80, behind a person who faces right. From a hip assumed at x = 104, rays at right
    # angles to the leaning line meet it where 104 - 4 p - 100 b = 80.
    measured = outlines(0.5, 0.5)
    measured[:, 0] = (24 - 4 * OUTLINE_POSITIONS) / 100
    assert extract_dorsal_profile(measured, "right", standing(104), standing()) == pytest.approx(0.2)
    lost = standing()
    lost[1] = np.nan
    profile = extract_dorsal_profile(measured, "right", standing(104), lost)
    assert np.isnan(profile[1]).all() and profile[[0, 2]] == pytest.approx(0.2)


def test_a_short_gap_is_closed_on_a_line_and_a_long_one_is_not():
    raw = outlines(0.2, 0.3)
    raw[:, 0] = OUTLINE_POSITIONS
    raw[1, 0, 30:34] = np.nan
    raw[2, 0, 20:45] = np.nan
    profile = profiles(raw)
    assert profile[1] == pytest.approx(PROFILE_POSITIONS)
    assert np.isnan(profile[2]).all()
    assert np.isnan(raw[1, 0, 30])  # what came in is left as it was


def test_a_straight_outline_is_unchanged():
    profile = np.tile(0.2 + 0.1 * PROFILE_POSITIONS, (2, 1))
    assert sample_profile(profile, np.array([0.3, 0.5])) == pytest.approx(np.array([[0.23, 0.25]] * 2), abs=1e-6)


def test_a_step_is_rough_and_a_curve_is_not():
    bump = 0.2 + 0.1 * np.sin(np.pi * PROFILE_POSITIONS)
    step = np.where(PROFILE_POSITIONS > 0.5, 0.35, 0.2)
    rough = largest_profile_step(np.stack([bump, step]))
    assert rough[0] < 0.01
    assert rough[1] == pytest.approx(0.15)
