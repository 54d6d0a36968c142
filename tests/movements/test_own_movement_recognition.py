"""Toe touch, extension, overhead, sit-to-stand and walk against each other and against other motions."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from analyzer.coaching.catalogue import load_catalogue
from analyzer.movements import carry, overhead, sit_to_stand, standing_extension, toe_touch
from analyzer.movements.minimal_detectable_change import LIMITS as CHANGE
from analyzer.movements.registry import recognise_movement
from tests import bodies
from tests.movements.movement_output import analyze_motion
from tests.movements.people import (
    BACKBEND,
    PRESSED,
    RACK,
    REACH,
    SIT,
    SQUAT,
    STAND,
    TOUCH,
    example_motions,
    other_motions,
    reps,
    simulate_motion,
    simulate_walk,
    sit_to_stand_keys,
)

MINE = {
    module.MOVEMENT.name: module.MOVEMENT for module in (toe_touch, standing_extension, overhead, sit_to_stand, carry)
}
SURE = 0.5
NAMED = 0.35  # from here a clip is called by that name
VIEWS = [(0, "right"), (0, "left"), (20, "right"), (-35, "left"), (45, "right"), (-45, "right")]
BODIES = [
    (0.288, 0.245, 0.246),
    (0.32, 0.22, 0.23),
    (0.26, 0.265, 0.265),
]  # trunk, thigh, shin: usual, long, short trunk


def compute_confidences(motion):
    return {name: movement.recognise(motion) for name, movement in MINE.items()}


@pytest.mark.parametrize(("yaw_deg", "facing"), VIEWS)
def test_each_movement_recognises_its_own_motion_only(yaw_deg, facing):
    for name, motion in example_motions(yaw_deg, facing).items():
        confidences = compute_confidences(motion)
        assert confidences.pop(name) >= 0.6, name
        assert max(confidences.values()) < 0.3, (name, confidences)


@pytest.mark.parametrize(("yaw_deg", "facing"), VIEWS)
def test_no_movement_recognises_other_motions(yaw_deg, facing):
    for name, motion in other_motions(yaw_deg, facing).items():
        assert max(compute_confidences(motion).values()) < SURE - 0.15, (name, compute_confidences(motion))


@pytest.mark.parametrize("yaw_deg", [0, 30, -45])
def test_registry_recognises_each_among_all_installed(yaw_deg):
    for name, motion in example_motions(yaw_deg).items():
        recognised = recognise_movement(motion).movement
        assert recognised is not None, name
        assert recognised.name == name
    for name, motion in other_motions(yaw_deg).items():
        recognised = recognise_movement(motion).movement
        assert recognised is None or recognised.name not in MINE, name


@pytest.mark.parametrize("lengths", BODIES)
@pytest.mark.parametrize("slow", [0.6, 1.0, 2.0])
@pytest.mark.parametrize("noise", [0.01, 0.03])
def test_recognised_at_any_pace_in_any_body_through_noise(lengths, slow, noise, monkeypatch):
    for name, share in zip(("TRUNK_M", "THIGH_M", "SHIN_M"), lengths, strict=True):
        monkeypatch.setattr(bodies, name, share * bodies.HEIGHT_M)

    def filmed(rest, deep):
        keys = reps(rest, deep, 3, down_s=1.3 * slow, pause_s=0.4 * slow, up_s=1.2 * slow, rest_s=0.8 * slow)
        return simulate_motion(keys, yaw_deg=15, noise=noise)

    assert toe_touch.MOVEMENT.recognise(filmed(STAND, TOUCH)) > NAMED
    assert standing_extension.MOVEMENT.recognise(filmed(STAND, BACKBEND)) > NAMED
    assert overhead.MOVEMENT.recognise(filmed(STAND, REACH)) > NAMED
    assert overhead.MOVEMENT.recognise(filmed(RACK, PRESSED)) > NAMED
    assert sit_to_stand.MOVEMENT.recognise(simulate_motion(sit_to_stand_keys(3, slow), yaw_deg=15, noise=noise)) > NAMED
    assert carry.MOVEMENT.recognise(simulate_walk(steps_per_min=108 / slow**0.5, yaw_deg=15, noise=noise)) > NAMED


def test_arms_that_stop_at_the_front_are_not_overhead():
    assert overhead.MOVEMENT.recognise(simulate_motion(reps(STAND, {**REACH, "upper_arm_deg": 95}, 4))) < 0.5


def test_arms_overhead_in_a_squat_and_on_a_chair_are_not_overhead():
    assert overhead.MOVEMENT.recognise(simulate_motion(reps(REACH, {**SQUAT, "upper_arm_deg": 165}, 4))) < 0.1
    up, down = {**SIT, "upper_arm_deg": 170, "elbow_deg": 4}, {**SIT, "upper_arm_deg": 45, "elbow_deg": 135}
    assert overhead.MOVEMENT.recognise(simulate_motion(reps(down, up, 4))) < 0.1


def test_hidden_body_is_not_recognised():
    for motion in example_motions().values():
        unseen = {name: np.full_like(values, np.nan) for name, values in motion.angles.items()}
        hidden = replace(motion.near, **{name: np.full_like(xy, np.nan) for name, xy in vars(motion.near).items()})
        blind = replace(motion, angles=unseen, degrees=unseen, near=hidden, far=hidden, baseline=None)
        assert compute_confidences(blind) == dict.fromkeys(MINE, 0.0)


def test_comparable_measures_have_a_family_and_one_value_for_each_rep():
    for name, motion in example_motions().items():
        output = analyze_motion(MINE[name], motion)
        result = SimpleNamespace(reps=output.events.reps, stages=output.events.stages, measures=output.measures)
        quantities = MINE[name].list_comparable_measures(result)
        assert quantities, name
        for quantity in quantities:
            assert quantity.key.startswith(f"{name}.")
            assert quantity.family in CHANGE.families
            expected = (
                0 if quantity.family in ("back", "hip_share") else len(output.events.reps) + len(output.events.stages)
            )
            assert len(quantity.values) == expected, quantity.key


def test_every_observation_has_a_text():
    for name, motion in example_motions().items():
        output = analyze_motion(MINE[name], motion)
        assert output.observations, name
        for observation in output.observations:
            assert load_catalogue().render_sentence(observation.id, observation.evidence, allows_degrees=True), (
                observation.id
            )
