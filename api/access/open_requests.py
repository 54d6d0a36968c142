"""End open requests whose key or sign-in was revoked meanwhile: event streams, uploads, downloads and waits."""

import asyncio
import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.db import owners, sign_ins
from api.db.engine import Database
from api.responses.problem_details import problem_response

CHECK_INTERVAL_S = 1.0
"""Between two checks; with the time of one query it stays below two seconds; chosen."""

_IDS_PER_QUERY = 500  # chosen

log = logging.getLogger("api.auth")


class Credential(NamedTuple):
    """A key or a sign-in, by its id."""

    kind: Literal["key", "sign_in"]
    id: str


@dataclass(eq=False)
class OpenRequest:
    """A request in progress; its credential is known once the caller is authenticated."""

    task: "asyncio.Task[object] | None"
    started_s: float = field(default_factory=time.monotonic)
    credential: Credential | None = None
    is_revoked: bool = False


class OpenRequests:
    """The requests in progress of this process."""

    def __init__(self) -> None:
        self._open: set[OpenRequest] = set()

    def add(self, request: OpenRequest) -> None:
        """Add a request when it begins."""
        self._open.add(request)

    def discard(self, request: OpenRequest) -> None:
        """Remove a request when it has ended."""
        self._open.discard(request)

    def list_credentials(self) -> set[Credential]:
        """Return the credentials of requests that have been open for a while."""
        before_s = time.monotonic() - CHECK_INTERVAL_S
        return {
            request.credential
            for request in self._open
            if request.credential is not None and request.started_s < before_s
        }

    def end(self, revoked: Iterable[Credential]) -> int:
        """End the requests of revoked credentials; return how many."""
        ended = set(revoked)
        affected = [request for request in self._open if request.credential in ended and not request.is_revoked]
        for request in affected:
            request.is_revoked = True
            if request.task is not None:
                request.task.cancel()
        return len(affected)

    async def watch(self, database: Database) -> None:
        """Check the credentials of open requests, until cancelled."""
        while True:
            await asyncio.sleep(CHECK_INTERVAL_S)
            if not (credentials := self.list_credentials()):
                continue
            try:
                revoked = await asyncio.to_thread(find_revoked, database, credentials)
            except Exception:
                log.exception("the credentials of open requests could not be checked")
                continue
            if count := self.end(revoked):
                log.info("ended %d requests whose key or sign-in was revoked", count)


def find_revoked(database: Database, credentials: Iterable[Credential]) -> set[Credential]:
    """Return which of these credentials no longer give access."""
    listed, revoked = list(credentials), set[Credential]()
    with database.read_session() as session:
        for start in range(0, len(listed), _IDS_PER_QUERY):
            part = listed[start : start + _IDS_PER_QUERY]
            key_ids = [credential.id for credential in part if credential.kind == "key"]
            sign_in_ids = [credential.id for credential in part if credential.kind == "sign_in"]
            if key_ids:
                revoked |= {Credential("key", id) for id in owners.list_revoked_keys(session, key_ids)}
            if sign_in_ids:
                revoked |= {Credential("sign_in", id) for id in sign_ins.list_ended(session, sign_in_ids)}
    return revoked


class OpenRequestMiddleware:
    """Record every request while it is open, and answer 401 or break off when its credential is revoked."""

    def __init__(self, app: ASGIApp, requests: OpenRequests) -> None:
        self.app, self._requests = app, requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request = OpenRequest(asyncio.current_task())
        scope.setdefault("state", {})["open_request"] = request
        has_started = is_counted = False

        async def send_watched(message: Message) -> None:
            """Note whether the response has begun, and whether its length is fixed, then send the message."""
            nonlocal has_started, is_counted
            if message["type"] == "http.response.start":
                has_started, is_counted = True, "content-length" in Headers(raw=message["headers"])
            await send(message)

        self._requests.add(request)
        try:
            await self.app(scope, receive, send_watched)
        except asyncio.CancelledError:
            if not request.is_revoked:
                raise
            if request.task is not None:
                request.task.uncancel()
            if not has_started:
                detail = "This key or sign-in was revoked."
                answer = problem_response(Request(scope), 401, "not-signed-in", detail, headers={"Connection": "close"})
                await answer(scope, receive, send)
            elif not is_counted:  # a stream, which may end at any time; of the others the connection breaks off
                with suppress(RuntimeError):
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._requests.discard(request)
