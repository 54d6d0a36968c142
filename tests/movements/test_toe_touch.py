"""Toe touch: reps, how far the hands and the fold go, and the findings."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from analyzer.movements.toe_touch import MOVEMENT
from tests import bodies
from tests.movements.movement_output import analyze_motion, measure_names
from tests.movements.people import SQUAT, STAND, TOUCH, reps, simulate_motion, simulate_walk, with_angles

SHORT = {**TOUCH, "trunk_deg": 74, "thigh_deg": -12, "shin_deg": -8, "upper_arm_deg": 0}


def hand_pct(pose) -> float:
    """Wrist over ankle in percent of the leg, worked out from the posture's angles."""

    def up(length, inclination_deg):
        return length * np.cos(np.radians(inclination_deg))

    leg = up(bodies.SHIN_M, pose["shin_deg"]) + up(bodies.THIGH_M, pose["thigh_deg"])
    trunk = up(bodies.TRUNK_M, pose["trunk_deg"])
    arm = up(bodies.UPPER_ARM_M, pose["upper_arm_deg"])
    arm += up(bodies.FOREARM_M, pose["upper_arm_deg"] + pose["elbow_deg"])
    return 100 * (leg + trunk - arm) / (bodies.THIGH_M + bodies.SHIN_M)


@pytest.mark.parametrize("facing", ["right", "left"])
def test_reps_and_measures_at_the_bottom(facing):
    result = analyze_motion(MOVEMENT, simulate_motion(reps(STAND, TOUCH, 3, pause_s=0.4), facing))
    assert [rep.complete for rep in result.events.reps] == [True] * 3
    # Down from 1.5 s in 1.4 s, a pause of 0.4 s, up and a rest in 2.3 s: the middle of the pause at 3.1 s.
    assert [rep.bottom_s for rep in result.events.reps] == pytest.approx([3.1, 7.2, 11.3], abs=0.1)
    assert result.measures["trunk_deg"] == pytest.approx(102, abs=1.5)
    assert result.measures["trunk_thigh_deg"] == pytest.approx(112, abs=1.5)
    assert result.measures["knee_deg"] == pytest.approx(4, abs=1.5)
    assert result.measures["hand_height_pct"] == pytest.approx(hand_pct(TOUCH), abs=2)


@pytest.mark.parametrize(
    ("pose", "id"),
    [
        ({**TOUCH, "trunk_deg": 110, "upper_arm_deg": 4}, "toe_touch.to_feet"),
        (TOUCH, "toe_touch.to_shins"),
        (SHORT, "toe_touch.to_knees"),
    ],
)
def test_reach_of_the_hands(pose, id):
    limit = {"toe_touch.to_feet": (-10, 15), "toe_touch.to_shins": (17, 44), "toe_touch.to_knees": (46, 70)}[id]
    assert limit[0] < hand_pct(pose) < limit[1]  # the posture is what its name says
    result = analyze_motion(MOVEMENT, simulate_motion(reps(STAND, pose, 3)))
    assert id in result.ids
    assert ("toe_touch.further" in result.ids) == (id != "toe_touch.to_feet")


def test_rounding_is_repeatable_only_where_the_bends_are_similar():
    alike = analyze_motion(MOVEMENT, simulate_motion(reps(STAND, TOUCH, 3)))
    assert "toe_touch.repeatable" in alike.ids
    keys = reps(STAND, TOUCH, 3)
    other = {**TOUCH, "trunk_deg": 86}
    keys = [(time, other if pose is TOUCH and time > 10 else pose) for time, pose in keys]
    apart = analyze_motion(MOVEMENT, simulate_motion(keys))
    assert apart.measures["trunk_thigh_sd_deg"] == pytest.approx(np.std([112, 112, 96], ddof=1), abs=1)
    assert "toe_touch.repeatable" not in apart.ids


def test_own_full_rounding_is_measured():
    motion = simulate_motion(reps(STAND, TOUCH, 2))
    assert analyze_motion(MOVEMENT, motion).measures["rounding_deg"] is None
    rounding = 50 * np.clip(motion.angles["trunk_inclination_deg"], 0, None) / 102
    rounded = with_angles(motion, {"back_rounding_deg": rounding})
    result = analyze_motion(MOVEMENT, rounded)
    assert result.measures["rounding_deg"] == pytest.approx(50, abs=2)  # at the bottom, 102 degrees


def test_view_without_degrees_gives_no_angles():
    result = analyze_motion(MOVEMENT, simulate_motion(reps(STAND, TOUCH, 3), yaw_deg=25))
    assert len(result.events.reps) == 3
    assert measure_names(result.measures) == []
    assert [measure_names(rep.measures) + list(rep.at_bottom) for rep in result.events.reps] == [[]] * 3
    assert result.findings[0].text == "You bent forward and came back up 3 times."


def test_no_events_give_no_observations():
    result = analyze_motion(MOVEMENT, simulate_motion([(0.0, STAND), (5.0, STAND)]))
    assert result.events.reps == []
    assert result.measures["reps"] == 0
    assert result.observations == []


def test_hip_share_is_one_minus_rounding_over_the_bend():
    # The back rounds 0.3 degrees with each degree of the trunk: the hips do 0.7 of the bend.
    motion = simulate_motion(reps(STAND, TOUCH, 3), noise=0.0)
    trunk = motion.angles["trunk_inclination_deg"]
    rounding = 0.3 * (trunk - motion.baseline_deg("trunk_inclination_deg"))
    result = analyze_motion(MOVEMENT, with_angles(motion, {"back_rounding_deg": rounding}))
    assert result.measures["hip_share"] == pytest.approx(0.7, abs=0.01)
    by_key = {q.key: q for q in MOVEMENT.list_comparable_measures(SimpleNamespace(reps=result.events.reps))}
    assert by_key["toe_touch.hip_share"].values == pytest.approx([0.7] * 3, abs=0.015)
    assert by_key["toe_touch.rounding_deg"].values == pytest.approx([0.3 * 100] * 3, abs=1)


def test_hip_share_needs_a_standing_baseline():
    motion = simulate_motion(reps(STAND, TOUCH, 3), noise=0.0)
    motion = with_angles(motion, {"back_rounding_deg": np.zeros(len(motion.times_s))})
    for reference in (None, replace(motion.baseline, kind="lying")):
        assert analyze_motion(MOVEMENT, replace(motion, baseline=reference)).measures["hip_share"] is None


def test_squat_is_not_reported_as_a_bend_to_the_knees():
    result = analyze_motion(MOVEMENT, simulate_motion(reps(STAND, SQUAT, 3)))
    assert not {"toe_touch.to_knees", "toe_touch.further"} & result.ids
    assert analyze_motion(MOVEMENT, simulate_walk()).measures["reps"] == 0
