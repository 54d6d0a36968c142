"""Clients: who was filmed, and one client over time."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from api import client_zip, housekeeping
from api.auth import Who
from api.db import analyses, clients, clips
from api.deps import Parts
from api.multipart import file_name
from api.paging import Cursor, Limit, add_link
from api.problems import not_found
from api.readings import Reading
from api.schemas import ClientIn, ClientOut, ClientPage, ClientPatch, Timeline
from api.timeline import timeline_of
from api.views import client_of, filmed_at, statuses_of

router = APIRouter(prefix="/v1/clients", tags=["clients"])


@router.get("")
def list_clients(
    services: Parts, who: Who, request: Request, response: Response, cursor: Cursor = None, limit: Limit = 100
) -> ClientPage:
    """One's own clients, newest first."""
    with services.database.reading() as session:
        rows, following = clients.page(session, who.owner_id, after=cursor, limit=limit)
        page = ClientPage(items=[client_of(row) for row in rows], next_cursor=following)
    add_link(request, response, following)
    return page


@router.post("", status_code=201)
def create_client(body: ClientIn, services: Parts, who: Who, response: Response) -> ClientOut:
    """Add a client; two may have the same name."""
    with services.database.session() as session:
        row = clients.create(session, who.owner_id, body.name, body.note)
        session.flush()
        client = client_of(row)
    response.headers["Location"] = client.links["self"]
    return client


@router.get("/{id}")
def get_client(id: str, services: Parts, who: Who) -> ClientOut:
    """One client."""
    with services.database.reading() as session:
        row = clients.get(session, who.owner_id, id)
        if row is None:
            raise not_found("client")
        return client_of(row)


@router.patch("/{id}")
def update_client(id: str, body: ClientPatch, services: Parts, who: Who) -> ClientOut:
    """Change the name or the note."""
    with services.database.session() as session:
        row = clients.get(session, who.owner_id, id)
        if row is None:
            raise not_found("client")
        for field in body.model_fields_set:
            if field != "name" or body.name is not None:
                setattr(row, field, getattr(body, field))
        session.flush()
        return client_of(row)


@router.delete("/{id}", status_code=204)
def delete_client(id: str, services: Parts, who: Who) -> None:
    """Delete the client with all clips, analyses, links and jobs of theirs."""
    if not housekeeping.delete_client(services.database, services.files, services.jobs, who.owner_id, id):
        raise not_found("client")


@router.get(
    "/{id}/export",
    response_class=Response,
    responses={200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}},
)
def export_client(id: str, services: Parts, who: Who) -> Response:
    """Everything of one client as a zip: clips, results, marks and a list."""
    with services.database.reading() as session:
        row = clients.get(session, who.owner_id, id)
        if row is None:
            raise not_found("client")
        name = file_name(row.name)
    path = client_zip.export_client(services.database, services.files, who.owner_id, id, services.incoming)
    if path is None:
        raise not_found("client")
    remove = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type="application/zip", filename=f"{name}.zip", background=remove)


@router.get("/{id}/timeline")
def get_timeline(id: str, services: Parts, who: Who) -> Timeline:
    """The client's analyses by day, and what changed clearly from the first to the last of a movement."""
    with services.database.reading() as session:
        client = clients.get(session, who.owner_id, id)
        if client is None:
            raise not_found("client")
        told = client_of(client)
        rows = list(analyses.timeline(session, who.owner_id, id))
        by_id = clips.by_ids(session, [row.clip_id for row in rows])
        rows.sort(key=lambda row: filmed_at(row, by_id[row.clip_id]))
        entries = [
            (
                status,
                Reading(row.id, row.run, status.clip.name, filmed_at(row, by_id[row.clip_id]).date().isoformat())
                if row.run is not None
                else None,
            )
            for row, status in zip(rows, statuses_of(session, rows), strict=True)
        ]
    return timeline_of(services, told, entries)
