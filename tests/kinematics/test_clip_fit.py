"""Films that are cut, and people who turn around: one body for each segment."""

from itertools import pairwise

import numpy as np
import pytest

from analyzer.kinematics.clip_fit import fit_clip, relative_body_scale, split_clip
from tests.kinematics.films import film

FPS = 15.0


def test_an_ordinary_film_is_one_segment():
    clip = film("hinge", 20, fps=FPS)
    bodies = clip.fit_clip()
    ((part, body),) = bodies.segments
    assert (part.start, part.stop) == (0, 60)
    assert bodies.is_fitted.all()
    assert bodies.combined.trunk_deg == pytest.approx(body.trunk_deg)
    assert relative_body_scale(bodies.longest, body) == 1.0


def test_a_cut_to_another_view_starts_a_new_segment():
    first, second = (
        film("hinge", 10, fps=FPS, seconds=2.0),
        film("squat", -45, "left", fps=FPS, seconds=4.0, aside_m=0.8),
    )
    clip = first.then(second)
    bodies = clip.fit_clip()
    assert [(part.start, part.stop) for part, _ in bodies.segments] == [(0, 30), (30, 90)]
    assert bodies.longest is bodies.segments[1][1]  # the longer one
    assert (bodies.longest.facing, bodies.longest.yaw_deg) == ("left", pytest.approx(-45, abs=4))
    assert bodies.segments[0][1].yaw_deg == pytest.approx(10, abs=4)
    for name in ("trunk_deg", "thigh_deg", "shin_deg"):
        assert np.abs(getattr(bodies.combined, name) - getattr(clip, name)).mean() < 2.0, name


def test_a_person_who_turns_round_is_fitted_before_and_after():
    turn = np.concatenate([np.full(45, 5.0), np.linspace(5, 175, 15), np.full(30, 175.0)])
    clip = film("standing", turn, fps=FPS, seconds=6.0)
    parts = [part for part, _ in clip.fit_clip().segments]
    bounds = split_clip(clip.times_s, clip.points_px, clip.world_m)
    assert bounds[0].start == 0 and bounds[-1].stop == 90
    assert all(before.stop == after.start for before, after in pairwise(bounds))
    assert parts[0].stop in range(45, 60) and parts[-1].start in range(45, 65)
    bodies = clip.fit_clip()
    assert [body.facing for _, body in (bodies.segments[0], bodies.segments[-1])] == ["right", "left"]


def test_outside_the_segments_everything_is_unknown():
    """A cut after half a second: too short to estimate the camera position."""
    short = film("hinge", 10, fps=FPS, seconds=0.5)
    clip = short.then(film("squat", -45, "left", fps=FPS, aside_m=0.8))
    bodies = clip.fit_clip()
    start = len(short.times_s)
    assert not bodies.is_fitted[:start].any() and bodies.is_fitted[start:].all()
    assert np.isnan(bodies.combined.trunk_deg[:start]).all()
    assert np.isinf(bodies.combined.trunk_sd_deg[:start]).all()


def test_a_short_film_is_still_fitted():
    assert fit_clip(film("hinge", fps=FPS, seconds=0.6).landmarks()) is not None


def test_no_person_gives_no_body():
    clip = film("hinge", fps=FPS).hidden(*range(33))
    assert fit_clip(clip.landmarks()) is None
