"""The pictures of a report, collected from the clip as its frames are decoded."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyzer.clip.frame_reader import read_frames_at
from analyzer.clip.image_types import RgbImage
from analyzer.clip.probe import Clip
from analyzer.clip.yuv_picture import YuvPicture
from analyzer.kinematics.landmarks import Facing
from analyzer.pose.track import CleanTrack
from analyzer.report.drawing.canvas import Canvas
from analyzer.report.drawing.face_blur import blur_face, locate_head_discs
from analyzer.report.drawing.frame_overlay import FrameOverlay, FramePlacement, OverlayLayers, build_frame_overlay
from analyzer.report.drawing.overlay import draw_frame
from analyzer.report.key_moments import KeyMoment
from analyzer.report.video.annotated_video import choose_frame_step, choose_output_size

_BODY_MARGIN = 0.6  # of the picture around the body, in parts of the body's longer side; chosen
_LONG_SIDE_PX = 480  # of a picture: a dozen of them are smaller than the chart's program; chosen
_LABEL_SCALE = 1.3  # of the labels, against those of the video: pictures are shown smaller; chosen


@dataclass(frozen=True)
class MomentPicture:
    """One picture of the report: (H, W, 3) RGB with the overlay, what it shows, and the angles drawn on it."""

    moment: KeyMoment
    image: RgbImage
    angles: Mapping[str, float] = field(default_factory=dict)


@dataclass
class FrameCollector:
    """Collector of the frames of moments: while the clip is decoded for something else, or by reading them itself.

    Parameters
    ----------
    clip : the source.
    track, angles : T rows, one a source frame.
    facing : the image side that the person faces.
    moments : of which frames are collected.
    blur_faces : whether the subject's head is covered in frames that it reads itself; frames that are added must
        have been covered before.
    """

    clip: Clip
    track: CleanTrack
    angles: pd.DataFrame
    facing: Facing
    moments: Sequence[KeyMoment]
    blur_faces: bool = False
    _images: dict[int, RgbImage] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._columns = {str(name): self.angles[name].to_numpy() for name in self.angles}
        self._video_size_px = choose_output_size(self.clip.width_px, self.clip.height_px)
        scale = np.array(self._video_size_px) / (self.clip.width_px, self.clip.height_px)
        step = choose_frame_step(self.clip.mean_fps)
        self._frames = {moment: min(step * round(moment.frame / step), self.clip.frames - 1) for moment in self.moments}
        self._indices = frozenset(self._frames.values())
        points_px = self.track.points_px[sorted(self._indices)] * scale
        self._crop = _crop_around_body(points_px, *self._video_size_px)
        height, width = (part.stop - part.start for part in self._crop)
        self.size_px = limit_long_side(width, height, _LONG_SIDE_PX)
        corner_px = self._crop[1].start, self._crop[0].start
        self._placement = FramePlacement(scale, corner_px, self.size_px[0] / width)
        self._head_discs = (
            locate_head_discs(self.track.points_px * scale, self.track.times_s) if self.blur_faces else None
        )

    def add_frame(self, index: int, image: RgbImage) -> None:
        """Store this frame if a moment needs it; `image` (H, W, 3) has the video's size and nothing drawn on it."""
        if index in self._indices:
            part = image[self._crop]
            self._images[index] = np.asarray(cv2.resize(part, self.size_px, interpolation=cv2.INTER_AREA), np.uint8)

    def add_picture(self, index: int, picture: YuvPicture) -> None:
        """Store this frame as `add_frame` does, from a picture of a video."""
        if index in self._indices:
            self.add_frame(index, picture.to_rgb())

    def read_frames(self, moments: Iterable[KeyMoment] | None = None, threads: int = 1) -> None:
        """Read the frames of these moments, or of all, from the clip, split over `threads` threads."""
        indices = sorted(self._indices if moments is None else {self._frames[moment] for moment in moments})
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(self._read, (part.tolist() for part in np.array_split(indices, threads))):
                pass  # raises what went wrong

    def _read(self, indices: Sequence[int]) -> None:
        for index, image in read_frames_at(self.clip, indices, self._video_size_px):
            if self._head_discs is not None:
                blur_face(image, self._head_discs[index])
            self.add_frame(index, image)

    def has_frame(self, moment: KeyMoment) -> bool:
        """Return whether the frame of this moment was added or read."""
        return self._frames[moment] in self._images

    def angles_at(self, moment: KeyMoment, labels: Sequence[str]) -> dict[str, float]:
        """Return the angles (degrees) that `labels` names, in the frame of this moment."""
        row = self.angles.iloc[self._frames[moment]]
        return {label: float(row[label]) for label in labels}

    def cache_key_values(self, moment: KeyMoment, layers: OverlayLayers) -> list[object]:
        """Return all values that the picture of this moment depends on."""
        index = self._frames[moment]
        disc = self._head_discs[index] if self._head_discs is not None else None
        crop = [[side.start, side.stop] for side in self._crop]
        return [self.clip.sha256, index, self._video_size_px, crop, disc, self._build_overlay(index, layers)]

    def _build_overlay(self, index: int, layers: OverlayLayers) -> FrameOverlay:
        return build_frame_overlay(
            self.track, self._columns, self.facing, layers, self._placement, index, whole_rep=True
        )

    def draw_pictures(self, moments: Iterable[KeyMoment], layers: OverlayLayers) -> list[MomentPicture]:
        """Draw the pictures of these moments, with the load's path over the whole rep.

        A moment whose frame could not be read is left out.
        """
        pictures = []
        for moment in moments:
            index = self._frames[moment]
            if index in self._images:
                image, overlay = self._images[index].copy(), self._build_overlay(index, layers)
                draw_frame(Canvas.from_rgb(image), overlay, label_scale=_LABEL_SCALE)
                pictures.append(MomentPicture(moment, image, overlay.angles))
        return pictures


def limit_long_side(width: int, height: int, long_side_px: int) -> tuple[int, int]:
    """Return width and height of a picture, reduced to a longer side of at most `long_side_px`."""
    scale = min(1.0, long_side_px / max(width, height))
    return max(1, round(scale * width)), max(1, round(scale * height))


def _crop_around_body(points_px: NDArray[np.float64], width: int, height: int) -> tuple[slice, slice]:
    """Return rows and columns that hold the body in all frames, with room for the labels; square where that fits.

    One crop for all pictures, so that they show the body at the same scale and can be compared.
    """
    known = points_px[np.isfinite(points_px).all(axis=-1)]
    if len(known) == 0:
        return slice(0, height), slice(0, width)
    low, high = known.min(axis=0), known.max(axis=0)
    side = (1 + _BODY_MARGIN) * float((high - low).max())
    x0, y0 = np.clip((low + high - side) / 2, 0, (width - 2, height - 2)).astype(int)
    x1, y1 = np.clip((low + high + side) / 2, (x0 + 2, y0 + 2), (width, height)).astype(int)
    return slice(int(y0), int(y1)), slice(int(x0), int(x1))
