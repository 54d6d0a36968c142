"""Walking: steps and their time, lean of the trunk and its spread, rise and fall of the hips."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.movements.carry import MOVEMENT, WalkingBout, find_walking_bouts, foot_height_difference, hip_oscillation
from analyzer.movements.segment_features import MIN_STEP_GAP
from tests.movements.movement_output import analyze_motion, measure_names
from tests.movements.people import STAND, simulate_motion, simulate_walk, with_angles

TIMES = np.arange(0, 6, 1 / 30)


def lift(step_s: float, swing: float = 0.3, late_s: float = 0.0) -> np.ndarray:
    """One foot over the other, trunk lengths, as a sine that is 0 at `late_s` and every `step_s` from there."""
    return swing * np.sin(np.pi * (TIMES - late_s) / step_s)


def test_step_is_timed_where_the_feet_change():
    (bout,) = find_walking_bouts(TIMES, lift(0.5, late_s=0.25))
    assert bout.step_times_s == pytest.approx(0.25 + 0.5 * np.arange(12), abs=0.01)
    assert bout.step_s == pytest.approx(0.5, abs=0.005)
    assert (bout.start_s, bout.end_s) == pytest.approx((0.0, 6.0), abs=0.01)


@given(step_s=st.floats(0.35, 1.0), bias=st.floats(-0.05, 0.05), flip=st.booleans())
def test_step_times_do_not_depend_on_bias_or_leading_leg(step_s, bias, flip):
    lifted = lift(step_s) * (-1 if flip else 1)
    (bout,) = find_walking_bouts(TIMES, lifted + bias)
    assert bout.step_s == pytest.approx(step_s, rel=0.05)


def test_short_gaps_are_bridged_and_long_ones_end_a_walk():
    lifted = lift(0.5, late_s=0.25)
    short = np.where((TIMES > 2.65) & (TIMES < 2.85), np.nan, lifted)  # the legs hide each other as they pass
    assert len(find_walking_bouts(TIMES, short)[0].step_times_s) == 12
    long = np.where((TIMES > 2.3) & (TIMES < 4.0), np.nan, lifted)
    assert [len(bout.step_times_s) for bout in find_walking_bouts(TIMES, long)] == [5, 4]


def test_three_steps_or_shuffles_are_not_a_walk():
    assert find_walking_bouts(TIMES, np.where(TIMES < 1.6, lift(0.5, late_s=0.25), 0.0)) == []
    assert find_walking_bouts(TIMES, lift(0.5, swing=0.05)) == []
    assert find_walking_bouts(TIMES, np.full(len(TIMES), np.nan)) == []


def test_bob_is_from_lowest_to_highest_within_a_step():
    motion = simulate_motion([(0.0, STAND), (6.0, STAND)], noise=0.0)
    wave = 0.06 * motion.trunk_px * np.cos(2 * np.pi * motion.times_s / 0.5)  # .06 trunks up and down, once a step
    drift = 20.0 * motion.times_s  # towards the camera, say
    near, far = (
        replace(side, hip=side.hip + np.column_stack([0 * wave, wave + drift])) for side in (motion.near, motion.far)
    )
    walked = WalkingBout(np.arange(0.5, 5.6, 0.5))
    assert hip_oscillation(replace(motion, near=near, far=far), walked) == pytest.approx(0.12, abs=0.01)
    assert hip_oscillation(motion, walked) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("facing", ["right", "left"])
@pytest.mark.parametrize("pace", [80, 108, 130])
def test_pace_lean_and_spread(pace, facing):
    result = analyze_motion(
        MOVEMENT, simulate_walk(seconds=10, steps_per_min=pace, lean_deg=6, sway_deg=2, facing=facing)
    )
    assert result.measures["steps_per_min"] == pytest.approx(pace, rel=0.02)
    assert result.measures["steps"] == pytest.approx(10 * pace / 60, abs=1.1)
    assert result.measures["trunk_lean_deg"] == pytest.approx(6, abs=0.7)
    assert result.measures["trunk_lean_sd_deg"] == pytest.approx(2, abs=0.5)
    assert [stage.name for stage in result.events.stages] == ["walk"]


def test_steady_and_less_steady():
    steady = analyze_motion(MOVEMENT, simulate_walk(sway_deg=1.0))
    assert steady.findings[0].text == "Rock-solid walk: your trunk hardly moved over your steps."
    between = analyze_motion(MOVEMENT, simulate_walk(sway_deg=5.0))
    assert between.ids == {"carry.rhythm"}
    swaying = analyze_motion(MOVEMENT, simulate_walk(sway_deg=7.0))
    assert "carry.steady" not in swaying.ids
    assert [finding.cue for finding in swaying.findings if finding.kind == "next"] == ["Balance a book on your head."]


def test_slow_drift_of_the_lean_is_not_sway():
    motion = simulate_walk(seconds=10, sway_deg=1.0)
    drift = {"trunk_inclination_deg": motion.angles["trunk_inclination_deg"] + np.linspace(-9, 9, len(motion.times_s))}
    result = analyze_motion(MOVEMENT, with_angles(motion, drift))
    assert result.measures["trunk_lean_sd_deg"] == pytest.approx(1.0, abs=0.4)
    assert result.measures["trunk_lean_deg"] == pytest.approx(4.0, abs=0.7)


def test_standing_before_the_walk_is_excluded():
    result = analyze_motion(MOVEMENT, simulate_walk(seconds=8, still_s=4, lean_deg=5))
    (stage,) = result.events.stages
    assert stage.start_s == pytest.approx(4.0, abs=0.6)
    assert stage.end_s == pytest.approx(12.0, abs=0.6)


def test_view_without_degrees_gives_only_the_rhythm():
    result = analyze_motion(MOVEMENT, simulate_walk(yaw_deg=25))
    assert measure_names(result.measures) == []
    assert result.events.stages[0].angles == {}
    assert result.findings[0].text.startswith("You walked ")


def test_no_events_give_no_observations():
    motion = simulate_motion([(0.0, STAND), (5.0, STAND)])
    assert np.nanmax(np.abs(foot_height_difference(motion))) < MIN_STEP_GAP
    result = analyze_motion(MOVEMENT, motion)
    assert (result.measures["steps"], result.events.stages, result.observations) == (0, [], [])
