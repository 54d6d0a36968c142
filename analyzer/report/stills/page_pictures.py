"""The pictures of a report as its pages hold them: JPEG, of the size they are shown in."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import cv2
import numpy as np

from analyzer.report.angle_names import ANGLE_DISPLAYS
from analyzer.report.drawing.back_trail import BackTrail
from analyzer.report.drawing.load_trail import LoadTrail
from analyzer.report.key_moments import KeyMoment
from analyzer.report.measure_text import format_number
from analyzer.report.stills.keyframes import FrameCollector, MomentPicture, limit_long_side
from analyzer.results.artifact_cache import ArtifactCache, compute_digest

SMALL_PICTURE_PX = 320
"""The longer side of a picture where the client sees several, and of the clip's own small picture; chosen."""

_JPEG_QUALITY = 78  # chosen


@dataclass(frozen=True)
class EncodedPicture:
    """One picture: a JPEG, what it shows, and the angles drawn on it."""

    moment: KeyMoment
    jpeg: bytes
    size_px: tuple[int, int]
    angles: dict[str, float] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The picture as a `data:` address."""
        return "data:image/jpeg;base64," + base64.b64encode(self.jpeg).decode()


class PagePicture:
    """A picture as the page has it."""

    def __init__(self, picture: EncodedPicture) -> None:
        self.title, self.event = picture.moment.title, picture.moment.event
        self.anchor = ""
        self.time = f"{picture.moment.time_s:.1f}"
        self.angles = ", ".join(
            f"{ANGLE_DISPLAYS[name].label} {format_number(value)}"
            for name, value in picture.angles.items()
            if np.isfinite(value)
        )
        self.width_px, self.height_px = picture.size_px
        self.url = picture.url


@dataclass(frozen=True)
class PictureRequest:
    """A picture that is wanted: of which moment, with what drawn on it besides the skeleton, and how large."""

    moment: KeyMoment
    labels: Sequence[str] = ()
    load: LoadTrail | None = None
    back: BackTrail | None = None
    long_side_px: int | None = None

    def key(self, album: FrameCollector) -> str:
        """Digest of all that it is made from."""
        return compute_digest(
            "picture", self.long_side_px, album.cache_key_values(self.moment, self.labels, self.load, self.back)
        )


def list_missing_moments(
    wishes: Iterable[PictureRequest], album: FrameCollector, kept: ArtifactCache
) -> list[KeyMoment]:
    """The moments whose frames must be read: the album has not taken them, and no older result left their pictures."""
    return [wish.moment for wish in wishes if not album.has(wish.moment) and not kept.has(wish.key(album))]


def render_pictures(
    wishes: Iterable[PictureRequest], album: FrameCollector, kept: ArtifactCache
) -> list[EncodedPicture]:
    """The pictures, kept from an older result or drawn; left out where a frame could not be read."""
    prints = []
    for wish in wishes:
        key = wish.key(album)
        if kept.has(key) or album.has(wish.moment):
            size = album.size_px if wish.long_side_px is None else limit_long_side(*album.size_px, wish.long_side_px)
            jpeg = kept.piece(key, partial(_render_picture, wish, album))
            prints.append(EncodedPicture(wish.moment, jpeg, size, album.angles_at(wish.moment, wish.labels)))
    return prints


def _render_picture(wish: PictureRequest, album: FrameCollector) -> bytes:
    (picture,) = album.pictures([wish.moment], wish.labels, wish.load, wish.back)
    return encode_picture(picture, wish.long_side_px).jpeg


def encode_picture(picture: MomentPicture, long_side_px: int | None = None) -> EncodedPicture:
    """Encode a picture, reduced if it is larger."""
    image = picture.image
    height, width = image.shape[:2]
    size = (width, height) if long_side_px is None else limit_long_side(width, height, long_side_px)
    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if size != (width, height) else image
    options = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    return EncodedPicture(picture.moment, jpeg.tobytes(), size, dict(picture.angles))
