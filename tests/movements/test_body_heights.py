"""Heights and the centre of mass, with answers worked out on paper."""

import numpy as np
import pytest

from analyzer.movements import body_heights
from tests import bodies
from tests.movements.people import SIT, SQUAT, STAND, simulate_motion

LEG_M = bodies.THIGH_M + bodies.SHIN_M


def still(pose, **view):
    return simulate_motion([(0.0, pose), (2.0, pose)], noise=0.0, **view)


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_heights_are_in_leg_lengths(scale):
    upright = {"trunk_deg": 0.0, "thigh_deg": 0.0, "shin_deg": 0.0, "upper_arm_deg": 0.0, "elbow_deg": 0.0}
    motion = still(upright, scale=scale)
    assert body_heights.hip_height(motion) == pytest.approx(1.0, abs=1e-4)
    arm = bodies.UPPER_ARM_M + bodies.FOREARM_M
    assert body_heights.hand_height(motion) == pytest.approx((LEG_M + bodies.TRUNK_M - arm) / LEG_M, abs=1e-4)
    assert body_heights.hand_rise(motion) == pytest.approx(-1.0, abs=1e-4)
    assert body_heights.hand_rise(still({**upright, "upper_arm_deg": 120.0})) == pytest.approx(0.5, abs=1e-4)


def test_centre_of_mass_lies_over_the_foot_when_standing_and_behind_it_on_a_seat():
    for pose in (STAND, SQUAT):
        assert -0.15 < np.median(body_heights.centre_of_mass_ahead(still(pose))) < 0.45
    assert np.median(body_heights.centre_of_mass_ahead(still(SIT))) < -0.4
    upright = {"trunk_deg": 0.0, "thigh_deg": -90.0, "shin_deg": 0.0}
    # Trunk .678 of .971 above the hip, a thigh behind the ankle; thighs .2 at .567 of the way back from the knee.
    expected = -(0.678 * bodies.THIGH_M + 0.2 * 0.567 * bodies.THIGH_M) / 0.971 / bodies.TRUNK_M
    assert body_heights.centre_of_mass_ahead(still(upright)) == pytest.approx(expected, abs=1e-4)
