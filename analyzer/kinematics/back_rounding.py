"""How much the back rounds in every frame, how sure that is, where it bends most, and when nothing is said."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
from scipy.ndimage import maximum_filter1d

from analyzer.kinematics.angles import FloatArray, Series
from analyzer.kinematics.back_features import baseline_outline, compute_back_features
from analyzer.kinematics.back_occlusion import estimate_occlusion_variance
from analyzer.kinematics.back_outline import largest_profile_step, sample_profile
from analyzer.kinematics.back_rounding_model import BackRoundingModel
from analyzer.kinematics.baseline_posture import BaselinePosture, find_baseline_posture
from analyzer.kinematics.landmarks import Facing

BaselineKind = Literal["standing", "sitting", "lying", "flattest"]
BackThird = Literal["lower", "middle", "upper"]
_Shown = Callable[[np.ndarray], tuple[FloatArray, FloatArray]]
BACK_THIRDS: tuple[BackThird, ...] = ("lower", "middle", "upper")

_EDGES = np.array([0.0, 1 / 3, 2 / 3, 1.0])  # the thirds of the back, from hip to shoulder


@dataclass(frozen=True)
class BackRoundingLimits:
    """When nothing is said of the back."""

    yaw_deg: float = 20.0  # beyond, stated intervals held the truth in 8 of 16 rendered clips only; measured
    trunk_px: float = 60.0  # hip to shoulder of a person 210 px tall: errors of 5 to 20 degrees; truth README
    step: float = 0.06  # outline jumping by this much of the trunk within 2.5 % of it: an arm, a plate; chosen
    max_occluded_share: float = (
        0.5  # covered or unlike a back in more of the frames, or of the tall ones: none told; chosen
    )
    arm_margin_s: float = 0.5  # an arm that covers the back is beside it so long before and after; chosen
    baseline_tolerance_deg: float = 10.0  # trunk, thigh and knee this near the tall stance's are that stance; chosen
    flattest_share: float = 0.1  # without a tall posture, the flattest frames of the clip are the baseline; chosen
    extreme_share: float = 0.05  # the most (least) rounded moments: this share of the frames; chosen
    peak_deg: float = 8.0  # less bend than this has no peak; chosen


LIMITS = BackRoundingLimits()


@dataclass(frozen=True)
class BackRounding:
    """The back of every frame.

    Attributes
    ----------
    rounding_deg : (T,) bend of the whole back beyond the baseline, + rounded, - arched; NaN where nothing is said.
    half_width_deg : (T,) half of its 80 % interval.
    profile : (T, B) the outline behind the hip-shoulder line, as in `back_profile`.
    curvature_by_third_deg : (T, 3) change of the outline's turn in the lower, middle and upper third, from the
    baseline.
    tall : (T,) True in the frames it is told from.
    baseline : the posture it is told from; "flattest" frames where no tall posture was found.
    abstained : why nothing is said of the clip; None when something is.
    """

    rounding_deg: Series
    half_width_deg: Series
    profile: FloatArray
    curvature_by_third_deg: FloatArray
    tall: np.ndarray
    baseline: BaselineKind
    abstained: str | None


def estimate_back_rounding(
    profile: FloatArray,
    angles: dict[str, Series],
    points_px: FloatArray,
    facing: Facing,
    reference: BaselinePosture | None,
    covered: np.ndarray,
    yaw_deg: float,
    trunk_px: float,
    model: BackRoundingModel,
    is_leg_hidden: bool = False,
    limits: BackRoundingLimits = LIMITS,
) -> BackRounding:
    """Whole-back bend from the outline of the back.

    Parameters
    ----------
    profile : (T, B) as `back_profile.extract_dorsal_profile` gives it; NaN where unknown.
    angles : the columns of `angles.csv`.
    points_px : (T, 33, 2) the landmarks that the outline is told against.
    facing : side of the picture that is forward.
    reference : the person's own tall posture.
    covered : (T,) True where an arm lies over the outline.
    yaw_deg : turn of the camera off the side view.
    trunk_px : hip to shoulder in the full picture.
    model : the fitted measure.
    is_leg_hidden : whether something hides the near leg, and so perhaps the low back.
    """
    rough = np.nan_to_num(largest_profile_step(profile), nan=np.inf) > limits.step
    usable = np.isfinite(profile).all(axis=1) & ~covered & ~rough
    baseline: BaselineKind = reference.kind if reference else "flattest"
    shown_from = partial(compute_back_observations, profile, angles, points_px, facing)
    tall = (
        _find_baseline_frames(reference, angles, limits) & usable
        if reference
        else _find_flattest_frames(shown_from, usable, model, limits)
    )
    shape, hidden = shown_from(tall)
    bend, interval_scale = model.bend_deg(shape, baseline, hidden)
    unusual_tall = model.unusual_tall(baseline_outline(profile, tall))
    half_width = model.half_width_deg(shape, bend, interval_scale, yaw_deg, unusual_tall)
    told = usable & np.isfinite(bend)
    told[told] = model.unusual(shape[told]) <= model.unusual_limit
    against = _ExclusionChecks(profile, reference, covered, rough, tall, told, unusual_tall > model.tall_limit)
    reason = _exclusion_reason(against, yaw_deg, trunk_px, limits)
    if reason is None and is_leg_hidden:
        reason = "a plate or something else hides the near leg and may hide the low back"
    if reason is not None:
        told = np.zeros(len(bend), dtype=bool)
    return BackRounding(
        np.where(told, bend, np.nan),
        np.where(told, half_width, np.nan),
        profile,
        np.where(told[:, None], _turns_deg(profile, tall), np.nan),
        tall,
        baseline,
        reason,
    )


def discard_rounding(line: BackRounding, reason: str) -> BackRounding:
    """The same back of which nothing is said; `reason` as in `BackRounding.abstained`."""
    nothing = np.full(len(line.rounding_deg), np.nan)
    curvature_by_third_deg = np.full(line.curvature_by_third_deg.shape, np.nan)
    return replace(
        line,
        rounding_deg=nothing,
        half_width_deg=nothing,
        curvature_by_third_deg=curvature_by_third_deg,
        abstained=reason,
    )


def compute_back_observations(
    profile: FloatArray, angles: dict[str, Series], points_px: FloatArray, facing: Facing, tall: np.ndarray
) -> tuple[FloatArray, FloatArray]:
    """Features of every frame, and the doubts about what they show: those of the frame and of the tall ones add up."""
    hidden = estimate_occlusion_variance(points_px, profile, facing)
    at_tall = np.median(hidden[tall], axis=0) if tall.any() else 0.0
    return compute_back_features(profile, angles, points_px, facing, tall), hidden + at_tall


def _find_baseline_frames(
    reference: BaselinePosture, angles: dict[str, Series], limits: BackRoundingLimits
) -> np.ndarray:
    """The frames in which the person stands as in the tall posture, and those of it.

    The tallest moment of a lift leans back and arches, and is short: the frames about it are the steadier baseline. A
    back that slumps or sags can leave trunk, thigh and knee where they are, so who sits or lies is not asked.
    """
    if reference.kind != "standing":
        return reference.frames
    like = np.ones(len(reference.frames), dtype=bool)
    for name in ("trunk_inclination_deg", "thigh_inclination_deg", "knee_flexion_deg"):
        known = angles[name][reference.frames & np.isfinite(angles[name])]
        if len(known):
            like &= ~(np.abs(angles[name] - np.median(known)) > limits.baseline_tolerance_deg)
    frames: np.ndarray = (like & np.isfinite(angles["trunk_inclination_deg"])) | reference.frames
    return frames


def find_unoccluded_baseline(
    times_s: FloatArray,
    angles: dict[str, Series],
    height_px: Series,
    reference: BaselinePosture | None,
    covered: np.ndarray,
    limits: BackRoundingLimits = LIMITS,
) -> BaselinePosture | None:
    """The own tall posture; where an arm covers the back in it, another still one without, if there is one.

    Parameters
    ----------
    height_px : (T,) height of the shoulder over the hip.
    """
    if reference is None or covered[reference.frames].mean() <= limits.max_occluded_share:
        return reference
    trunk, thigh, knee = (
        angles[name] for name in ("trunk_inclination_deg", "thigh_inclination_deg", "knee_flexion_deg")
    )
    frames = round(limits.arm_margin_s / max(float(np.median(np.diff(times_s))), 1e-3))
    near = maximum_filter1d(covered, 2 * frames + 1)
    other = find_baseline_posture(times_s, np.where(near, np.nan, trunk), thigh, knee, height_px)
    return other if other is not None and other.still and other.kind == reference.kind else reference


def find_peak_third(line: BackRounding, frames: np.ndarray, limits: BackRoundingLimits = LIMITS) -> BackThird | None:
    """The third of the back that bends most in some frames (T,); None where it bends little."""
    chosen = frames & np.isfinite(line.rounding_deg)
    if not chosen.any() or abs(np.median(line.rounding_deg[chosen])) < limits.peak_deg:
        return None
    turns = np.median(line.curvature_by_third_deg[chosen], axis=0) * np.sign(np.median(line.rounding_deg[chosen]))
    return BACK_THIRDS[int(np.argmax(turns))]


def summarize_back_rounding(line: BackRounding, limits: BackRoundingLimits = LIMITS) -> dict[str, Any]:
    """What `analysis.json` tells of the back, at the moments in which it is most and least rounded."""
    told: dict[str, Any] = {
        "baseline": line.baseline,
        "abstained": line.abstained,
        "told_share": round(float(np.isfinite(line.rounding_deg).mean()), 3),
        "most": None,
        "least": None,
    }
    known = line.rounding_deg[np.isfinite(line.rounding_deg)]
    if len(known):
        with np.errstate(invalid="ignore"):
            told["most"] = _extreme(line, line.rounding_deg >= np.quantile(known, 1 - limits.extreme_share), limits)
            told["least"] = _extreme(line, line.rounding_deg <= np.quantile(known, limits.extreme_share), limits)
    return told


def _extreme(line: BackRounding, frames: np.ndarray, limits: BackRoundingLimits) -> dict[str, Any]:
    middle, half = np.median(line.rounding_deg[frames]), np.median(line.half_width_deg[frames])
    return {
        "rounding_deg": round(float(middle), 1),
        "interval_80_deg": [round(float(middle - half), 1), round(float(middle + half), 1)],
        "peak_third": find_peak_third(line, frames, limits),
    }


def _find_flattest_frames(
    shown_from: _Shown, usable: np.ndarray, model: BackRoundingModel, limits: BackRoundingLimits
) -> np.ndarray:
    """The usable frames with the least bend, told first from the middle of them all."""
    if not usable.any():
        return usable
    shape, hidden = shown_from(usable)
    bend = np.where(usable, model.bend_deg(shape, "any", hidden)[0], np.nan)
    flat: np.ndarray = bend <= np.nanquantile(bend, limits.flattest_share) if np.isfinite(bend).any() else usable
    return flat


def _turns_deg(profile: FloatArray, tall: np.ndarray) -> FloatArray:
    """Turn of the outline within each third, as change from the tall frames; + rounded."""
    here = sample_profile(profile, np.concatenate([_EDGES - 0.05, _EDGES + 0.05])).reshape(len(profile), 2, len(_EDGES))
    slope_deg = np.degrees(np.arctan2(here[:, 1] - here[:, 0], 0.1))
    turns = slope_deg[:, :-1] - slope_deg[:, 1:]
    return turns - (np.nanmedian(turns[tall], axis=0) if tall.any() else np.nan)


@dataclass(frozen=True)
class _ExclusionChecks:
    """What speaks against each frame, (T,) bool, and against the tall posture."""

    profile: FloatArray
    reference: BaselinePosture | None
    covered: np.ndarray
    rough: np.ndarray
    tall: np.ndarray
    told: np.ndarray
    unusual_tall: bool


def _exclusion_reason(
    against: _ExclusionChecks, yaw_deg: float, trunk_px: float, limits: BackRoundingLimits
) -> str | None:
    """Why nothing is said of the clip, in words that stand after "the back was left out: "."""
    known = np.isfinite(against.profile).all(axis=1)
    asked = against.reference.frames & known if against.reference else known
    if abs(yaw_deg) > limits.yaw_deg:
        return f"the camera is turned {abs(yaw_deg):.0f} degrees off the side: the edge seen is not the back's middle"
    if not trunk_px >= limits.trunk_px:
        return "the person is too small in the picture"
    if not asked.any():
        return "its outline was not seen"
    for frames in (asked, known):
        if against.covered[frames].mean() > limits.max_occluded_share:
            return "an arm lies over it"
        if against.rough[frames].mean() > limits.max_occluded_share:
            return "something touches its outline"
    if against.unusual_tall:
        return "its outline in the tall posture is unlike any that was tried: an arm, a plate, clothes or hair"
    if against.told[known].mean() < 1 - limits.max_occluded_share:
        return "its outline is unlike any that was tried: loose clothes, hair or something beside it"
    return None
