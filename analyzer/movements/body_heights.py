"""Small readings of a motion that several movements share: heights in leg lengths, weight."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analyzer.kinematics.arrays import FloatArray, Points, Series
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import Events

# Where a segment's mass lies, from its lower to its upper end, and its share of the body; Dempster in Winter,
# Biomechanics and Motor Control of Human Movement: head, arms and trunk .678 at .626 of hip to shoulder; both thighs
# .2 at .567 of knee to hip; both shins .093 at .567 of ankle to knee (feet left out: they are where they stand).
_HAT, _HAT_AT = 0.678, 0.626
_THIGHS, _THIGHS_AT = 0.2, 0.567
_SHINS, _SHINS_AT = 0.093, 0.567


def percentile(values: Series, percent: float) -> float | None:
    """Percentile of what is known; None where nothing is."""
    known = values[np.isfinite(values)]
    return float(np.percentile(known, percent)) if len(known) else None


def median(values: Series) -> float | None:
    """Median of what is known; None where nothing is."""
    return percentile(values, 50)


def round_known(value: float | None, digits: int = 1) -> float | None:
    """For JSON: rounded, None where unknown."""
    return None if value is None or not np.isfinite(value) else round(float(value), digits)


def mean_known(values: Sequence[float | None]) -> float | None:
    """Mean of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def sample_sd(values: Sequence[float | None], fewest: int = 3) -> float | None:
    """SD (n - 1) of what is known; None for fewer than `fewest` values."""
    known = drop_unknown(values)
    return float(np.std(known, ddof=1)) if len(known) >= fewest else None


def drop_unknown(values: Sequence[float | None]) -> tuple[float, ...]:
    """What is known, in order."""
    return tuple(value for value in values if value is not None)


def rep_evidence(events: Events, measures: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Evidence of an observation about all reps: how many, when each is at its bottom, and these measures."""
    when = [rep.bottom_s for rep in events.reps]
    return {"reps": measures["reps"], "times_s": when, **{name: measures[name] for name in names}}


def select_interval(times_s: FloatArray, values: Series, start_s: float, end_s: float) -> Series:
    """The known values from a moment to another."""
    part = values[(times_s >= start_s) & (times_s <= end_s)]
    return part[np.isfinite(part)]


def fill_unknown(points: Points, other: Points) -> Points:
    """The points, and where they are unknown the other ones."""
    return np.where(np.isfinite(points), points, other)


def leg_length_px(motion: Motion) -> float | None:
    """Length of the near leg: median of thigh plus shin over the clip; None where it was never seen."""
    near = motion.near
    thigh = median(np.linalg.norm(near.hip - near.knee, axis=1))
    shin = median(np.linalg.norm(near.knee - near.ankle, axis=1))
    return None if thigh is None or shin is None else thigh + shin


def trunk_length_px(motion: Motion) -> float | None:
    """Length of the trunk: median over the clip; None where it was never seen."""
    return median(np.linalg.norm(motion.near.shoulder - motion.near.hip, axis=1))


def hand_height(motion: Motion) -> Series:
    """Height of the near wrist over the ankle in leg lengths: 0 at the ankle, 1 at hip height when standing."""
    leg = leg_length_px(motion)
    if leg is None:
        return np.full(len(motion.times_s), np.nan)
    return (motion.near.ankle[:, 1] - motion.near.wrist[:, 1]) / leg


def hand_rise(motion: Motion) -> Series:
    """Height of the near wrist over the shoulder in arm lengths: -1 hanging, 0 level, 1 straight up.

    Unlike an angle it means something for a hand that is held at the shoulder, too.
    """
    near = motion.near
    upper = median(np.linalg.norm(near.shoulder - near.elbow, axis=1))
    lower = median(np.linalg.norm(near.elbow - near.wrist, axis=1))
    if upper is None or lower is None:
        return np.full(len(motion.times_s), np.nan)
    return (near.shoulder[:, 1] - near.wrist[:, 1]) / (upper + lower)


def hip_height(motion: Motion) -> Series:
    """Height of the near hip over the ankle in leg lengths: 1 when standing, about .5 on a chair."""
    leg = leg_length_px(motion)
    if leg is None:
        return np.full(len(motion.times_s), np.nan)
    return (motion.near.ankle[:, 1] - motion.near.hip[:, 1]) / leg


def foot_gap_px(motion: Motion) -> Series:
    """(T,) how much higher one ankle is in the picture than the other, the sign as it comes."""
    if motion.leg_height_gap_px is not None:
        return motion.leg_height_gap_px[:, 1]
    return motion.far.ankle[:, 1] - motion.near.ankle[:, 1]


def centre_of_mass_ahead(motion: Motion) -> Series:
    """How far the body's centre of mass lies in front of the ankle, in trunk lengths; of two, the one further back.

    Without a load it stays over the foot, about -.1 (heel) to +.4 (toes), in whatever stands by itself. Further
    back something else carries the weight: a seat, a wall.
    """
    near, forward = motion.near, motion.forward
    foot = np.fmin(forward * near.ankle[:, 0], forward * motion.far.ankle[:, 0])
    foot[np.isnan(near.ankle[:, 0])] = np.nan

    def ahead(lower: Points, upper: Points, where: float) -> Series:
        point = lower + where * (upper - lower)
        return (forward * point[:, 0] - foot) / motion.trunk_px

    total = (
        _HAT * ahead(near.hip, near.shoulder, _HAT_AT)
        + _THIGHS * ahead(near.knee, near.hip, _THIGHS_AT)
        + _SHINS * ahead(near.ankle, near.knee, _SHINS_AT)
    )
    return total / (_HAT + _THIGHS + _SHINS)
