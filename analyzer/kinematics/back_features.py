"""What the rounding of the back is told from: how its outline and the posture differ from the person standing tall."""

import numpy as np

from analyzer.kinematics.angles import FloatArray, Series
from analyzer.kinematics.back_outline import sample_profile, to_trunk_coordinates
from analyzer.kinematics.landmarks import Facing, near_far_sides

OUTLINE_FEATURE_POSITIONS = np.linspace(-0.1, 1.0, 12)
"""Where the outline is compared, in hip-shoulder lengths from the hip: finer steps and more neck did no better."""

HEAD_INDICATORS = ("neck", "head", "ear_along", "ear_behind")

BEND_INDICATORS = (*(f"outline_{place:.1f}" for place in OUTLINE_FEATURE_POSITIONS), *HEAD_INDICATORS)
"""What shows the bend, as change from tall: the outline in tenths of the hip-shoulder length, lines of neck and head in
thirties of degrees, place of the ear along and behind the trunk in fifths of the length.

Neck and head are the visible end of the upper back: without them the error is a third larger. They are taken against
the trunk, and all of them, so that a neck bent by itself can be told from an upper back that carries it.
"""

POSTURE_COVARIATES = ("trunk", "trunk_thigh", "knee", "trunk^2", "trunk_thigh^2", "arm", "tall_slope*trunk_thigh")
"""What moves the outline without a bend, as change from tall in hundreds of degrees: hips, knees and raised arms.

The last: a shirt that hangs behind the standing person, or a slouch, is drawn taut as the hips fold. The slope of the
tall outline, between 0.2 and 0.8 of the back in thirds of the hip-shoulder length, tells them.
"""

BACK_FEATURES = (*BEND_INDICATORS, *POSTURE_COVARIATES)

BASELINE_POSITIONS = np.linspace(0.0, 1.1, 12)
"""Where the outline of the tall posture itself is looked at."""

_FOLD_PER_LEAN = 1.2  # fold between trunk and thigh for each degree of trunk, where the thigh is hidden; chosen
_SLOPE_PLACES = np.array([0.2, 0.8])


def compute_back_features(
    profile: FloatArray, angles: dict[str, Series], points_px: FloatArray, facing: Facing, tall: np.ndarray
) -> FloatArray:
    """Change of outline and posture from the tall frames.

    Parameters
    ----------
    profile : (T, len(BACK)) outline of the back, as `extract_dorsal_profile` gives it.
    angles : the columns of `angles.csv`, degrees; trunk, trunk-thigh, knee, neck, head and shoulder are used.
    points_px : (T, 33, 2) landmarks, NaN where unknown; the near ear is used.
    tall : (T,) True in the frames of the tall posture.

    Returns
    -------
    (T, len(FEATURES)), NaN in frames without outline or trunk. A hidden thigh is taken to follow the trunk; a hidden
    knee, arm, neck, head or ear to stay.
    """
    trunk, fold, knee, neck, head, arm = (
        _from_tall(angles[f"{name}_deg"], tall) / 100
        for name in (
            "trunk_inclination",
            "trunk_thigh",
            "knee_flexion",
            "neck_flexion",
            "head_tilt",
            "shoulder_flexion",
        )
    )
    fold = np.where(np.isfinite(fold), fold, _FOLD_PER_LEAN * trunk)
    along, behind = to_trunk_coordinates(points_px, points_px[:, near_far_sides(facing)[0].ear], facing)
    ear = [5 * _from_tall(place, tall) for place in (along, behind)]
    carried = [np.nan_to_num(change) for change in (neck / 0.3, (head - trunk) / 0.3, *ear)]
    outline = sample_profile(profile, OUTLINE_FEATURE_POSITIONS)
    low, high = _median(sample_profile(profile, _SLOPE_PLACES), tall)
    shown = [10 * (outline - _median(outline, tall)), *carried]
    held = [trunk, fold, np.nan_to_num(knee), trunk**2, fold**2, np.nan_to_num(arm), 3 * (low - high) * fold]
    return np.column_stack([*shown, *held])


def baseline_outline(profile: FloatArray, tall: np.ndarray) -> FloatArray:
    """Return the outline of the baseline posture, (len(BASELINE_POSITIONS),), in tenths of the hip-shoulder length.

    NaN where it is unknown.
    """
    return 10 * _median(sample_profile(profile, BASELINE_POSITIONS), tall)


def _from_tall(values: Series, tall: np.ndarray) -> Series:
    return values - float(_median(values[:, None], tall)[0])


def _median(values: FloatArray, frames: np.ndarray) -> FloatArray:
    """Median of each column over the frames in which it is known; NaN where it never is."""
    chosen = values[frames]
    known = chosen[np.isfinite(chosen).all(axis=1)]
    return np.median(known, axis=0) if len(known) else np.full(values.shape[1], np.nan)
