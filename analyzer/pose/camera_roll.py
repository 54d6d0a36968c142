"""Camera roll from the vertical edges of the room: door frames, racks, corners."""

from collections.abc import Iterable

import cv2
import numpy as np

from analyzer.clip.image_types import RgbImage
from analyzer.kinematics.arrays import FloatArray

_MIN_LENGTH_SHARE = 0.06  # edges at least this long, in the picture's shorter side; chosen
_UPRIGHT_DEG = 20.0  # edges this near to the vertical may be upright in the room; chosen
_SPREAD_DEG = 1.5  # upright edges agree to this; lens and pitch spread them; chosen
_AGREE_SHARE = 0.6  # part of all near-vertical edge length that must agree; chosen
_MIN_AGREEING = 0.5  # agreeing edge length per picture, in its shorter sides; chosen


def detect_vertical_edges(image: RgbImage, people_px: Iterable[FloatArray]) -> FloatArray:
    """Detect near-vertical straight edges of the room.

    Parameters
    ----------
    image : RGB (h, w, 3).
    people_px : boxes x0, y0, x1, y1; edges with their middle in one are limbs and left out.

    Returns
    -------
    (N, 2): lean in degrees, + clockwise, and length in the picture's shorter sides.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    segments = cv2.createLineSegmentDetector().detect(grey)[0]
    if segments is None:
        return np.empty((0, 2))
    ends = segments.reshape(-1, 2, 2).astype(np.float64)
    middle, along = ends.mean(axis=1), ends[:, 1] - ends[:, 0]
    length = np.hypot(*along.T) / min(image.shape[:2])
    lean = (np.degrees(np.arctan2(along[:, 0], -along[:, 1])) + 90.0) % 180.0 - 90.0
    is_room_edge = (length > _MIN_LENGTH_SHARE) & (np.abs(lean) < _UPRIGHT_DEG)
    for x0, y0, x1, y1 in people_px:
        is_room_edge &= ~((middle > (x0, y0)) & (middle < (x1, y1))).all(axis=1)
    return np.column_stack([lean[is_room_edge], length[is_room_edge]])


def estimate_roll_deg(edges: FloatArray, image_count: int) -> float | None:
    """Estimate camera roll as the lean on which most vertical edges agree.

    Parameters
    ----------
    edges : (N, 2) from `detect_vertical_edges`, of all pictures together.
    image_count : number of these pictures.

    Returns
    -------
    Degrees, + the picture's content leans clockwise, accurate to about 2 (rendered rooms); None where too few edges
    agree.
    """
    lean, length = edges.T
    best, support = None, 0.0
    for middle in np.arange(-_UPRIGHT_DEG, _UPRIGHT_DEG + 0.25, 0.25):
        agree = np.abs(lean - middle) < _SPREAD_DEG
        if length[agree].sum() > support:
            best, support = agree, float(length[agree].sum())
    if best is None or support < max(_AGREE_SHARE * length.sum(), _MIN_AGREEING * image_count):
        return None
    return float(np.average(lean[best], weights=length[best]))
