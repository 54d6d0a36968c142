"""Set aside marks that do not fit a clip, with a warning, so that they do not stop its analysis."""

from dataclasses import replace

from analyzer.analysis.recognition import AnalysisContext
from analyzer.coaching.marks import MarksError, StageMark
from analyzer.coaching.marks_transfer import select_stage_marks
from analyzer.coaching.stage_correction import apply_stage_corrections
from analyzer.coaching.symptom_reports import find_unfit_reports
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import Events, Movement


def set_aside_unfit_stages(context: AnalysisContext, motion: Motion) -> AnalysisContext:
    """Return the context without the corrected stages that the clip cannot have, and with a warning for each."""
    if context.movement is None:
        return context
    corrections, _ = select_stage_marks(context.marks, context.movement.name)
    if not corrections:
        return context
    detected = context.movement.find_events(motion, context.details)
    problems = {
        mark: problem
        for mark in corrections
        if (problem := _find_stage_problem(context.movement, detected, mark, motion)) is not None
    }
    stages = tuple(mark for mark in context.marks.stages if mark not in problems)
    warnings = [f"the corrected stage {mark.name} is not used: {problem}" for mark, problem in problems.items()]
    return replace(
        context,
        marks=context.marks.model_copy(update={"stages": stages}),
        warnings=[*context.warnings, *warnings],
    )


def _find_stage_problem(movement: Movement, detected: Events, mark: StageMark, motion: Motion) -> str | None:
    try:
        apply_stage_corrections(movement, detected, [mark], motion)
    except MarksError as error:
        return str(error).removeprefix("marks: stages: ")
    return None


def set_aside_unfit_reports(context: AnalysisContext, events: Events, end_s: float) -> AnalysisContext:
    """Return the context in which reports of what the clip does not have are without a place, with a warning for each.

    Such a report still counts, for lights and referrals: the client did feel it, only where in the clip is unknown.

    Parameters
    ----------
    events : of the clip, with the corrected stages.
    end_s : time of the last frame, seconds.
    """
    unfit = find_unfit_reports(events, context.marks, end_s)
    if not unfit:
        return context
    reports = list(context.marks.reports)
    no_place = {"at_s": None, "stage": None, "side": None, "rep": None, "hold": None}
    for report in unfit:
        reports[report.index] = reports[report.index].model_copy(update=no_place)
    warnings = [
        f"a report of level {reports[report.index].level} counts without its place: {report.what}" for report in unfit
    ]
    return replace(
        context,
        marks=context.marks.model_copy(update={"reports": tuple(reports)}),
        warnings=[*context.warnings, *warnings],
    )
