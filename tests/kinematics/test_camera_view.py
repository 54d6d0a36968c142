"""Camera view: sides, intervals, grades and reasons."""

import numpy as np
import pytest

from analyzer.kinematics.camera_view import (
    Z_80,
    CameraView,
    allows_angles,
    corrected_roll_deg,
    depth_bearing_deg,
    summarize_half_widths,
)
from analyzer.vocabulary.angles import MAIN_ANGLES
from tests.bodies import BodyPosture

FPS = 30.0
NAMES = dict(zip(("trunk", "fold", "knee"), MAIN_ANGLES, strict=True))


def make_view(
    yaw_deg: float = 0.0,
    half_width_deg: float | tuple[float, float, float] = 3.0,
    roll_deg: float | None = 0.0,
    yaw_sd_deg: float = 4.0,
    partial: str = "",
) -> CameraView:
    """A view with these half widths of trunk, trunk-thigh and knee, or one number for all; `partial`: names of some."""
    widths = half_width_deg if isinstance(half_width_deg, tuple) else (half_width_deg,) * 3
    half_widths_deg = dict(zip(MAIN_ANGLES, widths, strict=True))
    partial_angles = frozenset(NAMES[each] for each in partial.split())
    return CameraView("right", yaw_deg, yaw_sd_deg, 0.0, roll_deg, half_widths_deg, np.zeros(3, bool), partial_angles)


@pytest.mark.parametrize(
    ("half_width_deg", "grade"),
    [(0, "good"), (5, "good"), (5.01, "fair"), (8, "fair"), (8.01, "rough"), (12, "rough"), (12.01, "refused"),
     (np.inf, "refused"), (np.nan, "refused")],
)  # fmt: skip
def test_the_grade_follows_from_the_half_width_alone(half_width_deg, grade):
    for yaw_deg in (0, 50, -75):
        camera = make_view(yaw_deg, half_width_deg)
        assert camera.grade == grade
        assert camera.allows_angles == allows_angles(grade) == (grade != "refused")


@pytest.mark.parametrize(
    ("half_widths_deg", "certain", "grade", "mean_deg"),
    [
        ((2, 4, 9), "trunk fold knee", "good", 5),
        ((4, 8, 12), "trunk fold knee", "fair", 8),
        ((2, 4, 12.01), "trunk fold", "rough", 3),
        ((3, 30, 5), "trunk knee", "rough", 4),
        ((12, 13, 14), "trunk", "rough", 12),
        ((12.01, 3, 3), "", "refused", np.inf),
        ((np.nan, 3, 3), "", "refused", np.inf),
    ],
)
def test_each_angle_is_published_by_its_own_uncertainty(half_widths_deg, certain, grade, mean_deg):
    camera = make_view(70, half_widths_deg)
    assert camera.certain_angles == tuple(NAMES[each] for each in certain.split())
    assert (camera.grade, camera.half_width_deg) == (grade, mean_deg)


@pytest.mark.parametrize("yaw_deg", [75.1, -76, 90])
def test_from_straight_in_front_or_behind_no_angle_is_published(yaw_deg):
    camera = make_view(yaw_deg, 3.0)
    assert (camera.certain_angles, camera.grade) == ((), "refused")
    (reason,) = camera.reasons
    assert "a lean towards it and one away from it look alike, so angles are left out. Film square" in reason
    assert "hidden" not in reason


@pytest.mark.parametrize(
    ("half_widths_deg", "words"),
    [
        ((4.4, 30, 30), "trunk-thigh and knee angles are left out, the others are accurate to about 4 degrees"),
        ((4, 8, 30), "knee angles are left out, the others are accurate to about 6 degrees"),
        ((1, 30, 0.6), "trunk-thigh angles are left out, the others are accurate to about 1 degree"),
    ],
)
def test_reasons_name_the_angles_that_are_left_out(half_widths_deg, words):
    (reason,) = make_view(0, half_widths_deg).reasons
    assert reason == (
        f"some joints are hidden or blurred: {words}. Film square to the side, the whole body in view and nothing in "
        "front of it"
    )


@pytest.mark.parametrize(
    ("certain_frames", "partial", "half_width_deg"),
    [
        ((20, 20, 20), "", (4, 4, 4)),
        ((11, 11, 11), "", (4, 4, 4)),
        ((9, 9, 9), "fold", (20, 4, 20)),
        ((20, 5, 9), "fold", (4, 4, 20)),
        ((20, 4, 20), "", (4, 20, 4)),
        ((0, 0, 0), "", (20, 20, 20)),
    ],
)
def test_a_trunk_thigh_angle_that_is_certain_in_a_quarter_of_the_frames_is_partial(
    certain_frames, partial, half_width_deg
):
    """Of 20 frames; trunk and knee need most of them. Certain frames are certain to 4 degrees, the others to 20."""
    sds_deg = {
        name: np.where(np.arange(20) < count, 4.0, 20.0) / Z_80
        for name, count in zip(MAIN_ANGLES, certain_frames, strict=True)
    }
    half_widths_deg, partial_angles = summarize_half_widths(sds_deg)
    assert tuple(half_widths_deg.values()) == pytest.approx(half_width_deg)
    assert partial_angles == {NAMES[each] for each in partial.split()}


@pytest.mark.parametrize(
    ("half_widths_deg", "partial", "words"),
    [
        (
            (4, 6, 4),
            "fold",
            "trunk-thigh angles are given in part of the clip only; what is given is accurate to about 5 degrees",
        ),
        (
            (4, 6, 30),
            "fold",
            "trunk-thigh angles are given in part of the clip only, knee angles are left out; "
            "what is given is accurate to about 5 degrees",
        ),
    ],
)
def test_a_view_with_partial_angles_is_rough_and_names_them(half_widths_deg, partial, words):
    camera = make_view(0, half_widths_deg, partial=partial)
    assert camera.grade == "rough"
    (reason,) = camera.reasons
    assert f"hidden or blurred: {words}. Film square" in reason


@pytest.mark.parametrize(
    ("half_width_deg", "yaw_deg", "is_obstructed"),
    [(4.0, 0.0, False), (7.9, 40.0, False), (8.1, 0.0, True), (30.0, 40.0, True), (30.0, 80.0, False)],
)
def test_a_rough_or_refused_view_is_obstructed_unless_it_is_end_on(half_width_deg, yaw_deg, is_obstructed):
    view = make_view(yaw_deg, half_width_deg)
    assert view.is_obstructed == is_obstructed


@pytest.mark.parametrize(
    ("yaw_deg", "side"),
    [(0, "side"), (15, "side"), (-15, "side"), (15.1, "front"), (-15.1, "behind"), (88, "front"), (-60, "behind")],
)
def test_camera_side_follows_from_the_yaw(yaw_deg, side):
    assert make_view(yaw_deg).camera_side == side


@pytest.mark.parametrize(
    ("yaw_deg", "sd_deg", "low", "high"),
    [
        (30, 4, 30 - 5.1264, 30 + 5.1264),
        (-30, 4, 30 - 5.1264, 30 + 5.1264),
        (2, 4, 0, 7.1264),
        (88, 4, 88 - 5.1264, 90),
    ],
)
def test_the_yaw_interval_is_within_0_and_90(yaw_deg, sd_deg, low, high):
    assert make_view(yaw_deg, yaw_sd_deg=sd_deg).yaw_interval_deg == pytest.approx((low, high))


def test_a_good_view_from_the_side_has_no_warning():
    assert make_view().reasons == []


def test_reasons_have_the_angle_the_side_and_the_consequence():
    (reason,) = make_view(42.4, 7.0).reasons
    assert reason == (
        "the camera stands about 42 degrees off the side view, towards the front; the joints are seen less clearly "
        "from there: angles are accurate to about 7 degrees"
    )
    (reason,) = make_view(-75, 20.0).reasons
    assert "75 degrees" in reason and "towards the back" in reason and "are left out" in reason


def test_what_decides_between_two_oblique_views_is_named():
    """The one further off the side view has angles, as its joints are seen clearly."""
    (good,), (refused,) = make_view(50, 3.6).reasons, make_view(31, 14.0).reasons
    assert good.endswith("the joints are seen clearly from there: angles are accurate to about 4 degrees")
    assert "too much of the body is hidden or blurred from there: angles would be uncertain by more than 12" in refused


def test_a_poor_view_from_the_side_is_explained():
    (reason,) = make_view(3, 10.0).reasons
    assert reason.startswith("some joints are hidden or blurred: angles are accurate to about 10 degrees, so take")


def test_a_refused_view_from_the_side_does_not_ask_for_the_side_again():
    (reason,) = make_view(3, 20.0).reasons
    assert "are left out" in reason and "nothing in front" in reason and "from the side" not in reason


@pytest.mark.parametrize(("roll_deg", "words"), [(5.0, None), (-7.2, "tilted by about 7"), (None, "could not be")])
def test_roll_is_explained_where_it_matters_and_never_changes_the_grade(roll_deg, words):
    camera = make_view(roll_deg=roll_deg)
    assert camera.grade == "good"
    assert len(camera.reasons) == (words is not None)
    assert words is None or words in camera.reasons[0]


@pytest.mark.parametrize(("roll_deg", "answer"), [(None, 0), (0.0, 0), (-5.0, 0), (5.1, 5.1), (-8.0, -8.0)])
def test_only_a_clear_roll_is_corrected(roll_deg, answer):
    assert corrected_roll_deg(roll_deg) == make_view(roll_deg=roll_deg).corrected_roll_deg == answer


@pytest.mark.parametrize(("at", "answer"), [(0, 0), (90, 90), (180, 180), (-90, -90), (30, 30), (200, -160)])
def test_the_depth_of_the_shoulders_gives_the_direction_from_above(at, answer):
    off = depth_bearing_deg(BodyPosture().world_m(90, at), FPS) - answer
    assert np.abs((off + 180) % 360 - 180).max() < 1e-6


def test_that_direction_is_a_running_median_about_the_cut_too():
    swing = np.where(np.arange(90) % 2, 178.0, -178.0)
    swing[[20, 50, 51]] = 60.0
    off = np.abs(depth_bearing_deg(BodyPosture().world_m(90, swing), FPS)) - 180
    assert np.abs(off).max() < 2.1


def test_the_bearing_is_unknown_without_a_person():
    world = BodyPosture().world_m(90, 20.0)
    world[:40] = np.nan
    bearing = depth_bearing_deg(world, FPS)
    assert np.isnan(bearing[:40]).all() and bearing[40:] == pytest.approx(np.full(50, 20.0))


def test_the_bearing_follows_a_person_who_turns_round():
    turn = np.concatenate([np.full(90, 5.0), np.linspace(5, 175, 30), np.full(60, 175.0)])
    bearing = depth_bearing_deg(BodyPosture().world_m(180, turn), FPS)
    assert bearing[:80] == pytest.approx(np.full(80, 5.0), abs=1)
    assert bearing[130:] == pytest.approx(np.full(50, 175.0), abs=1)
