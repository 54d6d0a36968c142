"""Copy of a clip for browsers and phones: its own H.264 stream without sound, metadata or embedded messages."""

from pathlib import Path

import av
import numpy as np
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer
from av.video.stream import VideoStream

from analyzer.atomic_files import atomic_write
from analyzer.clip.probe import Clip
from analyzer.clip.safe_container import (
    DECODE_ERRORS,
    decode_packet,
    iter_packets,
    iter_packets_with_flush,
    open_container,
)

_MAX_SIDE_PX = 1920  # larger pictures are more than a phone shows; chosen
_MAX_FPS = 62.0  # slow motion at more frames a second is more than a screen shows; chosen
_MAX_BITS_S = 20e6  # what phones write for 1080 lines; more is slow over a gym's Wi-Fi; chosen
_EVEN_SHARE = 0.2  # frame durations that differ by less of the usual one are even; chosen
_FORMATS = ("yuv420p", "yuvj420p")  # other H.264 (10 bit, 4:2:2) plays in few browsers
_PICTURE_UNITS = (
    "1-5|7-9"  # NAL units of H.264 (ITU-T H.264, table 7-1) that pictures need; messages (SEI) are left out
)


class _NotCopyableError(Exception):
    """The stream has to be encoded again."""


def copy_stream(clip: Clip, path: str | Path) -> bool:
    """Copy the clip's own H.264 stream to an MP4 file, without encoding it again.

    The rotation that shows it upright and the times of its frames stay, counted from the first one.

    Parameters
    ----------
    clip : the clip.
    path : where to write; the file appears only when it is complete.

    Returns
    -------
    False, with nothing written, where browsers or phones would not play it well, or where a frame cannot be copied.
    """
    if clip.codec != "h264" or clip.stamps is None or clip.mirrored or clip.mean_fps > _MAX_FPS:
        return False
    if max(clip.width_px, clip.height_px) > _MAX_SIDE_PX:
        return False
    if 8 * clip.path.stat().st_size > _MAX_BITS_S * max(1.0, clip.duration_s):
        return False
    try:
        with open_container(clip.path, clip.container_type.demuxer, clip.max_frame_px) as (container, stream):
            _check_first_picture(container, stream)
        with (
            open_container(clip.path, clip.container_type.demuxer, clip.max_frame_px) as (container, stream),
            atomic_write(path) as part,
        ):
            _copy(clip, container, stream, part.absolute())
    except (_NotCopyableError, *DECODE_ERRORS):
        return False
    return True


def _check_first_picture(container: InputContainer, stream: VideoStream) -> None:
    """Raise `_NotCopyableError` unless the first picture has a format that every player supports."""
    for packet in iter_packets_with_flush(container, stream):
        for frame in decode_packet(stream, packet) or ():
            if frame.format.name not in _FORMATS or frame.interlaced_frame:
                raise _NotCopyableError
            if (stream.sample_aspect_ratio or 1) != 1:
                raise _NotCopyableError
            return
    raise _NotCopyableError


def _copy(clip: Clip, container: InputContainer, stream: VideoStream, path: Path) -> None:
    assert clip.stamps is not None
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    stamps: list[int] = []
    with av.open(f"file:{path}", "w", format="mp4", options=options) as target:
        copy = target.add_stream_from_template(stream)
        copy.metadata.clear()
        pictures = BitStreamFilterContext(f"filter_units=pass_types={_PICTURE_UNITS}", stream, copy)
        for packet in iter_packets(container, stream):
            if packet.is_discard or packet.pts is None or packet.dts is None or (not stamps and not packet.is_keyframe):
                raise _NotCopyableError
            stamps.append(packet.pts)
            packet.pts, packet.dts = packet.pts - int(clip.stamps[0]), packet.dts - int(clip.stamps[0])
            for part in pictures.filter(packet):
                part.stream = copy
                target.mux(part)
        for part in pictures.filter(None):
            part.stream = copy
            target.mux(part)
    if not np.array_equal(np.sort(stamps), clip.stamps) or (stamps != sorted(stamps) and _is_uneven(clip)):
        raise _NotCopyableError


def _is_uneven(clip: Clip) -> bool:
    """Return whether the frames have unequal durations.

    MP4 stores durations in decoding order: where that differs from the order of presentation, browsers that seek to a
    time show the frame before.
    """
    gaps_s = np.diff(clip.times_s)
    return bool(len(gaps_s) and np.ptp(gaps_s) > _EVEN_SHARE * np.median(gaps_s))
