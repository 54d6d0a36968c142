"""Open a clip: refuse what is no video, and determine its true size, rotation and frame times."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from analyzer.atomic_files import compute_sha256
from analyzer.clip.file_type import SEND_AGAIN_ADVICE, STILL_PICTURE, ContainerType, NotAClipError, identify_container
from analyzer.clip.frame_times import FrameTimes, compute_frame_times, find_stamp_index
from analyzer.clip.gif_timing import browser_frame_times_s
from analyzer.clip.recording_warnings import list_recording_warnings
from analyzer.clip.safe_container import (
    DECODE_ERRORS,
    NoVideoError,
    decode_packet,
    iter_packets,
    iter_packets_with_flush,
    open_container,
)
from analyzer.clip.upright_picture import read_orientation, upright_size
from analyzer.errors import ClipError
from analyzer.settings import Settings

_MAX_RATE = 1000  # frames a second beyond which a file is no phone clip; bounds memory; chosen
_FILM_AGAIN = "Film it again, or send another clip."

_LARGE_PX = 4_000_000  # chosen


@dataclass(frozen=True, eq=False)
class Clip:
    """A clip that can be read, and what is known of it without decoding it.

    Parameters
    ----------
    name, sha256 : file name without folders; SHA-256 of the file's bytes, hexadecimal.
    container, codec : mp4, mov, mkv, webm, avi or gif; FFmpeg's name of the codec.
    width_px, height_px : size of the upright picture, in square pixels.
    rotation_deg : clockwise rotation that shows the stored picture upright: 0, 90, 180 or 270.
    times_s : float array (N,), presentation time of each frame, seconds from the first, strictly increasing.
    warnings : what a coach should know about the recording, in plain words.
    mirrored : True when the upright picture must also be flipped left-right.
    stamps : int array (N,) of the file's own presentation stamps, or None when only the frames' order counts.
    keyframes : int array (K,), in order, the frames at which decoding can begin, as far as they are known.
    container_type, max_frame_px : how to open the file again.
    """

    path: Path
    name: str
    sha256: str
    container: str
    codec: str
    width_px: int
    height_px: int
    rotation_deg: int
    times_s: NDArray[np.float64]
    warnings: tuple[str, ...]
    mirrored: bool = False
    stamps: NDArray[np.int64] | None = field(default=None, repr=False)
    keyframes: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64), repr=False)
    container_type: ContainerType = field(default=ContainerType("mov", "mp4", is_truncated=False), repr=False)
    max_frame_px: int = field(default=4096 * 2304, repr=False)

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.times_s)

    @property
    def is_large(self) -> bool:
        """Whether its decoder takes so much memory (200 MB at 4K) that only one may run at a time."""
        return self.width_px * self.height_px > _LARGE_PX

    @property
    def mean_fps(self) -> float:
        """Mean frames a second; 0 for a clip of one frame."""
        return (self.frames - 1) / float(self.times_s[-1]) if self.frames > 1 else 0.0

    @property
    def duration_s(self) -> float:
        """Duration: to the last frame, and one mean frame more."""
        return float(self.times_s[-1]) + (1 / self.mean_fps if self.frames > 1 else 0.0)


@dataclass(frozen=True)
class _StreamInfo:
    """The main video stream as FFmpeg describes it."""

    codec: str
    frame_times: FrameTimes
    first: VideoFrame
    pixel_aspect: Fraction | None
    container_duration_s: float | None
    capture_fps: float | None


def open_clip(path: Path, settings: Settings) -> Clip:
    """Open a clip.

    Parameters
    ----------
    path : the file.
    settings : largest file, picture and duration.

    Returns
    -------
    The clip. Raises `ClipError` with one line that says what is wrong and what to do.
    """
    path = Path(path).absolute()
    name = _printable(path.name)
    try:
        container_type = _identify_file(path, settings.max_file_bytes)
        stream = _read_stream_info(path, container_type, settings)
        orientation = read_orientation(stream.first)
        width_px, height_px = upright_size(stream.first.width, stream.first.height, stream.pixel_aspect, orientation)
        _check_size(width_px, height_px, settings.max_frame_px)
        sha256 = compute_sha256(path)
    except NotAClipError as refusal:
        raise ClipError(name, refusal.problem, refusal.advice) from None
    except OSError as error:
        raise ClipError(name, f"cannot be read ({error.strerror or error})", "Check the file.") from None
    return Clip(
        path=path,
        name=name,
        sha256=sha256,
        container=container_type.file_extension,
        codec=stream.codec,
        width_px=width_px,
        height_px=height_px,
        rotation_deg=orientation.rotation_deg,
        times_s=stream.frame_times.times_s,
        warnings=list_recording_warnings(
            stream.frame_times.times_s,
            truncated_from_s=(stream.container_duration_s or 0.0) if container_type.is_truncated else None,
            capture_fps=stream.capture_fps,
            interlaced=stream.first.interlaced_frame,
            has_times=container_type.has_times,
        ),
        mirrored=orientation.mirrored,
        stamps=stream.frame_times.stamps,
        keyframes=stream.frame_times.keyframes,
        container_type=container_type,
        max_frame_px=settings.max_frame_px,
    )


def _identify_file(path: Path, max_bytes: int) -> ContainerType:
    """Refuse what is not a plain file of a fitting size, then identify it by its content."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise NotAClipError("there is no such file", "Check the path.") from None
    if stat.S_ISDIR(status.st_mode):
        raise NotAClipError("is a folder, not a video", "Name one of the clips in it.")
    if not stat.S_ISREG(status.st_mode):
        raise NotAClipError("is not a plain file")
    if status.st_size == 0:
        raise NotAClipError("is empty", SEND_AGAIN_ADVICE)
    if status.st_size > max_bytes:
        size_mb, max_mb = status.st_size / 2**20, max_bytes / 2**20
        raise NotAClipError(f"is too big ({size_mb:,.0f} MB; at most {max_mb:,.0f} MB)", "Send a shorter clip.")
    with path.open("rb") as file:
        return identify_container(file)


def _read_stream_info(path: Path, container_type: ContainerType, settings: Settings) -> _StreamInfo:
    try:
        with open_container(path, container_type.demuxer, settings.max_frame_px) as (container, stream):
            _check_size(stream.codec_context.width, stream.codec_context.height, settings.max_frame_px)
            times = _read_frame_times(container, stream, container_type, settings.max_duration_s)
            # FFmpeg adds up the frames that a GIF has, which says nothing of those that are missing
            container_duration_s = (
                container.duration / 1e6 if container.duration and container_type.demuxer != "gif" else None
            )
            capture_fps = _number(container.metadata.get("com.android.capture.fps"))
        with open_container(path, container_type.demuxer, settings.max_frame_px) as (container, stream):
            first, times = _first_frame(container, stream, times)
            codec = stream.codec_context.codec.canonical_name
            return _StreamInfo(codec, times, first, stream.sample_aspect_ratio, container_duration_s, capture_fps)
    except NoVideoError as error:
        if error.codec is None:
            raise NotAClipError("holds no video, only sound or other data") from None
        raise NotAClipError(f"is stored in a way that cannot be read (codec {_printable(error.codec)})") from None
    except DECODE_ERRORS:
        raise NotAClipError("is damaged and cannot be opened", SEND_AGAIN_ADVICE) from None


def _read_frame_times(
    container: InputContainer, stream: VideoStream, container_type: ContainerType, max_s: float
) -> FrameTimes:
    """Read the frame times in a pass over the packets, without decoding."""
    pts: list[int | None] = []
    dts: list[int | None] = []
    key_stamps: set[int] = set()
    unit_s = stream.time_base or Fraction(1, 1000)
    too_long = NotAClipError(f"is too long (at most {_minutes(max_s)})", "Trim the clip and send it again.")
    earliest = np.inf
    for packet in _shown_packets(container, stream):
        pts.append(packet.pts)
        dts.append(packet.dts)
        if packet.is_keyframe and packet.pts is not None:
            key_stamps.add(packet.pts)
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is not None:
            earliest = min(earliest, stamp)
            if (stamp - earliest) * float(unit_s) > max_s:
                raise too_long
        if len(pts) > max_s * _MAX_RATE:
            raise too_long
    if not pts:
        raise NotAClipError("holds no pictures", SEND_AGAIN_ADVICE)
    if container_type.demuxer == "gif":
        return _gif_times([stamp for stamp in pts if stamp is not None], container_type, too_long, max_s)
    codec = stream.codec_context.codec.canonical_name
    is_decoding_order = container_type.demuxer == "avi" and codec in ("h264", "hevc")
    return compute_frame_times(pts, dts, unit_s, stream.average_rate, is_decoding_order, key_stamps)


def _shown_packets(container: InputContainer, stream: VideoStream) -> "Iterator[Packet[VideoStream]]":
    """Yield the packets of frames that players show; refuse encrypted ones."""
    for packet in iter_packets(container, stream):
        if packet.has_sidedata("encryption_info"):
            raise NotAClipError(
                "is encrypted (copy protection)", "Send a clip that was filmed with a phone's own camera."
            )
        if not packet.is_discard:
            yield packet


def _gif_times(stamps: list[int], container_type: ContainerType, too_long: NotAClipError, max_s: float) -> FrameTimes:
    """Compute frame times as browsers show them; an incomplete last frame is left out."""
    complete = np.asarray(stamps[:-1] if container_type.is_truncated else stamps, dtype=np.int64)
    if len(complete) < 2:
        raise (
            NotAClipError("is damaged and cannot be opened", SEND_AGAIN_ADVICE)
            if container_type.is_truncated
            else NotAClipError(STILL_PICTURE)
        )
    times_s = browser_frame_times_s(complete)
    if times_s[-1] > max_s:
        raise too_long
    return FrameTimes(times_s, complete, np.zeros(1, dtype=np.int64))


def _first_frame(container: InputContainer, stream: VideoStream, times: FrameTimes) -> tuple[VideoFrame, FrameTimes]:
    """Decode up to the first complete picture; the frames before it are left out of the times."""
    for packet in iter_packets_with_flush(container, stream):
        for frame in decode_packet(stream, packet) or ():
            if times.stamps is None:
                return frame, times
            index = find_stamp_index(times.stamps, frame.pts)
            if index is not None:
                return frame, times.start_at_frame(index)
    raise NotAClipError("holds no picture that can be decoded", _FILM_AGAIN)


def _check_size(width: int, height: int, max_px: int) -> None:
    if not width or not height:
        raise NotAClipError("does not state the size of its pictures, or they are far too large", "Film in 4K or less.")
    if width * height > max_px:
        what = f"has pictures of {width} x {height} pixels, more than the {max_px / 1e6:.1f} million accepted"
        raise NotAClipError(what, "Film in 4K or less.")


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} s"


def _printable(text: str) -> str:
    """Return one line without control characters, so that a file's name cannot forge a message."""
    return "".join(c if c.isprintable() else "?" for c in text)
