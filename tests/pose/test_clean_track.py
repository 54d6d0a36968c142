"""Cleaning a whole track: dropped landmarks, and properties of any track."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.kinematics.back_outline import OUTLINE_POSITIONS, PROFILE_POSITIONS
from analyzer.kinematics.landmarks import LEFT, RIGHT
from analyzer.pose.track import RawTrack
from analyzer.pose.track_cleaning import LIMITS, clean_profile, clean_track
from tests.bodies import PX_PER_M, SIZE_PX, TRUNK_M, BodyPosture, picture_px

FRAMES, FPS = 90, 30.0
TIMES = np.arange(FRAMES) / FPS
WAVE = 0.5 - 0.5 * np.cos(2 * np.pi * TIMES / 3)
HINGE = BodyPosture(trunk_deg=70 * WAVE, thigh_deg=-18 * WAVE)


def raw_track(noise_px: float = 0.0, seed: int = 0, mirror_off_px: tuple[float, float] = (0.0, 0.0)) -> RawTrack:
    world = HINGE.world_m(FRAMES, 0.0)
    points = picture_px(world) + np.random.default_rng(seed).normal(0, 1, (FRAMES, 33, 2)) * noise_px
    mirror = np.full_like(points, np.nan)
    mirror[::6] = points[::6] + mirror_off_px
    return RawTrack(np.arange(FRAMES), points, mirror, np.full((FRAMES, 33), 0.9), world, np.ones(FRAMES, bool))


def test_a_clean_track_is_hardly_changed():
    raw = raw_track()
    track = clean_track(raw, TIMES, SIZE_PX)
    assert (track.times_s == TIMES).all()
    assert np.abs(track.points_px - raw.points_px)[6:-6].max() < 0.5
    assert np.abs(track.points_px - raw.points_px).max() < 2
    assert (track.visibility == raw.visibility).all()
    assert (track.world_m == raw.world_m).all()
    assert track.mirror_distance_px == pytest.approx(np.zeros((FRAMES, 33)))


def test_noise_shrinks():
    truth = raw_track().points_px
    noisy = raw_track(noise_px=3.0)
    left = clean_track(noisy, TIMES, SIZE_PX).points_px - truth
    assert np.sqrt((left**2).mean()) < 0.8 * np.sqrt(((noisy.points_px - truth) ** 2).mean())


def test_points_that_are_not_believed_are_dropped():
    raw = raw_track()
    raw.visibility[30:60, LEFT.ankle] = LIMITS.visibility - 0.01
    raw.visibility[30:60, RIGHT.ankle] = LIMITS.visibility
    track = clean_track(raw, TIMES, SIZE_PX)
    assert np.isnan(track.points_px[30:60, LEFT.ankle]).all()
    assert np.isfinite(track.points_px[:30, LEFT.ankle]).all() and np.isfinite(track.points_px[60:, LEFT.ankle]).all()
    assert np.isfinite(track.points_px[:, RIGHT.ankle]).all()


def test_a_short_uncertain_stretch_is_bridged():
    raw = raw_track()
    raw.visibility[30:36, LEFT.ankle] = 0.1  # 6 frames: 0.2 s
    track = clean_track(raw, TIMES, SIZE_PX)
    assert np.abs(track.points_px - raw.points_px)[6:-6, LEFT.ankle].max() < 1
    assert (track.visibility[30:36, LEFT.ankle] == 0.1).all()


def test_points_outside_the_picture_are_guesses():
    raw = raw_track()
    floor_px = raw.points_px[:, LEFT.ankle, 1].max()
    inside = clean_track(raw, TIMES, (SIZE_PX[0], int(floor_px)))  # the margin takes it
    assert np.isfinite(inside.points_px[:, LEFT.ankle]).all()
    cut = clean_track(raw, TIMES, (SIZE_PX[0], int(floor_px / 1.03)))
    assert np.isnan(cut.points_px[:, LEFT.ankle]).all()
    assert (cut.visibility[:, LEFT.ankle] == 0).all()
    assert np.isfinite(cut.points_px[:, LEFT.hip]).all()


def test_a_lost_subject_leaves_one_gap():
    raw = raw_track()
    for values in (raw.points_px, raw.mirror_px, raw.world_m):
        values[30:50] = np.nan
    raw.visibility[30:50] = 0.0
    track = clean_track(raw, TIMES, SIZE_PX)
    assert np.isnan(track.points_px[30:50]).all()
    rest = np.isfinite(track.points_px).all(axis=(1, 2))
    assert rest[:29].all() and rest[51:].all()  # a border frame may go as an outlier: it has neighbours on one side


def test_the_mirrored_detection_moves_points_half_way():
    off = np.array([4.0, -2.0])
    raw = raw_track(mirror_off_px=(4.0, -2.0))
    track = clean_track(raw, TIMES, SIZE_PX)
    doubt_px = LIMITS.mirror_distance_scale * TRUNK_M * PX_PER_M
    moved = np.exp(-(off @ off) / doubt_px**2) * off / 2
    assert (track.points_px - raw.points_px)[10:-10] == pytest.approx(
        np.broadcast_to(moved, (FRAMES - 20, 33, 2)), abs=0.6
    )
    assert track.mirror_distance_px == pytest.approx(np.full((FRAMES, 33), np.hypot(4, 2)))


def test_of_60_frames_tracked_a_second_every_frame_of_120_is_given():
    times_s = np.arange(2 * FRAMES) / (2 * FPS)
    raw = replace(raw_track(), frames=np.arange(0, 2 * FRAMES, 2))
    track = clean_track(raw, times_s, SIZE_PX)
    assert track.points_px.shape == (2 * FRAMES, 33, 2)
    assert np.isfinite(track.points_px).all()
    assert np.abs(track.points_px[::2] - raw.points_px)[6:-6].max() < 0.5
    assert len(track.visibility) == len(track.mirror_distance_px) == len(track.world_m) == 2 * FRAMES


@pytest.mark.parametrize("left_over", range(4))
def test_of_every_4th_frame_of_240_a_second_all_frames_are_given_to_the_very_last(left_over):
    frames = 4 * (FRAMES - 1) + 1 + left_over
    times_s = np.arange(frames) / 240
    raw = replace(raw_track(), frames=np.arange(0, frames, 4))
    track = clean_track(raw, times_s, SIZE_PX)
    assert track.points_px.shape == (frames, 33, 2)
    assert np.isfinite(track.points_px).all() and np.isfinite(track.world_m).all()
    assert track.points_px[-1] == pytest.approx(raw.points_px[-1], abs=2)
    assert (track.visibility[-1] == raw.visibility[-1]).all()


# A little noise and some doubt make every step have something to do.
seeds = st.integers(0, 20)


def doubtful(seed: int) -> RawTrack:
    raw = raw_track(noise_px=2.0, seed=seed, mirror_off_px=(3.0, 1.0))
    rng = np.random.default_rng(seed)
    raw.visibility[rng.random((FRAMES, 33)) < 0.05] = 0.2
    raw.points_px[rng.integers(0, FRAMES, 3), rng.integers(0, 33, 3)] += 80
    return raw


def moved(raw: RawTrack, scale: float, x: float, y: float) -> RawTrack:
    return replace(raw, points_px=raw.points_px * scale + (x, y), mirror_px=raw.mirror_px * scale + (x, y))


@settings(max_examples=8, deadline=None)
@given(seeds, st.floats(-200, 200), st.floats(-80, 80))
def test_cleaning_does_not_depend_on_position(seed, x, y):
    big = (10 * SIZE_PX[0], 10 * SIZE_PX[1])
    middle = moved(doubtful(seed), 1.0, 3000, 3000)
    here = clean_track(middle, TIMES, big)
    there = clean_track(moved(middle, 1.0, x, y), TIMES, big)
    assert there.points_px - (x, y) == pytest.approx(here.points_px, abs=1e-6, nan_ok=True)
    assert there.mirror_distance_px == pytest.approx(here.mirror_distance_px, abs=1e-6)


@settings(max_examples=8, deadline=None)
@given(seeds, st.floats(0.2, 5))
def test_cleaning_does_not_depend_on_picture_size(seed, scale):
    here = clean_track(doubtful(seed), TIMES, SIZE_PX)
    larger = clean_track(moved(doubtful(seed), scale, 0, 0), TIMES, (SIZE_PX[0] * scale, SIZE_PX[1] * scale))
    assert larger.points_px / scale == pytest.approx(here.points_px, abs=1e-6, nan_ok=True)
    assert (larger.visibility == here.visibility).all()


def outlined(back: np.ndarray) -> RawTrack:
    """A track of a person facing right, whose back lies so far behind in every frame (FRAMES,)."""
    outline = np.full((FRAMES, 2, len(OUTLINE_POSITIONS)), 0.4)
    outline[:, 0] = back[:, None]
    return replace(raw_track(), outline=outline)


def test_spikes_are_removed_from_the_back_outline():
    course = 0.25 + 0.05 * WAVE
    spiky = course.copy()
    spiky[[20, 21, 50]] += 0.2
    profile = clean_profile(outlined(spiky), "right", TIMES, 6.0)
    assert profile is not None and profile.shape == (FRAMES, len(PROFILE_POSITIONS))
    assert np.abs(profile - course[:, None])[3:-3].max() < 0.006


def test_the_outline_is_measured_from_the_mean_of_both_pictures():
    off_px, trunk_px = 10.0, TRUNK_M * PX_PER_M
    moved_px = off_px / 2 * np.exp(-((off_px / (LIMITS.mirror_distance_scale * trunk_px)) ** 2))
    raw = replace(outlined(np.full(FRAMES, 0.25)), mirror_px=raw_track(mirror_off_px=(off_px, 0)).mirror_px)
    profile = clean_profile(raw, "right", TIMES, 6.0)
    assert profile is not None
    # The trunk, upright in the first frame, is moved forward; the edge of the back stays.
    assert profile[0] == pytest.approx(0.25 + moved_px / trunk_px, abs=1e-3)


def test_the_outline_is_unknown_where_it_was_hidden_and_in_a_track_without_masks():
    course = np.full(FRAMES, 0.25)
    course[30:60] = np.nan
    profile = clean_profile(outlined(course), "right", TIMES, 6.0)
    assert profile is not None
    assert np.isnan(profile[31:59]).all() and np.isfinite(profile[:29]).all() and np.isfinite(profile[61:]).all()
    assert clean_profile(raw_track(), "right", TIMES, 6.0) is None
