"""Movements and reps of labelled clips, both halves apart: one line a clip, and the figures.

    python -m benchmarks.recognition.table TRACKS [--clips FOLDER ...] [--half training | "kept aside"]

TRACKS as for `benchmarks.recognition.fit`: no pose model is run. The model was fitted to the half "training", so only
the other half says how well it does on clips that it was not fitted to.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.registry import load_movements, recognise_movement
from benchmarks.recognition.labelled import ClipLabel, load_motion, read_labels

COUNTED_MOVEMENTS = ("hinge", "squat")
UNKNOWN, REFUSED = "unknown", "refused"


@dataclass(frozen=True)
class RecognitionResult:
    """The recognised movement of a clip: `reps` None where they are not counted."""

    label: ClipLabel
    recognised: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    reps: int | None

    @property
    def expected(self) -> str:
        """Return the labelled movement, or unknown where it is none that is built in."""
        return self.label.movement if self.label.movement in load_movements() else UNKNOWN

    @property
    def is_right(self) -> bool:
        """Return whether the movement is right; a clip of nothing known may be refused."""
        return self.recognised == self.expected or (self.expected == UNKNOWN and self.recognised == REFUSED)

    @property
    def counts_reps(self) -> bool:
        """Return whether its reps are in the figures."""
        return self.label.reps is not None and self.label.movement in COUNTED_MOVEMENTS


def evaluate_clip(label: ClipLabel, motion: Motion | None) -> RecognitionResult:
    """Recognise a clip and count its reps."""
    if motion is None:
        return RecognitionResult(label, REFUSED, 0.0, (), None)
    recognised = recognise_movement(motion)
    reps = None
    if recognised.movement is not None and label.reps is not None:
        reps = sum(rep.complete for rep in recognised.movement.find_events(motion, ClipDetails()).reps)
    name = recognised.movement.name if recognised.movement is not None else UNKNOWN
    return RecognitionResult(label, name, recognised.confidence, recognised.alternatives, reps)


def format_row(row: RecognitionResult) -> str:
    """Format one line of the table."""
    reps = f"{'-' if row.reps is None else row.reps}/{row.label.reps}" if row.counts_reps else ""
    others = ", ".join(f"{name} {probability:.2f}" for name, probability in row.alternatives)
    return (
        f"{row.label.path.name[-56:]:56s} {row.label.view[:10]:10s} {row.expected:18s} "
        f"{'' if row.is_right else '*':1s} {row.recognised:18s} {row.confidence:.2f} {reps:>6s}  {others}"
    )


def format_figures(rows: Sequence[RecognitionResult]) -> Iterator[str]:
    """Yield the figures of one half."""
    right = sum(row.is_right for row in rows)
    named = [row for row in rows if row.recognised not in (UNKNOWN, REFUSED) and not row.is_right]
    false = sum(row.recognised == "hinge" for row in named)
    yield f"movement right {right} of {len(rows)}, {right / len(rows):.0%}; another name {len(named)}, hinge {false}"
    counted = [row for row in rows if row.counts_reps]
    off = [abs((row.reps if row.is_right and row.reps is not None else -9) - (row.label.reps or 0)) for row in counted]
    if counted:
        yield (
            f"reps of hinges and squats exact {sum(o == 0 for o in off)} of {len(counted)}, "
            f"within one {sum(o <= 1 for o in off)}"
        )
    views = Counter(row.label.view.split(",")[0].split(" ")[0] for row in rows)
    for view, count in sorted(views.items()):
        known = sum(row.is_right for row in rows if row.label.view.split(",")[0].split(" ")[0] == view)
        yield f"  view {view:8s} {known} of {count}"


def main() -> None:
    """Print the table and the figures of both halves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tracks", type=Path)
    parser.add_argument("--clips", type=Path, nargs="*", default=[Path("../shared/clips2"), Path("../shared/clips")])
    parser.add_argument("--half", choices=["training", "kept aside"], help="one half only")
    arguments = parser.parse_args()
    for half in [arguments.half] if arguments.half else ["training", "kept aside"]:
        for folder in arguments.clips:
            rows = []
            for label in read_labels(folder):
                if label.half == half:
                    tracked = arguments.tracks / folder.name / "clips" / label.path.relative_to(folder)
                    rows.append(evaluate_clip(label, load_motion(label.path, tracked)))
                    print(format_row(rows[-1]), flush=True)
            if rows:
                print(f"\n{folder.name}, {half}", *format_figures(rows), sep="\n", end="\n\n")


if __name__ == "__main__":
    main()
