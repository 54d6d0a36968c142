"""Block structure of a GIF (GIF89a specification, W3C copy of 1990), and the times at which its frames are shown."""

import os
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

GIF_SIGNATURES = (b"GIF87a", b"GIF89a")
_UNIT_S = 0.01  # delays are in hundredths of a second

# Browsers show a frame whose delay is 0 or 1 for 0.1 s, and FFmpeg's GIF demuxer documents the same
# (`min_delay` 2, `default_delay` 10), though FFmpeg 8 applies it to 0 alone.
_SHORTEST_DELAY = 2
_DEFAULT_DELAY = 10

_SCREEN_AT = 6  # after the signature
_EXTENSION, _IMAGE, _TRAILER, _GRAPHIC_CONTROL = 0x21, 0x2C, 0x3B, b"\xf9"
_PADDING_BYTES = 16  # zero bytes accepted after the trailer without reading the whole file; chosen


@dataclass(frozen=True)
class GifStructure:
    """Properties of a GIF that follow from its blocks.

    Parameters
    ----------
    is_animated : True when there are two frames or more.
    has_picture : True when one frame is complete.
    has_times : True when the first frame has a delay that browsers follow.
    is_truncated : True when the file ends within a block, or between a control extension and its frame.
    """

    is_animated: bool
    has_picture: bool
    has_times: bool
    is_truncated: bool


def inspect_gif(file: BinaryIO, size: int) -> GifStructure:
    """Inspect the blocks of an open file of `size` bytes.

    Reads up to the second frame, and to the end only where the last byte is no trailer.
    """
    file.seek(max(0, size - _PADDING_BYTES))
    ends_well = file.read().rstrip(b"\0").endswith(bytes([_TRAILER]))
    frames = complete = delay = 0
    is_truncated = True
    file.seek(_SCREEN_AT)
    _skip_table(file, file.read(7), flags_at=4)
    while kind := file.read(1):
        is_truncated, announces = True, False
        if kind[0] == _EXTENSION:
            announces = file.read(1) == _GRAPHIC_CONTROL
            if announces and not frames:
                delay = _delay(file)
        elif kind[0] == _IMAGE:
            frames += 1
            if frames == 2 and ends_well:
                is_truncated = False
                break
            _skip_table(file, file.read(9), flags_at=8)
            file.seek(1, os.SEEK_CUR)  # the size of the first codes
        else:  # the trailer, or what is no block of a GIF
            is_truncated = False
            break
        if not _skip_sub_blocks(file):
            break
        complete += kind[0] == _IMAGE
        is_truncated = announces  # its frame is missing; a missing trailer alone is no loss
    return GifStructure(frames >= 2, complete >= 1, delay >= _SHORTEST_DELAY, is_truncated)


def browser_frame_times_s(stamps: NDArray[np.int64]) -> NDArray[np.float64]:
    """Compute when browsers show each frame.

    Parameters
    ----------
    stamps : int array (N,), sums of the delays before each frame, hundredths of a second, strictly increasing.

    Returns
    -------
    float array (N,), seconds from the first frame, strictly increasing.
    """
    delays = np.diff(stamps)
    delays = np.where(delays < _SHORTEST_DELAY, _DEFAULT_DELAY, delays)
    return np.concatenate([[0], np.cumsum(delays)]) * _UNIT_S


def _delay(file: BinaryIO) -> int:
    """Read the delay in the graphic control extension that starts here; the position does not change."""
    block = file.read(4)
    file.seek(-len(block), os.SEEK_CUR)
    return int.from_bytes(block[2:4], "little")


def _skip_table(file: BinaryIO, descriptor: bytes, flags_at: int) -> None:
    """Skip the colour table that the flags of a screen or image descriptor announce."""
    flags = descriptor[flags_at] if len(descriptor) > flags_at else 0
    if flags & 0x80:
        file.seek(3 << (flags & 7) + 1, os.SEEK_CUR)


def _skip_sub_blocks(file: BinaryIO) -> bool:
    """Skip data sub-blocks up to their terminator; False where the file ends first."""
    while length := file.read(1):
        if length[0] == 0:
            return True
        file.seek(length[0], os.SEEK_CUR)
    return False
