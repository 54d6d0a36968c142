"""What charts read from a table of angles; loads neither pandas nor a drawing library."""

from collections.abc import Mapping, Sequence

import numpy as np

from analyzer.kinematics.arrays import FloatArray
from analyzer.report.drawing.skeleton import LOW_CONFIDENCE

AngleSeries = Mapping[str, FloatArray]
"""Columns of `angles.csv` by name, (T,) each, NaN where unknown; a `DataFrame` will do."""


def columns_with_data(angles: AngleSeries, columns: Sequence[str]) -> list[str]:
    """Return those of the columns that hold at least one number."""
    return [name for name in columns if name in angles and np.isfinite(_values(angles, name)).any()]


def find_low_confidence_spans(angles: AngleSeries) -> list[tuple[float, float]]:
    """Return spans (start_s, end_s) of frames with a confidence below `LOW_CONFIDENCE` or unknown."""
    times_s = _values(angles, "time_s")
    low = ~(_values(angles, "confidence") >= LOW_CONFIDENCE)
    if len(times_s) < 2:
        return []
    edges = np.diff(np.concatenate([[False], low, [False]]).astype(int))
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    half = float(np.median(np.diff(times_s))) / 2
    return [
        (max(float(times_s[0]), float(times_s[a]) - half), float(times_s[b - 1]) + half)
        for a, b in zip(starts, stops, strict=True)
    ]


def interpolate_angle(angles: AngleSeries, column: str, times_s: Sequence[float]) -> list[float]:
    """Interpolate an angle linearly at times (seconds); NaN where it is unknown, empty for a table without rows."""
    frame_times_s = _values(angles, "time_s")
    if not len(frame_times_s):
        return []
    return [float(value) for value in np.interp(times_s, frame_times_s, _values(angles, column))]


def _values(angles: AngleSeries, column: str) -> FloatArray:
    return np.asarray(angles[column], dtype=np.float64)
