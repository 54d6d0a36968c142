"""Choice of the moments that are shown as pictures: of each rep, hold or stage, and for the client the best one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzer.kinematics.arrays import Series
from analyzer.movements.statistics import is_known_throughout
from analyzer.report.charts.angle_series import AngleSeries
from analyzer.report.drawing.skeleton import LOW_CONFIDENCE
from analyzer.report.movement_words import MovementWords, get_movement_words, select_main_angle
from analyzer.results.measured_reps import select_measured_reps
from analyzer.results.schema import Analysis, Hold, Rep


@dataclass(frozen=True)
class MomentLimits:
    """Thresholds of near, upright and similar, each with its source."""

    max_reps_shown: int = 8  # of more reps some are left out, since pictures make the file large; chosen
    search_window_s: float = 0.1  # a moment may be shown so much earlier or later where tracking is better; chosen
    similar_angle_deg: float = 4.0  # spread of bottom angles that is "very repeatable"; sources 2.5
    similar_duration_share: float = 0.1  # the same of the duration; sources 2.5
    tie_margin: float = 0.25  # reps within this of the most typical, in the units above, are equally typical; chosen
    top_search_s: float = 1.0  # the top is searched so long after a rep, up to the next: bounds lie below it; chosen
    lockout_deg: float = 10.0  # a top further than this from the tallest is short; sources 2.5
    zone_deg: float = 5.0  # of a hold's own median: "in your own line"; sources 3
    max_upright_deg: float = 30.0  # a trunk further from upright than this is not called tall; chosen


MOMENT_LIMITS = MomentLimits()
_COMPARED_ANGLES = ("trunk_inclination_deg", "trunk_thigh_deg", "knee_flexion_deg")


@dataclass(frozen=True)
class KeyMoment:
    """A moment worth a picture.

    Attributes
    ----------
    title : what it shows, in words.
    frame : index of the frame.
    time_s : of that frame.
    event : the rep, hold or stage it belongs to, such as "rep-2"; empty if none.
    """

    title: str
    frame: int
    time_s: float
    event: str = ""


def select_key_moments(analysis: Analysis, times_s: Series, angles: AngleSeries, confidence: Series) -> list[KeyMoment]:
    """Choose top and turn of each rep, or three moments of each hold, or the middle of each stage.

    A clip without events gives its tallest and its most folded frame.

    Parameters
    ----------
    analysis : movement, reps, holds and stages.
    times_s, confidence : (T,) of the frames.
    angles : name -> (T,) degrees, also those that the view does not allow as numbers.
    """
    frames = _FrameData(times_s, angles, confidence)
    words = get_movement_words(analysis.movement.name)
    if analysis.reps:
        return _choose_rep_moments(analysis, frames, words)
    if analysis.holds:
        return _choose_hold_moments(analysis.holds, frames)
    if analysis.stages:
        return [
            frames.find_moment(
                words.format_stage(stage.name, stage.side), (stage.start_s + stage.end_s) / 2, f"stage-{number}"
            )
            for number, stage in enumerate(analysis.stages, start=1)
        ]
    return _choose_clip_moments(frames)


def select_client_moments(
    analysis: Analysis, times_s: Series, angles: AngleSeries, confidence: Series
) -> list[KeyMoment]:
    """Choose the client's pictures: the turn of the most typical rep, the steadiest part of a hold, or every stage.

    A clip without events gives its most folded frame; empty where no angle is known. Parameters as in
    `select_key_moments`.
    """
    frames = _FrameData(times_s, angles, confidence)
    words = get_movement_words(analysis.movement.name)
    if analysis.reps:
        rep = select_typical_rep(analysis, times_s, angles)
        complete = [other.index for other in analysis.reps if other.complete]
        if len(complete) > 2 and rep.complete:
            title = f"Your most typical rep: number {rep.index}, {words.phases.turn}"
        elif len(complete) > 1 and rep.complete:
            of = f" of {len(complete)}" if complete[-1] == len(complete) else ""  # reps in part have numbers too
            title = f"Rep {rep.index}{of}, {words.phases.turn}"
        else:
            title = f"Your rep, {words.phases.turn}"
        return [frames.find_moment(title, rep.bottom_s, f"rep-{rep.index}")]
    if analysis.holds:
        hold = max(analysis.holds, key=lambda hold: (hold.in_zone_s or 0, hold.duration_s))
        time_s = _find_steadiest_s(hold, words.main_angle, frames)
        return [frames.find_moment("Your steadiest moment", time_s, f"hold-{hold.index}")]
    if analysis.stages:
        return select_key_moments(analysis, times_s, angles, confidence)
    return _choose_clip_moments(frames)[-1:]


def select_typical_rep(analysis: Analysis, times_s: Series, angles: AngleSeries) -> Rep:
    """Choose the rep that is closest to the others; of equally typical ones the one that goes furthest.

    Only complete reps count, if there are any, and of those only the ones that end about as tall as the tallest.
    Parameters as in `select_key_moments`.
    """
    reps = select_measured_reps(analysis.reps) or list(analysis.reps)
    column = _select_known_angle(analysis, times_s, angles)

    def at(name: str, times: Sequence[float]) -> Series:
        frames = np.clip(np.searchsorted(times_s, times), 0, len(times_s) - 1)
        return np.asarray(angles[name], dtype=float)[frames]

    turns, ends = [rep.bottom_s for rep in reps], [rep.end_s for rep in reps]
    depth = np.nan_to_num(np.abs(at(column, turns) - at(column, ends)))
    short = np.nan_to_num(np.abs(at(column, ends)))
    locked = short <= short.min() + MOMENT_LIMITS.lockout_deg
    durations = np.array([rep.end_s - rep.start_s for rep in reps])
    deviations = [_deviate_from_median(durations, MOMENT_LIMITS.similar_duration_share * float(np.median(durations)))]
    deviations += [
        _deviate_from_median(at(name, turns), MOMENT_LIMITS.similar_angle_deg)
        for name in _COMPARED_ANGLES
        if name in angles
    ]
    cost = np.where(locked, np.mean(deviations, axis=0), np.inf)
    typical = np.flatnonzero(cost <= cost.min() + MOMENT_LIMITS.tie_margin)
    return reps[int(typical[np.argmax(depth[typical])])]


def select_shown_reps(reps: Sequence[Rep], best: int) -> list[Rep]:
    """Choose all reps, or of many the first, the last, number `best` and others evenly between."""
    if len(reps) <= MOMENT_LIMITS.max_reps_shown:
        return list(reps)
    shown = {round(float(k)) for k in np.linspace(0, len(reps) - 1, MOMENT_LIMITS.max_reps_shown - 1)}
    return [rep for k, rep in enumerate(reps) if k in shown or rep.index == best]


@dataclass(frozen=True)
class _FrameData:
    times_s: Series
    angles: AngleSeries
    confidence: Series

    def find_moment(self, title: str, time_s: float, event: str) -> KeyMoment:
        """Return the frame at this time, or one close to it with better tracking."""
        away = np.abs(self.times_s - time_s)
        nearest = int(away.argmin())
        unsure = ~(self.confidence >= LOW_CONFIDENCE)
        if unsure[nearest]:
            cost = np.where((away <= MOMENT_LIMITS.search_window_s) & ~unsure, away, np.inf)
            nearest = int(cost.argmin()) if np.isfinite(cost.min()) else nearest
        return KeyMoment(title, nearest, float(self.times_s[nearest]), event)


def _choose_rep_moments(analysis: Analysis, frames: _FrameData, words: MovementWords) -> list[KeyMoment]:
    best = select_typical_rep(analysis, frames.times_s, frames.angles).index
    main_angle = _select_known_angle(analysis, frames.times_s, frames.angles)
    moments = []
    for rep in select_shown_reps(analysis.reps, best):
        event = f"rep-{rep.index}"
        name = f"Rep {rep.index}"
        turn = frames.find_moment(f"{name}, {words.phases.turn}", rep.bottom_s, event)
        following = [other.start_s for other in analysis.reps if other.start_s >= rep.end_s]
        until_s = min([rep.end_s + MOMENT_LIMITS.top_search_s, *following])
        top_s = _find_top_s(frames, main_angle, turn.frame, rep, until_s)
        pair = [turn, frames.find_moment(f"{name}, {words.phases.top}", top_s, event)]
        moments += sorted({moment.frame: moment for moment in pair}.values(), key=lambda moment: moment.time_s)
    return moments


def _select_known_angle(analysis: Analysis, times_s: Series, angles: AngleSeries) -> str:
    """Return the column of the main angle, or of the trunk where the main angle is not known throughout the reps."""
    main_angle = select_main_angle(analysis)
    inside = np.zeros(len(times_s), dtype=bool)
    for rep in analysis.reps:
        inside |= (times_s >= rep.start_s) & (times_s <= rep.end_s)
    trunk_deg = np.asarray(angles["trunk_inclination_deg"], dtype=float)[inside]
    main_deg = np.asarray(angles[main_angle], dtype=float)[inside]
    if is_known_throughout(main_deg) or not is_known_throughout(trunk_deg):
        return main_angle
    return "trunk_inclination_deg"


def _find_top_s(frames: _FrameData, column: str, turn: int, rep: Rep, until_s: float) -> float:
    """Return the time in the rep, or up to `until_s`, at which its main angle is furthest from that at the turn."""
    within = (frames.times_s >= rep.start_s) & (frames.times_s <= until_s)
    values = np.asarray(frames.angles[column], dtype=float)
    away = np.where(within, np.abs(values - values[turn]), np.nan)
    if not np.isfinite(away).any():
        return rep.end_s
    return float(frames.times_s[np.nanargmax(away)])


def _choose_hold_moments(holds: Sequence[Hold], frames: _FrameData) -> list[KeyMoment]:
    moments = []
    for hold in holds:
        for word, share in (("early", 0.15), ("middle", 0.5), ("late", 0.85)):
            time_s = hold.start_s + share * (hold.end_s - hold.start_s)
            moments.append(frames.find_moment(f"Hold {hold.index}, {word}", time_s, f"hold-{hold.index}"))
    return list({moment.frame: moment for moment in moments}.values())


def _find_steadiest_s(hold: Hold, column: str, frames: _FrameData) -> float:
    """Return the middle (seconds) of the longest span near the hold's own median."""
    within = (frames.times_s >= hold.start_s) & (frames.times_s <= hold.end_s)
    values = np.asarray(frames.angles[column], dtype=float)
    if not (within & np.isfinite(values)).any():
        return (hold.start_s + hold.end_s) / 2
    near = within & (np.abs(values - np.nanmedian(values[within])) <= MOMENT_LIMITS.zone_deg)
    edges = np.diff(np.concatenate([[False], near, [False]]).astype(int))
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    longest = int(np.argmax(frames.times_s[stops] - frames.times_s[starts]))
    return float(frames.times_s[starts[longest]] + frames.times_s[stops[longest]]) / 2


def _choose_clip_moments(frames: _FrameData) -> list[KeyMoment]:
    """Choose the frame with the trunk closest to upright and the one with the largest trunk-thigh angle."""
    upright = np.abs(np.asarray(frames.angles["trunk_inclination_deg"], dtype=float))
    upright = np.where(upright > MOMENT_LIMITS.max_upright_deg, np.nan, upright)
    folded = -np.asarray(frames.angles["trunk_thigh_deg"], dtype=float)
    moments: dict[int, KeyMoment] = {}
    for title, cost in (("Tallest", upright), ("Folded furthest", folded)):
        frame = _find_least(cost, frames.confidence >= LOW_CONFIDENCE)
        if frame is not None and frame not in moments:
            moments[frame] = KeyMoment(title, frame, float(frames.times_s[frame]))
    return list(moments.values())


def _find_least(cost: Series, is_confident: NDArray[np.bool_]) -> int | None:
    """Return the index of the smallest known cost, among the confident frames if one of them is known."""
    for allowed in (is_confident, np.ones_like(is_confident)):
        candidates = np.where(allowed & np.isfinite(cost), cost, np.inf)
        if len(cost) and np.isfinite(candidates.min()):
            return int(candidates.argmin())
    return None


def _deviate_from_median(values: Series, unit: float) -> Series:
    """Return the distance of each value from the median of the known ones, in units; 0 where none is known."""
    if unit <= 0 or not np.isfinite(values).any():
        return np.zeros(len(values))
    away: Series = np.nan_to_num(np.abs(values - np.nanmedian(values)) / unit)
    return away
