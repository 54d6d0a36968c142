"""Resumable uploads on disk: owner, completeness, expiry, and one writer at a time."""

import asyncio
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.dependencies import Services
from api.json_object import JsonObject
from api.responses.problem_details import Problem, not_found, problem_response
from api.responses.storage_problems import check_space, no_space_problem
from api.storage.disk_space import DiskSpace
from api.untrusted_files.multipart import sanitize_file_name
from api.uploads.clip_intake import ReceivedClip, check_stored_bytes

UPLOAD_RETENTION_DAYS = 5  # an unfinished upload; chosen
UPLOAD_ID = re.compile(r"[0-9a-f]{32}")
_MAX_UNFINISHED = 20  # of an owner; chosen
_SILENT_S = 60.0  # a connection that sends nothing for this long is dead; chosen
_MAX_DIGITS = 15  # of a size in bytes; chosen
_STOP_S = 5.0  # for an older connection to stop writing; chosen
_EXTENSIONS = "creation,creation-defer-length,expiration,termination"
_TUS_VERSION = "1.0.0"
_PIECE_TYPE = "application/offset+octet-stream"

_taken: set[str] = set()
_taken_lock = threading.Lock()


def uploads_folder(services: Services, owner_id: str) -> Path:
    """Return the folder of an owner's uploads; ids are looked up only there."""
    return services.uploads / owner_id


def repair_upload(folder: Path, id: str) -> None:
    """Make the record of an upload agree with its file, after a crash or an abort in the middle of a piece.

    Name and type, which the protocol leaves optional, are filled in, since the tus server requires both.
    """
    record, file = _read_record(folder, id), folder / id
    if record is None or not file.is_file():
        return
    size = file.stat().st_size
    if record["size"] is not None and size > record["size"]:
        size = record["size"]
        with file.open("r+b") as opened:
            opened.truncate(size)
    metadata = record["metadata"]
    complete = {
        "filename": metadata.get("filename") or metadata.get("name") or "clip",
        "filetype": metadata.get("filetype") or metadata.get("type") or "video/mp4",
    }
    repaired = record | {"offset": size, "metadata": metadata | complete}
    if repaired != record:
        _write_record(folder, id, repaired)


def prepare_piece(services: Services, owner_id: str, id: str, headers: Headers) -> None:
    """Check a piece of an upload before its bytes arrive, and set a deferred length that comes with it; raise Problem.

    The tus server itself would write the bytes first, then check version and content type, and take any length.
    A piece that is refused here changes nothing.
    """
    _check_piece_headers(headers)
    offset = _parse_size(headers, "upload-offset", "send the offset that HEAD returns")
    size = None if "upload-length" not in headers else _parse_size(headers, "upload-length", "send the total in bytes")
    folder = uploads_folder(services, owner_id)
    record, file = _read_record(folder, id), folder / id
    if record is None or not file.is_file():
        return  # the tus server answers 404
    received, piece, recorded_size = file.stat().st_size, _get_piece_bytes(headers), record["size"]
    if recorded_size is not None and size not in (None, recorded_size):
        raise Problem(400, "not-offered", "The size of an upload is set once. Create another upload.")
    if recorded_size is None:
        check_stored_bytes(services, owner_id, received)
    if offset != received:
        raise Problem(409, "offset-mismatch", f"{received} bytes have arrived. Continue from there.")
    is_size_set = recorded_size is None and size is not None
    if size is not None and is_size_set:
        if size < received:
            raise Problem(422, "invalid-request", f"Upload-Length: {received} bytes have arrived already.")
        _check_size(services, size)
        check_space(services.disk, size - received)
    _check_fits(services, received, piece, recorded_size if size is None else size)
    if is_size_set:
        _write_record(folder, id, record | {"size": size, "defer_length": False})


@contextmanager
def claim_finished_upload(services: Services, owner_id: str, id: str) -> Iterator[ReceivedClip]:
    """Yield a finished upload to one request at a time; raise Problem 404 or 409.

    The upload of a refused clip is removed.
    """
    folder = uploads_folder(services, owner_id)
    with _taken_lock:
        if id in _taken:
            raise Problem(409, "being-taken", "Another request is using this upload. Try again in a moment.")
        _taken.add(id)
    try:
        record = _read_record(folder, id)
        if record is None or not (folder / id).is_file():
            raise not_found("upload")
        size = (folder / id).stat().st_size
        if record["size"] is None:
            detail = f"{size} bytes have arrived. Send the rest, and the total size in Upload-Length, by PATCH."
            raise Problem(409, "upload-unfinished", detail)
        if size != record["size"]:
            raise Problem(
                409, "upload-unfinished", f"{size} of {record['size']} bytes have arrived. Send the rest by PATCH."
            )
        yield ReceivedClip(folder / id, sanitize_file_name(record["metadata"].get("filename") or "clip"), size)
    except Problem as problem:
        if problem.name == "clip-refused":
            delete_upload(services, owner_id, id)
        raise
    finally:
        with _taken_lock:
            _taken.discard(id)


def delete_upload(services: Services, owner_id: str, id: str) -> None:
    """Remove an upload and its record."""
    folder = uploads_folder(services, owner_id)
    for path in (folder / id, folder / f"{id}.info", folder / ".locks" / f"{id}.lock"):
        path.unlink(missing_ok=True)


def sweep_uploads(services: Services) -> None:
    """Remove unfinished uploads after some days, and other request bodies after a day, if the clock is plausible."""
    if services.clock.find_problem() is not None:
        return
    now = time.time()
    for folder, days in ((services.uploads, UPLOAD_RETENTION_DAYS), (services.incoming, 1)):
        for path in folder.rglob("*"):
            with suppress(OSError):
                if path.is_file() and now - path.stat().st_mtime > days * 86400:
                    path.unlink()


def check_new_upload(services: Services, owner_id: str, size: int | None, *, is_deferred: bool) -> None:
    """Check that an upload of this size, or of a size to be set later, may be created; raise Problem."""
    if (size is None) != is_deferred:
        raise Problem(400, "no-length", "Send either the total size in Upload-Length, or Upload-Defer-Length: 1.")
    if size is not None:
        _check_size(services, size)
    folder = uploads_folder(services, owner_id)
    folder.mkdir(parents=True, exist_ok=True)
    if sum(UPLOAD_ID.fullmatch(path.name) is not None for path in folder.iterdir()) >= _MAX_UNFINISHED:
        detail = f"{_MAX_UNFINISHED} uploads are unfinished. Finish or DELETE some of them."
        raise Problem(429, "too-many-uploads", detail, headers={"Retry-After": "60"})
    check_space(services.disk, size or 0)


def _check_size(services: Services, size: int) -> None:
    if size < 1:
        raise Problem(422, "invalid-request", "Upload-Length: a clip has at least one byte.")
    _check_max_size(services, size)


def _check_max_size(services: Services, size: int) -> None:
    max_bytes = services.settings.max_upload_bytes
    if size > max_bytes:
        raise Problem(413, "too-large", f"The limit is {max_bytes / 2**20:,.0f} MB. Send a shorter clip, or trim it.")


def _check_fits(services: Services, received: int, piece: int, size: int | None) -> None:
    """Check that a piece does not go beyond the end of its upload, or the limit while the end is unknown."""
    if size is None:
        _check_max_size(services, received + piece)
    elif received + piece > size:
        detail = f"{received} of {size} bytes have arrived, and this piece has {piece}. Send at most the rest."
        raise Problem(400, "invalid-request", detail)


def _check_piece_headers(headers: Headers) -> None:
    if headers.get("tus-resumable") != _TUS_VERSION:
        detail = f"Send the header Tus-Resumable: {_TUS_VERSION}. No other version is supported."
        raise Problem(412, "precondition-failed", detail, headers={"Tus-Version": _TUS_VERSION})
    if headers.get("content-type") != _PIECE_TYPE:
        raise Problem(415, "unsupported-media-type", f"Send the bytes with Content-Type: {_PIECE_TYPE}.")


def _get_piece_bytes(headers: Headers) -> int:
    """Return the size of a piece; 0 where it is not known before the bytes arrive."""
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


def _parse_size(headers: Headers, name: str, advice: str) -> int:
    text = headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise Problem(400, "invalid-request", f"{name.title()}: {advice}.")
    return int(text)


def _read_record(folder: Path, id: str) -> JsonObject | None:
    if UPLOAD_ID.fullmatch(id) is None:
        return None
    try:
        record = json.loads((folder / f"{id}.info").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def _write_record(folder: Path, id: str, record: JsonObject) -> None:
    temporary = folder / f"{id}.info.new"
    temporary.write_text(json.dumps(record), encoding="utf-8")
    temporary.replace(folder / f"{id}.info")


class SingleWriterMiddleware:
    """In front of the tus routes: a newer connection ends an older one, and unsupported requests are refused.

    The tus server locks a file by waiting in the event loop. A phone that reconnects after a lost network would block
    all requests for half a minute, until its own dead connection releases the lock.
    """

    def __init__(self, app: ASGIApp, prefix: str, disk: DiskSpace) -> None:
        self.app, self._prefix, self._disk = app, prefix, disk
        self._busy: dict[str, tuple[asyncio.Event, asyncio.Event]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not scope["path"].startswith(self._prefix):
            return await self.app(scope, receive, send)
        scope = {**scope, "headers": [pair for pair in scope["headers"] if not pair[0].startswith(b"x-http-method")]}
        headers = MutableHeaders(scope=scope)
        request = Request(scope)
        id = scope["path"][len(self._prefix) :].strip("/")
        if id and UPLOAD_ID.fullmatch(id) is None:
            problem = not_found("upload")
            return await problem_response(request, 404, problem.name, problem.detail)(scope, receive, send)
        if not id and (headers.get("content-length", "0") != "0" or "transfer-encoding" in headers):
            detail = "Create the upload without a body, then send the bytes by PATCH."
            return await problem_response(request, 400, "not-offered", detail)(scope, receive, send)
        if "upload-concat" in headers:
            detail = "Concatenation of uploads is not supported. Send the pieces in order by PATCH."
            return await problem_response(request, 400, "not-offered", detail)(scope, receive, send)
        if not id:
            return await self.app(scope, receive, _send_supported(send))
        # The tus server requires this header, which a request without a body may lack, but counts what arrives.
        headers.setdefault("content-length", "0")
        if not await self._stop_older_connection(id):
            headers_ = {"Retry-After": "2"}
            detail = "Another connection is still writing this upload. Try again in a moment."
            return await problem_response(request, 423, "locked", detail, headers=headers_)(scope, receive, send)
        stop, done = self._busy[id] = asyncio.Event(), asyncio.Event()
        try:
            space = _SpaceCheck(self._disk)
            sent = _send_unless_full(request, _send_supported(send), space)
            await self.app(scope, _stoppable(receive, stop, space), sent)
        finally:
            done.set()
            if self._busy.get(id) == (stop, done):
                del self._busy[id]

    async def _stop_older_connection(self, id: str) -> bool:
        """Ask an older connection to stop; return whether it did."""
        while (busy := self._busy.get(id)) is not None:
            busy[0].set()
            try:
                await asyncio.wait_for(busy[1].wait(), _STOP_S)
            except TimeoutError:
                return False
        return True


class _SpaceCheck:
    """Refuses the rest of a piece once the disk has no room for it."""

    def __init__(self, disk: DiskSpace) -> None:
        self._disk, self.is_full = disk, False

    def refuses(self, size_bytes: int) -> bool:
        """Return whether so many bytes do not fit, or some before did not."""
        self.is_full = self.is_full or (size_bytes > 0 and self._disk.is_low(size_bytes))
        return self.is_full


def _stoppable(receive: Receive, stop: asyncio.Event, space: "_SpaceCheck") -> Receive:
    async def next_message() -> Message:
        """Return the next message, or a disconnect when the upload stops, is refused, or the client is silent."""
        if stop.is_set():
            return {"type": "http.disconnect"}
        message, stopped = asyncio.ensure_future(receive()), asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({message, stopped}, timeout=_SILENT_S, return_when=asyncio.FIRST_COMPLETED)
            if not message.done() or space.refuses(len(message.result().get("body", b""))):
                return {"type": "http.disconnect"}
            return message.result()
        finally:
            message.cancel()
            stopped.cancel()

    return next_message


def _send_unless_full(request: Request, send: Send, space: "_SpaceCheck") -> Send:
    async def send_or_refuse(message: Message) -> None:
        """Send the message, or a problem if the disk has no room for the piece: the tus server takes it for an end."""
        if not space.is_full:
            await send(message)
        elif message["type"] == "http.response.start":
            problem = no_space_problem()
            response = problem_response(request, 507, problem.name, problem.detail, headers=problem.headers)
            await response(request.scope, request.receive, send)

    return send_or_refuse


def _send_supported(send: Send) -> Send:
    """Send only the extensions that we support, and addresses without a host, which a proxy may change."""

    async def send_supported(message: Message) -> None:
        """Rewrite the headers of the response, then send the message."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if "tus-extension" in headers:
                headers["Tus-Extension"] = _EXTENSIONS
            if "location" in headers:
                headers["Location"] = "/" + headers["location"].split("://", 1)[-1].partition("/")[2]
        await send(message)

    return send_supported
