"""The fitted body of a whole clip: a film that was cut, or a person who turns round, is fitted in segments."""

from dataclasses import dataclass, fields, replace

import numpy as np

from analyzer.kinematics import body_model as body
from analyzer.kinematics.arrays import BoolArray, FloatArray, Series, median_interval_s
from analyzer.kinematics.body_priors import FIT_SETTINGS
from analyzer.kinematics.camera_view import TURN_AWAY_DEG, depth_bearing_deg
from analyzer.kinematics.fit_observations import ObservedLandmarks, estimate_trunk_length
from analyzer.kinematics.fitted_body import FittedBody, fit_body
from analyzer.kinematics.landmarks import BODY_LANDMARKS

_MIN_SEGMENT_S = 1.0  # a shorter segment says too little of where the camera stands; chosen


@dataclass(frozen=True)
class ClipFit:
    """Bodies fitted to the segments of a clip.

    Attributes
    ----------
    segments : frames of each segment, and the body fitted to it.
    longest : the body of the longest segment; it states how the camera sees the person.
    combined : the same arrays over all T frames; outside the segments angles are NaN and standard deviations infinite.
    is_fitted : (T,) True in the frames of a segment.
    """

    segments: tuple[tuple[slice, FittedBody], ...]
    longest: FittedBody
    combined: FittedBody
    is_fitted: BoolArray


def fit_clip(landmarks: ObservedLandmarks) -> ClipFit | None:
    """Fit a body to each segment of a clip.

    Parameters
    ----------
    landmarks : T frames.

    Returns
    -------
    The fitted bodies; None where no person is visible.
    """
    times_s = landmarks.times_s
    bounds = split_clip(times_s, landmarks.points_px, landmarks.world_m)
    lasting = [part for part in bounds if times_s[part.stop - 1] - times_s[part.start] >= _MIN_SEGMENT_S]
    lasting = lasting or sorted(bounds, key=lambda part: part.stop - part.start)[-1:]
    fits = [(part, fit_body(landmarks.select_frames(part))) for part in lasting]
    segments = [(part, fitted) for part, fitted in fits if fitted is not None]
    if not segments:
        return None
    longest = max(segments, key=lambda segment: segment[0].stop - segment[0].start)[1]
    is_fitted = np.zeros(len(times_s), dtype=bool)
    for part, _ in segments:
        is_fitted[part] = True
    return ClipFit(tuple(segments), longest, _combine(segments, longest, len(times_s)), is_fitted)


def split_clip(times_s: Series, points_px: FloatArray, world_m: FloatArray) -> list[slice]:
    """Split a clip where the film was cut, and where the person turned away and stayed so.

    Parameters
    ----------
    times_s : (T,) seconds.
    points_px : (T, 33, 2) pixels; NaN where unknown.
    world_m : (T, 33, 3) metres, z away from the camera; NaN where unknown.

    Returns
    -------
    Slices over the frames, in order, that cover the clip without gaps.
    """
    is_cut = _find_cuts(points_px)
    fps = 1.0 / max(median_interval_s(times_s), 1e-3)
    heading = np.exp(1j * np.radians(depth_bearing_deg(world_m, fps)))
    starts, total = [0], 0j
    for frame, direction in enumerate(heading):
        has_turned = total != 0 and abs(np.angle(direction / total)) > np.radians(TURN_AWAY_DEG)
        if is_cut[frame] or (np.isfinite(direction) and has_turned):
            starts.append(frame)
            total = 0j
        if np.isfinite(direction):
            total += direction
    return [slice(first, last) for first, last in zip(starts, [*starts[1:], len(times_s)], strict=True) if last > first]


def relative_body_scale(longest: FittedBody, fitted: FittedBody) -> float:
    """Compute the size of the longest segment's body over that of another: the same person, nearer or farther."""
    return float(np.exp(longest.solution.clip[body.LOG_TRUNK] - fitted.solution.clip[body.LOG_TRUNK]))


def _find_cuts(points_px: FloatArray) -> BoolArray:
    """Find the frames (T,) before which the whole body jumps."""
    is_cut = np.zeros(len(points_px), dtype=bool)
    with np.errstate(invalid="ignore"):
        jumps_px = np.linalg.norm(np.diff(points_px[:, BODY_LANDMARKS], axis=0), axis=2)
    is_known = np.isfinite(jumps_px).all(axis=1)
    trunk_px = estimate_trunk_length(points_px)
    if is_known.any() and np.isfinite(trunk_px):
        is_cut[1:][is_known] = np.median(jumps_px[is_known], axis=1) > FIT_SETTINGS.cut_jump * trunk_px
    return is_cut


def _combine(segments: list[tuple[slice, FittedBody]], longest: FittedBody, count: int) -> FittedBody:
    """Combine the bodies' arrays over all frames, in the longest one's units of length."""
    arrays: dict[str, FloatArray] = {}
    for field in fields(FittedBody):
        value = getattr(longest, field.name)
        if not isinstance(value, np.ndarray):
            continue
        empty = np.inf if field.name.endswith("_sd_deg") else np.nan
        whole = np.full((count, *value.shape[1:]), empty)
        for part, fitted in segments:
            scale = relative_body_scale(longest, fitted) if field.name == "joints" else 1.0
            whole[part] = getattr(fitted, field.name) * scale
        arrays[field.name] = whole
    return replace(longest, **arrays)  # type: ignore[arg-type]  # names and types are those of the fields
