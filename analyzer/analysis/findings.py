"""Findings: the observations of the movement and the symptom reports in the words of the catalogue."""

from collections.abc import Sequence

from analyzer.analysis.recognition import AnalysisContext
from analyzer.coaching.clip_findings import ClipCoaching, coach_clip
from analyzer.kinematics.back_rounding import BackRounding
from analyzer.movements.back_findings import (
    BackContext,
    combine_observations,
    list_back_observations,
    observe_unmeasured_back,
    states_growth,
)
from analyzer.movements.key_measures import (
    find_back_measure,
    find_back_spec,
    get_event_moment_s,
    select_events,
    select_values,
)
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import Events, Movement, Observation
from analyzer.movements.speed_findings import list_speed_observations
from analyzer.movements.speed_measures import read_speed_measures
from analyzer.movements.typed_measures import JsonObject
from analyzer.results.schema import KeyMeasure, Rep


def find_findings(
    context: AnalysisContext,
    motion: Motion,
    events: Events,
    measures: JsonObject,
    key_measures: Sequence[KeyMeasure],
    back: BackRounding | None = None,
) -> ClipCoaching:
    """Return the findings, the events with their symptom reports, and the measures of the reports.

    Parameters
    ----------
    back : of the frames of `motion`; None where the outline was not measured.

    Raises
    ------
    MarksError : a report belongs to something that is not in the clip.
    """
    movement = context.movement
    observations: list[Observation] = []
    if movement:
        back_context = _build_back_context(movement, motion, events, back, context.marks.toe_touch_rounding_deg)
        back_measure = _find_back(movement, events, key_measures)
        of_back = list_back_observations(back_measure, movement.back_task, back_context)
        of_movement = movement.list_observations(context.details, events, measures)
        if not of_back and of_movement and motion.allows_degrees and find_back_spec(movement.key_measures) is not None:
            of_back = [observe_unmeasured_back(back.abstained if back else None)]
        observations = combine_observations(of_movement, of_back)
        observations += list_speed_observations(
            read_speed_measures(measures), events.reps, motion.yaw_deg, states_growth(of_back) if back_measure else None
        )
    return coach_clip(movement, motion, context.details, events, observations, context.marks)


def _find_back(movement: Movement, events: Events, key_measures: Sequence[KeyMeasure]) -> KeyMeasure | None:
    """Return the key measure of the back with the values of the events that it is of; None where not measured."""
    spec = find_back_spec(movement.key_measures)
    back = find_back_measure(movement.key_measures, key_measures)
    if back is None or spec is None:
        return None
    return select_values(spec, back, events.reps or events.holds or events.stages)


def _build_back_context(
    movement: Movement, motion: Motion, events: Events, back: BackRounding | None, toe_touch_deg: float | None
) -> BackContext:
    """Build what the findings about the back need beside its key measure, for the same events."""
    spec = find_back_spec(movement.key_measures)
    counted = select_events(spec, events.reps or events.holds or events.stages) if spec else []
    return BackContext(
        baseline=back.baseline if back else "standing",
        yaw_deg=motion.yaw_deg,
        numbers=[event.index for event in counted if isinstance(event, Rep)],
        times_s=[round(get_event_moment_s(event), 3) for event in counted],
        pauses_s=[event.pause_s if isinstance(event, Rep) else None for event in counted],
        toe_touch_deg=toe_touch_deg,
    )
