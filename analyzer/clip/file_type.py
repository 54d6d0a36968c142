"""Container type of a file, judged by its content alone, before FFmpeg opens it."""

import os
import string
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from analyzer.clip.gif_timing import GIF_SIGNATURES, inspect_gif
from analyzer.clip.mp4_boxes import inspect_mp4

Demuxer = Literal["mov", "matroska", "avi", "gif"]

SEND_VIDEO_ADVICE = "Send the clip as the phone saved it (mp4, mov, m4v, mkv, webm or avi), or an animated GIF."
STILL_PICTURE = "is a picture, not a video"
SEND_AGAIN_ADVICE = "Send the file again, or film the clip again."

_HEAD_BYTES = 4096  # enough for every magic number and to distinguish text from data; chosen
_ISO_FIRST_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"moof"}
_PICTURE_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis", b"miaf"}
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"BM", b"II*\x00", b"MM\x00*", b"\x00\x00\x01\x00")
_SOUNDS = (b"ID3", b"fLaC", b"\xff\xfb", b"\xff\xf3", b"\xff\xf1", b"\xff\xf9", b"#!AMR", b"FORM")
_PLAYLISTS = (
    "ffconcat", "#extm3u", "v=0", "<mpd", "<smil", "<asx", "[playlist]", "[reference]", "rtsptext", "smiltext",
    "file ", "http://", "https://", "rtsp://", "rtmp://", "concat:",
)  # fmt: skip


class NotAClipError(Exception):
    """The file is not a clip that can be read.

    Parameters
    ----------
    problem : what is wrong, in words that follow the file's name.
    advice : what to do about it, a sentence.
    """

    def __init__(self, problem: str, advice: str = SEND_VIDEO_ADVICE) -> None:
        super().__init__(problem)
        self.problem, self.advice = problem, advice


@dataclass(frozen=True)
class ContainerType:
    """A recognised container.

    Parameters
    ----------
    demuxer : FFmpeg's demuxer to use.
    file_extension : mp4, mov, mkv, webm, avi or gif.
    is_truncated : True when the file's own structure says that it should be longer than it is.
    has_times : False when the file gives no times for its frames, so that those of browsers are assumed (GIF).
    """

    demuxer: Demuxer
    file_extension: str
    is_truncated: bool
    has_times: bool = True


def identify_container(file: BinaryIO) -> ContainerType:
    """Identify the container of an open file by its content.

    Raises `NotAClipError` for anything but a self-contained video container.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if head[4:8] in _ISO_FIRST_BOXES:
        return _iso(file, head, size)
    if head[:4] == b"\x1aE\xdf\xa3":
        return _matroska(head, size)
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return ContainerType("avi", "avi", is_truncated=_avi_end(file, size) > size)
    if head[:6] in GIF_SIGNATURES:
        return _gif(file, size)
    raise NotAClipError(_describe_other(head))


def _iso(file: BinaryIO, head: bytes, size: int) -> ContainerType:
    brand = head[8:12] if head[4:8] == b"ftyp" else b"qt  "
    if brand in _PICTURE_BRANDS:
        raise NotAClipError(STILL_PICTURE)
    structure = inspect_mp4(file, size)
    if structure.has_external_media:
        raise NotAClipError(
            "keeps its pictures in another file or at an address, and only self-contained clips are opened"
        )
    if not structure.is_plausible:
        raise NotAClipError("is damaged and cannot be opened", SEND_AGAIN_ADVICE)
    if structure.is_encrypted:
        raise NotAClipError("is encrypted (copy protection)", "Send a clip that was filmed with a phone's own camera.")
    if not structure.has_index:
        raise NotAClipError(
            "is unfinished: its index is missing, so the recording or the upload was cut off", SEND_AGAIN_ADVICE
        )
    return ContainerType("mov", "mov" if brand == b"qt  " else "mp4", structure.is_truncated)


def _gif(file: BinaryIO, size: int) -> ContainerType:
    structure = inspect_gif(file, size)
    if structure.is_animated:
        return ContainerType("gif", "gif", structure.is_truncated, structure.has_times)
    if structure.has_picture:
        raise NotAClipError(STILL_PICTURE)
    raise NotAClipError("is damaged and cannot be opened", SEND_AGAIN_ADVICE)


def _matroska(head: bytes, size: int) -> ContainerType:
    """Read the EBML header's document type and how long the segment says it is (RFC 8794, RFC 9559)."""
    extension, end = "mkv", 0
    elements = list(_ebml(head, 0, len(head)))
    for element, start, stop in elements:
        if element == 0x1A45DFA3:
            names = [head[a:b] for e, a, b in _ebml(head, start, min(stop or 0, len(head))) if e == 0x4282 and b]
            extension = "webm" if b"webm" in names else "mkv"
        elif element == 0x18538067:
            end = stop or 0
            break
    return ContainerType("matroska", extension, is_truncated=end > size)


def _ebml(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int | None]]:
    """Yield (element id, payload start, payload end or None when the size is unknown) of sibling elements."""
    while at < end:
        ident, at = _vint(data, at, keep_marker=True)
        length, start = _vint(data, at, keep_marker=False)
        if ident is None or length is None:
            return
        unknown = length == (1 << 7 * (start - at)) - 1
        yield ident, start, None if unknown else start + length
        at = end if unknown else start + length


def _vint(data: bytes, at: int, *, keep_marker: bool) -> tuple[int | None, int]:
    """Read a variable-length integer: (value or None, position after it)."""
    width = 9 - data[at].bit_length() if at < len(data) else 9
    if width > 8 or at + width > len(data):
        return None, at
    value = int.from_bytes(data[at : at + width], "big")
    return (value if keep_marker else value & ((1 << 7 * width) - 1)), at + width


def _avi_end(file: BinaryIO, size: int) -> int:
    """Find where the last RIFF chunk says it ends: clips over 1 GB hold several (OpenDML)."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        kind, length = struct.unpack("<4sI", file.read(8))
        if kind != b"RIFF":
            break
        at += 8 + length + (length & 1)
    return at - (at > size and at - size == 1)  # a missing pad byte is no loss


def _describe_other(head: bytes) -> str:
    """Describe in plain words a file that is no video container."""
    if head.startswith(_PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return STILL_PICTURE
    if head.startswith(_SOUNDS) or (head[:4] == b"RIFF" and head[8:12] == b"WAVE"):
        return "is a sound recording without a picture"
    text = _decode_text(head)
    if text is None:
        return "is not a kind of video that can be read"
    lowered = text.lstrip().lower()
    if lowered.startswith(_PLAYLISTS) or (lowered.startswith("<?xml") and ("<mpd" in lowered or "<smil" in lowered)):
        return "is a playlist that names other files or addresses, not a video"
    return "is a text file, not a video"


def _decode_text(head: bytes) -> str | None:
    """Decode the head of a file as text; None when it looks like binary data."""
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = head.decode(encoding, errors="ignore")
    lost = len(head) - len(text.encode(encoding, errors="ignore"))
    odd = sum(c not in string.whitespace and not c.isprintable() for c in text)
    return text if text and lost <= 4 and odd <= len(text) // 100 else None
