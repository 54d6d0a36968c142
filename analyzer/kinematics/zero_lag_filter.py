"""Zero-lag low-pass filter, written out because `scipy.signal` loads for a third of a second."""

import numpy as np
from scipy.linalg import solve_banded

from analyzer.kinematics.arrays import FloatArray

_ZERO_LAG = 0.802  # two passes of a 2nd-order Butterworth: design cut-off over this keeps -3 dB in place; sources 5
_PAD_S = 1.0  # length by which a segment is padded with its point reflection before it is filtered; chosen


def low_pass_zero_lag(path: FloatArray, fps: float, cutoff_hz: float) -> FloatArray:
    """Filter forward and back by a 2nd-order Butterworth: 4th order, no lag, -3 dB at `cutoff_hz`.

    Does what `scipy.signal.butter` and `filtfilt` do with odd padding of a second.

    Parameters
    ----------
    path : (N, K) series at equal intervals, without NaN.
    fps : rows a second.
    cutoff_hz : -3 dB point; from half of `fps` on nothing is filtered.

    Returns
    -------
    (N, K); `path` itself if it has fewer than four rows.
    """
    if cutoff_hz >= fps / 2 or len(path) < 4:
        return path
    # The digital filter's frequencies are those of the analogue one warped by a tangent; undone, or at 30 frames a
    # second 6 Hz would be 6.4.
    warped = np.tan(np.pi * cutoff_hz / fps) / _ZERO_LAG
    pad = min(len(path) - 1, round(_PAD_S * fps))
    padded = np.concatenate([2 * path[0] - path[pad:0:-1], path, 2 * path[-1] - path[-2 : -pad - 2 : -1]])
    forward = _filter_once(padded, warped)
    return _filter_once(forward[::-1], warped)[::-1][pad : pad + len(path)]


def _filter_once(values: FloatArray, warped: float) -> FloatArray:
    """Filter (N, K) forward, as if the first row had lasted for ever before."""
    scale = 1 / (1 + np.sqrt(2) * warped + warped**2)
    gain = warped**2 * scale
    a1, a2 = 2 * (warped**2 - 1) * scale, (1 - np.sqrt(2) * warped + warped**2) * scale
    past = np.concatenate([values[:1], values[:1], values])
    driven = gain * (past[2:] + 2 * past[1:-1] + past[:-2])
    driven[0] -= (a1 + a2) * values[0]
    driven[1] -= a2 * values[0]
    # y[n] + a1 y[n-1] + a2 y[n-2] = driven[n] for all n at once, as one banded system.
    bands = np.repeat([[1.0], [a1], [a2]], len(values), axis=1)
    filtered: FloatArray = solve_banded((2, 0), bands, driven, overwrite_b=True, check_finite=False)
    return filtered
