"""Run the analysis pipeline on one clip: file -> track -> result."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analyzer.analysis.request_check import build_request, check_path
from analyzer.analysis.thread_count import choose_thread_count
from analyzer.clip.probe import Clip, open_clip
from analyzer.errors import ClipError
from analyzer.progress import ProgressCallback, ProgressStage
from analyzer.request import AnalysisRequest
from analyzer.results.artifact_cache import ArtifactCache
from analyzer.results.track_store import TrackedClip, TrackStoreError
from analyzer.settings import POSE_MODELS, ModelChoice, Settings

if TYPE_CHECKING:
    from analyzer.report.analyzed_clip import AnalyzedClip
    from analyzer.results.schema import Analysis


def analyze(
    path: str | Path,
    *,
    movement: str = "auto",
    variant: str | None = None,
    load_kg: float | None = None,
    height_cm: float | None = None,
    subject: str = "auto",
    model: ModelChoice = "full",
    marks: Mapping[str, Any] | None = None,
    settings: Settings | None = None,
    progress: ProgressCallback | None = None,
) -> "Analysis":
    """Analyse one clip and return what `analysis.json` holds, with the table of `angles.csv` as `.angles`.

    Parameters
    ----------
    path : a video file.
    movement : "auto" or the movement's name.
    variant : one of the movement's variants, such as "romanian"; None where it is not known.
    load_kg, height_cm : load in kg, 0 to 1000, and height of the client in cm, 50 to 272: stored with the result, and
        the height is the scale of speeds where no full-size plate is. None where unknown.
    subject : "auto", "largest", "central" or "X,Y" in pixels of the upright picture, such as "640,360".
    model : "lite", "full", "heavy", or "auto": "full", and "heavy" where that leaves joints hidden or blurred.
    marks : symptom reports of the client and additions of the coach, as `docs/marks.md` describes the file.
    settings : limits, threads and folders; by default from the environment (ANALYZER_MAX_DURATION_S and others).
    progress : called with stage, done and total.

    Returns
    -------
    The result; `docs/python.md` describes it. Angles are in degrees with the zeros and signs of `docs/angles.md`, times
    in seconds from the first frame; unknown values are None in the result and NaN in the table `.angles`.

    Raises
    ------
    ClipError : the clip cannot be analysed; its text says why and what to do.
    ModelError : the pose model is not available.
    RequestError : an argument has a value that it cannot have; found before the clip is read.
    UnknownMovementError, MarksError : no movement has that name; a mark is malformed or does not fit the clip.
    TypeError : `path` is neither a text nor a path.

    All but TypeError are an `AnalyzerError`, whose text is meant for a person.
    """
    clip_path = check_path(path)
    request = build_request(movement, variant, load_kg, height_cm, subject, model, marks)
    return analyze_clip(clip_path, request, settings or Settings(), progress or _ignore_progress).analysis


def analyze_clip(
    path: Path, request: AnalysisRequest, settings: Settings, progress: ProgressCallback
) -> "AnalyzedClip":
    """Analyse one clip as `analyze` does, and return everything that the report is drawn from."""
    from analyzer.analysis.tracking import track_clip  # late: loads MediaPipe, which a stored track does not need

    clip = open_clip(path, settings)
    tracked = track_clip(clip, request, settings, progress)
    return measure_or_track_again(clip, tracked, request, settings, progress)[1]


def measure_or_track_again(
    clip: Clip,
    tracked: TrackedClip,
    request: AnalysisRequest,
    settings: Settings,
    progress: ProgressCallback,
    cache: ArtifactCache | None = None,
) -> "tuple[TrackedClip, AnalyzedClip]":
    """Measure a clip; track it again with the last pose model of the request where the first leaves joints uncertain.

    Returns
    -------
    The track that was measured, and its result. If the last model does not find the person, those of the given track.

    Raises
    ------
    ClipError : the person is visible in too few frames of the given track.
    ModelError : the last pose model is not available.
    TrackStoreError : the given track belongs to another clip, subject or model.
    """
    analyzed = measure_clip(clip, tracked, request, settings, cache)
    best = POSE_MODELS[request.model][-1]
    if tracked.model != best and analyzed.view.is_obstructed:
        from analyzer.analysis.tracking import track_clip  # late: loads MediaPipe

        with suppress(ClipError):
            again = track_clip(clip, replace(request, model=best), settings, progress)
            return again, measure_clip(clip, again, request, settings, cache)
    return tracked, analyzed


def measure_clip(
    clip: Clip, tracked: TrackedClip, request: AnalysisRequest, settings: Settings, cache: ArtifactCache | None = None
) -> "AnalyzedClip":
    """Run every step after tracking.

    The clip is read again only to follow a load whose path the cache does not hold.

    Raises
    ------
    TrackStoreError : the track belongs to another clip, subject or model.
    """
    if not tracked.serves(clip.sha256, request):
        raise TrackStoreError(
            f"{clip.name}: the stored track belongs to another clip, subject or model. Analyse the clip again."
        )
    from analyzer.analysis.track_analysis import analyze_track  # late: loads pandas and SciPy

    return analyze_track(clip, tracked, request, choose_thread_count(clip, settings), cache)


def _ignore_progress(stage: ProgressStage, done: int, total: int) -> None:
    """Do nothing: the caller gave no progress callback."""
