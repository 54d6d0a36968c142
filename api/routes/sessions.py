"""Routes of sessions: a plan of clips with one client, step by step, and the card at its end."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from analyzer.coaching.session_plans import list_plans
from analyzer.movements.registry import load_movements
from api.auth import CurrentCaller
from api.cleanup.deletion import erasing
from api.db import sessions
from api.dependencies import ServicesDep
from api.responses.etags import ETAG_HEADER, IfMatch, quote_etag
from api.responses.paging import CursorParam, LimitParam, add_next_link
from api.responses.problem_details import not_found
from api.routes.analyses import LOCATION_HEADER, IdempotencyKeyHeader
from api.schemas.fields import ClientId
from api.schemas.sessions import PlanList, SessionCard, SessionIn, SessionOut, SessionPage, SessionPatch
from api.serializers.sessions import compute_session_etag, serialize_session, serialize_sessions
from api.sessions.cards import compose_card
from api.sessions.changes import change_session, check_session_etag, start_session

router = APIRouter(prefix="/v1", tags=["sessions"])

_CREATED_HEADERS = {"headers": {**LOCATION_HEADER["headers"], **ETAG_HEADER["headers"]}}


@router.get("/session-plans")
def list_session_plans(caller: CurrentCaller) -> PlanList:
    """List the plans of a session that the installed movements offer, with their steps."""
    return PlanList(items=list_plans(load_movements().values()))


@router.get("/sessions")
def list_sessions(
    services: ServicesDep,
    caller: CurrentCaller,
    request: Request,
    response: Response,
    client: Annotated[ClientId | None, Query()] = None,
    open: Annotated[bool | None, Query(description="Only open sessions, or only finished ones.")] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> SessionPage:
    """List your sessions, newest first."""
    with services.database.read_session() as session:
        rows, following = sessions.list_page(
            session, caller.owner_id, client_id=client, is_open=open, after=cursor, limit=limit
        )
        page = SessionPage(items=serialize_sessions(session, rows), next_cursor=following)
    add_next_link(request, response, following)
    return page


@router.post("/sessions", status_code=201, responses={201: _CREATED_HEADERS, 404: {}, 409: {}})
def create_session(
    body: SessionIn, services: ServicesDep, caller: CurrentCaller, response: Response, key: IdempotencyKeyHeader = None
) -> SessionOut:
    """Start a session with a client, with the steps of a plan.

    A repeated request with the same Idempotency-Key and body returns the session that the first one started, as it is
    now.
    """
    started, is_replayed = start_session(services, caller.owner_id, body, key)
    response.headers["Location"] = started.links["self"]
    response.headers["ETag"] = quote_etag(compute_session_etag(started))
    if is_replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return started


@router.get("/sessions/{id}", responses={200: ETAG_HEADER})
def get_session(id: str, services: ServicesDep, caller: CurrentCaller, response: Response) -> SessionOut:
    """Return a session: its steps in order, each with its clip, cue, load and note."""
    with services.database.read_session() as session:
        row = sessions.get(session, caller.owner_id, id)
        if row is None:
            raise not_found("session")
        body = serialize_session(session, row)
    response.headers["ETag"] = quote_etag(compute_session_etag(body))
    return body


@router.patch("/sessions/{id}", responses={200: ETAG_HEADER, 412: ETAG_HEADER})
def update_session(
    id: str,
    patch: SessionPatch,
    services: ServicesDep,
    caller: CurrentCaller,
    response: Response,
    only_if: IfMatch = None,
) -> SessionOut:
    """Change steps of a session, finish it, or reopen it.

    Steps are named, and only their fields in the request change, so that two devices can write in one session: of two
    changes of one field the last counts.
    """
    body = change_session(services, caller.owner_id, id, patch, only_if)
    response.headers["ETag"] = quote_etag(compute_session_etag(body))
    return body


@router.delete("/sessions/{id}", status_code=204, responses={412: ETAG_HEADER})
def delete_session(id: str, services: ServicesDep, caller: CurrentCaller, only_if: IfMatch = None) -> None:
    """Delete a session with its cues and notes. Its clips remain."""
    with erasing(services.database), services.database.session() as session:
        row = sessions.get_locked(session, caller.owner_id, id)
        if row is None:
            raise not_found("session")
        check_session_etag(session, row, only_if)
        sessions.remove(session, caller.owner_id, id)


@router.get("/sessions/{id}/card")
def get_session_card(id: str, services: ServicesDep, caller: CurrentCaller) -> SessionCard:
    """Return the card of a session: what the client can do, what changed, one thing to try, notes and clips.

    It is composed from the results that are there: while `waiting` is not 0, ask again later.
    """
    return compose_card(services, caller.owner_id, id)
