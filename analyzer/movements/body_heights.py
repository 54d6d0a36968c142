"""Heights of hands, hips and feet in lengths of the own limbs, and where the centre of mass lies."""

import numpy as np

from analyzer.kinematics.arrays import Points, Series
from analyzer.movements.motion import Motion
from analyzer.movements.statistics import median

# Where a segment's mass lies, from its lower to its upper end, and its share of the body; Dempster in Winter,
# Biomechanics and Motor Control of Human Movement: head, arms and trunk .678 at .626 of hip to shoulder; both thighs
# .2 at .567 of knee to hip; both shins .093 at .567 of ankle to knee (feet left out: they are where they stand).
_HAT, _HAT_AT = 0.678, 0.626
_THIGHS, _THIGHS_AT = 0.2, 0.567
_SHINS, _SHINS_AT = 0.093, 0.567


def fill_unknown(points: Points, other: Points) -> Points:
    """Return the points, filled with the other ones where they are NaN; (T, 2) or (T,)."""
    return np.where(np.isfinite(points), points, other)


def leg_length_px(motion: Motion) -> float | None:
    """Return the length of the near leg in pixels: median thigh plus median shin; None where one is never known."""
    near = motion.near
    thigh = median(np.linalg.norm(near.hip - near.knee, axis=1))
    shin = median(np.linalg.norm(near.knee - near.ankle, axis=1))
    return None if thigh is None or shin is None else thigh + shin


def trunk_length_px(motion: Motion) -> float | None:
    """Return the median length of the near trunk in pixels; None where it is never known."""
    return median(np.linalg.norm(motion.near.shoulder - motion.near.hip, axis=1))


def hand_height(motion: Motion) -> Series:
    """Compute the height of the near wrist over the ankle.

    Returns
    -------
    (T,) leg lengths, + up: 0 at the ankle, 1 at the standing hip; NaN where wrist or ankle is unknown, and everywhere
    where the leg's length is.
    """
    leg = leg_length_px(motion)
    if leg is None:
        return np.full(len(motion.times_s), np.nan)
    return (motion.near.ankle[:, 1] - motion.near.wrist[:, 1]) / leg


def hand_rise(motion: Motion) -> Series:
    """Compute the height of the near wrist over the shoulder.

    Unlike an angle it is also defined for a hand that is held at the shoulder.

    Returns
    -------
    (T,) arm lengths: -1 hanging, 0 level, 1 straight up; NaN where wrist or shoulder is unknown, and everywhere where
    the arm's length is.
    """
    near = motion.near
    upper = median(np.linalg.norm(near.shoulder - near.elbow, axis=1))
    lower = median(np.linalg.norm(near.elbow - near.wrist, axis=1))
    if upper is None or lower is None:
        return np.full(len(motion.times_s), np.nan)
    return (near.shoulder[:, 1] - near.wrist[:, 1]) / (upper + lower)


def hip_height(motion: Motion) -> Series:
    """Compute the height of the near hip over the ankle.

    Returns
    -------
    (T,) leg lengths, + up: 1 standing, about .5 on a chair; NaN where hip or ankle is unknown, and everywhere where the
    leg's length is.
    """
    leg = leg_length_px(motion)
    if leg is None:
        return np.full(len(motion.times_s), np.nan)
    return (motion.near.ankle[:, 1] - motion.near.hip[:, 1]) / leg


def foot_gap_px(motion: Motion) -> Series:
    """Return how much higher one ankle is in the picture than the other.

    Returns
    -------
    (T,) pixels, + the left one is higher; where left and right are not known, + the near one. NaN where unknown.
    """
    if motion.leg_height_gap_px is not None:
        return motion.leg_height_gap_px[:, 1]
    return motion.far.ankle[:, 1] - motion.near.ankle[:, 1]


def centre_of_mass_ahead(motion: Motion) -> Series:
    """Compute how far the centre of mass lies ahead of the ankle that is further back.

    Without a load it stays over the foot, about -.1 (heel) to +.4 (toes), of a body that stands freely. Further back
    something else carries the weight: a seat, a wall.

    Returns
    -------
    (T,) trunk lengths, + forward; NaN where a joint of the near side is unknown.

    Source: mass shares and centres of Dempster in Winter, without arms as segments of their own.
    """
    near, forward = motion.near, motion.forward_sign
    foot = np.fmin(forward * near.ankle[:, 0], forward * motion.far.ankle[:, 0])
    foot[np.isnan(near.ankle[:, 0])] = np.nan

    def ahead(lower: Points, upper: Points, share: float) -> Series:
        point = lower + share * (upper - lower)
        return (forward * point[:, 0] - foot) / motion.trunk_px

    total = (
        _HAT * ahead(near.hip, near.shoulder, _HAT_AT)
        + _THIGHS * ahead(near.knee, near.hip, _THIGHS_AT)
        + _SHINS * ahead(near.ankle, near.knee, _SHINS_AT)
    )
    return total / (_HAT + _THIGHS + _SHINS)
