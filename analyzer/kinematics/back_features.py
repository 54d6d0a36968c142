"""Features from which back rounding is estimated: change of outline and posture from the baseline posture."""

import numpy as np

from analyzer.kinematics.arrays import BoolArray, FloatArray, Series
from analyzer.kinematics.back_outline import DorsalOutline, sample_profile, to_trunk_coordinates
from analyzer.kinematics.landmarks import near_far_sides

OUTLINE_FEATURE_POSITIONS = np.linspace(-0.1, 1.0, 12)
"""Where the outline is compared, in hip-shoulder lengths from the hip: finer steps and more neck did no better."""

HEAD_INDICATORS = ("neck", "head", "ear_along", "ear_behind")

BEND_INDICATORS = (*(f"outline_{place:.1f}" for place in OUTLINE_FEATURE_POSITIONS), *HEAD_INDICATORS)
"""What shows the bend, as change from the baseline: the outline in tenths of the hip-shoulder length, lines of neck and
head in thirties of degrees, place of the ear along and behind the trunk in fifths of the length.

Neck and head are the visible end of the upper back: without them the error is a third larger. They are measured against
the trunk, and all of them, so that a neck bent by itself is distinct from an upper back that carries it.
"""

POSTURE_COVARIATES = ("trunk", "trunk_thigh", "knee", "trunk^2", "trunk_thigh^2", "arm", "tall_slope*trunk_thigh")
"""What moves the outline without a bend, as change from the baseline in hundreds of degrees: hips, knees and raised
arms.

The last: a shirt that hangs behind the standing person, or a slouch, is drawn taut as the hips fold. The slope of the
baseline outline, between 0.2 and 0.8 of the back in thirds of the hip-shoulder length, shows this.
"""

BACK_FEATURES = (*BEND_INDICATORS, *POSTURE_COVARIATES)

BASELINE_POSITIONS = np.linspace(0.0, 1.1, 12)
"""Where the outline of the baseline posture itself is sampled."""

_FOLD_PER_LEAN = 1.2  # trunk-thigh angle for each degree of trunk, where the thigh is hidden; chosen
_SLOPE_POSITIONS = np.array([0.2, 0.8])
_ANGLES = ("trunk_inclination", "trunk_thigh", "knee_flexion", "neck_flexion", "head_tilt", "shoulder_flexion")


def compute_back_features(outline: DorsalOutline, angles: dict[str, Series], is_baseline: BoolArray) -> FloatArray:
    """Compute the change of outline and posture from the baseline frames.

    Parameters
    ----------
    outline : T frames.
    angles : the columns of `angles.csv`, degrees; trunk, trunk-thigh, knee, neck, head and shoulder are used.
    is_baseline : (T,) True in the frames of the baseline posture.

    Returns
    -------
    (T, len(BACK_FEATURES)), NaN in frames without outline or trunk. A hidden thigh is assumed to follow the trunk; a
    hidden knee, arm, neck, head or ear not to move.
    """
    trunk, fold, knee, neck, head, arm = (
        _change_from_baseline(angles[f"{name}_deg"], is_baseline) / 100 for name in _ANGLES
    )
    fold = np.where(np.isfinite(fold), fold, _FOLD_PER_LEAN * trunk)
    ear_px = outline.points_px[:, near_far_sides(outline.facing)[0].ear]
    along, behind = to_trunk_coordinates(outline.points_px, ear_px, outline.facing)
    ear = [5 * _change_from_baseline(place, is_baseline) for place in (along, behind)]
    head_indicators = [np.nan_to_num(change) for change in (neck / 0.3, (head - trunk) / 0.3, *ear)]
    sampled = sample_profile(outline.profile, OUTLINE_FEATURE_POSITIONS)
    low, high = _median(sample_profile(outline.profile, _SLOPE_POSITIONS), is_baseline)
    indicators = [10 * (sampled - _median(sampled, is_baseline)), *head_indicators]
    covariates = [trunk, fold, np.nan_to_num(knee), trunk**2, fold**2, np.nan_to_num(arm), 3 * (low - high) * fold]
    return np.column_stack([*indicators, *covariates])


def baseline_outline(profile: FloatArray, is_baseline: BoolArray) -> FloatArray:
    """Compute the outline of the baseline posture.

    Parameters
    ----------
    profile : (T, B) as in `DorsalOutline`.
    is_baseline : (T,) True in the frames of the baseline posture.

    Returns
    -------
    (len(BASELINE_POSITIONS),) in tenths of the hip-shoulder length, + behind; NaN where it is unknown.
    """
    return 10 * _median(sample_profile(profile, BASELINE_POSITIONS), is_baseline)


def _change_from_baseline(values: Series, is_baseline: BoolArray) -> Series:
    return values - float(_median(values[:, None], is_baseline)[0])


def _median(values: FloatArray, frames: BoolArray) -> FloatArray:
    """Compute the median of each column over some frames, of those where it is known; NaN where it never is."""
    selected = values[frames]
    known = selected[np.isfinite(selected).all(axis=1)]
    return np.median(known, axis=0) if len(known) else np.full(values.shape[1], np.nan)
