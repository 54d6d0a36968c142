"""Landmark tracking of the subject through a clip, in chunks that run at the same time."""

from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Event, Lock

import numpy as np

from analyzer.clip.frame_reader import read_selected_frames
from analyzer.clip.image_types import RgbImage
from analyzer.clip.probe import Clip
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.back_outline import OUTLINE_POSITIONS
from analyzer.pose.adaptive_sampling import AdaptiveSampler, interpolate_skipped
from analyzer.pose.landmarker import VideoLandmarker
from analyzer.pose.mirrored_inference import MirroredPicture, MirroredPictures, detect_in_mirror, mirror_upright
from analyzer.pose.motion_compensation import MotionCompensator
from analyzer.pose.subject_selection import SelectedSubject, enclose, surroundings
from analyzer.pose.track import LANDMARK_COUNT, Pose, RawTrack
from analyzer.process_memory import release_memory
from analyzer.progress import ProgressCallback

SUBJECT_SIDE_PX = 360  # largest longer side of the subject for the model: its input is 256 px; chosen
CHUNK_S = 20.0  # length of a chunk (shorter clips: half the clip): its mirrored pictures take 20 MB on the disk; chosen
WARM_UP_FRAMES = 10  # frames tracked before a chunk begins, so that chunks join without a step; chosen
MAX_TRACKED_FPS = 58.0  # more frames a second than this change no angle: lifts move below 6 Hz; chosen
MIRROR_FPS = 2.0  # samples of the mirrored picture a second: `mirror_average`; chosen on 26 rendered clips
_MIN_WARM_UPS = 3.0  # a chunk is at least this many warm-ups long; chosen
_ROOM = (0.5, 0.25)  # room at the sides of the subject's path, and above and below, in body sizes; chosen
_GROWTH = 0.02  # how much the box about the subject grows with each frame in which they are lost, in body sizes; chosen


@dataclass(frozen=True)
class _Window:
    """The scale at which frames are read for the model, and the edges of its part of them in pixels at that scale."""

    x0: int
    y0: int
    x1: int
    y1: int
    scale: float

    def to_full_picture(self, pose: Pose | None) -> Pose | None:
        """Convert a pose in a frame at this scale to the upright full-size picture."""
        return pose and pose.to_full_picture(0, 0, self.scale)


def track_subject(
    clip: Clip, subject: SelectedSubject, model: Path, threads: int, progress: ProgressCallback
) -> RawTrack:
    """Track the subject's landmarks in every frame (in at most about 60 a second).

    The chunks depend on the clip only, so that the result does not depend on `threads`. The model runs over a chunk's
    mirrored pictures after its frames, because two models at a time would take 75 MB more in each thread.

    Parameters
    ----------
    clip : the clip.
    subject : the person to track.
    model : the pose model.
    threads : chunks that are tracked at the same time.
    progress : called after each frame.
    """
    tracking = _Tracking(clip, subject, model, threads, progress)
    with ThreadPoolExecutor(threads) as pool:
        chunks = _chunks(subject, clip, tracking.step, tracking.rows)
        jobs = [pool.submit(tracking.track_chunk, *chunk) for chunk in chunks]
        try:
            wait(jobs, return_when=FIRST_EXCEPTION)
        finally:
            tracking.stop.set()
        for job in jobs:
            job.result()
    return tracking.interpolate()


class _Tracking:
    """The track of one clip, whose chunks may be tracked at the same time; `stop` ends them early."""

    def __init__(
        self, clip: Clip, subject: SelectedSubject, model: Path, threads: int, progress: ProgressCallback
    ) -> None:
        self.step = max(1, int(clip.mean_fps / MAX_TRACKED_FPS))
        self.stop = Event()
        self._clip, self._subject, self._model, self._progress = clip, subject, model, progress
        self._threads = threads
        self._window = _window(subject, clip)
        self._raw = _empty_track(np.arange(0, clip.frames, self.step))
        self.rows = len(self._raw.frames)
        self._is_sampled = np.zeros(self.rows, dtype=bool)
        self._done, self._lock = 0, Lock()

    def track_chunk(self, first: int, last: int) -> None:
        """Track rows [first, last) and their mirrored pictures."""
        with closing(MirroredPictures()) as mirrored:
            self._track_frames(first, last, mirrored)
            self._track_mirrored(mirrored)

    def _track_frames(self, first: int, last: int, mirrored: MirroredPictures) -> None:
        """Track rows [first, last), and add the mirrored pictures to track."""
        for row, result in _track_frames(self._clip, self._subject, self._window, self._model, self.step, first, last):
            if self.stop.is_set():
                break
            if row < first:
                continue
            self._raw.decoded[row] = True
            if result is not None:
                self._is_sampled[row] = True
                _store_pose(self._raw, row, result.pose)
                if result.mirrored is not None:
                    mirrored.append(row, result.mirrored)
            with self._lock:
                self._done += 1
                self._progress("tracking", self._done, self.rows)
        self._release_model()

    def _track_mirrored(self, mirrored: MirroredPictures) -> None:
        """Track the mirrored pictures of one chunk."""
        with VideoLandmarker(self._model) as landmarker:
            for row, picture in mirrored.read():
                if self.stop.is_set():
                    break
                pose = self._window.to_full_picture(detect_in_mirror(landmarker, picture))
                if pose is not None:
                    self._raw.mirror_px[row] = pose.points_px
        self._release_model()

    def _release_model(self) -> None:
        """Return the memory of a model to the system for those of other threads; one thread alone uses it again."""
        if self._threads > 1:
            release_memory()

    def interpolate(self) -> RawTrack:
        """Return the track with the rows between the sampled ones interpolated."""
        raw, times_s = self._raw, self._clip.times_s[self._raw.frames]
        interpolate_skipped(raw.points_px, self._is_sampled, raw.decoded, times_s, is_smooth=True)
        for values in (raw.visibility, raw.world_m, raw.outline):
            if values is not None:
                interpolate_skipped(values, self._is_sampled, raw.decoded, times_s)
        raw.visibility[np.isnan(raw.points_px).all(axis=(1, 2))] = 0.0
        return raw


def _empty_track(frames: np.ndarray) -> RawTrack:
    """Return the track of some frames in which nothing is known yet."""
    rows = len(frames)
    return RawTrack(
        frames=frames,
        points_px=np.full((rows, LANDMARK_COUNT, 2), np.nan),
        mirror_px=np.full((rows, LANDMARK_COUNT, 2), np.nan),
        visibility=np.zeros((rows, LANDMARK_COUNT)),
        world_m=np.full((rows, LANDMARK_COUNT, 3), np.nan),
        decoded=np.zeros(rows, dtype=bool),
        outline=np.full((rows, 2, len(OUTLINE_POSITIONS)), np.nan),
    )


@dataclass(frozen=True)
class _FrameResult:
    """The pose in a frame, in the upright full-size picture, None where not found; and a mirrored picture to track."""

    pose: Pose | None
    mirrored: MirroredPicture | None


def _store_pose(raw: RawTrack, row: int, pose: Pose | None) -> None:
    if pose is not None:
        raw.points_px[row], raw.visibility[row], raw.world_m[row] = pose.points_px, pose.visibility, pose.world_m
        if raw.outline is not None and pose.outline is not None:
            raw.outline[row] = pose.outline


def _track_frames(
    clip: Clip, subject: SelectedSubject, window: _Window, model: Path, step: int, first: int, last: int
) -> Iterator[tuple[int, _FrameResult | None]]:
    """Yield each row of a chunk, warm-up before it included; None for a row in which a slow body was not sampled."""
    sampler = AdaptiveSampler()
    compensator = MotionCompensator((window.x0, window.y0), (window.x1 - window.x0, window.y1 - window.y0))
    size_px = (max(2, round(clip.width_px * window.scale)), max(2, round(clip.height_px * window.scale)))
    mirror_rows = max(1, round(clip.mean_fps / step / MIRROR_FPS))
    start = max(0, first - WARM_UP_FRAMES)
    box = subject.person.interpolate_box(first * step)
    next_row = mirror_row = first

    def should_read(frame: int) -> bool:
        row = frame // step
        return row <= first or row >= next_row or row == last - 1

    with VideoLandmarker(model, outlines=True) as landmarker:
        for frame, image in read_selected_frames(
            clip, should_read, start * step, min(last * step, clip.frames), step, size_px=size_px
        ):
            row, time_s = frame // step, float(clip.times_s[frame])
            if image is None:
                yield row, None
                continue
            visible = _mask_other_people(image, box * window.scale) if subject.others_seen else image
            detected = landmarker.detect_next(compensator.picture_at(time_s, visible))
            pose, mirrored = compensator.to_source(time_s, detected), None
            if pose is not None and (row >= mirror_row or row == last - 1):
                mirrored = mirror_upright(visible, pose)
                # At fixed times: counted from this row, the next would depend on how the body rests.
                mirror_row = first + ((row - first) // mirror_rows + 1) * mirror_rows
            pose = window.to_full_picture(pose)
            box = pose.box_px if pose is not None else _grow(box)
            interval_s = sampler.next_interval_s(time_s, pose)
            if row >= first:  # the warm-up decides nothing: a row that was once not needed is not decoded any more
                next_row = row + max(1, int(interval_s * clip.mean_fps / step + 0.1))
            yield row, _FrameResult(pose, mirrored)


def _chunks(subject: SelectedSubject, clip: Clip, step: int, rows: int) -> Iterator[tuple[int, int]]:
    """Yield chunks of rows [first, last), about CHUNK_S or half the clip long.

    Where there are others, a chunk begins at a sampled frame in which the subject was detected.
    """
    length = min(CHUNK_S * clip.mean_fps / step, rows / 2)
    length = max(length, _MIN_WARM_UPS * WARM_UP_FRAMES)
    cuts = {round(at) for at in np.arange(1, max(1, round(rows / length))) * length}
    if subject.others_seen:
        detected = np.array(subject.person.frames) // step
        cuts = {int(detected[np.argmin(abs(detected - at))]) for at in cuts}
    edges = [0, *sorted(cut for cut in cuts if WARM_UP_FRAMES < cut < rows - WARM_UP_FRAMES), rows]
    return pairwise(edges)


def _window(subject: SelectedSubject, clip: Clip) -> _Window:
    """Compute the window of the subject's whole path, with room about it."""
    size = subject.person.size_px
    reach_px = subject.reach_px if subject.reach_px is not None else enclose(subject.person.boxes_px)
    x0, y0 = reach_px[:2] - np.array(_ROOM) * size
    x1, y1 = reach_px[2:] + np.array(_ROOM) * size
    scale = min(1.0, SUBJECT_SIDE_PX / size)
    edges = (max(0, int(x0)), max(0, int(y0)), min(clip.width_px, int(x1) + 1), min(clip.height_px, int(y1) + 1))
    x0_px, y0_px, x1_px, y1_px = (round(edge * scale) for edge in edges)
    return _Window(x0_px, y0_px, x1_px, y1_px, scale)


def _mask_other_people(image: RgbImage, box_px: FloatArray) -> RgbImage:
    """Return the picture grey outside a generous box about the subject, so that no other person is tracked."""
    x0, y0, x1, y1 = surroundings(box_px)
    height, width = image.shape[:2]
    left, right = (int(np.clip(edge, 0, width)) for edge in (x0, x1))
    top, bottom = (int(np.clip(edge, 0, height)) for edge in (y0, y1))
    masked = np.full_like(image, 127)
    masked[top:bottom, left:right] = image[top:bottom, left:right]
    return masked


def _grow(box_px: FloatArray) -> FloatArray:
    """Grow the box in which a lost subject is searched."""
    grow = _GROWTH * max(box_px[2] - box_px[0], box_px[3] - box_px[1])
    return box_px + np.array([-grow, -grow, grow, grow])
