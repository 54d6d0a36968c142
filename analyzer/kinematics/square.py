"""Landmarks as a camera square to the side would see the body's middle plane."""

import numpy as np

from analyzer.kinematics.angles import FloatArray
from analyzer.kinematics.landmarks import Facing, forward_sign, sides

# Widths between left and right over the hip-to-shoulder length: shoulders 38 cm, hips 20 cm (domain 1.5), hip to
# shoulder 0.288 of 1.70 m (Drillis & Contini 1966), ear to ear 15 cm (chosen).
_TRUNK_M = 0.288 * 1.70
SHOULDER_WIDTH = 0.38 / _TRUNK_M
HIP_WIDTH = 0.20 / _TRUNK_M
HEAD_WIDTH = 0.15 / _TRUNK_M

_WIDTHS = {
    "eye": HEAD_WIDTH,
    "ear": HEAD_WIDTH,
    "shoulder": SHOULDER_WIDTH,
    "elbow": SHOULDER_WIDTH,
    "wrist": SHOULDER_WIDTH,
    "hip": HIP_WIDTH,
    "knee": HIP_WIDTH,
    "ankle": HIP_WIDTH,
    "heel": HIP_WIDTH,
    "toe": HIP_WIDTH,
}


def levelled(points_px: FloatArray, roll_deg: float) -> FloatArray:
    """Points turned back by the camera's roll, about the picture's corner: angles are all that counts here."""
    turn = np.radians(roll_deg)
    back = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return points_px @ back.T


def trunk_length_px(points_px: FloatArray, facing: Facing) -> float:
    """Hip to shoulder of the near side: upper quartile over the clip, since bending and turning only shorten it."""
    near, _ = sides(facing)
    lengths = np.linalg.norm(points_px[:, near.shoulder] - points_px[:, near.hip], axis=1)
    return float(np.nanpercentile(lengths, 75)) if np.isfinite(lengths).any() else np.nan


def squared(points_px: FloatArray, facing: Facing, yaw_deg: float) -> FloatArray:
    """Points moved to the body's middle plane and stretched to the full side view.

    A camera turned by yaw sees near points shifted back (far ones forward) by half the body's width times sin(yaw),
    and every forward length shortened by cos(yaw). Both are undone, with typical widths; perspective is left out.

    Parameters
    ----------
    points_px : (T, 33, 2) pixels, x right, y down.
    facing : side of the picture that is forward.
    yaw_deg : signed turn of the camera, + towards the person's front.

    Returns
    -------
    (T, 33, 2) in the same pixels; left and right points of a symmetric body come to lie on each other.
    """
    forward, (near, far) = forward_sign(facing), sides(facing)
    shift = 0.5 * np.sin(np.radians(yaw_deg)) * trunk_length_px(points_px, facing) * forward
    result = points_px.copy()
    for name, width in _WIDTHS.items():
        result[:, getattr(near, name), 0] += width * shift
        result[:, getattr(far, name), 0] -= width * shift
    result[:, :, 0] /= np.cos(np.radians(yaw_deg))
    return result
