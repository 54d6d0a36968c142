"""Error of the line of the back against rendered people with known spines: a row a clip, then all together.

    python -m benchmarks.back.table CLIPS [CLIPS ...] [--tracks TRACKS ...]

CLIPS are folders of rendered clips with their true angles (`../shared/truth`, or what `benchmarks.back.scenarios` made
from seeds that were not fitted to). The truth is lumbar plus thoracic flexion beyond the tall frames. Columns: true
and measured bend at the bottom of the rep or in the held stage, the error there, the mean absolute error over all
frames, half the 80 % interval, the share of frames in which it holds the truth, and the third where the back
bends most.
"""

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analyzer.kinematics.back_rounding import find_peak_third
from benchmarks.back.people import RenderedPerson, load_people


@dataclass(frozen=True)
class BackRoundingError:
    """Errors of one clip, degrees; NaN where nothing was measured."""

    person: RenderedPerson
    true_deg: float
    reported_deg: float
    mean_error_deg: float
    half_width_deg: float
    coverage: float
    third: str
    abstained: str | None

    @property
    def error_deg(self) -> float:
        """Return the reported minus the true rounding."""
        return self.reported_deg - self.true_deg

    @property
    def is_reported(self) -> bool:
        """Return whether a rounding was reported."""
        return bool(np.isfinite(self.reported_deg))


def evaluate_person(person: RenderedPerson) -> BackRoundingError:
    """Compare the measured rounding of a person with the truth."""
    back = person.work.back
    assert back is not None
    measured = np.isfinite(back.rounding_deg)
    error = back.rounding_deg - person.bend_deg
    deep = measured & person.deep
    inside = np.abs(error) <= back.half_width_deg
    return BackRoundingError(
        person,
        float(np.median(person.bend_deg[person.deep])) if person.deep.any() else np.nan,
        _or_nan(np.median, back.rounding_deg[deep]),
        _or_nan(np.mean, np.abs(error[measured])),
        _or_nan(np.median, back.half_width_deg[deep]),
        _or_nan(np.mean, inside[measured & (np.abs(person.bend_deg) > 2)]),
        find_peak_third(back, person.deep) or "-",
        back.abstained,
    )


def _or_nan(what: Callable[[np.ndarray], np.floating], values: np.ndarray) -> float:
    return float(what(values)) if len(values) else np.nan


def _print(rows: list[BackRoundingError]) -> None:
    print("clip                       yaw  true  meas   err   all   +- held third   notes")
    for row in rows:
        person = row.person
        notes = " ".join(
            filter(None, ("loose" if person.loose else "", person.arms, f"[{row.abstained}]" if row.abstained else ""))
        )
        print(
            f"{person.name:26s} {person.yaw_deg:3.0f} {row.true_deg:5.1f} {row.reported_deg:5.1f} {row.error_deg:5.1f} "
            f"{row.mean_error_deg:5.1f} {row.half_width_deg:4.1f} {row.coverage:4.2f} {row.third:7s} {notes}"
        )


def _sum(label: str, rows: Iterable[BackRoundingError]) -> None:
    rows = list(rows)
    reported_rows = [row for row in rows if row.is_reported]
    if not reported_rows:
        print(f"{label:34s} {len(rows):3d} clips, none measured")
        return
    errors = np.array([row.error_deg for row in reported_rows])
    true, reported = (np.array([getattr(row, name) for row in reported_rows]) for name in ("true_deg", "reported_deg"))
    together = np.corrcoef(true, reported)[0, 1] if len(reported_rows) > 2 else np.nan
    means = np.array([row.mean_error_deg for row in reported_rows])
    inside = np.mean([abs(row.error_deg) <= row.half_width_deg for row in reported_rows])
    inside_all = _or_nan(np.mean, np.array([row.coverage for row in reported_rows if np.isfinite(row.coverage)]))
    print(
        f"{label:34s} {len(rows):3d} clips, {len(reported_rows):3d} measured: bottom {np.abs(errors).mean():4.1f} "
        f"(bias {errors.mean():+5.1f}, worst {np.abs(errors).max():4.1f}, r {together:5.2f}), all frames "
        f"{means.mean():4.1f}; interval holds {inside:4.0%} of bottoms, {inside_all:4.0%} of frames"
    )


def _repeated(rows: list[BackRoundingError]) -> None:
    """Print how far the takes of one movement lie apart, where there are several."""
    takes: dict[str, list[float]] = {}
    for row in rows:
        if row.is_reported and "_take" in row.person.name:
            takes.setdefault(row.person.name.split("_take")[0], []).append(row.reported_deg)
    for name, values in takes.items():
        if len(values) > 1:
            print(f"{name}: {len(values)} takes, standard deviation {np.std(values, ddof=1):.1f}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--tracks", type=Path, nargs="*", help="folders of the tracks; default: CLIPS/tracks")
    parser.add_argument("--except", dest="but", nargs="*", default=[], help="beginnings of names to leave out")
    arguments = parser.parse_args()
    track_folders = arguments.tracks or [clips / "tracks" for clips in arguments.clips]
    rows = [
        evaluate_person(person)
        for clips, tracks in zip(arguments.clips, track_folders, strict=True)
        for person in load_people(clips, tracks)
        if not person.name.startswith(tuple(arguments.but))
    ]
    _print(rows)
    square = [row for row in rows if row.person.yaw_deg <= 10]
    print()
    _sum("yaw <= 10", square)
    _sum("  of these, fitted clothes", (row for row in square if not row.person.loose))
    _sum("  of these, loose clothes", (row for row in square if row.person.loose))
    for movement in ("hinge", "toe_touch", "squat", "plank", "slump"):
        _sum(f"  of these, {movement}", (row for row in square if row.person.movement == movement))
    _sum("  of these, no bend (within 3)", (row for row in square if abs(row.true_deg) <= 3))
    _sum("  of these, arched (below -3)", (row for row in square if row.true_deg < -3))
    _sum("yaw 11-20", (row for row in rows if 10 < row.person.yaw_deg <= 20))
    _sum("yaw above 20", (row for row in rows if row.person.yaw_deg > 20))
    _repeated(rows)


if __name__ == "__main__":
    main()
