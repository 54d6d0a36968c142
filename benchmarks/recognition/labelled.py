"""Labelled clips as motions, from tracks that are stored already: no pose model is run."""

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from analyzer.analysis.recognition import build_motion
from analyzer.analysis.track_analysis import analyze_track
from analyzer.clip.probe import open_clip
from analyzer.errors import AnalyzerError
from analyzer.movements.motion import Motion
from analyzer.request import AnalysisRequest
from analyzer.results.track_store import load_track
from analyzer.settings import Settings

DatasetSplit = Literal["training", "kept aside"]
NAMES = (
    (r"deadlift|good morning", "hinge"),
    (r"squat", "squat"),
    (r"^seated", "slump"),
    (r"forearm plank", "plank"),
    (r"walking", "carry"),
    (r"standing forward bend", "toe_touch"),
)
"""Words of the older `CLIPS.tsv`, which describes movements, for names of movements."""


@dataclass(frozen=True)
class ClipLabel:
    """What is known of a clip: `reps` None where they are not counted, `half` by its repository."""

    path: Path
    repository: str
    movement: str
    reps: int | None
    view: str
    half: DatasetSplit


@dataclass(frozen=True)
class LabelledMotion:
    """A clip's motion and its movement."""

    name: str
    movement: str
    half: DatasetSplit
    motion: Motion


def split_of(repository: str) -> DatasetSplit:
    """Return the half that all clips of a repository belong to."""
    return "training" if int(hashlib.sha1(repository.encode()).hexdigest()[:8], 16) % 2 == 0 else "kept aside"


def read_labels(folder: Path) -> list[ClipLabel]:
    """Read the `CLIPS.tsv` of a folder; clips without a repository of their own were all looked at."""
    with (folder / "CLIPS.tsv").open(encoding="utf-8") as lines:
        return [_label(folder, row) for row in csv.DictReader(lines, delimiter="\t")]


def _label(folder: Path, row: dict[str, str]) -> ClipLabel:
    named = "variant" in row
    movement = row["movement"]
    if not named:
        movement = next((name for words, name in NAMES if re.search(words, movement)), "none")
    count = re.fullmatch(r"(?:about )?(\d+)", row["reps"].strip())
    return ClipLabel(
        path=folder / row["file"],
        repository=row["repo"],
        movement=movement,
        reps=int(count[1]) if count and movement in ("hinge", "squat", "toe_touch") else None,
        view=row["view"],
        half=split_of(row["repo"]) if named else "training",
    )


def load_labelled_clips(folder: Path, tracks: Path) -> Iterator[LabelledMotion]:
    """Yield the clips of a `CLIPS.tsv` that have a track and show a person."""
    for label in read_labels(folder):
        motion = load_motion(label.path, tracks / "clips" / label.path.relative_to(folder))
        if motion is not None:
            yield LabelledMotion(label.path.name, label.movement, label.half, motion)


def load_rendered_clips(folder: Path, tracks: Path) -> Iterator[LabelledMotion]:
    """Yield rendered clips; every second one is for training."""
    for index, path in enumerate(sorted(folder.glob("*.truth.json"))):
        movement = json.loads(path.read_text(encoding="utf-8"))["scenario"]["movement"]
        clip = path.with_name(path.name.replace(".truth.json", ".mp4"))
        motion = load_motion(clip, tracks / "clips" / clip.name)
        if motion is not None:
            yield LabelledMotion(clip.name, movement, "kept aside" if index % 2 else "training", motion)


def load_motion(path: Path, folder: Path) -> Motion | None:
    """Load the motion of a clip from its track in a folder; None without a track, or where no person is visible."""
    try:
        tracked = load_track(folder / "track.npz")
        work = analyze_track(open_clip(path, Settings()), tracked, AnalysisRequest())
    except AnalyzerError:
        return None
    return build_motion(work.track.times_s, work.table, work.view)
