"""Structured logs: one JSON object per line with the ids of request and job, without secrets and queries."""

import asyncio
import json
import logging
import re
import secrets
import sys
import time
from contextvars import ContextVar
from datetime import UTC, datetime

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.responses.problem_details import problem_response
from api.responses.storage_problems import find_storage_response

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")  # ids of a proxy that are fit for a log
_SECRETS = (
    (re.compile(r"/(s|pair)/[^/\s?\"]+"), r"/\1/***"),
    (re.compile(r"\b([a-z]{3,5})_[0-9a-f]{20}_[\w-]+"), r"\1_***"),
    (re.compile(r"(?i)\b(authorization|set-cookie|cookie)\b\s*[:=].*"), r"\1: ***"),
    (re.compile(r"(?i)\bbearer\s+\S+"), "Bearer ***"),
    (re.compile(r"\b(own_[0-9a-f]{20}/clp_[0-9a-f]{20})/[^\s'\"]+"), r"\1/***"),
    (re.compile(r"(\w+://[^:/\s@]+):[^@/\s]+@"), r"\1:***@"),
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_FIELDS = ("method", "path", "status", "duration_ms", "owner")

log = logging.getLogger("api.requests")


def escape_controls(text: str) -> str:
    """Return the text with control characters other than line breaks and tabs escaped.

    A terminal would execute them, those from U+0080 to U+009F too.
    """
    return _CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def redact_secrets(text: str) -> str:
    """Return the text without tokens, keys, cookies and passwords."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact_secrets(record.getMessage()),
            "request_id": getattr(record, "request_id", None) or request_id.get(),
            "job_id": getattr(record, "job_id", None),
        }
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["error"] = redact_secrets(self.formatException(record.exc_info))
        plain = json.dumps({key: value for key, value in line.items() if value is not None}, ensure_ascii=False)
        return escape_controls(plain)


class PlainFormatter(logging.Formatter):
    """Formats a record for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        return escape_controls(redact_secrets(super().format(record)))


def configure_logging(*, as_json: bool, level: int = logging.INFO) -> None:
    """Send all logs of this process to standard error; called once, by `serve` and by `worker`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter() if as_json else PlainFormatter("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    logging.getLogger("uvicorn.access").disabled = True  # our own log has ids, and no tokens
    for name in ("uvicorn.error", "tuspyserver", "botocore", "aiobotocore", "s3fs", "fsspec", "httpx", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


class RequestLogMiddleware:
    """Outermost middleware: give each request an id, log it, and answer uncaught errors with a problem."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        client_id = Headers(scope=scope).get("x-request-id", "")
        own_id = client_id if _REQUEST_ID.fullmatch(client_id) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = own_id
        token = request_id.set(own_id)
        started, status = time.perf_counter(), 0

        async def send_noted(message: Message) -> None:
            """Record the status and add the request id, then send the message."""
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = own_id
            await send(message)

        try:
            await self.app(scope, receive, send_noted)
        except asyncio.CancelledError:  # the server stops while a request is answered
            if not status:
                detail = "The server is restarting; nothing was stored. Send the request again."
                problem = problem_response(Request(scope), 503, "restarting", detail, headers={"Retry-After": "5"})
                await problem(scope, receive, send_noted)
            raise
        except Exception as error:
            # Of a middleware; the application answers errors of its routes.
            response = None if status else find_storage_response(Request(scope), error)
            if response is not None:
                return await response(scope, receive, send_noted)
            logging.getLogger("api").exception("a request failed")
            if status:
                raise  # the answer has begun: the connection is closed
            detail = f"The server failed; your request is fine. Try again; the log has it as {own_id}."
            await problem_response(Request(scope), 500, "internal-error", detail)(scope, receive, send_noted)
        finally:
            self._log_request(scope, status, time.perf_counter() - started)
            request_id.reset(token)

    @staticmethod
    def _log_request(scope: Scope, status: int, seconds: float) -> None:
        facts = {
            "method": scope["method"],
            "path": redact_secrets(scope["path"]),
            "status": status,
            "duration_ms": round(1000 * seconds, 1),
            "owner": scope.get("state", {}).get("owner_id"),
        }
        quiet = scope["path"] in ("/healthz", "/readyz", "/metrics")
        log.log(logging.DEBUG if quiet else logging.INFO, "request", extra=facts)
