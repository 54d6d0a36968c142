"""The files of one analysis, all of them or none."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer.clip.probe import Clip, open_clip
from analyzer.export.files import write_exports
from analyzer.files import whole_folder
from analyzer.kept import Kept, digest
from analyzer.pipeline import measure_clip, threads_for, track_clip
from analyzer.progress import Progress
from analyzer.request import Request
from analyzer.result_files import FILES, THUMB_FILE, TRACK_FILE
from analyzer.settings import Settings
from analyzer.stored import Tracked, save_track, usable_track

if TYPE_CHECKING:
    from analyzer.measure import Work


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
    extras: bool = False,
) -> "Work":
    """Analyse a clip and write its files into `folder`, which is made if need be.

    Everything is written in a temporary folder beside it first, so that a failure or Ctrl-C leaves nothing behind
    and an older result whole. `exports`: kinds of `export`; `extras`: also the files of `EXTRAS`.
    """
    opened = open_clip(clip, settings)
    tracked = track_clip(opened, request, settings, progress)
    wanted = _Wanted(video, blur_faces, tuple(exports), extras)
    return _write_result(opened, tracked, request, settings, folder, Kept(), wanted, progress)


def run_or_remeasure_clip(
    clip: Path,
    request: Request,
    settings: Settings,
    folder: Path,
    *,
    video: bool,
    blur_faces: bool,
    progress: Progress,
    exports: Sequence[str] = (),
) -> "tuple[Work, bool]":
    """As `run_clip`, without the pose model where `folder` holds a track of this clip, subject and model.

    Returns
    -------
    The result, and whether the stored track served.
    """
    opened = open_clip(clip, settings)
    stored = usable_track(folder / TRACK_FILE, opened.sha256, request)
    tracked = stored or track_clip(opened, request, settings, progress)
    wanted = _Wanted(video, blur_faces, tuple(exports), extras=False)
    kept = Kept(folder if stored else None)
    work = _write_result(opened, tracked, request, settings, folder, kept, wanted, progress)
    return work, stored is not None


def remeasure_clip(
    clip: Path,
    tracked: Tracked,
    request: Request,
    settings: Settings,
    folder: Path,
    *,
    video: bool,
    blur_faces: bool,
    progress: Progress,
    exports: Sequence[str] = (),
    extras: bool = False,
    before: Path | None = None,
) -> "Work":
    """Write the files that `run_clip` would, from a stored track (`analyzer.stored`) and so without the pose model.

    Pictures and videos are taken over from the older result in `before`, by default the one in `folder`, where they
    would look the same.
    """
    opened = open_clip(clip, settings)
    wanted = _Wanted(video, blur_faces, tuple(exports), extras)
    return _write_result(opened, tracked, request, settings, folder, Kept(before or folder), wanted, progress)


@dataclass(frozen=True)
class _Wanted:
    """Which files are wanted, and how."""

    video: bool
    blur_faces: bool
    exports: tuple[str, ...]
    extras: bool


def _write_result(
    clip: Clip,
    tracked: Tracked,
    request: Request,
    settings: Settings,
    folder: Path,
    kept: Kept,
    wanted: _Wanted,
    progress: Progress,
) -> "Work":
    work = measure_clip(clip, tracked, request, settings, kept)
    with whole_folder(folder, FILES) as temporary:
        if not kept.file(temporary / TRACK_FILE, digest("track", tracked)):
            save_track(temporary / TRACK_FILE, tracked)
        _write_files(work, temporary, kept, wanted, threads_for(clip, settings), progress)
    return work


def _write_files(work: "Work", folder: Path, kept: Kept, wanted: _Wanted, threads: int, progress: Progress) -> None:
    """Write every file of a result but its track into an existing folder."""
    # Late: the drawing libraries would stand in memory beside the trackers.
    from analyzer.report.chart import packed_plotly_js
    from analyzer.report.client_page import write_client_page
    from analyzer.report.html import write_report
    from analyzer.report.overlay_data import write_overlay
    from analyzer.report.prints import missing, printed
    from analyzer.report.sheet import Sheet
    from analyzer.report.tables import write_analysis_json, write_angles_csv

    analysis = work.analysis
    sheet = Sheet.of(work, blur_faces=wanted.blur_faces)
    sheet.videos(folder, kept, annotated=wanted.video, plain=wanted.extras, progress=progress)
    progress("writing the report", 0, 1)
    album = sheet.album
    with ThreadPoolExecutor(1) as pool:
        moments = missing([*sheet.pictures, *sheet.portraits, sheet.thumb], album, kept)
        reading = pool.submit(album.read, moments, threads)
        write_angles_csv(analysis.angles, folder / "angles.csv")
        svg = sheet.chart(folder / "angles.png", kept)
        packed_plotly_js()  # kept for the page
        reading.result()
    pictures, portraits = printed(sheet.pictures, album, kept), printed(sheet.portraits, album, kept)
    write_report(analysis, analysis.angles, pictures, portraits, svg, folder / "report.html", work.back)
    for picture in printed([sheet.thumb], album, kept):
        (folder / THUMB_FILE).write_bytes(picture.jpeg)
    if wanted.extras:
        write_client_page(analysis, portraits, folder / "client.html")
        write_overlay(work, folder / "overlay.json")
    write_exports(work, folder, wanted.exports)
    kept.save(folder)
    write_analysis_json(analysis, folder / "analysis.json")
    progress("writing the report", 1, 1)
