"""All joints in the person's own sagittal plane."""

import numpy as np
import pytest

from analyzer.kinematics import angles as angle
from analyzer.kinematics.landmarks import LEFT, RIGHT, forward_sign
from analyzer.kinematics.sagittal_plane import project_to_sagittal
from tests.kinematics.films import film

FPS = 10.0


def inclinations_deg(joints, facing) -> np.ndarray:
    forward = forward_sign(facing)
    return np.array(
        [
            angle.trunk_inclination_deg(joints.hip, joints.shoulder, forward),
            angle.thigh_inclination_deg(joints.knee, joints.hip, forward),
            angle.shin_inclination_deg(joints.ankle, joints.knee, forward),
        ]
    )


@pytest.mark.parametrize("facing", ["right", "left"])
@pytest.mark.parametrize("yaw_deg", [0, 20, -45])
def test_both_sides_show_the_angles_of_the_body(facing, yaw_deg):
    clip = film("squat", yaw_deg, facing, fps=FPS)
    fitted = clip.fit_clip()
    near, far = project_to_sagittal(clip.points_px, fitted, clip.lens)
    for joints in (near, far):
        off = np.abs(inclinations_deg(joints, facing) - [clip.trunk_deg, clip.thigh_deg, clip.shin_deg])
        assert off.mean(axis=1).max() < 3.0


@pytest.mark.parametrize(("facing", "yaw_deg", "within_deg"), [("right", 0, 4), ("left", 25, 5), ("right", -40, 7)])
def test_arms_and_head_lie_in_the_plane_that_they_move_in(facing, yaw_deg, within_deg):
    clip = film("squat", yaw_deg, facing, fps=FPS, noise=0.005)
    fitted = clip.fit_clip()
    forward = forward_sign(facing)
    near, _ = project_to_sagittal(clip.points_px, fitted, clip.lens)
    raised = 60 * np.where(clip.times_s < 1.0, 0.0, 0.5 - 0.5 * np.cos(2 * np.pi * (clip.times_s - 1.0) / 3))
    arm = angle.arm_elevation_deg(near.shoulder, near.wrist, forward)
    assert np.abs(arm - raised).mean() < within_deg
    assert np.abs(angle.neck_inclination_deg(near.shoulder, near.ear, forward)).mean() < 2 * within_deg


def test_from_the_front_a_hand_stays_near_the_shoulder_and_keeps_its_height():
    clip = film("standing", 88, fps=FPS)
    fitted = clip.fit_clip()
    near, _ = project_to_sagittal(clip.points_px, fitted, clip.lens)
    length = 0.332 * 1.7 / (0.288 * 1.7) * fitted.longest.trunk_px  # arm over trunk
    assert (near.wrist - near.shoulder)[:, 1] == pytest.approx(np.full(len(clip.times_s), length), rel=0.15)
    assert np.abs((near.wrist - near.shoulder)[:, 0]).max() < 0.4 * length


def test_turning_the_picture_over_mirrors_the_plane():
    clip = film("squat", 25, fps=FPS)
    here, _ = project_to_sagittal(clip.points_px, clip.fit_clip(), clip.lens)
    other = clip.mirrored()
    there, _ = project_to_sagittal(other.points_px, other.fit_clip(), other.lens)
    for name in ("shoulder", "hip", "knee", "ankle", "wrist", "ear"):
        mirrored = getattr(there, name) * (-1, 1) + (2 * clip.lens.principal_point_px[0], 0)
        assert mirrored == pytest.approx(getattr(here, name), abs=1.0), name


def test_unknown_values_stay_unknown():
    clip = film("squat", 20, fps=FPS).hidden(RIGHT.wrist, frames=slice(5, 9)).hidden(LEFT.ear)
    near, far = project_to_sagittal(clip.points_px, clip.fit_clip(), clip.lens)
    assert np.flatnonzero(np.isnan(near.wrist[:, 0])).tolist() == [5, 6, 7, 8]
    assert np.isnan(far.ear).all() and np.isfinite(near.ear).all()
    assert np.isfinite(near.knee).all()
