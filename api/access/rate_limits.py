"""Limits of one owner: requests per minute, and bytes of a request body."""

import math
import threading
from collections import OrderedDict
from time import monotonic

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.responses.problem_details import Problem, problem_response

JSON_BYTES = 1_000_000  # as large as a file of marks may be; chosen
_MAX_BUCKETS = 10_000  # owners and addresses; chosen


class RateLimit:
    """Token bucket per name: a burst of `per_minute` requests, refilled evenly. Counts in this process only."""

    def __init__(self, per_minute: int, what: str) -> None:
        self._limit, self._what = float(per_minute), what
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> None:
        """Take one token; raise Problem 429 if none is left."""
        now = monotonic()
        with self._lock:
            left, at = self._buckets.pop(name, (self._limit, now))
            left = min(self._limit, left + (now - at) * self._limit / 60)
            enough = left >= 1
            self._buckets[name] = (left - 1 if enough else left, now)
            if len(self._buckets) > _MAX_BUCKETS:
                self._buckets.popitem(last=False)
        if not enough:
            wait_s = max(1, math.ceil((1 - left) * 60 / self._limit))
            raise Problem(
                429,
                "too-many-requests",
                f"More than {self._limit:.0f} {self._what} a minute. Wait {wait_s} s, then send fewer.",
                headers={"Retry-After": str(wait_s)},
            )


class BodyLimitMiddleware:
    """Refuse request bodies that are too large, by their length header or while they arrive.

    Parameters
    ----------
    upload_bytes : limit for clips, which are streamed to disk. All other bodies are read into memory, even before the
        caller is known, and have a small limit.
    forms : addresses that accept clips as multipart.
    pieces : prefix of the addresses that accept pieces of clips.
    """

    def __init__(self, app: ASGIApp, upload_bytes: int, forms: frozenset[str], pieces: str) -> None:
        self.app, self._upload_bytes, self._forms, self._pieces = app, upload_bytes, forms, pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        multipart = headers.get("content-type", "").lower().startswith("multipart/form-data")
        streamed = (multipart and scope["path"] in self._forms) or scope["path"].startswith(self._pieces)
        limit = self._upload_bytes + JSON_BYTES if streamed else JSON_BYTES
        too_large = body_too_large_problem(limit)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            response = problem_response(
                Request(scope), 413, too_large.name, too_large.detail, headers={"Connection": "close"}
            )
            return await response(scope, receive, send)
        received_bytes = 0

        async def receive_counted() -> Message:
            """Receive a message; raise once the body exceeds the limit."""
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > limit:
                raise too_large
            return message

        await self.app(scope, receive_counted, send)


def body_too_large_problem(limit_bytes: int) -> Problem:
    """Return the problem of a body over a limit."""
    limit = f"{limit_bytes / 2**20:,.0f} MB" if limit_bytes >= 2**20 else f"{limit_bytes / 1000:,.0f} kB"
    return Problem(413, "too-large", f"The body is larger than {limit}. Send a shorter clip, or trim it first.")
