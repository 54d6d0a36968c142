"""Which landmarks make the drawn body, and how thick it is."""

from itertools import pairwise

import numpy as np

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.landmarks import SideLandmarks

LOW_CONFIDENCE = 0.5
"""A landmark or frame below this is drawn as uncertain: the visibility below which points are dropped."""

FACE_LANDMARKS = tuple(range(11))
"""Nose, eyes, ears and mouth."""

# In trunk lengths, shoulder to hip; chosen.
_TRUNK_HALF_DEPTH = 0.2
_LEG_HALF_DEPTH = 0.1
_LEG_LENGTH = 1.7
_HEAD_RADIUS = 0.34  # about the ear: forehead and hair too

_SHARES = np.linspace(0, 1, 9)[:, None]
_CIRCLE = np.array([(np.cos(turn), np.sin(turn)) for turn in np.linspace(0, 2 * np.pi, 12, endpoint=False)])
_DISC = np.concatenate([_CIRCLE, 0.5 * _CIRCLE[::2]])


def get_limb_chains(side: SideLandmarks) -> tuple[tuple[int, ...], ...]:
    """Return arm, leg and foot of a side as chains of landmarks."""
    return (
        (side.shoulder, side.elbow, side.wrist),
        (side.hip, side.knee, side.ankle, side.toe),
        (side.ankle, side.heel, side.toe),
    )


def get_trunk_chain(side: SideLandmarks) -> tuple[int, ...]:
    """Return ear, shoulder and hip of a side: head-neck line and trunk."""
    return side.ear, side.shoulder, side.hip


def get_drawn_joints(side: SideLandmarks) -> tuple[int, ...]:
    """Return the joints of a side that are drawn as dots."""
    return side.ear, side.shoulder, side.elbow, side.wrist, side.hip, side.knee, side.ankle


def sample_body_points(points_px: FloatArray, side: SideLandmarks) -> FloatArray:
    """Sample points over the visible body, which labels should not cover.

    Parameters
    ----------
    points_px : (33, 2) landmarks, pixels; NaN where unknown.
    side : the near side.

    Returns
    -------
    (N, 2) pixels along the arm, over the thickness of trunk and leg, and over the head; no NaN. A leg that is unknown
    is taken to stand below the hip.
    """
    trunk_px = float(np.hypot(*(points_px[side.shoulder] - points_px[side.hip])))
    arm, leg, _ = get_limb_chains(side)
    leg_px = points_px[list(leg)]
    if np.isnan(points_px[side.knee]).any():
        leg_px = points_px[side.hip] + np.array([(0, 0), (0, _LEG_LENGTH * trunk_px)])
    pieces = [
        *(_slab(points_px[a], points_px[b], 0.0) for a, b in (*pairwise(arm), (side.ear, side.shoulder))),
        *(_slab(a, b, _LEG_HALF_DEPTH * trunk_px) for a, b in pairwise(leg_px)),
        _slab(points_px[side.shoulder], points_px[side.hip], _TRUNK_HALF_DEPTH * trunk_px),
        points_px[side.ear] + _HEAD_RADIUS * trunk_px * _DISC,
    ]
    points = np.concatenate(pieces)
    known: FloatArray = points[np.isfinite(points).all(axis=1)]
    return known


def _slab(a: FloatArray, b: FloatArray, half_depth: float) -> FloatArray:
    """Return points (N, 2) on the line from a to b and, if it has a depth, on both sides of it."""
    along = a + _SHARES * (b - a)
    length = float(np.hypot(*(b - a)))
    if not half_depth or not length:
        return along
    across = np.array([b[1] - a[1], a[0] - b[0]]) * (half_depth / length)
    return np.concatenate([along, along - across, along + across])
