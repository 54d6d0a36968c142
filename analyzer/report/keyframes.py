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
_ROOM = 0.6
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
    part = _around(track.points_px[list(wanted)] * scale, width, height)
    frames = []
    for first, title in wanted.items():
        for index, image in read_frames(clip, first, first + 1, size_px=(width, height)):
            if discs is not None:
                blur_face(image, discs[index])
            image = np.ascontiguousarray(image[part])
            corner = part[1].start, part[0].start
            row = angles.iloc[index]
            shown = {label: float(row[label]) for label in labels}
            points = track.points_px[index] * scale - corner
            draw_frame(image, points, track.visibility[index], facing, shown, float(row["confidence"]))
            frames.append(KeyFrame(title, float(track.times_s[index]), image))
    return frames


def _least(cost: NDArray[np.float64], sure: NDArray[np.bool_]) -> int | None:
    """Index of the smallest known cost, among the sure frames if any of them is known."""
    for allowed in (sure, np.ones_like(sure)):
        candidates = np.where(allowed & np.isfinite(cost), cost, np.inf)
        if len(cost) and np.isfinite(candidates.min()):
            return int(candidates.argmin())
    return None


def _around(points: NDArray[np.float64], width: int, height: int) -> tuple[slice, slice]:
    """Rows and columns that hold the body in all the frames, with room for the labels; square where that fits.

    One part for all pictures, so that they show the body at the same scale and can be compared.
    """
    known = points[np.isfinite(points).all(axis=-1)]
    if len(known) == 0:
        return slice(0, height), slice(0, width)
    low, high = known.min(axis=0), known.max(axis=0)
    side = (1 + _ROOM) * float((high - low).max())
    x0, y0 = np.clip((low + high - side) / 2, 0, (width - 2, height - 2)).astype(int)
    x1, y1 = np.clip((low + high + side) / 2, (x0 + 2, y0 + 2), (width, height)).astype(int)
    return slice(int(y0), int(y1)), slice(int(x0), int(x1))
