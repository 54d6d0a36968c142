"""Outputs: write the files of one analysis, all of them or none."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer.analysis.pipeline import measure_clip, measure_or_track_again
from analyzer.analysis.thread_count import choose_thread_count
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
    from analyzer.analysis.tracking_process import TrackingProcess
    from analyzer.report.analyzed_clip import AnalyzedClip
    from analyzer.report.charts.chart import Chart, ChartData

    DrawChart = Callable[[ChartData], Chart]


@dataclass(frozen=True)
class OutputOptions:
    """Selection of the files to write.

    Attributes
    ----------
    video : whether to write `annotated.mp4`.
    blur_faces : whether to hide the subject's face in all pictures.
    exports : formats of `analyzer.export`.
    extras : whether to write the files that only the service needs (`file_names.BROWSER_FILES`).
    """

    video: bool = True
    blur_faces: bool = False
    exports: tuple[str, ...] = ()
    extras: bool = False


def run_clip(
    clip: Path,
    request: AnalysisRequest,
    settings: Settings,
    folder: Path,
    options: OutputOptions,
    progress: ProgressCallback,
) -> "AnalyzedClip":
    """Analyse a clip and write its files into `folder`, which is created if necessary.

    Everything is first written into a temporary folder beside it, so that after a failure or Ctrl-C nothing new is
    there and an older result is unchanged.
    """
    opened = open_clip(clip, settings)
    tracked = _track_here(opened, request, settings, progress)
    cache = ArtifactCache()
    tracked, analyzed = measure_or_track_again(opened, tracked, request, settings, progress, cache)
    _write_result(analyzed, tracked, settings, folder, cache, options, progress)
    return analyzed


def run_or_remeasure_clip(
    clip: Path,
    request: AnalysisRequest,
    settings: Settings,
    folder: Path,
    options: OutputOptions,
    progress: ProgressCallback,
    process: "TrackingProcess | None" = None,
) -> "tuple[AnalyzedClip, bool]":
    """Do as `run_clip`, without the pose model if `folder` holds a track of this clip, subject and model.

    Parameters
    ----------
    process : tracks the clip and draws its chart; only for a `folder` that holds no track.

    Returns
    -------
    The result, and whether it comes from the stored track.
    """
    stored = None
    if process is not None:
        opened, tracked = process.track(progress)
    else:
        opened = open_clip(clip, settings)
        stored = load_usable_track(folder / TRACK_FILE, opened.sha256, request)
        tracked = stored or _track_here(opened, request, settings, progress)
    cache = ArtifactCache(folder if stored else None)
    measured, analyzed = measure_or_track_again(opened, tracked, request, settings, progress, cache)
    draw_chart = process.draw_chart if process is not None else None
    _write_result(analyzed, measured, settings, folder, cache, options, progress, draw_chart)
    return analyzed, measured is stored


def remeasure_clip(
    clip: Path,
    tracked: TrackedClip,
    request: AnalysisRequest,
    settings: Settings,
    folder: Path,
    options: OutputOptions,
    progress: ProgressCallback,
    *,
    previous_folder: Path | None = None,
) -> "AnalyzedClip":
    """Write the files of `run_clip` from a stored track, without the pose model.

    Pictures and videos that would look the same are copied from the older result in `previous_folder`, by default the
    one in `folder`.
    """
    opened = open_clip(clip, settings)
    cache = ArtifactCache(previous_folder or folder)
    analyzed = measure_clip(opened, tracked, request, settings, cache)
    _write_result(analyzed, tracked, settings, folder, cache, options, progress)
    return analyzed


def _track_here(clip: Clip, request: AnalysisRequest, settings: Settings, progress: ProgressCallback) -> TrackedClip:
    from analyzer.analysis.tracking import track_clip  # late: loads MediaPipe, which a stored track does not need

    return track_clip(clip, request, settings, progress)


def _write_result(
    analyzed: "AnalyzedClip",
    tracked: TrackedClip,
    settings: Settings,
    folder: Path,
    cache: ArtifactCache,
    options: OutputOptions,
    progress: ProgressCallback,
    draw_chart: "DrawChart | None" = None,
) -> None:
    threads = choose_thread_count(analyzed.clip, settings)
    with atomic_folder(folder, ANALYSIS_FILES) as temporary:
        with ThreadPoolExecutor(1) as pool:
            saving = pool.submit(_write_track, tracked, temporary, cache)
            _write_files(analyzed, temporary, cache, options, threads, progress, draw_chart)
            saving.result()
        cache.save(temporary)


def _write_track(tracked: TrackedClip, folder: Path, cache: ArtifactCache) -> None:
    if not cache.file(folder / TRACK_FILE, compute_digest("track", tracked)):
        save_track(folder / TRACK_FILE, tracked)


def _write_files(
    analyzed: "AnalyzedClip",
    folder: Path,
    cache: ArtifactCache,
    options: OutputOptions,
    threads: int,
    progress: ProgressCallback,
    draw_chart: "DrawChart | None",
) -> None:
    """Write every file of a result but its track into an existing folder."""
    # Late: loads the drawing libraries.
    from analyzer.report.charts import chart
    from analyzer.report.data_files import write_analysis_json, write_angles_csv
    from analyzer.report.pages.report_page import write_report
    from analyzer.report.rendering import ResultRenderer

    analysis = analyzed.analysis
    renderer = ResultRenderer.from_clip(analyzed, blur_faces=options.blur_faces)
    with ThreadPoolExecutor(1) as pool:
        charting = pool.submit(renderer.write_chart, folder / "angles.png", cache, draw_chart or chart.draw_chart)
        renderer.write_videos(folder, cache, annotated=options.video, plain=options.extras, progress=progress)
        progress("writing the report", 0, 1)
        write_angles_csv(analysis.angles, folder / "angles.csv")
        pictures, client_pictures, thumbnails = renderer.draw_pictures(cache, threads)
        svg = charting.result()
    write_report(analysis, analysis.angles, pictures, client_pictures, svg, folder / "report.html", analyzed.back)
    for picture in thumbnails:
        (folder / THUMBNAIL_FILE).write_bytes(picture.jpeg)
    if options.extras:
        from analyzer.report.drawing.overlay_data import write_overlay
        from analyzer.report.pages.client_page import write_client_page

        write_client_page(analysis, client_pictures, folder / "client.html")
        write_overlay(analyzed, folder / "overlay.json")
    write_exports(analyzed, folder, options.exports)
    write_analysis_json(analysis, folder / "analysis.json")
    progress("writing the report", 1, 1)
