"""A clip that is stored on its side."""

from dataclasses import fields

import numpy as np
import pytest

from analyzer.analysis.picture_orientation import is_lying_throughout
from analyzer.kinematics.joints import SideJoints
from tests.movements.people import RDL, STAND, example_motions, reps, simulate_motion


def turn(joints: SideJoints, quarter_turns: int) -> SideJoints:
    """The joints of the picture turned by a multiple of 90 degrees."""
    angle = quarter_turns * np.pi / 2
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return SideJoints(**{each.name: getattr(joints, each.name) @ rotation for each in fields(SideJoints)})


@pytest.mark.parametrize("quarter_turns", [1, 3])
def test_standing_person_in_a_turned_picture_lies_throughout(quarter_turns):
    near = simulate_motion(reps(STAND, RDL, 2)).near
    assert is_lying_throughout(turn(near, quarter_turns))
    assert not is_lying_throughout(near)
    assert not is_lying_throughout(turn(near, 2))


def test_upright_pictures_of_movements_on_the_feet_do_not_lie():
    lying = {name for name, motion in example_motions().items() if is_lying_throughout(motion.near)}
    assert lying <= {"plank"}


def test_a_person_who_stands_half_of_the_time_does_not_lie_throughout():
    near = simulate_motion(reps(STAND, RDL, 2)).near
    half = {}
    for each in fields(SideJoints):
        points, turned = getattr(near, each.name).copy(), getattr(turn(near, 1), each.name)
        points[: len(points) // 2] = turned[: len(points) // 2]
        half[each.name] = points
    assert not is_lying_throughout(SideJoints(**half))


def test_unknown_joints_do_not_lie():
    near = simulate_motion(reps(STAND, RDL, 1)).near
    unknown = np.full_like(near.ankle, np.nan)
    assert not is_lying_throughout(SideJoints(**{each.name: unknown for each in fields(SideJoints)}))
