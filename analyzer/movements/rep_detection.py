"""Find repetitions in a series that is small at the top and large at the bottom, to a fraction of a frame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.movements.frame_runs import rate_per_s
from analyzer.movements.motion import Motion
from analyzer.movements.rep_bottom import Bottom, DepthSeries, Turn, crossing_s, find_bottom
from analyzer.movements.rep_limits import LIMITS, RepLimits
from analyzer.movements.statistics import is_known_throughout, round_known
from analyzer.results.schema import Rep

_MIN_SET_FOR_CUTS = 3  # ways up: of fewer, none is unlike the others


@dataclass(frozen=True)
class RepTimes:
    """Times of one repetition.

    Attributes
    ----------
    start_s, end_s : bounds at 10 % of its range, else the first or last moment in the clip.
    bottom_s : the turn; of a long pause, and of a pause that the clip cuts, the middle.
    bottom_end_s : last moment at the bottom; in a lift from the floor the load leaves it.
    descent_s, pause_s, ascent_s : None where not whole in the clip.
    is_lowered : whether the clip shows a way down after it.
    complete : whether the whole way up is in the clip, from the bottom.
    depth : greatest depth, and `range` its difference from the top; in the unit of the series.
    """

    start_s: float
    bottom_s: float
    end_s: float
    bottom_end_s: float
    descent_s: float | None
    pause_s: float | None
    ascent_s: float | None
    is_lowered: bool
    complete: bool
    depth: float
    range: float


def find_reps(times_s: FloatArray, depth: Series, limits: RepLimits = LIMITS) -> list[RepTimes]:
    """Find repetitions in order of time, also those that the clip shows only in part.

    Parameters
    ----------
    times_s : (T,) seconds, increasing.
    depth : (T,) small at the top, larger when deeper, in degrees or a like unit; NaN where unknown.
    """
    times, values = _fill_depth_gaps(times_s, depth, limits)
    if len(times) < 3:
        return []
    top, bottom = _levels(times, values, limits)
    series = DepthSeries(times, values, top, limits)
    turns = _find_turns(values, max(limits.range_deg, limits.turn_share * (bottom - top)))
    reps = [rep for turn in turns if (rep := _build_rep_times(series, turn)) is not None]
    if not reps:
        return []
    median = float(np.median([rep.range for rep in reps]))
    reps = [
        rep
        for rep in reps
        if rep.range >= max(limits.range_deg, limits.min_median_share * median)
        and (rep.end_s - rep.start_s >= limits.min_duration_s or not rep.complete or rep.descent_s is None)
    ]
    return _mark_cut_ascents(_mark_missing_bottom(reps, series), limits)


def _mark_missing_bottom(reps: list[RepTimes], series: DepthSeries) -> list[RepTimes]:
    """Mark the first of several reps as incomplete where the clip begins on its way up."""
    if len(reps) < 2:
        return reps
    first, limits = reps[0], series.limits
    starts_deepest = series.values[0] >= first.depth - limits.band_share * first.range
    usual = float(np.median([rep.depth for rep in reps[1:]]))
    speed = -rate_per_s(series.times_s, series.values, limits.start_speed_s)[series.times_s <= first.end_s]
    is_shallow = first.depth < usual - limits.deep_share * (usual - series.top)
    if starts_deepest and is_shallow and speed[0] > limits.max_start_speed_share * np.nanmax(speed, initial=0.0):
        return [replace(first, ascent_s=None, complete=False), *reps[1:]]
    return reps


def _mark_cut_ascents(reps: list[RepTimes], limits: RepLimits) -> list[RepTimes]:
    """Mark a rep as incomplete that comes up far faster than all others: the film was cut on its way up."""
    ascents_s = sorted(rep.ascent_s for rep in reps if rep.ascent_s is not None)
    if len(ascents_s) < _MIN_SET_FOR_CUTS or ascents_s[0] >= limits.min_ascent_share * ascents_s[1]:
        return reps
    return [replace(rep, ascent_s=None, complete=False) if rep.ascent_s == ascents_s[0] else rep for rep in reps]


def build_reps(
    times: Sequence[RepTimes], motion: Motion, measures: Sequence[Mapping[str, object]] | None = None
) -> list[Rep]:
    """Build the reps of a result: the times with every angle at the bottom, and its range.

    No angles without degrees; no tempo from fewer than 20 frames a second.

    Parameters
    ----------
    measures : JSON measures, one for each rep.
    """
    has_tempo = can_measure_tempo(motion)
    reps = []
    for index, rep in enumerate(times):
        at_bottom, ranges = _measure_angles(motion, rep)
        reps.append(
            Rep(
                index=index + 1,
                start_s=round(rep.start_s, 3),
                bottom_s=round(rep.bottom_s, 3),
                end_s=round(rep.end_s, 3),
                descent_s=round_known(rep.descent_s, 3) if has_tempo else None,
                pause_s=round_known(rep.pause_s, 3) if has_tempo else None,
                ascent_s=round_known(rep.ascent_s, 3) if has_tempo else None,
                complete=rep.complete,
                has_ascent=rep.ascent_s is not None,
                at_bottom=at_bottom,
                range=ranges,
                measures=dict(measures[index]) if measures else {},
            )
        )
    return reps


def can_measure_tempo(motion: Motion) -> bool:
    """Return whether the clip has enough frames a second to measure times within a rep."""
    return motion.fps >= LIMITS.min_tempo_fps


def median_at(times_s: FloatArray, values: Series, at_s: float, within_s: float = 0.1) -> float | None:
    """Return the median of a series (T,) within `within_s` of a moment; None where it is unknown there."""
    known = values[(np.abs(times_s - at_s) <= within_s) & np.isfinite(values)]
    return float(np.median(known)) if len(known) else None


def _measure_angles(motion: Motion, rep: RepTimes) -> tuple[dict[str, float], dict[str, float]]:
    """Return every angle that is known at the bottom of a rep, and its range over the rep; degrees.

    The range of an angle that is unknown in a part of the rep, where a plate hides the legs, is not known.
    """
    at_bottom, ranges = {}, {}
    inside = (motion.times_s >= rep.start_s) & (motion.times_s <= rep.end_s)
    for name, series in motion.degrees.items():
        value = median_at(motion.times_s, series, rep.bottom_s)
        if value is None:
            continue
        at_bottom[name] = round(value, 2)
        known = series[inside & np.isfinite(series)]
        if len(known) > 1 and is_known_throughout(series[inside]):
            ranges[name] = round(float(np.ptp(known)), 2)
    return at_bottom, ranges


def _fill_depth_gaps(times_s: FloatArray, depth: Series, limits: RepLimits) -> tuple[FloatArray, Series]:
    """Return times and values of the known part, with gaps filled by a line; long gaps near the top by the top.

    Long gaps hide tops rather than bottoms: a person who stands up leaves the picture by its upper edge.
    """
    known = np.isfinite(depth)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], known.astype(int), [0]]))).reshape(-1, 2)
    for first, end in edges:
        is_isolated = (first == 0 or times_s[first] - times_s[first - 1] > 0) and len(edges) > 1
        if is_isolated and times_s[end - 1] - times_s[first] < limits.min_visible_s:
            known[first:end] = False
    if known.sum() < 3:
        return np.empty(0), np.empty(0)
    first, last = np.flatnonzero(known)[[0, -1]]
    times, values, known = (each[first : last + 1] for each in (times_s, depth, known))
    filled = np.interp(times, times[known], values[known])
    top, bottom = _levels(times[known], values[known], limits)
    half = (top + bottom) / 2
    for before, after in pairwise(np.flatnonzero(known)):
        if times[after] - times[before] > limits.max_gap_s and min(filled[before], filled[after]) <= half:
            filled[before + 1 : after] = top
    return times, filled


def _levels(times: FloatArray, values: Series, limits: RepLimits) -> tuple[float, float]:
    """Return top and bottom of the clip: the levels beyond which it stays for `robust_s` in total."""
    share = min(limits.robust_s / max(float(times[-1] - times[0]), 1e-9), 0.25)
    low, high = np.quantile(values, [share, 1 - share])
    return float(low), float(high)


def _find_turns(values: Series, swing: float) -> list[Turn]:
    """Find the bottoms, each between the top before it and the top after it.

    A bottom counts once the series has come up from it by `swing`, a top once it has gone down from it by `swing`.
    """
    turns: list[tuple[int, int, int]] = []  # bottom, top before, top after
    top = deepest = 0
    is_falling: bool | None = None  # whether it is on the way down; None until it has moved by `swing`
    before = 0  # the top before the current bottom
    for index, value in enumerate(values):
        if is_falling is not False and value > values[deepest]:
            deepest = index
        if is_falling is not True and value < values[top]:
            top = index
        if is_falling is not False and values[deepest] - value >= swing:
            turns.append((deepest, before, -1))
            is_falling, top = False, index
        elif is_falling is not True and value - values[top] >= swing:
            if turns:
                turns[-1] = (turns[-1][0], turns[-1][1], top)
            before, is_falling, deepest = top, True, index
    if is_falling is True:
        turns.append((deepest, before, len(values) - 1))
    elif turns and turns[-1][2] == -1:
        turns[-1] = (turns[-1][0], turns[-1][1], top)
    return [Turn(*turn, is_last=index + 1 == len(turns)) for index, turn in enumerate(turns)]


def _build_rep_times(series: DepthSeries, turn: Turn) -> RepTimes | None:
    """Build the rep about a turn; None where the series does not rise from it."""
    bottom = find_bottom(series, turn)
    if bottom is None:
        return None
    times = series.times_s
    start_s, end_s = float(times[turn.first]), float(times[-1 if turn.is_last else turn.last])
    descent_s = ascent_s = None
    if bottom.has_descent:
        start_s = _find_bound_s(series, bottom.depth, bottom.entry, turn.first, -1)
        descent_s = bottom.entry_s - start_s
    if bottom.has_ascent:
        end_s = _find_bound_s(series, bottom.depth, bottom.leave, turn.last, +1)
        ascent_s = end_s - bottom.leave_s
    is_cut = bottom.is_entry_cut or bottom.is_exit_cut
    pause_s = bottom.leave_s - bottom.entry_s
    if is_cut or pause_s > series.limits.long_pause_s:
        bottom_s = _middle_s(bottom, descent_s, ascent_s, series.limits)
    else:
        bottom_s = _peak_s(times, series.values, turn.frame)
    return RepTimes(
        start_s=start_s,
        bottom_s=bottom_s,
        end_s=end_s,
        bottom_end_s=bottom.leave_s,
        descent_s=descent_s,
        pause_s=None if is_cut else pause_s,
        ascent_s=ascent_s,
        is_lowered=not turn.is_last,
        complete=bottom.has_ascent,
        depth=bottom.depth,
        range=bottom.range,
    )


def _middle_s(bottom: Bottom, descent_s: float | None, ascent_s: float | None, limits: RepLimits) -> float:
    """Return the middle of the bottom; the slower way slows down for longer before it turns."""
    middle_s = (bottom.entry_s + bottom.leave_s) / 2
    if descent_s is None or ascent_s is None:
        return middle_s
    middle_s += limits.slowing_share * (descent_s - ascent_s) / 2
    return min(max(middle_s, bottom.entry_s), bottom.leave_s)


def _find_bound_s(series: DepthSeries, depth: float, deep: int, top: int, step: int) -> float:
    """Return when the way between the bottom (`depth`, from frame `deep`) and the top beside it passes 10 % of it.

    `top` is the frame of the least depth on that side; `step` is -1 for the start of a rep and +1 for its end.
    """
    times, values, limits = series.times_s, series.values, series.limits
    side = np.arange(deep, top + step, step)
    low = float(values[top])
    reached = int(np.argmax(values[side] <= low + limits.seen_share * (depth - low)))
    near_top = side[reached:][np.abs(times[side[reached:]] - times[side[reached]]) <= limits.level_s]
    low = float(values[near_top].min())
    level = low + limits.bound_share * (depth - low)
    frame = int(side[int(np.argmax(values[side] <= level))])
    return crossing_s(times, values, min(frame, frame - step), level)


def _peak_s(times: FloatArray, values: Series, frame: int) -> float:
    """Return when a parabola through the greatest value and its neighbours is greatest."""
    if frame == 0 or frame + 1 == len(times):
        return float(times[frame])
    offsets = times[frame - 1 : frame + 2] - times[frame]
    square, slope, _ = np.polyfit(offsets, values[frame - 1 : frame + 2], 2)
    if square >= 0:
        return float(times[frame])
    return float(times[frame] + np.clip(-slope / (2 * square), offsets[0], offsets[2]))
