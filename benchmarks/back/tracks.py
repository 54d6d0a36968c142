"""Tracks of clips, kept beside each other in a folder, so that the back can be fitted again without the pose model."""

import argparse
import pickle
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.clip.probe import Clip, open_clip
from analyzer.pose.bundle import ModelFile, ensure_model
from analyzer.pose.level import roll_deg
from analyzer.pose.looking import look_around
from analyzer.pose.subject import Subject, choose
from analyzer.pose.track import RawTrack
from analyzer.pose.tracking import track
from analyzer.settings import Settings
from analyzer.stored import Tracked

_FILMS = {".mp4", ".mov"}


def tracked(path: Path, kept: Path, settings: Settings) -> tuple[Clip, Tracked]:
    """Everything `analyzer.measure.measured` needs of a clip; read from `kept` where it was tracked before."""
    file = kept / f"{path.stem}.pkl"
    if file.exists():
        with file.open("rb") as stream:
            return _told(**pickle.load(stream))
    model = ensure_model("full", settings, lambda *_: None)
    clip = open_clip(path, settings)
    looks = look_around(clip, model.path, settings.pose_threads, lambda *_: None)
    chosen = choose(looks, clip.width_px, clip.height_px, "auto")
    if chosen is None:
        raise ValueError(f"{path.name}: no person found")
    roll = roll_deg(np.concatenate([look.edges for look in looks]), len(looks))
    raw = track(clip, chosen, model.path, settings.pose_threads, lambda *_: None)
    found: dict[str, Any] = {"clip": clip, "chosen": chosen, "raw": raw, "roll_deg": roll, "model": model}
    kept.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        pickle.dump(found, stream)
    return _told(**found)


def _told(clip: Clip, chosen: Subject, raw: RawTrack, roll_deg: float | None, model: ModelFile) -> tuple[Clip, Tracked]:
    made = Tracked(clip.sha256, "auto", "full", model.sha256, version("mediapipe"), chosen, raw, roll_deg)
    return clip, made


def main() -> None:
    """Track every clip of some folders."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("kept", type=Path, help="folder of the tracks")
    parser.add_argument("clips", type=Path, nargs="+", help="clips, or folders of clips")
    asked = parser.parse_args()
    settings = Settings()
    for given in asked.clips:
        for path in sorted(p for p in given.iterdir() if p.suffix.lower() in _FILMS) if given.is_dir() else [given]:
            try:
                tracked(path, asked.kept, settings)
            except Exception as error:
                print(f"{path.name}: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
