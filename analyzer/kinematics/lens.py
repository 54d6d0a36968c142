"""The camera's lens, and pictures turned level."""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.angles import FloatArray

FOCAL_SHARE = 0.83
"""Focal length of a phone's main camera while filming, in the picture's longer side: 62 degrees across.

The lens alone, 24 to 26 mm (35 mm equivalent), would be 0.7; steadying crops the picture by a tenth or more. Chosen.
"""


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
    """Return the main camera of a phone while it films pictures of this width and height."""
    return Lens((size_px[0] / 2, size_px[1] / 2), FOCAL_SHARE * max(size_px))


def levelled(points_px: FloatArray, roll_deg: float, lens: Lens) -> FloatArray:
    """Turn points back by the camera's roll, about the picture's middle."""
    turn = np.radians(roll_deg)
    back = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return (points_px - lens.middle_px) @ back.T + lens.middle_px
