"""The fitted body on films of bodies with known angles."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from analyzer.kinematics.body_model import THIGH_LR
from analyzer.kinematics.fitted_body import FittedBody, fit_body
from analyzer.kinematics.landmarks import LEFT, RIGHT
from tests.kinematics.films import SimulatedFilm, film

FPS = 15.0  # films of few frames: quick
ANGLES = ("trunk_deg", "thigh_deg", "shin_deg")
KNEES_AND_ANKLES = (LEFT.knee, RIGHT.knee, LEFT.ankle, RIGHT.ankle)


def compute_errors_deg(fitted: FittedBody, film: SimulatedFilm) -> dict[str, float]:
    """Mean absolute error of each angle."""
    return {name: float(np.abs(getattr(fitted, name) - getattr(film, name)).mean()) for name in ANGLES}


def compute_thigh_difference_deg(fitted: FittedBody) -> np.ndarray:
    """Left thigh minus right one."""
    return np.degrees(2 * fitted.solution.frames[:, THIGH_LR])


def worst_deg(fitted: FittedBody, film: SimulatedFilm) -> float:
    return max(compute_errors_deg(fitted, film).values())


@pytest.mark.parametrize(
    ("yaw_deg", "within_deg", "yaw_within_deg"),
    [(0, 1.0, 3), (20, 1.0, 3), (45, 1.0, 3), (-50, 1.5, 3), (80, 3.0, 3), (-80, 4.0, 3)],
)
@pytest.mark.parametrize(("name", "facing"), [("hinge", "right"), ("squat", "left")])
def test_posture_and_view_are_recovered_from_every_side(name, facing, yaw_deg, within_deg, yaw_within_deg):
    clip = film(name, yaw_deg, facing, fps=FPS)
    fitted = clip.fit()
    assert fitted.facing == facing
    assert fitted.yaw_deg == pytest.approx(yaw_deg, abs=yaw_within_deg)
    assert worst_deg(fitted, clip) < within_deg


@pytest.mark.parametrize(
    ("name", "yaw_deg", "within_deg"),
    [("sitting", 0, 1.5), ("sitting", 45, 3.0), ("sitting", -50, 4.0), ("plank", 0, 1.5), ("plank", -50, 3.0)],
)
def test_sitting_and_lying_bodies_are_recovered(name, yaw_deg, within_deg):
    clip = film(name, yaw_deg, fps=FPS)
    fitted = clip.fit()
    assert fitted.yaw_deg == pytest.approx(yaw_deg, abs=8)
    assert worst_deg(fitted, clip) < within_deg


@pytest.mark.parametrize("yaw_deg", [90, -90])
@pytest.mark.parametrize("name", ["hinge", "squat"])
@pytest.mark.parametrize("aside_m", [0.4, -0.4])
def test_straight_from_the_front_or_behind_the_body_does_not_flip(name, yaw_deg, aside_m):
    clip = film(name, yaw_deg, fps=FPS, aside_m=aside_m)
    fitted = clip.fit()
    assert abs(fitted.yaw_deg) > 80 and np.sign(fitted.yaw_deg) == np.sign(yaw_deg)
    assert worst_deg(fitted, clip) < 8.0


@pytest.mark.parametrize("yaw_deg", [0, 45, -80])
@pytest.mark.parametrize("aside_m", [0.6, -0.6])
def test_yaw_is_measured_against_the_line_to_the_person(yaw_deg, aside_m):
    clip = film("hinge", yaw_deg, fps=FPS, aside_m=aside_m)
    fitted = clip.fit()
    assert fitted.yaw_deg == pytest.approx(yaw_deg, abs=6)
    assert fitted.facing == "right"
    assert worst_deg(fitted, clip) < 8.0


@pytest.mark.parametrize("pitch_deg", [6, -6])
def test_camera_pitch_is_estimated_and_corrected(pitch_deg):
    clip = film("squat", 30, fps=FPS, pitch_deg=pitch_deg)
    fitted = clip.fit()
    assert fitted.pitch_deg == pytest.approx(pitch_deg, abs=2)
    assert worst_deg(fitted, clip) < 1.5


@pytest.mark.parametrize("yaw_deg", [0, 30, -50])
def test_turning_the_picture_over_changes_only_the_facing(yaw_deg):
    clip = film("squat", yaw_deg, fps=FPS)
    here, there = clip.fit(), clip.mirrored().fit()
    assert (here.facing, there.facing) == ("right", "left")
    assert there.yaw_deg == pytest.approx(here.yaw_deg, abs=0.1)
    for name in (*ANGLES, "trunk_sd_deg", "trunk_thigh_sd_deg", "knee_sd_deg"):
        assert getattr(there, name) == pytest.approx(getattr(here, name), abs=0.1), name
    assert compute_thigh_difference_deg(there) == pytest.approx(-compute_thigh_difference_deg(here), abs=0.2)


@pytest.mark.parametrize("yaw_deg", [0, 45])
def test_a_plate_that_hides_the_near_knee_and_ankle_adds_little_error(yaw_deg):
    clip = film("hinge", yaw_deg, fps=FPS).hidden(RIGHT.knee, RIGHT.ankle)
    errors = compute_errors_deg(clip.fit(), clip)
    assert max(errors["trunk_deg"], errors["thigh_deg"]) < 1.2
    assert errors["shin_deg"] < 4.0


def test_a_displaced_landmark_is_an_outlier():
    low = slice(25, 40)
    clip = film("hinge", 20, fps=FPS)
    strayed = clip.moved(RIGHT.knee, by_trunks=(0.5, 0.3), frames=low)
    off = [np.abs(getattr(strayed.fit(), name)[low] - getattr(clip, name)[low]).mean() for name in ANGLES]
    assert max(off) < 8.0  # half a trunk length is some 30 degrees


@pytest.mark.parametrize("yaw_deg", [0, 20, 45, -30])
def test_a_lunge_gives_the_mean_of_both_legs_and_how_far_they_are_apart(yaw_deg):
    clip = film("lunge", yaw_deg, fps=FPS)
    fitted = clip.fit()
    assert worst_deg(fitted, clip) < 3.5
    # The left thigh goes to -69, the right one to 26.
    assert compute_thigh_difference_deg(fitted).min() == pytest.approx(-95, abs=10)
    assert compute_thigh_difference_deg(fitted)[:15] == pytest.approx(np.zeros(15), abs=8)


def test_a_cut_is_not_smoothed_over():
    standing = film("hinge", 20, fps=FPS, seconds=1.0)
    seated = film("sitting", 20, fps=FPS, seconds=2.0)
    clip = standing.then(seated)
    fitted = clip.fit()
    cut = len(standing.times_s)
    assert np.abs(fitted.thigh_deg - clip.thigh_deg)[cut - 2 : cut + 2].max() < 6.0


def test_a_person_who_turns_a_little_is_followed():
    turn = np.linspace(10, 30, 60)
    clip = film("hinge", turn, fps=FPS)
    fitted = clip.fit()
    assert fitted.yaw_deg == pytest.approx(20, abs=4)
    assert worst_deg(fitted, clip) < 1.5
    assert np.degrees(fitted.turn[-1] - fitted.turn[0]) > 4  # held back by what is usual within a clip


def test_a_person_who_stands_still_is_fitted():
    clip = film("standing", 20, fps=FPS)
    fitted = clip.fit()
    assert worst_deg(fitted, clip) < 1.5
    assert fitted.yaw_deg == pytest.approx(20, abs=8)


def test_frames_before_the_person_comes_in_do_not_spoil_the_rest():
    clip = film("squat", 20, fps=FPS, seconds=12.0)
    late = clip.hidden(*range(33), frames=slice(0, 60))
    fitted, whole = late.fit(), clip.fit()
    for name in ANGLES:
        assert getattr(fitted, name)[65:] == pytest.approx(getattr(whole, name)[65:], abs=1.5), name
    assert fitted.trunk_sd_deg[:50].min() > 30


def test_no_person_three_frames_or_too_few_landmarks_give_no_body():
    clip = film("hinge", fps=FPS, seconds=2.0)
    assert fit_body(clip.hidden(*range(33)).landmarks()) is None
    assert fit_body(film("hinge", fps=FPS, seconds=3 / FPS).landmarks()) is None
    assert fit_body(film("hinge", fps=FPS, seconds=0.0).landmarks()) is None
    assert fit_body(clip.hidden(*range(33), frames=slice(4, None)).landmarks()) is None
    assert fit_body(clip.hidden(LEFT.hip, RIGHT.hip).landmarks()) is None  # no trunk, no scale


def test_five_frames_are_enough():
    clip = film("hinge", 20, fps=FPS, seconds=5 / FPS)
    assert worst_deg(clip.fit(), clip) < 4.0


def test_unknown_depths_mirror_distances_and_landmarks_do_no_harm():
    clip = film("squat", 20, fps=FPS)
    rng = np.random.default_rng(1)
    points = np.where(rng.random(clip.points_px.shape[:2])[..., None] < 0.2, np.nan, clip.points_px)
    poor = replace(
        clip,
        points_px=points,
        world_m=np.full_like(clip.world_m, np.nan),
        mirror_distance_px=np.full_like(clip.mirror_distance_px, np.nan),
    )
    fitted = poor.fit()
    assert fitted.facing == "right"
    assert worst_deg(fitted, clip) < 2.5


def test_a_body_of_low_visibility_is_fitted_with_less_certainty():
    clip = film("squat", 20, fps=FPS)
    doubted = replace(clip, visibility=np.zeros_like(clip.visibility))
    sure, unsure = clip.fit(), doubted.fit()
    assert worst_deg(unsure, clip) < 3.0
    assert np.median(unsure.trunk_sd_deg) > 1.3 * np.median(sure.trunk_sd_deg)


def test_a_film_with_only_doubtful_landmarks_is_still_fitted():
    clip = film("squat", 20, fps=FPS)
    doubted = replace(clip, mirror_distance_px=np.full_like(clip.mirror_distance_px, 0.25 * clip.trunk_px))
    fitted = doubted.fit()
    assert fitted.facing == "right"
    assert np.median(fitted.trunk_sd_deg) > 2 * np.median(clip.fit().trunk_sd_deg)


@pytest.mark.parametrize("scale", [0.05, 20.0])
def test_the_size_of_the_picture_does_not_matter(scale):
    clip = film("squat", 30, fps=FPS)
    lens = replace(
        clip.lens,
        principal_point_px=(clip.lens.principal_point_px[0] * scale, clip.lens.principal_point_px[1] * scale),
        focal_length_px=clip.lens.focal_length_px * scale,
    )
    scaled = replace(
        clip, points_px=clip.points_px * scale, mirror_distance_px=clip.mirror_distance_px * scale, lens=lens
    )
    here, there = clip.fit(), scaled.fit()
    assert there.yaw_deg == pytest.approx(here.yaw_deg, abs=1e-3)
    assert there.trunk_deg == pytest.approx(here.trunk_deg, abs=1e-3)
    assert there.pixels == pytest.approx(here.pixels * scale, rel=1e-3)


@pytest.mark.parametrize("fps", [5.0, 24.0, 60.0, 240.0])
def test_any_frame_rate(fps):
    clip = film("squat", 30, fps=fps, seconds=3.0)
    fitted = clip.fit()
    assert fitted.trunk_deg.shape == clip.times_s.shape
    assert fitted.pixels.shape == (len(clip.times_s), 8, 2)
    assert worst_deg(fitted, clip) < 2.0


def test_equal_times_are_accepted():
    clip = film("squat", 30, fps=FPS)
    assert fit_body(replace(clip, times_s=np.zeros(len(clip.times_s))).landmarks()) is not None


def test_memory_of_a_long_film_is_bounded():
    """20,000 frames at 240 a second: one in eight is fitted; their derivatives are made in parts."""
    part = film("hinge", 20, fps=240.0, seconds=3.0)
    times = np.arange(20_000) / 240.0
    rows = np.arange(20_000) % len(part.times_s)
    clip = replace(
        part,
        times_s=times,
        **{
            name: getattr(part, name)[rows]
            for name in ("points_px", "visibility", "mirror_distance_px", "world_m", *ANGLES)
        },
    )
    tracemalloc.start()
    try:
        fitted = clip.fit()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert fitted.trunk_deg.shape == (20_000,)
    assert most < 150e6  # the landmarks alone are 29 MB
