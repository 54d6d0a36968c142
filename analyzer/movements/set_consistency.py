"""How alike the reps of one set are, and what changes from the first to the last: shared by hinge and squat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from analyzer.movements.minimal_detectable_change import MeanChange, compare_first_last
from analyzer.movements.motion import Motion
from analyzer.movements.rep_detection import RepTimes, can_measure_tempo
from analyzer.movements.statistics import drop_unknown, is_mostly_known, mean_known, round_known, sample_sd
from analyzer.results.schema import Rep

AngleT = TypeVar("AngleT", bound=str)


@dataclass(frozen=True)
class SetConsistencyLimits:
    """When the reps of a set count as alike, and how many are needed to state it."""

    dropped_share: float = 0.5  # a way down shorter than this share of the way up is dropped; sources 2.5
    repeatable_deg: float = 4.0  # SD at the bottom up to this: very repeatable; sources 2.5
    repeatable_pct: float = 10.0  # SD of the durations up to this: steady; sources 2.5
    min_spread_reps: int = 3  # fewest reps for a standard deviation; chosen
    min_drift_reps: int = 4  # fewest reps for a change within the set; chosen


LIMITS = SetConsistencyLimits()


@dataclass(frozen=True)
class SetConsistency(Generic[AngleT]):
    """Spread of a set; None where there are too few reps.

    Attributes
    ----------
    bottom_sd : angle -> SD at the bottom, degrees.
    duration_sd_pct : SD of the durations, percent of their mean.
    has_steady_tempo, is_very_repeatable : whether the spread is within the limits.
    """

    bottom_sd: dict[AngleT, float | None]
    duration_sd_pct: float | None
    has_steady_tempo: bool | None
    is_very_repeatable: bool | None


@dataclass(frozen=True)
class MeanTempo:
    """Mean seconds of the ways down and up and of the pause between them; None where no rep has them."""

    descent_s: float | None
    pause_s: float | None
    ascent_s: float | None


def measure_set_consistency(
    angles_deg: Mapping[AngleT, Sequence[float | None]],
    durations_s: Sequence[float],
    limits: SetConsistencyLimits = LIMITS,
) -> SetConsistency[AngleT]:
    """Measure how alike the reps of a set are.

    Parameters
    ----------
    angles_deg : angle -> its value at the bottom of each rep.
    durations_s : durations of the reps that are whole in the clip.
    """
    spread = {
        name: sample_sd(values, limits.min_spread_reps) if is_mostly_known(values) else None
        for name, values in angles_deg.items()
    }
    known = drop_unknown(list(spread.values()))
    duration_pct = None
    if len(durations_s) >= limits.min_spread_reps:
        duration_pct = 100 * float(np.std(durations_s) / np.mean(durations_s))
    is_steady = None if duration_pct is None else duration_pct <= limits.repeatable_pct
    is_repeatable = None
    if known and is_steady is not None:
        is_repeatable = is_steady and max(known) <= limits.repeatable_deg
    return SetConsistency(
        bottom_sd={name: round_known(value) for name, value in spread.items()},
        duration_sd_pct=round_known(duration_pct),
        has_steady_tempo=is_steady,
        is_very_repeatable=is_repeatable,
    )


def compute_mean_tempo(reps: Sequence[Rep], reps_from_top: Sequence[Rep]) -> MeanTempo:
    """Compute the mean tempo of complete reps; the way down and the pause of `reps_from_top` only."""
    return MeanTempo(
        descent_s=round_known(mean_known([rep.descent_s for rep in reps_from_top]), 2),
        pause_s=round_known(mean_known([rep.pause_s for rep in reps_from_top]), 2),
        ascent_s=round_known(mean_known([rep.ascent_s for rep in reps]), 2),
    )


def measure_drift(
    values: Sequence[float | None], family: str, yaw_deg: float, limits: SetConsistencyLimits = LIMITS
) -> MeanChange | None:
    """Compare the first reps of a set with the last ones; None where too few reps, or less than half, have a value."""
    known = drop_unknown(values)
    if len(known) < limits.min_drift_reps or not is_mostly_known(values):
        return None
    return compare_first_last(known, family, yaw_deg=yaw_deg)


def is_dropped(motion: Motion, rep: RepTimes, limits: SetConsistencyLimits = LIMITS) -> bool | None:
    """Return whether the way down is much quicker than the way up; None where the clip does not show it."""
    if rep.descent_s is None or rep.ascent_s is None or not can_measure_tempo(motion):
        return None
    return rep.descent_s < limits.dropped_share * rep.ascent_s
