"""The fitted measure, `models/back_rounding.json`: degrees of whole-back bend from features, and how sure that is."""

import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np

from analyzer.kinematics.angles import FloatArray, Series
from analyzer.kinematics.back_features import BACK_FEATURES, BEND_INDICATORS, HEAD_INDICATORS
from analyzer.package_data import find_resource

BASELINE_KINDS = ("standing", "sitting", "lying")
"""Postures with effects of their own, by how the baseline is held."""

BEND_UNIT_DEG = 30.0
"""Unit of bend in the effects."""

ERROR_TERMS = ("always", "bend", "lean", "yaw", "unusual", "unusual_tall")
"""What the expected error grows with: nothing, bend / 30 degrees, change of trunk inclination / 60, yaw / 10, features
unlike those fitted to, a tall outline unlike those fitted to."""

HEAD_OUTLIER_SD = 1.75
"""Neck and head further than this from what the outline makes expect, in standard deviations, are believed less.

95 of 100 bottoms of rendered people lie below it; most lifters on film look ahead and lie at 2.7 to 5, and with their
heads believed as much as others a back kept flat reads 20 degrees arched (docs/validation.md).
"""

_SHOWN = len(BEND_INDICATORS)
_OUTLINE, _HEAD = slice(None, _SHOWN - len(HEAD_INDICATORS)), slice(_SHOWN - len(HEAD_INDICATORS), None)
_HEAD_POWER = 4  # a head twice as far off as that hardly counts; chosen


@dataclass(frozen=True)
class BackRoundingModel:
    """What bend and posture do to what shows, turned round to tell the bend; its expected error; what it has seen.

    Attributes
    ----------
    features : names of the features.
    effects : by KINDS, and "any" for a baseline that is none of them: (1 + P, S), of 30 degrees of bend and of each
        posture feature on each of BEND_INDICATORS.
    left_over : (S, S) covariance of what neither explains.
    no_bend : belief in no bend: the weight of one more observation of it.
    usual : (F, F) inverse of the features' second moments among the people fitted to.
    tall_mean, tall_usual : mean and inverse covariance of their tall outlines.
    spread : half width of the 80 % interval in degrees, for each unit of ERROR_TERMS.
    unusual_limit, tall_limit : nothing is told from features, or of people, more unusual than this.
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
        """Degrees for each unit of a feature while everything is seen; (F,)."""
        effects = self.effects.get(kind, self.effects["any"])
        seen, told = _squared(self.left_over[None], effects[0], self.no_bend)
        shown: Series = BEND_UNIT_DEG * seen[0] / told[0]
        return np.concatenate([shown, -effects[1:] @ shown])

    def bend_deg(self, features: FloatArray, kind: str, doubts: FloatArray) -> tuple[Series, Series]:
        """Bend of the whole back beyond the tall posture, + rounded: by generalized least squares from what shows.

        Parameters
        ----------
        features : (T, F).
        doubts : (T, S) variance to add where something is in the way.

        Returns
        -------
        bend_deg : (T,)
        interval_scale : (T,) how many times less sure that is than with everything in view; 1 and more.
        """
        effects = self.effects.get(kind, self.effects["any"])
        of_bend = effects[0]
        rest = features[:, :_SHOWN] - features[:, _SHOWN:] @ effects[1:]
        covariance = self.left_over + doubts[:, :, None] * np.eye(_SHOWN)
        odd = np.maximum(1.0, (self._head_distance(rest, of_bend, covariance) / HEAD_OUTLIER_SD) ** _HEAD_POWER)
        of_head = np.zeros(_SHOWN)
        of_head[_HEAD] = np.diag(self.left_over)[_HEAD]
        seen, told = _squared(covariance + (odd - 1)[:, None, None] * np.diag(of_head), of_bend, self.no_bend)
        _, all_told = _squared(self.left_over[None], of_bend, self.no_bend)
        return BEND_UNIT_DEG * (rest * seen).sum(axis=1) / told, np.sqrt(all_told / told)

    def _head_distance(self, rest: FloatArray, of_bend: Series, covariance: FloatArray) -> Series:
        """How far neck and head lie from what the outline alone makes expect, in standard deviations; (T,), 1 is usual.

        A real neck opens further than those fitted to, and what holds for small turns of it no longer does.
        """
        outline, head, cross = (
            covariance[:, _OUTLINE, _OUTLINE],
            covariance[:, _HEAD, _HEAD],
            covariance[:, _OUTLINE, _HEAD],
        )
        seen, told = _squared(outline, of_bend[_OUTLINE], self.no_bend)
        bend = (rest[:, _OUTLINE] * seen).sum(axis=1) / told
        off = rest - bend[:, None] * of_bend
        goes_with = np.linalg.solve(outline, cross)
        beyond = off[:, _HEAD] - np.einsum("to,toh->th", off[:, _OUTLINE], goes_with)
        effect = of_bend[_HEAD] - of_bend[_OUTLINE] @ goes_with
        left = head - np.swapaxes(cross, 1, 2) @ goes_with + effect[:, :, None] * effect[:, None] / told[:, None, None]
        square = (beyond * np.linalg.solve(left, beyond[..., None])[..., 0]).sum(axis=1)
        return np.sqrt(square / len(HEAD_INDICATORS))

    def unusual(self, features: FloatArray) -> Series:
        """How unlike those fitted to features (T, F) are; 1 is usual."""
        return np.sqrt(np.einsum("tf,fg,tg->t", features, self.usual, features) / len(self.features))

    def unusual_tall(self, outline: FloatArray) -> float:
        """How unlike those fitted to a tall outline is; 1 is usual."""
        off = outline - self.tall_mean
        return float(np.sqrt(off @ self.tall_usual @ off / len(off)))

    def half_width_deg(
        self, features: FloatArray, bend_deg: Series, interval_scale: Series, yaw_deg: float, unusual_tall: float
    ) -> Series:
        """Half of the 80 % interval, (T,)."""
        width: Series = self.error_terms(features, bend_deg, interval_scale, yaw_deg, unusual_tall) @ self.spread
        return width

    def error_terms(
        self, features: FloatArray, bend_deg: Series, interval_scale: Series, yaw_deg: float, unusual_tall: float
    ) -> FloatArray:
        """(T, len(ERROR_TERMS)) what the expected error grows with; all but "always" vanish at the baseline itself."""
        lean = np.abs(features[:, self.features.index("trunk")]) / 0.6
        unusual = self.unusual(features)
        near = np.minimum(1.0, unusual)  # in the tall posture itself there is little to be wrong about
        terms = np.column_stack(
            [
                np.ones(len(features)),
                np.abs(bend_deg) / 30,
                lean,
                near * abs(yaw_deg) / 10,
                unusual,
                near * unusual_tall,
            ]
        )
        wider: FloatArray = terms * interval_scale[:, None]
        return wider

    def to_json(self, about: dict[str, Any]) -> str:
        """The fit as text, after some words about it."""
        return json.dumps({**about, **_plain(asdict(self))}) + "\n"


def _squared(covariance: FloatArray, of_bend: Series, no_bend: float) -> tuple[FloatArray, Series]:
    """Of generalized least squares: what each thing that shows weighs, (T, S), and what all of them tell, (T,)."""
    effect = np.broadcast_to(of_bend[:, None], (*covariance.shape[:2], 1))
    seen = np.asarray(np.linalg.solve(covariance, effect)[..., 0], dtype=np.float64)
    return seen, seen @ of_bend + no_bend


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return np.round(value, 6).tolist() if isinstance(value, np.ndarray) else value


@cache
def load_rounding_model() -> BackRoundingModel:
    """The fit that ships with the analyzer."""
    plain = json.loads(find_resource("models/back_rounding.json").read_text())
    model = BackRoundingModel(
        features=tuple(plain["features"]),
        effects={kind: np.array(effects) for kind, effects in plain["effects"].items()},
        left_over=np.array(plain["left_over"]),
        no_bend=plain["no_bend"],
        usual=np.array(plain["usual"]),
        tall_mean=np.array(plain["tall_mean"]),
        tall_usual=np.array(plain["tall_usual"]),
        spread=np.array(plain["spread"]),
        unusual_limit=plain["unusual_limit"],
        tall_limit=plain["tall_limit"],
    )
    if model.features != BACK_FEATURES:
        raise ValueError("models/back_rounding.json was fitted to other features: fit it again (benchmarks.back.fit)")
    return model
