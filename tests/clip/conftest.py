"""Small clips made on the spot; each frame's brightness encodes its index."""

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

os.environ["SVT_LOG"] = "0"  # the AV1 encoder is chatty

WIDTH, HEIGHT, FRAMES = 64, 48, 36
CODEC_OPTIONS = {
    "libx264": {"g": "10", "bf": "2", "x264-params": "log-level=-1"},
    "libx265": {"x265-params": "log-level=-1:keyint=10:pools=none:frame-threads=1"},
    "libsvtav1": {"preset": "12", "g": "10", "svtav1-params": "tune=1"},
    "libvpx-vp9": {"g": "10", "lag-in-frames": "16", "deadline": "realtime", "cpu-used": "8"},
    "libvpx": {"g": "10", "deadline": "realtime", "cpu-used": "8"},
    "mpeg4": {"g": "10"},
}


def level(index: int) -> int:
    """Brightness of the frame `index`."""
    return 20 + 6 * index


def index_of(image: np.ndarray) -> int:
    """Index that a picture's brightness encodes."""
    return round((float(image.mean()) - 20) / 6)


@contextmanager
def unchanged_priority() -> Iterator[None]:
    """Undo what the AV1 encoder does where it is root: it makes its caller, and all that this starts later, real-time.

    Such processes leave nothing of the processor to the other tests.
    """
    if sys.platform != "linux":
        yield
        return
    scheduler, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, scheduler, parameters)


def make_clip(
    path: Path,
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    images: list[np.ndarray] | None = None,
    frames: int = FRAMES,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    stamps: list[int] | None = None,
    unit: Fraction = Fraction(1, 30),
    rate: int = 30,
    turn_ccw_deg: float | None = None,
    hflip: bool = False,
    options: dict[str, str] | None = None,
    mux: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
    pixel_aspect: Fraction | None = None,
    colour: tuple[int, int] | None = None,
    fmt: str | None = None,
) -> Path:
    """Encode pictures (by default a ramp of brightness) and return the path."""
    if images is None:
        images = [np.full((size[1], size[0], 3), level(i), np.uint8) for i in range(frames)]
    with unchanged_priority(), av.open(str(path), "w", format=fmt, options=mux or {}) as container:
        container.metadata.update(metadata or {})
        stream = container.add_stream(codec, rate=rate, options={**CODEC_OPTIONS.get(codec, {}), **(options or {})})
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = images[0].shape[1], images[0].shape[0], pix_fmt
        context.time_base, context.thread_count = unit, 1
        if codec != "libsvtav1":
            context.bit_rate = 2_000_000
        if pixel_aspect:
            context.sample_aspect_ratio = pixel_aspect
        if colour:
            context.colorspace, context.color_range = colour
        if turn_ccw_deg is not None or hflip:
            stream.set_display_rotation(turn_ccw_deg or 0, hflip=hflip)
        for i, image in enumerate(images):
            frame = VideoFrame.from_ndarray(image, "rgb24")
            if colour:
                frame = frame.reformat(format=pix_fmt, dst_colorspace=colour[0], dst_color_range=colour[1])
            frame.pts, frame.time_base = stamps[i] if stamps else i, unit
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def make_clip_with_retry(path: Path, **options: Any) -> Path:
    """As `make_clip`, and once more where FFmpeg's muxer refuses a 10-bit stream of x265, as it does now and then.

    What this process did before may make it do so every time; then it runs in a fresh process.
    """
    for _ in range(3):
        with suppress(av.error.PatchWelcomeError):
            return make_clip(path, **options)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        return fresh.submit(make_clip, path, **options).result()


def find_box(data: bytes, *kinds: bytes) -> tuple[int, int]:
    """Start and end of the box reached by a path of four-character codes, first of each kind."""
    start, end = 0, len(data)
    for kind in kinds:
        at = start
        while data[at + 4 : at + 8] != kind:
            at += int.from_bytes(data[at : at + 4], "big")
            assert at < end, kind
        end = at + int.from_bytes(data[at : at + 4], "big")
        box, start = at, at + 8
    return box, end


def swap_box(data: bytes, path: tuple[bytes, ...], new: bytes) -> bytes:
    """Put `new` in place of the box at `path` and fix the sizes around it; the media data must come first."""
    start, end = find_box(data, *path)
    out = bytearray(data[:start] + new + data[end:])
    for depth in range(1, len(path)):
        at, _ = find_box(data, *path[:depth])
        size = int.from_bytes(out[at : at + 4], "big") + len(new) - (end - start)
        out[at : at + 4] = size.to_bytes(4, "big")
    return bytes(out)


@pytest.fixture
def clip_tools() -> SimpleNamespace:
    """What the tests of this folder share."""
    make: Callable[..., Path] = make_clip_with_retry
    return SimpleNamespace(
        make=make, level=level, index_of=index_of, find_box=find_box, swap_box=swap_box, n=FRAMES, w=WIDTH, h=HEIGHT
    )
