"""Points squared to the side view give back the true sagittal angles."""

from dataclasses import replace

import numpy as np
import pytest
from analyzer.kinematics.square import Lens, levelled, squared, trunk_length_px

from analyzer.kinematics import angles as angle
from analyzer.kinematics import square
from analyzer.kinematics.joints import joints_of
from analyzer.kinematics.landmarks import LEFT, RIGHT, forward_sign, sides
from tests.bodies import AFAR, HIP_WIDTH_M, PX_PER_M, SHOULDER_WIDTH_M, TRUNK_M, Posture, bearing, lens_at, picture_px

# Standing, half way and at the bottom of a hinge; a squat; sitting. Trunk, thigh, shin.
POSTURES = {
    "hinge": Posture(trunk_deg=[0, 35, 70, 35, 0], thigh_deg=[0, -9, -18, -9, 0], shin_deg=[0, 1, 2, 1, 0]),
    "squat": Posture(trunk_deg=[0, 20, 40, 20, 0], thigh_deg=[0, -40, -80, -40, 0], shin_deg=[0, 15, 30, 15, 0]),
    "sitting": Posture(trunk_deg=[0, 5, 10, 20, 10], thigh_deg=[-90] * 5, shin_deg=[0, -20, -40, -80, -40]),
}


def errors_deg(posture: Posture, facing, yaw_deg, *, near: bool, distance_m=None, undone=True) -> np.ndarray:
    """How far trunk, thigh and shin of one side are off the truth: (3, T) degrees."""
    points = picture_px(posture.world_m(5, bearing(facing, yaw_deg)), distance_m)
    if undone:
        points = squared(points, facing, yaw_deg, lens_at(distance_m) if distance_m else AFAR)
    side = joints_of(points, sides(facing)[0 if near else 1])
    forward = forward_sign(facing)
    return np.array(
        [
            angle.trunk_inclination_deg(side.hip, side.shoulder, forward) - posture.trunk_deg,
            angle.thigh_inclination_deg(side.knee, side.hip, forward) - posture.thigh_deg,
            angle.shin_inclination_deg(side.ankle, side.knee, forward) - posture.shin_deg,
        ]
    )


def test_the_widths_are_those_of_the_typical_body():
    assert pytest.approx(SHOULDER_WIDTH_M / TRUNK_M) == square.SHOULDER_WIDTH
    assert pytest.approx(HIP_WIDTH_M / TRUNK_M) == square.HIP_WIDTH


@pytest.mark.parametrize("facing", ["right", "left"])
@pytest.mark.parametrize("yaw_deg", [0, 15, -15, 25, -25])
@pytest.mark.parametrize("name", POSTURES)
@pytest.mark.parametrize("near", [True, False])
def test_a_typical_body_seen_from_afar_reads_the_truth(name, facing, yaw_deg, near):
    # Only the length of the trunk is a guess: seen turned, the near hip and shoulder are a little farther apart.
    assert np.abs(errors_deg(POSTURES[name], facing, yaw_deg, near=near)).max() < 0.3


@pytest.mark.parametrize("facing", ["right", "left"])
@pytest.mark.parametrize("yaw_deg", [0, 15, -15, 25, -25])
@pytest.mark.parametrize("name", POSTURES)
@pytest.mark.parametrize("near", [True, False])
def test_perspective_from_three_metres_is_undone(name, facing, yaw_deg, near):
    # The trunk's length, by which widths are scaled, is measured on the near side, where it looks 4 to 6 % longer.
    assert np.abs(errors_deg(POSTURES[name], facing, yaw_deg, near=near, distance_m=3.0)).max() < 1.0


@pytest.mark.parametrize("name", POSTURES)
@pytest.mark.parametrize("share", [0.8, 1.25])
def test_a_lens_a_quarter_off_the_guess_costs_little(name, share):
    points = picture_px(POSTURES[name].world_m(5, 20.0), 3.0)
    guessed = Lens(AFAR.middle_px, share * lens_at(3.0).focal_px)
    off = squared(points, "right", 20.0, guessed) - squared(points, "right", 20.0, lens_at(3.0))
    assert np.abs(off[:, [12, 24]]).max() < 0.05 * TRUNK_M * PX_PER_M


def test_a_person_beside_the_middle_of_the_picture_reads_the_same():
    # 0.8 m to the side at 3 m: the line to them leaves the camera's axis by 14.9 degrees, and they are seen turned by
    # so much. The yaw is told against that line.
    world = POSTURES["hinge"].world_m(5, 0.0)
    points = picture_px(world + [0.8, 0.0, 0.0], 3.0)
    turned = squared(points, "right", -np.degrees(np.arctan2(0.8, 3.0)), lens_at(3.0))
    hip, shoulder = turned[:, 24], turned[:, 12]
    assert angle.trunk_inclination_deg(hip, shoulder, 1) == pytest.approx([0, 35, 70, 35, 0], abs=1.0)


def test_without_squaring_the_error_is_that_of_the_domain_table():
    """1.5, near side, 20 degrees: trunk about 5 off."""
    worst = np.abs(errors_deg(POSTURES["hinge"], "right", 20, near=True, undone=False)).max()
    assert 3 < worst < 7


def test_no_yaw_changes_nothing_and_the_input_is_left_alone():
    points = picture_px(POSTURES["hinge"].world_m(5, 0.0))
    before = points.copy()
    assert squared(points, "right", 0.0, AFAR) == pytest.approx(points, abs=0.01)
    squared(points, "right", 20.0, AFAR)
    assert (points == before).all()


def test_unknown_points_stay_unknown():
    points = picture_px(POSTURES["hinge"].world_m(5, 15.0))
    points[2, LEFT.knee] = np.nan
    result = squared(points, "right", 15.0, AFAR)
    assert np.isnan(result[2, LEFT.knee]).all()
    assert np.isfinite(np.delete(result.reshape(5, -1), [2 * LEFT.knee, 2 * LEFT.knee + 1], axis=1)).all()


@pytest.mark.parametrize("roll_deg", [5.0, -12.0])
def test_a_tilted_phone_is_levelled(roll_deg):
    points = picture_px(POSTURES["squat"].world_m(5, 0.0))
    cos, sin = np.cos(np.radians(roll_deg)), np.sin(np.radians(roll_deg))
    tilted = points @ np.array([[cos, -sin], [sin, cos]]).T  # x right, y down: + is clockwise
    assert levelled(tilted, roll_deg, replace(AFAR, middle_px=(0.0, 0.0))) == pytest.approx(points)


def test_no_roll_changes_nothing():
    points = picture_px(POSTURES["squat"].world_m(5, 0.0))
    assert levelled(points, 0.0, AFAR) == pytest.approx(points)


def test_the_trunk_length_is_that_of_the_frames_that_show_it_whole():
    points = picture_px(Posture().world_m(8, [0, 0, 0, 40, 60, 80, 0, 0]))
    points[1] = np.nan
    assert trunk_length_px(points, "right") == pytest.approx(TRUNK_M * PX_PER_M, rel=0.03)
    points[:, RIGHT.hip] = np.nan
    assert np.isnan(trunk_length_px(points, "right"))
