"""From angles to meaning: which movement it is, its events, its measures, and what is said about it."""

from dataclasses import dataclass, field
from typing import Any

from analyzer.coaching.findings import findings_of
from analyzer.kinematics.angles import FloatArray
from analyzer.kinematics.table import AngleTable
from analyzer.movements.motion import Facts, Motion
from analyzer.movements.protocol import Events, Movement
from analyzer.movements.registry import Recognised, movement_named, recognise
from analyzer.request import Request
from analyzer.result import Finding
from analyzer.result import Movement as MovementFacts

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Meaning:
    """What a clip shows; without a known movement only `movement` is filled, with the name "unknown"."""

    movement: MovementFacts
    events: Events = field(default_factory=Events)
    measures: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def motion_of(times_s: FloatArray, table: AngleTable, *, degrees: bool) -> Motion:
    """What the movements see of a table of angles."""
    return Motion(
        times_s=times_s,
        angles=table.shapes,
        degrees=degrees,
        confidence=table.confidence,
        near=table.near,
        far=table.far,
        forward=table.forward,
        trunk_px=table.trunk_px,
        reference=table.reference,
    )


def recognised(motion: Motion, request: Request) -> Recognised:
    """The movement that was asked for, or that is seen; raises UnknownMovement for a name that nobody has."""
    if request.movement != "auto":
        return Recognised(movement_named(request.movement), 1.0)
    return recognise(motion)


def meaning(motion: Motion, found: Recognised, request: Request) -> Meaning:
    """Events, measures and findings of a movement."""
    movement: Movement | None = found.movement
    told = MovementFacts(
        name=movement.name if movement else UNKNOWN,
        variant=request.variant,
        confidence=found.confidence,
        source="auto" if request.movement == "auto" else "given",
    )
    if movement is None:
        return Meaning(told)
    facts = Facts(request.variant, request.load_kg, request.height_cm)
    events = movement.events(motion, facts)
    measures = movement.measures(motion, facts, events)
    observations = movement.observations(facts, events, measures)
    return Meaning(told, events, measures, findings_of(movement, observations, motion.degrees))
