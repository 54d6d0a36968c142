"""Residuals of the fitted body: how far its joints are from the observed points, and their derivatives.

Each function returns robust residuals of T frames: a Cauchy weight keeps outliers (a landmark on a plate, a stepping
foot) from pulling the body.
"""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics import body_model as body
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.body_model import Projection
from analyzer.kinematics.body_priors import BodyPriors

_ANKLES = slice(6, 8)
# Share of the mass at shoulders, hips, knees and ankles, left and right: head, arms and trunk .678 at .626 of hip to
# shoulder; thighs .2 at .567 of knee to hip; shins .093 at .567 of ankle to knee (Dempster in Winter, Biomechanics and
# Motor Control of Human Movement); less the ankles themselves.
_SHARES = np.array([0.678 * 0.626, 0.678 * 0.374 + 0.2 * 0.567, 0.2 * 0.433 + 0.093 * 0.567, 0.093 * 0.433]) / 0.971
_MASS = np.repeat((_SHARES - [0.0, 0.0, 0.0, 1.0]) / 2, 2)
_BEST_SEEN_PERCENTILE = 90.0  # of the ankles' weight over the clip: the frames that show them best; chosen
OUTLIER, SOFT_OUTLIER = 9.0, 4.0
"""Squared standard deviations at which a Cauchy weight is one half: of pixels, and of everything else."""


@dataclass(frozen=True)
class Residuals:
    """Residuals of one kind of evidence.

    Attributes
    ----------
    cost : robust cost, the sum over all frames.
    residual : (T, ...) weighted residuals.
    by_frame, by_clip : (T, ..., P) and (T, ..., S) derivatives by the parameters of the frame and of the clip.
    """

    cost: float
    residual: FloatArray
    by_frame: FloatArray
    by_clip: FloatArray


def cauchy_weight(squared: FloatArray, half: float) -> FloatArray:
    """Compute the Cauchy weight of squared residuals, of their shape: 1 at 0, one half at `half`."""
    return 1.0 / (1.0 + squared / half)


def pixel_residuals(projection: Projection, observed_px: FloatArray, weight: FloatArray, sd_px: float) -> Residuals:
    """Compute the distances of the projected points from the observed ones.

    Parameters
    ----------
    projection : T frames, K points.
    observed_px : (T, K, 2) pixels from the picture's middle.
    weight : (T, K) 0 to 1.
    sd_px : standard deviation of a point of weight 1.
    """
    off = (projection.pixels - observed_px) / sd_px
    squared = (off**2).sum(axis=2)
    root = np.sqrt(weight * cauchy_weight(squared, OUTLIER))[..., None]
    scale = (root / sd_px)[..., None]
    return Residuals(
        _cauchy_cost(weight, squared, OUTLIER), off * root, projection.by_frame * scale, projection.by_clip * scale
    )


def depth_residuals(
    projection: Projection, observed: FloatArray, weight: FloatArray, trunk: float, priors: BodyPriors
) -> Residuals:
    """Compute the differences of the depths behind the mid-hip.

    Parameters
    ----------
    projection : T frames, K points.
    observed : (T, K) depth behind the mid-hip, trunk lengths.
    weight : (T, K) 0 to 1.
    trunk : length of the trunk, distances from the camera.
    priors : noise and weight of a depth.
    """

    def behind_hips(values: FloatArray) -> FloatArray:
        return values - values[:, 2:4].mean(axis=1, keepdims=True)

    off = (behind_hips(projection.depth / trunk) - observed) / priors.depth_noise
    weight = priors.depth_share * weight
    root = np.sqrt(weight * cauchy_weight(off**2, SOFT_OUTLIER))
    scale = (root / (trunk * priors.depth_noise))[..., None]
    by_clip = projection.depth_by_clip.copy()
    by_clip[..., body.LOG_TRUNK] -= projection.depth
    return Residuals(
        _cauchy_cost(weight, off**2, SOFT_OUTLIER),
        off * root,
        behind_hips(projection.depth_by_frame) * scale,
        behind_hips(by_clip) * scale,
    )


def planted_weight(weight: FloatArray) -> FloatArray:
    """Compute the weight (T,) of planted feet from the weights of the points, (T, K), in all frames of a clip.

    Feet stay where they are while plates hide them: the weight is that of the ankles in the frames that show them best,
    in every frame by as much as it shows the body.
    """
    best = np.percentile(weight[:, _ANKLES].max(axis=1), _BEST_SEEN_PERCENTILE)
    planted: FloatArray = best * _body_weight(weight)
    return planted


def foot_residuals(
    projection: Projection, clip: FloatArray, weight: FloatArray, trunk: float, priors: BodyPriors
) -> Residuals:
    """Compute the distances of the mid-ankle from the place where the feet are planted.

    Parameters
    ----------
    projection : T frames, K points.
    clip : (CLIP_PARAMETERS,) with the place of the feet.
    weight : (T,) weight of the place, see `planted_weight`.
    trunk : length of the trunk, distances from the camera.
    priors : how far planted feet drift.
    """
    sd = priors.foot_drift * trunk
    off = (projection.plane[:, _ANKLES].mean(axis=1) - clip[body.STAND_F :]) / sd
    squared = (off**2).sum(axis=1)
    root = np.sqrt(weight * cauchy_weight(squared, SOFT_OUTLIER))
    by_clip = projection.plane_by_clip[:, _ANKLES].mean(axis=1)
    by_clip[:, 0, body.STAND_F] -= 1.0
    by_clip[:, 1, body.STAND_U] -= 1.0
    by_clip[..., body.LOG_TRUNK] -= off * sd
    scale = (root / sd)[:, None, None]
    return Residuals(
        _cauchy_cost(weight, squared, SOFT_OUTLIER),
        off * root[:, None],
        projection.plane_by_frame[:, _ANKLES].mean(axis=1) * scale,
        by_clip * scale,
    )


def balance_residuals(projection: Projection, weight: FloatArray, trunk: float, priors: BodyPriors) -> Residuals:
    """Compute how far the centre of mass is in front of the ankles: a standing person keeps it over the feet.

    This decides between leaning forward and leaning back where the camera cannot; a person who lies or sits is an
    outlier. Parameters as in `foot_residuals`.
    """
    mean, sd = priors.balance
    ahead = np.tensordot(projection.plane[:, :8, 0], _MASS, axes=1) / trunk
    off = (ahead - mean) / sd
    weight = _body_weight(weight)
    root = np.sqrt(weight * cauchy_weight(off**2, SOFT_OUTLIER))
    scale = (root / (trunk * sd))[:, None]
    by_clip = np.tensordot(projection.plane_by_clip[:, :8, 0], _MASS, axes=(1, 0))
    by_clip[:, body.LOG_TRUNK] -= ahead * trunk
    return Residuals(
        _cauchy_cost(weight, off**2, SOFT_OUTLIER),
        (off * root)[:, None],
        np.tensordot(projection.plane_by_frame[:, :8, 0], _MASS, axes=(1, 0)) * scale,
        by_clip * scale,
    )


def _body_weight(weight: FloatArray) -> FloatArray:
    """Compute (T,), 0 to 1: how well a frame shows the body, from the weights of its points (T, K)."""
    return np.minimum(weight[:, :8].sum(axis=1) / 4, 1.0)


def _cauchy_cost(weight: FloatArray, squared: FloatArray, half: float) -> float:
    return float((weight * half * np.log1p(squared / half)).sum())
