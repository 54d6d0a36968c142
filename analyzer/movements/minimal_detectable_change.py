"""Whether two sets of values differ by more than a phone clip and a person's own spread can make up.

The threshold is the minimal detectable change at 95 % of sources 5. Rules, in this order:

1. The family's default for the setting (sources 5) is the least that counts, however many reps there are: many reps
   make the mean steadier, but not the camera's place or the landmarks' bias.
2. Angles of reps: `1.96 * sqrt(sw^2/n1 + sw^2/n2 + 2 * s_setup^2)` where that is more, which it is for few reps and
   for someone whose reps differ. `s_setup` fits the 5/8/11 of knee and trunk-thigh; the other families have it in
   proportion to their own defaults, or those of the trunk could not be reached by the steadiest lifter (chosen).
   Angles that are medians of a hold or a stage take rule 1 alone: sources 4 gives it to them, one value a stage.
3. Seconds and percent of reps: the defaults are those of 3 against 3; fewer reps widen them as they widen a mean's
   error, and so does a spread that is known: `1.96 * sqrt(sw^2/n1 + sw^2/n2)` where that is more (chosen).
4. A camera turned by more than 10 degrees adds the geometric error of sources 1.5, to degrees only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ComparisonSetting = Literal["same_clip", "refilmed", "other_day"]
COMPARISON_SETTINGS: tuple[ComparisonSetting, ...] = ("same_clip", "refilmed", "other_day")
Values = Sequence[float] | NDArray[np.float64]
Unit = Literal["deg", "pct", "s", "share"]

_Z95 = 1.96  # two-sided 95 % of a normal distribution
_COMPARED_REPS = 3  # reps that are compared at the start and at the end of a set; sources 2.5


@dataclass(frozen=True)
class MeasureFamily:
    """The least change that counts for one kind of quantity, by setting.

    Attributes
    ----------
    unit : of the quantity.
    least : same clip, filmed again the same day, other day; in `unit`, 0 where only the share counts.
    min_change_share : of the larger of the two means; 0 where it plays no part.
    yaw : the column of `_YAW_ERROR_DEG` that is added; None for none.
    """

    unit: Unit
    least: tuple[float, float, float]
    min_change_share: float = 0.0
    yaw: Literal["trunk", "trunk_thigh", "knee", "shin"] | None = None


@dataclass(frozen=True)
class MdcLimits:
    """All numbers of this module."""

    families: dict[str, MeasureFamily] = field(
        default_factory=lambda: {
            "trunk": MeasureFamily("deg", (4, 6, 8), yaw="trunk"),  # sources 5, as all without a note
            "trunk_thigh": MeasureFamily("deg", (5, 8, 11), yaw="trunk_thigh"),
            "knee": MeasureFamily("deg", (5, 8, 11), yaw="knee"),
            "shin": MeasureFamily("deg", (5, 7, 9), yaw="shin"),
            # Angles between two segments without a column of their own take that of trunk-thigh; chosen.
            "arm": MeasureFamily("deg", (6, 10, 14), yaw="trunk_thigh"),
            "neck": MeasureFamily("deg", (8, 10, 12), yaw="trunk_thigh"),
            "back": MeasureFamily("deg", (8, 12, 15), yaw="trunk_thigh"),
            "body_line": MeasureFamily("deg", (3, 5, 6), yaw="trunk_thigh"),
            "hip_back": MeasureFamily("pct", (4, 4, 4)),  # of leg length
            "hold_time": MeasureFamily("s", (0, 0, 0), min_change_share=0.15),
            "tempo": MeasureFamily("s", (0.15, 0.15, 0.15), min_change_share=0.10),
            # 1 - rounding / trunk inclination at 50 degrees (sources 2.4): the back's threshold over 50.
            "hip_share": MeasureFamily("share", (8 / 50, 12 / 50, 15 / 50)),
        }
    )
    sw_floor_deg: float = 2.0  # sources 5
    sw_cap_deg: float = 6.0  # sources 5
    sw_default_deg: float = 3.0  # sources 5
    setup_deg: tuple[float, float, float] = (0.0, 2.5, 3.5)  # by setting, of knee and trunk-thigh; sources 5
    setup_reference_deg: tuple[float, float, float] = (5.0, 8.0, 11.0)  # the defaults that go with it; sources 5
    min_degrees_of_freedom: int = 3  # degrees of freedom; with fewer the default spread is taken; chosen
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
class MeanChange:
    """Two means and what is known of their difference; all in `unit`.

    Attributes
    ----------
    change : `after - before`.
    threshold : the least difference that counts.
    n_before, n_after : how many values each mean is made of.
    """

    before: float
    after: float
    change: float
    threshold: float
    n_before: int
    n_after: int
    unit: Unit

    @property
    def clear(self) -> bool:
        """Whether it counts; where not, say "no clear change", which is not "no change"."""
        return abs(self.change) > self.threshold


def compare_means(
    before: Values,
    after: Values,
    family: str,
    setting: ComparisonSetting,
    *,
    yaw_deg: float = 0.0,
    held: bool = False,
    limits: MdcLimits = LIMITS,
) -> MeanChange | None:
    """The change of the mean, and what would count as one.

    Parameters
    ----------
    before, after : one value a rep, hold or stage; values that are not finite are left out.
    family : a name of `MdcLimits.families`; raises ValueError for another.
    setting : how the two were filmed.
    yaw_deg : of the camera, the larger of the two clips.
    held : whether the values are medians of holds or stages.

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
    place = COMPARISON_SETTINGS.index(setting)
    least = max(kind.least[place], kind.min_change_share * max(abs(mean_a), abs(mean_b)))
    spread = _spread(a, b, limits)
    if kind.unit == "deg":
        if not held:
            sw = limits.sw_default_deg if spread is None else spread
            sw = min(max(sw, limits.sw_floor_deg), limits.sw_cap_deg)
            setup = limits.setup_deg[place] * kind.least[place] / limits.setup_reference_deg[place]
            least = max(least, _mdc(sw, len(a), len(b), setup))
        least += _yaw_error_deg(kind, yaw_deg, limits)
    elif not held:
        least *= max(1.0, float(np.sqrt((1 / len(a) + 1 / len(b)) / (2 / _COMPARED_REPS))))
        least = max(least, _mdc(spread, len(a), len(b), 0.0)) if spread is not None else least
    return MeanChange(mean_a, mean_b, mean_b - mean_a, least, len(a), len(b), kind.unit)


def compare_first_last(
    values: Values,
    family: str,
    *,
    yaw_deg: float = 0.0,
    count: int = _COMPARED_REPS,
    limits: MdcLimits = LIMITS,
) -> MeanChange | None:
    """The change from the first to the last reps of one set: three of each, or half of them where there are fewer.

    Parameters
    ----------
    values : one a rep, in order; values that are not finite are left out first.
    family, yaw_deg : as in `compare_means`.

    Returns
    -------
    None with fewer than two values.
    """
    known = _finite(values)
    few = min(count, len(known) // 2)
    if few < 1:
        return None
    return compare_means(known[:few], known[-few:], family, "same_clip", yaw_deg=yaw_deg, limits=limits)


def _mdc(sw: float, n1: int, n2: int, setup: float) -> float:
    return _Z95 * float(np.sqrt(sw**2 / n1 + sw**2 / n2 + 2 * setup**2))


def _spread(a: np.ndarray, b: np.ndarray, limits: MdcLimits) -> float | None:
    """The person's own SD from rep to rep, pooled over both sets; None where too few reps tell it."""
    freedom = len(a) + len(b) - 2
    if freedom < limits.min_degrees_of_freedom:
        return None
    squares = float(((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum())
    return float(np.sqrt(squares / freedom))


def _yaw_error_deg(kind: MeasureFamily, yaw_deg: float, limits: MdcLimits) -> float:
    if kind.yaw is None or not abs(yaw_deg) > limits.min_yaw_deg:
        return 0.0
    return float(np.interp(abs(yaw_deg), _YAW_DEG, _YAW_ERROR_DEG[kind.yaw]))


def _finite(values: Values) -> np.ndarray:
    known = np.asarray(values, dtype=float)
    return known[np.isfinite(known)]
