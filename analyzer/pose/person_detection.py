"""A few looks through a clip: everybody in sight, and the upright edges of the room."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import numpy as np

from analyzer.clip.frame_reader import read_frames
from analyzer.clip.probe import Clip
from analyzer.kinematics.arrays import FloatArray
from analyzer.kinematics.landmarks import LEFT, RIGHT
from analyzer.pose.camera_roll import detect_vertical_edges
from analyzer.pose.landmarker import ImageLandmarker
from analyzer.pose.subject_selection import FrameDetections, is_same_person
from analyzer.pose.track import Image, Pose
from analyzer.progress import ProgressCallback

_LOOKS = 9  # looks through a clip of up to _LOOKS * _LOOK_EVERY_S seconds; chosen
_LOOK_EVERY_S = 4.0  # longer clips get a look at least this often; chosen
_WHOLE_SIDE_PX = 960  # longer side of the picture in which people are sought; chosen
_TILED_SIDE_PX = 1920  # and of the one that is cut into tiles; chosen
_SMALL_SHARE = 0.5  # nobody as tall as this share of the picture: people are small, so tiles are looked at; chosen
_TILE_SHARE = 2 / 3  # side of a square tile, in the picture's shorter side; they overlap by half or more; chosen
_OVER_EDGE = 0.05  # part of a body, in its size, that may reach beyond a tile; chosen


def detect_people(clip: Clip, model: Path, threads: int, progress: ProgressCallback) -> list[FrameDetections]:
    """Everybody in a few frames spread over the clip.

    The model's detector misses people who are small in the picture. So where nobody large is found in any look, every
    look is taken once more, tile by tile.
    """
    count = min(clip.frames, max(_LOOKS, int(clip.duration_s / _LOOK_EVERY_S)))
    frames = np.unique(np.linspace(0, clip.frames - 1, count).astype(int))
    looks = _detect_in_frames(clip, model, frames, threads, _detect_in_picture, _WHOLE_SIDE_PX, progress)
    tallest = max((pose.box_px[3] - pose.box_px[1] for look in looks for pose in look.poses), default=0.0)
    if tallest < _SMALL_SHARE * clip.height_px:
        looks = _detect_in_frames(clip, model, frames, threads, _detect_in_tiles, _TILED_SIDE_PX, progress)
    return looks


def _detect_in_frames(
    clip: Clip,
    model: Path,
    frames: np.ndarray,
    threads: int,
    seek: Callable[[ImageLandmarker, Image], list[Pose]],
    side_px: int,
    progress: ProgressCallback,
) -> list[FrameDetections]:
    scale = min(1.0, side_px / max(clip.width_px, clip.height_px))
    size = (round(clip.width_px * scale), round(clip.height_px * scale))
    done, lock = [0], Lock()

    def some(part: np.ndarray) -> list[FrameDetections]:
        found = []
        with ImageLandmarker(model) as looker:
            for frame in part:
                for index, image in read_frames(clip, int(frame), int(frame) + 1, size_px=size):
                    poses = seek(looker, image)
                    seen = tuple(pose.moved(0, 0, scale) for pose in poses if _is_trunk_in_view(pose, image))
                    edges = detect_vertical_edges(image, [pose.box_px for pose in poses])
                    found.append(FrameDetections(index, float(clip.times_s[index]), seen, edges))
                with lock:
                    done[0] += 1
                    progress("finding the person", done[0], len(frames))
        return found

    parts = np.array_split(frames, min(threads, len(frames)))
    with ThreadPoolExecutor(len(parts)) as pool:
        return [look for part in pool.map(some, parts) for look in part]


def _detect_in_picture(looker: ImageLandmarker, image: Image) -> list[Pose]:
    return looker.look(image)


def _detect_in_tiles(looker: ImageLandmarker, image: Image) -> list[Pose]:
    """People found in the whole picture and in overlapping tiles, each once."""
    found = looker.look(image)
    for x, y, side in _tile_bounds(*image.shape[:2]):
        for pose in looker.look(image[y : y + side, x : x + side]):
            box, reach = pose.box_px, _OVER_EDGE * float(np.ptp(pose.points_px, axis=0).max())
            if (box[:2] < -reach).any() or (box[2:] > side + reach).any():
                continue
            pose = pose.moved(x, y, 1.0)
            if not any(is_same_person(pose, other) for other in found):
                found.append(pose)
    return found


def _tile_bounds(height: int, width: int) -> Iterator[tuple[int, int, int]]:
    """(x, y, side) in pixels of square tiles that cover the picture and overlap by half or more, but for rounding."""
    side = round(_TILE_SHARE * min(height, width))

    def starts(length: int) -> list[int]:
        count = int(np.ceil((length - side) / (side / 2))) + 1
        return np.linspace(0, length - side, count).round().astype(int).tolist()

    for y in starts(height):
        for x in starts(width):
            yield x, y, side


def _is_trunk_in_view(pose: Pose, image: Image) -> bool:
    """Whether a shoulder and a hip lie in the picture and are believed to be seen: hands or a head are nobody.

    `pose` in pixels of `image`.
    """
    size: FloatArray = np.array(image.shape[1::-1], dtype=float)
    inside = ((pose.points_px >= 0) & (pose.points_px < size)).all(axis=1)
    seen = inside & (pose.visibility > 0.5)
    return bool(seen[[LEFT.shoulder, RIGHT.shoulder]].any() and seen[[LEFT.hip, RIGHT.hip]].any())
