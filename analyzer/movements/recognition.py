"""Recognise the movement of a clip: one small model classifies every segment of it, and the clear ones decide."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

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
"""Classes without a movement: one that is not known, and standing about or setting up."""
SEGMENT_LENGTHS_S = (3.0, 6.0, 12.0)  # of segments beside the whole clip; reps take .7 to 8 s; chosen
MIN_ACTIVE_S = 0.3  # with less weight in every segment the person does not move; chosen


@dataclass(frozen=True)
class RecognitionModel:
    """A mean of small networks from features, standardised and unknown ones at their mean, to class probabilities.

    Attributes
    ----------
    classes : names of movements, `NO_MOVEMENT_CLASS` and `REST_CLASS`.
    mean, sd : (F,) of the features in the training data.
    layers : of each network: weights (F, H), offsets (H,), weights (H, C), offsets (C,).
    """

    classes: tuple[str, ...]
    mean: FloatArray
    sd: FloatArray
    layers: tuple[tuple[FloatArray, FloatArray, FloatArray, FloatArray], ...]

    def predict_probabilities(self, features: FloatArray) -> FloatArray:
        """Compute (N, C) probabilities of the classes for (N, F) features."""
        known = standardize_features(features, self.mean, self.sd)
        total = np.zeros((len(features), len(self.classes)))
        for first, first_offset, second, second_offset in self.layers:
            total += softmax(np.tanh(known @ first + first_offset) @ second + second_offset)
        return total / len(self.layers)


def standardize_features(features: FloatArray, mean: FloatArray, sd: FloatArray) -> FloatArray:
    """Return features (N, F) in standard deviations (F,) from their mean (F,), at most four; 0 where unknown."""
    return np.nan_to_num(np.clip((features - mean) / sd, -4.0, 4.0))


def softmax(values: FloatArray) -> FloatArray:
    """Return the probabilities of logits (..., C) over the last axis, the C classes."""
    raised = np.exp(values - values.max(axis=-1, keepdims=True))
    result: FloatArray = raised / raised.sum(axis=-1, keepdims=True)
    return result


@cache
def load_recognition_model() -> RecognitionModel:
    """Load the model that ships with the analyzer."""
    return build_model(json.loads(find_resource(MODEL_FILE).read_text()))


def build_model(plain: Mapping[str, Any]) -> RecognitionModel:
    """Build a model from the JSON values of its file; raises ValueError where it was fitted to other features."""
    if tuple(plain["features"]) != SEGMENT_FEATURES:
        raise ValueError(f"{MODEL_FILE} was fitted to other features: fit it again (benchmarks.recognition.fit)")
    layers = []
    for network in plain["layers"]:
        first, first_offset, second, second_offset = (np.array(part) for part in network)
        layers.append((first, first_offset, second, second_offset))
    return RecognitionModel(tuple(plain["classes"]), np.array(plain["mean"]), np.array(plain["sd"]), tuple(layers))


def split_segments(times_s: FloatArray) -> list[tuple[float, float]]:
    """Return start and end of the segments of a clip, seconds: all of `times_s` (T,), and shorter ones that overlap."""
    end_s = float(times_s[-1])
    segments = [(0.0, end_s)]
    for length_s in SEGMENT_LENGTHS_S:
        if length_s < end_s:
            count = int(np.ceil(2 * end_s / length_s)) - 1
            starts = np.linspace(0.0, end_s - length_s, count)
            segments += [(float(start), float(start) + length_s) for start in starts]
    return segments


def describe_segments(signals: PostureSignals, spans: list[tuple[float, float]]) -> tuple[FloatArray, FloatArray]:
    """Compute the features of segments that show the body, (N, F), and the seconds in which each shows it, (N,)."""
    rows, weights = [], []
    for start_s, end_s in spans:
        frames = (signals.times_s >= start_s) & (signals.times_s <= end_s)
        features = compute_segment_features(signals, frames)
        if features is not None:
            rows.append(features)
            weights.append((end_s - start_s) * float(np.isfinite(signals.posture[frames, 0]).mean()))
    return np.array(rows).reshape(-1, len(SEGMENT_FEATURES)), np.array(weights)


def combine_segments(probabilities: FloatArray, seconds: FloatArray, classes: tuple[str, ...]) -> dict[str, float]:
    """Combine the class probabilities of all segments, (N, C), to probabilities of the movements.

    A segment counts by its length, by the probability of a movement in it, and by the square of the largest share of
    one movement: set-up, walking in and the time between two movements do not decide.
    """
    names = [name for name in classes if name != REST_CLASS]
    active = probabilities[:, [classes.index(name) for name in names]]
    activity = active.sum(axis=1)
    share = active / np.maximum(activity, 1e-9)[:, None]
    if not len(probabilities) or float((seconds * activity).max()) < MIN_ACTIVE_S:
        return dict.fromkeys(names, 0.0) | {NO_MOVEMENT_CLASS: 1.0}
    weight = seconds * activity * share.max(axis=1) ** 2
    return dict(zip(names, (weight[:, None] * share).sum(axis=0) / weight.sum(), strict=True))


class _MotionKey:
    """A motion as a cache key: equal to itself only."""

    def __init__(self, motion: Motion) -> None:
        self.motion = motion

    def __hash__(self) -> int:
        return id(self.motion)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _MotionKey) and other.motion is self.motion


@lru_cache(maxsize=2)
def _movement_probabilities(key: _MotionKey) -> dict[str, float]:
    model, signals = load_recognition_model(), compute_signals(key.motion)
    features, seconds = describe_segments(signals, split_segments(key.motion.times_s))
    return combine_segments(model.predict_probabilities(features), seconds, model.classes)


def movement_probability(name: str, motion: Motion) -> float:
    """Return the probability that a clip shows a movement, one of those that the model knows."""
    return float(_movement_probabilities(_MotionKey(motion))[name])


def segment_probabilities(motion: Motion, spans: list[tuple[float, float]]) -> list[dict[str, float] | None]:
    """Return the probabilities of all classes, also `REST_CLASS`, in each segment; None where the body is hidden."""
    model, signals = load_recognition_model(), compute_signals(motion)
    result: list[dict[str, float] | None] = []
    for span in spans:
        features, _ = describe_segments(signals, [span])
        rows = model.predict_probabilities(features)
        result.append(dict(zip(model.classes, map(float, rows[0]), strict=True)) if len(rows) else None)
    return result
