"""The joints of one side of the body, and how far the near and the far side can be believed."""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.angles import FloatArray, Points, Series, inclination_deg, wrapped_deg
from analyzer.kinematics.landmarks import Side


@dataclass(frozen=True)
class SideLimits:
    """When the far side is believed."""

    shown_yaw_deg: float = 10.0  # below it the far side is hidden and guessed; domain 1.5
    far_visibility: float = 0.5  # the model's belief that a far point is seen, from which it counts; domain 5
    same_pose: float = 0.25  # far and near joints at most this far apart, in trunk lengths: limbs do the same; chosen
    far_share: float = 0.5  # weight of a far limb that is seen for sure: the mid-point; less in proportion; chosen
    short_leg: float = 0.85  # a near leg below this share of the far one is hidden; 1.0 to 1.2 where seen; chosen
    knees_apart_deg: float = 15.0  # where both legs do the same: more between the two knees is a guess; chosen
    knee_doubt: float = 0.05  # a near knee whose two answers are this far apart, in trunks (seen: .03); chosen
    far_knee_doubt: float = 0.1  # a far knee this doubtful does not stand in for a hidden near one; chosen
    fewest: int = 5  # frames in which both legs are known, to tell a hidden one; chosen


LIMITS = SideLimits()

LEG = ("hip", "knee", "ankle")
ARM = ("shoulder", "elbow", "wrist")


@dataclass(frozen=True)
class Joints:
    """Points of one side of the body, each (T, 2) pixels, x right, y down; NaN where not believed."""

    eye: Points
    ear: Points
    shoulder: Points
    elbow: Points
    wrist: Points
    hip: Points
    knee: Points
    ankle: Points
    heel: Points
    toe: Points


def joints_of(points_px: FloatArray, side: Side) -> Joints:
    """One side of (T, 33, 2) landmarks."""
    return Joints(**{name: points_px[:, index] for name, index in side._asdict().items()})


def far_share(
    near: Joints,
    far: Joints,
    far_visibility: FloatArray,
    limb: tuple[str, ...],
    yaw_deg: float,
    trunk_px: float,
    limits: SideLimits = LIMITS,
) -> float:
    """Weight of the far limb's angles in a mean with the near limb's, 0 to 1.

    Above 0 only where the camera's turn shows the far limb, the model believes to see it, and it does what the near
    one does (in a lunge or a walk it does not).

    Parameters
    ----------
    near, far : squared points (`square.squared`), in which the limbs of a symmetric posture lie on each other.
    far_visibility : (T, len(limb)) of the far limb's points.
    trunk_px : hip to shoulder.
    """
    seen = float(np.median(far_visibility, axis=0).min())
    if abs(yaw_deg) <= limits.shown_yaw_deg or seen <= limits.far_visibility:
        return 0.0
    apart = np.max([np.linalg.norm(getattr(near, name) - getattr(far, name), axis=1) for name in limb], axis=0)
    apart = apart[np.isfinite(apart)]
    if not len(apart) or np.median(apart) > limits.same_pose * trunk_px:
        return 0.0
    return limits.far_share * (seen - limits.far_visibility) / (1.0 - limits.far_visibility)


def mixed_deg(near_deg: Series, far_deg: Series, share: float) -> Series:
    """Mean of two angles, weighted; the near one alone where the far one is NaN."""
    turn = (far_deg - near_deg + 180.0) % 360.0 - 180.0
    return near_deg + share * np.nan_to_num(turn)


def leg_hidden(near: Joints, far: Joints, near_knee_apart: Series, limits: SideLimits = LIMITS) -> bool:
    """Whether the near leg's landmarks cannot be right.

    Plates in front of knee and shin hide it from the first frame to the last; a foot hidden at the bottom of a lift
    only is another matter (`feet`). So it is looked at in the half of the frames in which the body is most stretched,
    shoulder to far ankle: the near leg is then clearly shorter than the far one although it is nearer, or its knee is
    in doubt and bent quite otherwise.

    Parameters
    ----------
    near, far : squared points as the model said them, with those it believes little.
    near_knee_apart : (T,) how far apart the model's two answers for the near knee are, in trunk lengths.
    """

    def leg_px(side: Joints) -> Series:
        return np.linalg.norm(side.hip - side.knee, axis=1) + np.linalg.norm(side.knee - side.ankle, axis=1)

    def knee_deg(side: Joints) -> Series:
        return inclination_deg(side.ankle, side.knee, 1) - inclination_deg(side.knee, side.hip, 1)

    ratio = leg_px(near) / leg_px(far)
    stretched = np.linalg.norm(near.shoulder - far.ankle, axis=1)
    known = np.isfinite(ratio) & np.isfinite(stretched)
    if known.sum() < limits.fewest:
        return False
    tall = known & (stretched >= np.median(stretched[known]))
    if np.median(ratio[tall]) < limits.short_leg:
        return True
    apart_deg = abs(float(np.median(wrapped_deg(knee_deg(near) - knee_deg(far))[tall])))
    return apart_deg > limits.knees_apart_deg and bool(np.median(near_knee_apart[tall]) > limits.knee_doubt)
