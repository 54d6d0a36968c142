"""Tracks of clips, stored side by side in a folder, so that the back can be fitted again without the pose model."""

import argparse
import pickle
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.clip.probe import Clip, open_clip
from analyzer.pose.camera_roll import estimate_roll_deg
from analyzer.pose.model_store import ModelFile, ensure_model
from analyzer.pose.person_detection import detect_people
from analyzer.pose.subject_selection import SelectedSubject, select_subject
from analyzer.pose.track import RawTrack
from analyzer.pose.tracking import track_subject
from analyzer.results.track_store import TrackedClip
from analyzer.settings import Settings

_FILMS = {".mp4", ".mov"}


def load_or_track(path: Path, track_folder: Path, settings: Settings) -> tuple[Clip, TrackedClip]:
    """Return what `analyze_track` needs; clips without a file in `track_folder` are tracked."""
    file = track_folder / f"{path.stem}.pkl"
    if file.exists():
        with file.open("rb") as stream:
            return _to_tracked_clip(**pickle.load(stream))
    model = ensure_model("full", settings, lambda *_: None)
    clip = open_clip(path, settings)
    looks = detect_people(clip, model.path, settings.pose_threads, lambda *_: None)
    chosen = select_subject(looks, clip.width_px, clip.height_px, "auto")
    if chosen is None:
        raise ValueError(f"{path.name}: no person found")
    roll = estimate_roll_deg(np.concatenate([look.edges for look in looks]), len(looks))
    raw = track_subject(clip, chosen, model.path, settings.pose_threads, lambda *_: None)
    pickled: dict[str, Any] = {"clip": clip, "chosen": chosen, "raw": raw, "roll_deg": roll, "model": model}
    track_folder.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        pickle.dump(pickled, stream)
    return _to_tracked_clip(**pickled)


def _to_tracked_clip(
    clip: Clip, chosen: SelectedSubject, raw: RawTrack, roll_deg: float | None, model: ModelFile
) -> tuple[Clip, TrackedClip]:
    tracked = TrackedClip(clip.sha256, "auto", "full", model.sha256, version("mediapipe"), chosen, raw, roll_deg)
    return clip, tracked


def main() -> None:
    """Track every clip of some folders."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("tracks", type=Path, help="folder of the tracks")
    parser.add_argument("clips", type=Path, nargs="+", help="clips, or folders of clips")
    arguments = parser.parse_args()
    settings = Settings()
    for given in arguments.clips:
        for path in sorted(p for p in given.iterdir() if p.suffix.lower() in _FILMS) if given.is_dir() else [given]:
            try:
                load_or_track(path, arguments.tracks, settings)
            except Exception as error:
                print(f"{path.name}: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
