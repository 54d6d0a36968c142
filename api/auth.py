"""Authentication: a key in the header, a sign-in cookie, or, on loopback, any caller on this machine."""

from typing import Annotated, Literal

from fastapi import Depends, Request, Response
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api.db import owners
from api.db.owners import LOCAL_OWNER
from api.dependencies import Services, ServicesDep
from api.problem_details import Problem

SIGN_IN_COOKIE = "analyzer_sign_in"

AuthMethod = Literal["open", "key", "sign_in"]

_key = HTTPBearer(auto_error=False, scheme_name="key", description="A key from `analyzer keys create`.")
_cookie = APIKeyCookie(
    name=SIGN_IN_COOKIE, auto_error=False, scheme_name="sign_in", description="Set by POST /v1/sign-ins."
)


class Caller(BaseModel):
    """The caller, and how they authenticated."""

    owner_id: str
    kind: AuthMethod


async def authenticate(
    request: Request,
    services: ServicesDep,
    key: Annotated[HTTPAuthorizationCredentials | None, Depends(_key)],
    cookie: Annotated[str | None, Depends(_cookie)],
) -> Caller:
    """Return the caller, and count the request; raise Problem 401 or 429."""
    caller = await run_in_threadpool(_identify_caller, services, key.credentials if key else None, cookie)
    if caller is None:
        services.per_address.take(get_client_address(request))
        raise Problem(
            401,
            "not-signed-in",
            "No valid key or sign-in. Send `Authorization: Bearer <key>` with a key from `analyzer keys create`, or "
            "pair this browser.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    services.per_owner.take(caller.owner_id)
    request.state.owner_id = caller.owner_id
    return caller


CurrentCaller = Annotated[Caller, Depends(authenticate)]


def _identify_caller(services: Services, key: str | None, cookie: str | None) -> Caller | None:
    if key is not None:  # a wrong key is an error even with a valid cookie
        owner = find_key_owner_id(services, key)
        return Caller(owner_id=owner, kind="key") if owner else None
    if cookie:
        with services.database.read_session() as session:
            owner = owners.check_sign_in(session, cookie)
        if owner:
            return Caller(owner_id=owner, kind="sign_in")
    if services.access.open:
        return Caller(owner_id=get_local_owner_id(services), kind="open")
    return None


def find_key_owner_id(services: Services, plain: str) -> str | None:
    """Return the id of the owner of a key, recording its use; None for an invalid key."""
    with services.database.read_session() as session:
        key = owners.find_key(session, plain)
    if key is None:
        return None
    if owners.is_last_use_stale(key):
        with services.database.session() as session:
            return owners.check_key(session, plain)
    return key.owner_id


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


def set_sign_in_cookie(response: Response, request: Request, services: Services, plain: str) -> None:
    """Sign the browser in."""
    response.set_cookie(
        SIGN_IN_COOKIE,
        plain,
        max_age=round(services.settings.sign_in_days * 86400),
        path="/",
        secure=is_tls(request),
        httponly=True,
        samesite="strict",
    )
