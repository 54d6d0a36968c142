"""The pictures of a report, taken from the clip as its frames go by."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyzer.clip.frame_reader import read_selected_frames
from analyzer.clip.probe import Clip
from analyzer.kinematics.landmarks import Facing
from analyzer.pose.track import CleanTrack
from analyzer.report.angle_names import MAIN_ANGLES
from analyzer.report.drawing.back_trail import BackTrail
from analyzer.report.drawing.face_blur import blur_face, locate_head_discs
from analyzer.report.drawing.labels import RgbImage
from analyzer.report.drawing.load_trail import LoadTrail
from analyzer.report.drawing.overlay import draw_frame, find_rough_angles
from analyzer.report.key_moments import KeyMoment
from analyzer.report.video.annotated_video import choose_frame_step, choose_output_size

_ROOM = 0.6  # how much of the picture around the body is kept, in parts of the body's longer side; chosen
_LONG_SIDE_PX = 480  # of a picture: a dozen of them take less room than the chart's program; chosen
_LABEL_SCALE = 1.3  # of the labels, against those of the video: pictures are shown smaller; chosen
_NEXT_S = 1.0  # what is nearer than this is read on to: opening the clip anew takes as long; chosen


@dataclass(frozen=True)
class MomentPicture:
    """One picture of the report: (H, W, 3) RGB with the overlay drawn, what it shows, and the angles drawn on it."""

    moment: KeyMoment
    image: RgbImage
    angles: Mapping[str, float] = field(default_factory=dict)


@dataclass
class FrameCollector:
    """Takes the frames it wants as they are read for something else, or reads them itself.

    Parameters
    ----------
    clip : the source.
    track, angles : T rows, one a source frame.
    facing : the image side the person faces.
    moments : what is wanted.
    blur_faces : whether the subject's head is covered in what it reads itself; what it is handed has been covered.
    """

    clip: Clip
    track: CleanTrack
    angles: pd.DataFrame
    facing: Facing
    moments: Sequence[KeyMoment]
    blur_faces: bool = False
    _taken: dict[int, RgbImage] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._size = choose_output_size(self.clip.width_px, self.clip.height_px)
        self._scale = np.array(self._size) / (self.clip.width_px, self.clip.height_px)
        self._step = choose_frame_step(self.clip.mean_fps)
        self._frames = {moment: self._step * round(moment.frame / self._step) for moment in self.moments}
        self._wanted = {min(frame, self.clip.frames - 1) for frame in self._frames.values()}
        points = self.track.points_px[sorted(self._wanted)] * self._scale
        self._part = _crop_around_body(points, *self._size)
        height, width = (part.stop - part.start for part in self._part)
        self.size_px = limit_long_side(width, height, _LONG_SIDE_PX)
        self._reduced = self.size_px[0] / width
        self._discs = (
            locate_head_discs(self.track.points_px * self._scale, self.track.times_s) if self.blur_faces else None
        )

    def take(self, index: int, image: RgbImage) -> None:
        """Keep this frame if it is wanted; `image` has the video's size and nothing drawn on it."""
        if index in self._wanted:
            part = image[self._part]
            self._taken[index] = np.asarray(cv2.resize(part, self.size_px, interpolation=cv2.INTER_AREA), np.uint8)

    def read(self, moments: Iterable[KeyMoment] | None = None, threads: int = 1) -> None:
        """Read the frames of these moments, or of all, from the clip, as many parts of it at a time as `threads`."""
        wanted = sorted(self._wanted if moments is None else {self._frame(moment) for moment in moments})
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(self._read, (part.tolist() for part in np.array_split(wanted, threads))):
                pass  # raises what went wrong

    def _read(self, wanted: Sequence[int]) -> None:
        for run in _group_nearby_frames(wanted, self.clip):
            for index, image in read_selected_frames(
                self.clip, set(run).__contains__, run[0], run[-1] + 1, size_px=self._size
            ):
                if image is not None:
                    if self._discs is not None:
                        blur_face(image, self._discs[index])
                    self.take(index, image)

    def has(self, moment: KeyMoment) -> bool:
        """Whether the frame of this moment was taken or read."""
        return self._frame(moment) in self._taken

    def angles_at(self, moment: KeyMoment, labels: Sequence[str]) -> dict[str, float]:
        """The angles that `labels` names, in the frame of this moment."""
        row = self.angles.iloc[self._frame(moment)]
        return {label: float(row[label]) for label in labels}

    def cache_key_values(
        self, moment: KeyMoment, labels: Sequence[str], load: LoadTrail | None = None, back: BackTrail | None = None
    ) -> list[Any]:
        """All that the picture of this moment is made from, as values."""
        index = self._frame(moment)
        disc = self._discs[index] if self._discs is not None else None
        part = [[side.start, side.stop] for side in self._part]
        return [self.clip.sha256, index, self._size, part, disc, self._drawing(index, labels, load, back)]

    def _frame(self, moment: KeyMoment) -> int:
        return min(self._frames[moment], self.clip.frames - 1)

    def _drawing(
        self, index: int, labels: Sequence[str], load: LoadTrail | None, back: BackTrail | None
    ) -> dict[str, Any]:
        """What is drawn on a frame, as `draw_frame` takes it."""
        corner = self._part[1].start, self._part[0].start
        mark = load.at(index, whole=True) if load is not None else None
        line = back.at(index) if back is not None else None
        row = self.angles.iloc[index]
        return {
            "points_px": (self.track.points_px[index] * self._scale - corner) * self._reduced,
            "visibility": self.track.visibility[index],
            "facing": self.facing,
            "angles": {label: float(row[label]) for label in labels},
            "about": find_rough_angles(self.angles, labels, index),
            "confidence": float(row["confidence"]),
            "load": mark.moved(self._scale).moved(self._reduced, corner) if mark is not None else None,
            "back": line.moved(self._scale).moved(self._reduced, corner) if line is not None else None,
        }

    def pictures(
        self,
        moments: Iterable[KeyMoment],
        labels: Sequence[str] = MAIN_ANGLES,
        load: LoadTrail | None = None,
        back: BackTrail | None = None,
    ) -> list[MomentPicture]:
        """Draw these of the moments: the angles that `labels` names, the load's way over the whole rep, and the back.

        Left out where the frame cannot be read.
        """
        drawn = []
        for moment in moments:
            index = self._frame(moment)
            if index not in self._taken:
                continue
            image, drawing = self._taken[index].copy(), self._drawing(index, labels, load, back)
            draw_frame(image, label_scale=_LABEL_SCALE, **drawing)
            drawn.append(MomentPicture(moment, image, drawing["angles"]))
        return drawn


def limit_long_side(width: int, height: int, long_side_px: int) -> tuple[int, int]:
    """Width and height of a picture whose longer side is at most `long_side_px`."""
    scale = min(1.0, long_side_px / max(width, height))
    return max(1, round(scale * width)), max(1, round(scale * height))


def _group_nearby_frames(frames: Sequence[int], clip: Clip) -> list[list[int]]:
    """Frames that are best read in one go, together: near each other, or with no key frame between them."""
    runs: list[list[int]] = []
    for frame in frames:
        before = runs[-1][-1] if runs else -1
        key = np.any((clip.keyframes > before) & (clip.keyframes <= frame))
        if runs and (not key or clip.times_s[frame] - clip.times_s[before] <= _NEXT_S):
            runs[-1].append(frame)
        else:
            runs.append([frame])
    return runs


def _crop_around_body(points: NDArray[np.float64], width: int, height: int) -> tuple[slice, slice]:
    """Rows and columns that hold the body in all the frames, with room for the labels; square where that fits.

    One part for all pictures, so that they show the body at the same scale and can be compared.
    """
    known = points[np.isfinite(points).all(axis=-1)]
    if len(known) == 0:
        return slice(0, height), slice(0, width)
    low, high = known.min(axis=0), known.max(axis=0)
    side = (1 + _ROOM) * float((high - low).max())
    x0, y0 = np.clip((low + high - side) / 2, 0, (width - 2, height - 2)).astype(int)
    x1, y1 = np.clip((low + high + side) / 2, (x0 + 2, y0 + 2), (width, height)).astype(int)
    return slice(int(y0), int(y1)), slice(int(x0), int(x1))
