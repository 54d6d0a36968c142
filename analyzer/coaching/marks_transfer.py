"""Keep marks valid when a clip is measured as another movement: reports by time, stages under their movement."""

from collections.abc import Mapping, Sequence
from typing import Any

from analyzer.coaching.marks import Marks, ReportMark, StageMark, parse_marks
from analyzer.results.schema import Analysis

MarksJson = Mapping[str, Any]
"""Marks as JSON values."""


def select_stage_marks(marks: Marks, movement: str) -> tuple[Sequence[StageMark], list[str]]:
    """Return the corrected stages of a movement, and a warning that names those of others."""
    used = [stage for stage in marks.stages if stage.applies_to(movement)]
    unused = len(marks.stages) - len(used)
    if not unused:
        return used, []
    owners = ", ".join(sorted({stage.movement for stage in marks.stages if stage.movement and stage not in used}))
    what = "1 corrected stage" if unused == 1 else f"{unused} corrected stages"
    return used, [f"{what} of another movement ({owners}) not used here; stored, and used again for that movement"]


def transfer_marks(body: MarksJson, result: Analysis) -> dict[str, Any]:
    """Rewrite marks so that they fit the same clip measured as any other movement.

    A report of a stage, rep or hold becomes one of a time (`at_s`): the middle of the stage or hold, the turn of the
    rep; later it belongs again to whatever event is at that time. A corrected stage gets the movement of `result`.
    Reports of events that are not in `result` stay as they are.

    Parameters
    ----------
    body : marks as JSON values, valid for `result`.
    result : the analysis that the marks were made for.

    Returns
    -------
    Marks as JSON values.
    """
    marks = parse_marks(body)
    reports = [
        mark if (at_s := _event_time_s(mark, result)) is None else _move_to_time(mark, at_s) for mark in marks.reports
    ]
    stages = [
        stage if stage.movement else stage.model_copy(update={"movement": result.movement.name})
        for stage in marks.stages
    ]
    changed: dict[str, object] = {}
    if reports:
        changed["reports"] = [_to_json(mark) for mark in reports]
    if stages:
        changed["stages"] = [_to_json(stage) for stage in stages]
    return {**body, **changed}


def _event_time_s(mark: ReportMark, result: Analysis) -> float | None:
    """Return the time of a report's event; None for a report that has a time, or whose event is not in the result."""
    times_s = [
        *(rep.bottom_s for rep in result.reps if rep.index == mark.rep),
        *((hold.start_s + hold.end_s) / 2 for hold in result.holds if hold.index == mark.hold),
        *(
            (stage.start_s + stage.end_s) / 2
            for stage in result.stages
            if stage.name == mark.stage and mark.side in (None, stage.side)
        ),
    ]
    return round(times_s[0], 3) if times_s else None


def _move_to_time(mark: ReportMark, at_s: float) -> ReportMark:
    return mark.model_copy(update={"at_s": at_s, "stage": None, "side": None, "rep": None, "hold": None})


def _to_json(mark: ReportMark | StageMark) -> MarksJson:
    return mark.model_dump(mode="json", exclude_none=True)
