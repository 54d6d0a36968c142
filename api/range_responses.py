"""Files over HTTP: ETag and If-None-Match, one Range with If-Range, 416; from a folder or from S3 alike."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import FileResponse, Response, StreamingResponse

from api.etags import etag_matches, quote_etag
from api.file_store import FileStore
from api.problem_details import Problem

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
    """Answer with a stored file, or the part of it that is asked for; raises Problem 404 or 416.

    `etag` comes without quotes and names these very bytes: a stored file never changes under its key.
    """
    try:
        size = files.size(key)
    except FileNotFoundError:
        raise Problem(404, "not-found", "This file is not there. The analysis may not have made it.") from None
    own = {
        "ETag": quote_etag(etag),
        "Cache-Control": "private, no-cache",  # kept, but asked for again: a change of marks makes new ones
        "Accept-Ranges": "bytes",
        "Content-Disposition": _disposition(name, attachment=attachment),
        **(headers or {}),
    }
    if etag_matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=own)
    part = _requested_range(request, size, etag)
    local = files.local_path(key)
    if part is None and local is not None:
        _without_range(request)  # a range that is not understood is left out, as RFC 9110 says
        return FileResponse(local, headers=own, media_type=media_type)
    start, end = part or (0, size)
    own["Content-Length"] = str(end - start)
    if part is not None:
        own["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    body = files.read_range(key, start, end)
    return StreamingResponse(body, 206 if part is not None else 200, own, media_type)


def _requested_range(request: Request, size: int, etag: str) -> tuple[int, int] | None:
    """First byte and the one after the last; None for the whole file."""
    told = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    only_if = request.headers.get("if-range")
    if told is None or told.groups() == ("", "") or (only_if is not None and only_if != quote_etag(etag)):
        return None
    first, last = told.groups()
    if len(first) > 18 or len(last) > 18:
        return None
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if first and last and int(last) < int(first):
        return None
    if start >= size or (not first and int(last) == 0):
        headers = {"Content-Range": f"bytes */{size}"}
        raise Problem(416, "range-not-satisfiable", f"The file has {size} bytes. Ask within them.", headers=headers)
    return start, end


def _without_range(request: Request) -> None:
    request.scope["headers"] = [pair for pair in request.scope["headers"] if pair[0] not in (b"range", b"if-range")]


def _disposition(name: str, *, attachment: bool) -> str:
    kind = "attachment" if attachment else "inline"
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%;' else "_" for c in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
