"""The fitted measure, `models/back_rounding.json`: degrees of whole-back bend from features, and how sure that is."""

import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np

from analyzer.kinematics.angles import FloatArray, Series
from analyzer.kinematics.back_features import FEATURES
from analyzer.resources import resource

KINDS = ("standing", "sitting", "lying")
"""Postures with weights of their own, by how the baseline is held."""

SPREAD = ("always", "bend", "lean", "yaw", "unusual", "unusual_tall")
"""What the expected error grows with: nothing, bend / 30 degrees, change of trunk inclination / 60, yaw / 10, features
unlike those fitted to, a tall outline unlike those fitted to."""


@dataclass(frozen=True)
class BackModel:
    """A weighted sum of features, its expected error, and what it has seen.

    Attributes
    ----------
    features : names of the features, in the order of the weights.
    weights : by KINDS, and "any" for a baseline that is none of them: degrees for each unit of a feature.
    usual : (F, F) inverse of the features' second moments among the people fitted to.
    tall_mean, tall_usual : mean and inverse covariance of their tall outlines.
    spread : half width of the 80 % interval in degrees, for each unit of SPREAD.
    unusual_limit, tall_limit : nothing is told from features, or of people, more unusual than this.
    """

    features: tuple[str, ...]
    weights: dict[str, FloatArray]
    usual: FloatArray
    tall_mean: FloatArray
    tall_usual: FloatArray
    spread: FloatArray
    unusual_limit: float
    tall_limit: float

    def bend_deg(self, features: FloatArray, kind: str) -> Series:
        """Bend of the whole back beyond the tall posture, + rounded; (T,) from (T, F)."""
        bend: Series = features @ self.weights.get(kind, self.weights["any"])
        return bend

    def unusual(self, features: FloatArray) -> Series:
        """How unlike those fitted to features (T, F) are; 1 is usual."""
        return np.sqrt(np.einsum("tf,fg,tg->t", features, self.usual, features) / len(self.features))

    def unusual_tall(self, outline: FloatArray) -> float:
        """How unlike those fitted to a tall outline is; 1 is usual."""
        off = outline - self.tall_mean
        return float(np.sqrt(off @ self.tall_usual @ off / len(off)))

    def half_width_deg(self, features: FloatArray, bend_deg: Series, yaw_deg: float, unusual_tall: float) -> Series:
        """Half of the 80 % interval, (T,)."""
        width: Series = self.spread_terms(features, bend_deg, yaw_deg, unusual_tall) @ self.spread
        return width

    def spread_terms(self, features: FloatArray, bend_deg: Series, yaw_deg: float, unusual_tall: float) -> FloatArray:
        """(T, len(SPREAD)) what the expected error grows with; all but "always" vanish at the baseline itself."""
        lean = np.abs(features[:, self.features.index("trunk")]) / 0.6
        unusual = self.unusual(features)
        near = np.minimum(1.0, unusual)  # in the tall posture itself there is little to be wrong about
        return np.column_stack(
            [
                np.ones(len(features)),
                np.abs(bend_deg) / 30,
                lean,
                near * abs(yaw_deg) / 10,
                unusual,
                near * unusual_tall,
            ]
        )

    def to_json(self, about: dict[str, Any]) -> str:
        """The weights as text, after some words about them."""
        return json.dumps({**about, **_plain(asdict(self))}, indent=1) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return np.round(value, 5).tolist() if isinstance(value, np.ndarray) else value


@cache
def back_model() -> BackModel:
    """The weights that ship with the analyzer."""
    plain = json.loads(resource("models/back_rounding.json").read_text())
    model = BackModel(
        features=tuple(plain["features"]),
        weights={kind: np.array(weights) for kind, weights in plain["weights"].items()},
        usual=np.array(plain["usual"]),
        tall_mean=np.array(plain["tall_mean"]),
        tall_usual=np.array(plain["tall_usual"]),
        spread=np.array(plain["spread"]),
        unusual_limit=plain["unusual_limit"],
        tall_limit=plain["tall_limit"],
    )
    if model.features != FEATURES:
        raise ValueError("models/back_rounding.json was fitted to other features: fit it again (benchmarks.back.fit)")
    return model
