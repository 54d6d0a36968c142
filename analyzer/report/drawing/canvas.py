"""A picture to draw on: in RGB, or as a video stores it, brightness and colour apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from analyzer.clip.image_types import RgbImage
from analyzer.clip.yuv_picture import ColourMatrix, YuvPicture
from analyzer.kinematics.arrays import FloatArray
from analyzer.report.drawing.labels import LabelImage, RgbColour

FILLED: int = cv2.FILLED
"""Thickness of a circle that is filled."""

_SUBPIXEL_BITS = 4


@dataclass(frozen=True)
class PlaneFormat:
    """Format of one plane of a picture.

    Attributes
    ----------
    weights : of red, green and blue in each channel.
    offset : added to each channel.
    step : how many pixels of the picture one pixel of the plane covers, in each direction.
    """

    weights: tuple[tuple[float, float, float], ...]
    offset: float = 0.0
    step: int = 1


_RGB = PlaneFormat(((1, 0, 0), (0, 1, 0), (0, 0, 1)))


@lru_cache
def _get_yuv_formats(matrix: ColourMatrix) -> tuple[PlaneFormat, PlaneFormat]:
    """Return the formats of luma and chroma (ITU-R BT.601 and BT.709: luma 16 to 235, chroma 16 to 240)."""
    red, blue = matrix.red_blue_weights
    luma = np.array([red, 1 - red - blue, blue])
    differences = np.array([([0, 0, 1] - luma) / (1 - blue), ([1, 0, 0] - luma) / (1 - red)]) / 2
    y, (cb, cr) = luma * 219 / 255, differences * 224 / 255
    return PlaneFormat((_as_weights(y),), 16.0), PlaneFormat((_as_weights(cb), _as_weights(cr)), 128.0, step=2)


def _as_weights(row: FloatArray) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in row)
    return red, green, blue


class Canvas:
    """A picture that lines, circles and labels are drawn on, in place, in RGB colours and in pixels of the picture.

    Parameters
    ----------
    planes : its planes with their formats; the first one has the size of the picture.
    """

    def __init__(self, planes: Sequence[tuple[NDArray[np.uint8], PlaneFormat]]) -> None:
        self._planes = planes
        self.height, self.width = planes[0][0].shape[:2]

    @classmethod
    def from_rgb(cls, image: RgbImage) -> "Canvas":
        """Draw on a picture (H, W, 3)."""
        return cls([(image, _RGB)])

    @classmethod
    def from_yuv(cls, picture: YuvPicture) -> "Canvas":
        """Draw on a picture of a video."""
        luma, chroma = _get_yuv_formats(picture.matrix)
        return cls([(picture.luma, luma), (picture.chroma, chroma)])

    def line(self, a: FloatArray, b: FloatArray, colour: RgbColour, thickness: float) -> None:
        """Draw a smooth line between two points (2,)."""
        for pixels, plane in self._planes:
            start, end = _to_fixed_point(a, plane.step), _to_fixed_point(b, plane.step)
            size = max(1, round(thickness / plane.step))
            cv2.line(pixels, start, end, _convert_colour(colour, plane), size, cv2.LINE_AA, _SUBPIXEL_BITS)

    def paths(self, paths_px: Sequence[FloatArray], colour: RgbColour, thickness: float) -> None:
        """Draw smooth lines through the points (N, 2) of each path."""
        for pixels, plane in self._planes:
            lines = [np.round(_to_plane(path, plane.step) * 2**_SUBPIXEL_BITS).astype(np.int32) for path in paths_px]
            size = max(1, round(thickness / plane.step))
            cv2.polylines(pixels, lines, False, _convert_colour(colour, plane), size, cv2.LINE_AA, _SUBPIXEL_BITS)

    def circle(self, centre: FloatArray, radius: float, colour: RgbColour, thickness: float = FILLED) -> None:
        """Draw a smooth circle or disc around a point (2,)."""
        for pixels, plane in self._planes:
            middle, fixed_radius = _to_fixed_point(centre, plane.step), round(radius / plane.step * 2**_SUBPIXEL_BITS)
            size = FILLED if thickness == FILLED else max(1, round(thickness / plane.step))
            cv2.circle(
                pixels, middle, max(1, fixed_radius), _convert_colour(colour, plane), size, cv2.LINE_AA, _SUBPIXEL_BITS
            )

    def label(self, label: LabelImage, x: int, y: int) -> None:
        """Blend a label in, its top left corner at (x, y) or less than one pixel of a plane off; it must fit."""
        for pixels, plane in self._planes:
            opaque, transparency = _convert_label(label, plane)
            height, width = opaque.shape[:2]
            part = pixels[y // plane.step :, x // plane.step :][:height, :width]
            cv2.add(cv2.multiply(part, transparency, scale=1 / 255), opaque, dst=part)


def _to_plane(point: FloatArray, step: int) -> FloatArray:
    """Return points in pixels of a plane; whole numbers are the centres of pixels."""
    return point if step == 1 else (point + 0.5) / step - 0.5


def _to_fixed_point(point: FloatArray, step: int) -> tuple[int, int]:
    """Return pixels of a plane as OpenCV's fixed-point numbers."""
    scale = 2**_SUBPIXEL_BITS / step
    shift = (scale - 2**_SUBPIXEL_BITS) / 2
    return round(float(point[0]) * scale + shift), round(float(point[1]) * scale + shift)


@lru_cache(maxsize=64)
def _convert_colour(colour: RgbColour, plane: PlaneFormat) -> tuple[int, ...]:
    return tuple(round(sum(w * c for w, c in zip(row, colour, strict=True)) + plane.offset) for row in plane.weights)


@lru_cache(maxsize=512)
def _convert_label(label: LabelImage, plane: PlaneFormat) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return a label in a plane: its channels times opacity, and its transparency in each channel, 0 to 255.

    A plane with a larger step gets the mean of the pixels that one of its pixels covers; a last odd row or column is
    left out.
    """
    rgba = label.rgba
    if plane.step > 1:
        height, width = (side // plane.step for side in rgba.shape[:2])
        covered = rgba[: height * plane.step, : width * plane.step]
        rgba = cv2.resize(covered, (width, height), interpolation=cv2.INTER_AREA)
    to_channels = [[*row, 0, plane.offset] for row in plane.weights]
    to_opacity = [[0, 0, 0, 1, 0]] * len(plane.weights)
    opacity = cv2.transform(rgba, np.array(to_opacity, float))
    opaque = cv2.multiply(cv2.transform(rgba, np.array(to_channels, float)), opacity, scale=1 / 255)
    return opaque, 255 - opacity
