"""Decide whether two sets of values differ by more than measurement error and the person's own spread explain.

The threshold is the minimal detectable change at 95 % of sources 5. Rules, in this order:

1. The family's default for the setting (sources 5) is the minimum for any number of reps: many reps make the mean
   steadier, but not the camera's place or the landmarks' bias.
2. Angles of reps: `1.96 * sqrt(sw^2/n1 + sw^2/n2 + 2 * s_setup^2)` where that is more, as for few reps or reps that
   differ. `s_setup` fits the 5/8/11 of knee and trunk-thigh; the other families scale it by their own defaults, or
   even the steadiest lifter could not reach those of the trunk (chosen). Angles that are medians of a hold or a stage
   follow rule 1 alone (sources 4: one value for each stage).
3. Seconds and percent of reps: the defaults hold for 3 against 3 reps; fewer reps widen them as they widen a mean's
   error, and so does a known spread: `1.96 * sqrt(sw^2/n1 + sw^2/n2)` where that is more (chosen).
4. A yaw of more than 10 degrees adds the geometric error of sources 1.5, to degrees only.

A table of a coach's own repeated clips (`MdcTable`) replaces rules 1 to 3 for the measures that it holds, in clips that
were filmed again or on another day; see `OwnMdc`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

RepeatSetting = Literal["refilmed", "other_day"]
"""How a clip and its repeat were filmed: again on the same day, or on another day."""

ComparisonSetting = Literal["same_clip", RepeatSetting]
COMPARISON_SETTINGS: tuple[ComparisonSetting, ...] = get_args(ComparisonSetting)
Values = Sequence[float] | NDArray[np.float64]
Unit = Literal["deg", "pct", "s", "share", "of_10"]

_Z95 = 1.96  # two-sided 95 % of a normal distribution
_COMPARED_REPS = 3  # reps that are compared at the start and at the end of a set; sources 2.5
LITERATURE = "the literature"
"""Source of a threshold that no table of own repeats gives."""


@dataclass(frozen=True)
class MeasureFamily:
    """Smallest change that counts for one kind of measure, by setting.

    Attributes
    ----------
    unit : of the measure.
    min_change : same clip, filmed again on the same day, other day; in `unit`, 0 where only the share counts.
    min_change_share : share of the larger of the two means; 0 where it does not count.
    yaw_error : column of `_YAW_ERROR_DEG` that is added; None for none.
    has_side : whether it is of one leg or arm, the near one; trunk, back, head and times have no left or right.
    """

    unit: Unit
    min_change: tuple[float, float, float]
    min_change_share: float = 0.0
    yaw_error: Literal["trunk", "trunk_thigh", "knee", "shin"] | None = None
    has_side: bool = False


@dataclass(frozen=True)
class MdcLimits:
    """Thresholds of a clear change."""

    families: dict[str, MeasureFamily] = field(
        default_factory=lambda: {
            "trunk": MeasureFamily("deg", (4, 6, 8), yaw_error="trunk"),  # sources 5, as all without a note
            "trunk_thigh": MeasureFamily("deg", (5, 8, 11), yaw_error="trunk_thigh", has_side=True),
            "knee": MeasureFamily("deg", (5, 8, 11), yaw_error="knee", has_side=True),
            "shin": MeasureFamily("deg", (5, 7, 9), yaw_error="shin", has_side=True),
            # Angles between two segments without their own column use that of trunk-thigh; chosen.
            "arm": MeasureFamily("deg", (6, 10, 14), yaw_error="trunk_thigh", has_side=True),
            "neck": MeasureFamily("deg", (8, 10, 12), yaw_error="trunk_thigh"),
            "back": MeasureFamily("deg", (8, 12, 15), yaw_error="trunk_thigh"),
            "body_line": MeasureFamily("deg", (3, 5, 6), yaw_error="trunk_thigh"),
            "hip_back": MeasureFamily("pct", (4, 4, 4)),  # of leg length
            "hold_time": MeasureFamily("s", (0, 0, 0), min_change_share=0.15),
            "tempo": MeasureFamily("s", (0.15, 0.15, 0.15), min_change_share=0.10),
            # 1 - rounding / trunk inclination at 50 degrees (sources 2.4): the back's threshold over 50.
            "hip_share": MeasureFamily("share", (8 / 50, 12 / 50, 15 / 50)),
            "reported": MeasureFamily("of_10", (1.8, 1.8, 1.8)),  # what the client reports; sources 4
        }
    )
    sw_floor_deg: float = 2.0  # sources 5
    sw_cap_deg: float = 6.0  # sources 5
    sw_default_deg: float = 3.0  # sources 5
    setup_deg: tuple[float, float, float] = (0.0, 2.5, 3.5)  # by setting, of knee and trunk-thigh; sources 5
    setup_reference_deg: tuple[float, float, float] = (5.0, 8.0, 11.0)  # the defaults that belong to it; sources 5
    min_degrees_of_freedom: int = 3  # with fewer the default spread is used; chosen
    min_yaw_deg: float = 10.0  # sources 5


LIMITS = MdcLimits()

# Worst error by camera yaw, degrees; sources 1.5. Trunk and trunk-thigh: near-side points, since those of the far side
# are not credible in every clip.
_YAW_DEG = (0, 5, 10, 15, 20, 30, 45)
_YAW_ERROR_DEG = {
    "trunk": (0, 0.9, 1.9, 3.3, 4.9, 9.1, 18),
    "trunk_thigh": (0, 0.9, 2.1, 3.7, 6.0, 12.3, 28),
    "knee": (0, 0.5, 1.2, 2.3, 3.6, 7.0, 15),
    "shin": (0, 0.4, 1.1, 1.9, 2.9, 5.4, 10),
}


@dataclass(frozen=True)
class OwnMdc:
    """Minimal detectable change of one measure, from clips in which the same people did the same thing again.

    Attributes
    ----------
    least_change : smallest difference of two clips that counts, in the unit of the measure.
    setting : how the repeats were filmed.
    source : in words, such as "your own 18 pairs".
    rep_sd : SD from rep to rep within a clip; None where a clip gives one value.
    reps : harmonic mean of the number of reps of a clip; 0 with `rep_sd` None.
    yaw_deg : largest camera yaw of the repeats, whose errors `least_change` therefore includes.
    """

    least_change: float
    setting: RepeatSetting
    source: str
    rep_sd: float | None = None
    reps: float = 0.0
    yaw_deg: float = 0.0


@dataclass(frozen=True)
class MdcTable:
    """Minimal detectable changes from a coach's own repeats, by id of a measure such as "hinge.fold"."""

    measures: Mapping[str, OwnMdc]

    def find(self, key: str, setting: ComparisonSetting) -> OwnMdc | None:
        """Return what holds for a measure; None in parts of one clip, whose camera does not move."""
        return None if setting == "same_clip" else self.measures.get(key)


NO_OWN_MDC = MdcTable({})
"""Without own repeats: every threshold is of the literature."""


@dataclass(frozen=True)
class MeanChange:
    """Two means and their difference; all in `unit`.

    Attributes
    ----------
    change : `after - before`.
    threshold : smallest difference that counts.
    n_before, n_after : number of values of each mean.
    source : where the threshold is from, in words.
    """

    before: float
    after: float
    change: float
    threshold: float
    n_before: int
    n_after: int
    unit: Unit
    source: str = LITERATURE

    @property
    def is_clear(self) -> bool:
        """Return whether it counts; otherwise there is "no clear change", which is not "no change"."""
        return is_clear_change(self.change, self.threshold)


def is_clear_change(change: float, threshold: float) -> bool:
    """Return whether a change is as large as the smallest one that counts; both in thousandths, as they are stored."""
    size = round(abs(change), 3)
    return size > 0 and size >= round(threshold, 3)


def compare_means(
    before: Values,
    after: Values,
    family: str,
    setting: ComparisonSetting,
    *,
    yaw_deg: float = 0.0,
    are_medians: bool = False,
    key: str = "",
    own_mdc: MdcTable = NO_OWN_MDC,
    limits: MdcLimits = LIMITS,
) -> MeanChange | None:
    """Compare two means, and compute the smallest difference that counts.

    Parameters
    ----------
    before, after : one value for each rep, hold or stage; values that are not finite are left out.
    family : a name of `MdcLimits.families`; raises ValueError for another.
    setting : how the two clips relate.
    yaw_deg : of the camera, the larger of the two clips.
    are_medians : whether the values are medians of holds or stages.
    key : id of the measure, by which `own_mdc` is searched.
    own_mdc : minimal detectable changes from own repeats; a measure that it lacks uses those of the literature.

    Returns
    -------
    None where either side has no value.
    """
    if family not in limits.families:
        raise ValueError(f"{family}: expected one of {', '.join(limits.families)}")
    kind = limits.families[family]
    a, b = _finite(before), _finite(after)
    if not len(a) or not len(b):
        return None
    mean_a, mean_b = float(a.mean()), float(b.mean())
    measured = own_mdc.find(key, setting)
    if measured is not None:
        counts = None if are_medians else (len(a), len(b))
        threshold, source = _own_threshold(measured, kind, counts, setting), measured.source
        if setting == "other_day" and measured.setting == "refilmed":
            source = f"{source}, with the difference between days from {LITERATURE}"
        yaw_error_deg = _yaw_error_deg(kind, yaw_deg, limits) - _yaw_error_deg(kind, measured.yaw_deg, limits)
        threshold += max(0.0, yaw_error_deg)
    else:
        threshold, source = _literature_threshold(a, b, kind, setting, are_medians, limits), LITERATURE
        threshold += _yaw_error_deg(kind, yaw_deg, limits)
    return MeanChange(mean_a, mean_b, mean_b - mean_a, threshold, len(a), len(b), kind.unit, source)


def _literature_threshold(
    a: np.ndarray, b: np.ndarray, kind: MeasureFamily, setting: ComparisonSetting, are_medians: bool, limits: MdcLimits
) -> float:
    """Apply rules 1 to 3 of this module."""
    column = COMPARISON_SETTINGS.index(setting)
    largest = max(abs(float(a.mean())), abs(float(b.mean())))
    threshold = max(kind.min_change[column], kind.min_change_share * largest)
    if are_medians:
        return threshold
    spread = _spread(a, b, limits)
    if kind.unit == "deg":
        sw = limits.sw_default_deg if spread is None else spread
        sw = min(max(sw, limits.sw_floor_deg), limits.sw_cap_deg)
        setup = limits.setup_deg[column] * kind.min_change[column] / limits.setup_reference_deg[column]
        return max(threshold, _mdc(sw, len(a), len(b), setup))
    threshold *= max(1.0, float(np.sqrt((1 / len(a) + 1 / len(b)) / (2 / _COMPARED_REPS))))
    return threshold if spread is None else max(threshold, _mdc(spread, len(a), len(b), 0.0))


def _own_threshold(
    own: OwnMdc, kind: MeasureFamily, counts: tuple[int, int] | None, setting: ComparisonSetting
) -> float:
    """Widen the threshold of own repeats for fewer reps than theirs, and for days where they are of one day.

    `counts` are the numbers of reps; None for medians of holds or stages, which are not widened. The difference between
    days is that of the literature: what its threshold for another day has more than the one for clips that are filmed
    again, in squares, as variances add up.
    """
    squared = own.least_change**2
    if own.rep_sd is not None and own.reps and counts is not None:
        fewer = max(0.0, 1 / counts[0] + 1 / counts[1] - 2 / own.reps)
        squared += (_Z95 * own.rep_sd) ** 2 * fewer
    if setting == "other_day" and own.setting == "refilmed":
        refilmed, other_day = kind.min_change[1:]
        squared += other_day**2 - refilmed**2
    return float(np.sqrt(squared))


def compare_first_last(
    values: Values,
    family: str,
    *,
    yaw_deg: float = 0.0,
    count: int = _COMPARED_REPS,
    limits: MdcLimits = LIMITS,
) -> MeanChange | None:
    """Compare the first with the last reps of one set: three of each, or half of them where there are fewer.

    Parameters
    ----------
    values : one for each rep, in order; values that are not finite are left out first.
    family, yaw_deg : as in `compare_means`.

    Returns
    -------
    None with fewer than two values.
    """
    known = _finite(values)
    compared = min(count, len(known) // 2)
    if compared < 1:
        return None
    return compare_means(known[:compared], known[-compared:], family, "same_clip", yaw_deg=yaw_deg, limits=limits)


def _mdc(sw: float, n1: int, n2: int, setup: float) -> float:
    return _Z95 * float(np.sqrt(sw**2 / n1 + sw**2 / n2 + 2 * setup**2))


def _spread(a: np.ndarray, b: np.ndarray, limits: MdcLimits) -> float | None:
    """Return the person's own SD from rep to rep, pooled over both sets; None with too few reps."""
    freedom = len(a) + len(b) - 2
    if freedom < limits.min_degrees_of_freedom:
        return None
    squares = float(((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum())
    return float(np.sqrt(squares / freedom))


def _yaw_error_deg(kind: MeasureFamily, yaw_deg: float, limits: MdcLimits) -> float:
    if kind.yaw_error is None or not abs(yaw_deg) > limits.min_yaw_deg:
        return 0.0
    return float(np.interp(abs(yaw_deg), _YAW_DEG, _YAW_ERROR_DEG[kind.yaw_error]))


def _finite(values: Values) -> np.ndarray:
    known = np.asarray(values, dtype=float)
    return known[np.isfinite(known)]
