"""Outline of the trunk from the model's soft mask: how far the body reaches to both sides of the hip-shoulder line."""

import cv2
import numpy as np
from numpy.typing import NDArray

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.back_outline import OUTLINE_POSITIONS
from analyzer.kinematics.landmarks import trunk_endpoints

_REACH = 0.9  # longest ray, in hip-shoulder lengths; a trunk is 0.2 to 0.5 deep from its middle line; chosen
_SAMPLES = 96  # along a ray: about two a pixel of the model's 256 px mask; chosen
_EDGE = 0.5  # the model is as sure of the body as of the room; sources 1.4
_MIN_TRUNK_PX = 10.0  # a trunk that looks this short has no outline; chosen


def trace_outline(mask: NDArray[np.float32], points_px: FloatArray) -> FloatArray:
    """Trace where rays at right angles to the line from hip to shoulder leave the body, with subpixel accuracy.

    Parameters
    ----------
    mask : (h, w) the model's belief that a pixel belongs to the body, 0 to 1.
    points_px : (33, 2) the landmarks found with it, in its pixels.

    Returns
    -------
    (2, len(OUTLINE_POSITIONS)) distances in hip-shoulder lengths, of rays that start on the line at OUTLINE_POSITIONS:
    first to the side that is image left when the shoulder is above the hip, then to the other. NaN where a ray starts
    outside the body, or does not leave it.
    """
    hip, shoulder = trunk_endpoints(points_px)
    along = shoulder - hip
    length = float(np.hypot(*along))
    edges = np.full((2, len(OUTLINE_POSITIONS)), np.nan)
    if not np.isfinite(length) or length < _MIN_TRUNK_PX:
        return edges
    starts = hip + OUTLINE_POSITIONS[:, None] * along
    side = np.array([along[1], -along[0]])  # image left of an upright trunk: y is down
    steps = np.linspace(0, _REACH, _SAMPLES)
    for row, sign in enumerate((1, -1)):
        at = (starts[:, None] + sign * steps[None, :, None] * side).astype(np.float32)
        samples = cv2.remap(
            mask, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0
        )
        edges[row] = _first_exit(samples, steps)
    return edges


def _first_exit(samples: NDArray[np.float32], steps: FloatArray) -> FloatArray:
    """Find where each row of samples first falls below the edge; NaN where it starts below or never does."""
    below = samples < _EDGE
    first = below.argmax(axis=1)
    leaves = below.any(axis=1) & (first > 0)
    after = np.where(leaves, first, 1)
    rows = np.arange(len(samples))
    high, low = samples[rows, after - 1].astype(float), samples[rows, after].astype(float)
    share = (high - _EDGE) / np.where(leaves, high - low, 1.0)
    return np.where(leaves, steps[after - 1] + share * (steps[1] - steps[0]), np.nan)
