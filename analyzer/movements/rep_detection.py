"""Finds repetitions in a series that is small at the top and large at the bottom, to a fraction of a frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from analyzer.kinematics.angles import FloatArray, Series
from analyzer.movements.motion import Motion
from analyzer.results.schema import Rep


@dataclass(frozen=True)
class RepLimits:
    """What counts as a repetition; shares are of the clip's own range unless said otherwise."""

    range_deg: float = 25.0  # smallest range of a rep; sources 2.1
    time_s: float = 0.6  # shortest rep; sources 2.1
    bound_share: float = 0.10  # a rep begins and ends at this share of its own range; sources 2.1
    turn_share: float = 0.35  # a turn is a turn once the way back is this long; chosen
    min_median_share: float = (
        0.5  # turns of less than this share of the median rep are no reps (set-up, racking); chosen
    )
    seen_share: float = 0.25  # the top is seen where the depth comes this near to it; chosen
    band_share: float = 0.05  # of the rep's range: so near to the deepest is at the bottom; chosen
    slowing_share: float = 0.22  # from 5 % short of a turn to the turn, share of the way from 10 to 95 %; half a cosine
    deep_share: float = 0.15  # a clip that begins this near to the deepest begins at the bottom; chosen
    long_pause_s: float = 0.5  # of a longer time at the bottom the middle is told, else the very turn; chosen
    level_s: float = 1.0  # the top is the least depth within this time of leaving or reaching it; chosen
    robust_s: float = 0.2  # levels that last less than this do not make the clip's range; chosen
    bridge_s: float = 0.5  # longer gaps are not bridged by a straight line; chosen
    min_tempo_fps: float = 19.5  # fewer frames tell no tempo: 20 and what clocks make of it; sources 5
    min_visible_s: float = 0.1  # what is seen for less than this between two gaps is not believed; chosen


LIMITS = RepLimits()


@dataclass(frozen=True)
class RepTimes:
    """When one repetition happens.

    Attributes
    ----------
    start_s, end_s : bounds at 10 % of its range, else the first or last moment seen.
    bottom_s : the turn; of a long pause, and of what is seen of one at an end of the clip, the middle.
    off_s : the last moment at the bottom: of a lift from the floor when it leaves it.
    descent_s, pause_s, ascent_s : None where not whole in the clip.
    complete : whether the whole way up is in the clip.
    depth : greatest depth, and `range` how much that is below the top; in the unit of the series.
    """

    start_s: float
    bottom_s: float
    end_s: float
    bottom_end_s: float
    descent_s: float | None
    pause_s: float | None
    ascent_s: float | None
    complete: bool
    depth: float
    range: float


def find_reps(times_s: FloatArray, depth: Series, limits: RepLimits = LIMITS) -> list[RepTimes]:
    """Repetitions in order of time, also those that the clip shows only in part.

    Parameters
    ----------
    times_s : (T,) seconds, increasing.
    depth : (T,) small at the top, larger when deeper, in degrees or a like unit; NaN where unknown.
    """
    times, values = _fill_depth_gaps(times_s, depth, limits)
    if len(times) < 3:
        return []
    top, bottom = _levels(times, values, limits)
    swing = max(limits.range_deg, limits.turn_share * (bottom - top))
    turns = _find_turns(values, swing)
    found = []
    for index, (turn, first, last) in enumerate(turns):
        is_last = index + 1 == len(turns)
        rep = _build_rep_times(times, values, turn, (first, last), top, is_last, limits)
        if rep is not None:
            found.append(rep)
    if not found:
        return []
    median = float(np.median([rep.range for rep in found]))
    return [
        rep
        for rep in found
        if rep.range >= max(limits.range_deg, limits.min_median_share * median)
        and (rep.end_s - rep.start_s >= limits.time_s or not rep.complete or rep.descent_s is None)
    ]


def build_reps(
    times: Sequence[RepTimes], motion: Motion, measures: Sequence[dict[str, Any]] | None = None
) -> list[Rep]:
    """The reps of a result: the times with every angle at the bottom, and its range.

    No angles without degrees; no tempo from fewer than 20 frames a second.
    """
    reps = []
    tempo = can_measure_tempo(motion)
    for index, rep in enumerate(times):
        at_bottom, spans = {}, {}
        if motion.degrees:
            inside = (motion.times_s >= rep.start_s) & (motion.times_s <= rep.end_s)
            for name, series in motion.angles.items():
                value = median_at(motion.times_s, series, rep.bottom_s)
                if value is not None:
                    at_bottom[name] = round(value, 2)
                known = series[inside & np.isfinite(series)]
                if len(known) > 1:
                    spans[name] = round(float(np.ptp(known)), 2)
        reps.append(
            Rep(
                index=index + 1,
                start_s=round(rep.start_s, 3),
                bottom_s=round(rep.bottom_s, 3),
                end_s=round(rep.end_s, 3),
                descent_s=_rounded(rep.descent_s if tempo else None),
                pause_s=_rounded(rep.pause_s if tempo else None),
                ascent_s=_rounded(rep.ascent_s if tempo else None),
                complete=rep.complete,
                at_bottom=at_bottom,
                range=spans,
                measures=dict(measures[index]) if measures else {},
            )
        )
    return reps


def can_measure_tempo(motion: Motion) -> bool:
    """Whether there are frames enough to tell times within a rep."""
    return motion.fps >= LIMITS.min_tempo_fps


def median_at(times_s: FloatArray, values: Series, at_s: float, within_s: float = 0.1) -> float | None:
    """Median of a series within `within_s` of a moment; None where it is unknown there."""
    known = values[(np.abs(times_s - at_s) <= within_s) & np.isfinite(values)]
    return float(np.median(known)) if len(known) else None


def _fill_depth_gaps(times_s: FloatArray, depth: Series, limits: RepLimits) -> tuple[FloatArray, Series]:
    """The known part, gaps filled: straight, but at the top where somebody rose out of sight past half-way.

    Long gaps hide tops rather than bottoms: whoever stands up leaves the picture by its upper edge.
    """
    known = np.isfinite(depth)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], known.astype(int), [0]]))).reshape(-1, 2)
    for first, end in edges:
        alone = (first == 0 or times_s[first] - times_s[first - 1] > 0) and len(edges) > 1
        if alone and times_s[end - 1] - times_s[first] < limits.min_visible_s:
            known[first:end] = False
    if known.sum() < 3:
        return np.empty(0), np.empty(0)
    at = np.flatnonzero(known)
    times, values = times_s[at[0] : at[-1] + 1], depth[at[0] : at[-1] + 1]
    known = known[at[0] : at[-1] + 1]
    filled = np.interp(times, times[known], values[known])
    top, bottom = _levels(times[known], values[known], limits)
    half = (top + bottom) / 2
    inner = np.flatnonzero(known)
    for before, after in pairwise(inner):
        if times[after] - times[before] > limits.bridge_s and min(filled[before], filled[after]) <= half:
            filled[before + 1 : after] = top
    return times, filled


def _levels(times: FloatArray, values: Series, limits: RepLimits) -> tuple[float, float]:
    """Top and bottom of the clip: the levels beyond which it stays for `robust_s` in all."""
    share = min(limits.robust_s / max(float(times[-1] - times[0]), 1e-9), 0.25)
    low, high = np.quantile(values, [share, 1 - share])
    return float(low), float(high)


def _find_turns(values: Series, swing: float) -> list[tuple[int, int, int]]:
    """Bottoms with the stretch of frames in which each lies: from the top before it to the top after it.

    A bottom is one once the series has come up from it by `swing`, a top once it has gone down from it by `swing`.
    """
    turns: list[tuple[int, int, int]] = []
    top = deepest = 0
    falling: bool | None = None  # whether it is on the way down; None until it has moved by `swing`
    before = 0  # the top before the current bottom
    for index, value in enumerate(values):
        if falling is not False and value > values[deepest]:
            deepest = index
        if falling is not True and value < values[top]:
            top = index
        if falling is not False and values[deepest] - value >= swing:
            turns.append((deepest, before, -1))
            falling, top = False, index
        elif falling is not True and value - values[top] >= swing:
            if turns:
                turns[-1] = (turns[-1][0], turns[-1][1], top)
            before, falling, deepest = top, True, index
    if falling is True:
        turns.append((deepest, before, len(values) - 1))
    elif turns and turns[-1][2] == -1:
        turns[-1] = (turns[-1][0], turns[-1][1], top)
    return turns


def _build_rep_times(
    times: FloatArray,
    values: Series,
    turn: int,
    stretch: tuple[int, int],
    top: float,
    is_last: bool,
    limits: RepLimits,
) -> RepTimes | None:
    """One repetition about the bottom at frame `turn`, which lies between the tops at the frames of `stretch`."""
    first, last = stretch
    depth = float(values[turn])
    span = depth - top
    lows = [float(values[first : turn + 1].min()), float(values[turn : last + 1].min())]
    seen_before = first > 0 or lows[0] <= top + limits.seen_share * span
    seen_after = not is_last or lows[1] <= top + limits.seen_share * span
    lows = [low for low, seen in zip(lows, (seen_before, seen_after), strict=True) if seen]
    span = depth - min(lows) if lows else span
    if span <= 0:
        return None
    near = depth - limits.band_share * span
    inside = np.flatnonzero(values[first : last + 1] >= near) + first
    entry, leave = int(inside[0]), int(inside[-1])
    entry_s = _crossing(times, values, entry - 1, near) if entry > 0 else float(times[0])
    leave_s = _crossing(times, values, leave, near) if leave + 1 < len(times) else float(times[-1])
    starts_deep = entry == 0 or (first == 0 and values[0] >= depth - limits.deep_share * span)
    ends_deep = leave + 1 == len(times)
    if starts_deep:
        entry_s = float(times[0])
    start_s, end_s = float(times[first]), float(times[last if not is_last else -1])
    if seen_before and not starts_deep:
        start_s = _find_bound_s(times, values, depth, entry, -1, first, limits)
    if seen_after and not ends_deep:
        end_s = _find_bound_s(times, values, depth, leave, +1, last, limits)
    descent_s = entry_s - start_s if seen_before and not starts_deep else None
    ascent_s = end_s - leave_s if seen_after and not ends_deep else None
    if starts_deep or ends_deep or leave_s - entry_s > limits.long_pause_s:
        bottom_s = (entry_s + leave_s) / 2
        if descent_s is not None and ascent_s is not None:  # the slower way slows down for longer before it turns
            bottom_s += limits.slowing_share * (descent_s - ascent_s) / 2
            bottom_s = min(max(bottom_s, entry_s), leave_s)
    else:
        bottom_s = _peak_s(times, values, turn)
    return RepTimes(
        start_s=start_s,
        bottom_s=bottom_s,
        end_s=end_s,
        bottom_end_s=leave_s,
        descent_s=descent_s,
        pause_s=None if starts_deep or ends_deep else leave_s - entry_s,
        ascent_s=ascent_s,
        complete=seen_after and not ends_deep,
        depth=depth,
        range=span,
    )


def _find_bound_s(
    times: FloatArray, values: Series, depth: float, deep: int, step: int, stop: int, limits: RepLimits
) -> float:
    """When the way between the bottom (`depth`, from frame `deep`) and the top beside it passes 10 % of its length.

    `step` -1 looks back in time, +1 ahead; `stop` is the frame of the least depth on that side.
    """
    side = np.arange(deep, stop + step, step)
    low = float(values[stop])
    reached = int(np.argmax(values[side] <= low + limits.seen_share * (depth - low)))
    near_top = side[reached:][np.abs(times[side[reached:]] - times[side[reached]]) <= limits.level_s]
    low = float(values[near_top].min())
    level = low + limits.bound_share * (depth - low)
    frame = int(side[int(np.argmax(values[side] <= level))])
    return _crossing(times, values, min(frame, frame - step), level)


def _crossing(times: FloatArray, values: Series, frame: int, level: float) -> float:
    """When the series passes `level` between `frame` and the next one."""
    change = float(values[frame + 1] - values[frame])
    part = 0.0 if change == 0 else float(np.clip((level - values[frame]) / change, 0.0, 1.0))
    return float(times[frame] + part * (times[frame + 1] - times[frame]))


def _peak_s(times: FloatArray, values: Series, frame: int) -> float:
    """When a parabola through the greatest value and its neighbours is greatest."""
    if frame == 0 or frame + 1 == len(times):
        return float(times[frame])
    at = times[frame - 1 : frame + 2] - times[frame]
    square, slope, _ = np.polyfit(at, values[frame - 1 : frame + 2], 2)
    if square >= 0:
        return float(times[frame])
    return float(times[frame] + np.clip(-slope / (2 * square), at[0], at[2]))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
