"""Files over HTTP with ETag, If-None-Match, Range and If-Range, from a folder or an object store."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import FileResponse, Response, StreamingResponse

from api.responses.etags import etag_matches, quote_etag
from api.responses.problem_details import Problem
from api.storage.file_store import FileStore

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def send_file(
    request: Request,
    files: FileStore,
    key: str,
    *,
    media_type: str,
    etag: str,
    name: str,
    attachment: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the response with a stored file, or with the requested range of it; raise Problem 404 or 416.

    `etag` has no quotes and identifies these bytes: a stored file never changes under its key.
    """
    try:
        size = files.size(key)
    except FileNotFoundError:
        raise Problem(404, "not-found", "This file does not exist. The analysis may not have produced it.") from None
    own_headers = {"Accept-Ranges": "bytes", **_make_headers(etag, name, attachment=attachment), **(headers or {})}
    if etag_matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=own_headers)
    part = _requested_range(request, size, etag)
    local = files.local_path(key)
    if part is None and local is not None:
        _without_range(request)  # an invalid range is ignored, as RFC 9110 requires
        return FileResponse(local, headers=own_headers, media_type=media_type)
    start, end = part or (0, size)
    own_headers["Content-Length"] = str(end - start)
    if part is not None:
        own_headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    body = files.read_range(key, start, end)
    return StreamingResponse(body, 206 if part is not None else 200, own_headers, media_type)


def send_content(
    request: Request, content: bytes, *, media_type: str, etag: str, name: str, attachment: bool = False
) -> Response:
    """Return the response with content that no file holds; `etag` has no quotes and identifies these bytes."""
    headers = _make_headers(etag, name, attachment=attachment)
    if etag_matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type)


def _make_headers(etag: str, name: str, *, attachment: bool) -> dict[str, str]:
    return {
        "ETag": quote_etag(etag),
        "Cache-Control": "private, no-cache",  # revalidated: a change of marks makes new files
        "Content-Disposition": _disposition(name, attachment=attachment),
    }


def _requested_range(request: Request, size: int, etag: str) -> tuple[int, int] | None:
    """Return the first byte and the one after the last of the requested range; None for the whole file."""
    match = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    only_if = request.headers.get("if-range")
    if match is None or match.groups() == ("", "") or (only_if is not None and only_if != quote_etag(etag)):
        return None
    first, last = match.groups()
    if len(first) > 18 or len(last) > 18:
        return None
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if first and last and int(last) < int(first):
        return None
    if start >= size or (not first and int(last) == 0):
        headers = {"Content-Range": f"bytes */{size}"}
        raise Problem(
            416, "range-not-satisfiable", f"The file has {size} bytes. Request a range within them.", headers=headers
        )
    return start, end


def _without_range(request: Request) -> None:
    request.scope["headers"] = [pair for pair in request.scope["headers"] if pair[0] not in (b"range", b"if-range")]


def _disposition(name: str, *, attachment: bool) -> str:
    kind = "attachment" if attachment else "inline"
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%;' else "_" for c in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
