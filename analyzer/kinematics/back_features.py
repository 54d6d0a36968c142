"""What the rounding of the back is told from: how its outline and the posture differ from the person standing tall."""

import numpy as np

from analyzer.kinematics.angles import FloatArray, Series
from analyzer.kinematics.back_profile import at_places

SHAPE_PLACES = np.linspace(0.0, 1.0, 11)
"""Where the outline is compared, in hip-shoulder lengths from the hip: other ranges and counts did no better."""

SHOWS = (*(f"outline_{place:.1f}" for place in SHAPE_PLACES), "neck", "head")
"""What shows the bend, as change from tall: the outline in tenths of the hip-shoulder length, neck and head in hundreds
of degrees.

The line of neck and head is the visible end of the upper back: without it the error is a third larger. Both are taken
against the trunk, and both, so that a neck bent by itself can be told from an upper back that carries it.
"""

POSTURE = ("trunk", "trunk_thigh", "knee", "trunk^2", "trunk_thigh^2")
"""What moves the outline without a bend, as change from tall in hundreds of degrees: hips and knees."""

FEATURES = (*SHOWS, *POSTURE)

TALL_PLACES = np.linspace(0.0, 1.1, 12)
"""Where the outline of the tall posture itself is looked at."""

_FOLD_PER_LEAN = 1.2  # fold between trunk and thigh for each degree of trunk, where the thigh is hidden; chosen


def features(profile: FloatArray, angles: dict[str, Series], tall: np.ndarray) -> FloatArray:
    """Change of outline and posture from the tall frames.

    Parameters
    ----------
    profile : (T, len(BACK)) outline of the back, as `dorsal_profile` gives it.
    angles : the columns of `angles.csv`, degrees; trunk, trunk-thigh, knee, neck and head are used.
    tall : (T,) True in the frames of the tall posture.

    Returns
    -------
    (T, len(FEATURES)), NaN in frames without outline or trunk. A hidden thigh is taken to follow the trunk; a hidden
    knee, neck or head to stay.
    """
    shape = at_places(profile, SHAPE_PLACES)
    trunk, fold, knee, neck, head = (
        _from_tall(angles[f"{name}_deg"], tall) / 100
        for name in ("trunk_inclination", "trunk_thigh", "knee_flexion", "neck_flexion", "head_tilt")
    )
    fold = np.where(np.isfinite(fold), fold, _FOLD_PER_LEAN * trunk)
    knee, neck, head = (np.nan_to_num(change) for change in (knee, neck, head - trunk))
    outline = 10 * (shape - _median(shape, tall))
    return np.column_stack([outline, neck, head, trunk, fold, knee, trunk**2, fold**2])


def tall_outline(profile: FloatArray, tall: np.ndarray) -> FloatArray:
    """(len(TALL_PLACES),) outline of the tall posture, in tenths of the hip-shoulder length; NaN when it is unknown."""
    return 10 * _median(at_places(profile, TALL_PLACES), tall)


def _from_tall(angle_deg: Series, tall: np.ndarray) -> Series:
    return angle_deg - float(_median(angle_deg[:, None], tall)[0])


def _median(values: FloatArray, frames: np.ndarray) -> FloatArray:
    """Median of each column over the frames in which it is known; NaN where it never is."""
    chosen = values[frames]
    known = chosen[np.isfinite(chosen).all(axis=1)]
    return np.median(known, axis=0) if len(known) else np.full(values.shape[1], np.nan)
