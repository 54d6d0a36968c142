"""Label placement: beside the joint, away from the body, never over another label or outside the picture."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analyzer.kinematics.arrays import FloatArray

PixelBox = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels, the last two outside."""


@dataclass(frozen=True)
class LabelRequest:
    """A label to be placed.

    Attributes
    ----------
    name : the same from frame to frame.
    size : width and height, pixels.
    anchor : (2,) the point it belongs to, pixels.
    outward : (2,) the direction from the anchor that leads away from the body; any length.
    gap : pixels left free between the anchor and the label.
    """

    name: str
    size: tuple[int, int]
    anchor: FloatArray
    outward: FloatArray
    gap: float


# A place is a turn from the outward direction (degrees) and a reach (in gaps). A cost of
# 1 is a little worse than the direction into the body. All chosen by eye.
_TURNS_DEG = np.array([0, 30, -30, 60, -60, 90, -90, 120, -120, 150, -150, 180], dtype=float)
_TURN_COSTS = np.array([0, 0.12, 0.12, 0.3, 0.3, 0.5, 0.5, 0.7, 0.7, 0.8, 0.8, 0.9])
_REACHES = np.array([1.0, 1.8, 3.0, 4.5])
_REACH_COSTS = np.array([0, 0.15, 0.35, 0.6])
_PUSHED_COST = 0.25  # for each label height that the edge of the picture pushes the label off
_POINT_COVERED_COST = 0.6
_POINT_CROSSED_COST = 0.08  # by the line from the joint to the label, beyond the skin
_MARGIN = 0.2  # left free around a label, in its heights
_MOVING_COST = 0.6

_PLACE_TURN, _PLACE_REACH = (grid.ravel() for grid in np.meshgrid(np.radians(_TURNS_DEG), _REACHES, indexing="ij"))
_PLACE_COST = np.add.outer(_TURN_COSTS, _REACH_COSTS).ravel()


@dataclass
class LabelPlacer:
    """Chooser of label places; using one placer for a clip keeps each label on its side from frame to frame."""

    _last: dict[str, int] = field(default_factory=dict)

    def place(
        self,
        requests: Sequence[LabelRequest],
        width: int,
        height: int,
        body: FloatArray,
        taken: Sequence[PixelBox] = (),
    ) -> dict[str, PixelBox]:
        """Find a free box for each label, in the order given; a label without a free place is left out.

        Parameters
        ----------
        requests : labels, the most important first.
        width, height : of the picture, pixels.
        body : (N, 2) points along the drawn body, pixels, which labels avoid; no NaN.
        taken : boxes already in use.

        Returns
        -------
        Boxes by name, inside the picture, none overlapping another or a taken one.
        """
        requests = [request for request in requests if request.size[0] <= width and request.size[1] <= height]
        if not requests:
            return {}
        corners, pushed = _list_candidates(requests, width, height)
        costs = (
            _PLACE_COST
            + _PUSHED_COST * pushed
            + _POINT_COVERED_COST * _count_points_inside(_enlarge(corners), body)
            + _POINT_CROSSED_COST * _count_points_crossed(requests, corners, body)
        )
        boxes: dict[str, PixelBox] = {}
        for request, candidates, cost in zip(requests, corners, costs, strict=True):
            if request.name in self._last:
                cost += _MOVING_COST
                cost[self._last[request.name]] -= _MOVING_COST
            for other in (*taken, *boxes.values()):
                cost[_overlaps(candidates, other)] = np.inf
            best = int(np.argmin(cost))
            if np.isfinite(cost[best]):
                x0, y0, x1, y1 = candidates[best].tolist()
                boxes[request.name] = x0, y0, x1, y1
                self._last[request.name] = best
        return boxes


def _list_candidates(requests: Sequence[LabelRequest], width: int, height: int) -> tuple[NDArray[np.int64], FloatArray]:
    """Return the boxes (N, P, 4) of all places, pushed into the picture, and how far they are pushed (N, P).

    The distance is in label heights.
    """
    size = np.array([request.size for request in requests])[:, None]
    anchor = np.array([request.anchor for request in requests])[:, None]
    outward = np.array([request.outward for request in requests])
    gap = np.array([request.gap for request in requests])[:, None]
    angle = np.arctan2(outward[:, 1], outward[:, 0])[:, None] + _PLACE_TURN
    direction = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    to_edge = 1 / np.max(np.abs(direction) / (size / 2), axis=-1)
    corner_px = anchor + direction * (gap * _PLACE_REACH + to_edge)[..., None] - size / 2
    corner = np.clip(np.round(corner_px), 0, (width, height) - size).astype(np.int64)
    off = corner - corner_px
    pushed = np.hypot(off[..., 0], off[..., 1]) / size[..., 1]
    return np.concatenate([corner, corner + size], axis=-1), pushed


def _enlarge(boxes: NDArray[np.int64]) -> FloatArray:
    """Return the boxes (N, P, 4) with a margin around them."""
    margin = _MARGIN * (boxes[..., 3:] - boxes[..., 1:2])
    return np.concatenate([boxes[..., :2] - margin, boxes[..., 2:] + margin], axis=-1)


def _count_points_crossed(
    requests: Sequence[LabelRequest], boxes: NDArray[np.int64], points: FloatArray
) -> NDArray[np.int64]:
    """Return how many of the points (M, 2) lie near the lines from the anchors to the boxes (N, P, 4): (N, P).

    Those within the gap do not count: every line leaves the body there.
    """
    crossed = np.zeros(boxes.shape[:2], dtype=np.int64)
    for row, (request, places) in enumerate(zip(requests, boxes, strict=True)):
        offset = points - request.anchor
        offset = offset[np.hypot(*offset.T) > request.gap]
        line = np.clip(request.anchor, places[:, :2], places[:, 2:]) - request.anchor
        length = np.maximum(np.hypot(*line.T), 1.0)[:, None]
        along = (line @ offset.T) / length
        across = (line[:, :1] * offset[:, 1] - line[:, 1:] * offset[:, 0]) / length
        is_near = (along > 0) & (along < length) & (np.abs(across) < request.size[1] / 2)
        crossed[row] = np.count_nonzero(is_near, axis=1)
    return crossed


def _count_points_inside(boxes: FloatArray, points: FloatArray) -> NDArray[np.int64]:
    """Return how many of the points (M, 2) lie in each of the boxes (N, P, 4): (N, P)."""
    x, y = points[:, 0], points[:, 1]
    x0, y0, x1, y1 = np.moveaxis(boxes, -1, 0)[..., None]
    inside: NDArray[np.int64] = np.count_nonzero((x > x0) & (x < x1) & (y > y0) & (y < y1), axis=-1)
    return inside


def _overlaps(boxes: NDArray[np.int64], other: PixelBox) -> NDArray[np.bool_]:
    x0, y0, x1, y1 = boxes.T
    overlapping: NDArray[np.bool_] = (x0 < other[2]) & (other[0] < x1) & (y0 < other[3]) & (other[1] < y1)
    return overlapping
