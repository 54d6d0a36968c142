"""The pictures of a report: the tallest frame and the one folded most, with the overlay."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyzer.clip.frames import read_frames
from analyzer.clip.probe import Clip
from analyzer.pose.track import Track
from analyzer.report.face import blur_face, head_discs
from analyzer.report.labels import Image8
from analyzer.report.names import LOW_CONFIDENCE, MAIN_ANGLES
from analyzer.report.overlay import draw_frame
from analyzer.report.video import output_size
from analyzer.result import Facing

_TALL_DEG = 30.0
"""A trunk further from upright than this is not called tall; chosen."""
_ROOM = 0.7
"""How much of the picture around the body a key frame keeps, in parts of the body's longer side; chosen."""


@dataclass(frozen=True)
class KeyFrame:
    """One picture of the report.

    Attributes
    ----------
    title : what it shows, in words.
    time_s : when, seconds from the first frame.
    image : (H, W, 3) RGB with the overlay drawn.
    """

    title: str
    time_s: float
    image: Image8


def key_frames(
    clip: Clip,
    track: Track,
    angles: pd.DataFrame,
    facing: Facing,
    *,
    blur_faces: bool = False,
    labels: Sequence[str] = MAIN_ANGLES,
) -> list[KeyFrame]:
    """Draw the frame with the trunk nearest to upright and the one with the largest trunk-thigh angle.

    Only frames of good confidence are taken, if there are any. A picture is left out where its angle is not known,
    where nobody stands or sits tall, and where it would be the same frame again. Parameters as in `write_annotated`.
    """
    sure = angles["confidence"].to_numpy(dtype=float) >= LOW_CONFIDENCE
    upright = np.abs(angles["trunk_inclination_deg"].to_numpy(dtype=float))
    upright[upright > _TALL_DEG] = np.nan
    folded = -angles["trunk_thigh_deg"].to_numpy(dtype=float)
    wanted: dict[int, str] = {}
    for title, cost in (("Tallest", upright), ("Folded most at the hips", folded)):
        index = _least(cost, sure)
        if index is not None and index not in wanted:
            wanted[index] = title

    width, height = output_size(clip.width_px, clip.height_px)
    scale = np.array([width / clip.width_px, height / clip.height_px])
    discs = head_discs(track.points_px * scale, track.times_s) if blur_faces else None
    frames = []
    for first, title in wanted.items():
        for index, image in read_frames(clip, first, first + 1, size_px=(width, height)):
            points = track.points_px[index] * scale
            if discs is not None:
                blur_face(image, discs[index])
            row = angles.iloc[index]
            shown = {label: float(row[label]) for label in labels}
            x0, y0, x1, y1 = _around(points, width, height)
            part = np.ascontiguousarray(image[y0:y1, x0:x1])
            draw_frame(part, points - (x0, y0), track.visibility[index], facing, shown, float(row["confidence"]))
            frames.append(KeyFrame(title, float(track.times_s[index]), part))
    return frames


def _least(cost: NDArray[np.float64], sure: NDArray[np.bool_]) -> int | None:
    """Index of the smallest known cost, among the sure frames if any of them is known."""
    for allowed in (sure, np.ones_like(sure)):
        candidates = np.where(allowed & np.isfinite(cost), cost, np.inf)
        if len(cost) and np.isfinite(candidates.min()):
            return int(candidates.argmin())
    return None


def _around(points: NDArray[np.float64], width: int, height: int) -> tuple[int, int, int, int]:
    """Part of the picture (x0, y0, x1, y1) that holds the body with room for the labels; square where it fits."""
    known = points[np.isfinite(points).all(axis=1)]
    if len(known) == 0:
        return 0, 0, width, height
    low, high = known.min(axis=0), known.max(axis=0)
    side = (1 + _ROOM) * float((high - low).max())
    x0, y0 = np.round(np.clip((low + high - side) / 2, 0, None)).astype(int)
    x1, y1 = np.round(np.minimum((low + high + side) / 2, (width, height))).astype(int)
    return (int(x0), int(y0), int(x1), int(y1)) if x1 - x0 > 1 and y1 - y0 > 1 else (0, 0, width, height)
