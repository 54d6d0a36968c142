"""The body line of a plank over time: own zero, time in the zone, drifts and recoveries (sources 3)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.movements.frame_runs import FrameMask, close_gaps, find_runs, rate_per_s, sum_duration_s
from analyzer.movements.statistics import median


@dataclass(frozen=True)
class BodyLineLimits:
    """Thresholds that separate a steady line from a drifting one."""

    max_settled_speed_deg_s: float = 2.0  # slower than this is settled; sources 3
    rate_s: float = 1.0  # time over which that speed is taken; chosen
    min_settled_s: float = 0.5  # settled for this long; chosen (sources 3: within the first 2 s)
    max_settle_s: float = 2.0  # not settled by then: the stillest moment up to here; sources 3
    zone_s: float = 3.0  # the own zero comes from this long after settling; sources 3 (s 2 to 5)
    max_ordinary_deg: float = 10.0  # lines within this are ordinary; the own zero is limited to it; sources 3
    zone_deg: float = 5.0  # within this of the own zero: in the zone; sources 3
    shape_change_deg: float = 10.0  # beyond this: the shape changed; sources 3
    min_drift_s: float = 2.0  # out for this long is an event; sources 3
    min_recovery_s: float = 3.0  # back in for this long is a recovery; sources 3
    slope_step_s: float = 0.5  # the slope is taken from means of this long: the same result, faster; chosen
    min_slope_s: float = 5.0  # no slope from holds shorter than this; chosen


LIMITS = BodyLineLimits()
LineDirection = Literal["sag", "pike"]


@dataclass(frozen=True)
class Drift:
    """A time out of the zone; recovered when 3 s back in it follow."""

    start_s: float
    end_s: float
    direction: LineDirection
    largest_deg: float  # signed, from the own zero
    shape_changed: bool
    recovered: bool


@dataclass(frozen=True)
class BodyLine:
    """The body line of one hold.

    Attributes
    ----------
    zero_deg : the own line, + pike, - sag.
    settle_s : time from the start of the hold until the line is still.
    in_zone_s : time within `zone_deg` of the own line.
    slope_deg_10s : slow drift in 10 s; None for a short hold.
    """

    zero_deg: float
    settle_s: float
    in_zone_s: float
    drifts: tuple[Drift, ...]
    slope_deg_10s: float | None


def analyze_body_line(times_s: FloatArray, line_deg: Series, limits: BodyLineLimits = LIMITS) -> BodyLine | None:
    """Analyze how steady a body line is; None when it is never known.

    Parameters
    ----------
    times_s : (T,) seconds of one hold.
    line_deg : (T,) degrees, + pike, - sag; NaN where unknown.
    """
    if not np.isfinite(line_deg).any():
        return None
    settle_s = _settle_s(times_s, line_deg, limits)
    zero = _own_zero_deg(times_s, line_deg, settle_s, limits)
    deviation = line_deg - zero
    with np.errstate(invalid="ignore"):
        inside = np.abs(deviation) <= limits.zone_deg
    return BodyLine(
        zero_deg=zero,
        settle_s=settle_s,
        in_zone_s=sum_duration_s(inside, times_s),
        drifts=tuple(_drifts(times_s, deviation, limits)),
        slope_deg_10s=_slope_deg_10s(times_s, line_deg, settle_s, limits),
    )


def _settle_s(times_s: FloatArray, line_deg: Series, limits: BodyLineLimits) -> float:
    since_s = times_s - times_s[0]
    speed_deg_s = np.abs(rate_per_s(times_s, line_deg, limits.rate_s))
    with np.errstate(invalid="ignore"):
        still = speed_deg_s < limits.max_settled_speed_deg_s
    for first, last in find_runs(still):
        lasts = times_s[last] - times_s[first] >= limits.min_settled_s or last == len(times_s) - 1
        if lasts and since_s[first] <= limits.max_settle_s:
            return float(since_s[first])
    early = speed_deg_s[since_s <= limits.max_settle_s]
    return float(since_s[np.nanargmin(early)]) if np.isfinite(early).any() else 0.0


def _own_zero_deg(times_s: FloatArray, line_deg: Series, settle_s: float, limits: BodyLineLimits) -> float:
    """Return the median of the still line in the seconds after settling, limited to what is ordinary."""
    with np.errstate(invalid="ignore"):
        still = np.abs(rate_per_s(times_s, line_deg, limits.rate_s)) < limits.max_settled_speed_deg_s
        ordinary = np.abs(line_deg) <= limits.max_ordinary_deg
    since_s = times_s - times_s[0] - settle_s
    window = (since_s >= 0) & (since_s <= limits.zone_s)
    # A line that is lost in these seconds is not the own one: the still and ordinary part has priority.
    for frames in (window & still & ordinary, window & still, window, np.ones_like(window)):
        zero = median(line_deg[frames])
        if zero is not None:
            return float(np.clip(zero, -limits.max_ordinary_deg, limits.max_ordinary_deg))
    raise ValueError("a line with no known value")


def _drifts(times_s: FloatArray, deviation: Series, limits: BodyLineLimits) -> list[Drift]:
    with np.errstate(invalid="ignore"):
        outside = np.abs(deviation) > limits.zone_deg
    known = np.isfinite(deviation)
    inside = known & ~outside
    # Back in the zone for less than a recovery, or hidden: the same drift goes on.
    drifting = close_gaps(outside, times_s, limits.min_recovery_s)
    drifts = []
    for first, last in find_runs(drifting):
        part = slice(first, last + 1)
        if not _lasts(outside[part] | ~known[part], times_s[part], limits.min_drift_s):
            continue
        values = deviation[part][known[part]]
        largest = float(values[np.argmax(np.abs(values))])
        after = inside[last + 1 :]
        with np.errstate(invalid="ignore"):
            changed = np.abs(deviation[part]) > limits.shape_change_deg
        drifts.append(
            Drift(
                start_s=float(times_s[first]),
                end_s=float(times_s[last]),
                direction="pike" if largest > 0 else "sag",
                largest_deg=largest,
                shape_changed=_lasts(changed, times_s[part], limits.min_drift_s),
                recovered=bool(after.any()) and sum_duration_s(after, times_s[last + 1 :]) >= limits.min_recovery_s,
            )
        )
    return drifts


def _lasts(frames: FrameMask, times_s: FloatArray, min_s: float) -> bool:
    return any(times_s[last] - times_s[first] >= min_s for first, last in find_runs(frames))


def _slope_deg_10s(times_s: FloatArray, line_deg: Series, settle_s: float, limits: BodyLineLimits) -> float | None:
    """Return the Theil-Sen slope after settling; single bad frames and short drifts do not affect it."""
    from scipy.stats import theilslopes  # late: names and settings of movements are read without it

    part = (times_s - times_s[0] >= settle_s) & np.isfinite(line_deg)
    time, value = times_s[part], line_deg[part]
    if len(time) < 2 or time[-1] - time[0] < limits.min_slope_s:
        return None
    step = np.floor((time - time[0]) / limits.slope_step_s).astype(int)
    steps = np.unique(step)
    times = np.array([time[step == s].mean() for s in steps])
    values = np.array([value[step == s].mean() for s in steps])
    return 10.0 * float(theilslopes(values, times).slope)
