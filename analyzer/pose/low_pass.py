"""Zero-lag low-pass filter of even series.

It computes what `scipy.signal.butter` and `filtfilt` do, on LAPACK alone: importing `scipy.signal` takes longer than
all of the filtering (it imports `scipy.stats`).
"""

import numpy as np
from scipy.linalg.lapack import dtbtrs

from analyzer.kinematics.arrays import FloatArray

_ZERO_LAG = 0.802  # two passes of a 2nd-order Butterworth: design cut-off over this keeps -3 dB in place; sources 5


def filter_low_pass(values: FloatArray, rate_hz: float, cutoff_hz: float, pad_s: float) -> FloatArray:
    """Filter series forwards and backwards with a 2nd-order Butterworth low-pass (4th order, zero lag).

    Parameters
    ----------
    values : (N, K) even samples, no NaN.
    rate_hz : samples a second.
    cutoff_hz : -3 dB point of both passes together.
    pad_s : length by which both ends are continued with their point reflection, at most N - 1 samples.

    Returns
    -------
    (N, K); `values` where they are fewer than 4, or the rate is not above twice the cut-off.
    """
    if cutoff_hz >= rate_hz / 2 or len(values) < 4:
        return values
    # The bilinear transform maps frequencies by this tangent.
    frequency = np.tan(np.pi * cutoff_hz / rate_hz) / _ZERO_LAG
    pad = min(len(values) - 1, round(pad_s * rate_hz))
    before = 2 * values[0] - values[pad:0:-1]
    after = 2 * values[-1] - values[-2 : -2 - pad : -1]
    once = _filter_forwards(np.concatenate([before, values, after]), frequency)
    twice = _filter_forwards(once[::-1], frequency)[::-1]
    return twice[pad : pad + len(values)]


def _filter_forwards(values: FloatArray, frequency: float) -> FloatArray:
    """Filter (N, K) values once, from a state in which the first value has always been there."""
    scale = 1 + np.sqrt(2) * frequency + frequency**2
    gain = frequency**2 / scale
    feedback = 2 * (frequency**2 - 1) / scale, (1 - np.sqrt(2) * frequency + frequency**2) / scale
    earlier = np.concatenate([values[:1], values[:1], values])  # the two samples before each
    driven = gain * (values + 2 * earlier[1:-1] + earlier[:-2])
    driven[0] -= (feedback[0] + feedback[1]) * values[0]
    driven[1] -= feedback[1] * values[0]
    # y[n] + feedback[0] y[n-1] + feedback[1] y[n-2] = driven[n], for all n: a triangular banded system.
    bands = np.array([1.0, *feedback])[:, None].repeat(len(values), axis=1)
    filtered, _ = dtbtrs(bands, driven, uplo="L", diag="U")
    return np.asarray(filtered, dtype=np.float64)
