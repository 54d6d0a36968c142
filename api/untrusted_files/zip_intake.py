"""Unpack clips from an untrusted zip one after another: no paths, no zip bombs, limited sizes."""

import secrets
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from analyzer.atomic_files import ZIP_READ_ERRORS
from api.access.rate_limits import body_too_large_problem
from api.responses.problem_details import Problem
from api.responses.storage_problems import check_space
from api.storage.disk_space import DiskSpace
from api.untrusted_files.multipart import ReceivedFile, sanitize_file_name

_RATIO = 20  # unpacked to packed: clips hardly compress, zip bombs do; chosen
_SMALL_BYTES = 10 * 2**20  # no limit of the ratio below this size; chosen
_CHUNK = 1 << 20  # chosen
_LIST_BYTES = 4 * 2**20  # about 30,000 files; chosen
_KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class RefusedMember:
    """A file of a zip that is not accepted, and why."""

    name: str
    problem: Problem


def is_zip(path: Path) -> bool:
    """Return whether a file begins as a zip does."""
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def unpack_clips(
    archive: Path, folder: Path, disk: DiskSpace, *, max_clips: int, max_bytes: int
) -> Iterator[ReceivedFile | RefusedMember]:
    """Unpack one clip at a time into `folder` and yield it; it is removed before the next, unless it was moved away.

    `max_bytes` is the limit for each. Yields the reason for a clip that is refused; raises Problem 422 if the zip
    cannot be read, or holds no clips.
    """
    try:
        with archive.open("rb") as file, zipfile.ZipFile(_LimitedZipFile(file)) as opened:
            members = [member for member in opened.infolist() if _is_clip(member)]
            if not members:
                raise Problem(422, "no-clip", "The zip holds no files. Put the clips into it.")
            if len(members) > max_clips:
                raise _too_many(len(members), max_clips)
            if _overlap(opened.infolist()):
                raise Problem(422, "damaged-zip", "The zip lists files that share the same bytes. Create it again.")
            for member in members:
                yield from _clip(opened, member, folder, disk, max_bytes)
    except _ListTooLongError:
        raise _too_many(None, max_clips) from None
    except ZIP_READ_ERRORS:
        raise Problem(422, "damaged-zip", "The zip is damaged. Create it again.") from None


def _clip(
    opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, disk: DiskSpace, max_bytes: int
) -> Iterator[ReceivedFile | RefusedMember]:
    name, path = sanitize_file_name(member.filename), folder / f"{secrets.token_hex(16)}.part"
    try:
        try:
            size = _unpack(opened, member, path, disk, max_bytes)
        except Problem as problem:
            yield RefusedMember(name, problem)
        except ZIP_READ_ERRORS:
            detail = "is damaged in the zip, or encrypted. Create the zip again."
            yield RefusedMember(name, Problem(422, "damaged-zip", detail))
        else:
            yield ReceivedFile("clips", name, path, size)
    finally:
        path.unlink(missing_ok=True)


def _overlap(members: Sequence[zipfile.ZipInfo]) -> bool:
    """Return whether members share bytes: a zip of a few kB can then hold the same clip thousands of times."""
    spans = sorted((member.header_offset, member.compress_size) for member in members)
    return any(start + size >= following for (start, size), (following, _) in pairwise(spans))


def _too_many(files: int | None, max_clips: int) -> Problem:
    holds = "too many" if files is None else str(files)
    return Problem(422, "too-many-files", f"The zip holds {holds} files; at most {max_clips} are accepted.")


class _ListTooLongError(Exception):
    """A zip with too long a list of files."""


class _LimitedZipFile:
    """An open zip that reads at most the allowed size of a file list at once.

    `zipfile` reads the list in one piece and makes an object of every entry before the first can be checked.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable, self.close = file.seek, file.tell, file.seekable, file.close

    def read(self, size: int = -1) -> bytes:
        """Read at most the allowed size of a file list; raise if more is requested."""
        if size > _LIST_BYTES:
            raise _ListTooLongError
        return self._file.read(size)


def _is_clip(member: zipfile.ZipInfo) -> bool:
    name = member.filename.replace("\\", "/")
    last = name.rpartition("/")[2]
    return not member.is_dir() and not last.startswith(".") and not name.startswith("__MACOSX/")


def _unpack(opened: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, disk: DiskSpace, max_bytes: int) -> int:
    """Unpack a member, counting the real bytes, since a zip may state a false size."""
    if member.compress_type not in _KINDS or member.flag_bits & 1:
        raise zipfile.BadZipFile
    most = min(max_bytes, max(_SMALL_BYTES, _RATIO * member.compress_size))
    written = 0
    with opened.open(member) as source, path.open("xb") as target:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > most:
                raise body_too_large_problem(most)
            check_space(disk, len(chunk))
            target.write(chunk)
    return written
