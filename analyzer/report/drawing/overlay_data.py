"""`overlay.json`: what a browser draws over the clip, and the angles for its chart."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.atomic_files import atomic_write
from analyzer.kinematics.angle_table import ANGLE_COLUMNS
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.camera_view import allows_angles
from analyzer.kinematics.landmarks import SideLandmarks, near_far_sides
from analyzer.report.analyzed_clip import AnalyzedClip
from analyzer.report.drawing.back_trail import BackTrail
from analyzer.report.drawing.skeleton import LOW_CONFIDENCE, get_limb_chains, get_trunk_chain
from analyzer.report.movement_words import select_main_angle
from analyzer.report.video.annotated_video import choose_frame_step

OverlayJson = dict[str, Any]

_MAX_ROWS = 4000  # of a longer clip every second row, third, ... is written: some 2 MB; chosen
_BACK_STEP = 2  # of the 25 positions along the back, every second one is written; chosen
_NAMES = ("ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "toe")


def build_overlay_data(clip_data: AnalyzedClip) -> OverlayJson:
    """Build what a browser needs to draw the skeleton, the back and the load, and to chart the angles.

    Returns
    -------
    JSON values: whole pixels of the upright picture and tenths of a degree; None where unknown. `times_s` are times of
    frames, at most about 60 a second. Where `degrees` is False, `series` are shapes without numbers.
    """
    analysis, track = clip_data.analysis, clip_data.track
    times_s = track.times_s
    rows = slice(None, None, _step(times_s))
    near, far = near_far_sides(clip_data.view.facing)
    points = [getattr(side, name) for side in (near, far) for name in _NAMES]
    events = analysis.model_dump(mode="json", include={"reps", "holds", "stages"})
    return {
        "width_px": clip_data.clip.width_px,
        "height_px": clip_data.clip.height_px,
        "times_s": [round(float(time_s), 4) for time_s in times_s[rows]],
        "facing": clip_data.view.facing,
        "degrees": allows_angles(analysis.view.grade),
        "rough": analysis.view.grade == "rough",
        "main_angle": select_main_angle(analysis),
        "names": [f"{side}_{name}" for side in ("near", "far") for name in _NAMES],
        "near": [side == "near" for side in ("near", "far") for _ in _NAMES],
        "lines": [[points.index(a), points.index(b)] for a, b in _lines(near, far)],
        "points_px": _pixels(track.points_px[rows][:, points]),
        "uncertain": [np.flatnonzero(row).tolist() for row in track.visibility[rows][:, points] < LOW_CONFIDENCE],
        "back": _build_back(clip_data, rows),
        "load": None
        if clip_data.load is None
        else {"path": _pixels(clip_data.load.centre_px[rows]), "radius_px": round(clip_data.load.radius_px, 1)},
        "series": {
            name: _tenths(analysis.angles[name].to_numpy(dtype=float)[rows])
            for name in ANGLE_COLUMNS
            if analysis.angles[name].notna().any()
        },
        **events,
    }


def write_overlay(clip_data: AnalyzedClip, path: str | Path) -> None:
    """Write the overlay data as JSON without spaces."""
    with atomic_write(path) as temporary:
        text = json.dumps(build_overlay_data(clip_data), allow_nan=False, separators=(",", ":"))
        temporary.write_text(text, encoding="utf-8")


def _step(times_s: FloatArray) -> int:
    """Return n: every n-th frame is written."""
    if len(times_s) < 2:
        return 1
    fps = (len(times_s) - 1) / float(times_s[-1])
    return max(choose_frame_step(fps), -(-len(times_s) // _MAX_ROWS))


def _lines(near: SideLandmarks, far: SideLandmarks) -> list[tuple[int, int]]:
    """Return pairs of landmarks, the far side first, since the near one is drawn over it."""
    chains = (*get_limb_chains(far), *get_limb_chains(near), get_trunk_chain(near))
    return [(a, b) for chain in chains for a, b in pairwise(chain)]


def _build_back(clip_data: AnalyzedClip, rows: slice) -> OverlayJson | None:
    """Return the outline of the back from hip to shoulder and its change from the baseline posture; None without."""
    if clip_data.back is None or not allows_angles(clip_data.analysis.view.grade):
        return None
    trail = BackTrail.from_back_rounding(clip_data.back, clip_data.track.points_px, clip_data.view.facing)
    line_px = trail.line_px[rows, ::_BACK_STEP]
    change_deg = trail.rounding_deg[rows]
    known = np.isfinite(change_deg) & np.isfinite(line_px).all(axis=(1, 2))
    lines = np.round(np.where(known[:, None, None], line_px, 0)).astype(int).tolist()
    return {
        "places": [round(float(place), 4) for place in np.linspace(0, 1, line_px.shape[1])],
        "line_px": [line if is_known else None for line, is_known in zip(lines, known, strict=True)],
        "change_deg": _tenths(change_deg),
    }


def _pixels(points_px: FloatArray) -> list[Any]:
    """Return whole pixels, (..., 2); None for an unknown point."""
    if points_px.ndim > 2:
        return [_pixels(row) for row in points_px]
    known = np.asarray(np.isfinite(points_px).all(axis=-1))
    whole = np.round(np.where(known[:, None], points_px, 0)).astype(int).tolist()
    return [point if is_known else None for point, is_known in zip(whole, known, strict=True)]


def _tenths(values: FloatArray) -> list[float | None]:
    return [round(float(value), 1) if np.isfinite(value) else None for value in values]
