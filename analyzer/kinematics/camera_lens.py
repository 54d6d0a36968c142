"""The camera's lens, and correction of camera roll."""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.arrays import FloatArray

FOCAL_LENGTH_RATIO = 0.83
"""Focal length of a phone's main camera while filming, in the picture's longer side: 62 degrees across.

The lens alone, 24 to 26 mm (35 mm equivalent), would be 0.7; steadying crops the picture by a tenth or more. Chosen.
"""


@dataclass(frozen=True)
class CameraLens:
    """The camera as a pinhole.

    Attributes
    ----------
    principal_point_px : x, y of the picture's middle, which the lens looks at.
    focal_length_px : focal length in pixels; very large for a camera that is very far away.
    """

    principal_point_px: tuple[float, float]
    focal_length_px: float


def assume_phone_lens(size_px: tuple[int, int]) -> CameraLens:
    """Return the main camera of a phone while it films pictures of this width and height."""
    return CameraLens((size_px[0] / 2, size_px[1] / 2), FOCAL_LENGTH_RATIO * max(size_px))


def correct_roll(points_px: FloatArray, roll_deg: float, lens: CameraLens) -> FloatArray:
    """Rotate points back by the camera's roll, about the picture's middle.

    Parameters
    ----------
    points_px : (..., 2) pixels, x right, y down; NaN stays NaN.
    roll_deg : camera roll, + the picture's content leans clockwise.
    lens : gives the picture's middle.

    Returns
    -------
    (..., 2) pixels.
    """
    turn = np.radians(roll_deg)
    back = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return (points_px - lens.principal_point_px) @ back.T + lens.principal_point_px
