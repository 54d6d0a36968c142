"""Write an H.264 clip that browsers and phones play, with each frame shown at its true time."""

from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import cv2
import numpy as np
from av.codec.context import Flags
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc
from av.video.stream import VideoStream

from analyzer.atomic_files import atomic_write
from analyzer.clip.image_types import RgbImage
from analyzer.clip.yuv_picture import ColourMatrix, YuvPicture

_UNIT = Fraction(1, 90_000)  # the usual video clock, and fine enough for any frame rate
_LONE_FRAME_S = 1.0  # duration of a clip of one frame; chosen
_KEYFRAME_EVERY = 60  # frames; seeking in a player lands at most this far off; chosen

# Chosen on eight clips of phones and computers, reduced to 720 lines. Of the presets, superfast and veryfast take two
# and three times the processor time of ultrafast. A constant quantiser needs no look ahead at the next frames: a third
# less time than CRF 21. Brightness at 21 and 23 lies 41 to 53 dB from the source (CRF: 40 to 62 dB); seven of the files
# are smaller by 20 to 70 %, one of a noisy phone clip is larger by 30 to 55 %.
_ENCODER = {"preset": "ultrafast", "qp": "22", "g": str(_KEYFRAME_EVERY)}
_THREADS = 2


class VideoWriter:
    """Context manager that writes pictures to an MP4 file: H.264, yuv420p, index first, no sound, no metadata.

    The file appears at `path` once the block ends well; on any exception nothing is left.

    Parameters
    ----------
    path : where to write the clip, `.mp4`.
    width, height : size of the pictures in pixels; an odd side is padded by repeating its last row or column.
    fps : expected frames a second; it only guides the encoder's bit rate.
    """

    def __init__(self, path: str | Path, width: int, height: int, fps: float = 30.0) -> None:
        self._path, self._size = Path(path).absolute(), (height, width)
        self._fps = fps
        self._cleanup = ExitStack()
        self._last: int | None = None
        self._gap = round(_LONE_FRAME_S / _UNIT)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            part = stack.enter_context(atomic_write(self._path))
            options = {"movflags": "+faststart", "fflags": "+bitexact"}
            self._container = av.open(f"file:{part}", "w", format="mp4", options=options)
            stack.push(self._close)
            self._stream = self._add_stream()
            self._cleanup = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.__exit__(kind, error, trace)

    def write(self, image_rgb: RgbImage, time_s: float) -> None:
        """Add a picture.

        Parameters
        ----------
        image_rgb : uint8 (height, width, 3).
        time_s : when it is shown, seconds; later than the picture before.
        """
        if image_rgb.shape != (*self._size, 3) or image_rgb.dtype != np.uint8:
            raise ValueError(f"expected a uint8 picture of {(*self._size, 3)}, got {image_rgb.dtype} {image_rgb.shape}")
        height, width = self._size
        if height % 2 or width % 2:
            image_rgb = cv2.copyMakeBorder(image_rgb, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        frame = VideoFrame.from_ndarray(cv2.cvtColor(image_rgb, cv2.COLOR_RGB2YUV_I420), "yuv420p")
        self._encode(frame, time_s, ColourMatrix.BT601)  # the matrix of OpenCV's conversion

    def write_yuv(self, picture: YuvPicture, time_s: float) -> None:
        """Add a picture as `write` does, without conversion; all pictures of a clip have the same layout and matrix."""
        if picture.luma.shape != self._size:
            raise ValueError(f"expected a picture of {self._size}, got {picture.luma.shape}")
        self._encode(picture.as_frame(), time_s, picture.matrix)

    def _encode(self, frame: VideoFrame, time_s: float, matrix: ColourMatrix) -> None:
        stamp = round(time_s / _UNIT)
        if self._last is None:
            self._stream.codec_context.pix_fmt, self._stream.codec_context.colorspace = frame.format.name, matrix
        else:
            if stamp <= self._last:
                raise ValueError(f"expected a time after {float(self._last * _UNIT):.5f} s, got {time_s:.5f} s")
            self._gap = stamp - self._last
        self._last = stamp
        frame.pts, frame.time_base, frame.duration = stamp, _UNIT, self._gap
        self._container.mux(self._stream.encode(frame))

    def _add_stream(self) -> VideoStream:
        stream: VideoStream = self._container.add_stream("libx264", rate=Fraction(self._fps).limit_denominator(1001))
        height, width = self._size
        codec = stream.codec_context
        codec.width, codec.height = width + width % 2, height + height % 2
        codec.time_base, codec.options = _UNIT, dict(_ENCODER)
        codec.flags |= Flags.frame_duration  # or the last frame would last 1 / fps
        codec.thread_type, codec.thread_count = "FRAME", _THREADS
        codec.color_range = ColorRange.MPEG
        codec.color_primaries, codec.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        return stream

    def _close(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file; after an error only close it."""
        if kind is not None:
            with suppress(Exception):
                self._container.close()
            return
        if self._last is None:
            self._container.close()
            raise ValueError(f"{self._path.name}: no picture was written")
        try:
            self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()
