"""Routes of clients: their records, their export and their timeline."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask

from api.analyses.repeatability import find_own_mdc
from api.analyses.result_reader import ResultRef
from api.auth import CurrentCaller
from api.cleanup import deletion
from api.clients.export import remove_exports, write_client_zip
from api.clients.timeline import build_timeline
from api.db import analyses, clients, clips
from api.dependencies import ServicesDep
from api.responses.paging import CursorParam, LimitParam, add_next_link
from api.responses.problem_details import Problem, not_found
from api.schemas.clients import ClientIn, ClientListPage, ClientOut, ClientPatch, TimelineOut
from api.serializers.analyses import get_filmed_at, serialize_analyses
from api.serializers.clients import serialize_client
from api.untrusted_files.multipart import sanitize_file_name

router = APIRouter(prefix="/v1/clients", tags=["clients"])


@router.get("")
def list_clients(
    services: ServicesDep,
    caller: CurrentCaller,
    request: Request,
    response: Response,
    cursor: CursorParam = None,
    limit: LimitParam = 100,
) -> ClientListPage:
    """List your clients, newest first."""
    with services.database.read_session() as session:
        rows, following = clients.list_page(session, caller.owner_id, after=cursor, limit=limit)
        page = ClientListPage(items=[serialize_client(row) for row in rows], next_cursor=following)
    add_next_link(request, response, following)
    return page


@router.post("", status_code=201, responses={409: {}})
def create_client(body: ClientIn, services: ServicesDep, caller: CurrentCaller, response: Response) -> ClientOut:
    """Create a client.

    If a client has this name already, in upper or lower case, the answer is 409 with the id of that client.
    """
    with services.database.session() as session:
        _check_name_is_free(session, caller.owner_id, body.name)
        row = clients.create(session, caller.owner_id, body.name, body.note)
        session.flush()
        client = serialize_client(row)
    response.headers["Location"] = client.links["self"]
    return client


@router.get("/{id}")
def get_client(id: str, services: ServicesDep, caller: CurrentCaller) -> ClientOut:
    """Return a client."""
    with services.database.read_session() as session:
        row = clients.get(session, caller.owner_id, id)
        if row is None:
            raise not_found("client")
        return serialize_client(row)


@router.patch("/{id}", responses={409: {}})
def update_client(id: str, body: ClientPatch, services: ServicesDep, caller: CurrentCaller) -> ClientOut:
    """Change the name or the note of a client. A name that another client has is refused (409)."""
    with services.database.session() as session:
        row = clients.get(session, caller.owner_id, id)
        if row is None:
            raise not_found("client")
        if body.name is not None and clients.normalize_name(body.name) != clients.normalize_name(row.name):
            _check_name_is_free(session, caller.owner_id, body.name)
        for field in body.model_fields_set:
            if field != "name" or body.name is not None:
                setattr(row, field, getattr(body, field))
        session.flush()
        return serialize_client(row)


def _check_name_is_free(session: Session, owner_id: str, name: str) -> None:
    """Raise Problem 409 if a client has this name: a name is accepted in place of an id, so it has to be clear."""
    clients.lock_names(session, owner_id)
    if (namesake := clients.find_by_name(session, owner_id, name)) is not None:
        detail = f"The client {namesake.id} is already named {namesake.name}. Use this id, or choose another name."
        raise Problem(409, "client-exists", detail)


@router.delete("/{id}", status_code=204)
def delete_client(id: str, services: ServicesDep, caller: CurrentCaller) -> None:
    """Delete a client with all their clips, analyses, links and jobs."""
    if not deletion.delete_client(services.database, services.files, services.jobs, caller.owner_id, id):
        raise not_found("client")
    remove_exports(services.incoming, client_id=id)


@router.get(
    "/{id}/export",
    response_class=Response,
    responses={200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}},
)
def export_client(id: str, services: ServicesDep, caller: CurrentCaller) -> Response:
    """Download all data of a client as a zip: clips, results, marks and lists."""
    with services.database.read_session() as session:
        row = clients.get(session, caller.owner_id, id)
        if row is None:
            raise not_found("client")
        name = sanitize_file_name(row.name)
    path = write_client_zip(services.database, services.files, caller.owner_id, id, services.incoming)
    if path is None:
        raise not_found("client")
    remove = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type="application/zip", filename=f"{name}.zip", background=remove)


@router.get("/{id}/timeline")
def get_timeline(id: str, services: ServicesDep, caller: CurrentCaller) -> TimelineOut:
    """Return the analyses of a client by day, and the clear changes from the first to the last one of each movement."""
    with services.database.read_session() as session:
        client = clients.get(session, caller.owner_id, id)
        if client is None:
            raise not_found("client")
        client_out = serialize_client(client)
        rows = list(analyses.list_for_client(session, caller.owner_id, id))
        by_id = clips.get_many(session, [row.clip_id for row in rows])
        rows.sort(key=lambda row: get_filmed_at(row, by_id[row.clip_id]))
        entries = [
            (
                status,
                ResultRef(row.id, row.run, status.clip.name, get_filmed_at(row, by_id[row.clip_id]).date().isoformat())
                if row.run is not None
                else None,
            )
            for row, status in zip(rows, serialize_analyses(session, rows), strict=True)
        ]
    return build_timeline(services, client_out, entries, find_own_mdc(services, caller.owner_id))
