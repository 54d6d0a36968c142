"""A body that moves slowly is asked about less often, and what lies between is filled in."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.landmarks import BODY_LANDMARKS, trunk_length
from analyzer.pose.track import Pose

# Pairs of speed, in trunk lengths a second, and seconds to the next frame asked. Against asking about every frame no
# mean error of benchmarks/accuracy changed by 0.1 degrees; what moves faster is asked about in every frame.
SAMPLING_INTERVALS = ((0.09, 0.134), (0.18, 0.1), (0.36, 0.067))
_OVER = 2  # the speed is taken over so many frames asked: from one to the next it would be noise; chosen


class AdaptiveSampler:
    """How long the body may be left alone, by its speed over the last frames asked about."""

    def __init__(self) -> None:
        self._found = deque[tuple[float, Pose]](maxlen=_OVER + 1)

    def rest_s(self, time_s: float, pose: Pose | None) -> float:
        """Seconds until the next frame is asked about, now that this one was; 0: the very next frame."""
        if pose is None:
            self._found.clear()
            return 0.0
        self._found.append((time_s, pose))
        if len(self._found) <= _OVER:
            return 0.0
        before_s, before = self._found[0]
        trunk_px = max(1.0, float(trunk_length(pose.points_px)))
        gone_px = float(
            np.median(np.linalg.norm(pose.points_px[BODY_LANDMARKS] - before.points_px[BODY_LANDMARKS], axis=1))
        )
        speed = gone_px / trunk_px / (time_s - before_s)
        return next((rest_s for slower, rest_s in SAMPLING_INTERVALS if speed < slower), 0.0)


def interpolate_skipped(values: FloatArray, asked: NDArray[np.bool_], decoded: NDArray[np.bool_]) -> None:
    """Put rows of (N, ...) that were decoded and not asked on the line between their neighbours, in place.

    NaN beside a neighbour that is NaN; held where there is a neighbour on one side only.
    """
    known, wanted = np.flatnonzero(asked), np.flatnonzero(decoded & ~asked)
    if not len(wanted):
        return
    after = np.searchsorted(known, wanted)
    low, high = known[np.maximum(after - 1, 0)], known[np.minimum(after, len(known) - 1)]
    share = ((wanted - low) / np.maximum(high - low, 1)).reshape(-1, *(1,) * (values.ndim - 1))
    values[wanted] = (1 - share) * values[low] + share * values[high]
