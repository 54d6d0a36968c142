"""Security headers, and checks of Host and Origin."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.local_trust import is_local_request, is_loopback_host
from api.responses.problem_details import problem_response

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PORTS = {"http": 80, "https": 443}

PAGE_POLICY = "; ".join(
    (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
POSE_WORKER_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",  # MediaPipe is WebAssembly: compiled in this worker only
        "connect-src 'self'",  # and its reports of usage to its publisher never leave
    )
)
REPORT_POLICY = "; ".join(
    (
        "sandbox allow-scripts allow-popups allow-downloads",  # an origin of its own, without access to ours
        "default-src 'none'",
        "script-src 'unsafe-inline'",
        "style-src 'unsafe-inline'",
        "img-src data: blob:",
        "media-src data: blob:",
        "font-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
)
CLIENT_POLICY = "; ".join(
    (
        "sandbox allow-popups",
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "media-src data:",
        "font-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
)
_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_POLICIES = {"/live/pose_worker.js": POSE_WORKER_POLICY}
_OVER_TLS = {"Strict-Transport-Security": "max-age=86400"}  # a day; chosen


def report_headers(policy: str) -> dict[str, str]:
    """Return the headers of a self-contained HTML page of ours: inline styles work, and it can load nothing else."""
    return {"Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN", "Referrer-Policy": "no-referrer"}


class SecurityMiddleware:
    """Refuse unknown hosts, requests from pages of other sites and invalid addresses, and set the security headers.

    Parameters
    ----------
    local_only : refuse requests to other names than those of this machine, and those that a proxy forwarded: without a
        sign-in everybody would be the local owner.
    hsts : over TLS, tell browsers to use TLS only; not with a certificate of our own, whose warning
        people have to pass.
    """

    def __init__(self, app: ASGIApp, local_only: bool, hsts: bool = True) -> None:
        self.app, self._local_only, self._hsts = app, local_only, hsts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        always = _HEADERS | _OVER_TLS if self._hsts and scope.get("scheme") == "https" else _HEADERS

        async def send_with_headers(message: Message) -> None:
            """Add the security headers to the response, then send the message."""
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if (policy := _POLICIES.get(scope["path"])) is not None:
                    headers.setdefault("Content-Security-Policy", policy)
                for name, value in always.items():
                    headers.setdefault(name, value)
                # The page's files are cached but revalidated, so that a new version appears at once.
                headers.setdefault("Cache-Control", "no-store" if scope["path"].startswith("/v1/") else "no-cache")
            await send(message)

        headers = Headers(scope=scope)
        if self._local_only and not (is_loopback_host(headers.get("host", "")) and await is_local_request(scope)):
            detail = (
                "This service answers programs of this machine only. Use --lan, or keys and ANALYZER_TRUSTED_PROXIES "
                "with a proxy."
            )
            return await problem_response(Request(scope), 421, "strange-host", detail)(
                scope, receive, send_with_headers
            )
        if "\0" in scope["path"]:  # never part of an id or name, and invalid in PostgreSQL
            detail = "Nothing exists at this address. Check the id."
            return await problem_response(Request(scope), 404, "not-found", detail)(scope, receive, send_with_headers)
        if b"%00" in scope["query_string"]:
            detail = "query: contains control characters. Remove them."
            return await problem_response(Request(scope), 422, "invalid-request", detail)(
                scope, receive, send_with_headers
            )
        if scope["method"] not in _SAFE and _other_site(headers, scope.get("scheme", "http")):
            detail = "Pages of other sites may not change data here. Use the service's own page, or send no Origin."
            return await problem_response(Request(scope), 403, "other-site", detail)(scope, receive, send_with_headers)
        await self.app(scope, receive, send_with_headers)


def _other_site(headers: Headers, scheme: str) -> bool:
    """Return whether a browser sends the request from a page of another site; other programs send no such header."""
    if headers.get("sec-fetch-site", "same-origin") in ("cross-site", "same-site"):
        return True
    origin = headers.get("origin")
    if origin is None:
        return False
    parts = urlsplit(origin)
    own = _with_port(headers.get("host", ""), parts.scheme or scheme)
    return _with_port(parts.netloc, parts.scheme) != own


def _with_port(host: str, scheme: str) -> str:
    host = host.lower()
    return host if host.rpartition("]")[2].count(":") else f"{host}:{_PORTS.get(scheme, 0)}"
