"""The pictures of a report as its pages hold them: JPEG, of the size they are shown in."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import cv2
import numpy as np

from analyzer.kept import Kept, digest
from analyzer.report.back_trail import BackTrail
from analyzer.report.keyframes import Album, KeyFrame, reduced_size
from analyzer.report.moments import Moment
from analyzer.report.names import ANGLES
from analyzer.report.plain import number_text
from analyzer.report.trail import LoadTrail

SMALL_PX = 320
"""The longer side of a picture where the client sees several, and of the clip's own small picture; chosen."""

_JPEG_QUALITY = 78  # chosen


@dataclass(frozen=True)
class Print:
    """One picture: a JPEG, what it shows, and the angles drawn on it."""

    moment: Moment
    jpeg: bytes
    size_px: tuple[int, int]
    angles: dict[str, float] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The picture as a `data:` address."""
        return "data:image/jpeg;base64," + base64.b64encode(self.jpeg).decode()


class PagePicture:
    """A picture as the page has it."""

    def __init__(self, picture: Print) -> None:
        self.title, self.event = picture.moment.title, picture.moment.event
        self.anchor = ""
        self.time = f"{picture.moment.time_s:.1f}"
        self.angles = ", ".join(
            f"{ANGLES[name].label} {number_text(value)}" for name, value in picture.angles.items() if np.isfinite(value)
        )
        self.width_px, self.height_px = picture.size_px
        self.url = picture.url


@dataclass(frozen=True)
class Wish:
    """A picture that is wanted: of which moment, with what drawn on it besides the skeleton, and how large."""

    moment: Moment
    labels: Sequence[str] = ()
    load: LoadTrail | None = None
    back: BackTrail | None = None
    long_side_px: int | None = None

    def key(self, album: Album) -> str:
        """Digest of all that it is made from."""
        return digest("picture", self.long_side_px, album.made_from(self.moment, self.labels, self.load, self.back))


def missing(wishes: Iterable[Wish], album: Album, kept: Kept) -> list[Moment]:
    """The moments whose frames must be read: the album has not taken them, and no older result left their pictures."""
    return [wish.moment for wish in wishes if not album.has(wish.moment) and not kept.has(wish.key(album))]


def printed(wishes: Iterable[Wish], album: Album, kept: Kept) -> list[Print]:
    """The pictures, kept from an older result or drawn; left out where a frame could not be read."""
    prints = []
    for wish in wishes:
        key = wish.key(album)
        if kept.has(key) or album.has(wish.moment):
            size = album.size_px if wish.long_side_px is None else reduced_size(*album.size_px, wish.long_side_px)
            jpeg = kept.piece(key, partial(_drawn, wish, album))
            prints.append(Print(wish.moment, jpeg, size, album.angles_at(wish.moment, wish.labels)))
    return prints


def _drawn(wish: Wish, album: Album) -> bytes:
    (picture,) = album.pictures([wish.moment], wish.labels, wish.load, wish.back)
    return print_of(picture, wish.long_side_px).jpeg


def print_of(picture: KeyFrame, long_side_px: int | None = None) -> Print:
    """Encode a picture, reduced if it is larger."""
    image = picture.image
    height, width = image.shape[:2]
    size = (width, height) if long_side_px is None else reduced_size(width, height, long_side_px)
    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if size != (width, height) else image
    options = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    return Print(picture.moment, jpeg.tobytes(), size, dict(picture.angles))
