"""Array types of the kinematics, the usual time between frames, and a robust slope.

Time is the first axis: T frames. Unknown values are NaN.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Points = FloatArray
"""(T, 2) pixels, x right, y down."""
Series = FloatArray
"""(T,) one value for each frame."""


def median_interval_s(times_s: Series, default_s: float = 1.0) -> float:
    """Compute the usual time between frames.

    Parameters
    ----------
    times_s : (T,) seconds.
    default_s : answer where there are fewer than two frames, or where most of them have the same time.

    Returns
    -------
    Median of the differences, seconds, greater than 0.
    """
    usual_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0
    return usual_s if usual_s > 0 else default_s


def theil_sen_slope(x: Series, y: Series) -> float:
    """Compute the median slope between all pairs of points, which single bad points do not affect.

    Parameters
    ----------
    x, y : (N,) without NaN; N at least 2, with two different x.
    """
    first, second = np.triu_indices(len(x), 1)
    run, rise = x[second] - x[first], y[second] - y[first]
    return float(np.median(rise[run != 0] / run[run != 0]))
