"""Mean of the landmarks in the picture and in its mirror image, which is tracked in a few frames a second only."""

import numpy as np

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.landmarks import BODY_LANDMARKS, trunk_length

# A frame takes the difference from frames in which the body has the same shape, of this SD in trunk lengths, about this
# time, of this SD in seconds. Chosen on 26 rendered clips: with them 2 frames a second are as accurate as 4 were with
# the difference interpolated over time, and 1.3 are not. Over 3 or 10 s the lifts are as accurate, and planks are not.
_SAME_SHAPE = 0.15
_SAME_TIME_S = 1.0
_REACH_S = 4 * _SAME_TIME_S  # frames farther off in time are not used: their weight is below 0.001
_OTHER_SHAPE = 1e-12  # weight of a body of any other shape, where none has a similar one; chosen
_BLOCK_ROWS = 1024  # rows for which weights are computed at a time: memory does not grow with the clip; chosen


def average_with_mirror(
    points_px: FloatArray, mirror_px: FloatArray, times_s: FloatArray, scale_px: float
) -> tuple[FloatArray, FloatArray]:
    """Move each point half way to where it is in the mirrored picture, and less the farther off that is.

    A model's error is not the same for the mirrored picture, so the mean of both is more accurate. The difference
    depends on the shape of the body: known in some rows, it is the mean over those of similar shape. Where both are
    much farther apart than `scale_px` the point is hidden, the mean of two guesses is no better, and the first remains.

    Parameters
    ----------
    points_px, mirror_px : (N, 33, 2) landmarks in the picture and in its mirror image; NaN where unknown.
    times_s : (N,) seconds, increasing.
    scale_px : distance at which the weight of the mirror image falls to 1/e.

    Returns
    -------
    points_px : (N, 33, 2) the averaged points.
    mirror_distance_px : (N, 33) distance of both, interpolated; NaN where the mirrored picture gave none.
    """
    half = (mirror_px - points_px) / 2
    distance = 2 * np.linalg.norm(half, axis=2)
    half *= np.exp(-((distance / scale_px) ** 2))[:, :, None]
    return points_px + np.nan_to_num(_spread_by_shape(half, points_px, times_s)), interpolate_rows(distance)


def interpolate_rows(values: FloatArray) -> FloatArray:
    """Interpolate values (N, ...) known in some rows over all of them; NaN in columns that are never known."""
    rows = np.arange(len(values))
    flat = values.reshape(len(values), -1).copy()
    for column in flat.T:
        known = np.isfinite(column)
        if known.any():
            column[:] = np.interp(rows, rows[known], column[known])
    return flat.reshape(values.shape)


def _spread_by_shape(values: FloatArray, points_px: FloatArray, times_s: FloatArray) -> FloatArray:
    """Compute values (N, 33, 2) known in some rows for all, from similar shapes; NaN where there is none."""
    flat = values.reshape(len(values), -1)
    known = np.flatnonzero(np.isfinite(flat).any(axis=1))
    spread = np.full_like(flat, np.nan)
    if len(known):
        shape = _body_shape(points_px)
        for first in range(0, len(flat), _BLOCK_ROWS):
            rows = slice(first, first + _BLOCK_ROWS)
            near = known[_select_near(times_s[known], times_s[rows])]
            spread[rows] = _weighted_mean(_weigh(shape[rows], shape[near], times_s[rows], times_s[near]), flat[near])
    return spread.reshape(values.shape)


def _body_shape(points_px: FloatArray) -> FloatArray:
    """Compute (N, D): the distance of two rows is the RMS distance of the body's landmarks about their mean, in trunks.

    NaN in rows in which the body was lost.
    """
    body = points_px[:, BODY_LANDMARKS]
    trunk_px = max(1.0, float(np.nanmedian(trunk_length(points_px))))
    shape: FloatArray = (body - body.mean(axis=1, keepdims=True)) / (trunk_px * np.sqrt(len(BODY_LANDMARKS)))
    return shape.reshape(len(shape), -1)


def _select_near(known_s: FloatArray, times_s: FloatArray) -> slice:
    """Select the known rows that matter between the first and the last time; the nearest where none does."""
    low, high = np.searchsorted(known_s, [times_s[0] - _REACH_S, times_s[-1] + _REACH_S])
    if low < high:
        return slice(int(low), int(high))
    return slice(int(low) - 1, int(low)) if low else slice(0, 1)


def _weigh(shape: FloatArray, known_shape: FloatArray, times_s: FloatArray, known_s: FloatArray) -> FloatArray:
    """Compute the weight (N, K) of each known row in each row."""
    squares = (shape**2).sum(axis=1)[:, None] + (known_shape**2).sum(axis=1) - 2 * shape @ known_shape.T
    alike = np.exp(-np.maximum(squares, 0) / (2 * _SAME_SHAPE**2))
    apart_s = np.abs(times_s[:, None] - known_s)
    answer: FloatArray = alike * np.exp(-0.5 * (apart_s / _SAME_TIME_S) ** 2) + _OTHER_SHAPE * np.exp(-apart_s)
    return answer


def _weighted_mean(weights: FloatArray, values: FloatArray) -> FloatArray:
    """Compute the means (N, C) of the finite ones of (K, C) values; NaN where there is none."""
    is_known = np.isfinite(values)
    total = weights @ is_known.astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        answer: FloatArray = weights @ np.where(is_known, values, 0.0) / total
    return answer
