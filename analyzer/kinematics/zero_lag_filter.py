"""Zero-lag Butterworth filters of second order, run forward and back.

`scipy.signal` has them too, but loads all of `scipy.stats`, a quarter of a second for every clip.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_banded

from analyzer.kinematics.arrays import FloatArray


@dataclass(frozen=True)
class RecursiveFilter:
    """A recursive filter in one direction.

    Attributes
    ----------
    b, a : (K + 1,) coefficients of the input and of the output, newest first, a[0] = 1.
    """

    b: FloatArray
    a: FloatArray

    @property
    def gain_at_rest(self) -> float:
        """Return the output of a constant input of 1."""
        return float(self.b.sum() / self.a.sum())


def design_low_pass(cutoff_hz: float, fps: float) -> RecursiveFilter:
    """Design a low-pass of 2nd order, -3 dB at `cutoff_hz`, which is below `fps` / 2."""
    warped = np.tan(np.pi * cutoff_hz / fps)
    scale = 1 + np.sqrt(2) * warped + warped**2
    b = warped**2 / scale * np.array([1.0, 2.0, 1.0])
    a = np.array([scale, 2 * (warped**2 - 1), 1 - np.sqrt(2) * warped + warped**2]) / scale
    return RecursiveFilter(b, a)


def design_band_pass(low_hz: float, high_hz: float, fps: float) -> RecursiveFilter:
    """Design a band-pass from the low-pass of 2nd order, -3 dB at both limits, which are below `fps` / 2."""
    low, high = np.tan(np.pi * np.array([low_hz, high_hz]) / fps)
    half_pole = np.exp(0.75j * np.pi) * (high - low) / 2  # the low-pass has a pair of poles; the other is its conjugate
    pair = half_pole + np.array([1, -1]) * np.sqrt(half_pole**2 - low * high)
    poles = (1 + pair) / (1 - pair)
    a = np.asarray(np.poly(np.concatenate([poles, poles.conj()])).real, dtype=float)
    b: FloatArray = np.array([1.0, 0.0, -2.0, 0.0, 1.0])
    middle = np.exp(2j * np.arctan(np.sqrt(low * high)))  # where the gain is 1
    return RecursiveFilter(b * abs(np.polyval(a, middle) / np.polyval(b, middle)), a)


def filter_zero_lag(filter_: RecursiveFilter, values: FloatArray, pad: int) -> FloatArray:
    """Filter series forward and back, which doubles the order and removes the lag.

    Parameters
    ----------
    filter_ : the filter of each pass.
    values : (N, K) finite, at even times.
    pad : rows by which the series are continued at both ends by their point reflection, less than N.
    """
    before, after = 2 * values[0] - values[pad:0:-1], 2 * values[-1] - values[-2 : -pad - 2 : -1]
    forward = _filter(filter_, np.concatenate([before, values, after]))
    both = _filter(filter_, forward[::-1])[::-1]
    return both[pad : len(both) - pad]


def _filter(filter_: RecursiveFilter, values: FloatArray) -> FloatArray:
    """Filter (N, K), as if the first row had been there for ever."""
    first = values[0]
    off = values - first
    driven = filter_.b[0] * off
    for lag, weight in enumerate(filter_.b[1:], start=1):
        driven[lag:] += weight * off[: len(off) - lag]
    lags = len(filter_.a) - 1
    bands = np.repeat(filter_.a[:, None], len(off), axis=1)
    answer: FloatArray = solve_banded((lags, 0), bands, driven, overwrite_b=True, check_finite=False)
    return answer + filter_.gain_at_rest * first
