"""Box structure of an MP4 or QuickTime file, checked before it is opened (ISO/IEC 14496-12)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO

_MAX_BOXES = 1_000_000  # a fragmented clip of 30 minutes has a few thousand; chosen
_MAX_REFERENCES = 64  # data references a track; one is usual; chosen
_MAX_EDITS = 1000  # edit-list entries a track; one or two are usual; chosen
_MAX_DEPTH = 8  # dref lies five below the top; chosen
_ROOTS = {b"moov", b"moof"}
_PARENTS = {b"trak", b"edts", b"mdia", b"minf", b"dinf", b"stbl", b"traf"}
_SAMPLE_COUNTS = {b"stsz": 8, b"stz2": 8, b"trun": 4}  # where in the payload the number of samples stands
_ENCRYPTED_ENTRIES = {b"encv", b"drmi"}  # Common Encryption (ISO/IEC 23001-7) and FairPlay


@dataclass(frozen=True)
class Mp4Structure:
    """Properties of a file that follow from its boxes.

    Parameters
    ----------
    has_index : the movie box is there.
    has_external_media : media data lies in another file or at an address.
    is_encrypted : the pictures are encrypted.
    is_truncated : the file should be longer than it is.
    is_plausible : False when tables promise more than the file can hold; such a file of 2 kB can cost gigabytes.
    """

    has_index: bool
    has_external_media: bool
    is_encrypted: bool
    is_truncated: bool
    is_plausible: bool


@dataclass(frozen=True)
class _Box:
    kind: bytes
    start: int
    end: int


def inspect_mp4(file: BinaryIO, size: int) -> Mp4Structure:
    """Inspect the box tree of an open file of `size` bytes without reading its media data."""
    top = list(_boxes(file, 0, size))
    trees = (_walk(file, root, size, 0) for root in top if root.kind in _ROOTS)
    inner = list(islice(chain.from_iterable(trees), _MAX_BOXES))
    samples = sum(_count(file, box, _SAMPLE_COUNTS[box.kind]) for box in inner if box.kind in _SAMPLE_COUNTS)
    edits = max((_count(file, box, 4) for box in inner if box.kind == b"elst"), default=0)
    return Mp4Structure(
        has_index=any(box.kind == b"moov" for box in top),
        has_external_media=any(_points_elsewhere(file, box, size) for box in inner if box.kind == b"dref"),
        is_encrypted=any(_first_entry(file, box) in _ENCRYPTED_ENTRIES for box in inner if box.kind == b"stsd"),
        is_truncated=bool(top) and top[-1].end > size,
        is_plausible=len(inner) < _MAX_BOXES and samples <= size and edits <= _MAX_EDITS,
    )


def _boxes(file: BinaryIO, at: int, end: int) -> Iterator[_Box]:
    """Yield sibling boxes from `at`; the last may end beyond `end`. Junk after the last box is ignored."""
    for _ in range(_MAX_BOXES):
        file.seek(at)
        head = file.read(16)
        if at + 8 > end or len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head[:8])
        start = at + 8
        if length == 1 and len(head) == 16:
            length, start = struct.unpack(">Q", head[8:])[0], at + 16
        elif length == 0:
            length = end - at
        if length < start - at or not kind.strip(b"\x00"):
            return
        yield _Box(kind, start, at + length)
        at += length


def _walk(file: BinaryIO, parent: _Box, size: int, depth: int) -> Iterator[_Box]:
    for box in _boxes(file, parent.start, min(parent.end, size)):
        yield box
        if box.kind in _PARENTS and depth < _MAX_DEPTH:
            yield from _walk(file, box, size, depth + 1)


def _points_elsewhere(file: BinaryIO, dref: _Box, size: int) -> bool:
    """Return whether a data reference box names a place other than this file (flag 1 means this file)."""
    for entry in islice(_boxes(file, dref.start + 8, min(dref.end, size)), _MAX_REFERENCES):
        file.seek(entry.start)
        flags = file.read(4)
        if len(flags) == 4 and not flags[3] & 1 and entry.end > entry.start + 4:
            return True
    return False


def _count(file: BinaryIO, box: _Box, offset: int) -> int:
    file.seek(box.start + offset)
    return int.from_bytes(file.read(4), "big")


def _first_entry(file: BinaryIO, stsd: _Box) -> bytes:
    """Read the four-character code of the first sample description."""
    file.seek(stsd.start + 12)
    return file.read(4)
