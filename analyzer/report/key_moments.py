"""Which moments of a clip are shown as pictures: of each rep, hold or stage, and the one of the best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzer.movements.registry import load_movements
from analyzer.report.angle_names import ANGLE_DISPLAYS, LOW_CONFIDENCE, get_top_name, get_turn_name
from analyzer.results.schema import Analysis, Hold, Rep

Series = NDArray[np.float64]
AngleSeries = Mapping[str, Series]


@dataclass(frozen=True)
class MomentLimits:
    """What counts as near, tall, alike; every number says where it comes from."""

    max_reps_shown: int = 8  # more reps than these are not all shown: pictures cost size; chosen
    search_window_s: float = (
        0.1  # a moment may be shown this much earlier or later if it is tracked better there; chosen
    )
    similar_angle_deg: float = 4.0  # spread of bottom angles that is "very repeatable"; sources 2.5
    similar_duration_share: float = 0.1  # the same of the duration; sources 2.5
    tie_margin: float = 0.25  # reps within this of the most usual, in the units above, are equally usual; chosen
    top_s: float = 1.0  # so long after a rep its top is looked for, up to the next rep: bounds lie below it; chosen
    lockout_deg: float = 10.0  # a top further than this from the tallest is short; sources 2.5
    zone_deg: float = 5.0  # of a hold's own median: "in your zone"; sources 3
    tall_deg: float = 30.0  # a trunk further from upright than this is not called tall; chosen


MOMENT_LIMITS = MomentLimits()
_MAIN_ANGLE = "trunk_thigh_deg"  # of a movement that is not installed here, or that shows best in no column of ours
_COMPARED = ("trunk_inclination_deg", "trunk_thigh_deg", "knee_flexion_deg")


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


def get_main_angle(name: str) -> str:
    """The column that shows a movement best; of one that has none of ours, the trunk-thigh angle."""
    movement = load_movements().get(name)
    return movement.main_angle if movement and movement.main_angle in ANGLE_DISPLAYS else _MAIN_ANGLE


def select_key_moments(analysis: Analysis, times_s: Series, angles: AngleSeries, confidence: Series) -> list[KeyMoment]:
    """Top and turn of each rep, the middle of each hold and stage; else the tallest and the most folded frame.

    Parameters
    ----------
    analysis : movement, reps, holds and stages.
    times_s, confidence : (T,) of the frames.
    angles : name -> (T,) degrees, also those that may not be told as numbers.
    """
    seen = _FrameData(times_s, angles, confidence)
    if analysis.reps:
        return _of_reps(analysis, seen)
    if analysis.holds:
        return _of_holds(analysis.holds, seen)
    if analysis.stages:
        return [
            seen.moment(
                format_stage_title(stage.name, stage.side), (stage.start_s + stage.end_s) / 2, f"stage-{number}"
            )
            for number, stage in enumerate(analysis.stages, start=1)
        ]
    return _of_clip(seen)


def select_client_moments(
    analysis: Analysis, times_s: Series, angles: AngleSeries, confidence: Series
) -> list[KeyMoment]:
    """What the client sees: the turn of the best rep, the steadiest part of the longest hold, or every stage.

    Of a clip without events it is the most folded frame; empty when nothing is known.
    """
    seen = _FrameData(times_s, angles, confidence)
    if analysis.reps:
        rep = select_typical_rep(analysis, times_s, angles)
        counted = sum(other.complete for other in analysis.reps)
        turn = get_turn_name(analysis.movement.name)
        if counted > 2 and rep.complete:
            title = f"Your most repeatable rep: number {rep.index}, {turn}"
        elif counted > 1 and rep.complete:
            title = f"Rep {rep.index} of {counted}, {turn}"
        else:
            title = f"Your rep, {turn}"
        return [seen.moment(title, rep.bottom_s, f"rep-{rep.index}")]
    if analysis.holds:
        hold = max(analysis.holds, key=lambda hold: (hold.in_zone_s or 0, hold.duration_s))
        column = get_main_angle(analysis.movement.name)
        return [seen.moment("Your steadiest moment", _steadiest_s(hold, column, seen), f"hold-{hold.index}")]
    if analysis.stages:
        return select_key_moments(analysis, times_s, angles, confidence)
    return _of_clip(seen)[-1:]


def select_typical_rep(analysis: Analysis, times_s: Series, angles: AngleSeries) -> Rep:
    """The rep that the others are most like; of several that are equally usual, the one that goes furthest.

    Only complete reps count, and of those only the ones that end about as tall as the tallest, where there are any.
    """
    reps = [rep for rep in analysis.reps if rep.complete] or list(analysis.reps)
    column = get_main_angle(analysis.movement.name)

    def at(name: str, times: Sequence[float]) -> Series:
        frames = np.clip(np.searchsorted(times_s, times), 0, len(times_s) - 1)
        return np.asarray(angles[name], dtype=float)[frames]

    turns, ends = [rep.bottom_s for rep in reps], [rep.end_s for rep in reps]
    depth = np.nan_to_num(np.abs(at(column, turns) - at(column, ends)))
    short = np.nan_to_num(np.abs(at(column, ends)))
    locked = short <= short.min() + MOMENT_LIMITS.lockout_deg
    durations = np.array([rep.end_s - rep.start_s for rep in reps])
    strange = [_from_median(durations, MOMENT_LIMITS.similar_duration_share * float(np.median(durations)))]
    strange += [_from_median(at(name, turns), MOMENT_LIMITS.similar_angle_deg) for name in _COMPARED if name in angles]
    cost = np.where(locked, np.mean(strange, axis=0), np.inf)
    usual = np.flatnonzero(cost <= cost.min() + MOMENT_LIMITS.tie_margin)
    return reps[int(usual[np.argmax(depth[usual])])]


def format_stage_title(name: str, side: str | None) -> str:
    """A stage as a person reads it: "Knee straight, near leg"."""
    words = name.replace("_", " ").strip().capitalize()
    return f"{words}, {side} leg" if side else words


def select_shown_reps(reps: Sequence[Rep], best: int) -> list[Rep]:
    """All reps, or of many the first, the last, the best and others evenly between."""
    if len(reps) <= MOMENT_LIMITS.max_reps_shown:
        return list(reps)
    kept = {round(float(k)) for k in np.linspace(0, len(reps) - 1, MOMENT_LIMITS.max_reps_shown - 1)}
    return [rep for k, rep in enumerate(reps) if k in kept or rep.index == best]


@dataclass(frozen=True)
class _FrameData:
    times_s: Series
    angles: AngleSeries
    confidence: Series

    def moment(self, title: str, time_s: float, event: str) -> KeyMoment:
        """The frame at this time, or one close to it that is tracked better."""
        away = np.abs(self.times_s - time_s)
        nearest = int(away.argmin())
        unsure = ~(self.confidence >= LOW_CONFIDENCE)
        if unsure[nearest]:
            cost = np.where((away <= MOMENT_LIMITS.search_window_s) & ~unsure, away, np.inf)
            nearest = int(cost.argmin()) if np.isfinite(cost.min()) else nearest
        return KeyMoment(title, nearest, float(self.times_s[nearest]), event)


def _of_reps(analysis: Analysis, seen: _FrameData) -> list[KeyMoment]:
    best = select_typical_rep(analysis, seen.times_s, seen.angles).index
    turn = get_turn_name(analysis.movement.name)
    column = get_main_angle(analysis.movement.name)
    moments = []
    for rep in select_shown_reps(analysis.reps, best):
        event = f"rep-{rep.index}"
        name = f"Rep {rep.index}"
        turned = seen.moment(f"{name}, {turn}", rep.bottom_s, event)
        following = [other.start_s for other in analysis.reps if other.start_s >= rep.end_s]
        until_s = min([rep.end_s + MOMENT_LIMITS.top_s, *following])
        top_s = _find_top_s(seen, column, turned.frame, rep, until_s)
        pair = [turned, seen.moment(f"{name}, {get_top_name(analysis.movement.name)}", top_s, event)]
        moments += sorted({moment.frame: moment for moment in pair}.values(), key=lambda moment: moment.time_s)
    return moments


def _find_top_s(seen: _FrameData, column: str, turn: int, rep: Rep, until_s: float) -> float:
    """When in the rep, or up to `until_s`, its main angle is furthest from that at the turn: tall, or arms down."""
    within = (seen.times_s >= rep.start_s) & (seen.times_s <= until_s)
    values = np.asarray(seen.angles[column], dtype=float)
    away = np.where(within, np.abs(values - values[turn]), np.nan)
    if not np.isfinite(away).any():
        return rep.end_s
    return float(seen.times_s[np.nanargmax(away)])


def _of_holds(holds: Sequence[Hold], seen: _FrameData) -> list[KeyMoment]:
    moments = []
    for hold in holds:
        for word, share in (("early", 0.15), ("middle", 0.5), ("late", 0.85)):
            time_s = hold.start_s + share * (hold.end_s - hold.start_s)
            moments.append(seen.moment(f"Hold {hold.index}, {word}", time_s, f"hold-{hold.index}"))
    return list({moment.frame: moment for moment in moments}.values())


def _steadiest_s(hold: Hold, column: str, seen: _FrameData) -> float:
    """The middle of the longest stretch near the hold's own median."""
    within = (seen.times_s >= hold.start_s) & (seen.times_s <= hold.end_s)
    values = np.asarray(seen.angles[column], dtype=float)
    if not (within & np.isfinite(values)).any():
        return (hold.start_s + hold.end_s) / 2
    near = within & (np.abs(values - np.nanmedian(values[within])) <= MOMENT_LIMITS.zone_deg)
    edges = np.diff(np.concatenate([[False], near, [False]]).astype(int))
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    longest = int(np.argmax(seen.times_s[stops] - seen.times_s[starts]))
    return float(seen.times_s[starts[longest]] + seen.times_s[stops[longest]]) / 2


def _of_clip(seen: _FrameData) -> list[KeyMoment]:
    """The frame with the trunk nearest to upright and the one with the largest trunk-thigh angle, sure ones first."""
    upright = np.abs(np.asarray(seen.angles["trunk_inclination_deg"], dtype=float))
    upright = np.where(upright > MOMENT_LIMITS.tall_deg, np.nan, upright)
    folded = -np.asarray(seen.angles["trunk_thigh_deg"], dtype=float)
    moments: dict[int, KeyMoment] = {}
    for title, cost in (("Tallest", upright), ("Folded most at the hips", folded)):
        frame = _least(cost, seen.confidence >= LOW_CONFIDENCE)
        if frame is not None and frame not in moments:
            moments[frame] = KeyMoment(title, frame, float(seen.times_s[frame]))
    return list(moments.values())


def _least(cost: Series, sure: NDArray[np.bool_]) -> int | None:
    """Index of the smallest known cost, among the sure frames if any of them is known."""
    for allowed in (sure, np.ones_like(sure)):
        candidates = np.where(allowed & np.isfinite(cost), cost, np.inf)
        if len(cost) and np.isfinite(candidates.min()):
            return int(candidates.argmin())
    return None


def _from_median(values: Series, unit: float) -> Series:
    """How far each value is from the median of the known ones, in units; 0 where nothing is known."""
    if unit <= 0 or not np.isfinite(values).any():
        return np.zeros(len(values))
    away: Series = np.nan_to_num(np.abs(values - np.nanmedian(values)) / unit)
    return away
