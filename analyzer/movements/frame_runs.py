"""Runs of frames in which a condition holds, and the rate at which a series changes."""

import numpy as np
from numpy.typing import NDArray

from analyzer.kinematics.arrays import FloatArray, Series

FrameMask = NDArray[np.bool_]  # (T,)


def find_runs(frames: FrameMask) -> list[tuple[int, int]]:
    """Return the first and last frame of each run of True, both included."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(frames).astype(int), [0]])))
    return [(int(first), int(after) - 1) for first, after in edges.reshape(-1, 2)]


def close_gaps(frames: FrameMask, times_s: FloatArray, longest_s: float) -> FrameMask:
    """Return the frames with every gap closed that lasts at most `longest_s` and has True on both sides; (T,)."""
    result = np.array(frames, dtype=bool)
    for first, last in find_runs(~result):
        if first > 0 and last < len(result) - 1 and times_s[last + 1] - times_s[first - 1] <= longest_s:
            result[first : last + 1] = True
    return result


def sum_duration_s(frames: FrameMask, times_s: FloatArray) -> float:
    """Return the total duration in seconds of the frames (T,) that are True; a frame lasts until the next one."""
    if len(times_s) < 2:
        return 0.0
    durations_s = np.diff(times_s)
    return float(np.append(durations_s, np.median(durations_s))[frames].sum())


def rate_per_s(times_s: FloatArray, values: Series, window_s: float) -> Series:
    """Compute the slope of the line through the finite values in `window_s` about each frame, (T,) per second.

    NaN with fewer than three values. At both ends the window stays inside the series: a shorter one would be all noise.
    """
    result = np.full(len(times_s), np.nan)
    known = np.isfinite(values)
    time, value = times_s[known], values[known]
    if len(time) < 3:
        return result
    half_s = min(window_s, times_s[-1] - times_s[0]) / 2
    middle_s = np.clip(times_s, times_s[0] + half_s, times_s[-1] - half_s)
    first = np.searchsorted(time, middle_s - half_s - 1e-9)
    after = np.searchsorted(time, middle_s + half_s + 1e-9)
    time = time - time[0]

    def sums(of: Series) -> Series:
        total = np.concatenate([[0.0], np.cumsum(of)])
        return total[after] - total[first]

    count = (after - first).astype(float)
    spread = sums(time * time) - np.divide(sums(time) ** 2, count, out=np.zeros_like(count), where=count > 0)
    shared = sums(time * value) - np.divide(sums(time) * sums(value), count, out=np.zeros_like(count), where=count > 0)
    enough = (count >= 3) & (spread > 0)
    result[enough] = shared[enough] / spread[enough]
    return result
