"""Conversion of decoded frames to upright RGB pictures with square pixels and true colours."""

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

from analyzer.clip.image_types import RgbImage

_SAR_RANGE = (0.25, 4.0)  # width to height of one pixel; beyond it the header is taken to be wrong; chosen
TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
_MATRICES = {1, 4, 5, 6, 7, 9}  # colour matrices (ITU-T H.273) that the scaler knows
_HD_WIDTH, _HD_HEIGHT = 1280, 576  # untagged pictures this wide or higher than this are BT.709, as players assume


@dataclass(frozen=True)
class Orientation:
    """Rotation that shows the stored picture upright: clockwise, then mirrored left-right."""

    rotation_deg: int = 0
    mirrored: bool = False


def read_orientation(frame: VideoFrame) -> Orientation:
    """Read the display matrix (ISO/IEC 14496-12, 8.3.2) that FFmpeg attaches to a decoded frame."""
    side_data: Any = frame.side_data  # a mapping from Type; its stub knows motion vectors only
    if Type.DISPLAYMATRIX not in side_data:
        return Orientation()
    a, b, _, c, d, *_ = struct.unpack("=9i", bytes(side_data[Type.DISPLAYMATRIX])[:36])
    mirrored = a * d - b * c < 0
    if mirrored:
        a, c = -a, -c
    if a == b == 0:
        return Orientation()
    return Orientation(round(float(np.degrees(np.arctan2(b, a))) / 90) % 4 * 90, mirrored)


def upright_size(width: int, height: int, pixel_aspect: Fraction | None, orientation: Orientation) -> tuple[int, int]:
    """Compute width and height, in square pixels, of the upright picture."""
    if pixel_aspect and _SAR_RANGE[0] <= pixel_aspect <= _SAR_RANGE[1]:
        width = max(1, round(width * pixel_aspect))
    return (height, width) if orientation.rotation_deg in (90, 270) else (width, height)


def set_colour_matrix(frame: VideoFrame) -> None:
    """Set the colour matrix of an untagged frame to the one that players assume; an RGB frame has none."""
    if not frame.format.is_rgb and frame.colorspace not in _MATRICES:
        hd = frame.width >= _HD_WIDTH or frame.height > _HD_HEIGHT
        frame.colorspace = Colorspace.ITU709 if hd else Colorspace.ITU601


class UprightConverter:
    """Convert decoded frames to upright RGB pictures of one size. Not to be shared between threads.

    Parameters
    ----------
    size_px : width and height of the upright picture.
    orientation : how the stored picture must be rotated.
    """

    def __init__(self, size_px: tuple[int, int], orientation: Orientation) -> None:
        self._orientation = orientation
        self._stored = size_px[::-1] if orientation.rotation_deg in (90, 270) else size_px
        self._scale, self._colour = VideoReformatter(), VideoReformatter()

    def __call__(self, frame: VideoFrame) -> RgbImage:
        """Return the upright picture, uint8 (h, w, 3), RGB, C-contiguous."""
        width, height = self._stored
        if not frame.format.is_rgb:
            set_colour_matrix(frame)
            if width < frame.width:  # scaling the smaller YUV planes first takes a third less time
                frame = self._scale.reformat(
                    frame, width, height, "yuv420p", interpolation=Interpolation.AREA, threads=1
                )
        frame = self._colour.reformat(frame, width, height, "rgb24", interpolation=Interpolation.AREA, threads=1)
        image = frame.to_ndarray()
        if self._orientation.rotation_deg:
            image = cv2.rotate(image, TURNS[self._orientation.rotation_deg])
        if self._orientation.mirrored:
            image = cv2.flip(image, 1)
        return np.ascontiguousarray(image)
