"""How much one owner may send: requests a minute, bytes of a body."""

import math
import threading
import time
from collections import OrderedDict

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problem_details import Problem, problem_response

JSON_BYTES = 1_000_000  # as large as a file of marks may be; chosen
_REMEMBERED = 10_000  # owners or addresses at once; chosen


class RateLimit:
    """A token bucket a name: `per_minute` requests at once, refilled evenly. In this process alone."""

    def __init__(self, per_minute: int, what: str) -> None:
        self._most, self._what = float(per_minute), what
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> None:
        """Take one request; raises Problem 429."""
        now = time.monotonic()
        with self._lock:
            left, at = self._buckets.pop(name, (self._most, now))
            left = min(self._most, left + (now - at) * self._most / 60)
            enough = left >= 1
            self._buckets[name] = (left - 1 if enough else left, now)
            if len(self._buckets) > _REMEMBERED:
                self._buckets.popitem(last=False)
        if not enough:
            wait_s = max(1, math.ceil((1 - left) * 60 / self._most))
            raise Problem(
                429,
                "too-many-requests",
                f"More than {self._most:.0f} {self._what} a minute. Wait {wait_s} s and go on more slowly.",
                headers={"Retry-After": str(wait_s)},
            )


class BodyLimitMiddleware:
    """Refuses bodies that are too large: at once where the length is told, else as soon as they are.

    Parameters
    ----------
    upload_bytes : for clips, which are streamed to disk; all other bodies are read into memory, also before it is
        known who asks, and are small.
    forms : the addresses that take clips as multipart.
    pieces : the start of the addresses that take pieces of them.
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
        most = self._upload_bytes + JSON_BYTES if streamed else JSON_BYTES
        too_large = body_too_large_problem(most)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > most:
            told = problem_response(
                Request(scope), 413, too_large.name, too_large.detail, headers={"Connection": "close"}
            )
            return await told(scope, receive, send)
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise too_large
            return message

        await self.app(scope, counted, send)


def body_too_large_problem(most_bytes: int) -> Problem:
    """The problem of a body over a limit."""
    most = f"{most_bytes / 2**20:,.0f} MB" if most_bytes >= 2**20 else f"{most_bytes / 1000:,.0f} kB"
    return Problem(413, "too-large", f"More than the {most} taken here. Send a shorter clip, or trim it first.")
