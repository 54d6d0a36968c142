"""The squat, on simulated people with known angles."""

import pytest

from analyzer.coaching.findings import build_findings
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.registry import recognise_movement
from analyzer.movements.squat import MOVEMENT
from tests.movements import people
from tests.movements.people import SQUAT, STAND, reps, simulate_motion

NO_DETAILS = ClipDetails()
SHALLOW = {**SQUAT, "thigh_deg": -60, "trunk_deg": 32, "shin_deg": 24}


def analyze(motion: Motion, details: ClipDetails = NO_DETAILS) -> tuple[list, dict, set]:
    """Reps, measures and ids of the observations."""
    events = MOVEMENT.find_events(motion, details)
    measures = MOVEMENT.compute_measures(motion, details, events)
    return list(events.reps), measures, {each.id for each in MOVEMENT.list_observations(details, events, measures)}


@pytest.mark.parametrize("yaw_deg", [0, 20, 40])
@pytest.mark.parametrize("facing", ["left", "right"])
def test_squats_are_recognised_and_counted_in_views_up_to_45_degrees(yaw_deg, facing):
    motion = simulate_motion(reps(STAND, SQUAT, 4), facing, yaw_deg)
    recognised = recognise_movement(motion)
    assert recognised.movement is not None
    assert recognised.movement.name == "squat"
    assert sum(rep.complete for rep in MOVEMENT.find_events(motion, NO_DETAILS).reps) == 4


@pytest.mark.parametrize("yaw_deg", [0, 40])
def test_other_movements_are_not_squats(yaw_deg):
    motions = people.other_motions(yaw_deg) | people.example_motions(yaw_deg)
    for name in [name for name in motions if "squat" not in name]:
        assert MOVEMENT.recognise(motions[name]) < 0.5, name


@pytest.mark.parametrize(("upper_arm_deg", "name"), [(90, "squat"), (-5, "hinge")])
def test_deep_knees_with_a_far_lean_are_a_squat_with_hands_up_and_a_lift_with_hands_down(upper_arm_deg, name):
    lean = {**SQUAT, "trunk_deg": 62, "thigh_deg": -66, "shin_deg": 24, "upper_arm_deg": upper_arm_deg}
    recognised = recognise_movement(simulate_motion(reps(STAND, lean, 3)))
    assert recognised.movement is not None
    assert recognised.movement.name == name


def test_measures_are_those_of_the_body():
    _, measures, ids = analyze(simulate_motion(reps(STAND, SQUAT, 4), noise=0.0))
    assert measures["reps"] == 4
    assert measures["short_of_level_deg"] == pytest.approx(4, abs=1.5)  # thighs at -86
    assert measures["trunk_deg"] == pytest.approx(38, abs=1.5)
    assert measures["knee_deg"] == pytest.approx(116, abs=2)
    assert measures["very_repeatable"]
    assert {"squat.depth", "squat.repeatable"} <= ids


def test_thigh_below_level_is_reported():
    assert "squat.below_level" in analyze(simulate_motion(reps(STAND, {**SQUAT, "thigh_deg": -100}, 3), noise=0.0))[2]


def test_weight_in_front_is_suggested_only_for_high_squats_without_one():
    motion = simulate_motion(reps(STAND, SHALLOW, 3))
    assert "squat.load_in_front" in analyze(motion)[2]
    assert "squat.load_in_front" not in analyze(motion, ClipDetails(variant="goblet", load_kg=12))[2]
    assert "squat.load_in_front" not in analyze(simulate_motion(reps(STAND, SQUAT, 3)))[2]


def test_rising_heels_are_detected():
    up = {**SQUAT, "foot_deg": -20}
    assert "squat.heels" in analyze(simulate_motion(reps(STAND, up, 3), noise=0.002))[2]
    assert "squat.heels" not in analyze(simulate_motion(reps(STAND, SQUAT, 3), noise=0.002))[2]


def test_heels_that_come_up_in_one_of_two_squats_are_not_reported():
    flat, up = reps(STAND, SQUAT, 1), reps(STAND, {**SQUAT, "foot_deg": -30}, 1, start_s=0.0)
    first_s = flat[-1][0]
    motion = simulate_motion(flat + [(first_s + time_s, posture) for time_s, posture in up if time_s > 0])
    events = MOVEMENT.find_events(motion, NO_DETAILS)
    lifts_pct = [rep.measures["heel_lift_pct"] for rep in events.reps]
    assert lifts_pct == [pytest.approx(0, abs=1), pytest.approx(max(lifts_pct))] and sum(lifts_pct) / 2 > 4
    assert "squat.heels" not in analyze(motion)[2]


def test_squats_that_get_shallower_are_reported():
    keys = [(0.0, STAND), (1.5, STAND)]
    for index in range(6):
        deep = {**SQUAT, "thigh_deg": -95 + 5 * index}
        for seconds, pose in ((1.4, deep), (0.3, deep), (1.3, STAND), (0.7, STAND)):
            keys.append((keys[-1][0] + seconds, pose))
    _, measures, ids = analyze(simulate_motion(keys, noise=0.002))
    assert measures["drift"]["thigh_deg"]["change_deg"] == pytest.approx(-15, abs=1.5)
    assert measures["deepest_rep"] == 1
    assert "squat.late_set" in ids


def test_view_without_degrees_gives_reps_and_tempo_but_no_angle():
    motion = simulate_motion(reps(STAND, SQUAT, 4), yaw_deg=40)
    assert not motion.allows_degrees
    rep_list, measures, ids = analyze(motion)
    assert measures["reps"] == 4
    assert all(
        value is None for rep in rep_list for name, value in rep.measures.items() if name.endswith(("_deg", "_pct"))
    )
    assert ids <= {"squat.reps", "squat.steady_tempo", "squat.tempo"}


@pytest.mark.parametrize("variant", [None, *MOVEMENT.variants])
@pytest.mark.parametrize("yaw_deg", [0, 40])
def test_every_observation_has_a_text(variant, yaw_deg):
    details = ClipDetails(variant=variant)
    for pose in (SQUAT, SHALLOW, {**SQUAT, "foot_deg": -20}):
        motion = simulate_motion(reps(STAND, pose, 5, down_s=0.7, up_s=2.0), yaw_deg=yaw_deg)
        events = MOVEMENT.find_events(motion, details)
        observed = MOVEMENT.list_observations(details, events, MOVEMENT.compute_measures(motion, details, events))
        assert build_findings(MOVEMENT, observed, motion.allows_degrees)


def test_comparable_measures_have_one_value_for_each_rep():
    class Result:
        reps = MOVEMENT.find_events(simulate_motion(reps(STAND, SQUAT, 3)), NO_DETAILS).reps

    measures = {each.key: each for each in MOVEMENT.list_comparable_measures(Result())}
    assert measures.pop("squat.rounding_deg").values == ()  # the outline of the simulated back is not known
    assert {key: len(each.values) for key, each in measures.items()} == dict.fromkeys(measures, 3)
    assert measures["squat.trunk_thigh_deg"].family == "trunk_thigh"
