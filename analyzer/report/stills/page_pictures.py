"""The pictures of the pages: JPEG, in the size that they are shown in."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

import cv2

from analyzer.clip.image_types import RgbImage
from analyzer.report.drawing.frame_overlay import NO_LAYERS, OverlayLayers
from analyzer.report.key_moments import KeyMoment
from analyzer.report.stills.keyframes import FrameCollector, MomentPicture, limit_long_side
from analyzer.results.artifact_cache import ArtifactCache, compute_digest
from analyzer.vocabulary.angles import ANGLE_DISPLAYS
from analyzer.vocabulary.units import NO_VALUE, format_number

SMALL_PICTURE_PX = 320
"""The longer side of a picture where the client sees several, and of the thumbnail; chosen."""

JPEG_QUALITY = 78
"""Of pictures with a few labels; chosen."""


@dataclass(frozen=True)
class EncodedPicture:
    """One picture: a JPEG, what it shows, its size, and the angles (degrees) drawn on it."""

    moment: KeyMoment
    jpeg: bytes
    size_px: tuple[int, int]
    angles: dict[str, float] = field(default_factory=dict)


class PagePicture:
    """A picture with the texts that a page shows with it; `anchor` is the target of links to it, or ""."""

    def __init__(self, picture: EncodedPicture) -> None:
        self.title, self.event = picture.moment.title, picture.moment.event
        self.anchor = ""
        self.time = f"{picture.moment.time_s:.1f}"
        angles = {ANGLE_DISPLAYS[name].label: format_number(value) for name, value in picture.angles.items()}
        self.angles = ", ".join(f"{label} {text}" for label, text in angles.items() if text != NO_VALUE)
        self.width_px, self.height_px = picture.size_px
        self.url = make_jpeg_url(picture.jpeg)


@dataclass(frozen=True)
class PictureRequest:
    """A picture to draw: of which moment, with which layers beside the skeleton, and how large at most."""

    moment: KeyMoment
    layers: OverlayLayers = NO_LAYERS
    long_side_px: int | None = None

    def key(self, frames: FrameCollector) -> str:
        """Return the digest of everything that the picture depends on."""
        return compute_digest("picture", self.long_side_px, frames.cache_key_values(self.moment, self.layers))


def list_missing_moments(
    requests: Iterable[PictureRequest], frames: FrameCollector, cache: ArtifactCache
) -> list[KeyMoment]:
    """Return the moments whose frames must be read: neither collected yet, nor drawn by an older result."""
    return [
        request.moment
        for request in requests
        if not frames.has_frame(request.moment) and not cache.has(request.key(frames))
    ]


def render_pictures(
    requests: Iterable[PictureRequest], frames: FrameCollector, cache: ArtifactCache
) -> list[EncodedPicture]:
    """Return the pictures, from the cache or drawn; one whose frame could not be read is left out."""
    pictures = []
    for request in requests:
        key = request.key(frames)
        if cache.has(key) or frames.has_frame(request.moment):
            size_px = frames.size_px
            if request.long_side_px is not None:
                size_px = limit_long_side(*size_px, request.long_side_px)
            jpeg = cache.piece(key, partial(_render_picture, request, frames))
            angles = frames.angles_at(request.moment, request.layers.labels)
            pictures.append(EncodedPicture(request.moment, jpeg, size_px, angles))
    return pictures


def _render_picture(request: PictureRequest, frames: FrameCollector) -> bytes:
    (picture,) = frames.draw_pictures([request.moment], request.layers)
    return encode_picture(picture, request.long_side_px).jpeg


def encode_picture(picture: MomentPicture, long_side_px: int | None = None) -> EncodedPicture:
    """Encode a picture, reduced to a longer side of at most `long_side_px`."""
    image = picture.image
    height, width = image.shape[:2]
    size_px = (width, height) if long_side_px is None else limit_long_side(width, height, long_side_px)
    image = cv2.resize(image, size_px, interpolation=cv2.INTER_AREA) if size_px != (width, height) else image
    return EncodedPicture(picture.moment, encode_jpeg(image), size_px, dict(picture.angles))


def encode_jpeg(image: RgbImage, quality: int = JPEG_QUALITY) -> bytes:
    """Encode an RGB picture (H, W, 3) as JPEG of a quality from 0 to 100."""
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return jpeg.tobytes()


def make_jpeg_url(jpeg: bytes) -> str:
    """Return a JPEG as a `data:` address, for pages that need no other file."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
