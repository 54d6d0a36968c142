"""Events: the reps, holds or stages of a clip, with the coach's corrections."""

from analyzer.analysis.recognition import AnalysisContext
from analyzer.coaching.marks_transfer import select_stage_marks
from analyzer.coaching.stage_correction import apply_stage_corrections
from analyzer.errors import AnalyzerError
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import Events


def find_events(context: AnalysisContext, motion: Motion) -> Events:
    """Find the events of the movement and apply the corrected stages; no events without a known movement.

    Raises
    ------
    MarksError : a corrected stage lies after the end of the clip.
    AnalyzerError : the movement returns something else than events.
    """
    movement = context.movement
    if movement is None:
        return Events()
    corrections, _ = select_stage_marks(context.marks, movement.name)
    events: object = movement.find_events(motion, context.details)
    if not isinstance(events, Events):
        raise AnalyzerError(f"{movement.name}: its find_events() returned {type(events).__name__}, expected Events.")
    return apply_stage_corrections(movement, events, corrections, motion)
