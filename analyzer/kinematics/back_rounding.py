"""Back rounding of every frame with its interval, where the back bends most, and when no value is given."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.ndimage import maximum_filter1d

from analyzer.kinematics.arrays import BoolArray, FloatArray, Series, median_interval_s
from analyzer.kinematics.back_features import baseline_outline, compute_back_features
from analyzer.kinematics.back_occlusion import estimate_occlusion_variance
from analyzer.kinematics.back_outline import DorsalOutline, largest_profile_step, sample_profile
from analyzer.kinematics.back_rounding_model import BackRoundingModel
from analyzer.kinematics.baseline_posture import BaselinePosture, PostureKind, find_baseline_posture

BaselineKind = PostureKind | Literal["flattest"]
BackThird = Literal["lower", "middle", "upper"]
BACK_THIRDS: tuple[BackThird, ...] = ("lower", "middle", "upper")

_THIRD_EDGES = np.array([0.0, 1 / 3, 2 / 3, 1.0])  # from hip to shoulder


@dataclass(frozen=True)
class BackRoundingLimits:
    """When no value of back rounding is given, and what counts as baseline and as a peak."""

    yaw_deg: float = 20.0  # beyond, stated intervals held the truth in 8 of 16 rendered clips only; measured
    trunk_px: float = 60.0  # hip to shoulder of a person 210 px tall: errors of 5 to 20 degrees; truth README
    max_outline_step: float = 0.06  # a larger step, in trunk lengths within 2.5 % of it: an arm, a plate; chosen
    max_occluded_share: float = 0.5  # occluded or unlike a back in more of the (baseline) frames: no value; chosen
    arm_margin_s: float = 0.5  # an arm that covers the back is beside it this long before and after; chosen
    baseline_tolerance_deg: float = 10.0  # trunk, thigh and knee this near the baseline's count as it; chosen
    flattest_share: float = 0.1  # without a baseline posture, the flattest frames of the clip are it; chosen
    extreme_share: float = 0.05  # the most (least) rounded moments: this share of the frames; chosen
    peak_deg: float = 8.0  # less bend than this has no peak; chosen


LIMITS = BackRoundingLimits()


@dataclass(frozen=True)
class BackRounding:
    """Back rounding of every frame.

    Attributes
    ----------
    rounding_deg : (T,) bend of the whole back beyond the baseline, + rounded, - arched; NaN where no value is given.
    half_width_deg : (T,) half width of its 80 % interval.
    profile : (T, B) the outline behind the hip-shoulder line, as in `DorsalOutline`.
    curvature_by_third_deg : (T, 3) change from the baseline of the outline's turn in the lower, middle and upper third.
    is_baseline : (T,) True in the frames that it is measured from.
    baseline : posture of those frames; "flattest" where no baseline posture was found.
    abstained : why no value is given for the clip; None when one is.
    """

    rounding_deg: Series
    half_width_deg: Series
    profile: FloatArray
    curvature_by_third_deg: FloatArray
    is_baseline: BoolArray
    baseline: BaselineKind
    abstained: str | None


def estimate_back_rounding(
    outline: DorsalOutline,
    angles: dict[str, Series],
    reference: BaselinePosture | None,
    is_occluded: BoolArray,
    yaw_deg: float,
    trunk_px: float,
    model: BackRoundingModel,
    is_leg_hidden: bool = False,
    limits: BackRoundingLimits = LIMITS,
) -> BackRounding:
    """Estimate the bend of the whole back from its outline.

    Parameters
    ----------
    outline : T frames.
    angles : the columns of `angles.csv`, degrees.
    reference : the baseline posture; None when there is none.
    is_occluded : (T,) True where an arm lies over the outline.
    yaw_deg : turn of the camera off the side view.
    trunk_px : hip to shoulder in the full picture.
    model : the fitted model.
    is_leg_hidden : whether something hides the near leg, and so perhaps the low back.
    limits : when no value is given.

    Returns
    -------
    T frames of back rounding; `abstained` says why there is no value for the clip.
    """
    profile = outline.profile
    is_rough = np.nan_to_num(largest_profile_step(profile), nan=np.inf) > limits.max_outline_step
    is_usable = np.isfinite(profile).all(axis=1) & ~is_occluded & ~is_rough
    baseline: BaselineKind = reference.kind if reference else "flattest"
    if reference:
        is_baseline = _find_baseline_frames(reference, angles, limits) & is_usable
    else:
        is_baseline = _find_flattest_frames(outline, angles, is_usable, model, limits)
    features, extra_variance = compute_back_observations(outline, angles, is_baseline)
    bend_deg, interval_scale = model.estimate_bend(features, baseline, extra_variance)
    baseline_distance = model.baseline_distance(baseline_outline(profile, is_baseline))
    half_width_deg = model.half_width_deg(features, bend_deg, interval_scale, yaw_deg, baseline_distance)
    is_given = is_usable & np.isfinite(bend_deg)
    is_given[is_given] = model.feature_distance(features[is_given]) <= model.unusual_limit
    checks = _ExclusionChecks(profile, reference, is_occluded, is_rough, is_given, baseline_distance > model.tall_limit)
    reason = _exclusion_reason(checks, yaw_deg, trunk_px, limits)
    if reason is None and is_leg_hidden:
        reason = "a plate or something else hides the near leg and may hide the low back"
    if reason is not None:
        is_given = np.zeros(len(bend_deg), dtype=bool)
    return BackRounding(
        rounding_deg=np.where(is_given, bend_deg, np.nan),
        half_width_deg=np.where(is_given, half_width_deg, np.nan),
        profile=profile,
        curvature_by_third_deg=np.where(is_given[:, None], _curvature_by_third_deg(profile, is_baseline), np.nan),
        is_baseline=is_baseline,
        baseline=baseline,
        abstained=reason,
    )


def discard_rounding(line: BackRounding, reason: str) -> BackRounding:
    """Return the same back without any value; `reason` as in `BackRounding.abstained`."""
    return replace(
        line,
        rounding_deg=np.full(len(line.rounding_deg), np.nan),
        half_width_deg=np.full(len(line.rounding_deg), np.nan),
        curvature_by_third_deg=np.full(line.curvature_by_third_deg.shape, np.nan),
        abstained=reason,
    )


def compute_back_observations(
    outline: DorsalOutline, angles: dict[str, Series], is_baseline: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Compute the features of every frame and the variance that occlusion adds to them.

    Parameters
    ----------
    outline : T frames.
    angles : the columns of `angles.csv`, degrees.
    is_baseline : (T,) True in the frames of the baseline posture.

    Returns
    -------
    features : (T, len(BACK_FEATURES)).
    extra_variance : (T, len(BEND_INDICATORS)) of the frame and of the baseline frames together.
    """
    variance = estimate_occlusion_variance(outline)
    at_baseline = np.median(variance[is_baseline], axis=0) if is_baseline.any() else 0.0
    return compute_back_features(outline, angles, is_baseline), variance + at_baseline


def find_unoccluded_baseline(
    times_s: Series,
    angles: dict[str, Series],
    height_px: Series,
    reference: BaselinePosture | None,
    is_occluded: BoolArray,
    limits: BackRoundingLimits = LIMITS,
) -> BaselinePosture | None:
    """Return the baseline posture; where an arm covers the back in it, another still one without, if there is one.

    Parameters
    ----------
    times_s : (T,) seconds.
    angles : the columns of `angles.csv`, degrees; trunk, thigh and knee are used.
    height_px : (T,) height of the shoulder over the hip.
    reference : the baseline posture of the clip.
    is_occluded : (T,) True where an arm lies over the outline.
    limits : how much of the posture an arm may cover.
    """
    if reference is None or is_occluded[reference.frames].mean() <= limits.max_occluded_share:
        return reference
    trunk, thigh, knee = (
        angles[name] for name in ("trunk_inclination_deg", "thigh_inclination_deg", "knee_flexion_deg")
    )
    frames = round(limits.arm_margin_s / max(median_interval_s(times_s), 1e-3))
    is_near_arm = maximum_filter1d(is_occluded, 2 * frames + 1)
    other = find_baseline_posture(times_s, np.where(is_near_arm, np.nan, trunk), thigh, knee, height_px)
    return other if other is not None and other.is_still and other.kind == reference.kind else reference


def find_peak_third(line: BackRounding, frames: BoolArray, limits: BackRoundingLimits = LIMITS) -> BackThird | None:
    """Find the third of the back that bends most in some frames (T,); None where the back bends little."""
    selected = frames & np.isfinite(line.rounding_deg)
    if not selected.any() or abs(np.median(line.rounding_deg[selected])) < limits.peak_deg:
        return None
    bends = np.median(line.curvature_by_third_deg[selected], axis=0) * np.sign(np.median(line.rounding_deg[selected]))
    return BACK_THIRDS[int(np.argmax(bends))]


def summarize_back_rounding(line: BackRounding, limits: BackRoundingLimits = LIMITS) -> dict[str, object]:
    """Summarize the back for `analysis.json`: at the moments in which it is most and least rounded."""
    known_deg = line.rounding_deg[np.isfinite(line.rounding_deg)]
    most = least = None
    if len(known_deg):
        with np.errstate(invalid="ignore"):
            most = _extreme(line, line.rounding_deg >= np.quantile(known_deg, 1 - limits.extreme_share), limits)
            least = _extreme(line, line.rounding_deg <= np.quantile(known_deg, limits.extreme_share), limits)
    return {
        "baseline": line.baseline,
        "abstained": line.abstained,
        "known_share": round(float(np.isfinite(line.rounding_deg).mean()), 3),
        "most": most,
        "least": least,
    }


def _extreme(line: BackRounding, frames: BoolArray, limits: BackRoundingLimits) -> dict[str, object]:
    middle, half = np.median(line.rounding_deg[frames]), np.median(line.half_width_deg[frames])
    return {
        "rounding_deg": round(float(middle), 1),
        "interval_80_deg": [round(float(middle - half), 1), round(float(middle + half), 1)],
        "peak_third": find_peak_third(line, frames, limits),
    }


def _find_baseline_frames(
    reference: BaselinePosture, angles: dict[str, Series], limits: BackRoundingLimits
) -> BoolArray:
    """Find the frames of the baseline posture, and those in which the person stands alike.

    The tallest moment of a lift leans back and arches, and is short: the frames about it are the steadier baseline. A
    back can slump or sag while trunk, thigh and knee stay, so only standing postures are extended.
    """
    if reference.kind != "standing":
        return reference.frames
    is_alike = np.ones(len(reference.frames), dtype=bool)
    for name in ("trunk_inclination_deg", "thigh_inclination_deg", "knee_flexion_deg"):
        known = angles[name][reference.frames & np.isfinite(angles[name])]
        if len(known):
            is_alike &= ~(np.abs(angles[name] - np.median(known)) > limits.baseline_tolerance_deg)
    is_baseline: BoolArray = (is_alike & np.isfinite(angles["trunk_inclination_deg"])) | reference.frames
    return is_baseline


def _find_flattest_frames(
    outline: DorsalOutline,
    angles: dict[str, Series],
    is_usable: BoolArray,
    model: BackRoundingModel,
    limits: BackRoundingLimits,
) -> BoolArray:
    """Find the usable frames with the least bend, measured at first from the middle of them all."""
    if not is_usable.any():
        return is_usable
    features, extra_variance = compute_back_observations(outline, angles, is_usable)
    bend_deg = np.where(is_usable, model.estimate_bend(features, "any", extra_variance)[0], np.nan)
    if not np.isfinite(bend_deg).any():
        return is_usable
    is_flattest: BoolArray = bend_deg <= np.nanquantile(bend_deg, limits.flattest_share)
    return is_flattest


def _curvature_by_third_deg(profile: FloatArray, is_baseline: BoolArray) -> FloatArray:
    """Compute the turn of the outline (T, 3) within each third, as change from the baseline frames; + rounded."""
    positions = np.concatenate([_THIRD_EDGES - 0.05, _THIRD_EDGES + 0.05])
    sampled = sample_profile(profile, positions).reshape(len(profile), 2, len(_THIRD_EDGES))
    slope_deg = np.degrees(np.arctan2(sampled[:, 1] - sampled[:, 0], 0.1))
    turn_deg = slope_deg[:, :-1] - slope_deg[:, 1:]
    return turn_deg - (np.nanmedian(turn_deg[is_baseline], axis=0) if is_baseline.any() else np.nan)


@dataclass(frozen=True)
class _ExclusionChecks:
    """Reasons to exclude frames, each (T,) bool, or the baseline posture."""

    profile: FloatArray
    reference: BaselinePosture | None
    is_occluded: BoolArray
    is_rough: BoolArray
    is_given: BoolArray
    is_baseline_unusual: bool


def _exclusion_reason(
    checks: _ExclusionChecks, yaw_deg: float, trunk_px: float, limits: BackRoundingLimits
) -> str | None:
    """Return why the clip gets no value, in words that follow "no number for the back: "; None when it gets one."""
    is_known = np.isfinite(checks.profile).all(axis=1)
    is_needed = checks.reference.frames & is_known if checks.reference else is_known
    if abs(yaw_deg) > limits.yaw_deg:
        return f"the camera stood {abs(yaw_deg):.0f} degrees off the side, where the edge seen is not the back's middle"
    if not trunk_px >= limits.trunk_px:
        return "the person is too small in the picture"
    if not is_needed.any():
        return "its outline was not seen"
    for frames in (is_needed, is_known):
        if checks.is_occluded[frames].mean() > limits.max_occluded_share:
            return "an arm lies over it"
        if checks.is_rough[frames].mean() > limits.max_occluded_share:
            return "something touches its outline"
    if checks.is_baseline_unusual:
        return "its outline in the tall posture is unusual (an arm, a plate, clothes or hair)"
    if checks.is_given[is_known].mean() < 1 - limits.max_occluded_share:
        return "its outline is unusual (loose clothes, hair or something beside it)"
    return None
