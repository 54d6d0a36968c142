"""Landmarks of the subject in every frame: chunks of the clip tracked at the same time, each kept on the subject."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Event, Lock

import numpy as np

from analyzer.clip.frame_reader import read_selected_frames
from analyzer.clip.probe import Clip
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.back_outline import OUTLINE_POSITIONS
from analyzer.pose.adaptive_sampling import AdaptiveSampler, interpolate_skipped
from analyzer.pose.landmarker import VideoLandmarker
from analyzer.pose.mirrored_inference import detect_in_mirror
from analyzer.pose.subject_selection import DetectedPerson, SelectedSubject
from analyzer.pose.track import LANDMARK_COUNT, Image, Pose, RawTrack
from analyzer.progress import ProgressCallback

SUBJECT_SIDE_PX = 360  # longer side of the subject as shown to the model, at most: its input is 256 px; chosen
CHUNK_S = 90.0  # stretch tracked in one go (shorter clips: half the clip): starting costs as much as 20 frames; chosen
WARM_UP_FRAMES = 10  # frames tracked before a chunk begins, so that chunks join without a step; chosen
MAX_TRACKED_FPS = 58.0  # more frames a second than this change no angle: lifts move below 6 Hz; chosen
MIRROR_FPS = 4.0  # how often the mirrored picture is asked; at 2 the fold at the hip is less exact; chosen
_FEWEST_WARM_UPS = 3.0  # a chunk is at least this many warm-ups long; chosen
_ROOM = (0.5, 0.25)  # room left of and above the subject's path, and right and below, in body sizes; chosen
_MASK_MARGIN = 0.3  # room about the subject's last box when others are hidden, in body sizes; chosen
_GROWTH = 0.02  # how much that box grows with each frame in which the subject is lost, in body sizes; chosen


@dataclass(frozen=True)
class _Window:
    """The part of the upright picture shown to the model, and at which scale."""

    x0: int
    y0: int
    x1: int
    y1: int
    scale: float

    def cut(self, image: Image) -> Image:
        """The window of a frame that was read at this scale."""
        x0, y0, x1, y1 = (round(edge * self.scale) for edge in (self.x0, self.y0, self.x1, self.y1))
        return image[y0:y1, x0:x1]

    def placed(self, pose: Pose | None) -> Pose | None:
        """A pose found in the window, in the upright full-size picture."""
        return pose and pose.moved(self.x0, self.y0, self.scale)


def track_subject(
    clip: Clip,
    subject: SelectedSubject,
    model: Path,
    threads: int,
    progress: ProgressCallback,
    meanwhile: Callable[[], object] = lambda: None,
) -> RawTrack:
    """The subject's landmarks in every frame (in at most about 60 a second).

    The chunks depend on the clip only, so that the result does not depend on `threads`. `meanwhile` is called once, as
    soon as one of them has nothing left to track; what it returns or raises is nobody's concern.
    """
    step = max(1, int(clip.mean_fps / MAX_TRACKED_FPS))
    frames = np.arange(0, clip.frames, step)
    rows = len(frames)
    raw = RawTrack(
        frames,
        np.full((rows, LANDMARK_COUNT, 2), np.nan),
        np.full((rows, LANDMARK_COUNT, 2), np.nan),
        np.zeros((rows, LANDMARK_COUNT)),
        np.full((rows, LANDMARK_COUNT, 3), np.nan),
        np.zeros(rows, dtype=bool),
        np.full((rows, 2, len(OUTLINE_POSITIONS)), np.nan),
    )
    asked = np.zeros(rows, dtype=bool)
    done, lock, stop = [0], Lock(), Event()

    def follow(first: int, last: int) -> None:
        for row, answer in _track_chunk(clip, subject, model, step, first, last):
            if stop.is_set():
                return
            if row < first:
                continue
            raw.decoded[row] = True
            if answer is not None:
                asked[row] = True
                _store_result(raw, row, answer)
            with lock:
                done[0] += 1
                progress("tracking", done[0], rows)

    with ThreadPoolExecutor(threads) as pool:
        jobs = [pool.submit(follow, first, last) for first, last in _chunks(subject, clip, step, rows)]
        pool.submit(meanwhile)
        try:
            wait(jobs, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
        for job in jobs:
            job.result()
    for values in (raw.points_px, raw.visibility, raw.world_m, raw.outline):
        if values is not None:
            interpolate_skipped(values, asked, raw.decoded)
    raw.visibility[np.isnan(raw.points_px).all(axis=(1, 2))] = 0.0
    return raw


@dataclass(frozen=True)
class _FrameResult:
    """What the model said of a frame and of its mirror image, in the upright full-size picture; None: not found."""

    pose: Pose | None
    mirror: Pose | None


def _store_result(raw: RawTrack, row: int, answer: _FrameResult) -> None:
    if answer.pose is not None:
        raw.points_px[row], raw.visibility[row], raw.world_m[row] = (
            answer.pose.points_px,
            answer.pose.visibility,
            answer.pose.world_m,
        )
        if raw.outline is not None and answer.pose.outline is not None:
            raw.outline[row] = answer.pose.outline
    if answer.mirror is not None:
        raw.mirror_px[row] = answer.mirror.points_px


def _track_chunk(
    clip: Clip, subject: SelectedSubject, model: Path, step: int, first: int, last: int
) -> Iterator[tuple[int, _FrameResult | None]]:
    """Yield each row of a chunk, warm-up before it included; None for a row in which a body at rest was not asked."""
    window, pace = _window(subject.person, clip), AdaptiveSampler()
    mirror_rows = max(1, round(clip.mean_fps / step / MIRROR_FPS))
    start = max(0, first - WARM_UP_FRAMES)
    box = subject.person.interpolate_box(first * step)
    next_row, mirror_row = start, first

    def wanted(frame: int) -> bool:
        row = frame // step
        return row <= first or row >= next_row or row == last - 1

    with VideoLandmarker(model, outlines=True) as follower, VideoLandmarker(model) as mirror_follower:
        for frame, image in _images(clip, window, wanted, start * step, last * step, step):
            row = frame // step
            if image is None:
                yield row, None
                continue
            shown = _mask_other_people(image, box, window) if subject.others_seen else image
            pose, mirror = follower.follow(shown), None
            if pose is not None and (row >= mirror_row or row == last - 1):
                mirror = detect_in_mirror(mirror_follower, shown, pose)
                # At times of their own: counted from this row, the next would depend on how the body rests.
                mirror_row = first + ((row - first) // mirror_rows + 1) * mirror_rows
            pose, mirror = window.placed(pose), window.placed(mirror)
            box = pose.box_px if pose is not None else _grown(box)
            next_row = row + max(1, int(pace.rest_s(float(clip.times_s[frame]), pose) * clip.mean_fps / step + 0.1))
            yield row, _FrameResult(pose, mirror)


def _chunks(subject: SelectedSubject, clip: Clip, step: int, rows: int) -> Iterator[tuple[int, int]]:
    """Stretches of rows [first, last), about CHUNK_S or half the clip long.

    Where there are others, a stretch begins at a look in which the subject was seen.
    """
    length = min(CHUNK_S * clip.mean_fps / step, rows / 2)
    length = max(length, _FEWEST_WARM_UPS * WARM_UP_FRAMES)
    cuts = {round(at) for at in np.arange(1, max(1, round(rows / length))) * length}
    if subject.others_seen:
        seen = np.array(subject.person.frames) // step
        cuts = {int(seen[np.argmin(abs(seen - at))]) for at in cuts}
    edges = [0, *sorted(cut for cut in cuts if WARM_UP_FRAMES < cut < rows - WARM_UP_FRAMES), rows]
    return pairwise(edges)


def _window(person: DetectedPerson, clip: Clip) -> _Window:
    """Room for the subject's whole path: half a body to the sides, a quarter above and below."""
    boxes, size = person.boxes_px, person.size_px
    x0, y0 = boxes[:, :2].min(axis=0) - np.array(_ROOM) * size
    x1, y1 = boxes[:, 2:].max(axis=0) + np.array(_ROOM) * size
    return _Window(
        max(0, int(x0)),
        max(0, int(y0)),
        min(clip.width_px, int(x1) + 1),
        min(clip.height_px, int(y1) + 1),
        min(1.0, SUBJECT_SIDE_PX / size),
    )


def _images(
    clip: Clip, window: _Window, wanted: Callable[[int], bool], first: int, stop: int, step: int
) -> Iterator[tuple[int, Image | None]]:
    size = (max(2, round(clip.width_px * window.scale)), max(2, round(clip.height_px * window.scale)))
    for frame, image in read_selected_frames(clip, wanted, first, min(stop, clip.frames), step, size_px=size):
        yield frame, np.ascontiguousarray(window.cut(image)) if image is not None else None


def _mask_other_people(image: Image, box_px: FloatArray, window: _Window) -> Image:
    """The picture with everything grey but a generous box about the subject, so that nobody else is followed."""
    x0, y0, x1, y1 = (box_px - np.tile((window.x0, window.y0), 2)) * window.scale
    margin = _MASK_MARGIN * max(x1 - x0, y1 - y0)
    height, width = image.shape[:2]
    left, right = (int(np.clip(edge, 0, width)) for edge in (x0 - margin, x1 + margin))
    top, bottom = (int(np.clip(edge, 0, height)) for edge in (y0 - margin, y1 + margin))
    shown = np.full_like(image, 127)
    shown[top:bottom, left:right] = image[top:bottom, left:right]
    return shown


def _grown(box_px: FloatArray) -> FloatArray:
    """A lost subject is sought in a slowly growing box."""
    grow = _GROWTH * max(box_px[2] - box_px[0], box_px[3] - box_px[1])
    return box_px + np.array([-grow, -grow, grow, grow])
