"""The way of one clip: file -> subject -> track -> result."""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analyzer.clip.probe import Clip, open_clip
from analyzer.errors import ClipError
from analyzer.pose.camera_roll import estimate_roll_deg
from analyzer.pose.model_store import ensure_model
from analyzer.pose.person_detection import detect_people
from analyzer.pose.subject_selection import select_subject
from analyzer.pose.tracking import track_subject
from analyzer.process_memory import release_memory
from analyzer.progress import ProgressCallback
from analyzer.request import FILMING_ADVICE, AnalysisRequest
from analyzer.results.artifact_cache import ArtifactCache
from analyzer.results.track_store import TrackedClip, TrackStoreError
from analyzer.settings import ModelName, Settings

if TYPE_CHECKING:
    from analyzer.report.analyzed_clip import AnalyzedClip
    from analyzer.results.schema import Analysis

_LARGE_PX = 4_000_000  # a decoder of larger pictures takes 200 MB, so one thread has to do; chosen


def analyze(
    path: str | Path,
    *,
    movement: str = "auto",
    variant: str | None = None,
    load_kg: float | None = None,
    height_cm: float | None = None,
    subject: str = "auto",
    model: ModelName = "full",
    marks: Mapping[str, Any] | None = None,
    settings: Settings | None = None,
    progress: ProgressCallback | None = None,
) -> "Analysis":
    """Analyse one clip and return what `analysis.json` holds, with the table of `angles.csv` as `.angles`.

    Parameters
    ----------
    path : a video file.
    movement : "auto" or the movement's name.
    variant, load_kg, height_cm : facts that travel with the result.
    subject : "auto", "largest", "central" or "X,Y" in pixels of the upright picture.
    model : "lite", "full" or "heavy".
    marks : what the client reports and the coach adds: `docs/marks.md`.
    settings : limits, threads and folders; by default from the environment.
    progress : called with stage, done and total.

    Raises
    ------
    ClipError : the clip cannot be analysed; its text says why and what to do.
    ModelError : the pose model cannot be had.
    UnknownMovementError, MarksError : no movement has that name; a mark is malformed or does not fit the clip.
    """
    request = AnalysisRequest(movement, variant, load_kg, height_cm, subject, model, marks)
    return analyze_clip(Path(path), request, settings or Settings(), progress or _ignore_progress).analysis


def analyze_clip(
    path: Path, request: AnalysisRequest, settings: Settings, progress: ProgressCallback
) -> "AnalyzedClip":
    """As `analyze`, with everything the pictures are drawn from."""
    clip = open_clip(path, settings)
    return measure_clip(clip, track_clip(clip, request, settings, progress), request, settings)


def track_clip(clip: Clip, request: AnalysisRequest, settings: Settings, progress: ProgressCallback) -> TrackedClip:
    """Choose the subject and follow them: all that needs the pose model."""
    if request.movement != "auto":
        from analyzer.movements.registry import get_movement  # late: loads SciPy

        get_movement(request.movement)  # a name that nobody has is told at once
    model = ensure_model(
        request.model, settings, lambda _, done, total: progress("getting the model", done, total or done)
    )
    threads = choose_thread_count(clip, settings)
    looks = detect_people(clip, model.path, threads, progress)
    release_memory()
    chosen = select_subject(looks, clip.width_px, clip.height_px, request.subject)
    if chosen is None:
        raise ClipError(clip.name, "no person found", FILMING_ADVICE)
    roll = estimate_roll_deg(np.concatenate([look.edges for look in looks]), len(looks))
    raw = track_subject(
        clip, chosen, model.path, threads, progress, on_idle=lambda: import_module("analyzer.analysis.measure")
    )
    release_memory()
    return TrackedClip(
        clip.sha256, request.subject, request.model, model.sha256, version("mediapipe"), chosen, raw, roll
    )


def measure_clip(
    clip: Clip, tracked: TrackedClip, request: AnalysisRequest, settings: Settings, kept: ArtifactCache | None = None
) -> "AnalyzedClip":
    """Measure what was tracked; raises StoredError where that was another clip, subject or model.

    A load is followed through the clip's pictures only if `kept` does not hold its path.
    """
    if not tracked.serves(clip.sha256, request):
        raise TrackStoreError(
            f"{clip.name}: what was stored is of another clip, subject or model. Analyse the clip again."
        )
    # Late: what it loads, pandas and SciPy, would stand in memory beside all the trackers.
    from analyzer.analysis.measure import measure_track

    return measure_track(clip, tracked, request, choose_thread_count(clip, settings), kept or ArtifactCache())


def choose_thread_count(clip: Clip, settings: Settings) -> int:
    """How many parts of a clip may be read at the same time."""
    return 1 if clip.width_px * clip.height_px > _LARGE_PX else settings.pose_threads


def _ignore_progress(stage: str, done: int, total: int) -> None:
    """No progress wanted."""
