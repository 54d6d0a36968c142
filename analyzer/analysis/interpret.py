"""From angles to meaning: which movement it is, its events, its measures, and what is said about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from analyzer.coaching.clip_findings import coach_clip
from analyzer.coaching.marks import parse_marks
from analyzer.coaching.marks_transfer import select_stage_marks
from analyzer.coaching.stage_correction import apply_stage_corrections
from analyzer.kinematics.angle_table import AngleTable
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.camera_view import CameraView
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import Events, Movement
from analyzer.movements.registry import RecognisedMovement, recognise_movement, select_movement
from analyzer.request import AnalysisRequest
from analyzer.results.schema import UNKNOWN_MOVEMENT, Alternative, Finding, Rep
from analyzer.results.schema import Movement as MovementFacts

MeasureLoad = Callable[[Sequence[Rep]], dict[str, Any] | None]


@dataclass(frozen=True)
class Interpretation:
    """What a clip shows; without a known movement, named "unknown", there are no events and nothing is judged."""

    movement: MovementFacts
    events: Events = field(default_factory=Events)
    measures: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    warnings: Sequence[str] = ()


def build_motion(times_s: FloatArray, table: AngleTable, view: CameraView) -> Motion:
    """What the movements see of a table of angles, and how the camera saw the body."""
    return Motion(
        times_s=times_s,
        angles=table.unfiltered,
        allows_degrees=view.allows_angles,
        confidence=table.confidence,
        near=table.near,
        far=table.far,
        forward_sign=table.forward,
        trunk_px=table.trunk_px,
        baseline=table.baseline,
        yaw_deg=abs(view.yaw_deg),
        leg_height_gap_px=table.leg_height_gap_px,
    )


def resolve_movement(motion: Motion, request: AnalysisRequest) -> RecognisedMovement:
    """The movement that was asked for, or that is seen; raises UnknownMovementError for a name that nobody has."""
    if request.movement != "auto":
        return select_movement(request.movement, motion)
    return recognise_movement(motion)


def interpret_motion(
    motion: Motion, found: RecognisedMovement, request: AnalysisRequest, load_of: MeasureLoad
) -> Interpretation:
    """Events, measures and findings of a movement, with what the client reports and the coach adds.

    Parameters
    ----------
    load_of : what the load did over the reps it is given, None where none is seen; asked only where it may be lifted.

    Raises
    ------
    MarksError : a mark does not fit the clip.
    """
    movement: Movement | None = found.movement
    told = MovementFacts(
        name=movement.name if movement else UNKNOWN_MOVEMENT,
        variant=request.variant,
        confidence=found.confidence,
        source="auto" if request.movement == "auto" else "given",
        alternatives=[Alternative(name=name, confidence=confidence) for name, confidence in found.alternatives],
    )
    marks = parse_marks(request.marks)
    corrections, warnings = select_stage_marks(marks, told.name)
    facts = ClipDetails(request.variant, request.load_kg, request.height_cm)
    if movement is None:
        story = coach_clip(None, motion, facts, Events(), [], marks)
        return Interpretation(told, measures=story.measures.to_json(), findings=story.findings, warnings=warnings)
    events = apply_stage_corrections(movement, movement.find_events(motion, facts), corrections, motion)
    measures = movement.compute_measures(motion, facts, events)
    if movement.tracks_load and (load := load_of(events.reps)) is not None:
        measures["load_path"] = load
    observations = movement.list_observations(facts, events, measures)
    story = coach_clip(movement, motion, facts, events, observations, marks)
    return Interpretation(told, story.events, measures | story.measures.to_json(), story.findings, warnings)
