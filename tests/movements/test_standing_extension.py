"""Standing extension: how far the trunk leans back beyond the own tall posture."""

from dataclasses import replace

import numpy as np
import pytest

from analyzer.movements.standing_extension import MOVEMENT, lean_back_deg
from tests.movements.movement_output import analyze_motion, measure_names
from tests.movements.people import BACKBEND, STAND, reps, simulate_motion

BENT = {**BACKBEND, "thigh_deg": -4, "shin_deg": 24}


@pytest.mark.parametrize("facing", ["right", "left"])
def test_lean_extension_and_knees_are_measured_from_the_baseline(facing):
    result = analyze_motion(MOVEMENT, simulate_motion(reps(STAND, BACKBEND, 3), facing))
    assert len(result.events.reps) == 3
    assert result.measures["told_from"] == "own tall"
    assert result.measures["lean_back_mean_deg"] == pytest.approx(28, abs=1.5)  # from +2 to -26
    assert result.measures["trunk_thigh_extension_deg"] == pytest.approx(35, abs=2.5)  # from 2 - 1 to -26 - 8
    assert result.measures["knee_bend_deg"] == pytest.approx(-2, abs=2.5)  # from 3 - 1 to 8 - 8
    assert result.ids == {"standing_extension.leans_back", "standing_extension.long_legs"}


def test_bent_knees_give_the_next_step():
    result = analyze_motion(MOVEMENT, simulate_motion(reps(STAND, BENT, 3)))
    assert result.measures["knee_bend_deg"] == pytest.approx(26, abs=2.5)  # from 3 - 1 to 24 + 4
    assert [finding.id for finding in result.findings if finding.kind == "next"] == ["standing_extension.knees_join"]


def test_lean_as_small_as_a_lockout_is_not_a_rep():
    assert analyze_motion(MOVEMENT, simulate_motion(reps(STAND, {**STAND, "trunk_deg": -5}, 3))).events.reps == []


def test_lean_without_a_baseline_is_measured_from_the_vertical():
    motion = replace(simulate_motion(reps(STAND, BACKBEND, 3)), baseline=None)
    assert lean_back_deg(motion, motion.degrees["trunk_inclination_deg"]).max() == pytest.approx(26, abs=1.5)
    assert analyze_motion(MOVEMENT, motion).measures["told_from"] == "vertical"


def test_an_angle_that_is_hidden_in_the_baseline_has_no_change():
    motion = simulate_motion(reps(STAND, BACKBEND, 3))
    fold_deg = motion.degrees["trunk_thigh_deg"].copy()
    fold_deg[motion.baseline.frames] = np.nan
    hidden = replace(motion, degrees=motion.degrees | {"trunk_thigh_deg": fold_deg})
    measures = analyze_motion(MOVEMENT, hidden).measures
    assert measures.get("trunk_thigh_extension_deg") is None
    assert measures["lean_back_mean_deg"] == pytest.approx(28, abs=1.5)


def test_view_without_degrees_gives_no_angles():
    result = analyze_motion(MOVEMENT, simulate_motion(reps(STAND, BACKBEND, 3), yaw_deg=-25))
    assert len(result.events.reps) == 3
    assert measure_names(result.measures) == []
    assert result.findings[0].text == "You leaned back and came back to tall, 3 times."


def test_no_events_give_no_observations():
    result = analyze_motion(MOVEMENT, simulate_motion([(0.0, STAND), (5.0, STAND)]))
    assert (result.measures["reps"], result.observations) == (0, [])


def test_rising_to_tall_is_not_a_lean_back():
    bent = {**STAND, "trunk_deg": 30}
    assert (
        analyze_motion(
            MOVEMENT, simulate_motion([(0.0, STAND), (2.0, STAND), *((2 + t, p) for t, p in reps(bent, STAND, 3))])
        ).ids
        == set()
    )
