"""Sit-to-stand: time of seat-off, duration, and positions of trunk and feet."""

import numpy as np
import pytest

from analyzer.movements.sit_to_stand import MOVEMENT
from tests import bodies
from tests.movements.movement_output import analyze_motion, measure_names
from tests.movements.people import SIT, SIT_LEAN, SIT_OFF, STAND, simulate_motion, sit_to_stand_keys


@pytest.mark.parametrize("facing", ["right", "left"])
def test_seat_off_and_rise(facing):
    result = analyze_motion(MOVEMENT, simulate_motion(sit_to_stand_keys(3), facing))
    assert [rep.complete for rep in result.events.reps] == [True] * 3
    # After 2 s the trunk leans for 0.6 s, then the hips leave the seat; 1.25 s later the person stands. Every 5.35 s.
    offs = np.array([rep.measures["seat_off_s"] for rep in result.events.reps])
    assert offs == pytest.approx(2.65 + 5.35 * np.arange(3), abs=0.12)
    assert [rep.measures["lean_s"] for rep in result.events.reps] == pytest.approx([0.5] * 3, abs=0.15)
    assert result.measures["rise_s"] == pytest.approx(1.6, abs=0.2)
    assert 40 < result.measures["trunk_at_seat_off_deg"] < 46
    assert result.measures["trunk_peak_deg"] == pytest.approx(44, abs=1.5)


def test_slower_rise_takes_longer_and_is_still_found():
    quick, slow = (
        analyze_motion(MOVEMENT, simulate_motion(sit_to_stand_keys(3, pace))).measures for pace in (1.0, 2.0)
    )
    assert quick["reps"] == slow["reps"] == 3
    assert slow["rise_s"] > 1.7 * quick["rise_s"]


def make_keys(shift_deg: float, lean_deg: float = 0.0):
    """Getting up with the shins turned by so much as long as the person sits, and the trunk leaning more."""
    turned = {id(pose): {**pose, "shin_deg": pose["shin_deg"] + shift_deg} for pose in (SIT, SIT_LEAN, SIT_OFF)}
    for pose in (SIT_LEAN, SIT_OFF):
        turned[id(pose)]["trunk_deg"] = pose["trunk_deg"] + lean_deg
    return [(time, turned.get(id(pose), pose)) for time, pose in sit_to_stand_keys(3)]


def test_feet_back_is_in_percent_of_the_leg():
    result = analyze_motion(MOVEMENT, simulate_motion(make_keys(0)))
    shin = np.radians(result.measures["shin_at_seat_off_deg"])
    expected = 100 * bodies.SHIN_M * np.sin(shin) / (bodies.THIGH_M + bodies.SHIN_M)
    assert result.measures["feet_back_pct"] == pytest.approx(expected, abs=1.0)
    assert "sit_to_stand.feet_are_under" in result.ids


def test_feet_in_front_and_a_deep_lean_give_next_steps():
    result = analyze_motion(MOVEMENT, simulate_motion(make_keys(-16, lean_deg=18)))
    assert result.measures["feet_back_pct"] < 3
    assert result.ids == {"sit_to_stand.gets_up", "sit_to_stand.feet_under", "sit_to_stand.chest_up"}
    assert [finding.cue for finding in result.findings if finding.kind == "next"] == [
        "Tuck your heels under the chair.",
        "Show the logo on your shirt to the wall ahead.",
    ]


def test_sitting_down_without_rising_is_not_a_rep():
    motion = simulate_motion([(0.0, STAND), (2.0, STAND), (4.0, SIT), (8.0, SIT)])
    assert analyze_motion(MOVEMENT, motion).events.reps == []


def test_view_without_degrees_gives_only_times():
    result = analyze_motion(MOVEMENT, simulate_motion(sit_to_stand_keys(2), yaw_deg=-25))
    assert measure_names(result.measures) == []
    assert result.measures["rise_s"] == pytest.approx(1.6, abs=0.2)
    assert result.findings[0].text.startswith("You stood up from the seat 2 times")
