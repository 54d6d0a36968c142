"""The way of one clip: file -> subject -> track -> result."""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analyzer.clip.probe import Clip, open_clip
from analyzer.errors import ClipError
from analyzer.kept import Kept
from analyzer.memory import give_back
from analyzer.pose.bundle import ensure_model
from analyzer.pose.level import roll_deg
from analyzer.pose.looking import look_around
from analyzer.pose.subject import choose
from analyzer.pose.tracking import track as track_subject
from analyzer.progress import Progress
from analyzer.request import FILM_ADVICE, Request
from analyzer.settings import ModelName, Settings
from analyzer.stored import StoredError, Tracked

if TYPE_CHECKING:
    from analyzer.measure import Work
    from analyzer.result import Analysis

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
    progress: Progress | None = None,
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
    UnknownMovement, MarksError : no movement has that name; a mark is malformed or does not fit the clip.
    """
    request = Request(movement, variant, load_kg, height_cm, subject, model, marks)
    return analyze_clip(Path(path), request, settings or Settings(), progress or _silent).analysis


def analyze_clip(path: Path, request: Request, settings: Settings, progress: Progress) -> "Work":
    """As `analyze`, with everything the pictures are drawn from."""
    clip = open_clip(path, settings)
    return measure_clip(clip, track_clip(clip, request, settings, progress), request, settings)


def track_clip(clip: Clip, request: Request, settings: Settings, progress: Progress) -> Tracked:
    """Choose the subject and follow them: all that needs the pose model."""
    if request.movement != "auto":
        from analyzer.movements.registry import movement_named  # late: loads SciPy

        movement_named(request.movement)  # a name that nobody has is told at once
    model = ensure_model(
        request.model, settings, lambda what, done, total: progress(f"getting {what}", done, total or done)
    )
    threads = threads_for(clip, settings)
    looks = look_around(clip, model.path, threads, progress)
    give_back()
    chosen = choose(looks, clip.width_px, clip.height_px, request.subject)
    if chosen is None:
        raise ClipError(clip.name, "no person found", FILM_ADVICE)
    roll = roll_deg(np.concatenate([look.edges for look in looks]), len(looks))
    raw = track_subject(
        clip, chosen, model.path, threads, progress, meanwhile=lambda: import_module("analyzer.measure")
    )
    give_back()
    return Tracked(clip.sha256, request.subject, request.model, model.sha256, version("mediapipe"), chosen, raw, roll)


def measure_clip(
    clip: Clip, tracked: Tracked, request: Request, settings: Settings, kept: Kept | None = None
) -> "Work":
    """Measure what was tracked; raises StoredError where that was another clip, subject or model.

    A load is followed through the clip's pictures only if `kept` does not hold its path.
    """
    if not tracked.serves(clip.sha256, request):
        raise StoredError(f"{clip.name}: what was stored is of another clip, subject or model. Analyse the clip again.")
    # Late: what it loads, pandas and SciPy, would stand in memory beside all the trackers.
    from analyzer.measure import measured

    return measured(clip, tracked, request, threads_for(clip, settings), kept or Kept())


def threads_for(clip: Clip, settings: Settings) -> int:
    """How many parts of a clip may be read at the same time."""
    return 1 if clip.width_px * clip.height_px > _LARGE_PX else settings.pose_threads


def _silent(stage: str, done: int, total: int) -> None:
    """No progress wanted."""
