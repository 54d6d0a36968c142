"""The squat, on made-up people with known angles."""

import pytest

from analyzer.coaching.findings import build_findings
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.registry import recognise_movement
from analyzer.movements.squat import MOVEMENT
from tests.movements import people
from tests.movements.people import SQUAT, STAND, reps, simulate_motion

NOTHING = ClipDetails()
SHALLOW = {**SQUAT, "thigh_deg": -60, "trunk_deg": 32, "shin_deg": 24}


def seen(motion: Motion, facts: ClipDetails = NOTHING) -> tuple[list, dict, set]:
    """Reps, measures and the ids of what is observed."""
    events = MOVEMENT.find_events(motion, facts)
    measures = MOVEMENT.compute_measures(motion, facts, events)
    return list(events.reps), measures, {one.id for one in MOVEMENT.list_observations(facts, events, measures)}


@pytest.mark.parametrize("yaw_deg", [0, 20, 40])
@pytest.mark.parametrize("facing", ["left", "right"])
def test_squats_are_recognised_and_counted_in_views_up_to_45_degrees(yaw_deg, facing):
    motion = simulate_motion(reps(STAND, SQUAT, 4), facing, yaw_deg)
    found = recognise_movement(motion)
    assert found.movement is not None
    assert found.movement.name == "squat"
    assert sum(rep.complete for rep in MOVEMENT.find_events(motion, NOTHING).reps) == 4


@pytest.mark.parametrize("yaw_deg", [0, 40])
def test_other_movements_are_no_squat(yaw_deg):
    motions = people.other_motions(yaw_deg) | people.example_motions(yaw_deg)
    for name in [name for name in motions if "squat" not in name]:
        assert MOVEMENT.recognise(motions[name]) < 0.5, name


@pytest.mark.parametrize(("upper_arm_deg", "found"), [(90, "squat"), (-5, "hinge")])
def test_deep_knees_with_a_far_lean_are_a_squat_with_hands_up_and_a_lift_with_hands_down(upper_arm_deg, found):
    lean = {**SQUAT, "trunk_deg": 62, "thigh_deg": -66, "shin_deg": 24, "upper_arm_deg": upper_arm_deg}
    seen_ = recognise_movement(simulate_motion(reps(STAND, lean, 3)))
    assert seen_.movement is not None
    assert seen_.movement.name == found


def test_measures_are_those_of_the_body():
    _, measures, ids = seen(simulate_motion(reps(STAND, SQUAT, 4), noise=0.0))
    assert measures["reps"] == 4
    assert measures["short_of_level_deg"] == pytest.approx(4, abs=1.5)  # thighs at -86
    assert measures["trunk_deg"] == pytest.approx(38, abs=1.5)
    assert measures["knee_deg"] == pytest.approx(116, abs=2)
    assert measures["very_repeatable"]
    assert {"squat.depth", "squat.repeatable"} <= ids


def test_thigh_below_level_is_reported():
    assert "squat.below_level" in seen(simulate_motion(reps(STAND, {**SQUAT, "thigh_deg": -100}, 3), noise=0.0))[2]


def test_weight_in_front_is_suggested_only_for_high_squats_without_one():
    motion = simulate_motion(reps(STAND, SHALLOW, 3))
    assert "squat.load_in_front" in seen(motion)[2]
    assert "squat.load_in_front" not in seen(motion, ClipDetails(variant="goblet", load_kg=12))[2]
    assert "squat.load_in_front" not in seen(simulate_motion(reps(STAND, SQUAT, 3)))[2]


def test_rising_heels_are_detected():
    up = {**SQUAT, "foot_deg": -20}
    assert "squat.heels" in seen(simulate_motion(reps(STAND, up, 3), noise=0.002))[2]
    assert "squat.heels" not in seen(simulate_motion(reps(STAND, SQUAT, 3), noise=0.002))[2]


def test_squats_that_get_shallower_are_reported():
    keys = [(0.0, STAND), (1.5, STAND)]
    for index in range(6):
        deep = {**SQUAT, "thigh_deg": -95 + 5 * index}
        for seconds, pose in ((1.4, deep), (0.3, deep), (1.3, STAND), (0.7, STAND)):
            keys.append((keys[-1][0] + seconds, pose))
    _, measures, ids = seen(simulate_motion(keys, noise=0.002))
    assert measures["drift"]["thigh_deg"]["change_deg"] == pytest.approx(-15, abs=1.5)
    assert measures["deepest_rep"] == 1
    assert "squat.late_set" in ids


def test_view_without_degrees_gives_reps_and_tempo_but_no_angle():
    motion = simulate_motion(reps(STAND, SQUAT, 4), yaw_deg=40)
    assert not motion.allows_degrees
    found, measures, ids = seen(motion)
    assert measures["reps"] == 4
    assert all(
        value is None for rep in found for name, value in rep.measures.items() if name.endswith(("_deg", "_pct"))
    )
    assert ids <= {"squat.reps", "squat.steady_tempo", "squat.tempo"}


@pytest.mark.parametrize("variant", [None, *MOVEMENT.variants])
@pytest.mark.parametrize("yaw_deg", [0, 40])
def test_every_observation_has_words(variant, yaw_deg):
    facts = ClipDetails(variant=variant)
    for pose in (SQUAT, SHALLOW, {**SQUAT, "foot_deg": -20}):
        motion = simulate_motion(reps(STAND, pose, 5, down_s=0.7, up_s=2.0), yaw_deg=yaw_deg)
        events = MOVEMENT.find_events(motion, facts)
        observed = MOVEMENT.list_observations(facts, events, MOVEMENT.compute_measures(motion, facts, events))
        assert build_findings(MOVEMENT, observed, motion.allows_degrees)


def test_comparable_measures_have_one_value_for_each_rep():
    class Seen:
        reps = MOVEMENT.find_events(simulate_motion(reps(STAND, SQUAT, 3)), NOTHING).reps

    found = {one.key: one for one in MOVEMENT.list_comparable_measures(Seen())}
    assert {key: len(one.values) for key, one in found.items()} == dict.fromkeys(found, 3)
    assert found["squat.trunk_thigh_deg"].family == "trunk_thigh"
