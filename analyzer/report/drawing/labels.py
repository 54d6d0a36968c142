"""Labels on a picture: white text on a dark pill."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from analyzer.package_data import find_library_file

RgbColour = tuple[int, int, int]

_FONT = find_library_file("matplotlib", "mpl-data/fonts/ttf/DejaVuSans-Bold.ttf")
_PILL: RgbColour = (16, 18, 22)
_PILL_ALPHA = 0.86
_SURE: RgbColour = (255, 255, 255)
_UNSURE: RgbColour = (230, 159, 0)
_SUPERSAMPLING = 4


@dataclass(frozen=True, eq=False)
class LabelImage:
    """A drawn label, ready to blend into a picture.

    Attributes
    ----------
    rgba : (H, W, 4) uint8, red, green, blue and opacity.
    """

    rgba: NDArray[np.uint8]

    @property
    def size(self) -> tuple[int, int]:
        """Return the width and height in pixels."""
        return self.rgba.shape[1], self.rgba.shape[0]


def parse_colour(text: str) -> RgbColour:
    """Return the red, green and blue of `#rrggbb`."""
    red, green, blue = (int(text[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue


@lru_cache(maxsize=256)
def render_label(text: str, height: int, accent: RgbColour | None = None, bar: int | None = None) -> LabelImage:
    """Draw a label once; later calls with the same arguments get the same pixels back.

    Parameters
    ----------
    text : what it says.
    height : of the pill, pixels; the text is a little over half of it.
    accent : colour of a dot before the text; none without.
    bar : 0 to 10 tenths of a level bar after the text; none without.
    """
    font = _font(round(height * 0.62))
    pad, dot, level = _parts(height)
    dot_w = dot + round(height * 0.2) if accent else 0
    bar_w = level + round(height * 0.3) if bar is not None else 0
    width = 2 * pad + dot_w + round(font.getlength(text)) + bar_w

    text_mask = Image.new("L", (width, height))
    ImageDraw.Draw(text_mask).text((pad + dot_w, height / 2), text, font=font, fill=255, anchor="lm")
    blank = _blank(width, height, accent, bar)
    white = cv2.multiply(255 - blank, cv2.merge([np.asarray(text_mask)] * 4), scale=1 / 255)
    return LabelImage(blank + white)


def _parts(height: int) -> tuple[int, int, int]:
    """Return the widths of the free ends, of the dot and of the level bar in a pill of this height, in pixels."""
    return round(height * 0.34), round(height * 0.34), round(height * 1.5)


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FONT), size=size)


@lru_cache(maxsize=256)
def _blank(width: int, height: int, accent: RgbColour | None, bar: int | None) -> NDArray[np.uint8]:
    """Draw the pill without its text, larger and then reduced, which makes its edges smooth."""
    scale = _SUPERSAMPLING
    w, h, pad, dot, level = (scale * size for size in (width, height, *_parts(height)))
    drawn = Image.new("RGBA", (w, h), (*_PILL, 0))
    draw = ImageDraw.Draw(drawn)
    draw.rounded_rectangle((0, 0, w - 1, h - 1), radius=h // 2, fill=(*_PILL, round(255 * _PILL_ALPHA)))
    if accent:
        draw.ellipse((pad, (h - dot) // 2, pad + dot, (h + dot) // 2), fill=(*accent, 255))
    if bar is not None:
        left, top, bottom = w - pad - level, round(h * 0.36), round(h * 0.64)
        draw.rounded_rectangle((left, top, left + level, bottom), radius=(bottom - top) // 2, fill=(92, 96, 104, 255))
        if bar > 0:
            right = left + max(bottom - top, round(level * min(bar, 10) / 10))
            colour = _SURE if bar >= 5 else _UNSURE
            draw.rounded_rectangle((left, top, right, bottom), radius=(bottom - top) // 2, fill=(*colour, 255))
    return np.asarray(drawn.resize((width, height), Image.Resampling.BOX))
