"""The way of one clip: file -> subject -> track -> result."""

import contextlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import numpy as np

from analyzer.clip.probe import open_clip
from analyzer.errors import ClipError
from analyzer.pose.bundle import ensure_model
from analyzer.pose.level import roll_deg
from analyzer.pose.looking import look_around
from analyzer.pose.subject import choose
from analyzer.pose.tracking import track as track_subject
from analyzer.request import FILM_ADVICE, Request
from analyzer.settings import ModelName, Settings

if TYPE_CHECKING:
    from analyzer.measure import Work
    from analyzer.result import Analysis

Progress = Callable[[str, int, int], None]

_LARGE_PX = 4_000_000  # a decoder of larger pictures takes 200 MB: one thread, and nothing loaded early; chosen


def analyze(
    path: str | Path,
    *,
    movement: str = "auto",
    variant: str | None = None,
    load_kg: float | None = None,
    height_cm: float | None = None,
    subject: str = "auto",
    model: ModelName = "full",
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
    progress : called with stage, done and total.

    Raises
    ------
    ClipError : the clip cannot be analysed; its text says why and what to do.
    ModelError : the pose model cannot be had.
    """
    request = Request(movement, variant, load_kg, height_cm, subject, model)
    return analyze_clip(Path(path), request, settings or Settings(), progress or _silent).analysis


def analyze_clip(path: Path, request: Request, settings: Settings, progress: Progress) -> "Work":
    """As `analyze`, with everything the pictures are drawn from."""
    clip = open_clip(path, settings)
    model = ensure_model(request.model, settings)
    large = clip.width_px * clip.height_px > _LARGE_PX
    threads = 1 if large else settings.pose_threads
    if not large:
        Thread(target=_load_ahead, daemon=True).start()
    looks = look_around(clip, model.path, threads, progress)
    chosen = choose(looks, clip.width_px, clip.height_px, request.subject)
    if chosen is None:
        raise ClipError(clip.name, "no person found", FILM_ADVICE)
    roll = roll_deg(np.concatenate([look.edges for look in looks]), len(looks))
    raw = track_subject(clip, chosen, model.path, threads, progress)
    from analyzer.measure import measured  # late: see _load_ahead

    return measured(clip, chosen, raw, roll, request, model)


def _load_ahead() -> None:
    """Load what is needed after the tracking while the clip is tracked: it takes a second."""
    with contextlib.suppress(ImportError):  # told by the import that needs it
        import_module("analyzer.measure")
        import_module("analyzer.report.html").packed_plotly_js()
        import_module("analyzer.report.video")


def _silent(stage: str, done: int, total: int) -> None:
    """No progress wanted."""
