"""All angles of a clip out of its clean track: the columns of `angles.csv`."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from analyzer.kinematics import angles as angle
from analyzer.kinematics.angles import FloatArray, Series
from analyzer.kinematics.feet import with_held_ankles
from analyzer.kinematics.joints import ARM, LEG, Joints, far_share, joints_of, leg_hidden, mixed_deg
from analyzer.kinematics.joints import LIMITS as SIDE_LIMITS
from analyzer.kinematics.landmarks import forward_sign, sides
from analyzer.kinematics.reference import Reference, find_reference
from analyzer.kinematics.square import Lens, levelled, squared, trunk_length_px
from analyzer.kinematics.view import LIMITS as VIEW_LIMITS
from analyzer.kinematics.view import CameraView

ANGLE_COLUMNS = (
    "trunk_inclination_deg",
    "trunk_thigh_deg",
    "knee_flexion_deg",
    "shin_inclination_deg",
    "thigh_inclination_deg",
    "ankle_dorsiflexion_deg",
    "neck_flexion_deg",
    "head_tilt_deg",
    "shoulder_flexion_deg",
    "elbow_flexion_deg",
    "back_rounding_deg",
    "body_line_deg",
)

_UNDONE_YAW_DEG = 45.0  # more of the camera's turn is not undone: forward lengths would be stretched to noise; chosen
_DOUBTFUL_SHARE = 0.05  # of the frames: less is not worth a word; chosen
_APART_TRUNKS = 0.2  # answers this far apart, in trunk lengths, lower the confidence to 1/e; chosen


@dataclass(frozen=True)
class AngleTable:
    """Angles of every frame.

    Attributes
    ----------
    columns : name -> (T,) degrees, NaN where unknown; the keys are ANGLE_COLUMNS. What may be published.
    shapes : the same, also where the view is refused: good for order and timing, not for degrees.
    confidence : (T,) 0 to 1; 0 where the trunk is unknown.
    reference : the person's own tall posture; neck and head read 0 there. None when there is none: they are then
        raw inclinations of neck against trunk and of the head.
    near, far : the joints of both sides, levelled and squared pixels; what was hidden is NaN.
    forward : +1 when forward is image right, -1 when it is image left.
    trunk_px : hip to shoulder, the unit of length.
    unseen : (T, 33) True for landmarks that are hidden and were not used as the model drew them.
    reasons : why something was left out, in words.
    """

    columns: dict[str, Series]
    shapes: dict[str, Series]
    confidence: Series
    reference: Reference | None
    near: Joints
    far: Joints
    forward: int
    trunk_px: float
    unseen: np.ndarray
    reasons: list[str]


def angle_table(
    times_s: FloatArray,
    points_px: FloatArray,
    said_px: FloatArray,
    visibility: FloatArray,
    apart_px: FloatArray,
    view: CameraView,
    lens: Lens,
) -> AngleTable:
    """All angles from a clean track; arrays as in `pose.track.Track`.

    Beyond 30 degrees of yaw every published angle is NaN, and in frames where the person has turned away all are.
    """
    forward = forward_sign(view.facing)
    near_side, far_side = sides(view.facing)
    upright = levelled(points_px, view.corrected_roll_deg, lens)
    trunk_px = trunk_length_px(upright, view.facing)
    refused = abs(view.yaw_deg) > VIEW_LIMITS.shapes_yaw_deg
    yaw_deg = float(np.clip(view.yaw_deg, -_UNDONE_YAW_DEG, _UNDONE_YAW_DEG))
    square = squared(upright, view.facing, yaw_deg, lens)
    square[view.turned] = np.nan
    near, far = joints_of(square, near_side), joints_of(square, far_side)
    reasons: list[str] = []
    unseen = np.zeros(visibility.shape, dtype=bool)
    hip = near.hip

    said = squared(levelled(said_px, view.corrected_roll_deg, lens), view.facing, yaw_deg, lens)
    if leg_hidden(joints_of(said, near_side), joints_of(said, far_side), apart_px[:, near_side.knee] / trunk_px):
        # Plates that hide a leg pull the near hip along, and the far one is half hidden: the trunk takes their middle.
        hip = (near.hip + far.hip) / 2
        reasons.append("the near leg is hidden (plates or furniture): knee, shin and foot angles are left out")
        unknown = np.full_like(near.ankle, np.nan)
        if np.nanmedian(apart_px[:, far_side.knee]) / trunk_px > SIDE_LIMITS.far_knee_doubt:
            reasons.append("the far leg is not seen well enough either: thigh and hip hinge angles are left out")
            far = replace(far, knee=unknown)
        near = replace(near, hip=far.hip, knee=far.knee, ankle=unknown, heel=unknown, toe=unknown)
        far = replace(far, ankle=unknown, heel=unknown, toe=unknown)
        unseen[:, [near_side.hip, near_side.knee, near_side.ankle, near_side.heel, near_side.toe]] = True
    else:
        near, strange = with_held_ankles(near, times_s, apart_px[:, near_side.ankle] / trunk_px)
        if strange.any():
            reasons.append("the near foot is hidden at times (plates or furniture): its place before and after is used")
        for index in (near_side.ankle, near_side.heel, near_side.toe):
            unseen[strange, index] = True

    def share(limb: tuple[str, ...]) -> float:
        seen = visibility[:, [getattr(far_side, name) for name in limb]]
        return far_share(near, far, seen, limb, view.yaw_deg, trunk_px)

    leg, arm = share(LEG), share(ARM)

    def mean(share: float, angle_of: Callable[[Joints], Series]) -> Series:
        return mixed_deg(angle_of(near), angle_of(far), share)

    trunk = angle.trunk_inclination_deg(hip, near.shoulder, forward)
    thigh = mean(leg, lambda j: angle.thigh_inclination_deg(j.knee, j.hip, forward))
    shin = mean(leg, lambda j: angle.shin_inclination_deg(j.ankle, j.knee, forward))
    knee = angle.knee_flexion_deg(shin, thigh)
    if leg > 0:
        # Both legs are shown and do the same, so one of them is misread (a plate beside the knee).
        doubtful = _knees_apart_deg(near, far, forward) > SIDE_LIMITS.knees_apart_deg
        knee[doubtful] = np.nan
        if doubtful.mean() > _DOUBTFUL_SHARE:
            reasons.append("the two knees are read too far apart at times (plates?): knee angles are left out there")
    foot = mean(leg, lambda j: angle.foot_pitch_deg(j.heel, j.toe, forward))
    neck = angle.wrapped_deg(angle.neck_inclination_deg(near.shoulder, near.ear, forward) - trunk)
    head = angle.head_inclination_deg(near.ear, near.eye, forward)
    elevation = mean(arm, lambda j: angle.arm_elevation_deg(j.shoulder, j.wrist, forward))
    elbow = mean(arm, lambda j: angle.elbow_flexion_deg(j.shoulder, j.elbow, j.wrist, forward))

    height_px = hip[:, 1] - near.shoulder[:, 1]
    reference = find_reference(times_s, trunk, thigh, knee, height_px)
    shapes = {
        "trunk_inclination_deg": trunk,
        "trunk_thigh_deg": angle.trunk_thigh_deg(trunk, thigh),
        "knee_flexion_deg": knee,
        "shin_inclination_deg": shin,
        "thigh_inclination_deg": thigh,
        "ankle_dorsiflexion_deg": angle.ankle_dorsiflexion_deg(shin, foot),
        "neck_flexion_deg": _from_reference(neck, reference),
        "head_tilt_deg": _from_reference(head, reference),
        "shoulder_flexion_deg": angle.shoulder_flexion_deg(elevation, trunk),
        "elbow_flexion_deg": elbow,
        "back_rounding_deg": np.full(len(times_s), np.nan),
        "body_line_deg": angle.body_line_deg(near.ankle, near.hip, near.shoulder, forward),
    }
    used = [near_side.shoulder, near_side.hip, near_side.knee]
    doubt = np.nan_to_num(apart_px[:, used].max(axis=1) / trunk_px, nan=0.0)
    confidence = visibility[:, used].min(axis=1) * np.exp(-doubt / _APART_TRUNKS)
    columns = {name: np.full_like(values, np.nan) for name, values in shapes.items()} if refused else shapes
    known = np.isfinite(columns["trunk_inclination_deg"])
    return AngleTable(
        columns,
        shapes,
        np.where(known, confidence, 0.0),
        reference,
        near,
        far,
        forward,
        trunk_px,
        unseen,
        reasons,
    )


def with_rounding(table: AngleTable, rounding_deg: Series) -> AngleTable:
    """The table with the rounding of the back, told only where the view allows degrees at all."""
    name = "back_rounding_deg"
    published = np.where(np.isfinite(table.columns["trunk_inclination_deg"]), rounding_deg, np.nan)
    return replace(table, shapes=table.shapes | {name: rounding_deg}, columns=table.columns | {name: published})


def at_reference(columns: dict[str, Series], reference: Reference) -> dict[str, float | None]:
    """Each angle in the own tall posture: its median there, None where unknown."""
    return {name: _median(values[reference.frames]) for name, values in columns.items()}


def _knees_apart_deg(near: Joints, far: Joints, forward: int) -> Series:
    """How far the two knees' angles lie apart; 0 where one is unknown."""
    near_deg, far_deg = (
        angle.knee_flexion_deg(
            angle.shin_inclination_deg(leg.ankle, leg.knee, forward),
            angle.thigh_inclination_deg(leg.knee, leg.hip, forward),
        )
        for leg in (near, far)
    )
    return np.nan_to_num(np.abs(angle.wrapped_deg(near_deg - far_deg)))


def _from_reference(values: Series, reference: Reference | None) -> Series:
    tall = _median(values[reference.frames]) if reference else None
    return angle.wrapped_deg(values - tall) if tall is not None else values


def _median(values: Series) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None
