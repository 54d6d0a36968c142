"""Authentication: a key in the header, a sign-in cookie, or, on loopback, any caller on this machine."""

from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.open_requests import Credential
from api.db import owners, sign_ins
from api.db.models import ApiKey
from api.db.owners import LOCAL_OWNER
from api.db.write_gate import DatabaseBusyError
from api.dependencies import Services, ServicesDep
from api.responses.problem_details import Problem, problem_response
from api.schemas.account import AuthMethod

SIGN_IN_COOKIE = "analyzer_sign_in"

_LAST_USE_WAIT_S = 0.1  # for other writers, to record the use of a key; chosen


key_scheme = HTTPBearer(auto_error=False, scheme_name="key", description="A key from `analyzer keys create`.")
_cookie = APIKeyCookie(
    name=SIGN_IN_COOKIE, auto_error=False, scheme_name="sign_in", description="Set by POST /v1/sign-ins."
)


class Caller(BaseModel):
    """The caller, and how they authenticated.

    Attributes
    ----------
    credential : id of the key or the sign-in; empty in open mode.
    renewed_s : how long a sign-in that was renewed by this request is valid, seconds.
    """

    owner_id: str
    kind: AuthMethod
    credential: str = ""
    renewed_s: float | None = None


async def authenticate(
    request: Request,
    services: ServicesDep,
    key: Annotated[HTTPAuthorizationCredentials | None, Depends(key_scheme)],
    cookie: Annotated[str | None, Depends(_cookie)],
) -> Caller:
    """Return the caller, and count the request; raise Problem 401 or 429."""
    known: Caller | None = getattr(request.state, "caller", None)
    return known or await identify_caller(request, services)


CurrentCaller = Annotated[Caller, Depends(authenticate)]


async def identify_caller(request: Request, services: Services) -> Caller:
    """Return the caller of a request from its headers, and count it; raise Problem 401 or 429."""
    authorization = request.headers.get("authorization")
    scheme, key = get_authorization_scheme_param(authorization)
    if authorization and scheme.lower() != "bearer":  # ignored, it would make the caller the local owner
        raise _not_signed_in(
            request,
            services,
            "The Authorization header is not of the form `Bearer <key>`. Send `Authorization: Bearer <key>` with a key "
            "from `analyzer keys create`, or leave the header out to use a sign-in or, on this machine, no key.",
        )
    cookie = request.cookies.get(SIGN_IN_COOKIE)
    caller = await run_in_threadpool(_check_credentials, services, key if authorization else None, cookie)
    if caller is None:
        raise _not_signed_in(
            request,
            services,
            "No valid key or sign-in. Send `Authorization: Bearer <key>` with a key from `analyzer keys create`, or "
            "pair this browser.",
        )
    services.per_owner.take(caller.owner_id)
    request.state.owner_id = caller.owner_id
    request.state.caller = caller
    open_request = getattr(request.state, "open_request", None)
    if open_request is not None and caller.kind != "open":
        open_request.credential = Credential(caller.kind, caller.credential)
    return caller


def _not_signed_in(request: Request, services: Services, detail: str) -> Problem:
    """Return the problem of a caller who is not known, and count the request; raise Problem 429 for too many."""
    services.per_address.take(get_client_address(request))
    return Problem(401, "not-signed-in", detail, headers={"WWW-Authenticate": "Bearer"})


def _check_credentials(services: Services, key: str | None, cookie: str | None) -> Caller | None:
    if key is not None:  # a wrong key is an error even with a valid cookie
        row = find_valid_key(services, key)
        return Caller(owner_id=row.owner_id, kind="key", credential=row.id) if row else None
    if cookie and (caller := _check_sign_in(services, cookie)) is not None:
        return caller
    if services.access.is_open:
        return Caller(owner_id=get_local_owner_id(services), kind="open")
    return None


def _check_sign_in(services: Services, cookie: str) -> Caller | None:
    with services.database.read_session() as session:
        row = sign_ins.find(session, cookie)
        if row is None:
            return None
        is_due = sign_ins.needs_renewal(row)
    renewed_s = None
    if is_due:
        try:
            with services.database.session(_LAST_USE_WAIT_S) as session:
                renewed_s = sign_ins.renew(session, row.id, services.settings.sign_in_lifetime)
        except (DatabaseBusyError, OperationalError):  # renewed by a later request
            return Caller(owner_id=row.owner_id, kind="sign_in", credential=row.id)
        if renewed_s is None:
            return None
    return Caller(owner_id=row.owner_id, kind="sign_in", credential=row.id, renewed_s=renewed_s)


def find_valid_key(services: Services, plain: str) -> ApiKey | None:
    """Return the row of a key, recording its use; None for an invalid key."""
    with services.database.read_session() as session:
        key = owners.find_key(session, plain)
    if key is not None and owners.is_last_use_stale(key):
        # Of no importance where the database is busy or the disk is full: those requests must still be answered.
        with suppress(DatabaseBusyError, OperationalError), services.database.session(_LAST_USE_WAIT_S) as session:
            if owners.check_key(session, plain) is None:
                return None
    return key


def get_local_owner_id(services: Services) -> str:
    """Return the id of the owner of everything done in open mode, who is created where missing.

    Looked up every time, since `analyzer owners delete` may run beside the service.
    """
    with services.database.read_session() as session:
        owner = owners.find_by_name(session, LOCAL_OWNER)
    if owner is None:
        with services.database.session() as session:
            owner = owners.get_or_create(session, LOCAL_OWNER)
    return owner.id


def get_client_address(request: Request) -> str:
    """Return the caller's address, the name of its rate limit."""
    return request.client.host if request.client else "?"


def is_tls(request: Request) -> bool:
    """Return whether the browser connects over TLS, to us or to a trusted proxy."""
    return request.url.scheme == "https"


def set_sign_in_cookie(response: Response, request: Request, plain: str, valid_s: float) -> None:
    """Sign the browser in for so many seconds."""
    response.set_cookie(
        SIGN_IN_COOKIE,
        plain,
        max_age=round(valid_s),
        path="/",
        secure=is_tls(request),
        httponly=True,
        samesite="strict",
    )


class CredentialMiddleware:
    """Refuse a body of a caller without a credential before it is read, and renew the cookies of browsers.

    The framework reads a JSON body before it looks at the caller; a stranger could hold a connection open with it.

    Parameters
    ----------
    public : largest body of the addresses that accept one of anybody, bytes; a slash at the end: all below.
    """

    def __init__(self, app: ASGIApp, services: Services, public: dict[str, int]) -> None:
        self.app, self._services, self._public = app, services, public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request = Request(scope)
        if _has_body(request.headers):
            try:
                limit = self._find_public_limit(scope["path"])
                if limit is None:
                    await identify_caller(request, self._services)
                elif not request.headers.get("content-length", "").isdecimal() or (
                    int(request.headers["content-length"]) > limit
                ):
                    raise Problem(413, "too-large", f"The body needs a Content-Length of at most {limit} bytes.")
            except Problem as problem:
                headers = {**(problem.headers or {}), "Connection": "close"}  # the body is not read
                answer = problem_response(request, problem.status_code, problem.name, problem.detail, headers=headers)
                return await answer(scope, receive, send)

        async def send_renewed(message: Message) -> None:
            """Add the renewed cookie to the response, then send the message."""
            caller: Caller | None = getattr(request.state, "caller", None)
            if message["type"] == "http.response.start" and caller is not None and caller.renewed_s is not None:
                headers = MutableHeaders(scope=message)
                if "set-cookie" not in headers:
                    cookie = Response()
                    set_sign_in_cookie(cookie, request, request.cookies[SIGN_IN_COOKIE], caller.renewed_s)
                    headers.append("Set-Cookie", cookie.headers["set-cookie"])
            await send(message)

        await self.app(scope, receive, send_renewed)

    def _find_public_limit(self, path: str) -> int | None:
        for address, limit in self._public.items():
            if path == address or (address.endswith("/") and path.startswith(address)):
                return limit
        return None


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0").strip("0 ") != ""
