"""All angles of a clip out of its clean track: the columns of `angles.csv`."""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics import angles as angle
from analyzer.kinematics.angles import FloatArray, Series
from analyzer.kinematics.joints import sagittal_joints
from analyzer.kinematics.landmarks import forward_sign, sides
from analyzer.kinematics.reference import Reference, find_reference
from analyzer.kinematics.square import levelled, squared, trunk_length_px
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

_APART_TRUNKS = 0.2  # answers this far apart, in trunk lengths, lower the confidence to 1/e; chosen


@dataclass(frozen=True)
class AngleTable:
    """Angles of every frame.

    Attributes
    ----------
    columns : name -> (T,) degrees, NaN where unknown; the keys are ANGLE_COLUMNS.
    confidence : (T,) 0 to 1; 0 where the trunk is unknown.
    reference : the person's own tall posture; neck and head read 0 there. None when there is none: they are then
        raw inclinations of neck against trunk and of the head.
    reasons : why something was left out, in words.
    """

    columns: dict[str, Series]
    confidence: Series
    reference: Reference | None
    reasons: list[str]


def angle_table(
    times_s: FloatArray, points_px: FloatArray, visibility: FloatArray, apart_px: FloatArray, view: CameraView
) -> AngleTable:
    """All angles from a clean track; arrays as in `pose.track.Track`.

    Beyond 30 degrees of yaw, and in frames where the person has turned away, every angle is NaN.
    """
    forward = forward_sign(view.facing)
    upright = levelled(points_px, view.roll_deg)
    square = squared(upright, view.facing, view.yaw_deg)
    square[view.turned] = np.nan
    if abs(view.yaw_deg) > VIEW_LIMITS.shapes_yaw_deg:
        square[:] = np.nan
        joints, reasons = sagittal_joints(square, visibility, view.facing, 0.0)
    else:
        joints, reasons = sagittal_joints(square, visibility, view.facing, view.yaw_deg)

    trunk = angle.trunk_inclination_deg(joints.hip, joints.shoulder, forward)
    thigh = angle.thigh_inclination_deg(joints.knee, joints.hip, forward)
    shin = angle.shin_inclination_deg(joints.ankle, joints.knee, forward)
    knee = angle.knee_flexion_deg(shin, thigh)
    neck = angle.wrapped_deg(angle.neck_inclination_deg(joints.shoulder, joints.ear, forward) - trunk)
    head = angle.head_inclination_deg(joints.ear, joints.eye, forward)
    arm = angle.arm_elevation_deg(joints.shoulder, joints.wrist, forward)

    height_px = joints.hip[:, 1] - joints.shoulder[:, 1]
    reference = find_reference(times_s, trunk, thigh, knee, height_px)
    columns = {
        "trunk_inclination_deg": trunk,
        "trunk_thigh_deg": angle.trunk_thigh_deg(trunk, thigh),
        "knee_flexion_deg": knee,
        "shin_inclination_deg": shin,
        "thigh_inclination_deg": thigh,
        "ankle_dorsiflexion_deg": angle.ankle_dorsiflexion_deg(shin, joints.heel, joints.toe, forward),
        "neck_flexion_deg": _from_reference(neck, reference),
        "head_tilt_deg": _from_reference(head, reference),
        "shoulder_flexion_deg": angle.shoulder_flexion_deg(arm, trunk),
        "elbow_flexion_deg": angle.elbow_flexion_deg(joints.shoulder, joints.elbow, joints.wrist, forward),
        "back_rounding_deg": np.full(len(times_s), np.nan),
        "body_line_deg": angle.body_line_deg(joints.ankle, joints.hip, joints.shoulder, forward),
    }
    near, _ = sides(view.facing)
    used = [near.shoulder, near.hip, near.knee]
    doubt = np.nan_to_num(apart_px[:, used].max(axis=1) / trunk_length_px(points_px, view.facing), nan=0.0)
    confidence = visibility[:, used].min(axis=1) * np.exp(-doubt / _APART_TRUNKS)
    return AngleTable(columns, np.where(np.isfinite(trunk), confidence, 0.0), reference, reasons)


def at_reference(columns: dict[str, Series], reference: Reference) -> dict[str, float | None]:
    """Each angle in the own tall posture: its median there, None where unknown."""
    return {name: _median(values[reference.frames]) for name, values in columns.items()}


def _from_reference(values: Series, reference: Reference | None) -> Series:
    tall = _median(values[reference.frames]) if reference else None
    return angle.wrapped_deg(values - tall) if tall is not None else values


def _median(values: Series) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None
