"""Irreversible blurring of the subject's face: locating the head in every frame, and covering it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from analyzer.clip.yuv_picture import YuvPicture
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.landmarks import LEFT, RIGHT
from analyzer.report.drawing.skeleton import FACE_LANDMARKS

_HOLD_S = 1.0
"""The last known place of the head is held so long, and twice as long between two known places; chosen."""
_GROWTH_PER_S = 0.6
"""A held disc grows by this share of its radius each second; chosen."""
_BLOCKS = 4
"""A covered head keeps so many blurred blocks across, too few to recognise or to rebuild a face; chosen."""


def locate_head_discs(points_px: FloatArray, times_s: FloatArray) -> FloatArray:
    """Find a disc that covers the whole head, hair and chin too, in every frame.

    Parameters
    ----------
    points_px : (T, 33, 2) landmarks, pixels; NaN where unknown.
    times_s : (T,) seconds.

    Returns
    -------
    (T, 3) centre x, y and radius, pixels. From ears, eyes, nose and mouth; where none is known, from shoulders and
    hips; through gaps up to 2 s interpolated; 1 s before and after held and growing; beyond that NaN: place unknown.
    """
    discs = _from_trunk(points_px)
    face_discs = _from_face(points_px)
    known = np.isfinite(face_discs).all(axis=1)
    discs[known] = face_discs[known]
    return _fill_gaps(discs, times_s)


def blur_face(image: NDArray[np.uint8], disc: FloatArray) -> None:
    """Cover the head in place, so that it cannot be undone.

    Parameters
    ----------
    image : (H, W) or (H, W, channels); changed.
    disc : (3,) centre x, y and radius in pixels of this image. With NaN in it the head may be anywhere, and the
        whole picture is covered.
    """
    height, width = image.shape[:2]
    if not np.isfinite(disc).all():
        image[...] = _blocks(image, max(1, round(_BLOCKS * width / height)), _BLOCKS)
        return
    x, y, radius = (float(value) for value in disc)
    x0, x1 = (int(np.clip(edge, 0, width)) for edge in (x - radius - 1, x + radius + 2))
    y0, y1 = (int(np.clip(edge, 0, height)) for edge in (y - radius - 1, y + radius + 2))
    if x0 >= x1 or y0 >= y1:
        return
    part = image[y0:y1, x0:x1]
    down, along = np.ogrid[y0:y1, x0:x1]
    inside = (along - x) ** 2 + (down - y) ** 2 <= radius**2
    part[inside] = _blocks(part, _BLOCKS, _BLOCKS)[inside]


def blur_face_yuv(picture: YuvPicture, disc: FloatArray) -> None:
    """Cover the head as `blur_face` does, in a picture of a video."""
    blur_face(picture.luma, disc)
    blur_face(picture.chroma, disc / 2)


def _blocks(image: NDArray[np.uint8], columns: int, rows: int) -> NDArray[np.uint8]:
    """Reduce the picture to so many colours and stretch it smoothly back."""
    height, width = image.shape[:2]
    few = cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA)
    covered: NDArray[np.uint8] = cv2.resize(few, (width, height), interpolation=cv2.INTER_LINEAR)
    return covered


def _from_face(points_px: FloatArray) -> FloatArray:
    """Discs (T, 3) around the ears and the face in front of them; NaN where too little of the face is known."""
    face = points_px[:, FACE_LANDMARKS, :]
    ears = _mean(points_px[:, (LEFT.ear, RIGHT.ear), :])
    middle = _mean(face)
    centre = np.where(np.isfinite(ears), 0.75 * ears + 0.25 * middle, middle)
    spread = np.hypot(*np.moveaxis(face[:, :, None] - face[:, None, :], -1, 0))
    widest = np.max(np.nan_to_num(spread, nan=0.0), axis=(1, 2))
    radius = np.fmax(1.55 * widest, 0.38 * _trunk_length(points_px))
    radius[widest == 0] = np.nan
    return np.column_stack([centre, radius])


def _from_trunk(points_px: FloatArray) -> FloatArray:
    """Wider discs (T, 3) beyond the shoulders, in line with the trunk; NaN where shoulders or hips are unknown."""
    shoulder = _mean(points_px[:, (LEFT.shoulder, RIGHT.shoulder), :])
    hip = _mean(points_px[:, (LEFT.hip, RIGHT.hip), :])
    return np.column_stack([shoulder + 0.45 * (shoulder - hip), 0.62 * np.hypot(*(shoulder - hip).T)])


def _trunk_length(points_px: FloatArray) -> FloatArray:
    shoulder = _mean(points_px[:, (LEFT.shoulder, RIGHT.shoulder), :])
    length: FloatArray = np.hypot(*(shoulder - _mean(points_px[:, (LEFT.hip, RIGHT.hip), :])).T)
    return length


def _mean(points: FloatArray) -> FloatArray:
    """Mean of the known points: (T, N, 2) to (T, 2); NaN where none is known."""
    known = np.isfinite(points).all(axis=2, keepdims=True)
    count = known.sum(axis=1)
    total = np.where(known, points, 0.0).sum(axis=1)
    mean: FloatArray = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean


def _fill_gaps(discs: FloatArray, times_s: FloatArray) -> FloatArray:
    """Fill gaps in (T, 3) discs: short ones by interpolation, longer ones by holding each end for a while."""
    known = np.flatnonzero(np.isfinite(discs).all(axis=1))
    if len(known) == 0:
        return discs
    filled = np.column_stack([np.interp(times_s, times_s[known], discs[known, k]) for k in range(3)])
    frame = np.arange(len(discs))
    before = known[np.maximum(np.searchsorted(known, frame, side="right") - 1, 0)]
    after = known[np.minimum(np.searchsorted(known, frame), len(known) - 1)]
    distance_s = np.minimum(np.abs(times_s - times_s[before]), np.abs(times_s[after] - times_s))
    long_gap = times_s[after] - times_s[before] > 2 * _HOLD_S
    nearest = np.where(np.abs(times_s - times_s[before]) <= np.abs(times_s[after] - times_s), before, after)
    filled[long_gap] = discs[nearest[long_gap]]
    filled[:, 2] *= 1 + _GROWTH_PER_S * distance_s
    filled[distance_s > _HOLD_S] = np.nan
    return filled
