"""The columns of `angles.csv` out of a track of a body with known angles."""

from dataclasses import replace

import numpy as np
import pytest

from analyzer.kinematics.landmarks import Side, sides
from analyzer.kinematics.table import ANGLE_COLUMNS, AngleTable, angle_table, at_reference
from analyzer.kinematics.view import CameraView, camera_view
from tests.bodies import AFAR, PX_PER_M, TRUNK_M, Posture, bearing, picture_px

FPS, FRAMES = 30.0, 150
TIMES = np.arange(FRAMES) / FPS
# Still for 1.5 s, down and up in 3 s, still for the rest.
DOWN = np.where((TIMES >= 1.5) & (TIMES <= 4.5), 0.5 - 0.5 * np.cos(2 * np.pi * (TIMES - 1.5) / 3), 0.0)
HINGE = Posture(
    trunk_deg=2 + 68 * DOWN,
    thigh_deg=1 - 19 * DOWN,
    shin_deg=3 - 1 * DOWN,
    upper_arm_deg=5 - 10 * DOWN,
    elbow_deg=8 + 0 * DOWN,
    neck_deg=6 + 54 * DOWN,
    head_deg=4 + 40 * DOWN,
    foot_deg=5.0,
)
SQUAT = replace(HINGE, trunk_deg=2 + 40 * DOWN, thigh_deg=1 - 80 * DOWN, shin_deg=3 + 27 * DOWN)
LUNGE = replace(HINGE, left_thigh_deg=40.0, left_shin_deg=60.0)
SITTING = Posture(trunk_deg=1 + 20 * DOWN, thigh_deg=-88, shin_deg=-2 - 60 * DOWN)
PLANK = Posture(trunk_deg=88 + 8 * DOWN, thigh_deg=80 - 6 * DOWN, shin_deg=84, upper_arm_deg=0, elbow_deg=90)


def table_of(
    posture: Posture, facing="right", yaw_deg=0.0, *, change=None, seen=0.99, apart=0.02, **view
) -> AngleTable:
    """The table of a body seen from afar; `change(points, near, far)` edits the track before."""
    world = posture.world_m(FRAMES, bearing(facing, yaw_deg))
    points = picture_px(world)
    seen_by = np.full((FRAMES, 33), seen)
    apart_px = np.full((FRAMES, 33), apart * TRUNK_M * PX_PER_M)
    if change:
        change(points, seen_by, apart_px, *sides(facing))
    return angle_table(TIMES, points, points, seen_by, apart_px, replace(camera_view(world, FPS), **view), AFAR)


def truth(posture: Posture) -> dict[str, np.ndarray]:
    trunk, thigh, shin = (np.broadcast_to(x, FRAMES) for x in (posture.trunk_deg, posture.thigh_deg, posture.shin_deg))
    return {
        "trunk_inclination_deg": trunk,
        "thigh_inclination_deg": thigh,
        "shin_inclination_deg": shin,
        "trunk_thigh_deg": trunk - thigh,
        "knee_flexion_deg": shin - thigh,
        "ankle_dorsiflexion_deg": shin + posture.foot_deg,
        "elbow_flexion_deg": np.broadcast_to(posture.elbow_deg, FRAMES),
    }


def close(table: AngleTable, posture: Posture, within_deg: float) -> None:
    for name, values in truth(posture).items():
        assert np.abs(table.columns[name] - values).max() < within_deg, name


@pytest.mark.parametrize("facing", ["right", "left"])
@pytest.mark.parametrize("yaw_deg", [0, 8, 15, -15, 25, -25])
@pytest.mark.parametrize("posture", [HINGE, SQUAT, SITTING, PLANK])
def test_every_angle_is_read_back(posture, facing, yaw_deg):
    table = table_of(posture, facing, yaw_deg)
    close(table, posture, 0.05 if yaw_deg == 0 else 0.7)
    assert table.reasons == []
    assert not table.unseen.any()


def test_the_columns_are_those_of_the_file_and_rounding_is_not_told_yet():
    table = table_of(HINGE)
    assert tuple(table.columns) == ANGLE_COLUMNS
    assert all(values.shape == (FRAMES,) for values in table.columns.values())
    assert [name for name, values in table.columns.items() if np.isnan(values).any()] == ["back_rounding_deg"]


def test_neck_and_head_are_told_from_the_own_tall_posture():
    table = table_of(HINGE)
    assert table.reference is not None and table.reference.kind == "standing"
    # Neck against trunk: 6 - 2 standing, 60 - 70 at the bottom: 14 less. Head: 4 standing, 44 at the bottom.
    assert table.columns["neck_flexion_deg"][[0, 90]] == pytest.approx([0, -14], abs=0.1)
    assert table.columns["head_tilt_deg"][[0, 90]] == pytest.approx([0, 40], abs=0.1)
    tall = at_reference(table.columns, table.reference)
    assert tall["trunk_inclination_deg"] == pytest.approx(2, abs=0.5)
    assert tall["neck_flexion_deg"] == pytest.approx(0, abs=0.1)
    assert tall["back_rounding_deg"] is None


def test_without_a_tall_posture_neck_and_head_are_raw():
    table = table_of(replace(HINGE, trunk_deg=40.0, thigh_deg=-20.0, neck_deg=55.0, head_deg=30.0))
    assert table.reference is None
    assert table.columns["neck_flexion_deg"] == pytest.approx(np.full(FRAMES, 15), abs=0.1)
    assert table.columns["head_tilt_deg"] == pytest.approx(np.full(FRAMES, 30), abs=0.1)


def test_shoulder_flexion_is_told_against_the_trunk():
    # A straight arm, 170 to gravity, on a trunk leaning back by 8: 162.
    table = table_of(Posture(trunk_deg=-8, upper_arm_deg=170))
    assert table.columns["shoulder_flexion_deg"] == pytest.approx(np.full(FRAMES, 162), abs=0.1)


def test_body_line_of_a_plank_shows_pike_as_positive_and_sag_as_negative():
    pike = table_of(Posture(trunk_deg=110, thigh_deg=70, shin_deg=70)).columns["body_line_deg"]
    sag = table_of(Posture(trunk_deg=80, thigh_deg=100, shin_deg=100)).columns["body_line_deg"]
    assert pike == pytest.approx(np.full(FRAMES, 40), abs=0.1)
    assert sag == pytest.approx(np.full(FRAMES, -20), abs=0.1)


@pytest.mark.parametrize("yaw_deg", [31, -31, 60])
def test_beyond_30_degrees_no_angle_is_given(yaw_deg):
    table = table_of(HINGE, yaw_deg=yaw_deg)
    assert all(np.isnan(values).all() for values in table.columns.values())
    assert table.confidence.max() == 0.0


@pytest.mark.parametrize("yaw_deg", [35, -45])
def test_beyond_30_degrees_the_shape_of_the_movement_is_still_there(yaw_deg):
    trunk = table_of(HINGE, yaw_deg=yaw_deg).shapes["trunk_inclination_deg"]
    assert np.corrcoef(trunk, HINGE.trunk_deg)[0, 1] > 0.99
    assert trunk.argmax() == pytest.approx(np.argmax(HINGE.trunk_deg), abs=1)


def test_frames_in_which_the_person_has_turned_away_are_empty():
    turned = TIMES > 4
    table = table_of(HINGE, turned=turned)
    trunk = table.columns["trunk_inclination_deg"]
    assert np.isnan(trunk[turned]).all() and np.isfinite(trunk[~turned]).all()
    assert (table.confidence[turned] == 0).all() and (table.confidence[~turned] > 0).all()


@pytest.mark.parametrize("roll_deg", [7.0, -12.0])
@pytest.mark.parametrize("facing", ["right", "left"])
def test_a_tilted_phone_is_corrected_for(roll_deg, facing):
    def tilt(points, *_):
        cos, sin = np.cos(np.radians(roll_deg)), np.sin(np.radians(roll_deg))
        points[:] = points @ np.array([[cos, sin], [-sin, cos]])  # clockwise

    close(table_of(HINGE, facing, change=tilt, roll_deg=roll_deg), HINGE, 0.05)


@pytest.mark.parametrize("yaw_deg", [0, 20])
def test_in_a_lunge_the_far_leg_is_not_mixed_in(yaw_deg):
    close(table_of(LUNGE, "right", yaw_deg), HINGE, 0.7)


def test_a_far_leg_that_does_the_same_makes_the_mean():
    def bent(points, seen, apart, near: Side, far: Side):
        shin = points[:, far.ankle] - points[:, far.knee]
        points[:, far.ankle, 0] += 0.1 * np.linalg.norm(shin, axis=1)  # about 5.7 degrees at the far shin

    shin = table_of(HINGE, "right", 20, change=bent, seen=1.0).columns["shin_inclination_deg"]
    # Squaring stretches 0.1 by 1 / cos 20: atan 0.106 = 6.1 degrees, of which half counts.
    assert (truth(HINGE)["shin_inclination_deg"] - shin)[0] == pytest.approx(3.05, abs=0.3)


@pytest.mark.parametrize("facing", ["right", "left"])
def test_a_near_leg_hidden_by_plates_gives_no_knee_and_says_why(facing):
    def plates(points, seen, apart, near: Side, far: Side):
        for name, towards in (("knee", 0.6), ("ankle", 0.4)):  # the model draws a short leg above the plates
            index = getattr(near, name)
            points[:, index] = points[:, near.hip] + towards * (points[:, index] - points[:, near.hip])

    table = table_of(HINGE, facing, change=plates)
    assert len(table.reasons) == 1
    assert "near leg is hidden" in table.reasons[0]
    for name in ("knee_flexion_deg", "shin_inclination_deg", "ankle_dorsiflexion_deg", "body_line_deg"):
        assert np.isnan(table.columns[name]).all(), name
    # Trunk and thigh stand on the far hip and knee, which are seen beyond the plates.
    for name in ("trunk_inclination_deg", "thigh_inclination_deg", "trunk_thigh_deg"):
        assert np.abs(table.columns[name] - truth(HINGE)[name]).max() < 0.1, name
    near, _ = sides(facing)
    assert table.unseen[:, [near.knee, near.ankle]].all()
    assert not table.unseen[:, near.shoulder].any()


def test_an_ankle_hidden_at_the_bottom_is_held_where_the_foot_stood():
    low = DOWN > 0.6

    def plates(points, seen, apart, near: Side, far: Side):
        apart[low, near.ankle] = 0.3 * TRUNK_M * PX_PER_M
        points[low, near.ankle] += (-60, -40)  # drawn up behind the shin

    # The foot stays where it is: so it must in the body that is filmed.
    def planted(points, *rest):
        points += points[:1, [rest[2].ankle]] - points[:, [rest[2].ankle]]
        plates(points, *rest)

    table = table_of(HINGE, change=planted)
    assert table.reasons == [
        "the near foot is hidden at times (plates or furniture): its place before and after is used"
    ]
    assert np.abs(table.columns["knee_flexion_deg"] - truth(HINGE)["knee_flexion_deg"]).max() < 1.0
    near, _ = sides("right")
    assert table.unseen[low][:, near.ankle].all() and not table.unseen[0].any()


def test_confidence_falls_with_visibility_and_with_doubt():
    best = table_of(HINGE, seen=1.0, apart=0.0).confidence
    assert best == pytest.approx(np.ones(FRAMES))
    assert table_of(HINGE, seen=0.7, apart=0.0).confidence == pytest.approx(np.full(FRAMES, 0.7))
    doubt = table_of(HINGE, seen=1.0, apart=0.2).confidence
    assert doubt == pytest.approx(np.full(FRAMES, np.exp(-1)), rel=0.02)


def test_a_lost_point_empties_its_angles_in_that_frame_only():
    def lose(points, seen, apart, near: Side, far: Side):
        points[40, near.knee] = np.nan

    table = table_of(HINGE, change=lose)
    for name in ("thigh_inclination_deg", "knee_flexion_deg", "trunk_thigh_deg"):
        assert np.flatnonzero(np.isnan(table.columns[name])).tolist() == [40], name
    assert np.isfinite(table.columns["trunk_inclination_deg"]).all()


def test_nobody_known_at_all_gives_an_empty_table():
    def lose(points, *_):
        points[:] = np.nan

    table = table_of(HINGE, change=lose)
    assert all(np.isnan(values).all() for values in table.columns.values())
    assert (table.confidence == 0).all()


def test_the_view_may_be_unlevelled_and_unknown():
    view = CameraView("right", 0.0, None, np.zeros(FRAMES, dtype=bool))
    points = picture_px(HINGE.world_m(FRAMES, 0.0))
    ones = np.ones((FRAMES, 33))
    close(angle_table(TIMES, points, points, ones, 0 * ones, view, AFAR), HINGE, 0.05)


def test_where_both_legs_are_shown_and_their_knees_differ_the_knee_is_left_out():
    bent = DOWN > 0.5

    def misread(points, seen, apart, near: Side, far: Side):
        points[bent, near.knee, 0] += 0.2 * TRUNK_M * PX_PER_M  # forward: 25 degrees and more of knee

    table = table_of(HINGE, yaw_deg=20, change=misread)
    knee = table.columns["knee_flexion_deg"]
    assert np.isnan(knee[DOWN > 0.6]).all() and np.isfinite(knee[DOWN < 0.4]).all()
    assert [reason for reason in table.reasons if "knees" in reason] != []
    assert np.isfinite(table.columns["trunk_inclination_deg"]).all()
    # Square from the side the far leg is a guess, and says nothing against the near one.
    assert np.isfinite(table_of(HINGE, yaw_deg=0, change=misread).columns["knee_flexion_deg"]).all()


@pytest.mark.parametrize(("far_apart", "thigh_told"), [(0.05, True), (0.15, False)])
def test_a_far_leg_in_doubt_does_not_stand_in_for_a_hidden_near_one(far_apart, thigh_told):
    def hide(points, seen, apart, near: Side, far: Side):
        points[:, near.knee] = points[:, near.hip] + 0.5 * (points[:, near.knee] - points[:, near.hip])
        points[:, near.ankle] = points[:, near.hip] + 0.5 * (points[:, near.ankle] - points[:, near.hip])
        apart[:, far.knee] = far_apart * TRUNK_M * PX_PER_M

    table = table_of(HINGE, change=hide)
    assert np.isnan(table.columns["knee_flexion_deg"]).all()
    assert np.isfinite(table.columns["trunk_thigh_deg"]).all() == thigh_told
