"""Batches: many clips at once, as files or as a zip."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api.auth import Caller, Who
from api.batch.table import write_table
from api.db import analyses, batches, remembered
from api.db.models import Batch
from api.deps import Parts, Services
from api.intake import UNDER_WAY, Arrived, Once, answered, check_room, client_named, once_of, take_in
from api.jobs.port import pushed
from api.multipart import Form, Received, received
from api.paging import Cursor, Limit, add_link
from api.problems import Problem, not_found
from api.routes.analyses import LOCATED, Key, checked
from api.schemas import BatchOut, BatchPage, Counts, Failure, Name, Options
from api.zips import clips_in, is_zip

router = APIRouter(prefix="/v1/batches", tags=["batches"])

_MOST_FILES = 200  # files of one request; more come as a zip; chosen
_CSV = "text/csv"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class BatchOptions(Options):
    """What may be told of a batch; the rest holds for every clip of it."""

    name: Annotated[Name, Field(description="what to call it")] = "batch"


def _schema() -> dict[str, Any]:
    own = BatchOptions.model_json_schema()["properties"]
    clips = {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1,
             "description": "several clips, or one zip of clips"}  # fmt: skip
    return {"type": "object", "title": "ClipsAndOptions", "properties": {"clips": clips, **own}, "required": ["clips"],
            "additionalProperties": False}  # fmt: skip


@router.post(
    "",
    status_code=202,
    response_model=BatchOut,
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _schema()}}}},
    responses={202: LOCATED, 404: {}, 409: {}, 413: {}, 415: {}, 507: {}},
)
async def create_batch(request: Request, services: Parts, who: Who, key: Key = None) -> Response:
    """Analyse several clips, or a zip of clips: `curl -F clips=@one.mp4 -F clips=@two.mp4`.

    Files that are no clips are listed as refused, the rest goes on.
    """
    await run_in_threadpool(check_room, services, who.owner_id, 0)
    async with received(
        request, services.incoming, max_bytes=services.settings.max_upload_bytes, max_files=_MOST_FILES
    ) as form:
        body, again = await run_in_threadpool(_created, services, who.owner_id, form, key)
    headers = {"Location": f"/v1/batches/{body['id']}", **({"Idempotent-Replayed": "true"} if again else {})}
    return JSONResponse(body, 202, headers)


def _created(services: Services, owner_id: str, form: Form, key: str | None) -> tuple[dict[str, Any], bool]:
    options = checked(BatchOptions, form.fields)
    assert isinstance(options, BatchOptions)
    if not form.files or any(file.field != "clips" for file in form.files):
        raise Problem(
            422, "no-clip", "Send the files in the field `clips`: curl -F clips=@one.mp4 -F clips=@two.mp4 URL"
        )
    print = hashlib.sha256("".join(file.sha256 for file in form.files).encode()).hexdigest()
    once = once_of(key, options, print)
    earlier = answered(services, owner_id, once)
    if earlier is not None:
        return earlier, True
    try:
        id = _begun(services, owner_id, options, once)
    except IntegrityError:  # the same key was faster
        if (earlier := answered(services, owner_id, once)) is None:
            raise
        return earlier, True
    taken, refused = 0, list[Failure]()
    try:
        for file in _files(services, form, refused):
            arrived = Arrived(file.path, file.name, file.size_bytes)
            try:
                check_room(services, owner_id, 0)
                take_in(services, owner_id, arrived, options, batch_id=id, priority=analyses.BATCH)
                taken += 1
            except Problem as problem:
                refused.append(Failure(code=problem.name, text=problem.detail))
        return _ended(services, owner_id, id, taken, refused, once), False
    except BaseException:
        _broken_off(services, owner_id, id, taken, refused, once)
        raise


def _begun(services: Services, owner_id: str, options: BatchOptions, once: Once | None) -> str:
    """The batch's row, and its key taken: the same request at the same time is told to wait."""
    with services.database.session() as session:
        client_named(session, owner_id, options.client)
        batch = batches.create(session, owner_id, options.name, total=None, options=options.model_dump(mode="json"))
        if once is not None:
            remembered.keep(session, owner_id, once.key, once.fingerprint, UNDER_WAY, {"id": batch.id})
        return batch.id


def _ended(
    services: Services, owner_id: str, id: str, taken: int, refused: list[Failure], once: Once | None
) -> dict[str, Any]:
    with services.database.session() as session:
        row = batches.get(session, owner_id, id)
        if row is None:
            raise not_found("batch")
        row.total = taken + len(refused)
        row.options = {**(row.options or {}), "refused": [one.model_dump() for one in refused]}
        session.flush()
        body = batch_of(session, row).model_dump(mode="json")
        if once is not None and (kept := remembered.find(session, owner_id, once.key)) is not None:
            kept.status_code, kept.body = 202, body
    return body


def _broken_off(
    services: Services, owner_id: str, id: str, taken: int, refused: list[Failure], once: Once | None
) -> None:
    """What was taken stays a batch of its own; the same request may be sent again, and begins anew."""
    if once is not None:
        with services.database.session() as session:
            remembered.forget(session, owner_id, once.key)
    _ended(services, owner_id, id, taken, refused, None)


def _files(services: Services, form: Form, refused: list[Failure]) -> Iterator[Received]:
    settings = services.settings
    for file in form.files:
        if not is_zip(file.path):
            yield file
            continue
        limits = {"max_clips": settings.max_batch_clips, "max_bytes": settings.max_upload_bytes}
        try:
            for one in clips_in(file.path, services.incoming, **limits):
                if isinstance(one, Problem):
                    refused.append(Failure(code=one.name, text=f"{file.name}: {one.detail}"))
                else:
                    yield one
        except Problem as problem:
            refused.append(Failure(code=problem.name, text=f"{file.name}: {problem.detail}"))


def batch_of(session: Session, row: Batch) -> BatchOut:
    """One batch as the API gives it."""
    own = f"/v1/batches/{row.id}"
    links = {
        "self": own,
        "summary": f"{own}/summary.csv",
        "book": f"{own}/summary.xlsx",
        "cancel": f"{own}/cancel",
        "analyses": f"/v1/analyses?batch={row.id}",
    }
    return BatchOut(
        id=row.id,
        name=row.name,
        total=row.total,
        counts=Counts(**batches.counts(session, row.id)),
        refused=[Failure(**one) for one in (row.options or {}).get("refused", [])],
        cancelled_at=row.cancelled_at,
        created_at=row.created_at,
        links=links,
    )


@router.get("")
def list_batches(
    services: Parts, who: Who, request: Request, response: Response, cursor: Cursor = None, limit: Limit = 50
) -> BatchPage:
    """One's own batches, newest first."""
    with services.database.reading() as session:
        rows, following = batches.page(session, who.owner_id, after=cursor, limit=limit)
        page = BatchPage(items=[batch_of(session, row) for row in rows], next_cursor=following)
    add_link(request, response, following)
    return page


@router.get("/{id}")
def get_batch(id: str, services: Parts, who: Who) -> BatchOut:
    """How far a batch is."""
    with services.database.reading() as session:
        row = batches.get(session, who.owner_id, id)
        if row is None:
            raise not_found("batch")
        return batch_of(session, row)


def _summary(id: str, services: Services, who: Caller, ending: str, media_type: str) -> Response:
    most = services.settings.max_batch_clips
    with services.database.reading() as session:
        row = batches.get(session, who.owner_id, id)
        if row is None:
            raise not_found("batch")
        if sum(batches.counts(session, id).values()) > most:
            raise Problem(409, "too-many-clips", f"More than {most} clips: analyzer batch collect {id} --out DIR")
    services.incoming.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=services.incoming) as folder:
        path = Path(folder) / f"summary.{ending}"
        write_table(services.database, services.files, id, path)
        body = path.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="{id}-summary.{ending}"'}
    return Response(body, media_type=media_type, headers=headers)


@router.get(
    "/{id}/summary.csv",
    response_class=Response,
    responses={200: {"content": {_CSV: {"schema": {"type": "string"}}}}, 409: {}},
)
def get_batch_summary(id: str, services: Parts, who: Who) -> Response:
    """One row a clip, with the columns of `analyzer batch`; what is not done yet is there without numbers."""
    return _summary(id, services, who, "csv", _CSV)


@router.get(
    "/{id}/summary.xlsx",
    response_class=Response,
    responses={200: {"content": {_XLSX: {"schema": {"type": "string", "format": "binary"}}}}, 409: {}},
)
def get_batch_book(id: str, services: Parts, who: Who) -> Response:
    """The same as a book, with a sheet for reps, holds and stages."""
    return _summary(id, services, who, "xlsx", _XLSX)


@router.post("/{id}/cancel")
def cancel_batch(id: str, services: Parts, who: Who) -> BatchOut:
    """Cancel what is not done yet."""
    with services.database.session() as session:
        row = batches.get(session, who.owner_id, id)
        if row is None:
            raise not_found("batch")
        stopped = list(batches.cancel(session, who.owner_id, id) or ())
        session.flush()
        out = batch_of(session, row)
    for analysis_id in stopped:
        pushed(services.jobs.cancel, analysis_id)
    return out
