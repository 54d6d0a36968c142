"""Stages as the coach corrects them: which move, which give way, and the posture held in each taken again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np

from analyzer.coaching.marks import MarksError, StageMark
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import Events, Movement
from analyzer.results.schema import Stage

POSTURE_WINDOW_S = 1.0  # a posture is the median of its stillest second; sources 4


@runtime_checkable
class CorrectableMovement(Protocol):
    """A movement that measures its stages again by itself when they are moved."""

    def correct_stages(self, motion: Motion, changes: Sequence[Mapping[str, Any]]) -> Sequence[Stage]:
        """The stages with the changes made.

        Parameters
        ----------
        motion : as for `events`.
        changes : of the stages of `events`: `index` from 1, absent for a new one, with `name`, `start_s`, `end_s` and
            `side`, or with `remove` true.
        """
        ...


@dataclass(frozen=True)
class _StagePiece:
    """A stage on its way: `index` of the one found, None for a new one; `touched` where it differs from it."""

    index: int | None
    name: str
    start_s: float
    end_s: float
    side: str | None
    touched: bool


def apply_stage_corrections(
    movement: Movement, events: Events, corrections: Sequence[StageMark], motion: Motion
) -> Events:
    """The stages as the coach corrects them.

    A correction takes the place of the stage of that name, and of that side if one is given; where there are several,
    of the one with which it shares the most time. Where there is none, or none shares any, it adds one. Stages that
    were not corrected give way; what is left empty goes. A movement that is `Correctable` measures them again, else the
    angles of those that moved are taken again here.

    Raises
    ------
    MarksError : a stage after the end of the clip.
    """
    if not corrections:
        return events
    pieces = _arrange_pieces(events.stages, corrections, float(motion.times_s[-1]))
    if isinstance(movement, CorrectableMovement):
        try:
            return replace(events, stages=tuple(movement.correct_stages(motion, _changes(events.stages, pieces))))
        except ValueError as error:
            raise MarksError(f"marks: stages: {error}. See docs/marks.md.") from None
    names = sorted({name for stage in events.stages for name in stage.angles}) or sorted(motion.angles)
    return replace(events, stages=tuple(_stage(piece, events.stages, motion, names) for piece in pieces))


def format_stage_name(stage: Stage) -> str:
    """The stage's name with its side."""
    return f"{stage.name} ({stage.side})" if stage.side else stage.name


def _arrange_pieces(stages: Sequence[Stage], corrections: Sequence[StageMark], end_s: float) -> list[_StagePiece]:
    """All stages there will be, in order of time."""
    found = [
        _StagePiece(index, stage.name, stage.start_s, stage.end_s, stage.side, False)
        for index, stage in enumerate(stages, 1)
    ]
    moved = []
    for mark in corrections:
        if mark.start_s > end_s:
            raise MarksError(
                f"marks: stages: {mark.name} starts at {mark.start_s:g} s, the clip ends at {end_s:.1f} s."
            )
        meant = _find_corrected(mark, stages, found)
        if meant is not None:
            found.remove(meant)
        index, side = (meant.index, meant.side) if meant is not None else (None, None)
        moved.append(_StagePiece(index, mark.name, mark.start_s, min(mark.end_s, end_s), mark.side or side, True))
    kept = [left for one in found if (left := _trim_piece(one, moved)) is not None]
    return sorted([*kept, *moved], key=lambda piece: piece.start_s)


def _find_corrected(mark: StageMark, stages: Sequence[Stage], found: Sequence[_StagePiece]) -> _StagePiece | None:
    """Which of those found, and not corrected yet, a correction is about; None where it adds one."""
    alike = sum(stage.name == mark.name and mark.side in (None, stage.side) for stage in stages)
    same = [piece for piece in found if piece.name == mark.name and mark.side in (None, piece.side)]
    if alike > 1:
        same = [piece for piece in same if _shared_s(mark, piece) > 0]
    return max(same, key=lambda piece: _shared_s(mark, piece), default=None)


def _shared_s(mark: StageMark, piece: _StagePiece) -> float:
    return min(mark.end_s, piece.end_s) - max(mark.start_s, piece.start_s)


def _trim_piece(piece: _StagePiece, moved: Sequence[_StagePiece]) -> _StagePiece | None:
    """What is left of a stage beside those that were moved: its longest part, None when nothing is."""
    start_s, parts = piece.start_s, list[tuple[float, float]]()
    for one in sorted(moved, key=lambda one: one.start_s):
        parts.append((start_s, min(one.start_s, piece.end_s)))
        start_s = max(start_s, one.end_s)
    parts.append((start_s, piece.end_s))
    start_s, end_s = max(parts, key=lambda part: part[1] - part[0])
    if end_s <= start_s:
        return None
    if (start_s, end_s) == (piece.start_s, piece.end_s):
        return piece
    return replace(piece, start_s=start_s, end_s=end_s, touched=True)


def _changes(stages: Sequence[Stage], pieces: Sequence[_StagePiece]) -> list[dict[str, Any]]:
    """The same as changes of the stages that were found."""
    told: list[dict[str, Any]] = []
    for piece in pieces:
        if piece.touched:
            change = {"name": piece.name, "start_s": piece.start_s, "end_s": piece.end_s, "side": piece.side}
            told.append(change if piece.index is None else {"index": piece.index, **change})
    left = {piece.index for piece in pieces}
    return told + [{"index": index, "remove": True} for index in range(1, len(stages) + 1) if index not in left]


def _stage(piece: _StagePiece, stages: Sequence[Stage], motion: Motion, names: Sequence[str]) -> Stage:
    """The stage of a piece; what the movement measured of it is left out where it moved."""
    if piece.index is not None and not piece.touched:
        return stages[piece.index - 1]
    return Stage.model_validate(
        {
            "name": piece.name,
            "start_s": piece.start_s,
            "end_s": piece.end_s,
            "side": piece.side,
            "angles": measure_held_angles(motion, names, piece.start_s, piece.end_s),
        }
    )


def measure_held_angles(motion: Motion, names: Sequence[str], start_s: float, end_s: float) -> dict[str, float]:
    """Median of each angle over the stillest second of a stretch; empty where degrees are not told."""
    inside = np.flatnonzero((motion.times_s >= start_s) & (motion.times_s <= end_s))
    if not motion.allows_degrees or not len(inside):
        return {}
    times = motion.times_s[inside]
    values = np.array([motion.angles[name][inside] for name in names])
    best, least = slice(0, len(inside)), np.inf
    for first in range(len(inside)):
        last = int(np.searchsorted(times, times[first] + POSTURE_WINDOW_S))
        if last >= len(inside) and first > 0:
            break
        window = values[:, first : last + 1]
        known = np.isfinite(window).all(axis=1)
        unrest = float(np.ptp(window[known], axis=1).sum()) if known.any() else np.inf
        if unrest < least:
            best, least = slice(first, last + 1), unrest
    return row_medians(names, values[:, best])


def row_medians(names: Sequence[str], values: np.ndarray) -> dict[str, float]:
    """Median of each row where anything of it is known."""
    finite = ((name, row[np.isfinite(row)]) for name, row in zip(names, values, strict=True))
    return {name: round(float(np.median(row)), 2) for name, row in finite if len(row)}
