"""Adaptive sampling: a slow body is tracked in fewer frames, and the frames between are interpolated."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.landmarks import BODY_LANDMARKS, trunk_length
from analyzer.pose.track import Pose

# Pairs of speed, in trunk lengths a second, and seconds to the next frame to track. Against tracking every frame no
# mean error of benchmarks/accuracy changed by 0.1 degrees; a faster body is tracked in every frame.
SAMPLING_INTERVALS = ((0.09, 0.134), (0.18, 0.1), (0.36, 0.067))
_SPEED_FRAMES = 2  # the speed is measured over this many tracked frames: over one it would be noise; chosen


class AdaptiveSampler:
    """Sampler that chooses the next frame to track, by the body's speed over the last tracked frames."""

    def __init__(self) -> None:
        self._tracked = deque[tuple[float, Pose]](maxlen=_SPEED_FRAMES + 1)

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
        if len(self._tracked) <= _SPEED_FRAMES:
            return 0.0
        before_s, before = self._tracked[0]
        trunk_px = max(1.0, float(trunk_length(pose.points_px)))
        moved_px = float(
            np.median(np.linalg.norm(pose.points_px[BODY_LANDMARKS] - before.points_px[BODY_LANDMARKS], axis=1))
        )
        speed = moved_px / trunk_px / (time_s - before_s)
        return next((interval_s for max_speed, interval_s in SAMPLING_INTERVALS if speed < max_speed), 0.0)


def interpolate_skipped(values: FloatArray, is_sampled: NDArray[np.bool_], decoded: NDArray[np.bool_]) -> None:
    """Interpolate rows that were decoded and not sampled between their neighbours, in place.

    Parameters
    ----------
    values : (N, ...) changed in place: NaN beside a neighbour that is NaN; constant where there is a neighbour on one
        side only.
    is_sampled, decoded : (N,) rows that were tracked, and those whose frame could be decoded.
    """
    known, skipped = np.flatnonzero(is_sampled), np.flatnonzero(decoded & ~is_sampled)
    if not len(skipped):
        return
    after = np.searchsorted(known, skipped)
    low, high = known[np.maximum(after - 1, 0)], known[np.minimum(after, len(known) - 1)]
    share = ((skipped - low) / np.maximum(high - low, 1)).reshape(-1, *(1,) * (values.ndim - 1))
    values[skipped] = (1 - share) * values[low] + share * values[high]
