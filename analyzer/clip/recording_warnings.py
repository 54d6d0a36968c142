"""Warnings about a recording: what a coach should know before trusting its times, in plain words."""

import numpy as np
from numpy.typing import NDArray

SLOW_MOTION_FPS = 100.0  # phones film 24-60 frames a second, and 120 or 240 in slow motion
TEMPO_FPS = 20.0  # below it a 0.6 s phase has fewer than 12 frames; chosen
SLOWDOWN_RATIO = 1.5  # filmed at this many times the stored rate: time in the file is stretched; chosen
MAX_FILLED_GAP_S = 0.2  # longest gap in a recording or a track that is filled; sources 5


def list_recording_warnings(
    times_s: NDArray[np.float64],
    *,
    truncated_from_s: float | None,
    capture_fps: float | None,
    interlaced: bool,
    has_times: bool = True,
) -> tuple[str, ...]:
    """List the warnings of a clip, the most important first.

    Parameters
    ----------
    times_s : float array (N,), seconds, strictly increasing from 0.
    truncated_from_s : None for a complete file; else the duration in its header, 0 when there is none.
    capture_fps : frames a second at which the phone says it filmed (Android), or None.
    interlaced : True for an interlaced picture.
    has_times : False where the file gives no frame times and those of browsers are assumed.

    Returns
    -------
    Sentences without a full stop.
    """
    gaps = np.diff(times_s)
    usual_gap_s = float(np.median(gaps)) if len(gaps) else 0.0
    fps = 1 / float(gaps[gaps <= 3 * usual_gap_s].mean()) if len(gaps) else 0.0
    end_s = float(times_s[-1]) + usual_gap_s
    warnings = []
    if truncated_from_s is not None:
        of = f" of {truncated_from_s:.1f} s" if truncated_from_s > end_s + 0.1 else ""
        warnings.append(f"the file breaks off after {end_s:.1f} s{of}; what is there was analysed")
    if not has_times:
        warnings.append("the file gives no times for its frames: those of a browser are assumed, 0.1 s a frame")
    if capture_fps and fps and capture_fps / fps >= SLOWDOWN_RATIO:
        warnings.append(
            f"filmed at {capture_fps:.0f} frames a second and stored {capture_fps / fps:.1f} times slower:"
            " all times are longer than they were"
        )
    elif fps > SLOW_MOTION_FPS:
        warnings.append(f"filmed at {fps:.0f} frames a second (slow motion); times are real time")
    if 0 < fps < TEMPO_FPS:
        warnings.append(f"only {fps:.0f} frames a second: tempo is not measured")
    if len(gaps) and float(gaps.max()) > max(MAX_FILLED_GAP_S, 3 * usual_gap_s):
        warnings.append(f"the recording skips: up to {float(gaps.max()):.1f} s without a picture")
    if interlaced:
        warnings.append("the picture is interlaced (an old video format): fast movements look frayed")
    return tuple(warnings)
