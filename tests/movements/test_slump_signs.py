"""The signs of a slump, a nod and lifted toes, one at a time."""

from dataclasses import replace

import numpy as np
import pytest

from analyzer.movements.motion import ClipDetails
from analyzer.movements.slump.movement import MOVEMENT
from tests.movements import people
from tests.movements.test_slump import CHIN, FULL, KNEE, ORDER, SLUMPED, TALL, sit

STILL = [(0.0, TALL), (8.0, TALL)]
ROUNDS = ([2.0, 3.0, 6.0, 7.0], [0.0, 1.0, 1.0, 0.0])  # away from tall between 2 and 3 s, back between 6 and 7


def find_stages(motion):
    return [(stage.name, stage.start_s) for stage in MOVEMENT.find_events(motion, ClipDetails()).stages]


def find_stage_names(motion):
    return [name for name, _ in find_stages(motion)]


def with_angles(motion, **angles):
    return people.with_angles(motion, angles)


def there_and_back(motion, most):
    return most * (0.5 - 0.5 * np.cos(np.pi * np.interp(motion.times_s, *ROUNDS)))


def with_hips_moved(motion, back_trunks, down_trunks):
    """Hips back, and shoulders down towards them, by shares of the trunk; the tall posture was before."""
    back = motion.forward_sign * there_and_back(motion, back_trunks) * motion.trunk_px
    down = there_and_back(motion, down_trunks) * motion.trunk_px
    hip, shoulder = motion.near.hip.copy(), motion.near.shoulder.copy()
    hip[:, 0] -= back
    shoulder[:, 0] -= back
    shoulder[:, 1] += down
    tall = replace(motion.baseline, frames=motion.times_s < ROUNDS[0][0])
    return replace(motion, near=replace(motion.near, hip=hip, shoulder=shoulder), baseline=tall)


@pytest.mark.parametrize(("rounding_deg", "slumps"), [(35.0, 1), (12.0, 0)])
def test_back_that_rounds_under_still_shoulders_is_a_slump(rounding_deg, slumps):
    motion = sit(STILL)
    motion = with_angles(motion, back_rounding_deg=there_and_back(motion, rounding_deg))
    assert find_stage_names(motion).count("slump") == slumps
    if slumps:
        assert find_stages(motion) == [
            ("tall_sit", 0.0),
            ("slump", pytest.approx(2.0, abs=0.3)),
            ("tall_sit", pytest.approx(6.0, abs=0.3)),
        ]


def test_hidden_back_is_not_slumped():
    motion = sit(STILL)
    rounding_deg = np.where(motion.times_s < 2.3, 35.0, np.nan) * (motion.times_s > 2.0)
    assert "slump" not in find_stage_names(with_angles(motion, back_rounding_deg=rounding_deg))


def test_slump_continues_while_the_person_is_hidden():
    motion = sit(FULL)
    unseen = (motion.times_s > 2.8) & (motion.times_s < 3.7)
    near = {name: np.where(unseen[:, None], np.nan, getattr(motion.near, name)) for name in ("hip", "shoulder")}
    angles = {name: np.where(unseen, np.nan, values) for name, values in motion.angles.items()}
    assert find_stage_names(replace(with_angles(motion, **angles), near=replace(motion.near, **near))) == ORDER


@pytest.mark.parametrize(
    ("back_trunks", "down_trunks", "slumps"), [(0.09, 0.05, 1), (0.09, 0.0, 0), (0.0, 0.05, 0), (-0.09, 0.05, 0)]
)
def test_hips_that_roll_back_and_shoulders_that_sink_are_a_slump_only_together(back_trunks, down_trunks, slumps):
    motion = with_hips_moved(sit(STILL, noise=0.002), back_trunks, down_trunks)
    assert find_stage_names(motion).count("slump") == slumps


def test_leaning_back_from_tall_makes_no_slump():
    back = {**TALL, "trunk_deg": -18}
    motion = sit([(0.0, TALL), (2.5, TALL), (3.5, back), (6.0, back), (7.0, TALL), (9.0, TALL)])
    assert "slump" not in find_stage_names(motion)


def test_nod_and_straight_leg_are_the_test_without_a_visible_slump():
    nod = {**TALL, "neck_deg": 40}
    leg = {**nod, "shin_deg": -72, "foot_deg": 72}
    tested = sit([(0.0, TALL), (1.5, TALL), (2.5, nod), (4.0, nod), (5.0, leg), (7.0, leg), (8.0, TALL), (9.0, TALL)])
    assert MOVEMENT.recognise(tested) > 0.5
    assert find_stage_names(tested)[:3] == ["tall_sit", "chin_to_chest", "knee_straight"]


def test_nod_is_detected_by_head_or_neck():
    motion = sit(FULL)
    neck, trunk = motion.angles["neck_flexion_deg"], motion.angles["trunk_inclination_deg"]
    unknown, little = np.full(len(neck), np.nan), 0.3 * neck
    for head, beside in ((unknown, neck), (trunk + neck, little), (trunk + neck, unknown)):
        assert find_stage_names(with_angles(motion, head_tilt_deg=head, neck_flexion_deg=beside)) == ORDER
    neither = find_stage_names(with_angles(motion, head_tilt_deg=unknown, neck_flexion_deg=little))
    assert neither == [name for name in ORDER if name not in ("chin_to_chest", "neck_release")]


def test_toes_are_detected_by_the_forefoot_where_the_heel_moves_with_them():
    motion = sit(FULL)
    rigid = motion.near.toe - (motion.near.toe - motion.near.heel)[0]
    near = replace(motion.near, heel=rigid)
    assert find_stage_names(replace(motion, near=near)) == ORDER
    neither = replace(motion, near=replace(near, toe=np.full_like(rigid, np.nan)))
    assert "toes_up" not in find_stage_names(neither)


def test_toes_are_released_only_after_they_were_pulled_up():
    sunk = {**KNEE, "foot_deg": 60}
    keys = [
        (0.0, TALL),
        (1.5, TALL),
        (2.5, SLUMPED),
        (4.0, SLUMPED),
        (5.0, CHIN),
        (6.5, CHIN),
        (7.5, KNEE),
        (9.0, KNEE),
    ]
    assert find_stage_names(sit([*keys, (9.8, sunk), (12.0, sunk)])) == [
        "tall_sit",
        "slump",
        "chin_to_chest",
        "knee_straight",
    ]
    pulled = {**KNEE, "foot_deg": 90}
    stage_names = find_stage_names(sit([*keys, (9.8, pulled), (11.5, pulled), (12.3, KNEE), (14.0, KNEE)]))
    assert stage_names[-2:] == ["toes_up", "toes_release"]
