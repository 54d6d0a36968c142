"""Standing extension: how far the trunk leans back beyond the own tall posture."""

from dataclasses import replace

import pytest

from analyzer.movements.standing_extension import MOVEMENT, lean_back_deg
from tests.movements.movement_output import measure_names, told
from tests.movements.people import BACKBEND, STAND, reps, simulate_motion

BENT = {**BACKBEND, "thigh_deg": -4, "shin_deg": 24}


@pytest.mark.parametrize("facing", ["right", "left"])
def test_lean_extension_and_knees_are_told_from_the_own_tall(facing):
    said = told(MOVEMENT, simulate_motion(reps(STAND, BACKBEND, 3), facing))
    assert len(said.events.reps) == 3
    assert said.measures["told_from"] == "own tall"
    assert said.measures["lean_back_mean_deg"] == pytest.approx(28, abs=1.5)  # from +2 to -26
    assert said.measures["trunk_thigh_extension_deg"] == pytest.approx(35, abs=2.5)  # from 2 - 1 to -26 - 8
    assert said.measures["knee_bend_deg"] == pytest.approx(-2, abs=2.5)  # from 3 - 1 to 8 - 8
    assert said.ids == {"standing_extension.leans_back", "standing_extension.long_legs"}


def test_knees_that_bend_are_the_one_thing_to_try():
    said = told(MOVEMENT, simulate_motion(reps(STAND, BENT, 3)))
    assert said.measures["knee_bend_deg"] == pytest.approx(26, abs=2.5)  # from 3 - 1 to 24 + 4
    assert [finding.id for finding in said.findings if finding.kind == "next"] == ["standing_extension.knees_join"]


def test_a_lean_as_small_as_a_lockouts_is_no_rep():
    assert told(MOVEMENT, simulate_motion(reps(STAND, {**STAND, "trunk_deg": -5}, 3))).events.reps == []


def test_without_a_tall_posture_the_lean_is_from_the_vertical_and_says_so():
    motion = replace(simulate_motion(reps(STAND, BACKBEND, 3)), baseline=None)
    assert lean_back_deg(motion).max() == pytest.approx(26, abs=1.5)
    assert told(MOVEMENT, motion).measures["told_from"] == "vertical"


def test_at_an_angle_only_shapes_are_told():
    said = told(MOVEMENT, simulate_motion(reps(STAND, BACKBEND, 3), yaw_deg=-25))
    assert len(said.events.reps) == 3
    assert measure_names(said.measures) == []
    assert said.findings[0].text == "You leaned back and came back to tall, 3 times."


def test_nothing_is_said_of_nothing():
    said = told(MOVEMENT, simulate_motion([(0.0, STAND), (5.0, STAND)]))
    assert (said.measures["reps"], said.observations) == (0, [])


def test_coming_up_to_tall_is_no_lean_back():
    bent = {**STAND, "trunk_deg": 30}
    assert (
        told(
            MOVEMENT, simulate_motion([(0.0, STAND), (2.0, STAND), *((2 + t, p) for t, p in reps(bent, STAND, 3))])
        ).ids
        == set()
    )
