"""Fit the line of the back to rendered people and write `models/back_rounding.json`.

    python -m benchmarks.back.fit CLIPS [CLIPS ...] [--tracks TRACKS ...]

CLIPS are folders that `benchmarks.back.scenarios` filled. Outline, neck and head are explained by the true bend and the
posture, by ridge regression; the measure turns that round. (A regression of the bend itself errs no less, and reads
every back towards the usual one: flat backs 6 degrees too round.) There is no offset: no change is no bend. People who
stand, sit and lie share effects, and each posture may differ a little. Every clip has the same weight. The expected
error is fitted to what each fifth of the people get from the other four. The same clips give the same weights.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
from scipy.optimize import nnls

from analyzer.kinematics.back_features import BACK_FEATURES, BASELINE_POSITIONS, BEND_INDICATORS, POSTURE_COVARIATES
from analyzer.kinematics.back_rounding_model import BASELINE_KINDS, BEND_UNIT_DEG, ERROR_TERMS, BackRoundingModel
from benchmarks.back.people import RenderedPerson, load_people

YAW_DEG = 16.0  # people turned more are not fitted to
OCCLUDING_ARMS = {"hips", "behind"}  # hide the back: not fitted to; barbells are left out of the tall outline
RIDGE = 0.05  # on the effects of bend and posture; this and the next three by the error of people left out: flat
POSTURE_RIDGE = 30.0  # how much dearer it is for a posture to have effects of its own
FEATURE_NOISE = 0.003  # added to the variance of what shows, in its units squared
NO_BEND = 0.5  # belief in no bend: without any, errors are a little larger; with much, deep bends read too low
FOLDS = 5
COVERAGE = 0.85  # share of the truth that the 80 % interval holds among people left out: other people are odder; chosen
UNUSUAL = (0.995, 1.5)  # limit: this quantile of the frames fitted to, times this room; chosen
UNUSUAL_TALL = (1.0, 1.1)  # likewise of tall outlines; chosen
TALL_FLOOR = 0.02  # added to the variance of tall outlines, tenths of the hip-shoulder length squared; chosen
_WEIGHTS = Path("models/back_rounding.json")


def fit_model(persons: list[RenderedPerson]) -> BackRoundingModel:
    """Fit the rounding model to rendered people."""
    rows = np.concatenate([person.features[_known_frames(person)] for person in persons])
    talls = np.array([person.baseline_outline for person in persons if person.arms != "bar"])
    model = replace(
        _fit_without_interval(persons),
        usual=np.linalg.inv(rows.T @ rows / len(rows) + 0.003 * np.eye(len(BACK_FEATURES))),
        tall_mean=talls.mean(axis=0),
        tall_usual=np.linalg.inv(np.cov(talls.T) + TALL_FLOOR * np.eye(talls.shape[1])).astype(float),
    )
    unusual = np.quantile(model.feature_distance(rows), UNUSUAL[0]) * UNUSUAL[1]
    tall = np.quantile([model.baseline_distance(outline) for outline in talls], UNUSUAL_TALL[0]) * UNUSUAL_TALL[1]
    return replace(model, spread=_spread(model, persons), unusual_limit=float(unusual), tall_limit=float(tall))


def _blank() -> BackRoundingModel:
    features, shows, places = len(BACK_FEATURES), len(BEND_INDICATORS), len(BASELINE_POSITIONS)
    return BackRoundingModel(
        BACK_FEATURES,
        {kind: np.zeros((1 + len(POSTURE_COVARIATES), shows)) for kind in ("any", *BASELINE_KINDS)},
        np.eye(shows),
        NO_BEND,
        np.zeros((features, features)),
        np.zeros(places),
        np.zeros((places, places)),
        np.zeros(len(ERROR_TERMS)),
        np.inf,
        np.inf,
    )


def _fitted_to(person: RenderedPerson) -> bool:
    """Return whether a person is filmed from the side, has a tall posture, and shows the back."""
    square = person.yaw_deg <= YAW_DEG and person.arms not in OCCLUDING_ARMS
    is_measured = (
        not person.is_leg_hidden
        and bool(_known_frames(person).any())
        and bool(np.isfinite(person.baseline_outline).all())
    )
    return square and is_measured and person.kind in BASELINE_KINDS


def _spread(model: BackRoundingModel, persons: list[RenderedPerson]) -> np.ndarray:
    """Fit what the error of people left out grows with, scaled so that COVERAGE of their frames lie inside.

    Every person has the same weight, however many frames.
    """
    terms, errors, shares = [], [], []
    for first in range(FOLDS):
        left_out = persons[first::FOLDS]
        others = _fit_without_interval([person for person in persons if person not in left_out])
        for person in left_out:
            known = _known_frames(person) & (person.bend_deg != 0)
            if not known.any():
                continue
            rows = person.features[known]
            bend, interval_scale = others.estimate_bend(rows, person.kind, person.doubts[known])
            unusual_tall = model.baseline_distance(person.baseline_outline)
            terms.append(model.error_terms(rows, bend, interval_scale, person.work.view.yaw_deg, unusual_tall))
            errors.append(np.abs(bend - person.bend_deg[known]))
            shares.append(np.full(len(rows), 1 / len(rows)))
    term, error, share = np.concatenate(terms), np.concatenate(errors), np.concatenate(shares)
    spread, _ = nnls(term * np.sqrt(share)[:, None], error * np.sqrt(share))
    return spread * _quantile(error / (term @ spread), share, COVERAGE)


def _quantile(values: np.ndarray, share: np.ndarray, wanted: float) -> float:
    order = np.argsort(values)
    return float(np.interp(wanted, np.cumsum(share[order]) / share.sum(), values[order]))


def _known_frames(person: RenderedPerson) -> np.ndarray:
    known: np.ndarray = np.isfinite(person.features).all(axis=1)
    return known


def _fit_without_interval(persons: list[RenderedPerson]) -> BackRoundingModel:
    """Fit the model without its interval: effects of bend and posture on the features, and the unexplained rest."""
    shown = _fit_effects(persons)
    left_over = FEATURE_NOISE * np.eye(len(BEND_INDICATORS))
    for person in persons:
        rows, bend = _rows(person)
        rest = rows[:, : len(BEND_INDICATORS)] - _design_matrix(rows, bend, person.kind) @ shown
        left_over += rest.T @ rest / len(rest) / len(persons)
    count = 1 + len(POSTURE_COVARIATES)
    common, own = shown[:count], shown[count:].reshape(len(BASELINE_KINDS), count, -1) / np.sqrt(POSTURE_RIDGE)
    effects = {"any": common} | {kind: common + part for kind, part in zip(BASELINE_KINDS, own, strict=True)}
    return replace(_blank(), effects=effects, left_over=left_over)


def _fit_effects(persons: list[RenderedPerson]) -> np.ndarray:
    """Fit the effects of bend and posture on the features: common ones, then each posture's difference."""
    count = (1 + len(POSTURE_COVARIATES)) * (1 + len(BASELINE_KINDS))
    square, right = RIDGE * np.eye(count), np.zeros((count, len(BEND_INDICATORS)))
    for person in persons:
        rows, bend = _rows(person)
        causes = _design_matrix(rows, bend, person.kind)
        square += causes.T @ causes / len(rows)
        right += causes.T @ rows[:, : len(BEND_INDICATORS)] / len(rows)
    return np.linalg.solve(square, right)


def _design_matrix(rows: np.ndarray, bend_deg: np.ndarray, kind: str) -> np.ndarray:
    common = np.column_stack([bend_deg / BEND_UNIT_DEG, rows[:, len(BEND_INDICATORS) :]])
    own = [common / np.sqrt(POSTURE_RIDGE) * (kind == other) for other in BASELINE_KINDS]
    return np.column_stack([common, *own])


def _rows(person: RenderedPerson) -> tuple[np.ndarray, np.ndarray]:
    known = _known_frames(person)
    return person.features[known], person.bend_deg[known]


def main() -> None:
    """Fit and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--tracks", type=Path, nargs="*", help="folders of the tracks; default: CLIPS/tracks")
    arguments = parser.parse_args()
    with patch("analyzer.analysis.body_fit.load_rounding_model", return_value=_blank()):  # not the earlier weights
        track_folders = arguments.tracks or [clips / "tracks" for clips in arguments.clips]
        everybody = [
            person for pair in zip(arguments.clips, track_folders, strict=True) for person in load_people(*pair)
        ]
    persons = [person for person in everybody if _fitted_to(person)]
    model = fit_model(persons)
    about = {
        "about": "Line of the back: degrees of whole-back bend from outline and posture. Card: back_rounding.md.",
        "fitted_to": f"{len(persons)} rendered clips, {sum(int(_known_frames(p).sum()) for p in persons)} frames",
    }
    _WEIGHTS.write_text(model.to_json(about))
    print("degrees for each unit of a feature, with everything in view:")
    print(f"{'':24s} " + " ".join(f"{kind:>9s}" for kind in model.effects))
    for row, name in enumerate(BACK_FEATURES):
        print(f"{name:24s} " + " ".join(f"{model.weights(kind)[row]:9.2f}" for kind in model.effects))
    print("half width:", dict(zip(ERROR_TERMS, np.round(model.spread, 2).tolist(), strict=True)))
    print(f"limits: unusual {model.unusual_limit:.2f}, unusual tall {model.tall_limit:.2f}; {about['fitted_to']}")


if __name__ == "__main__":
    main()
