"""Track a plate or kettlebell through the pictures of a clip's lifts."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.probe import Clip
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.camera_view import CameraView
from analyzer.kinematics.landmarks import forward_sign, near_far_sides
from analyzer.load.circle_detection import Circle
from analyzer.load.load_detection import (
    KETTLEBELL_LIMITS,
    PLATE_LIMITS,
    LoadDetectionLimits,
    RoundLoad,
    detect_rims,
    find_consistent_circle,
    track_circle,
)
from analyzer.load.load_path import LoadPath
from analyzer.movements.load_measures import LoadKind
from analyzer.pose.track import CleanTrack
from analyzer.pose.track_cleaning import LIMITS as CLEAN_LIMITS
from analyzer.pose.track_cleaning import remove_outliers, smooth_and_resample
from analyzer.results.measured_reps import select_measured_reps
from analyzer.results.schema import Rep

_MAX_YAW_DEG = 30.0  # turned further, a plate hides behind its own bar, and the yaw is too uncertain; chosen
_KINDS: tuple[tuple[LoadKind, LoadDetectionLimits], ...] = (("plate", PLATE_LIMITS), ("kettlebell", KETTLEBELL_LIMITS))


@dataclass(frozen=True)
class LoadTrackingLimits:
    """Thresholds of a plausible path."""

    min_trunk_px: float = 40.0  # smaller people's plates are too coarse; chosen
    min_fps: float = 15.0  # pictures read a second, at least; a motion of up to 6 Hz needs 12; sources 5
    min_visible_share: float = 0.7  # share of the frames of the lifts that show the load; chosen
    min_travel: float = 0.3  # trunk lengths that the plate goes up in a lift, at least; chosen
    min_hand_correlation: float = 0.8  # correlation of its height with the wrist's, which a plate may hide; chosen
    margin_s: float = 0.6  # followed this much before and after a lift, whose bounds cut a tenth off its ends; chosen


LIMITS = LoadTrackingLimits()


@dataclass(frozen=True)
class _ScaledPictures:
    """Small pictures of a clip.

    Attributes
    ----------
    limits : of the kind of load that is searched.
    scale : pixels of the clip to one of theirs, across and down.
    trunk_px, wrist_px : length of the trunk upright, and place of the near wrist (T, 2), in their pixels; of a plate,
        beside the wrist where the plate is.
    """

    clip: Clip
    limits: LoadDetectionLimits
    size_px: tuple[int, int]
    scale: FloatArray
    trunk_px: float
    wrist_px: FloatArray


def track_load(
    clip: Clip,
    track: CleanTrack,
    view: CameraView,
    trunk_px: float,
    reps: Sequence[Rep],
    threads: int = 1,
    limits: LoadTrackingLimits = LIMITS,
) -> LoadPath | None:
    """Track the near plate, or the kettlebell, over the lifts; None without a plausible path.

    A few pictures of the first complete lift decide whether there is a load; only then the rest is read. Nothing is
    read at a yaw of more than 30 degrees.

    Parameters
    ----------
    trunk_px : hip to shoulder in the clip's pixels, as `AngleTable.trunk_px`.
    reps : the lifts; an empty sequence reads nothing.
    threads : parts of the clip that are read at the same time, each by its own decoder.
    """
    lifts = select_measured_reps(reps)
    if not lifts or abs(view.yaw_deg) > _MAX_YAW_DEG or not trunk_px >= limits.min_trunk_px:
        return None
    for kind, kind_limits in _KINDS:
        small = _scale_pictures(clip, track, view, trunk_px, kind_limits)
        load = _detect_load(small, lifts[0])
        path = None if load is None else _track_load_path(small, load, kind, reps, threads, limits)
        if path is not None and _is_plausible(path, track, view, trunk_px, reps, limits):
            return path
    return None


def _track_load_path(
    small: _ScaledPictures,
    load: RoundLoad,
    kind: LoadKind,
    reps: Sequence[Rep],
    threads: int,
    limits: LoadTrackingLimits,
) -> LoadPath | None:
    clip = small.clip
    step = max(1, int(clip.mean_fps / limits.min_fps + 0.01))
    spans = [np.arange(first, last + 1, step) for first, last in _lift_spans(clip, reps, limits.margin_s)]
    if not spans:
        return None
    parts = [part for span in spans for part in np.array_split(span, threads) if len(part)]

    def follow(part: NDArray[np.int_]) -> list[tuple[int, Circle]]:
        pictures = read_frames(clip, int(part[0]), int(part[-1]) + 1, step, small.size_px)
        return list(track_circle(pictures, small.wrist_px, load, small.trunk_px, small.limits))

    with ThreadPoolExecutor(threads) as pool:
        circles = [circle for part in pool.map(follow, parts) for circle in part]
    return _build_path(small, kind, circles, np.concatenate(spans))


def _scale_pictures(
    clip: Clip, track: CleanTrack, view: CameraView, trunk_px: float, limits: LoadDetectionLimits
) -> _ScaledPictures:
    """Scale the pictures down, and widen them so that a disc in the sagittal plane is round from a turned camera."""
    shrink = min(1.0, limits.trunk_px / trunk_px)
    widen = 1.0 / np.cos(np.radians(view.yaw_deg)) if limits.is_disc else 1.0
    full = np.array([clip.width_px, clip.height_px], dtype=float)
    size = np.maximum(np.round(full * shrink * (widen, 1.0)).astype(int), 2)
    near, _ = near_far_sides(view.facing)
    # Behind a plate the wrist is a guess, which is good enough for the search.
    wrist = np.where(
        np.isfinite(track.points_px[:, near.wrist]), track.points_px[:, near.wrist], track.unsmoothed_px[:, near.wrist]
    )
    scale = full / size
    # A camera towards the front sees what is nearer than the hand behind it.
    ahead_px = -forward_sign(view.facing) * limits.beyond_wrist * trunk_px * np.sin(np.radians(view.yaw_deg))
    return _ScaledPictures(
        clip=clip,
        limits=limits,
        size_px=(int(size[0]), int(size[1])),
        scale=scale,
        trunk_px=trunk_px / float(scale[1]),
        wrist_px=(wrist + (ahead_px, 0.0)) / scale,
    )


def _detect_load(small: _ScaledPictures, rep: Rep) -> RoundLoad | None:
    """Detect a load at the hands on the way up of one lift; two pictures without a circle end the search."""
    clip, limits = small.clip, small.limits
    first, last = (int(np.searchsorted(clip.times_s, time_s - 1e-6)) for time_s in (rep.bottom_s, rep.end_s))
    steps = limits.picture_count - 1
    step = max(1, (last - first) // steps)
    detections: list[tuple[FloatArray, list[Circle]]] = []
    for frame, image in read_frames(clip, first, first + step * steps + 1, step, small.size_px):
        wrist = small.wrist_px[frame]
        detections.append((wrist, detect_rims(image, wrist, small.trunk_px, limits)))
        missed = sum(not circles for _, circles in detections)
        if missed > limits.picture_count - limits.min_agreeing:
            return None
    return find_consistent_circle(detections, small.trunk_px, limits)


def _lift_spans(clip: Clip, reps: Sequence[Rep], margin_s: float) -> list[tuple[int, int]]:
    """Return first and last frame of the parts with lifts; lifts that touch or overlap become one part."""
    spans: list[tuple[int, int]] = []
    for rep in sorted(reps, key=lambda rep: rep.start_s):
        bounds_s = (rep.start_s - margin_s, rep.end_s + margin_s)
        first, last = (int(np.searchsorted(clip.times_s, time_s - 1e-6)) for time_s in bounds_s)
        last = min(last, clip.frames - 1)
        if spans and first <= spans[-1][1] + round(clip.mean_fps):
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        elif first < last:
            spans.append((first, last))
    return spans


def _build_path(
    small: _ScaledPictures, kind: LoadKind, circles: Sequence[tuple[int, Circle]], read: NDArray[np.int_]
) -> LoadPath | None:
    """Build a smooth path in the clip's pixels from circles by frame; `read` are all frames that were read, (N,)."""
    if len(circles) < 2:
        return None
    rows = np.searchsorted(read, [frame for frame, _ in circles])
    centres = np.full((len(read), 2), np.nan)
    centres[rows] = [(circle.x, circle.y) for _, circle in circles]
    # A pixel of the small picture covers `scale` of the clip's: the middles of both coincide, not the corners.
    centres = (centres + 0.5) * small.scale - 0.5
    clip, scale = small.clip, float(small.scale[1])
    read_s = clip.times_s[read]
    centres = remove_outliers(centres, read_s, CLEAN_LIMITS.hampel_floor * small.trunk_px * scale)
    smooth = smooth_and_resample(centres, read_s, clip.times_s, CLEAN_LIMITS.cutoff_hz, CLEAN_LIMITS.gap_s)
    radius = float(np.median([circle.radius for _, circle in circles])) * scale
    return LoadPath(smooth, radius, kind)


def _is_plausible(
    path: LoadPath,
    track: CleanTrack,
    view: CameraView,
    trunk_px: float,
    reps: Sequence[Rep],
    limits: LoadTrackingLimits,
) -> bool:
    """Return whether it is visible in most frames of the lifts, goes up and down with the hands, and far enough."""
    inside = np.zeros(len(track.times_s), dtype=bool)
    for rep in reps:
        inside |= (track.times_s >= rep.start_s) & (track.times_s <= rep.end_s)
    visible = inside & np.isfinite(path.centre_px[:, 1])
    if visible.sum() < limits.min_visible_share * inside.sum():
        return False
    near, _ = near_far_sides(view.facing)
    height, hand = path.centre_px[:, 1], track.unsmoothed_px[:, near.wrist, 1]
    both = visible & np.isfinite(hand)
    if both.sum() < 3 or np.ptp(height[visible]) < limits.min_travel * trunk_px or np.ptp(hand[both]) == 0:
        return False
    return bool(np.corrcoef(height[both], hand[both])[0, 1] >= limits.min_hand_correlation)
