"""Pictures as a video stores them, brightness and colour apart: for frames that are scaled, drawn on and encoded again.

Conversion to RGB and back takes more time than decoding and encoding together.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from analyzer.clip.image_types import RgbImage
from analyzer.clip.upright_picture import TURNS, Orientation, set_colour_matrix

_MAX_LINEAR_REDUCTION = 2  # bilinear scaling takes the mean of two by two pixels; a larger reduction would skip some


class ColourMatrix(IntEnum):
    """Matrices of written videos, by their code in ITU-T H.273."""

    BT709 = 1
    BT601 = 6

    @property
    def red_blue_weights(self) -> tuple[float, float]:
        """Return the shares of red and blue in the brightness; the rest is green."""
        return (0.2126, 0.0722) if self is ColourMatrix.BT709 else (0.299, 0.114)


@dataclass(frozen=True)
class YuvPicture:
    """An upright picture in the layout NV12, 16 to 235.

    Attributes
    ----------
    planes : uint8 (3 / 2 H, W), H and W even: the rows of `luma`, then those of `chroma`.
    matrix : how its colours follow from RGB.
    """

    planes: NDArray[np.uint8]
    matrix: ColourMatrix

    @property
    def luma(self) -> NDArray[np.uint8]:
        """Return the brightness (H, W); a view."""
        return self.planes[: len(self.planes) * 2 // 3]

    @property
    def chroma(self) -> NDArray[np.uint8]:
        """Return blue and red differences (H / 2, W / 2, 2); a view."""
        return self.planes[len(self.planes) * 2 // 3 :].reshape(len(self.planes) // 3, -1, 2)

    def as_frame(self) -> VideoFrame:
        """Return a frame that shares the pixels, for encoding."""
        frame = VideoFrame.from_numpy_buffer(self.planes, "nv12")
        frame.colorspace, frame.color_range = self.matrix, ColorRange.MPEG
        return frame

    def to_rgb(self) -> RgbImage:
        """Return a copy in RGB, uint8 (H, W, 3)."""
        return np.asarray(
            VideoReformatter().reformat(self.as_frame(), format="rgb24", threads=1).to_ndarray(), np.uint8
        )


class YuvConverter:
    """Convert decoded frames to upright pictures of one size and colour matrix. Not to be shared between threads.

    The matrix is that of the first frame if videos may have it, else BT.709.

    Parameters
    ----------
    size_px : even width and height of the upright picture.
    orientation : how the stored picture must be rotated.
    """

    def __init__(self, size_px: tuple[int, int], orientation: Orientation) -> None:
        self._size_px, self._orientation = size_px, orientation
        self._stored_px = size_px[::-1] if orientation.rotation_deg in (90, 270) else size_px
        self._matrix: ColourMatrix | None = None
        self._scaler = VideoReformatter()

    def __call__(self, frame: VideoFrame) -> YuvPicture:
        """Return the upright picture; its pixels are its own."""
        set_colour_matrix(frame)
        if self._matrix is None:
            self._matrix = _MATRICES.get(frame.colorspace, ColourMatrix.BT709)
        stored = YuvPicture(np.empty((self._stored_px[1] * 3 // 2, self._stored_px[0]), np.uint8), self._matrix)
        if self._can_scale_planes(frame):
            _scale_planes(frame, stored)
        else:
            self._reformat(frame, stored)
        return self._rotate(stored)

    def _can_scale_planes(self, frame: VideoFrame) -> bool:
        width, height = self._stored_px
        return (
            frame.format.name == "yuv420p"
            and frame.color_range != ColorRange.JPEG
            and _MATRICES.get(frame.colorspace) is self._matrix
            and width <= frame.width <= _MAX_LINEAR_REDUCTION * width
            and height <= frame.height <= _MAX_LINEAR_REDUCTION * height
        )

    def _reformat(self, frame: VideoFrame, picture: YuvPicture) -> None:
        """Convert a frame of any format and size."""
        scaled = self._scaler.reformat(
            frame,
            *self._stored_px,
            "nv12",
            dst_colorspace=Colorspace.ITU709 if self._matrix is ColourMatrix.BT709 else Colorspace.ITU601,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.AREA,
            threads=1,
        )
        picture.planes[...] = scaled.to_ndarray()

    def _rotate(self, stored: YuvPicture) -> YuvPicture:
        if not self._orientation.rotation_deg and not self._orientation.mirrored:
            return stored
        width, height = self._size_px
        upright = YuvPicture(np.empty((height * 3 // 2, width), np.uint8), stored.matrix)
        for source, target in ((stored.luma, upright.luma), (stored.chroma, upright.chroma)):
            turned = source
            if self._orientation.rotation_deg:
                turned = cv2.rotate(source, TURNS[self._orientation.rotation_deg])
            target[...] = turned[:, ::-1] if self._orientation.mirrored else turned
        return upright


# The BT.601 of PAL and NTSC have the same weights.
_MATRICES = {1: ColourMatrix.BT709, 5: ColourMatrix.BT601, 6: ColourMatrix.BT601}


def _scale_planes(frame: VideoFrame, picture: YuvPicture) -> None:
    """Scale the planes of a yuv420p frame: a third of the time that FFmpeg's scaler takes."""
    planes: Any = frame.planes  # readable as buffers, which their stub does not state
    luma, *differences = (
        np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width] for plane in planes
    )
    height, width = picture.luma.shape
    cv2.resize(luma, (width, height), dst=picture.luma, interpolation=cv2.INTER_LINEAR)
    half = width // 2, height // 2
    cv2.merge([cv2.resize(plane, half, interpolation=cv2.INTER_LINEAR) for plane in differences], dst=picture.chroma)
