"""Facing, yaw and grade of the camera's view."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.kinematics.view import CameraView, bearing_deg, camera_view, grade
from tests.bodies import Posture, bearing

FPS = 30.0
HINGE = Posture(trunk_deg=35 - 35 * np.cos(np.linspace(0, 4 * np.pi, 90)))


def seen_from(bearing_: float | np.ndarray, frames: int = 90) -> np.ndarray:
    return HINGE.world_m(frames, bearing_)


@pytest.mark.parametrize(
    ("at", "answer"),
    [(0, 0), (90, 90), (180, 180), (-180, 180), (-90, -90), (30, 30), (200, -160)],
)
def test_bearing_is_the_direction_from_above(at, answer):
    off = bearing_deg(seen_from(at)) - answer
    assert np.abs((off + 180) % 360 - 180).max() < 1e-9


@pytest.mark.parametrize("facing", ["right", "left"])
@pytest.mark.parametrize("yaw_deg", [0, 8, -8, 15, -15, 25, -25, 45])
def test_facing_and_yaw_are_found(facing, yaw_deg):
    view = camera_view(seen_from(bearing(facing, yaw_deg)), FPS)
    assert (view.facing, view.roll_deg) == (facing, None)
    assert view.yaw_deg == pytest.approx(yaw_deg, abs=1e-6)
    assert not view.turned.any()


@given(st.floats(-60, 60))
def test_the_mirror_image_faces_the_other_way_at_the_same_yaw(yaw_deg):
    here, there = (camera_view(seen_from(bearing(facing, yaw_deg)), FPS) for facing in ("right", "left"))
    assert (here.facing, there.facing) == ("right", "left")
    assert here.yaw_deg == pytest.approx(there.yaw_deg, abs=1e-6)


@pytest.mark.parametrize("facing", ["right", "left"])
def test_noise_and_single_wild_frames_hardly_move_the_yaw(facing):
    noise = np.random.default_rng(0).normal(0, 8, 90)
    noise[[20, 50, 51]] += 120
    view = camera_view(seen_from(bearing(facing, 12 + noise)), FPS)
    assert view.facing == facing
    assert view.yaw_deg == pytest.approx(12, abs=3)
    assert not view.turned.any()


def test_bearings_about_the_cut_are_neighbours():
    swing = np.where(np.arange(90) % 2, 179.0, -179.0)
    view = camera_view(seen_from(swing), FPS)
    assert view.facing == "left"
    assert abs(view.yaw_deg) <= 1.0
    assert not view.turned.any()


@pytest.mark.parametrize("facing", ["right", "left"])
def test_who_turns_round_in_the_middle_is_marked_there(facing):
    # 3 s side-on, one second of turning, 2 s facing the other way.
    turn = np.concatenate([np.full(90, 5.0), np.linspace(5, 185, 30), np.full(60, 185.0)])
    world = Posture().world_m(180, bearing(facing, turn))
    view = camera_view(world, FPS)
    assert view.facing == facing
    assert view.yaw_deg == pytest.approx(5, abs=3)
    assert not view.turned[:90].any()
    assert view.turned[115:].all()


def test_the_facing_of_most_frames_counts():
    turn = np.concatenate([np.zeros(60), np.full(120, 180.0)])
    view = camera_view(Posture().world_m(180, turn), FPS)
    assert view.facing == "left"
    assert view.turned[:40].all() and not view.turned[80:].any()


def test_frames_without_a_person_are_neither_counted_nor_marked():
    world = seen_from(170.0)
    world[:50] = np.nan
    view = camera_view(world, FPS)
    assert view.facing == "left"
    assert view.yaw_deg == pytest.approx(10)
    assert not view.turned.any()


def test_one_frame_is_enough():
    assert camera_view(seen_from(20.0)[:1], FPS).yaw_deg == pytest.approx(20)


@pytest.mark.parametrize(
    ("yaw_deg", "answer"),
    [
        (0, "good"), (10, "good"), (10.1, "warn"), (20, "warn"), (20.1, "shapes_only"), (30, "shapes_only"),
        (30.1, "refused"), (90, "refused"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("sign", [1, -1])
def test_grades_change_at_10_20_and_30(yaw_deg, answer, sign):
    result, reasons = grade(sign * yaw_deg, 0.0)
    assert result == answer
    assert len(reasons) == (answer != "good")
    assert all(f"{yaw_deg:.0f} degrees" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("yaw_deg", "roll_deg", "answer"),
    [(0, 5, "good"), (0, 5.1, "warn"), (0, -7, "warn"), (25, 7, "shapes_only"), (40, 7, "refused"), (0, None, "good")],
)
def test_a_tilted_phone_is_told_and_never_betters_a_grade(yaw_deg, roll_deg, answer):
    result, reasons = grade(yaw_deg, roll_deg)
    assert result == answer
    if roll_deg is None:
        assert reasons == ["camera roll could not be measured and is taken as 0"]
    else:
        assert any("tilted" in reason for reason in reasons) == (abs(roll_deg) > 5)


@pytest.mark.parametrize(("roll_deg", "answer"), [(None, 0), (0.0, 0), (4.9, 0), (-5.0, 0), (5.1, 5.1), (-8.0, -8.0)])
def test_only_a_roll_that_is_told_is_corrected_for(roll_deg, answer):
    assert CameraView("right", 0.0, roll_deg, np.zeros(3, bool)).corrected_roll_deg == answer
