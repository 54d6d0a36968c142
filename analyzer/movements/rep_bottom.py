"""Find how long a rep stays at its bottom, and whether the clip shows the ways down and up beside it."""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.movements.rep_limits import RepLimits


@dataclass(frozen=True)
class DepthSeries:
    """A depth without gaps, (T,), with the top of the clip and the limits of a rep in it."""

    times_s: FloatArray
    values: Series
    top: float
    limits: RepLimits


@dataclass(frozen=True)
class Turn:
    """A bottom at `frame`, between the tops at `first` and `last`; `is_last` where no other follows in the clip."""

    frame: int
    first: int
    last: int
    is_last: bool


@dataclass(frozen=True)
class Bottom:
    """The time at the bottom of one rep.

    Attributes
    ----------
    depth, range : greatest depth, and its difference from the top beside it.
    entry, leave : first and last frame near the deepest, and `entry_s`, `leave_s` their times between frames.
    has_top_before, has_top_after : whether the clip shows the top on that side.
    is_entry_cut, is_exit_cut : whether the clip begins or ends at the bottom.
    """

    depth: float
    range: float
    entry: int
    leave: int
    entry_s: float
    leave_s: float
    has_top_before: bool
    has_top_after: bool
    is_entry_cut: bool
    is_exit_cut: bool

    @property
    def has_descent(self) -> bool:
        """Return whether the whole descent is in the clip."""
        return self.has_top_before and not self.is_entry_cut

    @property
    def has_ascent(self) -> bool:
        """Return whether the whole ascent is in the clip."""
        return self.has_top_after and not self.is_exit_cut


def find_bottom(series: DepthSeries, turn: Turn) -> Bottom | None:
    """Find the time at the bottom about a turn; None where the series does not rise from it."""
    times, values, limits = series.times_s, series.values, series.limits
    depth = float(values[turn.frame])
    before, after = float(values[turn.first : turn.frame + 1].min()), float(values[turn.frame : turn.last + 1].min())
    visible_top = series.top + limits.seen_share * (depth - series.top)
    has_top_before = turn.first > 0 or before <= visible_top
    has_top_after = not turn.is_last or after <= visible_top
    tops = [low for low, has_top in ((before, has_top_before), (after, has_top_after)) if has_top]
    span = depth - min(tops, default=series.top)
    if span <= 0:
        return None
    entry, entry_level = _find_bottom_end(series, turn.frame, turn.first, span)
    leave, leave_level = _find_bottom_end(series, turn.frame, turn.last, span)
    is_entry_cut = entry == 0 or (turn.first == 0 and values[0] >= depth - limits.deep_share * span)
    is_exit_cut = leave + 1 == len(times)
    return Bottom(
        depth=depth,
        range=span,
        entry=entry,
        leave=leave,
        entry_s=float(times[0]) if is_entry_cut else crossing_s(times, values, entry - 1, entry_level),
        leave_s=float(times[-1]) if is_exit_cut else crossing_s(times, values, leave, leave_level),
        has_top_before=has_top_before,
        has_top_after=has_top_after,
        is_entry_cut=bool(is_entry_cut),
        is_exit_cut=is_exit_cut,
    )


def _find_bottom_end(series: DepthSeries, deepest: int, top: int, span: float) -> tuple[int, float]:
    """Find the frame farthest towards `top` that is at the bottom, and the depth at which it ends; `span` is its range.

    A body may sink too far and rise a little before it rests: such a pause beside the deepest moment belongs to the
    bottom too.
    """
    limits, step = series.limits, 1 if top >= deepest else -1
    side = np.arange(deepest, top + step, step)
    times, values = step * series.times_s[side], series.values[side]
    band = limits.band_share * span
    way_end = int(np.argmax(values <= values[0] - (1 - limits.seen_share) * span))
    pause = find_last_pause(
        times,
        values,
        shallowest=float(values[0]) - limits.deep_share * span,
        flatness=band,
        min_pause_s=max(limits.long_pause_s, limits.min_pause_share * float(times[way_end or -1] - times[0])),
    )
    level = float(values[0]) - band
    if pause is not None and pause < level:
        level = pause - band
    return int(side[np.flatnonzero(values >= level)[-1]]), level


def crossing_s(times: FloatArray, values: Series, frame: int, level: float) -> float:
    """Return when a series (T,) passes `level` between `frame` and the next one, seconds; both have to be known.

    Interpolated by a line; the nearer of the two frames' times where the level is not between their values.
    """
    change = float(values[frame + 1] - values[frame])
    part = 0.0 if change == 0 else float(np.clip((level - values[frame]) / change, 0.0, 1.0))
    return float(times[frame] + part * (times[frame + 1] - times[frame]))


def find_last_pause(
    times_s: FloatArray, values: Series, *, shallowest: float, flatness: float, min_pause_s: float
) -> float | None:
    """Find the depth of the last pause of a way up, before the series first comes above `shallowest`.

    Parameters
    ----------
    times_s : (T,) seconds, increasing, from the deepest moment on.
    values : (T,) depth, larger is deeper, without gaps.
    shallowest : least depth of a pause, in the unit of the series.
    flatness : greatest difference of depth within a pause.
    min_pause_s : shortest pause.

    Returns
    -------
    The median depth of the pause; None where there is no such pause.
    """
    above = np.flatnonzero(values < shallowest)
    end = int(above[0]) if len(above) else len(values)
    first, pause = 0, None
    for last in range(end):
        while np.ptp(values[first : last + 1]) > flatness:
            first += 1
        if times_s[last] - times_s[first] >= min_pause_s:
            pause = float(np.median(values[first : last + 1]))
    return pause
