"""Array types of the kinematics, and the usual time between frames.

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
