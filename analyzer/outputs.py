"""The files of one analysis, all of them or none."""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer.memory import give_back
from analyzer.pipeline import analyze_clip
from analyzer.progress import Progress
from analyzer.request import Request
from analyzer.settings import Settings

if TYPE_CHECKING:
    from analyzer.measure import Work

FILES = ("angles.csv", "angles.png", "annotated.mp4", "report.html", "analysis.json")
"""Moved into place in this order: where `analysis.json` lies, the rest is complete."""


def run_clip(
    clip: Path,
    request: Request,
    settings: Settings,
    folder: Path,
    *,
    video: bool,
    blur_faces: bool,
    progress: Progress,
) -> "Work":
    """Analyse a clip and write its files into `folder`, which is made if need be.

    Everything is written in a temporary folder beside it first, so that a failure or Ctrl-C leaves nothing behind
    and an older result whole.
    """
    work = analyze_clip(clip, request, settings, progress)
    made = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=folder) as temporary:
            write_files(work, Path(temporary), video=video, blur_faces=blur_faces, progress=progress)
            for name in FILES:
                if (Path(temporary) / name).exists():
                    os.replace(Path(temporary) / name, folder / name)
                else:
                    (folder / name).unlink(missing_ok=True)
    except BaseException:
        for parent in made:
            with contextlib.suppress(OSError):  # not there, or something else lies in it by now
                parent.rmdir()
        raise
    return work


def write_files(work: "Work", folder: Path, *, video: bool, blur_faces: bool, progress: Progress) -> None:
    """Write every file of a result into an existing folder."""
    # Late: the drawing libraries would stand in memory beside the trackers.
    from analyzer.report.html import write_report
    from analyzer.report.keyframes import key_frames
    from analyzer.report.names import MAIN_ANGLES, gives_degrees
    from analyzer.report.plot import write_angles_plot
    from analyzer.report.tables import write_analysis_json, write_angles_csv
    from analyzer.report.video import write_annotated

    analysis, angles, facing = work.analysis, work.analysis.angles, work.view.facing
    degrees = gives_degrees(analysis.view.grade)
    labels = MAIN_ANGLES if degrees else ()
    if video:
        write_annotated(
            work.clip,
            work.track,
            angles,
            facing,
            folder / "annotated.mp4",
            blur_faces=blur_faces,
            labels=labels,
            progress=progress,
        )
        give_back()
    progress("writing the report", 0, 1)
    pictures = key_frames(work.clip, work.track, angles, facing, blur_faces=blur_faces, labels=labels)
    write_angles_csv(angles, folder / "angles.csv")
    write_angles_plot(angles, folder / "angles.png", degrees=degrees)
    write_report(analysis, angles, pictures, folder / "report.html")
    write_analysis_json(analysis, folder / "analysis.json")
    progress("writing the report", 1, 1)
