"""Multipart bodies, streamed: files are hashed, counted and written to disk under a temporary name as they arrive.

Starlette's `request.form()` uses the same parser, but does not hash, stores files in the system's temporary folder,
from where they would have to be copied to the disk of the service, and does not limit their size. Here a body that is
too large, or has too many files, is refused as soon as that is known.
"""

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from api.access.rate_limits import body_too_large_problem
from api.responses.problem_details import Problem
from api.responses.storage_problems import check_space, no_space_problem
from api.storage.disk_space import DiskSpace, is_disk_full

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_BATCH_BYTES = 1 << 20  # bytes that a thread parses, hashes and writes at once; chosen
_FIELD_BYTES = 4096  # longest value of a field; chosen
_MAX_FIELDS = 40  # chosen
_MAX_NAME_CHARS = 120  # longest file name; chosen


@dataclass
class ReceivedFile:
    """A file that has arrived. It is removed in the end unless it is moved away."""

    field: str
    name: str
    path: Path
    size_bytes: int = 0
    sha256: str = ""


@dataclass
class MultipartForm:
    """A complete multipart body."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[ReceivedFile] = field(default_factory=list)

    def check_is_file(self, name: str) -> None:
        """Raise Problem 422 if this field has come as text, as curl sends it without the @."""
        if name in self.fields:
            detail = f"The field `{name}` is text; it has to be a file. With curl, put an @ before the path:"
            raise Problem(422, "no-clip", f"{detail} curl -F {name}=@squat.mp4 URL")


@asynccontextmanager
async def receive_form(
    request: Request, folder: Path, *, disk: DiskSpace, max_bytes: int, max_files: int = 1
) -> AsyncIterator[MultipartForm]:
    """Read the multipart body of a request into `folder`; files that are not moved away are removed in the end.

    `max_bytes` is the limit for all files together. Raises Problem 400, 413, 415, 422, or 507 as soon as the body
    would use the reserve of free disk space.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise Problem(
            415, "unsupported-media-type", "Send the clip as multipart/form-data: curl -F clip=@squat.mp4 URL"
        )
    length = request.headers.get("content-length", "")
    check_space(disk, int(length) if length.isdecimal() else 0)
    form = MultipartForm()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        parts = _PartHandler(form, folder, disk, max_bytes, max_files)
        try:
            await _feed_parser(request, parts, options[b"boundary"])
        except FormParserError as error:
            raise Problem(400, "damaged-body", f"The multipart body is damaged ({error}). Send it again.") from None
        except ClientDisconnect:
            raise Problem(400, "cut-off", "The upload was interrupted. Send it again, or use /v1/uploads/.") from None
        except OSError as error:
            if is_disk_full(error):
                raise no_space_problem() from error
            raise Problem(507, "no-space", f"The server could not store the clip ({error.strerror}).") from error
        finally:
            parts.close()
        yield form
    finally:
        for file in form.files:
            file.path.unlink(missing_ok=True)


async def _feed_parser(request: Request, parts: "_PartHandler", boundary: bytes) -> None:
    parser = MultipartParser(boundary, parts.callbacks)
    waiting = bytearray()
    async for chunk in request.stream():
        waiting += chunk
        if len(waiting) >= _BATCH_BYTES:
            await run_in_threadpool(parser.write, bytes(waiting))
            waiting.clear()
    await run_in_threadpool(parser.write, bytes(waiting))
    parser.finalize()
    if not parts.ended:
        raise FormParserError("the end is missing")


class _PartHandler:
    """Callbacks of the parser."""

    def __init__(self, form: MultipartForm, folder: Path, disk: DiskSpace, max_bytes: int, max_files: int) -> None:
        self._form, self._folder, self._disk = form, folder, disk
        self._max_bytes, self._max_files = max_bytes, max_files
        self._left = max_bytes
        self._header = bytearray(), bytearray()
        self._disposition = b""
        self._name = ""
        self._value = bytearray()
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self.ended = False

    @property
    def callbacks(self) -> "MultipartCallbacks":
        """Return the callbacks of the parser."""
        return {
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._part_begin,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_end": self._body_end,
        }

    def close(self) -> None:
        """Close the file of the part, if one is open."""
        if self._file is not None:
            self._file.close()

    def _header_end(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = bytes(value)
        name.clear()
        value.clear()

    def _part_begin(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._disposition = b""
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if not name:
            raise FormParserError("a part has no name")
        self._name, self._value = name, bytearray()
        if b"filename" in options:
            if len(self._form.files) >= self._max_files:
                raise Problem(422, "too-many-files", f"At most {self._max_files} files are accepted at once.")
            path = self._folder / f"{secrets.token_hex(16)}.part"
            file_name = sanitize_file_name(options[b"filename"].decode("utf-8", "replace"))
            self._form.files.append(ReceivedFile(name, file_name, path))
            self._hash = hashlib.sha256()
            self._file = path.open("xb")
        elif len(self._form.fields) >= _MAX_FIELDS or name in self._form.fields:
            raise Problem(
                422, "invalid-request", f"{_strip_control_chars(name)[:80]}: give each field once. See /openapi.json."
            )

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        if self._file is None:
            self._value += piece
            if len(self._value) > _FIELD_BYTES:
                raise Problem(
                    422, "invalid-request", f"{_strip_control_chars(self._name)[:80]}: at most {_FIELD_BYTES} bytes."
                )
            return
        self._left -= len(piece)
        if self._left < 0:
            raise body_too_large_problem(self._max_bytes)
        check_space(self._disk, len(piece))
        self._file.write(piece)
        self._hash.update(piece)
        self._form.files[-1].size_bytes += len(piece)

    def _part_end(self) -> None:
        if self._file is None:
            try:
                self._form.fields[self._name] = self._value.decode("utf-8")
            except UnicodeDecodeError:
                raise Problem(
                    422, "invalid-request", f"{_strip_control_chars(self._name)[:80]}: is not UTF-8 text."
                ) from None
            return
        self._file.close()
        self._file = None
        self._form.files[-1].sha256 = self._hash.hexdigest()

    def _body_end(self) -> None:
        self.ended = True


def sanitize_file_name(name: str) -> str:
    """Return a name that is safe for a folder and a header: no folders, no control characters, limited length."""
    last = name.replace("\\", "/").rpartition("/")[2]
    clean = _strip_control_chars(last).strip(" .")
    stem, dot, ending = clean.rpartition(".")
    if dot and len(ending) <= 10:
        clean = stem[: _MAX_NAME_CHARS - len(ending) - 1] + dot + ending
    return clean[:_MAX_NAME_CHARS] or "clip"


def _strip_control_chars(text: str) -> str:
    return "".join(c if c.isprintable() and c not in '"<>:|?*\x00' else "_" for c in text)
