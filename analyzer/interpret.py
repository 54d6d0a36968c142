"""From angles to meaning: which movement it is, its events, its measures, and what is said about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from analyzer.coaching.carried_marks import stages_of
from analyzer.coaching.coach import coached
from analyzer.coaching.marks import marks_of
from analyzer.coaching.stages import with_corrections
from analyzer.kinematics.angles import FloatArray
from analyzer.kinematics.table import AngleTable
from analyzer.kinematics.view import CameraView
from analyzer.movements.motion import Facts, Motion
from analyzer.movements.protocol import Events, Movement
from analyzer.movements.registry import Recognised, given, recognise
from analyzer.request import Request
from analyzer.result import Alternative, Finding, Rep
from analyzer.result import Movement as MovementFacts

UNKNOWN = "unknown"
_LOADED = frozenset({"hinge"})  # movements whose load is looked for: its path over the foot is what is coached there

LoadMeasures = Callable[[Sequence[Rep]], dict[str, Any] | None]


@dataclass(frozen=True)
class Meaning:
    """What a clip shows; without a known movement, named "unknown", there are no events and nothing is judged."""

    movement: MovementFacts
    events: Events = field(default_factory=Events)
    measures: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    warnings: Sequence[str] = ()


def motion_of(times_s: FloatArray, table: AngleTable, view: CameraView) -> Motion:
    """What the movements see of a table of angles, and how the camera saw the body."""
    return Motion(
        times_s=times_s,
        angles=table.shapes,
        degrees=view.gives_degrees,
        confidence=table.confidence,
        near=table.near,
        far=table.far,
        forward=table.forward,
        trunk_px=table.trunk_px,
        reference=table.reference,
        yaw_deg=abs(view.yaw_deg),
        leg_gap_px=table.leg_gap_px,
    )


def recognised(motion: Motion, request: Request) -> Recognised:
    """The movement that was asked for, or that is seen; raises UnknownMovement for a name that nobody has."""
    if request.movement != "auto":
        return given(request.movement, motion)
    return recognise(motion)


def meaning(motion: Motion, found: Recognised, request: Request, load_of: LoadMeasures) -> Meaning:
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
        name=movement.name if movement else UNKNOWN,
        variant=request.variant,
        confidence=found.confidence,
        source="auto" if request.movement == "auto" else "given",
        alternatives=[Alternative(name=name, confidence=confidence) for name, confidence in found.alternatives],
    )
    marks = marks_of(request.marks)
    corrections, warnings = stages_of(marks, told.name)
    facts = Facts(request.variant, request.load_kg, request.height_cm)
    if movement is None:
        story = coached(None, motion, facts, Events(), [], marks)
        return Meaning(told, measures=story.measures, findings=story.findings, warnings=warnings)
    events = with_corrections(movement, movement.events(motion, facts), corrections, motion)
    measures = movement.measures(motion, facts, events)
    if movement.name in _LOADED and (load := load_of(events.reps)) is not None:
        measures["load_path"] = load
    observations = movement.observations(facts, events, measures)
    story = coached(movement, motion, facts, events, observations, marks)
    return Meaning(told, story.events, measures | story.measures, story.findings, warnings)
