"""Open containers with FFmpeg so that it can read nothing but the given file: the only place that does."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from analyzer.clip.file_type import Demuxer

CODECS = ("h264", "hevc", "vp8", "vp9", "av1", "mjpeg", "mpeg4", "h263", "prores", "mpeg2video")
_DECODERS = ",".join((*CODECS, "libdav1d", "libvpx", "libvpx-vp9"))
_GIF = "gif"  # the one codec of the demuxer of that name, and of no other
_READ_BYTES = 256 * 1024  # one read of the file; chosen, larger is no faster
_ALIGN_PX = 64  # decoders round a frame's sides up to this at most
_PROBE_TIMES = 4  # FFmpeg may probe pictures this many times too large, so that their size can be reported; chosen

av.logging.set_level(None)  # FFmpeg's own lines never reach stderr

# What FFmpeg and file reads raise on damaged or hostile data.
DECODE_ERRORS = (av.error.FFmpegError, OSError, ValueError, UnicodeDecodeError)


class NoVideoError(Exception):
    """The container holds no video stream that can be decoded; `codec` is None where there is no video at all."""

    def __init__(self, codec: str | None) -> None:
        super().__init__(codec)
        self.codec = codec


@contextmanager
def open_container(path: Path, demuxer: Demuxer, max_px: int) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a clip and yield (container, its main video stream).

    FFmpeg gets an open file instead of a name, may use no protocol, no other demuxer and only the decoders of
    `CODECS` (of a GIF: its own), and every attempt to open something else is refused. It decodes in one thread, so that
    memory stays bounded and several readers can share the processor.

    Parameters
    ----------
    path : the file.
    demuxer : FFmpeg's demuxer to use.
    max_px : larger frames do not decode.
    """
    max_aligned_px = max_px + 4096 * _ALIGN_PX
    decoders = _GIF if demuxer == _GIF else _DECODERS
    restrictions = {"protocol_whitelist": "none", "format_whitelist": demuxer, "codec_whitelist": decoders}
    with (
        path.open("rb", buffering=0) as file,
        av.open(
            _UnnamedFile(file),
            "r",
            format=demuxer,
            options={"max_pixels": str(_PROBE_TIMES * max_aligned_px)},
            container_options=restrictions,
            metadata_errors="replace",
            buffer_size=_READ_BYTES,
            io_open=_refuse,
        ) as container,
    ):
        stream = _main_video(container, (_GIF,) if demuxer == _GIF else CODECS)
        stream.codec_context.options = {"max_pixels": str(max_aligned_px)}
        stream.codec_context.thread_count = 1
        yield container, stream


def iter_packets(container: InputContainer, stream: VideoStream) -> "Iterator[Packet[VideoStream]]":
    """Yield the complete packets of the stream in file order; damage ends the stream as the file's end does."""
    try:
        for packet in container.demux(stream):
            if packet.size and not packet.is_corrupt:
                yield packet
    except DECODE_ERRORS:
        return


def iter_packets_with_flush(container: InputContainer, stream: VideoStream) -> "Iterator[Packet[VideoStream] | None]":
    """Yield the stream's packets, then None, which brings the last frames out of the decoder."""
    yield from iter_packets(container, stream)
    yield None


def decode_packet(stream: VideoStream, packet: "Packet[VideoStream] | None") -> list[VideoFrame] | None:
    """Decode a packet (None: the end) to the frames that become available.

    Damaged frames are left out; None when decoding failed.
    """
    try:
        frames = stream.codec_context.decode(packet)
    except DECODE_ERRORS:
        return None
    return [frame for frame in frames if not frame.is_corrupt]


def _main_video(container: InputContainer, codecs: tuple[str, ...]) -> VideoStream:
    videos = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    readable = [s for s in videos if s.codec_context and s.codec_context.codec.canonical_name in codecs]
    if not readable:
        raise NoVideoError(videos[0].name if videos and videos[0].codec_context else "unknown" if videos else None)
    best = container.streams.best("video")
    main = best if best in readable else readable[0]
    for stream in container.streams:
        if stream is not main:
            stream.discard = Discard.all
    return main


class _UnnamedFile:
    """An open file without its name, so that FFmpeg has nothing to build another name from."""

    def __init__(self, file: Any) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell
        self.seekable = file.seekable
        self.name = ""


def _refuse(*_: object) -> NoReturn:
    raise PermissionError("a clip may not open anything else")
