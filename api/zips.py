"""Clips out of a zip, one after the other, without trusting it: no paths, no bombs, no more than is allowed."""

import secrets
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from api.limits import too_large_for
from api.multipart import Received, file_name
from api.problems import Problem

_RATIO = 20  # unpacked to packed: clips hardly shrink, a bomb does; chosen
_SMALL_BYTES = 10 * 2**20  # below this a ratio tells nothing; chosen
_CHUNK = 1 << 20
_KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def is_zip(path: Path) -> bool:
    """Whether it begins as a zip does."""
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def clips_in(archive: Path, folder: Path, *, max_clips: int, max_bytes: int) -> Iterator[Received]:
    """Unpack one clip at a time into `folder` and yield it; it is removed before the next, unless it was moved away.

    `max_bytes` is for each. Raises Problem 413 or 422; what was yielded before then has been unpacked well.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [one for one in opened.infolist() if _is_clip(one)]
            if len(members) > max_clips:
                raise Problem(
                    422, "too-many-files", f"The zip holds {len(members)} files; at most {max_clips} are taken."
                )
            for member in members:
                path = folder / f"{secrets.token_hex(16)}.part"
                try:
                    size = _unpack(opened, member, path, max_bytes)
                    yield Received("clips", file_name(member.filename), path, size)
                finally:
                    path.unlink(missing_ok=True)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeError):
        raise Problem(422, "damaged-zip", "The zip is damaged or locked with a password. Pack it again.") from None


def _is_clip(member: zipfile.ZipInfo) -> bool:
    name = member.filename.replace("\\", "/")
    last = name.rpartition("/")[2]
    return not member.is_dir() and not last.startswith(".") and not name.startswith("__MACOSX/")


def _unpack(opened: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, max_bytes: int) -> int:
    """Count what really comes out: a zip may lie about it."""
    if member.compress_type not in _KINDS or member.flag_bits & 1:
        raise zipfile.BadZipFile
    most = min(max_bytes, max(_SMALL_BYTES, _RATIO * member.compress_size))
    written = 0
    with opened.open(member) as source, path.open("xb") as target:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > most:
                raise too_large_for(most)
            target.write(chunk)
    return written
