"""The files of one analysis, all of them or none."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer.analysis.pipeline import measure_clip
from analyzer.analysis.tracking import choose_thread_count, track_clip
from analyzer.atomic_files import atomic_folder
from analyzer.clip.probe import Clip, open_clip
from analyzer.export.formats import write_exports
from analyzer.progress import ProgressCallback
from analyzer.request import AnalysisRequest
from analyzer.results.artifact_cache import ArtifactCache, compute_digest
from analyzer.results.file_names import ANALYSIS_FILES, THUMBNAIL_FILE, TRACK_FILE
from analyzer.results.track_store import TrackedClip, load_usable_track, save_track
from analyzer.settings import Settings

if TYPE_CHECKING:
    from analyzer.report.analyzed_clip import AnalyzedClip


def run_clip(
    clip: Path,
    request: AnalysisRequest,
    settings: Settings,
    folder: Path,
    *,
    video: bool,
    blur_faces: bool,
    progress: ProgressCallback,
    exports: Sequence[str] = (),
    extras: bool = False,
) -> "AnalyzedClip":
    """Analyse a clip and write its files into `folder`, which is made if need be.

    Everything is written in a temporary folder beside it first, so that a failure or Ctrl-C leaves nothing behind
    and an older result whole. `exports`: kinds of `export`; `extras`: also the files of `EXTRAS`.
    """
    opened = open_clip(clip, settings)
    tracked = track_clip(opened, request, settings, progress)
    wanted = _OutputOptions(video, blur_faces, tuple(exports), extras)
    return _write_result(opened, tracked, request, settings, folder, ArtifactCache(), wanted, progress)


def run_or_remeasure_clip(
    clip: Path,
    request: AnalysisRequest,
    settings: Settings,
    folder: Path,
    *,
    video: bool,
    blur_faces: bool,
    progress: ProgressCallback,
    exports: Sequence[str] = (),
) -> "tuple[AnalyzedClip, bool]":
    """As `run_clip`, without the pose model where `folder` holds a track of this clip, subject and model.

    Returns
    -------
    The result, and whether the stored track served.
    """
    opened = open_clip(clip, settings)
    stored = load_usable_track(folder / TRACK_FILE, opened.sha256, request)
    tracked = stored or track_clip(opened, request, settings, progress)
    wanted = _OutputOptions(video, blur_faces, tuple(exports), extras=False)
    kept = ArtifactCache(folder if stored else None)
    work = _write_result(opened, tracked, request, settings, folder, kept, wanted, progress)
    return work, stored is not None


def remeasure_clip(
    clip: Path,
    tracked: TrackedClip,
    request: AnalysisRequest,
    settings: Settings,
    folder: Path,
    *,
    video: bool,
    blur_faces: bool,
    progress: ProgressCallback,
    exports: Sequence[str] = (),
    extras: bool = False,
    before: Path | None = None,
) -> "AnalyzedClip":
    """Write the files of `run_clip` from a stored track (`analyzer.results.track_store`), without the pose model.

    Pictures and videos are taken over from the older result in `before`, by default the one in `folder`, where they
    would look the same.
    """
    opened = open_clip(clip, settings)
    wanted = _OutputOptions(video, blur_faces, tuple(exports), extras)
    return _write_result(opened, tracked, request, settings, folder, ArtifactCache(before or folder), wanted, progress)


@dataclass(frozen=True)
class _OutputOptions:
    """Which files are wanted, and how."""

    video: bool
    blur_faces: bool
    exports: tuple[str, ...]
    extras: bool


def _write_result(
    clip: Clip,
    tracked: TrackedClip,
    request: AnalysisRequest,
    settings: Settings,
    folder: Path,
    kept: ArtifactCache,
    wanted: _OutputOptions,
    progress: ProgressCallback,
) -> "AnalyzedClip":
    work = measure_clip(clip, tracked, request, settings, kept)
    with atomic_folder(folder, ANALYSIS_FILES) as temporary:
        if not kept.file(temporary / TRACK_FILE, compute_digest("track", tracked)):
            save_track(temporary / TRACK_FILE, tracked)
        _write_files(work, temporary, kept, wanted, choose_thread_count(clip, settings), progress)
    return work


def _write_files(
    work: "AnalyzedClip",
    folder: Path,
    kept: ArtifactCache,
    wanted: _OutputOptions,
    threads: int,
    progress: ProgressCallback,
) -> None:
    """Write every file of a result but its track into an existing folder."""
    # Late: the drawing libraries would stand in memory beside the trackers.
    from analyzer.report.charts.interactive_chart import pack_plotly_js
    from analyzer.report.data_files import write_analysis_json, write_angles_csv
    from analyzer.report.drawing.overlay_data import write_overlay
    from analyzer.report.pages.client_page import write_client_page
    from analyzer.report.pages.report_page import write_report
    from analyzer.report.rendering import ResultRenderer
    from analyzer.report.stills.page_pictures import list_missing_moments, render_pictures

    analysis = work.analysis
    sheet = ResultRenderer.of(work, blur_faces=wanted.blur_faces)
    sheet.videos(folder, kept, annotated=wanted.video, plain=wanted.extras, progress=progress)
    progress("writing the report", 0, 1)
    album = sheet.album
    with ThreadPoolExecutor(1) as pool:
        moments = list_missing_moments([*sheet.pictures, *sheet.client_pictures, sheet.thumb], album, kept)
        reading = pool.submit(album.read, moments, threads)
        write_angles_csv(analysis.angles, folder / "angles.csv")
        svg = sheet.chart(folder / "angles.png", kept)
        pack_plotly_js()  # kept for the page
        reading.result()
    pictures, client_pictures = (
        render_pictures(sheet.pictures, album, kept),
        render_pictures(sheet.client_pictures, album, kept),
    )
    write_report(analysis, analysis.angles, pictures, client_pictures, svg, folder / "report.html", work.back)
    for picture in render_pictures([sheet.thumb], album, kept):
        (folder / THUMBNAIL_FILE).write_bytes(picture.jpeg)
    if wanted.extras:
        write_client_page(analysis, client_pictures, folder / "client.html")
        write_overlay(work, folder / "overlay.json")
    write_exports(work, folder, wanted.exports)
    kept.save(folder)
    write_analysis_json(analysis, folder / "analysis.json")
    progress("writing the report", 1, 1)
