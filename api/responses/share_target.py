"""Clips that a phone shares with the installed page before its service worker runs, which otherwise stores them.

The phone posts them to the service. They are not stored here, as the caller may not be signed in and has chosen no
details; the page opens and says to choose the clip there.
"""

from contextlib import suppress

from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

ADDRESS = "/share"
"""As `share_target` of the page's manifest names it."""

_MAX_BYTES = 1 << 30  # read and dropped, so that the browser gets the answer; anybody may send it: chosen


class ShareTargetMiddleware:
    """Answer a shared clip with the page that says that none has arrived."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != ADDRESS:
            return await self.app(scope, receive, send)
        await _drop_body(Request(scope, receive))
        await RedirectResponse("/#/shared", status_code=303)(scope, receive, send)


async def _drop_body(request: Request) -> None:
    """Read a body to its end: browsers look for the answer only then."""
    read_bytes = 0
    with suppress(ClientDisconnect):
        async for piece in request.stream():
            read_bytes += len(piece)
            if read_bytes > _MAX_BYTES:
                return
