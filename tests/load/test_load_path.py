"""Measures of load paths with known answers."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.kinematics.camera_lens import CameraLens
from analyzer.kinematics.camera_view import CameraView
from analyzer.kinematics.joints import SideJoints
from analyzer.load.load_path import LengthScale, LoadPath, choose_length_scale, compute_path_measures
from analyzer.movements.load_measures import LoadPathMeasures
from analyzer.movements.motion import Motion
from analyzer.results.schema import Rep
from tests.views import camera_view

FPS, FRAMES = 30, 121
PX_CM = 4.0
TRUNK_PX = 196.0  # 49 cm, of 170 cm
RADIUS_PX = 90.0  # 45 cm
FOOT_CM = 60.0
LENS = CameraLens((0.0, 0.0), 1e9)
REP = Rep(index=1, start_s=0.0, bottom_s=1.0, end_s=3.0, descent_s=None, pause_s=None, ascent_s=2.0, complete=True)
SHARE = np.clip((np.arange(FRAMES) / FPS - 1.0) / 2.0, 0, 1)
"""Share of the way up: a second at the bottom, two up, and one at the top."""


def view(yaw_deg: float = 0.0, facing: str = "right") -> CameraView:
    return camera_view(FRAMES, facing, yaw_deg, roll_deg=0.0)


def motion(forward: int = 1, scale: float = 1.0) -> Motion:
    points = {field.name: np.full((FRAMES, 2), np.nan) for field in fields(SideJoints)}
    for name, ahead_cm in (("heel", -12.0), ("toe", 12.0)):
        points[name] = np.tile([forward * (FOOT_CM + ahead_cm) * PX_CM, 0.0], (FRAMES, 1)) * scale
    near = SideJoints(**points)
    times_s = np.arange(FRAMES) / FPS
    return Motion(times_s, {}, {}, np.ones(FRAMES), near, near, forward, TRUNK_PX * scale, None)


def path(forward_cm: np.ndarray, up_cm: np.ndarray, forward: int = 1, scale: float = 1.0) -> LoadPath:
    """A path by its distances from the middle of the foot and the floor."""
    pixels = np.column_stack([forward * (FOOT_CM + forward_cm), -up_cm]) * PX_CM * scale
    return LoadPath(pixels, RADIUS_PX * scale)


def measure(path: LoadPath, **given) -> LoadPathMeasures:
    arguments = {"view": view(), "lens": LENS, "motion": motion(), "reps": [REP]} | given
    return compute_path_measures(path, **arguments)[0]


def test_load_that_swings_six_centimetres_out():
    measures = measure(path(2.0 + 6.0 * np.sin(np.pi * SHARE), 50.0 * SHARE))
    rep = measures.reps[0]
    assert (measures.scale, measures.unit, measures.diameter) == ("plate", "cm", 45.0)
    assert rep.up == pytest.approx(50.0)
    assert rep.bow_forward == pytest.approx(6.0, abs=0.5)  # without the first and last 2 % of the way
    assert rep.from_midfoot_at_bottom == pytest.approx(2.0, abs=0.5)
    assert rep.from_midfoot_most == pytest.approx(8.0, abs=0.1)
    assert rep.behind_start == pytest.approx(0.0, abs=0.1)
    assert rep.mean_speed_m_s == pytest.approx(0.25, abs=0.01)
    assert measures.worst_bow_forward == rep.bow_forward
    assert measures.worst_from_midfoot == rep.from_midfoot_most


def test_straight_path_that_leans_has_no_bow():
    rep = measure(path(10.0 * SHARE, 50.0 * SHARE)).reps[0]
    assert rep.bow_forward == pytest.approx(0.0, abs=0.01)
    assert rep.forward_of_start == pytest.approx(9.6, abs=0.3)
    assert rep.from_midfoot_most == pytest.approx(5.0, abs=0.2)  # at half the way


def test_path_towards_the_body_is_behind_its_start():
    rep = measure(path(-5.0 * SHARE, 50.0 * SHARE)).reps[0]
    assert rep.forward_of_start == 0.0
    assert rep.behind_start == pytest.approx(4.8, abs=0.2)


def test_shift_of_the_plate_by_the_camera_yaw_is_removed():
    yaw = np.radians(10.0)
    straight = path(np.zeros(FRAMES), 50.0 * SHARE)
    shifted = LoadPath(straight.centre_px * (np.cos(yaw), 1.0) - (68.0 * PX_CM * np.sin(yaw), 0.0), RADIUS_PX)
    assert measure(shifted, view=view(10.0)).reps[0].from_midfoot_most == pytest.approx(0.0, abs=0.01)
    assert measure(straight).midfoot_doubt == pytest.approx(68.0 * np.sin(np.radians(4.0)), abs=0.01)


@given(bow=st.floats(0, 15), lean=st.floats(-10, 10), scale=st.floats(0.3, 3))
def test_mirroring_and_scaling_change_no_measure(bow, lean, scale):
    forward_cm, up_cm = bow * np.sin(np.pi * SHARE) + lean * SHARE, 50.0 * SHARE
    here = measure(path(forward_cm, up_cm)).reps[0]
    there = measure(
        path(forward_cm, up_cm, forward=-1, scale=scale), motion=motion(-1, scale), view=view(facing="left")
    ).reps[0]
    assert list(there.to_json().values()) == pytest.approx(list(here.to_json().values()), abs=0.02)


def still_load(radius_px: float, kind: str = "plate") -> LoadPath:
    return LoadPath(np.zeros((FRAMES, 2)), radius_px, kind)


def choose_scale(load: LoadPath, trunk_px: float, height_cm: float | None, lens: CameraLens = LENS) -> LengthScale:
    return choose_length_scale(load, trunk_px, lens, 0.0, height_cm)


def test_scale_is_the_plate_else_the_stature_else_the_trunk():
    assert choose_scale(still_load(RADIUS_PX), TRUNK_PX, None).source == "plate"
    assert choose_scale(still_load(0.7 * RADIUS_PX), TRUNK_PX, None).source == "trunk"
    small = choose_scale(still_load(0.7 * RADIUS_PX), TRUNK_PX, 170.0)
    assert (small.source, small.unit) == ("stature", "cm")
    assert small.unit_px == pytest.approx(TRUNK_PX / (0.288 * 170))
    # 45 cm beside a trunk of 43 cm look larger than beside one of 55 cm.
    assert choose_scale(still_load(1.1 * RADIUS_PX), TRUNK_PX, 150.0).source == "plate"
    assert choose_scale(still_load(1.25 * RADIUS_PX), TRUNK_PX, 190.0).source == "stature"


def test_kettlebell_gives_no_scale_and_hangs_in_the_middle():
    assert choose_scale(still_load(RADIUS_PX, "kettlebell"), TRUNK_PX, None).source == "trunk"
    assert choose_scale(still_load(RADIUS_PX, "kettlebell"), TRUNK_PX, 170.0).source == "stature"
    yaw = np.radians(10.0)
    bell = replace(path(np.full(FRAMES, 3.0), 50.0 * SHARE), kind="kettlebell")
    bell = replace(bell, centre_px=bell.centre_px * (np.cos(yaw), 1.0))
    measures = measure(bell, view=view(10.0), height_cm=TRUNK_PX / PX_CM / 0.288)
    assert (measures.load, measures.scale, measures.diameter) == ("kettlebell", "stature", 45.0)
    assert measures.reps[0].from_midfoot_most == pytest.approx(3.0, abs=0.01)
    assert measures.midfoot_doubt == pytest.approx(15.0 * np.sin(np.radians(4.0)), abs=0.01)


def test_without_a_scale_lengths_are_trunk_lengths_and_there_is_no_speed():
    small = replace(path(np.zeros(FRAMES), 49.0 * SHARE), radius_px=0.7 * RADIUS_PX)
    measures = measure(small)
    assert measures.unit == "trunk"
    assert measures.reps[0].up == pytest.approx(1.0)
    assert measures.reps[0].mean_speed_m_s is None


def test_lift_with_a_hidden_load_has_no_measures():
    hidden = path(np.zeros(FRAMES), 50.0 * SHARE)
    hidden.centre_px[40:75] = np.nan
    measures = measure(hidden)
    assert measures.reps[0].is_visible is False
    assert measures.reps[0].up is None
    assert measures.worst_bow_forward is None


def test_hidden_foot_leaves_the_other_measures():
    hidden_foot = motion()
    hidden_foot.near.heel[:] = np.nan
    rep = measure(path(np.zeros(FRAMES), 50.0 * SHARE), motion=hidden_foot).reps[0]
    assert rep.from_midfoot_most is None
    assert rep.up == pytest.approx(50.0)


def test_foot_is_read_while_the_plate_does_not_hide_it():
    moving = motion()
    for points in (moving.near.heel, moving.near.toe):
        points[SHARE < 0.5, 0] += 40.0  # as the track of a hidden foot
    assert measure(path(np.zeros(FRAMES), 50.0 * SHARE), motion=moving).reps[0].from_midfoot_most == 0.0


def test_lifts_that_the_clip_cuts_are_left_out():
    cut = REP.model_copy(update={"complete": False, "ascent_s": None})
    assert measure(path(np.zeros(FRAMES), 50.0 * SHARE), reps=[cut]).reps == ()


def test_speed_of_a_plate_in_metres_and_of_an_unknown_load_in_shares_only():
    smooth = np.sin(np.pi / 2 * SHARE) ** 2
    lift = path(np.zeros(FRAMES), 50.0 * smooth)
    arguments = {"view": view(), "lens": LENS, "motion": motion(), "reps": [REP]}
    path_measures, speed = compute_path_measures(lift, **arguments)
    assert speed is not None
    assert (speed.of, speed.scale) == ("plate", "plate")
    assert speed.reps[0].peak_speed_m_s == pytest.approx(np.pi / 2 * 0.25, rel=0.02)
    assert (path_measures.reps[0].mean_speed_m_s, path_measures.reps[0].peak_speed_m_s) == (
        speed.reps[0].mean_speed_m_s,
        speed.reps[0].peak_speed_m_s,
    )
    _, unknown = compute_path_measures(replace(lift, radius_px=0.7 * RADIUS_PX), **arguments)
    assert unknown is not None
    assert (unknown.scale, unknown.reps[0].mean_speed_m_s, unknown.reps[0].of_fastest_pct) == ("none", None, 100.0)


def test_near_plate_by_the_stature_is_not_too_fast():
    """3.4 m away and 68 cm nearer, a plate looks a quarter larger than it would beside the body."""
    body_px_cm, distance_cm = TRUNK_PX / (0.288 * 170), 340.0
    lens = CameraLens((0.0, 0.0), body_px_cm * distance_cm)
    near_px_cm = body_px_cm * distance_cm / (distance_cm - 68.0)
    full, small = (
        choose_scale(still_load(22.5 * near_px_cm), TRUNK_PX, 170.0, lens),
        choose_scale(still_load(17.0 * near_px_cm), TRUNK_PX, 170.0, lens),
    )
    assert (full.source, small.source) == ("plate", "stature")
    assert full.unit_px == pytest.approx(near_px_cm)
    assert small.unit_px == pytest.approx(near_px_cm)
    assert (full.body_unit_px, small.body_unit_px) == pytest.approx((body_px_cm, body_px_cm))


def test_painted_ring_of_a_plate_gives_no_scale_without_a_height():
    assert choose_scale(still_load(0.8 * RADIUS_PX), TRUNK_PX, None).source == "trunk"
