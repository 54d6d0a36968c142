"""The fitted model of back rounding (`models/back_rounding.json`): whole-back bend from features, with its error."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import get_args

import numpy as np

from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.kinematics.back_features import BACK_FEATURES, BEND_INDICATORS, HEAD_INDICATORS
from analyzer.kinematics.baseline_posture import PostureKind
from analyzer.package_data import find_resource

BASELINE_KINDS: tuple[PostureKind, ...] = get_args(PostureKind)
"""Baseline postures with effects of their own."""

BEND_UNIT_DEG = 30.0
"""Unit of bend in the effects."""

ERROR_TERMS = ("always", "bend", "lean", "yaw", "unusual", "unusual_tall")
"""What the expected error grows with: nothing, bend / 30 degrees, change of trunk inclination / 60, yaw / 10, features
unlike those fitted to, a baseline outline unlike those fitted to."""

HEAD_OUTLIER_SD = 1.75
"""Neck and head further than this from what the outline predicts, in standard deviations, lose weight.

95 of 100 bottoms of rendered people lie below it; most lifters on film look ahead and lie at 2.7 to 5, and with full
weight of their heads a flat back reads 14 to 20 degrees arched (docs/experiments.md).
"""

_INDICATORS = len(BEND_INDICATORS)
_OUTLINE, _HEAD = slice(None, _INDICATORS - len(HEAD_INDICATORS)), slice(_INDICATORS - len(HEAD_INDICATORS), None)
_HEAD_POWER = 4  # a head twice as far off as that hardly counts; chosen


@dataclass(frozen=True)
class BackRoundingModel:
    """Effects of bend and posture on the bend indicators, inverted to estimate the bend, with its expected error.

    The field names are those of the stored file. S bend indicators, P posture covariates, F = S + P features.

    Attributes
    ----------
    features : names of the features.
    effects : by BASELINE_KINDS, and "any" for other baselines: (1 + P, S), effect of 30 degrees of bend and of each
        posture covariate on each bend indicator.
    left_over : (S, S) covariance of the residual that neither explains.
    no_bend : weight of the prior that there is no bend, as of one more observation.
    usual : (F, F) inverse of the features' second moments among the people fitted to.
    tall_mean, tall_usual : mean and inverse covariance of their baseline outlines.
    spread : half width of the 80 % interval in degrees, for each unit of ERROR_TERMS.
    unusual_limit, tall_limit : no value is given beyond this `feature_distance` or `baseline_distance`.
    """

    features: tuple[str, ...]
    effects: dict[str, FloatArray]
    left_over: FloatArray
    no_bend: float
    usual: FloatArray
    tall_mean: FloatArray
    tall_usual: FloatArray
    spread: FloatArray
    unusual_limit: float
    tall_limit: float

    def weights(self, kind: str) -> Series:
        """Compute the degrees for each unit of a feature while everything is visible; (F,)."""
        effects = self.effects.get(kind, self.effects["any"])
        weights, information = _gls_weights(self.left_over[None], effects[0], self.no_bend)
        of_indicators: Series = BEND_UNIT_DEG * weights[0] / information[0]
        return np.concatenate([of_indicators, -effects[1:] @ of_indicators])

    def estimate_bend(self, features: FloatArray, kind: str, extra_variance: FloatArray) -> tuple[Series, Series]:
        """Estimate the bend of the whole back beyond the baseline posture by generalized least squares.

        Parameters
        ----------
        features : (T, F); NaN where unknown.
        kind : baseline posture, one of BASELINE_KINDS or any other word.
        extra_variance : (T, S) variance that occlusion adds.

        Returns
        -------
        bend_deg : (T,) degrees, 0 at the baseline, + rounded, - arched; NaN where a feature is NaN.
        interval_scale : (T,) how many times wider the interval is than with everything visible; at least 1.
        """
        effects = self.effects.get(kind, self.effects["any"])
        of_bend = effects[0]
        rest = features[:, :_INDICATORS] - features[:, _INDICATORS:] @ effects[1:]
        covariance = self.left_over + extra_variance[:, :, None] * np.eye(_INDICATORS)
        head_scale = np.maximum(1.0, (self._head_distance(rest, of_bend, covariance) / HEAD_OUTLIER_SD) ** _HEAD_POWER)
        of_head = np.zeros(_INDICATORS)
        of_head[_HEAD] = np.diag(self.left_over)[_HEAD]
        covariance = covariance + (head_scale - 1)[:, None, None] * np.diag(of_head)
        weights, information = _gls_weights(covariance, of_bend, self.no_bend)
        _, full_information = _gls_weights(self.left_over[None], of_bend, self.no_bend)
        return BEND_UNIT_DEG * (rest * weights).sum(axis=1) / information, np.sqrt(full_information / information)

    def _head_distance(self, rest: FloatArray, of_bend: Series, covariance: FloatArray) -> Series:
        """Compute how far neck and head are from what the outline predicts, in standard deviations; (T,), 1 is usual.

        A real neck opens further than those fitted to, and what holds for small turns of it no longer does.
        """
        outline, head, cross = (
            covariance[:, _OUTLINE, _OUTLINE],
            covariance[:, _HEAD, _HEAD],
            covariance[:, _OUTLINE, _HEAD],
        )
        weights, information = _gls_weights(outline, of_bend[_OUTLINE], self.no_bend)
        bend = (rest[:, _OUTLINE] * weights).sum(axis=1) / information
        off = rest - bend[:, None] * of_bend
        regression = np.linalg.solve(outline, cross)
        beyond = off[:, _HEAD] - np.einsum("to,toh->th", off[:, _OUTLINE], regression)
        effect = of_bend[_HEAD] - of_bend[_OUTLINE] @ regression
        variance = (
            head
            - np.swapaxes(cross, 1, 2) @ regression
            + effect[:, :, None] * effect[:, None] / information[:, None, None]
        )
        square = (beyond * np.linalg.solve(variance, beyond[..., None])[..., 0]).sum(axis=1)
        return np.sqrt(square / len(HEAD_INDICATORS))

    def feature_distance(self, features: FloatArray) -> Series:
        """Compute how far features (T, F) are from those fitted to (Mahalanobis); (T,), 1 is usual."""
        return np.sqrt(np.einsum("tf,fg,tg->t", features, self.usual, features) / len(self.features))

    def baseline_distance(self, outline: FloatArray) -> float:
        """Compute how far a baseline outline (1-D) is from those fitted to (Mahalanobis); 1 is usual."""
        off = outline - self.tall_mean
        return float(np.sqrt(off @ self.tall_usual @ off / len(off)))

    def half_width_deg(
        self, features: FloatArray, bend_deg: Series, interval_scale: Series, yaw_deg: float, baseline_distance: float
    ) -> Series:
        """Compute the half width of the 80 % interval, (T,) degrees; parameters as in `error_terms`."""
        terms = self.error_terms(features, bend_deg, interval_scale, yaw_deg, baseline_distance)
        half_width: Series = terms @ self.spread
        return half_width

    def error_terms(
        self, features: FloatArray, bend_deg: Series, interval_scale: Series, yaw_deg: float, baseline_distance: float
    ) -> FloatArray:
        """Compute what the expected error grows with; all terms but "always" vanish at the baseline itself.

        Parameters
        ----------
        features : (T, F).
        bend_deg, interval_scale : (T,) as from `estimate_bend`.
        yaw_deg : turn of the camera off the side view.
        baseline_distance : of the clip's baseline outline.

        Returns
        -------
        (T, len(ERROR_TERMS)).
        """
        lean = np.abs(features[:, self.features.index("trunk")]) / 0.6
        distance = self.feature_distance(features)
        from_baseline = np.minimum(1.0, distance)  # in the baseline posture itself there is little to be wrong about
        terms = np.column_stack(
            [
                np.ones(len(features)),
                np.abs(bend_deg) / 30,
                lean,
                from_baseline * abs(yaw_deg) / 10,
                distance,
                from_baseline * baseline_distance,
            ]
        )
        scaled: FloatArray = terms * interval_scale[:, None]
        return scaled

    def to_json(self, about: Mapping[str, object]) -> str:
        """Return the model as JSON, after what is known about the fit."""
        return json.dumps({**about} | {name: _plain(value) for name, value in asdict(self).items()}) + "\n"


def _gls_weights(covariance: FloatArray, of_bend: Series, no_bend: float) -> tuple[FloatArray, Series]:
    """Compute the weight of each indicator, (T, S), and their information, (T,), by generalized least squares."""
    effect = np.broadcast_to(of_bend[:, None], (*covariance.shape[:2], 1))
    weights = np.asarray(np.linalg.solve(covariance, effect)[..., 0], dtype=np.float64)
    return weights, weights @ of_bend + no_bend


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return np.round(value, 6).tolist() if isinstance(value, np.ndarray) else value


@cache
def load_rounding_model() -> BackRoundingModel:
    """Load the model that ships with the analyzer, once."""
    stored = json.loads(find_resource("models/back_rounding.json").read_text())
    model = BackRoundingModel(
        features=tuple(stored["features"]),
        effects={kind: np.array(effects) for kind, effects in stored["effects"].items()},
        left_over=np.array(stored["left_over"]),
        no_bend=stored["no_bend"],
        usual=np.array(stored["usual"]),
        tall_mean=np.array(stored["tall_mean"]),
        tall_usual=np.array(stored["tall_usual"]),
        spread=np.array(stored["spread"]),
        unusual_limit=stored["unusual_limit"],
        tall_limit=stored["tall_limit"],
    )
    if model.features != BACK_FEATURES:
        raise ValueError("models/back_rounding.json was fitted to other features: fit it again (benchmarks.back.fit)")
    return model
