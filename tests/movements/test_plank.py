"""Planks of stick people with known postures: recognised, timed and measured; other postures are not."""

from dataclasses import replace

import numpy as np
import pytest

from analyzer.coaching.findings import build_findings
from analyzer.movements.motion import ClipDetails
from analyzer.movements.plank.movement import MOVEMENT
from analyzer.vocabulary.measures import format_measure_rows
from tests.movements.people import PLANK, RDL, STAND, TOUCH, reps, simulate_motion, with_angles, without_degrees

NO_DETAILS = ClipDetails()
LYING = {
    **PLANK,
    "trunk_deg": 92,
    "thigh_deg": 90,
    "shin_deg": 90,
    "upper_arm_deg": 90,
    "elbow_deg": 0,
    "foot_deg": 180,
}
# Feet with the toes under the heels, as in a plank; straight arms for the high one.
FOREARM = {**PLANK, "trunk_deg": 80, "thigh_deg": 80, "shin_deg": 80, "foot_deg": -80}
HIGH = {**FOREARM, "trunk_deg": 70, "thigh_deg": 70, "shin_deg": 70, "elbow_deg": 4, "upper_arm_deg": 0}
SAG = {**FOREARM, "trunk_deg": 72, "thigh_deg": 86, "shin_deg": 86}
PIKE = {**FOREARM, "trunk_deg": 92, "thigh_deg": 70, "shin_deg": 70}
PRESSED = {**HIGH, "upper_arm_deg": -45, "elbow_deg": 90, "trunk_deg": 84, "thigh_deg": 84, "shin_deg": 84}
DOG = {**HIGH, "trunk_deg": 125, "thigh_deg": 25, "shin_deg": 25, "upper_arm_deg": 50}
ON_KNEES = {**FOREARM, "trunk_deg": 76, "thigh_deg": 68, "shin_deg": 130}


def find_holds(motion):
    return MOVEMENT.find_events(motion, NO_DETAILS).holds


@pytest.mark.parametrize(("pose", "support"), [(FOREARM, "forearm"), (HIGH, "high")])
@pytest.mark.parametrize("facing", ["left", "right"])
@pytest.mark.parametrize("seconds", [3.0, 12.0])
def test_hold_may_span_the_whole_clip(pose, support, facing, seconds):
    motion = simulate_motion([(0.0, pose), (seconds, pose)], facing)
    (hold,) = find_holds(motion)
    assert MOVEMENT.recognise(motion) > 0.9
    assert (hold.start_s, hold.end_s) == (0.0, pytest.approx(seconds, abs=0.04))
    assert hold.measures["support"] == support
    assert hold.angles["body_line_deg"] == pytest.approx(0.0, abs=3.0)
    assert hold.measures["arm_vertical"]
    assert (hold.measures["start_seen"], hold.measures["ended_by"]) == (False, "clip_end")


@pytest.mark.parametrize(("pose", "direction", "line_deg"), [(SAG, "sag", -14.0), (PIKE, "pike", 22.0)])
def test_sag_is_negative_and_pike_is_positive(pose, direction, line_deg):
    motion = simulate_motion(
        [(0.0, FOREARM), (6.0, FOREARM), (7.0, pose), (11.0, pose), (12.0, FOREARM), (16.0, FOREARM)]
    )
    (hold,) = find_holds(motion)
    (drift,) = hold.measures["drifts"]
    assert drift["direction"] == direction
    assert drift["largest_deg"] == pytest.approx(line_deg, abs=3.0)
    assert drift["recovered"]
    assert hold.measures["resets"] == 1
    assert hold.measures["first_drift_s"] == pytest.approx(6.5, abs=0.3)
    assert hold.in_zone_s == pytest.approx(16.0 - 5.0, abs=0.8)
    ids = [
        observations.id
        for observations in MOVEMENT.list_observations(NO_DETAILS, MOVEMENT.find_events(motion, NO_DETAILS), {})
    ]
    assert f"plank.{direction}" in ids
    assert "plank.found_again" in ids


def test_the_longest_hold_is_the_one_that_is_stated():
    motion = simulate_motion([(0.0, FOREARM), (5.0, FOREARM), (6.0, STAND), (9.0, STAND), (10.0, SAG), (22.0, SAG)])
    events = MOVEMENT.find_events(motion, NO_DETAILS)
    short, long = events.holds
    in_line = long.model_copy(update={"in_zone_s": 1.0})
    events = replace(events, holds=[short, in_line])
    [held] = [one for one in MOVEMENT.list_observations(NO_DETAILS, events, {}) if one.id == "plank.held"]
    assert held.evidence["hold_s"] == max(hold.duration_s for hold in events.holds) > short.duration_s


def test_time_in_the_own_line_is_at_most_the_time_held():
    (hold,) = find_holds(simulate_motion([(0.0, FOREARM), (10.0, FOREARM)]))
    assert hold.in_zone_s <= hold.duration_s


@pytest.mark.parametrize(("known_share", "is_measured"), [(0.3, False), (0.7, True)])
def test_a_line_that_is_certain_in_few_frames_of_the_hold_is_not_measured(known_share, is_measured):
    motion = simulate_motion([(0.0, FOREARM), (6.0, FOREARM), (8.0, SAG), (12.0, SAG)])
    line_deg = motion.degrees["body_line_deg"]
    certain = motion.times_s <= 12.0 * known_share
    few = replace(motion, degrees=motion.degrees | {"body_line_deg": np.where(certain, line_deg, np.nan)})
    (hold,) = find_holds(few)
    assert (hold.in_zone_s is not None) == bool(hold.measures.get("drifts")) == is_measured


def test_a_steady_line_is_its_own_line_and_both_are_named_off_straight():
    """A body that is piked by 8 degrees all the time never leaves its own line: 8, not 0."""
    motion = simulate_motion([(0.0, FOREARM), (10.0, FOREARM)])
    (hold,) = find_holds(with_angles(motion, {"body_line_deg": np.full(len(motion.times_s), 8.0)}))
    assert hold.measures["line_deg"] == hold.measures["own_line_deg"] == pytest.approx(8.0)
    rows = dict(format_measure_rows(hold.measures, MOVEMENT.measure_labels))
    assert rows["Line over the hold, off straight (+ hips up)"] == rows["Own line, off straight (+ hips up)"] == "8°"


def test_hold_between_standing_and_lying_is_detected():
    keys = [
        (0.0, STAND),
        (3.0, STAND),
        (5.0, LYING),
        (6.0, LYING),
        (7.0, FOREARM),
        (17.0, FOREARM),
        (18.0, LYING),
        (21.0, LYING),
    ]
    (hold,) = find_holds(simulate_motion(keys, noise=0.003))
    assert hold.start_s == pytest.approx(6.5, abs=0.6)
    assert hold.end_s == pytest.approx(17.5, abs=0.6)
    assert hold.measures["start_seen"]
    assert hold.measures["ended_by"] in ("hips_down", "left")


@pytest.mark.parametrize(
    "keys",
    [
        reps(STAND, TOUCH, 2),
        reps(STAND, RDL, 3),
        reps(HIGH, PRESSED, 4, 0.8, 0.2, 0.8, 0.2, start_s=0.5),
        [(0.0, LYING), (6.0, LYING)],
        [(0.0, DOG), (6.0, DOG)],
        reps(STAND, FOREARM, 2, down_s=2.0, pause_s=0.5, up_s=2.0),
    ],
    ids=["toe touch", "hinge", "press-ups", "lying", "downward dog", "passing through"],
)
def test_other_postures_are_not_planks(keys):
    assert MOVEMENT.recognise(simulate_motion(keys)) < 0.5


def test_plank_on_the_knees_is_measured_to_the_knees():
    (hold,) = find_holds(simulate_motion([(0.0, ON_KNEES), (8.0, ON_KNEES)]))
    assert hold.measures["on_knees"]
    assert hold.measures["line_from"] == "trunk_thigh_deg"
    assert hold.measures["line_deg"] == pytest.approx(8.0, abs=3.0)


def test_view_without_degrees_gives_only_times():
    motion = without_degrees(simulate_motion([(0.0, FOREARM), (8.0, FOREARM)]))
    events = MOVEMENT.find_events(motion, NO_DETAILS)
    (hold,) = events.holds
    assert hold.in_zone_s is None
    assert hold.angles == {}
    assert not any(name.endswith("_deg") for name in hold.measures)
    observations = MOVEMENT.list_observations(NO_DETAILS, events, MOVEMENT.compute_measures(motion, NO_DETAILS, events))
    assert build_findings(MOVEMENT, observations, allows_degrees=False)[0].id == "plank.held"


def test_every_observation_has_a_text():
    motion = simulate_motion(
        [(0.0, FOREARM), (6.0, FOREARM), (7.0, SAG), (11.0, SAG), (12.0, FOREARM), (16.0, FOREARM)]
    )
    events = MOVEMENT.find_events(motion, NO_DETAILS)
    observations = MOVEMENT.list_observations(NO_DETAILS, events, MOVEMENT.compute_measures(motion, NO_DETAILS, events))
    findings = build_findings(MOVEMENT, observations, allows_degrees=True)
    assert {"plank.in_zone", "plank.sag"} <= {finding.id for finding in findings}
    assert all(finding.text for finding in findings)


def test_tremor_is_measured_in_long_holds_with_enough_frames():
    (short,) = find_holds(simulate_motion([(0.0, FOREARM), (2.5, FOREARM)]))
    (long,) = find_holds(simulate_motion([(0.0, FOREARM), (6.0, FOREARM)], noise=0.0))
    assert short.measures["hip_tremor_pct"] is None
    assert long.measures["hip_tremor_pct"] == pytest.approx(0.0, abs=0.01)


def test_result_does_not_depend_on_size_or_side():
    keys = [(0.0, FOREARM), (6.0, FOREARM), (7.0, SAG), (9.0, SAG)]
    (one,) = find_holds(simulate_motion(keys, noise=0.0))
    (small,) = find_holds(simulate_motion(keys, noise=0.0, scale=0.5))
    (other,) = find_holds(simulate_motion(keys, "left", noise=0.0))
    for hold in (small, other):
        assert (hold.start_s, hold.end_s) == (one.start_s, one.end_s)
        assert hold.angles["body_line_deg"] == pytest.approx(one.angles["body_line_deg"], abs=0.05)
        assert hold.in_zone_s == pytest.approx(one.in_zone_s, abs=0.07)
    assert np.isfinite(one.in_zone_s)


def with_back(motion, back_deg):
    return with_angles(motion, {"back_rounding_deg": np.asarray(back_deg, dtype=float)})


@pytest.mark.parametrize(("lasts_s", "expected_deg"), [(0.8, 0.0), (2.5, -20.0)])
def test_change_of_the_back_counts_if_it_lasts(lasts_s, expected_deg):
    """From the own line, which is the baseline posture: 0. An arch of 20 degrees half way through."""
    motion = simulate_motion([(0.0, FOREARM), (12.0, FOREARM)])
    motion = replace(motion, baseline=replace(motion.baseline, kind="lying"))
    arch = np.where(np.abs(motion.times_s - 6.0) <= lasts_s / 2, -20.0, 0.0)
    (hold,) = find_holds(with_back(motion, arch))
    assert hold.measures["back_from_line_deg"] == pytest.approx(expected_deg, abs=0.1)


def test_without_a_baseline_in_the_line_the_back_is_measured_from_the_start_of_the_hold():
    motion = simulate_motion([(0.0, FOREARM), (12.0, FOREARM)])
    motion = replace(motion, baseline=None)
    (hold,) = find_holds(with_back(motion, np.where(motion.times_s > 8.0, 22.0, 12.0)))
    assert hold.measures["back_from_line_deg"] == pytest.approx(10.0, abs=0.1)
    (hold,) = find_holds(motion)
    assert hold.measures["back_from_line_deg"] is None
