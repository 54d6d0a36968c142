"""Statistics of values of which some may be unknown: NaN in arrays, None in lists."""

from collections.abc import Sequence

import numpy as np

from analyzer.kinematics.arrays import FloatArray, Series

_WHOLE_SHARE, _MOST_SHARE = 0.8, 0.5  # of values that are known, so that they speak for all, and for most; chosen


def percentile(values: Series, percent: float) -> float | None:
    """Return a percentile of the finite values of a series (T,); None where there are none."""
    known = values[np.isfinite(values)]
    return float(np.percentile(known, percent)) if len(known) else None


def median(values: Series) -> float | None:
    """Return the median of the finite values of a series (T,); None where there are none."""
    return percentile(values, 50)


def select_interval(times_s: FloatArray, values: Series, start_s: float, end_s: float) -> Series:
    """Return the finite values (N,) of a series (T,) from `start_s` to `end_s`, both included."""
    part = values[(times_s >= start_s) & (times_s <= end_s)]
    return part[np.isfinite(part)]


def round_known(value: float | None, digits: int = 1) -> float | None:
    """Round a number for JSON; None where it is None or not finite. What rounds to zero has no sign."""
    return None if value is None or not np.isfinite(value) else round(float(value), digits) + 0.0


def drop_unknown(values: Sequence[float | None]) -> tuple[float, ...]:
    """Return the values that are not None, in order."""
    return tuple(value for value in values if value is not None)


def mean_known(values: Sequence[float | None]) -> float | None:
    """Return the mean of the values that are not None; None where there are none."""
    known = drop_unknown(values)
    return float(np.mean(known)) if known else None


def median_known(values: Sequence[float | None], min_count: int = 1) -> float | None:
    """Return the median of the values that are not None; None where there are fewer than `min_count`."""
    known = drop_unknown(values)
    return float(np.median(known)) if len(known) >= min_count else None


def is_known_throughout(values: Series | Sequence[float | None]) -> bool:
    """Return whether at least 80 % of the values are known, so that their range and spread speak for all."""
    return _known_share(values) >= _WHOLE_SHARE


def is_mostly_known(values: Series | Sequence[float | None]) -> bool:
    """Return whether at least half of the values are known, so that their middle speaks for all."""
    return _known_share(values) >= _MOST_SHARE


def _known_share(values: Series | Sequence[float | None]) -> float:
    known = np.isfinite(np.array(values, dtype=float))
    return float(known.mean()) if known.size else 0.0


def sample_sd(values: Sequence[float | None], min_count: int = 3) -> float | None:
    """Return the SD (n - 1) of the values that are not None; None where there are fewer than `min_count`."""
    known = drop_unknown(values)
    return float(np.std(known, ddof=1)) if len(known) >= min_count else None
