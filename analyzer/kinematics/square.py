"""Landmarks as a camera square to the side, far away, would see the body's middle plane."""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.angles import FloatArray
from analyzer.kinematics.landmarks import Facing, forward_sign, sides

# Widths between left and right over the hip-to-shoulder length: shoulders 38 cm, hips 20 cm (domain 1.5), hip to
# shoulder 0.288 of 1.70 m (Drillis & Contini 1966), ear to ear 15 cm (chosen).
_TRUNK_M = 0.288 * 1.70
SHOULDER_WIDTH = 0.38 / _TRUNK_M
HIP_WIDTH = 0.20 / _TRUNK_M
HEAD_WIDTH = 0.15 / _TRUNK_M

FOCAL_SHARE = 0.83
"""Focal length of a phone's main camera while filming, in the picture's longer side: 62 degrees across.

The lens alone, 24 to 26 mm (35 mm equivalent), would be 0.7; steadying crops the picture by a tenth or more. Chosen.
"""

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


@dataclass(frozen=True)
class Lens:
    """The camera as a pinhole.

    Attributes
    ----------
    middle_px : x, y of the picture's middle, which the lens looks at.
    focal_px : focal length in pixels; very large for a camera that is very far away.
    """

    middle_px: tuple[float, float]
    focal_px: float


def phone_lens(size_px: tuple[int, int]) -> Lens:
    """The main camera of a phone while it films pictures of this width and height."""
    return Lens((size_px[0] / 2, size_px[1] / 2), FOCAL_SHARE * max(size_px))


def levelled(points_px: FloatArray, roll_deg: float, lens: Lens) -> FloatArray:
    """Points turned back by the camera's roll, about the picture's middle."""
    turn = np.radians(roll_deg)
    back = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return (points_px - lens.middle_px) @ back.T + lens.middle_px


def trunk_length_px(points_px: FloatArray, facing: Facing) -> float:
    """Hip to shoulder of the near side: upper quartile over the clip, since bending and turning only shorten it."""
    near, _ = sides(facing)
    lengths = np.linalg.norm(points_px[:, near.shoulder] - points_px[:, near.hip], axis=1)
    return float(np.nanpercentile(lengths, 75)) if np.isfinite(lengths).any() else np.nan


def squared(points_px: FloatArray, facing: Facing, yaw_deg: float, lens: Lens) -> FloatArray:
    """Points as they lie in the body's own sagittal planes, laid on each other and looked at squarely.

    A camera turned by yaw sees near points shifted back and far ones forward, forward lengths shortened, and whatever
    is nearer larger: near points move away from the picture's middle. Each landmark is taken to lie half a typical
    body's width beside the middle plane; where its ray meets that plane is where it is.

    Parameters
    ----------
    points_px : (T, 33, 2) pixels, x right, y down, levelled.
    facing : side of the picture that is forward.
    yaw_deg : signed turn of the camera off the side view, + towards the person's front, against the line from the
        camera to the person.
    lens : the camera.

    Returns
    -------
    (T, 33, 2) pixels at the distance of the middle of the hips; left and right points of a symmetric body come to
    lie on each other.
    """
    forward, (near, far) = forward_sign(facing), sides(facing)
    rays = (points_px - lens.middle_px) * (forward, 1)
    middle = rays[:, [near.hip, far.hip]].mean(axis=1)
    hips = np.nanmedian(middle, axis=0) if np.isfinite(middle).all(axis=1).any() else np.zeros(2)
    turn = np.radians(yaw_deg) + np.arctan2(hips[0], lens.focal_px)
    sine, cosine = np.sin(turn), np.cos(turn)
    # How far beside the middle plane each landmark lies, towards the camera.
    beside = np.zeros(points_px.shape[1])
    for name, width in _WIDTHS.items():
        beside[getattr(near, name)] = 0.5 * width
        beside[getattr(far, name)] = -0.5 * width
    beside *= trunk_length_px(points_px, facing)
    # Along each ray (x, y, focal length) to its plane, whose normal is (-sine, 0, -cosine); a pixel is the unit.
    away = hips[0] * sine + lens.focal_px * cosine
    reach = (away - beside) / (rays[..., 0] * sine + lens.focal_px * cosine)
    ahead = (reach * rays[..., 0] - hips[0]) * cosine - (reach - 1) * lens.focal_px * sine
    square = np.stack([hips[0] + ahead, reach * rays[..., 1]], axis=-1)
    return square * (forward, 1) + lens.middle_px
