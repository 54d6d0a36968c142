"""Recognise: which movement the clip shows, and what the client and the coach state about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.coaching.marks import Marks, parse_marks
from analyzer.coaching.marks_transfer import select_stage_marks
from analyzer.kinematics.angle_table import AngleTable
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.camera_view import CameraView
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import Movement
from analyzer.movements.registry import RecognisedMovement, find_variant_problem, recognise_movement, select_movement
from analyzer.request import AnalysisRequest
from analyzer.results.schema import UNKNOWN_MOVEMENT, Alternative
from analyzer.results.schema import Movement as MovementFacts


@dataclass(frozen=True)
class AnalysisContext:
    """The movement of a clip with everything that the request states about it; the input of all later steps.

    Attributes
    ----------
    movement : None when the clip shows no known movement.
    facts : the movement as the result describes it.
    details : variant, load and height as given; no variant where the recognised movement has none of that name.
    marks : symptom reports, corrected stages, screening answers and context.
    warnings : marks, and a variant, that are not used for this movement, in words.
    """

    movement: Movement | None
    facts: MovementFacts
    details: ClipDetails
    marks: Marks
    warnings: Sequence[str]


def build_motion(times_s: FloatArray, table: AngleTable, view: CameraView) -> Motion:
    """Build what a movement reads of a clip from its angle table and its camera view."""
    return Motion(
        times_s=times_s,
        angles=table.unfiltered,
        degrees=table.columns,
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
    """Return the requested movement, or the recognised one for "auto".

    Raises
    ------
    UnknownMovementError : no movement has the requested name.
    """
    if request.movement != "auto":
        return select_movement(request.movement, motion)
    return recognise_movement(motion)


def build_context(recognised: RecognisedMovement, request: AnalysisRequest) -> AnalysisContext:
    """Combine the movement with the request's details and marks.

    Raises
    ------
    MarksError : the marks are malformed.
    """
    movement, variant = recognised.movement, request.variant
    warnings: list[str] = []
    if movement is not None and find_variant_problem(movement.name, variant) is not None:
        warnings.append(f"the variant {variant} does not belong to the recognised movement, {movement.name}: not used")
        variant = None
    facts = MovementFacts(
        name=movement.name if movement else UNKNOWN_MOVEMENT,
        variant=variant,
        confidence=recognised.confidence,
        source="auto" if request.movement == "auto" else "given",
        alternatives=[Alternative(name=name, confidence=confidence) for name, confidence in recognised.alternatives],
    )
    marks = parse_marks(request.marks)
    _, unused_marks = select_stage_marks(marks, facts.name)
    details = ClipDetails(variant, request.load_kg, request.height_cm)
    return AnalysisContext(movement, facts, details, marks, [*warnings, *unused_marks])
