"""Stage correction: place the stages that the coach corrects, let their neighbours give way, and measure them again."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analyzer.coaching.marks import MarksError, StageMark
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import Events, Movement
from analyzer.movements.stage_placement import StagePlacement
from analyzer.results.schema import Stage

POSTURE_WINDOW_S = 1.0  # a posture is the median of its stillest second; sources 4


def apply_stage_corrections(
    movement: Movement, events: Events, corrections: Sequence[StageMark], motion: Motion
) -> Events:
    """Apply the coach's corrections to the stages of a clip.

    A correction takes the place of the stage with its name, and with its side if it has one; of several, of the one
    that it shares the most time with. Where there is none, or none shares any time, it adds a stage. Stages that were
    not corrected give way, and one that is covered completely is removed. A movement may measure its stages
    again (`Movement.correct_stages`); for any other the angles of changed stages are measured here.

    Raises
    ------
    MarksError : a stage after the end of the clip, or one that the movement cannot have.
    """
    if not corrections:
        return events
    placements = place_stages(events.stages, corrections, float(motion.times_s[-1]))
    try:
        corrected = movement.correct_stages(motion, placements)
    except ValueError as error:
        raise MarksError(f"marks: stages: {error}. See docs/marks.md.") from None
    if corrected is not None:
        return replace(events, stages=tuple(corrected))
    names = sorted({name for stage in events.stages for name in stage.angles}) or sorted(motion.angles)
    measured = (_measure_stage(placement, events.stages, motion, names) for placement in placements)
    return replace(events, stages=tuple(measured))


def format_stage_name(stage: Stage) -> str:
    """Return the name of a stage with its side."""
    return f"{stage.name} ({stage.side})" if stage.side else stage.name


def place_stages(stages: Sequence[Stage], corrections: Sequence[StageMark], end_s: float) -> list[StagePlacement]:
    """Place the detected and the corrected stages of a clip.

    Parameters
    ----------
    stages : as detected.
    corrections : the coach's, which do not overlap each other.
    end_s : time of the last frame, seconds.

    Returns
    -------
    All stages in order of time, without overlap.

    Raises
    ------
    MarksError : a correction that starts at the end of the clip or later.
    """
    detected = [
        StagePlacement(stage.name, stage.start_s, stage.end_s, stage.side, index, is_changed=False)
        for index, stage in enumerate(stages, 1)
    ]
    corrected = []
    for mark in corrections:
        if mark.start_s >= end_s:
            raise MarksError(
                f"marks: stages: {mark.name} starts at {mark.start_s:g} s, the clip ends at {end_s:.1f} s."
            )
        replaced = _find_corrected(mark, stages, detected)
        if replaced is not None:
            detected.remove(replaced)
        index, side = (replaced.index, replaced.side) if replaced is not None else (None, None)
        corrected.append(StagePlacement(mark.name, mark.start_s, min(mark.end_s, end_s), mark.side or side, index))
    remaining = [left for placement in detected if (left := _trim(placement, corrected)) is not None]
    return sorted([*remaining, *corrected], key=lambda placement: placement.start_s)


def _find_corrected(
    mark: StageMark, stages: Sequence[Stage], detected: Sequence[StagePlacement]
) -> StagePlacement | None:
    """Find the detected stage, not corrected yet, that a correction is about; None where it adds one."""
    namesakes = sum(stage.name == mark.name and mark.side in (None, stage.side) for stage in stages)
    candidates = [
        placement for placement in detected if placement.name == mark.name and mark.side in (None, placement.side)
    ]
    if namesakes > 1:
        candidates = [placement for placement in candidates if _shared_s(mark, placement) > 0]
    return max(candidates, key=lambda placement: _shared_s(mark, placement), default=None)


def _shared_s(mark: StageMark, placement: StagePlacement) -> float:
    return min(mark.end_s, placement.end_s) - max(mark.start_s, placement.start_s)


def _trim(placement: StagePlacement, corrected: Sequence[StagePlacement]) -> StagePlacement | None:
    """Return the longest part of a stage that no corrected one covers; None when nothing is left."""
    start_s, parts = placement.start_s, list[tuple[float, float]]()
    for other in sorted(corrected, key=lambda other: other.start_s):
        parts.append((start_s, min(other.start_s, placement.end_s)))
        start_s = max(start_s, other.end_s)
    parts.append((start_s, placement.end_s))
    start_s, end_s = max(parts, key=lambda part: part[1] - part[0])
    if end_s <= start_s:
        return None
    if (start_s, end_s) == (placement.start_s, placement.end_s):
        return placement
    return replace(placement, start_s=start_s, end_s=end_s, is_changed=True)


def _measure_stage(
    placement: StagePlacement, stages: Sequence[Stage], motion: Motion, angle_names: Sequence[str]
) -> Stage:
    """Return the detected stage where it is unchanged, else a stage with its angles and no other measures."""
    if placement.index is not None and not placement.is_changed:
        return stages[placement.index - 1]
    return Stage(
        name=placement.name,
        start_s=placement.start_s,
        end_s=placement.end_s,
        side=placement.side,
        angles=measure_held_angles(motion, angle_names, placement.start_s, placement.end_s),
    )


def measure_held_angles(motion: Motion, names: Sequence[str], start_s: float, end_s: float) -> dict[str, float]:
    """Compute the median of each angle over the stillest second of an interval.

    Returns
    -------
    Degrees by angle name; without angles that are unknown there, and empty where the view allows no degrees.
    """
    inside = np.flatnonzero((motion.times_s >= start_s) & (motion.times_s <= end_s))
    if not motion.allows_degrees or not len(inside):
        return {}
    times = motion.times_s[inside]
    values = np.array([motion.degrees[name][inside] for name in names])
    stillest, smallest_range_deg = slice(0, len(inside)), np.inf
    for first in range(len(inside)):
        last = int(np.searchsorted(times, times[first] + POSTURE_WINDOW_S))
        if last >= len(inside) and first > 0:
            break
        window = values[:, first : last + 1]
        known = np.isfinite(window).all(axis=1)
        range_deg = float(np.ptp(window[known], axis=1).sum()) if known.any() else np.inf
        if range_deg < smallest_range_deg:
            stillest, smallest_range_deg = slice(first, last + 1), range_deg
    return row_medians(names, values[:, stillest])


def row_medians(names: Sequence[str], values: np.ndarray) -> dict[str, float]:
    """Compute the median of each row of `values` (N, T), by name; rows without any finite value are left out."""
    finite = ((name, row[np.isfinite(row)]) for name, row in zip(names, values, strict=True))
    return {name: round(float(np.median(row)), 2) for name, row in finite if len(row)}
