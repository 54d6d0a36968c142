"""Routes of share links: they open a client's page without a sign-in until they expire or are revoked."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.access.security import CLIENT_POLICY, report_headers
from api.auth import CurrentCaller, get_client_address
from api.db import analyses, shares
from api.dependencies import ServicesDep
from api.responses.html_pages import HTML_RESPONSE, message_page
from api.responses.problem_details import Problem, not_found
from api.responses.ranges import send_file
from api.schemas.shares import ShareIn, ShareOut, SharePage
from api.serializers.shares import serialize_share
from api.storage.file_store import result_key

router = APIRouter(prefix="/v1/analyses", tags=["shares"])
public = APIRouter(tags=["shares"])

_HEADERS = report_headers(CLIENT_POLICY) | {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}


@router.post("/{id}/shares", status_code=201, responses={409: {}})
def create_share(
    id: str, services: ServicesDep, caller: CurrentCaller, request: Request, body: ShareIn | None = None
) -> ShareOut:
    """Create a link to the client's page of a finished analysis. Its address is shown only in this answer."""
    days = (body.days if body is not None else None) or services.settings.share_days
    with services.database.session() as session:
        row = analyses.get(session, caller.owner_id, id)
        if row is None:
            raise not_found("analysis")
        if row.run is None:
            raise Problem(409, "not-done", f"The analysis is {row.status}. Share it once it is done.")
        share, plain = shares.create(session, caller.owner_id, id, days)
        session.flush()
        return serialize_share(share, f"{str(request.base_url).rstrip('/')}/s/{plain}")


@router.get("/{id}/shares")
def list_shares(id: str, services: ServicesDep, caller: CurrentCaller) -> SharePage:
    """List the links of an analysis, expired and revoked ones included."""
    with services.database.read_session() as session:
        if analyses.get(session, caller.owner_id, id) is None:
            raise not_found("analysis")
        return SharePage(items=[serialize_share(row) for row in shares.list(session, caller.owner_id, id)])


@router.delete("/{id}/shares/{share}", status_code=204)
def revoke_share(id: str, share: str, services: ServicesDep, caller: CurrentCaller) -> None:
    """Revoke a link."""
    with services.database.session() as session:
        known = {row.id for row in shares.list(session, caller.owner_id, id)}
        if share not in known or not shares.revoke(session, caller.owner_id, share):
            raise not_found("link")


@public.get(
    "/s/{token}",
    response_class=HTMLResponse,
    responses={
        404: HTML_RESPONSE,
        429: {},
        304: {"description": "Not changed."},
        206: {"description": "The requested range."},
        416: {},
    },
)
def show_share(token: str, services: ServicesDep, request: Request) -> Response:
    """Show the client's page behind a link. No sign-in is required."""
    services.per_address.take(get_client_address(request))
    with services.database.read_session() as session:
        row = shares.find_shared_analysis(session, token)
        run = row.run if row is not None else None
        key = result_key(row.id, run, "client.html") if row is not None and run is not None else None
    if key is None or not services.files.exists(key):
        return message_page("This link no longer works", "Ask your coach for a new one.", status_code=404)
    return send_file(
        request,
        services.files,
        key,
        media_type="text/html",
        etag=f"{run}",
        name="report.html",
        headers=_HEADERS,
    )
