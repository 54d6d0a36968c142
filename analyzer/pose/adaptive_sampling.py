"""Adaptive sampling: a slow body is tracked in fewer frames, and the frames between are interpolated."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.landmarks import BODY_LANDMARKS, trunk_length
from analyzer.pose.track import Pose

# Pairs of speed, in trunk lengths a second, and seconds to the next frame to track; a faster body is tracked in every
# frame. Chosen on 17 rendered clips, reported on 17 others: docs/experiments.md, which also has half these speeds.
SAMPLING_INTERVALS = ((0.36, 0.134), (0.8, 0.1), (1.6, 0.067))
_SPEED_S = 0.06  # the speed is measured over at least this time: over one frame it would be noise; chosen


class AdaptiveSampler:
    """Sampler that chooses the next frame to track, by the body's speed over the last tracked frames."""

    def __init__(self) -> None:
        self._tracked = deque[tuple[float, Pose]]()

    def next_interval_s(self, time_s: float, pose: Pose | None) -> float:
        """Return the time from this tracked frame to the next one to track.

        Parameters
        ----------
        time_s : presentation time of this frame, seconds.
        pose : the subject in it; None when not found.

        Returns
        -------
        Seconds; 0 for the very next frame.
        """
        if pose is None:
            self._tracked.clear()
            return 0.0
        self._tracked.append((time_s, pose))
        while len(self._tracked) > 1 and time_s - self._tracked[1][0] >= _SPEED_S:
            self._tracked.popleft()
        before_s, before = self._tracked[0]
        if time_s - before_s < _SPEED_S:
            return 0.0
        trunk_px = max(1.0, float(trunk_length(pose.points_px)))
        moved_px = float(
            np.median(np.linalg.norm(pose.points_px[BODY_LANDMARKS] - before.points_px[BODY_LANDMARKS], axis=1))
        )
        speed = moved_px / trunk_px / (time_s - before_s)
        return next((interval_s for max_speed, interval_s in SAMPLING_INTERVALS if speed < max_speed), 0.0)


def interpolate_skipped(
    values: FloatArray,
    is_sampled: NDArray[np.bool_],
    decoded: NDArray[np.bool_],
    times_s: FloatArray,
    *,
    is_smooth: bool = False,
) -> None:
    """Interpolate rows that were decoded and not sampled between their neighbours, in place.

    Parameters
    ----------
    values : (N, ...) changed in place: NaN beside a neighbour that is NaN; constant where there is a neighbour on one
        side only.
    is_sampled, decoded : (N,) rows that were tracked, and those whose frame could be decoded.
    times_s : (N,) seconds, increasing.
    is_smooth : interpolate along a cubic curve whose slope in each sampled row is that of the parabola through it and
        its two neighbours, instead of along straight lines.
    """
    known, skipped = np.flatnonzero(is_sampled), np.flatnonzero(decoded & ~is_sampled)
    if not len(skipped):
        return
    after = np.searchsorted(known, skipped)
    left, right = np.maximum(after - 1, 0), np.minimum(after, len(known) - 1)
    columns = (-1, *(1,) * (values.ndim - 1))
    low_s, high_s = times_s[known[left]], times_s[known[right]]
    gap_s = (high_s - low_s).reshape(columns)
    share = ((times_s[skipped] - low_s) / np.where(high_s > low_s, high_s - low_s, 1.0)).reshape(columns)
    low, high = values[known[left]], values[known[right]]
    between = low + share * (high - low)
    if is_smooth and len(known) > 1:
        slope = _slopes(values[known], times_s[known].reshape(columns))
        bend = (1 - share) * (gap_s * slope[left] - (high - low)) - share * (gap_s * slope[right] - (high - low))
        between = between + share * (1 - share) * bend
    values[skipped] = between


def _slopes(values: FloatArray, times_s: FloatArray) -> FloatArray:
    """Compute the slope of (N, ...) in each row; beside an unknown row, that of the line to the other neighbour."""
    gap_s = np.diff(times_s, axis=0)
    lines = np.diff(values, axis=0) / gap_s
    before, after = np.concatenate([lines[:1], lines]), np.concatenate([lines, lines[-1:]])
    gap_before_s, gap_after_s = np.concatenate([gap_s[:1], gap_s]), np.concatenate([gap_s, gap_s[-1:]])
    parabola = (before * gap_after_s + after * gap_before_s) / (gap_before_s + gap_after_s)
    one_side: FloatArray = np.where(np.isnan(before), after, before)
    return np.where(np.isnan(parabola), one_side, parabola)
