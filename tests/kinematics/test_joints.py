"""How far the near and the far side are believed."""

from dataclasses import replace

import numpy as np
import pytest
from analyzer.kinematics.square import squared
from hypothesis import given
from hypothesis import strategies as st

from analyzer.kinematics.joints import ARM, LEG, far_share, joints_of, leg_hidden, mixed_deg
from analyzer.kinematics.landmarks import LEFT, RIGHT
from tests.bodies import AFAR, PX_PER_M, TRUNK_M, Posture, picture_px

FRAMES = 20
WAVE = 0.5 - 0.5 * np.cos(np.linspace(0, 2 * np.pi, FRAMES))
HINGE = Posture(trunk_deg=70 * WAVE, thigh_deg=-18 * WAVE, upper_arm_deg=-5 * WAVE)
LUNGE = replace(HINGE, left_thigh_deg=35.0, left_shin_deg=60.0)
TRUNK_PX = TRUNK_M * PX_PER_M
SURE = np.full(FRAMES, 0.03)  # both answers for the near knee lie this near to each other, in trunks


def share(posture: Posture, *, yaw_deg: float = 20.0, seen: float = 1.0, limb=LEG) -> float:
    """Facing right, so that the left side is the far one."""
    points = squared(picture_px(posture.world_m(FRAMES, yaw_deg)), "right", yaw_deg, AFAR)
    near, far = joints_of(points, RIGHT), joints_of(points, LEFT)
    return far_share(near, far, np.full((FRAMES, len(limb)), seen), limb, yaw_deg, TRUNK_PX)


@pytest.mark.parametrize("limb", [LEG, ARM])
@pytest.mark.parametrize("yaw_deg", [20, -20])
def test_a_far_limb_seen_for_sure_makes_the_mid_point(limb, yaw_deg):
    assert share(HINGE, yaw_deg=yaw_deg, limb=limb) == pytest.approx(0.5)


@pytest.mark.parametrize(("seen", "answer"), [(0.3, 0), (0.5, 0), (0.6, 0.1), (0.75, 0.25), (1.0, 0.5)])
def test_its_weight_falls_in_proportion_to_the_belief(seen, answer):
    assert share(HINGE, seen=seen) == pytest.approx(answer)


@pytest.mark.parametrize("yaw_deg", [0, 10, -10])
def test_square_from_the_side_the_far_limb_is_hidden_and_counts_nothing(yaw_deg):
    assert share(HINGE, yaw_deg=yaw_deg) == 0.0


def test_a_leg_that_does_something_else_is_not_mixed_in():
    assert share(LUNGE) == 0.0
    assert share(LUNGE, limb=ARM) > 0.0


def test_one_doubtful_point_of_a_limb_makes_the_limb_doubtful():
    points = squared(picture_px(HINGE.world_m(FRAMES, 20)), "right", 20, AFAR)
    seen = np.ones((FRAMES, 3))
    seen[:, 2] = 0.4
    assert far_share(joints_of(points, RIGHT), joints_of(points, LEFT), seen, LEG, 20, TRUNK_PX) == 0.0


def test_a_far_limb_never_known_counts_nothing():
    points = squared(picture_px(HINGE.world_m(FRAMES, 20)), "right", 20, AFAR)
    points[:, LEFT.ankle] = np.nan
    assert far_share(joints_of(points, RIGHT), joints_of(points, LEFT), np.ones((FRAMES, 3)), LEG, 20, TRUNK_PX) == 0.0


@pytest.mark.parametrize(
    ("near", "far", "weight", "answer"),
    [
        (10, 20, 0.5, 15),
        (10, 20, 0.0, 10),
        (10, np.nan, 0.5, 10),  # the near one alone
        (np.nan, 20, 0.5, np.nan),
        (170, -170, 0.5, 180),  # neighbours across the cut
        (-170, 170, 0.25, -175),
    ],
)
def test_the_weighted_mean_of_two_angles(near, far, weight, answer):
    assert mixed_deg(np.array([near]), np.array([far]), weight) == pytest.approx([answer], nan_ok=True)


@given(st.floats(-180, 180), st.floats(-179, 179), st.floats(0, 0.5))
def test_the_mean_lies_between_both_on_the_short_way_round(near, turn, weight):
    mean = mixed_deg(np.array([near]), np.array([near + turn]), weight)[0]
    assert mean == pytest.approx(near + weight * turn, abs=1e-9)


def legs(shrink: float, posture: Posture = HINGE):
    """Near and far joints, the near leg drawn `shrink` times as long."""
    points = picture_px(posture.world_m(FRAMES, 0.0))
    near, far = joints_of(points, RIGHT), joints_of(points, LEFT)
    knee = near.hip + shrink * (near.knee - near.hip)
    return replace(near, knee=knee, ankle=knee + shrink * (near.ankle - near.knee)), far


@pytest.mark.parametrize(("shrink", "answer"), [(1.1, False), (1.0, False), (0.9, False), (0.8, True), (0.4, True)])
def test_a_near_leg_clearly_shorter_than_the_far_one_is_hidden(shrink, answer):
    assert leg_hidden(*legs(shrink), SURE) is answer


def test_a_near_leg_short_only_while_folded_is_not_hidden():
    near, far = legs(1.0)
    folded = WAVE > 0.5
    knee = near.knee.copy()
    knee[folded] = near.hip[folded] + 0.3 * (near.knee - near.hip)[folded]
    ankle = near.ankle.copy()
    ankle[folded] = knee[folded] + 0.3 * (near.ankle - near.knee)[folded]
    assert not leg_hidden(replace(near, knee=knee, ankle=ankle), far, SURE)


def test_too_few_known_frames_say_nothing():
    near, far = legs(0.4)
    ankle = near.ankle.copy()
    ankle[4:] = np.nan
    assert not leg_hidden(replace(near, ankle=ankle), far, SURE)


@pytest.mark.parametrize(("bend_deg", "apart", "answer"), [(25, 0.1, True), (25, 0.03, False), (8, 0.1, False)])
def test_a_near_knee_in_doubt_that_stands_bent_beside_a_straight_far_one_is_hidden(bend_deg, apart, answer):
    standing = Posture(left_thigh_deg=0.0, left_shin_deg=0.0, shin_deg=bend_deg)
    points = picture_px(standing.world_m(FRAMES, 0.0))
    near, far = joints_of(points, RIGHT), joints_of(points, LEFT)
    assert leg_hidden(near, far, np.full(FRAMES, apart)) is answer
