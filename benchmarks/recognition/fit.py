"""Fit the recognition of movements and write `models/movement_recognition.json`.

    python -m benchmarks.recognition.fit TRACKS [--clips FOLDER ...] [--truth FOLDER ...]

TRACKS/<folder's name>/clips/<clip>/track.npz are the tracks of the labelled clips, as `analyzer batch FOLDER --out
TRACKS/<folder's name>` leaves them. One half of the clips that name a movement in their `CLIPS.tsv` is used, by
repository, and every second rendered clip: the rest is held out. With OPENBLAS_NUM_THREADS=1 the same clips give the
same weights.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from analyzer.kinematics.arrays import FloatArray
from analyzer.movements.recognition import (
    MODEL_FILE,
    NO_MOVEMENT_CLASS,
    REST_CLASS,
    describe_segments,
    softmax,
    split_segments,
    standardize_features,
)
from analyzer.movements.segment_features import SEGMENT_FEATURES, compute_signals
from benchmarks.recognition.labelled import LabelledMotion, load_labelled_clips, load_rendered_clips
from benchmarks.recognition.movements import MOVEMENT_SIMULATORS
from benchmarks.recognition.others import simulate_clips

CLASSES = (
    *(make.__name__ for make in MOVEMENT_SIMULATORS if make.__name__ != REST_CLASS),
    REST_CLASS,
    NO_MOVEMENT_CLASS,
)
HIDDEN_UNITS = 24  # of each network; chosen, with the rest of these, by clips left out (card)
NETWORKS = 10  # each with simulated stretches of its own, so that no one sample of them decides
RIDGE = 3e-3
CLIP_WEIGHT = 6.0  # a labelled clip counts as this many simulated stretches
CLIPS_PER_MOVEMENT = 350  # simulated stretches of a movement
UNKNOWN_SHARE = 0.15  # of the training stretches: hands unknown, and likewise the neck
Stretches = tuple[FloatArray, np.ndarray, FloatArray]
"""Features (N, F), classes (N,) and weights (N,) of stretches of clips."""
_MOVES = {  # what moves in it: stretches of a clip that show less than half of the most are not taken for it
    "hinge": "shoulder_way",
    "squat": "shoulder_way",
    "toe_touch": "shoulder_way",
    "sit_to_stand": "shoulder_way",
    "carry": "steps_per_s",
}


def labelled_rows(clips: Sequence[LabelledMotion]) -> Stretches:
    """Return the stretches of labelled clips."""
    rows, classes, weights = [], [], []
    for clip in clips:
        features, _ = describe_segments(compute_signals(clip.motion), split_segments(clip.motion.times_s))
        if not len(features):
            continue
        name = clip.movement if clip.movement in CLASSES else NO_MOVEMENT_CLASS
        if name in _MOVES:
            moves = features[:, SEGMENT_FEATURES.index(_MOVES[name])]
            features = features[moves >= 0.5 * np.nanmax(moves)]
        rows.append(features)
        classes.append(np.full(len(features), CLASSES.index(name)))
        weights.append(np.full(len(features), CLIP_WEIGHT / len(features)))
    return np.concatenate(rows), np.concatenate(classes), np.concatenate(weights)


def simulated_rows(seed: int, each: int = CLIPS_PER_MOVEMENT) -> Stretches:
    """Return simulated stretches, `each` of a movement."""
    rows, classes = [], []
    for stretch in simulate_clips(each, seed):
        times = stretch.motion.times_s
        features, _ = describe_segments(compute_signals(stretch.motion), [(0.0, float(times[-1]))])
        rows.append(features)
        classes.append(np.full(len(features), CLASSES.index(stretch.movement)))
    return np.concatenate(rows), np.concatenate(classes), np.ones(sum(map(len, rows)))


def hide_features(features: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Make some features unknown, as they are on film."""
    result = features.copy()
    of_hands = np.array(["hand" in name or "elbow" in name for name in SEGMENT_FEATURES])
    result[(rng.random(len(result)) < UNKNOWN_SHARE)[:, None] & of_hands] = np.nan
    result[rng.random(len(result)) < UNKNOWN_SHARE, SEGMENT_FEATURES.index("neck_way")] = np.nan
    result[rng.random(result.shape) < UNKNOWN_SHARE / 5] = np.nan
    return result


def fit_network(known: FloatArray, classes: np.ndarray, weights: FloatArray, seed: int) -> list[FloatArray]:
    """Fit one network by L-BFGS: weighted cross entropy and a ridge."""
    rng = np.random.default_rng(seed)
    count = known.shape[1]
    shapes = ((count, HIDDEN_UNITS), (HIDDEN_UNITS,), (HIDDEN_UNITS, len(CLASSES)), (len(CLASSES),))
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    start = [rng.normal(0, 1 / np.sqrt(shape[0]), shape) if len(shape) == 2 else np.zeros(shape) for shape in shapes]
    ridge = np.concatenate([np.full(part.size, RIDGE if part.ndim == 2 else 0.0) for part in start])
    target = np.eye(len(CLASSES))[classes]
    weights = weights / weights.sum()

    def parts(flat: FloatArray) -> list[FloatArray]:
        """Split the flat parameters into the arrays of the network."""
        return [part.reshape(shape) for part, shape in zip(np.split(flat, cuts), shapes, strict=True)]

    def loss(flat: FloatArray) -> tuple[float, FloatArray]:
        """Compute the weighted cross-entropy with ridge penalty, and its gradient."""
        first, first_offset, second, second_offset = parts(flat)
        hidden = np.tanh(known @ first + first_offset)
        probabilities = softmax(hidden @ second + second_offset)
        right = np.maximum(probabilities[np.arange(len(classes)), classes], 1e-12)
        out = (probabilities - target) * weights[:, None]
        back = (out @ second.T) * (1 - hidden**2)
        slopes = [known.T @ back, back.sum(axis=0), hidden.T @ out, out.sum(axis=0)]
        slope = np.concatenate([part.ravel() for part in slopes]) + ridge * flat
        return float(-(weights * np.log(right)).sum() + 0.5 * (ridge * flat**2).sum()), slope

    flat = np.concatenate([part.ravel() for part in start])
    return parts(minimize(loss, flat, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x)


def fit_model(clips: Sequence[LabelledMotion], simulated: Sequence[Stretches]) -> dict[str, object]:
    """Fit one network to each sample of simulated stretches, and all to the clips. Returns JSON values."""
    labelled = [labelled_rows(clips)] if clips else []
    sets = [[np.concatenate(parts) for parts in zip(sample, *labelled, strict=True)] for sample in simulated]
    every = np.concatenate([features for features, _, _ in sets])
    mean, sd = np.nanmean(every, axis=0), np.nanstd(every, axis=0) + 1e-6
    layers = []
    for seed, (features, classes, weights) in enumerate(sets):
        known = standardize_features(hide_features(features, np.random.default_rng(seed)), mean, sd)
        layers.append([np.round(part, 4).tolist() for part in fit_network(known, classes, weights, seed)])
    return {
        "features": SEGMENT_FEATURES,
        "classes": CLASSES,
        "mean": np.round(mean, 4).tolist(),
        "sd": np.round(sd, 4).tolist(),
        "layers": layers,
    }


def list_rendered_clips(tracks: Path, truth: Sequence[Path]) -> Iterator[LabelledMotion]:
    """Yield the rendered clips that the model is fitted to: every second one."""
    for folder in truth:
        yield from (clip for clip in load_rendered_clips(folder, tracks / folder.name) if clip.half == "training")


def add_data_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folders of tracks, labelled clips and rendered clips."""
    shared = Path("../shared")
    parser.add_argument("tracks", type=Path)
    parser.add_argument("--clips", type=Path, nargs="*", default=[shared / "clips2", shared / "clips"])
    parser.add_argument("--truth", type=Path, nargs="*", default=[shared / "truth", shared / "truth_oblique"])


def main() -> None:
    """Fit and write the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data_arguments(parser)
    arguments = parser.parse_args()
    clips = [
        clip
        for folder in arguments.clips
        for clip in load_labelled_clips(folder, arguments.tracks / folder.name)
        if clip.half == "training"
    ]
    clips += list_rendered_clips(arguments.tracks, arguments.truth)
    model = fit_model(clips, [simulated_rows(seed) for seed in range(NETWORKS)])
    Path(MODEL_FILE).write_text(json.dumps(model) + "\n", encoding="utf-8")
    print(f"{MODEL_FILE}: fitted to {len(clips)} clips and simulated stretches, {CLIPS_PER_MOVEMENT} a movement")


if __name__ == "__main__":
    main()
