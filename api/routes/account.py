"""Account routes: sign-in by key or by a one-time link, and the limits of the caller."""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from analyzer import __version__
from analyzer.movements.registry import load_movements
from api.auth import SIGN_IN_COOKIE, CurrentCaller, find_valid_key, get_client_address, is_tls, set_sign_in_cookie
from api.cleanup.deletion import erasing
from api.db import owners, sign_ins
from api.db.models import SignIn
from api.dependencies import ServicesDep
from api.responses.html_pages import HTML_RESPONSE, message_page
from api.responses.problem_details import Problem, not_found
from api.schemas.account import CallerOut, LimitsOut, PairingOut, SignInOut, SignInPage, SignInPatch, SignInRequest
from api.schemas.service import MovementList

router = APIRouter(prefix="/v1", tags=["account"])
public = APIRouter(tags=["account"])


@router.get("/me")
def get_me(services: ServicesDep, caller: CurrentCaller, request: Request) -> CallerOut:
    """Return the caller, the way in which they signed in, and their limits."""
    settings = services.settings
    with services.database.read_session() as session:
        owner = owners.get(session, caller.owner_id)
        name = owner.name if owner is not None else ""
    return CallerOut(
        owner=name,
        auth=caller.kind,
        lan=services.access.is_lan,
        tls=is_tls(request),
        version=__version__,
        limits=LimitsOut(
            max_upload_bytes=settings.max_upload_bytes,
            max_duration_s=settings.max_duration_s,
            max_queued=settings.max_queued_per_owner,
            max_batch_clips=settings.max_batch_clips,
            requests_per_minute=settings.requests_per_minute,
            share_days=settings.share_days,
            retention_days=settings.retention_days,
        ),
    )


@router.get("/movements")
def list_movements(caller: CurrentCaller) -> MovementList:
    """List the installed movements and what each states about itself: words, variants, stages, comparison, load."""
    movements = sorted(load_movements().values(), key=lambda movement: movement.title)
    return MovementList(items=[movement.describe() for movement in movements])


@router.post("/sign-ins", status_code=204, responses={401: {}, 413: {}, 429: {}})
def sign_in(body: SignInRequest, services: ServicesDep, request: Request, response: Response) -> None:
    """Exchange a key for a sign-in cookie."""
    services.per_address.take(get_client_address(request))
    key = find_valid_key(services, body.key)
    if key is None:
        raise Problem(401, "not-signed-in", "This key is unknown or revoked. Check it.")
    lifetime = services.settings.sign_in_lifetime
    with services.database.session() as session:
        plain = sign_ins.create(session, key.owner_id, request.headers.get("user-agent", ""), lifetime)
    set_sign_in_cookie(response, request, plain, lifetime.first_s)


@router.get("/sign-ins")
def list_sign_ins(services: ServicesDep, caller: CurrentCaller) -> SignInPage:
    """List your signed-in phones and other browsers, newest first."""
    with services.database.read_session() as session:
        rows = [row for row, _ in sign_ins.list_valid(session, caller.owner_id)]
    return SignInPage(items=[_serialize_sign_in(row, caller) for row in rows])


@router.patch("/sign-ins/{id}")
def rename_sign_in(id: str, body: SignInPatch, services: ServicesDep, caller: CurrentCaller) -> SignInOut:
    """Name a signed-in phone."""
    with services.database.session() as session:
        row = sign_ins.rename(session, caller.owner_id, id, body.name)
    if row is None:
        raise not_found("sign-in")
    return _serialize_sign_in(row, caller)


@router.delete("/sign-ins/current", status_code=204)
def sign_out(services: ServicesDep, caller: CurrentCaller, request: Request, response: Response) -> None:
    """Sign this browser out."""
    if caller.kind == "sign_in":
        with erasing(services.database), services.database.session() as session:
            sign_ins.revoke(session, caller.credential, caller.owner_id)
    response.delete_cookie(SIGN_IN_COOKIE, path="/", secure=is_tls(request), httponly=True, samesite="strict")


@router.delete("/sign-ins/{id}", status_code=204)
def revoke_sign_in(id: str, services: ServicesDep, caller: CurrentCaller) -> None:
    """Sign a phone out. Its open requests and event streams end within two seconds."""
    with erasing(services.database), services.database.session() as session:
        if not sign_ins.revoke(session, id, caller.owner_id):
            raise not_found("sign-in")


def _serialize_sign_in(row: SignIn, caller: CurrentCaller) -> SignInOut:
    return SignInOut(
        id=row.id,
        name=row.name or sign_ins.describe_browser(row.user_agent),
        current=caller.kind == "sign_in" and caller.credential == row.id,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
    )


@router.post("/pairings", status_code=201)
def create_pairing(services: ServicesDep, caller: CurrentCaller, request: Request) -> PairingOut:
    """Create a one-time link that signs another browser in. It expires after ten minutes."""
    with services.database.session() as session:
        plain = owners.create_pairing(session, caller.owner_id)
    expires_at = datetime.now(UTC) + timedelta(minutes=owners.PAIRING_LIFETIME_MIN)
    return PairingOut(url=f"{str(request.base_url).rstrip('/')}/pair/{plain}", expires_at=expires_at)


@public.get("/pair/{token}", response_class=HTMLResponse, responses={429: {}})
def show_pairing(token: str, services: ServicesDep, request: Request) -> Response:
    """Show a page that asks before the one-time link is used, so that a link preview does not use it up."""
    services.per_address.take(get_client_address(request))
    return message_page(
        "Use this phone", "Sign this phone in to the movement analyzer. The link works once.", button="Sign in"
    )


@public.post(
    "/pair/{token}",
    status_code=303,
    response_class=Response,
    responses={303: {"description": "Signed in; redirects to the page."}, 404: HTML_RESPONSE, 429: {}},
)
def use_pairing(token: str, services: ServicesDep, request: Request) -> Response:
    """Sign this browser in with a one-time link."""
    services.per_address.take(get_client_address(request))
    lifetime = services.settings.sign_in_lifetime
    with services.database.session() as session:
        plain = owners.use_pairing(session, token, request.headers.get("user-agent", ""), lifetime)
    if plain is None:
        text = "It was already used, or it has expired. Start `analyzer serve --lan` again to get a new one."
        return message_page("This link no longer works", text, status_code=404)
    answer = RedirectResponse("/", 303)
    set_sign_in_cookie(answer, request, plain, lifetime.first_s)
    return answer
