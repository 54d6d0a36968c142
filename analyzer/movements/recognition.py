"""Which movement a clip shows: one small model looks at every stretch of it, and the clear ones decide."""

import json
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from analyzer.kinematics.arrays import FloatArray
from analyzer.movements.motion import Motion
from analyzer.movements.segment_features import (
    SEGMENT_FEATURES,
    PostureSignals,
    compute_segment_features,
    compute_signals,
)
from analyzer.package_data import find_resource

MODEL_FILE = "models/movement_recognition.json"
NO_MOVEMENT_CLASS, REST_CLASS = "none", "rest"
"""Classes that are no movement: another one than those known, and standing about or setting up."""
SEGMENT_LENGTHS_S = (
    3.0,
    6.0,
    12.0,
)  # lengths of the stretches looked at, beside the whole clip; reps take .7 to 8 s; chosen
MIN_ACTIVE_S = 0.3  # a clip of which no stretch weighs more shows nobody, or nothing but standing about; chosen


@dataclass(frozen=True)
class RecognitionModel:
    """A mean of small networks: features, standardised and unknown ones at their mean, to chances of the classes.

    Attributes
    ----------
    classes : names; those of movements, `NONE` and `REST`.
    mean, sd : (F,) of the features in the training data.
    layers : of each network: weights (F, H), offsets (H,), weights (H, C), offsets (C,).
    """

    classes: tuple[str, ...]
    mean: FloatArray
    sd: FloatArray
    layers: tuple[tuple[FloatArray, FloatArray, FloatArray, FloatArray], ...]

    def chances(self, features: FloatArray) -> FloatArray:
        """Compute (N, C) probabilities of the classes for (N, F) features."""
        known = standardize_features(features, self.mean, self.sd)
        total = np.zeros((len(features), len(self.classes)))
        for first, first_offset, second, second_offset in self.layers:
            total += softmax(np.tanh(known @ first + first_offset) @ second + second_offset)
        return total / len(self.layers)


def standardize_features(features: FloatArray, mean: FloatArray, sd: FloatArray) -> FloatArray:
    """Features in standard deviations from their mean, at most four; 0 where unknown."""
    return np.nan_to_num(np.clip((features - mean) / sd, -4.0, 4.0))


def softmax(values: FloatArray) -> FloatArray:
    """Probabilities from logits, over the last axis."""
    raised = np.exp(values - values.max(axis=-1, keepdims=True))
    result: FloatArray = raised / raised.sum(axis=-1, keepdims=True)
    return result


@cache
def load_recognition_model() -> RecognitionModel:
    """The model that ships with the analyzer."""
    plain = json.loads(find_resource(MODEL_FILE).read_text())
    if tuple(plain["features"]) != SEGMENT_FEATURES:
        raise ValueError(f"{MODEL_FILE} was fitted to other features: fit it again (benchmarks.recognition.fit)")
    arrays = [tuple(np.array(part) for part in network) for network in plain["layers"]]
    return RecognitionModel(tuple(plain["classes"]), np.array(plain["mean"]), np.array(plain["sd"]), tuple(arrays))  # type: ignore[arg-type]


def split_segments(times_s: FloatArray) -> list[tuple[float, float]]:
    """First and last moment of the stretches of a clip: the whole, and shorter ones that overlap by half."""
    end_s = float(times_s[-1])
    found = [(0.0, end_s)]
    for length_s in SEGMENT_LENGTHS_S:
        if length_s < end_s:
            count = int(np.ceil(2 * end_s / length_s)) - 1
            starts = np.linspace(0.0, end_s - length_s, count)
            found += [(float(start), float(start) + length_s) for start in starts]
    return found


def describe_segments(seen: PostureSignals, spans: list[tuple[float, float]]) -> tuple[FloatArray, FloatArray]:
    """Features of those stretches that show the body, (N, F), and what each may weigh: the seconds that show it."""
    rows, weights = [], []
    for start_s, end_s in spans:
        frames = (seen.times_s >= start_s) & (seen.times_s <= end_s)
        features = compute_segment_features(seen, frames)
        if features is not None:
            rows.append(features)
            weights.append((end_s - start_s) * float(np.isfinite(seen.posture[frames, 0]).mean()))
    return np.array(rows).reshape(-1, len(SEGMENT_FEATURES)), np.array(weights)


def combine_segments(chances: FloatArray, seconds: FloatArray, classes: tuple[str, ...]) -> dict[str, float]:
    """Chances of the movements from those of all stretches.

    A stretch counts by its length, by how sure it is that something is done in it, and by the square of how clear it
    is what: set-up, walking in and what lies between two movements do not decide.
    """
    names = [name for name in classes if name != REST_CLASS]
    done = chances[:, [classes.index(name) for name in names]]
    active = done.sum(axis=1)
    share = done / np.maximum(active, 1e-9)[:, None]
    if not len(chances) or float((seconds * active).max()) < MIN_ACTIVE_S:
        return dict.fromkeys(names, 0.0) | {NO_MOVEMENT_CLASS: 1.0}
    weight = seconds * active * share.max(axis=1) ** 2
    return dict(zip(names, (weight[:, None] * share).sum(axis=0) / weight.sum(), strict=True))


class _MotionKey:
    """A motion as a key: equal to itself only."""

    def __init__(self, motion: Motion) -> None:
        self.motion = motion

    def __hash__(self) -> int:
        return id(self.motion)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _MotionKey) and other.motion is self.motion


@lru_cache(maxsize=2)
def _movement_probabilities(same: _MotionKey) -> dict[str, float]:
    model, seen = load_recognition_model(), compute_signals(same.motion)
    features, seconds = describe_segments(seen, split_segments(same.motion.times_s))
    return combine_segments(model.chances(features), seconds, model.classes)


def movement_probability(name: str, motion: Motion) -> float:
    """Probability that a clip shows the movement of that name, one of those that the model knows."""
    return float(_movement_probabilities(_MotionKey(motion))[name])


def segment_probabilities(motion: Motion, spans: list[tuple[float, float]]) -> list[dict[str, float] | None]:
    """Chances of every class, `REST` too, in each of some stretches; None where the body is not seen."""
    model, seen = load_recognition_model(), compute_signals(motion)
    result: list[dict[str, float] | None] = []
    for span in spans:
        features, _ = describe_segments(seen, [span])
        one = model.chances(features)
        result.append(dict(zip(model.classes, map(float, one[0]), strict=True)) if len(one) else None)
    return result
