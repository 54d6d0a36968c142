"""Which landmarks make the drawn body: MediaPipe's numbers, by near and far side."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analyzer.result import Facing

FloatArray = NDArray[np.float64]

FACE = tuple(range(11))
"""Nose, eyes, ears and mouth."""

_TRUNK_HALF_DEPTH = 0.2
_LEG_HALF_DEPTH = 0.1
_HEAD_RADIUS = 0.24
"""In trunk lengths, shoulder to hip."""

_SHARES = np.linspace(0, 1, 9)[:, None]
_CIRCLE = np.array([(np.cos(turn), np.sin(turn)) for turn in np.linspace(0, 2 * np.pi, 12, endpoint=False)])


@dataclass(frozen=True)
class Side:
    """Landmark numbers of one side of the body."""

    ear: int
    shoulder: int
    elbow: int
    wrist: int
    hip: int
    knee: int
    ankle: int
    heel: int
    toe: int

    @property
    def limbs(self) -> tuple[tuple[int, ...], ...]:
        """Arm, and leg with the foot, as chains of landmarks."""
        return (
            (self.shoulder, self.elbow, self.wrist),
            (self.hip, self.knee, self.ankle, self.toe),
            (self.ankle, self.heel, self.toe),
        )

    @property
    def axis(self) -> tuple[int, ...]:
        """Ear, shoulder, hip: head-neck line and trunk."""
        return self.ear, self.shoulder, self.hip

    @property
    def joints(self) -> tuple[int, ...]:
        """The joints that are drawn as dots."""
        return self.ear, self.shoulder, self.elbow, self.wrist, self.hip, self.knee, self.ankle


LEFT = Side(7, 11, 13, 15, 23, 25, 27, 29, 31)
RIGHT = Side(8, 12, 14, 16, 24, 26, 28, 30, 32)


def sides(facing: Facing) -> tuple[Side, Side]:
    """Tell the near from the far side: somebody who faces image right shows the camera the right side."""
    return (RIGHT, LEFT) if facing == "right" else (LEFT, RIGHT)


def flesh(points_px: FloatArray, side: Side) -> FloatArray:
    """Points over the visible body of a (33, 2) skeleton, for what should not be covered: (N, 2) pixels, no NaN.

    Along the arm, over trunk and leg as thick as they are, and around the head.
    """
    trunk_px = float(np.hypot(*(points_px[side.shoulder] - points_px[side.hip])))
    arm, leg, _ = side.limbs
    pieces = [
        *(_slab(points_px[a], points_px[b], 0.0) for a, b in (*pairwise(arm), (side.ear, side.shoulder))),
        *(_slab(points_px[a], points_px[b], _LEG_HALF_DEPTH * trunk_px) for a, b in pairwise(leg)),
        _slab(points_px[side.shoulder], points_px[side.hip], _TRUNK_HALF_DEPTH * trunk_px),
        points_px[side.ear] + _HEAD_RADIUS * trunk_px * _CIRCLE,
    ]
    spread = np.concatenate(pieces)
    known: FloatArray = spread[np.isfinite(spread).all(axis=1)]
    return known


def _slab(a: FloatArray, b: FloatArray, half_depth: float) -> FloatArray:
    """Points (N, 2) on the line from a to b and, if it has a depth, on both sides of it."""
    along = a + _SHARES * (b - a)
    length = float(np.hypot(*(b - a)))
    if not half_depth or not length:
        return along
    across = np.array([b[1] - a[1], a[0] - b[0]]) * (half_depth / length)
    return np.concatenate([along, along - across, along + across])
