"""Tracks of clips, stored side by side in a folder, so that the back can be fitted again without the pose model.

    python -m benchmarks.back.tracks TRACKS CLIPS [CLIPS ...]

TRACKS is the folder of the tracks, CLIPS are clips or folders of clips.
"""

import argparse
import sys
from pathlib import Path

from analyzer.analysis.tracking import track_clip
from analyzer.clip.probe import Clip, open_clip
from analyzer.errors import AnalyzerError
from analyzer.request import AnalysisRequest
from analyzer.results.track_store import TrackedClip, load_usable_track, save_track
from analyzer.settings import Settings

_FILMS = {".mp4", ".mov"}


def load_or_track(path: Path, track_folder: Path, settings: Settings) -> tuple[Clip, TrackedClip]:
    """Return what `analyze_track` needs; clips without a usable track in `track_folder` are tracked."""
    clip, request, file = open_clip(path, settings), AnalysisRequest(), track_folder / f"{path.stem}.npz"
    tracked = load_usable_track(file, clip.sha256, request)
    if tracked is None:
        tracked = track_clip(clip, request, settings, lambda *_: None)
        track_folder.mkdir(parents=True, exist_ok=True)
        save_track(file, tracked)
    return clip, tracked


def main() -> None:
    """Track every clip of some folders."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tracks", type=Path, help="folder of the tracks")
    parser.add_argument("clips", type=Path, nargs="+", help="clips, or folders of clips")
    arguments = parser.parse_args()
    settings = Settings()
    for given in arguments.clips:
        for path in sorted(p for p in given.iterdir() if p.suffix.lower() in _FILMS) if given.is_dir() else [given]:
            try:
                load_or_track(path, arguments.tracks, settings)
            except AnalyzerError as error:
                print(error, file=sys.stderr)


if __name__ == "__main__":
    main()
