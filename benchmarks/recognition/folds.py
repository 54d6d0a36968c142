"""Movements of all labelled clips, each by a model that was fitted without the clips of its repository.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.recognition.folds TRACKS [--folds 6] [--share 1.0] [--processes 2]

TRACKS as for `benchmarks.recognition.fit`. All labelled clips say more than the half that is held out of the shipped
model, and `--share` says what more clips to fit to would gain. Takes about ten minutes on two cores.
"""

import argparse
import hashlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from unittest.mock import patch

from analyzer.movements import recognition
from benchmarks.recognition.fit import (
    NETWORKS,
    Stretches,
    add_data_arguments,
    fit_model,
    list_rendered_clips,
    simulated_rows,
)
from benchmarks.recognition.labelled import ClipLabel, LabelledMotion, load_motion, read_labels
from benchmarks.recognition.table import RecognitionResult, evaluate_clip, format_figures, format_row

LabelledClip = tuple[ClipLabel, LabelledMotion | None]


def fold_of(repository: str, folds: int) -> int:
    """Return the number of the fold that all clips of a repository belong to."""
    return int(hashlib.sha1(f"fold {repository}".encode()).hexdigest()[:8], 16) % folds


def is_used(repository: str, share: float) -> bool:
    """Return whether the clips of a repository are among the given share that is fitted to."""
    return int(hashlib.sha1(f"share {repository}".encode()).hexdigest()[:8], 16) % 1000 < 1000 * share


def evaluate_fold(
    fold: int,
    folds: int,
    share: float,
    clips: Sequence[LabelledClip],
    rendered: Sequence[LabelledMotion],
    simulated: Sequence[Stretches],
) -> list[RecognitionResult]:
    """Fit to the clips of the other folds, and recognise those of this one."""
    others = [
        motion
        for label, motion in clips
        if motion and fold_of(label.repository, folds) != fold and is_used(label.repository, share)
    ]
    model = recognition.build_model(fit_model([*others, *rendered], simulated))
    with patch.object(recognition, "load_recognition_model", return_value=model):
        return [
            evaluate_clip(label, motion.motion if motion else None)
            for label, motion in clips
            if fold_of(label.repository, folds) == fold
        ]


def main() -> None:
    """Print the table and the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data_arguments(parser)
    parser.add_argument("--folds", type=int, default=6)
    parser.add_argument("--share", type=float, default=1.0, help="of the other repositories that is fitted to")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    clips: list[LabelledClip] = []
    for folder in arguments.clips:
        for label in read_labels(folder):
            motion = load_motion(label.path, arguments.tracks / folder.name / "clips" / label.path.relative_to(folder))
            labelled = LabelledMotion(label.path.name, label.movement, label.half, motion) if motion else None
            clips.append((label, labelled))
    rendered = list(list_rendered_clips(arguments.tracks, arguments.truth))
    with ProcessPoolExecutor(arguments.processes) as pool:
        simulated = list(pool.map(simulated_rows, range(NETWORKS)))
        jobs = [
            pool.submit(evaluate_fold, fold, arguments.folds, arguments.share, clips, rendered, simulated)
            for fold in range(arguments.folds)
        ]
        rows = [row for job in jobs for row in job.result()]
    print(*map(format_row, rows), sep="\n", end="\n\n")
    for half in ("training", "kept aside"):
        print(half, *format_figures([row for row in rows if row.label.half == half]), sep="\n", end="\n\n")
    print("all", *format_figures(rows), sep="\n")


if __name__ == "__main__":
    main()
