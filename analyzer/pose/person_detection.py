"""Person detection in a few frames of a clip, with the vertical edges of the room."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from analyzer.clip.frame_reader import read_frames_at
from analyzer.clip.image_types import RgbImage
from analyzer.clip.probe import Clip
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.landmarks import LEFT, RIGHT
from analyzer.pose.camera_roll import detect_vertical_edges
from analyzer.pose.landmarker import ImageLandmarker
from analyzer.pose.subject_selection import FrameDetections, is_same_person
from analyzer.pose.track import Pose
from analyzer.progress import ProgressCallback

_MIN_FRAMES = 9  # frames sampled from a clip of up to _MIN_FRAMES * _SAMPLE_EVERY_S seconds; chosen
_SAMPLE_EVERY_S = 4.0  # longer clips are sampled at least this often; chosen
_KEY_REACH = 0.4  # a key frame this near, in the distance of sampled frames, is sampled instead; chosen
_EDGES_EVERY = 2  # every second sampled frame is searched for edges: roll within 0.02 degrees; chosen on 9 clips
_WHOLE_SIDE_PX = 960  # longer side of the picture for detection; chosen
_TILED_SIDE_PX = 1920  # and of the one that is cut into tiles; chosen
# Nobody as tall, or lying down as long, as this share of the picture's height: tiles are searched too; chosen
_SMALL_SHARE = 0.5
_TILE_SHARE = 2 / 3  # side of a square tile, in the picture's shorter side; they overlap by half or more; chosen
_OVER_EDGE = 0.05  # part of a body, in its size, that may reach beyond a tile; chosen


def detect_people(
    clip: Clip, model: Path, threads: int, progress: ProgressCallback, *, first_threads: int | None = None
) -> list[FrameDetections]:
    """Detect everybody in a few frames spread over the clip.

    The model misses people who are small in the picture. So where no frame shows a large person, all frames are
    searched once more, tile by tile.

    Parameters
    ----------
    clip : the clip.
    model : the pose model.
    threads : frames that are searched at the same time.
    progress : called after each frame.
    first_threads : those of the first search, by default as many; a model takes as long to load as two frames.
    """
    frames = _choose_frames(clip)
    first_threads = first_threads or threads
    detections = _detect_in_frames(clip, model, frames, first_threads, _detect_in_picture, _WHOLE_SIDE_PX, progress)
    largest = max((pose.size_px for frame in detections for pose in frame.poses), default=0.0)
    if largest < _SMALL_SHARE * clip.height_px:
        detections = _detect_in_frames(clip, model, frames, threads, _detect_in_tiles, _TILED_SIDE_PX, progress)
    return detections


def _choose_frames(clip: Clip) -> NDArray[np.int_]:
    """Choose frames spread over the clip; key frames near those places, which decode without the frames before."""
    count = min(clip.frames, max(_MIN_FRAMES, int(clip.duration_s / _SAMPLE_EVERY_S)))
    places = np.linspace(0, clip.frames - 1, count)
    frames = places.astype(int)
    if len(clip.keyframes):
        nearest = clip.keyframes[np.abs(clip.keyframes - places[:, None]).argmin(axis=1)]
        is_near = np.abs(nearest - places) <= _KEY_REACH * clip.frames / count
        frames = np.where(is_near, nearest, frames)
    return np.unique(frames)


def _detect_in_frames(
    clip: Clip,
    model: Path,
    frames: np.ndarray,
    threads: int,
    detect: Callable[[ImageLandmarker, RgbImage], list[Pose]],
    side_px: int,
    progress: ProgressCallback,
) -> list[FrameDetections]:
    scale = min(1.0, side_px / max(clip.width_px, clip.height_px))
    size = (round(clip.width_px * scale), round(clip.height_px * scale))
    with_edges = set(frames[::_EDGES_EVERY].tolist())
    done, lock = [0], Lock()

    def detect_part(part: np.ndarray) -> list[FrameDetections]:
        detections = []
        with ImageLandmarker(model) as landmarker:
            for index, image in read_frames_at(clip, part.tolist(), size):
                poses = detect(landmarker, image)
                in_view = tuple(pose.to_full_picture(0, 0, scale) for pose in poses if _is_trunk_in_view(pose, image))
                edges = None
                if index in with_edges:
                    edges = detect_vertical_edges(image, [pose.box_px for pose in poses])
                detections.append(FrameDetections(index, float(clip.times_s[index]), in_view, edges))
                with lock:
                    done[0] += 1
                    progress("finding the person", done[0], len(frames))
        return detections

    parts = np.array_split(frames, min(threads, len(frames)))
    with ThreadPoolExecutor(len(parts)) as pool:
        return [detections for part in pool.map(detect_part, parts) for detections in part]


def _detect_in_picture(landmarker: ImageLandmarker, image: RgbImage) -> list[Pose]:
    return landmarker.detect(image)


def _detect_in_tiles(landmarker: ImageLandmarker, image: RgbImage) -> list[Pose]:
    """Detect people in the whole picture and in overlapping tiles, each once."""
    people = landmarker.detect(image)
    for x, y, side in _tile_bounds(*image.shape[:2]):
        for pose in landmarker.detect(image[y : y + side, x : x + side]):
            box, reach = pose.box_px, _OVER_EDGE * pose.size_px
            if (box[:2] < -reach).any() or (box[2:] > side + reach).any():
                continue
            pose = pose.to_full_picture(x, y, 1.0)
            if not any(is_same_person(pose, other) for other in people):
                people.append(pose)
    return people


def _tile_bounds(height: int, width: int) -> Iterator[tuple[int, int, int]]:
    """Yield (x, y, side), pixels, of square tiles that cover the picture and overlap by about half."""
    side = round(_TILE_SHARE * min(height, width))

    def starts(length: int) -> list[int]:
        count = int(np.ceil((length - side) / (side / 2))) + 1
        return np.linspace(0, length - side, count).round().astype(int).tolist()

    for y in starts(height):
        for x in starts(width):
            yield x, y, side


def _is_trunk_in_view(pose: Pose, image: RgbImage) -> bool:
    """Return whether a shoulder and a hip are visible in the picture: hands or a head alone are no person.

    `pose` is in pixels of `image`.
    """
    size: FloatArray = np.array(image.shape[1::-1], dtype=float)
    inside = ((pose.points_px >= 0) & (pose.points_px < size)).all(axis=1)
    is_visible = inside & (pose.visibility > 0.5)
    return bool(is_visible[[LEFT.shoulder, RIGHT.shoulder]].any() and is_visible[[LEFT.hip, RIGHT.hip]].any())
