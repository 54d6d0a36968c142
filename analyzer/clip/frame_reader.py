"""Read the frames of a clip: upright RGB pictures, each with its index in the clip's times."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from analyzer.clip.frame_times import find_stamp_index
from analyzer.clip.image_types import RgbImage
from analyzer.clip.probe import Clip
from analyzer.clip.safe_container import (
    DECODE_ERRORS,
    NoVideoError,
    decode_packet,
    iter_packets_with_flush,
    open_container,
)
from analyzer.clip.upright_picture import Orientation, UprightConverter
from analyzer.clip.yuv_picture import YuvConverter, YuvPicture
from analyzer.errors import ClipError

# A large clip is read in one part: its decoder works ahead of the reader, for 25 MB at 4K. Few frames would not gain.
_LARGE_DECODER_THREADS = 2
_MIN_FRAMES_AHEAD = 10  # chosen
# Opening the clip at a key frame takes as long as decoding about 12 frames (540 and 1080 lines, four clips); chosen.
_SEEK_FRAMES = 12
# Their decoders can leave out single frames. That of AV1 takes the setting only when it is opened; no other was tried.
_SELECTIVE_CODECS = ("h264", "hevc")


def read_frames(
    clip: Clip, first: int = 0, stop: int | None = None, step: int = 1, size_px: tuple[int, int] | None = None
) -> Iterator[tuple[int, RgbImage]]:
    """Yield (index into `clip.times_s`, picture) of frames `first`, `first + step`, ... before `stop`.

    Parameters
    ----------
    clip : the clip to read.
    first, stop, step : half-open range of frame indices; `stop` None reads to the end.
    size_px : width and height of the upright pictures; None for the clip's own size.

    Yields
    ------
    int, uint8 array (h, w, 3), RGB, C-contiguous, upright. Frames that cannot be decoded are left out; the index of
    the others does not change. Each call opens the file again, so several may run in different threads.
    """
    for index, image in read_selected_frames(clip, lambda _: True, first, stop, step, size_px):
        if image is not None:
            yield index, image


def read_selected_frames(
    clip: Clip,
    should_read: Callable[[int], bool],
    first: int = 0,
    stop: int | None = None,
    step: int = 1,
    size_px: tuple[int, int] | None = None,
) -> Iterator[tuple[int, RgbImage | None]]:
    """Yield as `read_frames` does, with None for the picture of a frame that is not needed.

    Such a frame is decoded only if others depend on it, and neither scaled nor converted, which takes as long again.

    Parameters
    ----------
    clip, first, stop, step, size_px : as in `read_frames`.
    should_read : called with the index of a frame before it is decoded, and again just before it is yielded: whether
        its picture is needed. It may become False between the calls, and stays False.

    Yields
    ------
    int, uint8 array (h, w, 3) or None. A frame that is not needed counts as one that can be decoded.
    """
    stop = clip.frames if stop is None else min(stop, clip.frames)
    upright = UprightConverter(
        size_px or (clip.width_px, clip.height_px), Orientation(clip.rotation_deg, clip.mirrored)
    )
    on_step = range(first, stop, step)

    def is_needed(index: int) -> bool:
        return index in on_step and should_read(index)

    def not_needed(start: int, end: int) -> Iterator[tuple[int, None]]:
        return ((index, None) for index in range(start, end, step) if not should_read(index))

    following = first  # the frame on step after the one that was yielded last
    for index, frame in _decode_from(clip, first, is_needed, is_long=stop - first >= _MIN_FRAMES_AHEAD):
        if index >= stop:
            break
        image = upright(frame) if is_needed(index) else None
        del frame  # a frame held here, or below, while the next is decoded costs 25 MB each at 4K
        if index in on_step:
            yield from not_needed(following, index)
            yield index, image
            following = index + step
    yield from not_needed(following, stop)


def read_frames_at(
    clip: Clip, frames: Sequence[int], size_px: tuple[int, int] | None = None
) -> Iterator[tuple[int, RgbImage]]:
    """Yield as `read_frames` does, for frames in increasing order that may lie far apart.

    A key frame is sought only where that is faster than to decode the frames before it.
    """
    for run in group_nearby_frames(frames, clip):
        for index, image in read_selected_frames(clip, set(run).__contains__, run[0], run[-1] + 1, size_px=size_px):
            if image is not None:
                yield index, image


def group_nearby_frames(frames: Sequence[int], clip: Clip) -> list[list[int]]:
    """Group frames, in increasing order, that are best read in one pass: no key frame lies far between them."""
    runs: list[list[int]] = []
    for frame in frames:
        key = clip.keyframes[clip.keyframes <= frame].max(initial=0)
        if runs and key - runs[-1][-1] <= _SEEK_FRAMES:
            runs[-1].append(frame)
        else:
            runs.append([frame])
    return runs


def read_yuv_pictures(clip: Clip, step: int, size_px: tuple[int, int]) -> Iterator[tuple[int, YuvPicture]]:
    """Yield (index into `clip.times_s`, picture) of every `step`-th frame, not converted to RGB.

    Parameters
    ----------
    clip : the clip to read.
    step : as in `read_frames`.
    size_px : even width and height of the upright pictures.
    """
    upright = YuvConverter(size_px, Orientation(clip.rotation_deg, clip.mirrored))
    on_step = range(0, clip.frames, step)
    for index, frame in _decode_from(clip, 0, on_step.__contains__, is_long=True):
        picture = upright(frame) if index in on_step else None
        del frame
        if picture is not None:
            yield index, picture


def _decode_from(
    clip: Clip, first: int, is_needed: Callable[[int], bool], *, is_long: bool
) -> Iterator[tuple[int, VideoFrame]]:
    """Yield decoded frames from `first` on, each once, in order; `is_long`: more than a few of them are read.

    A frame that is not needed is yielded if it had to be decoded. `first` is always decoded: where it is missing, the
    seek landed too late.
    """
    last = first - 1
    for seek in (True, False) if first > 0 and clip.stamps is not None else (False,):
        with _reopened(clip, is_long=is_long) as (container, stream):
            if seek and not _seek(container, stream, clip, first):
                continue
            for index, frame in _decode(container, stream, clip, lambda index: index == first or is_needed(index)):
                if seek and last < first < index:
                    break  # the seek landed too late: read from the start
                if index > last:
                    last = index
                    yield index, frame
                del frame
            else:
                if last >= first or not seek:
                    return


@contextmanager
def _reopened(clip: Clip, *, is_long: bool) -> Iterator[tuple[InputContainer, VideoStream]]:
    with ExitStack() as stack:
        try:
            container, stream = stack.enter_context(
                open_container(clip.path, clip.container_type.demuxer, clip.max_frame_px)
            )
        except (NoVideoError, *DECODE_ERRORS):
            raise ClipError(clip.name, "has changed since it was opened", "Analyse it again.") from None
        if is_long and clip.is_large and clip.stamps is not None:  # without stamps, late errors would shift the count
            stream.codec_context.thread_type, stream.codec_context.thread_count = "FRAME", _LARGE_DECODER_THREADS
        yield container, stream


def _seek(container: InputContainer, stream: VideoStream, clip: Clip, first: int) -> bool:
    assert clip.stamps is not None
    try:
        container.seek(int(clip.stamps[first]), stream=stream)
    except DECODE_ERRORS:
        return False
    return True


def _decode(
    container: InputContainer, stream: VideoStream, clip: Clip, is_needed: Callable[[int], bool]
) -> Iterator[tuple[int, VideoFrame]]:
    """Yield frames that decode, with their index: by their stamps, or by counting where stamps do not name frames.

    Where stamps name them, the decoder leaves out those that are not needed and on which no other depends.
    """
    count = 0
    stamps = clip.stamps if clip.codec in _SELECTIVE_CODECS else None
    for packet in iter_packets_with_flush(container, stream):
        if packet is not None and stamps is not None:
            index = find_stamp_index(stamps, packet.pts)
            stream.codec_context.skip_frame = "DEFAULT" if index is None or is_needed(index) else "NONREF"
        frames = decode_packet(stream, packet)
        if frames is None:
            count += 1  # a frame that failed keeps its place
            continue
        while frames:
            index = count if clip.stamps is None else find_stamp_index(clip.stamps, frames[0].pts)
            count += 1
            if index is not None:
                yield index, frames.pop(0)
            else:
                del frames[0]
