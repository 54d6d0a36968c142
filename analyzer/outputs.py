"""The files of one analysis, all of them or none."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer.export.files import FILES as EXPORTS
from analyzer.export.files import write_exports
from analyzer.files import whole_folder
from analyzer.memory import give_back
from analyzer.pipeline import analyze_clip
from analyzer.progress import Progress
from analyzer.request import Request
from analyzer.settings import Settings

if TYPE_CHECKING:
    from analyzer.measure import Work

FILES = ("angles.csv", "angles.png", "annotated.mp4", "report.html", *EXPORTS, "analysis.json")
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
    exports: Sequence[str] = (),
) -> "Work":
    """Analyse a clip and write its files into `folder`, which is made if need be; `exports`: kinds of `export`.

    Everything is written in a temporary folder beside it first, so that a failure or Ctrl-C leaves nothing behind
    and an older result whole.
    """
    work = analyze_clip(clip, request, settings, progress)
    with whole_folder(folder, FILES) as temporary:
        write_files(work, temporary, video=video, blur_faces=blur_faces, progress=progress, exports=exports)
    return work


def write_files(
    work: "Work", folder: Path, *, video: bool, blur_faces: bool, progress: Progress, exports: Sequence[str] = ()
) -> None:
    """Write every file of a result into an existing folder, and the exports of these kinds."""
    # Late: the drawing libraries would stand in memory beside the trackers.
    from analyzer.kinematics.view import gives_degrees
    from analyzer.report.back_trail import BackTrail
    from analyzer.report.bands import bands_of
    from analyzer.report.html import write_report
    from analyzer.report.keyframes import Album
    from analyzer.report.moments import best_moments, key_moments, main_angle
    from analyzer.report.names import labels_of
    from analyzer.report.plot import angles_figure, write_figure
    from analyzer.report.running import running_notes
    from analyzer.report.tables import write_analysis_json, write_angles_csv
    from analyzer.report.trail import LoadTrail
    from analyzer.report.video import write_annotated

    analysis, angles, facing = work.analysis, work.analysis.angles, work.view.facing
    degrees = gives_degrees(analysis.view.grade)
    bands, shown = bands_of(analysis), main_angle(analysis.movement.name)
    labels = labels_of(shown) if degrees else ()
    times_s = work.track.times_s
    load = LoadTrail.of(work.load, analysis.reps, times_s) if work.load is not None else None
    told = work.back if degrees else None
    back = BackTrail.of(told, work.track.points_px, facing) if told is not None else None
    moments = key_moments(analysis, times_s, work.table.shapes, work.table.confidence)
    best = best_moments(analysis, times_s, work.table.shapes, work.table.confidence)
    album = Album(work.clip, work.track, angles, facing, [*moments, *best])
    if video:
        write_annotated(
            work.clip,
            work.track,
            angles,
            facing,
            folder / "annotated.mp4",
            blur_faces=blur_faces,
            labels=labels,
            notes=running_notes(analysis, times_s),
            load=load,
            back=back,
            seen=album.take,
            progress=progress,
        )
        give_back()
    progress("writing the report", 0, 1)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(album.read, blur_faces=blur_faces) if not video else None
        write_angles_csv(angles, folder / "angles.csv")
        figure = angles_figure(angles, degrees=degrees, bands=bands, shown=shown)
        write_figure(figure, folder / "angles.png")
        if reading is not None:
            reading.result()
    pictures, portraits = album.pictures(moments, labels, load, back), album.pictures(best, ())
    write_report(analysis, angles, pictures, portraits, figure, folder / "report.html", work.back)
    write_exports(work, folder, exports)
    write_analysis_json(analysis, folder / "analysis.json")
    progress("writing the report", 1, 1)
