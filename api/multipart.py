"""Multipart bodies, streamed: files go to disk under a temporary name while they are hashed and counted.

Starlette's `request.form()` on the same parser hashes nothing on the way, keeps files in the system's temporary folder,
from where they would have to be copied to the disk of the service, and has no limit of its own for them: what is too
large, too many or no clip is refused here as soon as it is seen.
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

from api.problem_details import Problem
from api.rate_limits import body_too_large_problem

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_BATCH_BYTES = 1 << 20  # so much is parsed, hashed and written in one go of a thread; chosen
_FIELD_BYTES = 4096  # longest value of a plain field; chosen
_MAX_FIELDS = 40  # chosen
_MAX_NAME_CHARS = 120  # characters of a file name that are kept; chosen


@dataclass
class ReceivedFile:
    """A file that has arrived; whoever moves it away keeps it, else it is removed."""

    field: str
    name: str
    path: Path
    size_bytes: int = 0
    sha256: str = ""


@dataclass
class MultipartForm:
    """A whole multipart body."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[ReceivedFile] = field(default_factory=list)


@asynccontextmanager
async def receive_form(
    request: Request, folder: Path, *, max_bytes: int, max_files: int = 1
) -> AsyncIterator[MultipartForm]:
    """Read a request's multipart body into `folder`; what is not moved away is removed in the end, also on abort.

    `max_bytes` is for all files together. Raises Problem 400, 413 or 422.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise Problem(
            415, "unsupported-media-type", "Send the clip as multipart/form-data: curl -F clip=@squat.mp4 URL"
        )
    form = MultipartForm()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        parts = _PartHandler(form, folder, max_bytes, max_files)
        try:
            await _feed_parser(request, parts, options[b"boundary"])
        except FormParserError as error:
            raise Problem(400, "damaged-body", f"The multipart body is damaged ({error}). Send it again.") from None
        except ClientDisconnect:
            raise Problem(400, "cut-off", "The upload was cut off. Send it again, or use /v1/uploads/.") from None
        except OSError as error:
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
        raise FormParserError("its end is missing")


class _PartHandler:
    """What the parser calls."""

    def __init__(self, form: MultipartForm, folder: Path, max_bytes: int, max_files: int) -> None:
        self._form, self._folder, self._max_bytes, self._max_files = form, folder, max_bytes, max_files
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
        return {
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._begin,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._all,
        }

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _header_end(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = bytes(value)
        name.clear()
        value.clear()

    def _begin(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._disposition = b""
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if not name:
            raise FormParserError("a part has no name")
        self._name, self._value = name, bytearray()
        if b"filename" in options:
            if len(self._form.files) >= self._max_files:
                raise Problem(422, "too-many-files", f"At most {self._max_files} files are taken at once here.")
            path = self._folder / f"{secrets.token_hex(16)}.part"
            shown = sanitize_file_name(options[b"filename"].decode("utf-8", "replace"))
            self._form.files.append(ReceivedFile(name, shown, path))
            self._hash = hashlib.sha256()
            self._file = path.open("xb")
        elif len(self._form.fields) >= _MAX_FIELDS or name in self._form.fields:
            raise Problem(
                422, "invalid-request", f"{_strip_control_chars(name)[:80]}: give each field once. See /openapi.json."
            )

    def _data(self, data: bytes, start: int, end: int) -> None:
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
        self._file.write(piece)
        self._hash.update(piece)
        self._form.files[-1].size_bytes += len(piece)

    def _end(self) -> None:
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

    def _all(self) -> None:
        self.ended = True


def sanitize_file_name(given: str) -> str:
    """A name that is fit for a folder and a header: no folders, no control characters, not too long."""
    last = given.replace("\\", "/").rpartition("/")[2]
    kept = _strip_control_chars(last).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if dot and len(ending) <= 10:
        kept = stem[: _MAX_NAME_CHARS - len(ending) - 1] + dot + ending
    return kept[:_MAX_NAME_CHARS] or "clip"


def _strip_control_chars(text: str) -> str:
    return "".join(c if c.isprintable() and c not in '"<>:|?*\x00' else "_" for c in text)
