"""Landmarks of the subject in every frame: chunks of the clip tracked at the same time, each kept on the subject."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock

import numpy as np

from analyzer.clip.frames import read_frames
from analyzer.clip.probe import Clip
from analyzer.pose.landmarker import Follower, Image, Looker, Pose
from analyzer.pose.level import upright_edges
from analyzer.pose.mirror import mirrored_pose
from analyzer.pose.subject import Look, Person, Subject
from analyzer.pose.track import LANDMARKS, FloatArray

Progress = Callable[[str, int, int], None]

LOOKS = 12  # looks through a clip of up to LOOK_EVERY_S * LOOKS seconds; chosen
LOOK_EVERY_S = 4.0  # longer clips get a look at least this often; chosen
LOOK_SIDE_PX = 960  # longer side of the picture in which people are sought; chosen
SUBJECT_SIDE_PX = 360  # the subject is shown to the model at most this tall: its input is 256 px; chosen
CHUNK_S = 12.0  # shortest stretch tracked in one go, so that warm-up costs little; chosen
WARM_UP_FRAMES = 10  # frames tracked before a chunk begins, so that chunks join without a step; chosen
TRACKED_FPS = 60.0  # more frames than this change no angle (domain: lifts move below 6 Hz)
MIRROR_FPS = 5.0  # how often the mirrored picture is tracked as well; finer changed no figure of benchmarks/accuracy


@dataclass(frozen=True)
class RawTrack:
    """What the model said, for the frames it was asked about, in pixels of the upright full-size picture.

    Attributes
    ----------
    frames : (N,) index of each row's frame in the clip.
    points_px : (N, 33, 2); NaN where the subject was lost.
    mirror_px : (N, 33, 2) the same from the mirrored picture, turned back; NaN in rows not asked.
    visibility : (N, 33) 0 to 1; 0 where lost.
    world_m : (N, 33, 3) metres about the hips, z away from the camera; NaN where lost.
    """

    frames: np.ndarray
    points_px: FloatArray
    mirror_px: FloatArray
    visibility: FloatArray
    world_m: FloatArray


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


def look_around(clip: Clip, model: Path, threads: int, progress: Progress) -> list[Look]:
    """Everybody in a few frames spread over the clip."""
    count = min(clip.frames, max(LOOKS, int(clip.duration_s / LOOK_EVERY_S)))
    frames = np.unique(np.linspace(0, clip.frames - 1, count).astype(int))
    scale = min(1.0, LOOK_SIDE_PX / max(clip.width_px, clip.height_px))
    size = (round(clip.width_px * scale), round(clip.height_px * scale))
    done, lock = [0], Lock()

    def look(part: np.ndarray) -> list[Look]:
        found = []
        with Looker(model) as looker:
            for frame in part:
                for index, image in read_frames(clip, int(frame), int(frame) + 1, size_px=size):
                    shown = looker.look(image)
                    poses = (pose.moved(0, 0, image.shape[1] / clip.width_px) for pose in shown)
                    seen = tuple(pose for pose in poses if _trunk_in_view(pose, clip))
                    found.append(Look(index, float(clip.times_s[index]), seen, upright_edges(image, [pose.box_px for pose in shown])))
                with lock:
                    done[0] += 1
                    progress("finding the person", done[0], len(frames))
        return found

    parts = np.array_split(frames, min(threads, len(frames)))
    with ThreadPoolExecutor(len(parts)) as pool:
        return [look for part in pool.map(look, parts) for look in part]


def track(clip: Clip, subject: Subject, model: Path, threads: int, progress: Progress) -> RawTrack:
    """The subject's landmarks in every frame (in at most about 60 a second).

    The chunks depend on the clip only, so that the result does not depend on `threads`.
    """
    step = max(1, int(clip.mean_fps / (0.97 * TRACKED_FPS)))
    frames = np.arange(0, clip.frames, step)
    rows = len(frames)
    raw = RawTrack(
        frames,
        np.full((rows, LANDMARKS, 2), np.nan),
        np.full((rows, LANDMARKS, 2), np.nan),
        np.zeros((rows, LANDMARKS)),
        np.full((rows, LANDMARKS, 3), np.nan),
    )
    window = _window(subject.person, clip)
    mirror_step = max(1, round(clip.mean_fps / step / MIRROR_FPS))
    blinkers = subject.others_seen > 0
    done, lock, stop = [0], Lock(), Event()

    def follow(first: int, last: int) -> None:
        start = max(0, first - WARM_UP_FRAMES)
        images = _images(clip, window, start * step, last * step, step)
        with Follower(model) as follower, Follower(model) as mirror_follower:
            box = subject.person.box_at(first * step)
            for frame, image in images:
                if stop.is_set():
                    return
                row = frame // step
                shown = _with_blinkers(image, box, window) if blinkers else image
                pose = follower.follow(shown)
                mirror = None
                if row % mirror_step == 0 or row in (first, last - 1):
                    mirror = pose and mirrored_pose(mirror_follower, shown, pose)
                if pose is not None:
                    pose = pose.moved(window.x0, window.y0, window.scale)
                box = pose.box_px if pose is not None else _grown(box)
                if row < first:
                    continue
                if pose is not None:
                    raw.points_px[row], raw.visibility[row], raw.world_m[row] = (
                        pose.points_px,
                        pose.visibility,
                        pose.world_m,
                    )
                if mirror is not None:
                    raw.mirror_px[row] = mirror.moved(window.x0, window.y0, window.scale).points_px
                with lock:
                    done[0] += 1
                    progress("tracking", done[0], rows)

    with ThreadPoolExecutor(threads) as pool:
        jobs = [pool.submit(follow, first, last) for first, last in _chunks(subject.person, clip, step, rows)]
        try:
            wait(jobs, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
        for job in jobs:
            job.result()
    return raw


def _chunks(person: Person, clip: Clip, step: int, rows: int) -> Iterator[tuple[int, int]]:
    """Stretches of rows [first, last), about CHUNK_S or half the clip long, begun where the subject was seen."""
    length = min(CHUNK_S * clip.mean_fps / step, rows / 2)
    length = max(length, 3.0 * WARM_UP_FRAMES)
    wanted = np.arange(1, max(1, round(rows / length))) * length
    seen = np.array(person.frames) // step
    cuts = {int(seen[np.argmin(abs(seen - at))]) for at in wanted}
    edges = [0, *sorted(cut for cut in cuts if WARM_UP_FRAMES < cut < rows - WARM_UP_FRAMES), rows]
    return zip(edges[:-1], edges[1:], strict=True)


def _window(person: Person, clip: Clip) -> _Window:
    """Room for the subject's whole path: half a body to the sides, a quarter above and below."""
    boxes, size = person.boxes_px, person.size_px
    x0, y0 = boxes[:, :2].min(axis=0) - (0.5 * size, 0.25 * size)
    x1, y1 = boxes[:, 2:].max(axis=0) + (0.5 * size, 0.25 * size)
    return _Window(
        max(0, int(x0)),
        max(0, int(y0)),
        min(clip.width_px, int(x1) + 1),
        min(clip.height_px, int(y1) + 1),
        min(1.0, SUBJECT_SIDE_PX / size),
    )


def _images(clip: Clip, window: _Window, first: int, stop: int, step: int) -> Iterator[tuple[int, Image]]:
    size = (max(2, round(clip.width_px * window.scale)), max(2, round(clip.height_px * window.scale)))
    for frame, image in read_frames(clip, first, min(stop, clip.frames), step, size_px=size):
        yield frame, np.ascontiguousarray(window.cut(image))


def _with_blinkers(image: Image, box_px: FloatArray, window: _Window) -> Image:
    """The picture with everything grey but a generous box about the subject, so that nobody else is followed."""
    x0, y0, x1, y1 = (box_px - np.tile((window.x0, window.y0), 2)) * window.scale
    margin = 0.3 * max(x1 - x0, y1 - y0)
    height, width = image.shape[:2]
    left, right = (int(np.clip(edge, 0, width)) for edge in (x0 - margin, x1 + margin))
    top, bottom = (int(np.clip(edge, 0, height)) for edge in (y0 - margin, y1 + margin))
    shown = np.full_like(image, 127)
    shown[top:bottom, left:right] = image[top:bottom, left:right]
    return shown


def _grown(box_px: FloatArray) -> FloatArray:
    """A lost subject is sought in a slowly growing box."""
    grow = 0.02 * max(box_px[2] - box_px[0], box_px[3] - box_px[1])
    return box_px + np.array([-grow, -grow, grow, grow])


def _trunk_in_view(pose: Pose, clip: Clip) -> bool:
    """Whether a shoulder and a hip lie in the picture and are believed to be seen: hands or a head are nobody."""
    inside = ((pose.points_px >= 0) & (pose.points_px < (clip.width_px, clip.height_px))).all(axis=1)
    seen = inside & (pose.visibility > 0.5)
    return bool((seen[11] or seen[12]) and (seen[23] or seen[24]))
