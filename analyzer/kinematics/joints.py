"""One sagittal set of joints out of the near and the far side, each point used as far as it can be believed."""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.angles import FloatArray, Points
from analyzer.kinematics.landmarks import Facing, Side, sides
from analyzer.kinematics.square import trunk_length_px


@dataclass(frozen=True)
class SideLimits:
    """When the far side is believed."""

    shown_yaw_deg: float = 10.0  # below it the far side is hidden and guessed; domain 1.5
    far_visibility: float = 0.6  # the model's own belief that a far point is seen; chosen
    same_pose: float = 0.25  # far and near joint at most this far apart, in trunk lengths: legs do the same; chosen
    far_share: float = 0.4  # weight of the far side where believed: nearly a mid-point, the near is surer; chosen
    short_leg: float = 0.85  # a near leg this much shorter than the far one is hidden: nearer looks larger; chosen


LIMITS = SideLimits()


@dataclass(frozen=True)
class Joints:
    """Points of the body's middle plane, each (T, 2) pixels, x right, y down; NaN where not believed."""

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


_LEG = ("knee", "ankle", "heel", "toe")


def sagittal_joints(
    points_px: FloatArray, visibility: FloatArray, facing: Facing, yaw_deg: float, limits: SideLimits = LIMITS
) -> tuple[Joints, list[str]]:
    """Near-side joints, joined by the far side where that is seen and does the same.

    Parameters
    ----------
    points_px : (T, 33, 2) squared points (`square.squared`), NaN where unknown.
    visibility : (T, 33) 0 to 1.
    yaw_deg : signed turn of the camera off the side view.

    Returns
    -------
    The joints, and reasons in words why something was left out.
    """
    near, far = sides(facing)
    trunk_px = trunk_length_px(points_px, facing)
    reasons: list[str] = []
    joints = {name: points_px[:, index].copy() for name, index in near._asdict().items()}
    far_seen = {name: _seen(visibility[:, index], limits) for name, index in far._asdict().items()}

    if abs(yaw_deg) > limits.shown_yaw_deg:
        for part in (("hip", *_LEG), ("elbow", "wrist")):
            apart = [np.linalg.norm(points_px[:, getattr(far, n)] - joints[n], axis=1) for n in part[:3]]
            farthest = np.max(apart, axis=0)
            farthest = farthest[np.isfinite(farthest)]
            together = len(farthest) and np.median(farthest) < limits.same_pose * trunk_px
            if together and all(far_seen[name] for name in part[:3]):
                for name in part:
                    other = points_px[:, getattr(far, name)]
                    share = np.where(np.isfinite(other).all(axis=1), limits.far_share, 0.0)[:, None]
                    joints[name] = (1 - share) * joints[name] + share * np.nan_to_num(other)

    if _leg_hidden(points_px, near, far, limits):
        reasons.append("the near leg is hidden (plates or furniture): knee, shin and foot angles are left out")
        joints["hip"] = points_px[:, far.hip].copy()
        joints["knee"] = points_px[:, far.knee].copy()
        for name in ("ankle", "heel", "toe"):
            joints[name][:] = np.nan
    return Joints(**joints), reasons


def _seen(visibility: FloatArray, limits: SideLimits) -> bool:
    return bool(np.median(visibility) >= limits.far_visibility)


def _leg_hidden(points_px: FloatArray, near: Side, far: Side, limits: SideLimits) -> bool:
    """Whether the near leg's landmarks cannot be right: clearly shorter than the far leg's.

    Looked at in the half of the frames with the longest trunk-to-ankle line, where both legs are most stretched.
    """

    def leg_px(side: Side) -> FloatArray:
        upper = np.linalg.norm(points_px[:, side.hip] - points_px[:, side.knee], axis=1)
        return upper + np.linalg.norm(points_px[:, side.knee] - points_px[:, side.ankle], axis=1)

    ratio = leg_px(near) / leg_px(far)
    stretched = np.linalg.norm(points_px[:, near.shoulder] - points_px[:, far.ankle], axis=1)
    known = np.isfinite(ratio) & np.isfinite(stretched)
    if known.sum() < 5:
        return False
    tall = known & (stretched >= np.median(stretched[known]))
    return bool(np.median(ratio[tall]) < limits.short_leg)


