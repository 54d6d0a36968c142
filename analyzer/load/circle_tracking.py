"""The path of a plate or kettlebell over the lifts of a clip, from its pictures; None where none is seen."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.probe import Clip
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.camera_view import CameraView
from analyzer.kinematics.landmarks import near_far_sides
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
from analyzer.load.load_path import LoadKind, LoadPath
from analyzer.pose.track import CleanTrack
from analyzer.pose.track_cleaning import LIMITS as CLEAN_LIMITS
from analyzer.pose.track_cleaning import remove_outliers, smooth_and_resample
from analyzer.results.schema import Rep

Image = NDArray[np.uint8]

_ROUND_YAW_DEG = 20.0  # turned further, a plate is no circle: its axes differ by 6 %; chosen
_KINDS: tuple[tuple[LoadKind, LoadDetectionLimits], ...] = (("plate", PLATE_LIMITS), ("kettlebell", KETTLEBELL_LIMITS))


@dataclass(frozen=True)
class LoadTrackingLimits:
    """What a path must show to be believed."""

    min_trunk_px: float = 40.0  # smaller people's plates are too coarse; chosen
    fps: float = 15.0  # the plate is sought at least so often; what moves at up to 6 Hz needs 12; sources 5
    found: float = 0.7  # share of the frames of a lift that show the plate; chosen
    travel: float = 0.3  # the plate goes up by at least so many trunk lengths in a lift; chosen
    min_hand_correlation: float = 0.9  # correlation of its height with the wrist's; chosen


LIMITS = LoadTrackingLimits()


@dataclass(frozen=True)
class _ScaledPictures:
    """Small pictures of the clip: their size, clip pixels to one of theirs, trunk and wrist in them; what is sought."""

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
    """Follow the near plate, or the kettlebell, over the lifts.

    A few pictures of the first complete lift decide whether there is one; only then the rest is read. Nothing is read
    where the camera is turned more than 20 degrees: a plate is no circle then, and far off the feet in the picture.

    Parameters
    ----------
    trunk_px : hip to shoulder in the clip's pixels, as `AngleTable.trunk_px`.
    reps : the lifts; an empty sequence reads nothing.
    threads : parts of the clip that are read at the same time, each by a decoder of its own.
    """
    complete = [rep for rep in reps if rep.complete]
    if not complete or abs(view.yaw_deg) > _ROUND_YAW_DEG or not trunk_px >= limits.min_trunk_px:
        return None
    for kind, wanted in _KINDS:
        small = _scale_pictures(clip, track, view, trunk_px, wanted)
        load = _detect_load(clip, small, complete[0])
        path = _track_load_path(clip, small, load, kind, reps, threads, limits) if load is not None else None
        if path is not None and _is_plausible(path, track, view, trunk_px, reps, limits):
            return path
    return None


def _track_load_path(
    clip: Clip,
    small: _ScaledPictures,
    load: RoundLoad,
    kind: LoadKind,
    reps: Sequence[Rep],
    threads: int,
    limits: LoadTrackingLimits,
) -> LoadPath | None:
    step = max(1, int(clip.mean_fps / limits.fps + 0.01))
    spans = [np.arange(first, last + 1, step) for first, last in _lift_spans(clip, reps)]
    if not spans:
        return None
    parts = [part for span in spans for part in np.array_split(span, threads) if len(part)]

    def follow(part: NDArray[np.int_]) -> list[tuple[int, Circle]]:
        pictures = read_frames(clip, int(part[0]), int(part[-1]) + 1, step, small.size_px)
        return list(track_circle(pictures, small.wrist_px, load, small.trunk_px, small.limits))

    with ThreadPoolExecutor(threads) as pool:
        seen = [found for part in pool.map(follow, parts) for found in part]
    return _build_path(clip, small, kind, seen, np.concatenate(spans))


def _scale_pictures(
    clip: Clip, track: CleanTrack, view: CameraView, trunk_px: float, limits: LoadDetectionLimits
) -> _ScaledPictures:
    shrink = min(1.0, limits.trunk_px / trunk_px)
    full = np.array([clip.width_px, clip.height_px], dtype=float)
    size = np.maximum(np.round(full * shrink).astype(int), 2)
    near, _ = near_far_sides(view.facing)
    # The wrist is a guess behind a plate, but a good enough one to look there.
    wrist = np.where(
        np.isfinite(track.points_px[:, near.wrist]), track.points_px[:, near.wrist], track.unsmoothed_px[:, near.wrist]
    )
    scale = full / size
    return _ScaledPictures(limits, (int(size[0]), int(size[1])), scale, trunk_px / float(scale.mean()), wrist / scale)


def _detect_load(clip: Clip, small: _ScaledPictures, rep: Rep) -> RoundLoad | None:
    """What the way up of one lift shows at the hands; two pictures without anything round end the search."""
    first, last = (int(np.searchsorted(clip.times_s, time_s - 1e-6)) for time_s in (rep.bottom_s, rep.end_s))
    step = max(1, (last - first) // (small.limits.looks - 1))
    looks: list[tuple[FloatArray, list[Circle]]] = []
    for frame, image in _sample_pictures(clip, small, first, step):
        looks.append((small.wrist_px[frame], detect_rims(image, small.wrist_px[frame], small.trunk_px, small.limits)))
        missed = sum(not circles for _, circles in looks)
        if missed > small.limits.looks - small.limits.agree:
            return None
    return find_consistent_circle(looks, small.trunk_px, small.limits)


def _sample_pictures(clip: Clip, small: _ScaledPictures, first: int, step: int) -> Iterator[tuple[int, Image]]:
    return read_frames(clip, first, first + step * (small.limits.looks - 1) + 1, step, small.size_px)


def _lift_spans(clip: Clip, reps: Sequence[Rep]) -> list[tuple[int, int]]:
    """First and last frame of stretches that hold lifts; lifts that touch or overlap become one."""
    spans: list[tuple[int, int]] = []
    for rep in sorted(reps, key=lambda rep: rep.start_s):
        first, last = (int(np.searchsorted(clip.times_s, time_s - 1e-6)) for time_s in (rep.start_s, rep.end_s))
        last = min(last, clip.frames - 1)
        if spans and first <= spans[-1][1] + round(clip.mean_fps):
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        elif first < last:
            spans.append((first, last))
    return spans


def _build_path(
    clip: Clip, small: _ScaledPictures, kind: LoadKind, seen: Sequence[tuple[int, Circle]], asked: NDArray[np.int_]
) -> LoadPath | None:
    """The circles as a smooth path in the clip's pixels."""
    if len(seen) < 2:
        return None
    rows = np.searchsorted(asked, [frame for frame, _ in seen])
    centres = np.full((len(asked), 2), np.nan)
    centres[rows] = [(circle.x, circle.y) for _, circle in seen]
    # A small picture's pixel covers `scale` of the clip's: the middles of both coincide, not the corners.
    centres = (centres + 0.5) * small.scale - 0.5
    at_s = clip.times_s[asked]
    centres = remove_outliers(centres, at_s, CLEAN_LIMITS.hampel_floor * small.trunk_px * float(small.scale.mean()))
    smooth = smooth_and_resample(centres, at_s, clip.times_s, CLEAN_LIMITS.cutoff_hz, CLEAN_LIMITS.gap_s)
    radius = float(np.median([circle.radius for _, circle in seen])) * float(small.scale.mean())
    return LoadPath(smooth, radius, kind)


def _is_plausible(
    path: LoadPath,
    track: CleanTrack,
    view: CameraView,
    trunk_px: float,
    reps: Sequence[Rep],
    limits: LoadTrackingLimits,
) -> bool:
    """Whether it is seen in most frames of the lifts, goes up and down with the hands, and far enough."""
    inside = np.zeros(len(track.times_s), dtype=bool)
    for rep in reps:
        inside |= (track.times_s >= rep.start_s) & (track.times_s <= rep.end_s)
    seen = inside & np.isfinite(path.centre_px[:, 1])
    if seen.sum() < limits.found * inside.sum():
        return False
    near, _ = near_far_sides(view.facing)
    height, hand = path.centre_px[:, 1], track.unsmoothed_px[:, near.wrist, 1]
    both = seen & np.isfinite(hand)
    if both.sum() < 3 or np.ptp(height[seen]) < limits.travel * trunk_px or np.ptp(hand[both]) == 0:
        return False
    return bool(np.corrcoef(height[both], hand[both])[0, 1] >= limits.min_hand_correlation)
