"""Findings: the observations of the movement and the symptom reports in the words of the catalogue."""

from collections.abc import Sequence

from analyzer.analysis.recognition import AnalysisContext
from analyzer.coaching.clip_findings import ClipCoaching, coach_clip
from analyzer.movements.back_findings import list_back_observations
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import Events
from analyzer.movements.speed_findings import list_speed_observations
from analyzer.movements.speed_measures import read_speed_measures
from analyzer.movements.typed_measures import JsonObject
from analyzer.results.schema import KeyMeasure


def find_findings(
    context: AnalysisContext, motion: Motion, events: Events, measures: JsonObject, key_measures: Sequence[KeyMeasure]
) -> ClipCoaching:
    """Return the findings, the events with their symptom reports, and the measures of the reports.

    Raises
    ------
    MarksError : a report belongs to something that is not in the clip.
    """
    movement = context.movement
    observations = []
    if movement:
        observations = movement.list_observations(context.details, events, measures)
        observations += list_back_observations(key_measures, movement.keeps_back_shape)
        observations += list_speed_observations(read_speed_measures(measures), events.reps, motion.yaw_deg)
    return coach_clip(movement, motion, context.details, events, observations, context.marks)
