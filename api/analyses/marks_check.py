"""Check marks against the stored result of their clip, before they are stored."""

from collections.abc import Sequence

from pydantic import ValidationError

from analyzer.coaching.marks import Marks, StageMark
from analyzer.coaching.symptom_reports import find_unfit_reports
from analyzer.movements.protocol import Events
from analyzer.movements.registry import load_movements
from analyzer.results.schema import Analysis, Stage
from api.db.models import AnalysisRow
from api.responses.problem_details import FieldError, Problem
from api.storage.file_store import FileStore
from api.storage.stored_results import read_result


def check_marks(files: FileStore, row: AnalysisRow, marks: Marks, earlier: Marks) -> None:
    """Check that new reports and corrected stages belong to something in the clip.

    Marks that were stored before are not checked: a correction of the movement may have left them without a place, and
    they must not stop others from being added. Without a result nothing is checked. While the clip waits to be measured
    as another movement, only times are.

    Parameters
    ----------
    marks, earlier : those to be stored, and those that are.

    Raises
    ------
    Problem : 422 a report of a rep, hold, stage or time that the clip does not have, or a stage that it cannot have.
    """
    if row.run is None or not (marks.reports or marks.stages):
        return
    try:
        result = read_result(files, row.id, row.run)
    except (FileNotFoundError, ValidationError):  # of another version: what does not fit is set aside
        return
    is_current = _has_requested_movement(row, result)
    errors = [
        *_find_report_errors(result, marks, earlier, is_current=is_current),
        *_find_stage_errors(result, marks, earlier, is_current=is_current),
    ]
    if errors:
        more = f" ({len(errors) - 1} more below)" if len(errors) > 1 else ""
        raise Problem(422, "marks-do-not-fit", f"{errors[0].where}: {errors[0].what}{more}", errors=errors)


def _has_requested_movement(row: AnalysisRow, result: Analysis) -> bool:
    """Return whether the result is of the movement and variant that the row requests."""
    measured = result.movement
    requested = "auto" if measured.source == "auto" else measured.name
    return (row.movement, row.variant) == (requested, measured.variant)


def _find_report_errors(result: Analysis, marks: Marks, earlier: Marks, *, is_current: bool) -> list[FieldError]:
    stages = [*result.stages, *_list_added_stages(result, marks.stages)]
    events = Events(reps=result.reps, holds=result.holds, stages=stages)
    return [
        FieldError(where=f"body.reports.{unfit.index}", what=f"{unfit.what}. {unfit.advice}")
        for unfit in find_unfit_reports(events, marks, result.clip.duration_s)
        if (report := marks.reports[unfit.index]) not in earlier.reports and (is_current or report.at_s is not None)
    ]


def _list_added_stages(result: Analysis, corrections: Sequence[StageMark]) -> list[Stage]:
    """Return the corrected stages that are not in the result yet."""
    return [
        Stage(name=mark.name, side=mark.side, start_s=mark.start_s, end_s=mark.end_s)
        for mark in corrections
        if mark.applies_to(result.movement.name)
        and not any(stage.name == mark.name and mark.side in (None, stage.side) for stage in result.stages)
    ]


def _find_stage_errors(result: Analysis, marks: Marks, earlier: Marks, *, is_current: bool) -> list[FieldError]:
    movement, end_s = load_movements().get(result.movement.name), result.clip.duration_s
    names = movement.correctable_stages if movement and is_current else ()
    errors = []
    for index, mark in enumerate(marks.stages):
        where = f"body.stages.{index}"
        if mark in earlier.stages or not mark.applies_to(result.movement.name):
            continue
        if mark.start_s >= end_s:
            what = (
                f"{mark.name} starts at {mark.start_s:g} s; the clip ends at {end_s:.1f} s. Give times inside the clip."
            )
            errors.append(FieldError(where=where, what=what))
        elif names and mark.name not in names:
            what = f"{mark.name} is not a stage of {result.movement.name}; choose one of {', '.join(names)}."
            errors.append(FieldError(where=where, what=what))
    return errors
