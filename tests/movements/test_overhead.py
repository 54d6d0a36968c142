"""Overhead: height of the arms, and the shares of the shoulders and of leaning back."""

import numpy as np
import pytest

from analyzer.movements.overhead import MOVEMENT
from tests import bodies
from tests.movements.movement_output import analyze_motion, measure_names
from tests.movements.people import PRESSED, RACK, REACH, STAND, reps, simulate_motion

HELPED = {**REACH, "upper_arm_deg": 160, "elbow_deg": 0, "trunk_deg": -16}


def wrist_deg(pose) -> float:
    """Direction of shoulder to wrist from straight down, worked out from the posture's angles."""
    upper, lower = np.radians([pose["upper_arm_deg"], pose["upper_arm_deg"] + pose["elbow_deg"]])
    ahead = bodies.UPPER_ARM_M * np.sin(upper) + bodies.FOREARM_M * np.sin(lower)
    down = bodies.UPPER_ARM_M * np.cos(upper) + bodies.FOREARM_M * np.cos(lower)
    return float(np.degrees(np.arctan2(ahead, down)))


@pytest.mark.parametrize("facing", ["right", "left"])
@pytest.mark.parametrize(("rest", "top"), [(STAND, REACH), (RACK, PRESSED), (STAND, HELPED)])
def test_arm_to_gravity_is_shoulder_angle_plus_lean_back(rest, top, facing):
    result = analyze_motion(MOVEMENT, simulate_motion(reps(rest, top, 4), facing))
    measures = result.measures
    assert len(result.events.reps) == 4
    assert measures["arm_deg"] == pytest.approx(wrist_deg(top), abs=2)
    assert measures["shoulder_deg"] == pytest.approx(wrist_deg(top) + top["trunk_deg"], abs=2.5)
    assert measures["lean_back_deg"] == pytest.approx(-top["trunk_deg"], abs=2.5)
    assert measures["trunk_change_deg"] == pytest.approx(top["trunk_deg"] - 2, abs=2.5)
    assert measures["elbow_deg"] == pytest.approx(top["elbow_deg"], abs=3)
    assert measures["arm_deg"] == pytest.approx(measures["shoulder_deg"] + measures["lean_back_deg"], abs=0.11)


def test_top_of_a_pause_is_its_middle():
    result = analyze_motion(
        MOVEMENT, simulate_motion(reps(RACK, PRESSED, 3, down_s=1.0, pause_s=1.0, up_s=1.0, rest_s=1.0))
    )
    assert [rep.bottom_s for rep in result.events.reps] == pytest.approx([3.0, 7.0, 11.0], abs=0.15)


def test_leaning_back_to_reach_is_a_strength_with_one_cue():
    result = analyze_motion(MOVEMENT, simulate_motion(reps(STAND, HELPED, 3)))
    helped = next(finding for finding in result.findings if finding.id == "overhead.reaches_with_back")
    assert helped.kind == "can"
    arm, shoulder, lean = (result.measures[name] for name in ("arm_deg", "shoulder_deg", "lean_back_deg"))
    assert helped.text == (
        f"Your arms reach {arm:.0f} degrees towards the ceiling: "
        f"{shoulder:.0f} from the shoulders, {lean:.0f} from leaning back."
    )
    assert [(f.id, f.cue) for f in result.findings if f.kind == "next"] == [
        ("overhead.back_helps", "Ribs to belt, reach long.")
    ]


def test_small_movement_of_the_trunk_is_not_reported():
    assert "overhead.back_helps" not in analyze_motion(MOVEMENT, simulate_motion(reps(STAND, REACH, 3))).ids


def test_view_without_degrees_gives_no_angles():
    result = analyze_motion(MOVEMENT, simulate_motion(reps(STAND, REACH, 3), yaw_deg=25))
    assert measure_names(result.measures) == []
    assert result.findings[0].text == "Your arms went up and came down again 3 times."


def test_no_events_give_no_observations():
    result = analyze_motion(MOVEMENT, simulate_motion([(0.0, STAND), (5.0, STAND)]))
    assert (result.measures["reps"], result.observations) == (0, [])


def test_hands_below_the_shoulder_are_not_a_reach():
    low = {**STAND, "upper_arm_deg": 70}
    assert analyze_motion(MOVEMENT, simulate_motion(reps(STAND, low, 3))).measures["reps"] == 0
    assert (
        analyze_motion(MOVEMENT, simulate_motion(reps(STAND, {**low, "upper_arm_deg": 110}, 3))).measures["reps"] == 3
    )
