"""Counts are exact for any number of reps, tempo, pauses, noise, start and end of the clip."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.movements import squat
from analyzer.movements.hinge import movement as hinge
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import Movement
from tests.movements.people import (
    DEADLIFT,
    FPS,
    RDL,
    SQUAT,
    STAND,
    PostureAngles,
    interpolate_posture,
    motion_of_body,
    reps,
)

NO_DETAILS = ClipDetails()
LIFTS: dict[str, tuple[Movement, PostureAngles]] = {
    "romanian": (hinge.MOVEMENT, RDL),
    "deadlift": (hinge.MOVEMENT, DEADLIFT),
    "squat": (squat.MOVEMENT, SQUAT),
}


def filmed(
    keys: Sequence[tuple[float, PostureAngles]], noise: float, seed: int, until_s: float | None = None
) -> Motion:
    times = np.arange(0.0, keys[-1][0] if until_s is None else until_s, 1 / FPS)
    return motion_of_body(times, interpolate_posture(times, keys), noise=noise, seed=seed)


def detect_complete_reps(movement: Movement, motion: Motion) -> list[bool]:
    """Return for each detected rep whether it is complete."""
    return [rep.complete for rep in movement.find_events(motion, NO_DETAILS).reps]


@st.composite
def sets(draw: st.DrawFn) -> dict[str, float]:
    """Reps of one set: a lift takes 2 s and more; rests may be none."""
    return {
        "count": draw(st.integers(1, 12)),
        "down_s": draw(st.floats(0.8, 3.0)),
        "pause_s": draw(st.floats(0.0, 2.0)),
        "up_s": draw(st.floats(0.8, 2.5)),
        "rest_s": draw(st.floats(0.0, 2.0)),
        "noise": draw(st.sampled_from([0.0, 0.005, 0.01, 0.02])),
        "seed": draw(st.integers(0, 999)),
    }


SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(one=sets())
@pytest.mark.parametrize("lift", LIFTS)
def test_set_from_the_top_is_counted(lift, one):
    movement, deep = LIFTS[lift]
    noise, seed = one.pop("noise"), one.pop("seed")
    motion = filmed(reps(STAND, deep, **one), noise, seed)
    assert detect_complete_reps(movement, motion) == [True] * one["count"]
    if one["down_s"] + one["pause_s"] + one["up_s"] >= 2.2:  # quicker ones may be swings
        assert movement.recognise(motion) >= 0.5


@SLOW
@given(one=sets())
def test_set_from_the_floor_is_counted(one):
    noise, seed = one.pop("noise"), one.pop("seed")
    one["start_s"], one["pause_s"] = 0.3, max(one["pause_s"], 0.3)
    keys = reps(DEADLIFT, STAND, **one)  # the first key is the bottom: up, and down again
    assert sum(detect_complete_reps(hinge.MOVEMENT, filmed(keys, noise, seed))) == one["count"]


@SLOW
@given(one=sets())
def test_lift_from_the_floor_that_is_not_lowered_in_the_clip_is_not_counted(one):
    noise, seed = one.pop("noise"), one.pop("seed")
    one["start_s"], one["pause_s"] = 0.3, max(one["pause_s"], 0.3)
    keys = reps(DEADLIFT, STAND, **one)
    at_lockout_s = keys[-3][0]  # the last top ends
    found = detect_complete_reps(hinge.MOVEMENT, filmed(keys, noise, seed, at_lockout_s))
    assert found == [True] * (one["count"] - 1) + [False]


@SLOW
@given(one=sets(), setup_s=st.floats(5.0, 12.0), lowers=st.booleans())
def test_bending_to_the_bar_is_not_a_way_down(one, setup_s, lowers):
    noise, seed = one.pop("noise"), one.pop("seed")
    one["start_s"], one["pause_s"] = setup_s, max(one["pause_s"], 0.3)
    lifts = [(2.2 + time_s, pose) for time_s, pose in reps(DEADLIFT, STAND, **one)]
    keys = [(0.0, STAND), (1.0, STAND), *lifts]
    motion = filmed(keys, noise, seed, None if lowers else keys[-3][0])
    first, *others = hinge.MOVEMENT.find_events(motion, NO_DETAILS).reps
    assert sum(rep.complete for rep in (first, *others)) == one["count"] - (not lowers)
    assert (first.descent_s, first.pause_s) == (None, None)
    assert all(rep.descent_s for rep in others)


def hide_upper_body(motion: Motion, starts: Sequence[float], length_s: float) -> Motion:
    """Hide trunk and arms for some time from each start, a share of the clip: as a plate at the shoulder does."""
    times, end_s = motion.times_s, motion.times_s[-1]
    hidden = np.any([(times >= share * end_s) & (times < share * end_s + length_s) for share in starts], axis=0)
    unknown = {name: np.where(hidden, np.nan, values) for name, values in motion.angles.items()}
    sides = {}
    for side in ("near", "far"):
        points = getattr(motion, side)
        upper = {
            name: np.where(hidden[:, None], np.nan, getattr(points, name)) for name in ("shoulder", "elbow", "wrist")
        }
        sides[side] = replace(points, **upper)
    return replace(motion, angles=unknown, degrees=unknown, **sides)


# Shares of the clip that lie further apart than a body is hidden at a time: longer, a rep may be lost.
_APART = st.lists(st.sampled_from([0.1, 0.25, 0.4, 0.55, 0.7]), min_size=2, max_size=5, unique=True)


@SLOW
@given(one=sets(), starts=_APART, length_s=st.floats(0.6, 1.2))
def test_squats_whose_upper_body_is_hidden_at_times_are_counted(one, starts, length_s):
    noise, seed = one.pop("noise"), one.pop("seed")
    one["count"] = max(one["count"], 4)  # enough is visible to see how the shoulders go down with the hips
    motion = hide_upper_body(filmed(reps(STAND, SQUAT, **one), noise, seed), starts, length_s)
    assert np.isnan(motion.angles["trunk_inclination_deg"]).any()
    assert detect_complete_reps(squat.MOVEMENT, motion) == [True] * one["count"]


@SLOW
@given(one=sets(), part=st.floats(0.05, 0.85))
def test_last_rep_that_the_clip_cuts_is_not_counted(one, part):
    noise, seed = one.pop("noise"), one.pop("seed")
    one["count"] += 1
    one["rest_s"] = max(one["rest_s"], 0.3)
    keys = reps(STAND, RDL, **one)
    begins, whole = keys[-5][0], one["down_s"] + one["pause_s"]
    until_s = begins + part * (whole + 0.8 * one["up_s"])
    assert sum(detect_complete_reps(hinge.MOVEMENT, filmed(keys, noise, seed, until_s))) == one["count"] - 1


def stepping(keys: list[tuple[float, PostureAngles]], steps: int) -> list[tuple[float, PostureAngles]]:
    """The same after some steps up to it and before some away from it: a knee lifts, and the other."""
    one: PostureAngles = {**STAND, "thigh_deg": -28, "shin_deg": 18, "left_thigh_deg": 6, "left_shin_deg": 8}
    other: PostureAngles = {**STAND, "thigh_deg": 6, "shin_deg": 8, "left_thigh_deg": -28, "left_shin_deg": 18}
    both = {"left_thigh_deg": 0.0, "left_shin_deg": 0.0}

    def plain(pose: PostureAngles) -> PostureAngles:
        return {**both, "left_thigh_deg": pose["thigh_deg"], "left_shin_deg": pose["shin_deg"], **pose}

    walk = [(0.5 * (n + 1), one if n % 2 else other) for n in range(steps)]
    start_s = 0.5 * (steps + 1)
    middle = [(start_s + time, plain(pose)) for time, pose in keys]
    end_s = middle[-1][0]
    return [
        (0.0, plain(STAND)),
        *walk,
        *middle,
        *((end_s + time, pose) for time, pose in walk),
        (end_s + start_s, plain(STAND)),
    ]


@SLOW
@given(one=sets(), steps=st.integers(1, 6))
@pytest.mark.parametrize("lift", LIFTS)
def test_steps_before_and_after_a_set_are_not_reps(lift, one, steps):
    movement, deep = LIFTS[lift]
    noise, seed = one.pop("noise"), one.pop("seed")
    keys = stepping(reps(STAND, deep, **one), steps)
    assert all(before <= after for (before, _), (after, _) in pairwise(keys))
    assert detect_complete_reps(movement, filmed(keys, noise, seed)) == [True] * one["count"]
