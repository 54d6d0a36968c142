"""Movements, reps, holds and stages against what is known of the clips: one table and one line a figure.

    python -m benchmarks.movements [--clips FOLDER] [--truth FOLDER ...] [--tracks DIR] [--only jrplatin h01 ...]

FOLDER of clips: videos and `CLIPS.tsv`, read by eye (default `../shared/clips`); of truth: `<name>.mp4` with
`<name>.truth.json` (default `../shared/truth` and `../shared/truth_oblique`). Both are read only after the analysis.
`--tracks DIR` measures from stored tracks, as `analyzer batch FOLDER --out DIR` writes them, without the pose model.
Clips from the front, of two people, with the head out of the picture, or of movements that are not built are not in
the figures, but none may be called a hinge. The whole way up makes a rep.
"""

import argparse
import csv
import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.analysis.pipeline import analyze_clip, measure_clip
from analyzer.clip.probe import open_clip
from analyzer.errors import AnalyzerError
from analyzer.kinematics.angles import body_line_deg
from analyzer.request import AnalysisRequest
from analyzer.results.schema import Analysis, Rep
from analyzer.results.track_store import load_track
from analyzer.settings import Settings
from benchmarks.accuracy import find_stored_track
from benchmarks.recognition.labelled import NAMES

RENDERED_TOLERANCE_S, LABEL_TOLERANCE_S = 0.1, 0.3  # bottoms: of rendered clips, and read by eye
HOLD_TOLERANCE_S, STAGE_TOLERANCE_S, LINE_TOLERANCE_DEG, MIN_RECOGNISED_SHARE = 0.3, 0.4, 4.0, 0.95
STAGE_NAMES = {
    "slump": "slump",
    "neck flexion": "chin_to_chest",
    "knee extension": "knee_straight",
    "dorsiflexion": "toes_up",
    "release knee": "knee_release",
    "release all": "return",
}


@dataclass(frozen=True)
class KnownClip:
    """What is known of a clip; None and empty where nothing is stated.

    `bottoms_s` : first and last moment of each bottom. `excluded_because` : why it is in no figure, or empty.
    """

    path: Path
    movement: str | None
    reps: int | None = None
    bottoms_s: tuple[tuple[float, float], ...] = ()
    stages: tuple[tuple[str, float, float], ...] = ()
    line_deg: np.ndarray | None = None
    end_s: float = 0.0
    rendered: bool = False
    excluded_because: str = ""


@dataclass
class MovementScore:
    """The measured movement of a clip, and its errors against what is known."""

    known: KnownClip
    movement: str = "-"
    view: str = ""
    reps: int | None = None
    bottom_errors_s: list[float] = field(default_factory=list)
    pause_errors_s: list[float] = field(default_factory=list)  # from the measured pause instead of its middle
    boundary_errors_s: list[float] = field(default_factory=list)
    line_error_deg: float | None = None
    in_order: bool | None = None
    error_text: str = ""


def read_labelled_clips(folder: Path) -> list[KnownClip]:
    """Read the clips of a `CLIPS.tsv`."""
    with (folder / "CLIPS.tsv").open(encoding="utf-8") as lines:
        return [_stated(folder, row) for row in csv.DictReader(lines, delimiter="\t")]


def _stated(folder: Path, row: dict[str, str]) -> KnownClip:
    movement = next((name for words, name in NAMES if re.search(words, row["movement"])), None)
    count = re.fullmatch(r"(?:about )?(\d+)", row["reps"])
    # "bottoms f0-20, f~140, (f213 end)", "bottom f0, lockout f~54, bottom f~105", "bottoms f0/f~98"
    bottoms = re.findall(r"bottoms? ((?:[(,/ ]*f~?\d+(?:-\d+)?)+)", row["notes"])
    spans = re.findall(r"f~?(\d+)(?:-(\d+))?", " ".join(bottoms))
    fps = float(row["fps"].split()[0])
    reason = ""
    if "front" in row["view"]:
        reason = "from the front"
    elif "HEAD OUT" in row["movement"]:
        reason = "head out of the picture"
    elif movement is None:
        reason = "no such movement"
    return KnownClip(
        path=folder / row["file"],
        movement=movement,
        reps=int(count[1]) if count and movement in ("hinge", "squat") else None,
        bottoms_s=tuple((int(first) / fps, int(last or first) / fps) for first, last in spans),
        excluded_because=reason,
    )


def read_rendered_clips(folder: Path) -> list[KnownClip]:
    """Read the rendered clips of a folder, of which every angle is known."""
    return [_rendered(path) for path in sorted(folder.glob("*.truth.json"))]


def _rendered(path: Path) -> KnownClip:
    truth = json.loads(path.read_text(encoding="utf-8"))
    bounds, movement = truth["bounds"], truth["scenario"]["movement"]
    reps = [bound for bound in bounds if "rep" in bound]
    middles = [(bound["bottom_start"] + bound["bottom_end"]) / 2 for bound in reps]
    return KnownClip(
        path=path.with_name(path.name.replace(".truth.json", ".mp4")),
        movement=movement,
        reps=len(reps) if reps else None,
        bottoms_s=tuple((middle, middle) for middle in middles),
        stages=tuple((STAGE_NAMES[b["phase"]], b["start"], b["end"]) for b in bounds if b.get("phase") in STAGE_NAMES),
        line_deg=_true_line(truth["frames"]) if movement == "plank" else None,
        end_s=truth["frames"][-1]["t"],
        rendered=True,
    )


def _true_line(frames: Sequence[dict[str, Any]]) -> np.ndarray:
    """Bend of the shoulder-hip-ankle line of the body's middle, + pike."""

    def middle(joint: str) -> np.ndarray:
        """Return the midpoint of the left and right joint over all frames."""
        return np.array([np.mean([frame["px"][f"{joint}_{side}"] for side in "LR"], axis=0) for frame in frames])

    shoulder, hip = middle("shoulder"), middle("hip")
    forward = int(np.sign(np.median(shoulder[:, 0] - hip[:, 0])))
    return body_line_deg(middle("ankle"), hip, shoulder, forward)


def evaluate_clip(known: KnownClip, analyse: Callable[[Path], Analysis]) -> MovementScore:
    """Analyse one clip and compare it with what is known."""
    row = MovementScore(known)
    try:
        analysis = analyse(known.path)
    except AnalyzerError as error:
        row.movement, row.error_text = "refused", str(error).split(":", 1)[-1].strip()[:60]
        return row
    row.movement = analysis.movement.name
    row.view = f"{analysis.view.grade} {analysis.view.yaw_deg or 0:.0f}"
    if known.reps is not None:
        row.reps = sum(rep.complete for rep in analysis.reps)
    if known.movement in ("hinge", "squat", "toe_touch"):
        row.bottom_errors_s = [_off(analysis.reps, bottom_s, 0.0) for bottom_s in known.bottoms_s]
        row.pause_errors_s = [_off(analysis.reps, bottom_s, 0.5) for bottom_s in known.bottoms_s]
    if known.line_deg is not None:
        _judge_hold(row, analysis, known.line_deg)
    if known.stages:
        _judge_stages(row, analysis)
    return row


def _off(reps: Sequence[Rep], known_s: tuple[float, float], pause_share: float) -> float:
    """Return the time from a known bottom to the nearest measured one, widened by this share of its pause."""
    first, last = known_s
    bottoms = [(rep.bottom_s, pause_share * (rep.pause_s or 0.0)) for rep in reps]
    return min((max(first - at - half, at - half - last, 0.0) for at, half in bottoms), default=np.inf)


def _judge_hold(row: MovementScore, analysis: Analysis, true_line_deg: np.ndarray) -> None:
    """Compare the longest hold: rendered planks are held from the first frame to the last."""
    hold = max(analysis.holds, key=lambda hold: hold.duration_s, default=None)
    bounds = (hold.start_s, hold.end_s) if hold else (np.inf, np.inf)
    row.boundary_errors_s = [abs(bounds[0]), abs(bounds[1] - row.known.end_s)]
    line = analysis.angles["body_line_deg"].to_numpy()
    count = min(len(line), len(true_line_deg))
    row.line_error_deg = float(np.nanmean(np.abs(line[:count] - true_line_deg[:count])))


def _judge_stages(row: MovementScore, analysis: Analysis) -> None:
    """Compare every boundary of every stage, and check that they come in the true order."""
    names = [name for name, _, _ in row.known.stages]
    found_stages = [stage for stage in analysis.stages if stage.name in names]
    row.in_order = [stage.name for stage in found_stages] == names
    for name, start_s, end_s in row.known.stages:
        stage = next((stage for stage in found_stages if stage.name == name), None)
        row.boundary_errors_s += (
            [np.inf] * 2 if stage is None else [abs(stage.start_s - start_s), abs(stage.end_s - end_s)]
        )


def _analyse(path: Path) -> Analysis:
    return analyze_clip(path, AnalysisRequest(), Settings(pose_threads=1), lambda *_: None).analysis


def analyse_stored_track(path: Path, tracks: Path) -> Analysis:
    """Measure a clip from its stored track, found by the clip's name anywhere below `tracks`."""
    tracked = load_track(find_stored_track(path, tracks))
    request = AnalysisRequest(model=tracked.model)
    return measure_clip(open_clip(path, Settings()), tracked, request, Settings(pose_threads=1)).analysis


def print_clips(rows: Sequence[MovementScore]) -> None:
    """Print one line for each clip."""
    print(
        f"{'clip':44s} {'view':15s} {'known':10s} {'found':19s} {'reps':>6s}  bottoms / boundaries off by, s; line, deg"
    )
    for row in rows:
        known = row.known
        reps = "" if known.reps is None else f"{'-' if row.reps is None else row.reps}/{known.reps}"
        off = " ".join(f"{error:.2f}" for error in row.bottom_errors_s + row.boundary_errors_s)
        line = "" if row.line_error_deg is None else f"; {row.line_error_deg:.1f}"
        order = "" if row.in_order is not False else "; NOT IN ORDER"
        note = f"  [{known.excluded_because}]" if known.excluded_because else ""
        name, movement = known.path.stem[:44], known.movement or "none"
        print(f"{name:44s} {row.view:15s} {movement:10s} {row.movement:19s} {reps:>6s}  ", end="")
        print(f"{off}{line}{order}{note} {row.error_text}")


def print_figures(rows: Sequence[MovementScore]) -> None:
    """Print the figures over all clips."""
    judged_rows = [row for row in rows if not row.known.excluded_because]
    counted = [row for row in judged_rows if row.known.reps is not None]
    exact = [row for row in counted if row.reps == row.known.reps]
    print(f"\n1. reps exact: {len(exact)} of {len(counted)}; not: {_names(exclude_rows(counted, exact))}")
    for name, wanted, limit in (("rendered", True, RENDERED_TOLERANCE_S), ("read by eye", False, LABEL_TOLERANCE_S)):
        errors = [(error, row) for row in counted if row.known.rendered == wanted for error in row.bottom_errors_s]
        over = [row for error, row in errors if error > limit]
        worst = max((error for error, _ in errors), default=0.0)
        print(
            f"   bottoms {name}: {len(errors) - len(over)} of {len(errors)} within {limit} s, worst {worst:.2f}; "
            f"not: {_names(over)}"
        )
        pause_errors = [error for row in counted if row.known.rendered == wanted for error in row.pause_errors_s]
        print(
            f"   or within {limit} s of the measured pause: {sum(e <= limit for e in pause_errors)}"
            f" of {len(pause_errors)}"
        )
    right = [row for row in counted if row.movement == row.known.movement]
    share = len(right) / len(counted) if counted else 0.0
    missed = _names(exclude_rows(counted, right))
    print(
        f"2. recognised, clips with a count: {len(right)} of {len(counted)}, {share:.0%} "
        f"(wanted {MIN_RECOGNISED_SHARE:.0%})"
        f"; not: {missed}"
    )
    every = [row for row in judged_rows if row.movement == row.known.movement]
    missed = _names(exclude_rows(judged_rows, every))
    print(f"   of all clips judged: {len(every)} of {len(judged_rows)}; not: {missed}")
    false = [row for row in rows if row.movement == "hinge" and row.known.movement != "hinge"]
    print(f"   hinges reported on other clips: {len(false)}: {_names(false)}")
    planks = [row for row in judged_rows if row.line_error_deg is not None]
    slumps = [row for row in judged_rows if row.in_order is not None]
    if planks:
        print(
            f"3. planks: hold bounds worst {max(max(r.boundary_errors_s) for r in planks):.2f} s "
            f"(wanted {HOLD_TOLERANCE_S}), "
            f"body line worst {max(r.line_error_deg or 0 for r in planks):.1f} deg (wanted {LINE_TOLERANCE_DEG})"
        )
    if slumps:
        print(
            f"   slumps: stages in order {sum(bool(r.in_order) for r in slumps)} of {len(slumps)}, "
            f"bounds worst {max(max(r.boundary_errors_s) for r in slumps):.2f} s (wanted {STAGE_TOLERANCE_S})"
        )
        starts_s: dict[str, list[float]] = {}
        for row in slumps:
            for (name, _, _), error_s in zip(row.known.stages, row.boundary_errors_s[::2], strict=True):
                starts_s.setdefault(name, []).append(error_s)
        for name, errors_s in starts_s.items():
            known_s = [error_s for error_s in errors_s if np.isfinite(error_s)]
            median_s = f", start off by {np.median(known_s):.2f} s in the median" if known_s else ""
            print(f"   {name}: found in {len(known_s)} of {len(errors_s)}{median_s}")


def exclude_rows(rows: Sequence[MovementScore], others: Sequence[MovementScore]) -> list[MovementScore]:
    """Return the rows that are not among the others."""
    return [row for row in rows if not any(row is other for other in others)]


def _names(rows: Sequence[MovementScore]) -> str:
    return ", ".join(dict.fromkeys(row.known.path.stem for row in rows)) or "none"


def main() -> None:
    """Print the table and the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, default=Path("../shared/clips"))
    truth = [Path("../shared/truth"), Path("../shared/truth_oblique")]
    parser.add_argument("--truth", type=Path, nargs="*", default=truth)
    parser.add_argument("--tracks", type=Path)
    parser.add_argument("--only", nargs="*", help="parts of names")
    arguments = parser.parse_args()
    known = read_labelled_clips(arguments.clips) if (arguments.clips / "CLIPS.tsv").exists() else []
    for folder in arguments.truth:
        known += read_rendered_clips(folder)
    if arguments.only:
        known = [clip for clip in known if any(part in clip.path.stem for part in arguments.only)]

    def analyse(path: Path) -> Analysis:
        """Analyse a clip, from its stored track if there are any."""
        return analyse_stored_track(path, arguments.tracks) if arguments.tracks else _analyse(path)

    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(lambda clip: evaluate_clip(clip, analyse), known))
    print_clips(rows)
    print_figures(rows)


if __name__ == "__main__":
    main()
