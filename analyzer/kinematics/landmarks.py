"""MediaPipe's landmark numbers by side of the body, the near and the far side, and the trunk between them."""

from typing import Literal, NamedTuple

import numpy as np

from analyzer.kinematics.arrays import FloatArray

Facing = Literal["left", "right"]
"""Side of the picture that the person faces."""


class SideLandmarks(NamedTuple):
    """Landmark numbers of one side of the body; left and right are the person's own."""

    eye: int
    ear: int
    shoulder: int
    elbow: int
    wrist: int
    hip: int
    knee: int
    ankle: int
    heel: int
    toe: int


NOSE = 0
LEFT = SideLandmarks(2, 7, 11, 13, 15, 23, 25, 27, 29, 31)
RIGHT = SideLandmarks(5, 8, 12, 14, 16, 24, 26, 28, 30, 32)
BODY_LANDMARKS = [NOSE, *range(11, 17), *range(23, 29)]
"""Nose, shoulders, elbows, wrists, hips, knees and ankles."""
TRUNK_LANDMARKS = [LEFT.shoulder, RIGHT.shoulder, LEFT.hip, RIGHT.hip]


def near_far_sides(facing: Facing) -> tuple[SideLandmarks, SideLandmarks]:
    """Return the sides of the body (near, far): a person who faces image right shows the right side to the camera."""
    return (RIGHT, LEFT) if facing == "right" else (LEFT, RIGHT)


def forward_sign(facing: Facing) -> int:
    """Return +1 when forward is image right, -1 when it is image left."""
    return 1 if facing == "right" else -1


def trunk_endpoints(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Compute the middle of the hips and the middle of the shoulders.

    Parameters
    ----------
    points : (..., 33, D) landmarks in pixels or metres; NaN where unknown.

    Returns
    -------
    hip, shoulder : (..., D) in the unit of `points`; NaN where either side is NaN.
    """
    hip = points[..., [LEFT.hip, RIGHT.hip], :].mean(axis=-2)
    shoulder = points[..., [LEFT.shoulder, RIGHT.shoulder], :].mean(axis=-2)
    return hip, shoulder


def trunk_length(points: FloatArray) -> FloatArray:
    """Compute the distance from the middle of the hips to the middle of the shoulders.

    Parameters
    ----------
    points : (..., 33, D) landmarks in pixels or metres; NaN where unknown.

    Returns
    -------
    (...,) in the unit of `points`, as it appears: a trunk that leans towards the camera looks short.
    """
    hip, shoulder = trunk_endpoints(points)
    length: FloatArray = np.linalg.norm(shoulder - hip, axis=-1)
    return length
