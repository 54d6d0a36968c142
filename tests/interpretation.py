"""Interpret a motion without a clip: the pipeline's steps from events to findings."""

from dataclasses import dataclass

from analyzer.analysis.events import find_events
from analyzer.analysis.findings import find_findings
from analyzer.analysis.measures import measure_movement
from analyzer.analysis.recognition import build_context
from analyzer.movements.key_measures import compute_key_measures
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import Events
from analyzer.movements.registry import RecognisedMovement
from analyzer.movements.typed_measures import JsonObject
from analyzer.request import AnalysisRequest
from analyzer.results.schema import Finding
from analyzer.results.schema import Movement as MovementFacts


@dataclass(frozen=True)
class InterpretedMotion:
    """What the result of a clip would hold of this motion."""

    movement: MovementFacts
    events: Events
    measures: JsonObject
    findings: list[Finding]


def interpret_motion(
    motion: Motion, recognised: RecognisedMovement, request: AnalysisRequest, half_width_deg: float | None = None
) -> InterpretedMotion:
    """Return events, measures and findings of a motion; raises MarksError for marks that do not fit.

    With a half width of the intervals, findings that come from key measures are included.
    """
    context = build_context(recognised, request)
    events = find_events(context, motion)
    measures = measure_movement(context, motion, events)
    key_measures = []
    if context.movement and half_width_deg is not None:
        counted = events.reps or events.holds or events.stages
        key_measures = compute_key_measures(
            context.movement.key_measures, counted, measures, lambda angle, at_s: half_width_deg
        )
    coaching = find_findings(context, motion, events, measures, key_measures)
    return InterpretedMotion(context.facts, coaching.events, measures | coaching.measures.to_json(), coaching.findings)
