"""Routes of batches: many clips at once, as files or as a zip."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api.auth import Caller, CurrentCaller
from api.cleanup import deletion
from api.db import analyses, batches, idempotency
from api.db.models import Batch
from api.dependencies import Services, ServicesDep
from api.jobs.interface import push_or_log
from api.json_object import JsonObject
from api.responses.paging import CursorParam, LimitParam, add_next_link
from api.responses.problem_details import FieldError, Problem, not_found
from api.responses.storage_problems import no_space_problem
from api.routes.analyses import LOCATION_HEADER, IdempotencyKeyHeader, validate_options
from api.schemas.analyses import AnalysisOptions
from api.schemas.batches import BatchCountsOut, BatchOut, BatchPage, RefusedFileOut
from api.schemas.fields import Name
from api.untrusted_files.multipart import MultipartForm, ReceivedFile, receive_form
from api.untrusted_files.zip_intake import RefusedMember, is_zip, unpack_clips
from api.uploads.clip_intake import (
    PENDING_STATUS_CODE,
    IdempotencyKey,
    ReceivedClip,
    accept_clip,
    build_idempotency_key,
    check_quota,
    find_earlier_answer,
    resolve_client_id,
)

router = APIRouter(prefix="/v1/batches", tags=["batches"])

_MAX_FILES = 200  # files of one request; more come as a zip; chosen
_CSV = "text/csv"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class BatchOptions(AnalysisOptions):
    """Options of a batch. Those of an analysis apply to each of its clips."""

    name: Annotated[Name, Field(description="Name of the batch.")] = "batch"


def _schema() -> JsonObject:
    own = BatchOptions.model_json_schema()["properties"]
    clips = {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1,
             "description": "Several clips, or one zip of clips."}  # fmt: skip
    return {"type": "object", "title": "ClipsAndOptions", "properties": {"clips": clips, **own}, "required": ["clips"],
            "additionalProperties": False}  # fmt: skip


@router.post(
    "",
    status_code=202,
    response_model=BatchOut,
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _schema()}}}},
    responses={202: LOCATION_HEADER, 404: {}, 409: {}, 413: {}, 415: {}, 507: {}},
)
async def create_batch(
    request: Request, services: ServicesDep, who: CurrentCaller, key: IdempotencyKeyHeader = None
) -> Response:
    """Analyse several clips, or a zip of clips: `curl -F clips=@one.mp4 -F clips=@two.mp4`.

    Files that are not clips are listed as refused; the others are analysed. Without any clip the answer is 422.
    """
    await run_in_threadpool(check_quota, services, who.owner_id, 0)
    async with receive_form(
        request,
        services.incoming,
        disk=services.disk,
        max_bytes=services.settings.max_upload_bytes,
        max_files=_MAX_FILES,
    ) as form:
        body, is_replay = await run_in_threadpool(_create_from_form, services, who.owner_id, form, key)
    headers = {"Location": f"/v1/batches/{body['id']}", **({"Idempotent-Replayed": "true"} if is_replay else {})}
    return JSONResponse(body, 202, headers)


def _create_from_form(
    services: Services, owner_id: str, form: MultipartForm, key: str | None
) -> tuple[JsonObject, bool]:
    form.check_is_file("clips")
    options = validate_options(BatchOptions, form.fields)
    assert isinstance(options, BatchOptions)
    if not form.files or any(file.field != "clips" for file in form.files):
        raise Problem(
            422, "no-clip", "Send the files in the field `clips`: curl -F clips=@one.mp4 -F clips=@two.mp4 URL"
        )
    content_hash = hashlib.sha256("".join(file.sha256 for file in form.files).encode()).hexdigest()
    idempotency_key = build_idempotency_key(key, options, content_hash)
    earlier = find_earlier_answer(services, owner_id, idempotency_key)
    if earlier is not None:
        return earlier, True
    try:
        id = _begin_batch(services, owner_id, options, idempotency_key)
    except IntegrityError:  # another request with the same key was faster
        if (earlier := find_earlier_answer(services, owner_id, idempotency_key)) is None:
            raise
        return earlier, True
    taken, refused = 0, list[RefusedFileOut]()
    try:
        for file in _files(services, form, refused):
            received_clip = ReceivedClip(file.path, file.name, file.size_bytes)
            try:
                check_quota(services, owner_id, 0)
                accept_clip(services, owner_id, received_clip, options, batch_id=id, priority=analyses.BATCH_PRIORITY)
                taken += 1
            except Problem as problem:
                refused.append(_refusal(file.name, problem))
        if not taken:
            raise _all_refused_problem(refused)
        return _finish_batch(services, owner_id, id, taken, refused, idempotency_key), False
    except BaseException:
        _abort_batch(services, owner_id, id, taken, refused, idempotency_key)
        raise


def _refusal(file: str, problem: Problem, *, prefix: str = "") -> RefusedFileOut:
    return RefusedFileOut(file=file, code=problem.name, text=f"{prefix}{problem.detail}")


def _all_refused_problem(refused: list[RefusedFileOut]) -> Problem:
    if all(item.code == "no-space" for item in refused):
        return no_space_problem()
    errors = [FieldError(where=f"body.clips.{item.file}", what=item.text) for item in refused]
    more = f" ({len(refused) - 1} more below)" if len(refused) > 1 else ""
    return Problem(422, "clips-refused", f"No file was accepted. {refused[0].text}{more}", errors=errors)


def _begin_batch(
    services: Services, owner_id: str, options: BatchOptions, idempotency_key: IdempotencyKey | None
) -> str:
    """Create the batch's row and claim its idempotency key; the same request at the same time is answered 409."""
    with services.database.session() as session:
        resolve_client_id(session, owner_id, options.client)
        batch = batches.create(session, owner_id, options.name, total=None, options=_stored_options(options))
        if idempotency_key is not None:
            idempotency.save_response(
                session,
                owner_id,
                idempotency_key.key,
                idempotency_key.fingerprint,
                PENDING_STATUS_CODE,
                {"id": batch.id},
            )
        return batch.id


def _stored_options(options: BatchOptions) -> JsonObject:
    """Return the options without those of people, which are stored with each clip and deleted with it."""
    return options.model_dump(mode="json", exclude={"name", "client", "note"})


def _finish_batch(
    services: Services,
    owner_id: str,
    id: str,
    taken: int,
    refused: list[RefusedFileOut],
    idempotency_key: IdempotencyKey | None,
) -> JsonObject:
    with services.database.session() as session:
        row = batches.get(session, owner_id, id)
        if row is None:
            raise not_found("batch")
        row.total = taken + len(refused)
        row.options = {**(row.options or {}), "refused": [item.model_dump() for item in refused]}
        session.flush()
        body = serialize_batch(session, row).model_dump(mode="json")
        if (
            idempotency_key is not None
            and (stored := idempotency.find_response(session, owner_id, idempotency_key.key)) is not None
        ):
            stored.status_code, stored.body = 202, body
    return body


def _abort_batch(
    services: Services,
    owner_id: str,
    id: str,
    taken: int,
    refused: list[RefusedFileOut],
    idempotency_key: IdempotencyKey | None,
) -> None:
    """Close the batch with the clips that were accepted, and release the key, so that the request may be sent again.

    A batch without clips is removed.
    """
    with services.database.session() as session:
        if idempotency_key is not None:
            idempotency.delete_response(session, owner_id, idempotency_key.key)
        row = batches.get(session, owner_id, id)
        if row is not None and not taken:
            row.total = 0
            batches.forget(session, row)
    if taken:
        _finish_batch(services, owner_id, id, taken, refused, None)


def _files(services: Services, form: MultipartForm, refused: list[RefusedFileOut]) -> Iterator[ReceivedFile]:
    settings = services.settings
    for file in form.files:
        if not is_zip(file.path):
            yield file
            continue
        limits = {"max_clips": settings.max_batch_clips, "max_bytes": settings.max_upload_bytes}
        try:
            for item in unpack_clips(file.path, services.incoming, services.disk, **limits):
                if isinstance(item, RefusedMember):
                    refused.append(_refusal(item.name, item.problem, prefix=f"{file.name}: {item.name}: "))
                else:
                    yield item
        except Problem as problem:
            refused.append(_refusal(file.name, problem, prefix=f"{file.name}: "))


def serialize_batch(session: Session, row: Batch) -> BatchOut:
    """Return a batch as the API represents it."""
    own = f"/v1/batches/{row.id}"
    links = {
        "self": own,
        "summary": f"{own}/summary.csv",
        "book": f"{own}/summary.xlsx",
        "cancel": f"{own}/cancel",
        "analyses": f"/v1/analyses?batch={row.id}",
    }
    refused = [RefusedFileOut(**item) for item in (row.options or {}).get("refused", [])]
    return BatchOut(
        id=row.id,
        name=row.name,
        total=row.total,
        counts=BatchCountsOut(**batches.count_by_status(session, row.id), refused=len(refused)),
        refused=refused,
        cancelled_at=row.cancelled_at,
        created_at=row.created_at,
        links=links,
    )


@router.get("")
def list_batches(
    services: ServicesDep,
    who: CurrentCaller,
    request: Request,
    response: Response,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> BatchPage:
    """List your batches, newest first."""
    with services.database.read_session() as session:
        rows, following = batches.list_page(session, who.owner_id, after=cursor, limit=limit)
        page = BatchPage(items=[serialize_batch(session, row) for row in rows], next_cursor=following)
    add_next_link(request, response, following)
    return page


@router.get("/{id}")
def get_batch(id: str, services: ServicesDep, who: CurrentCaller) -> BatchOut:
    """Return the progress of a batch."""
    with services.database.read_session() as session:
        row = batches.get(session, who.owner_id, id)
        if row is None:
            raise not_found("batch")
        return serialize_batch(session, row)


def _summary(id: str, services: Services, who: Caller, ending: str, media_type: str) -> Response:
    most = services.settings.max_batch_clips
    with services.database.read_session() as session:
        row = batches.get(session, who.owner_id, id)
        if row is None:
            raise not_found("batch")
        if sum(batches.count_by_status(session, id).values()) > most:
            raise Problem(409, "too-many-clips", f"More than {most} clips: analyzer batch collect {id} --out DIR")
    from api.batch.summary_table import write_batch_summary  # late: pandas and pyarrow take half a second to load

    services.incoming.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=services.incoming) as folder:
        path = Path(folder) / f"summary.{ending}"
        write_batch_summary(services.database, services.files, id, path)
        body = path.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="{id}-summary.{ending}"'}
    return Response(body, media_type=media_type, headers=headers)


@router.get(
    "/{id}/summary.csv",
    response_class=Response,
    responses={200: {"content": {_CSV: {"schema": {"type": "string"}}}}, 409: {}},
)
def get_batch_summary(id: str, services: ServicesDep, who: CurrentCaller) -> Response:
    """Return one row for each clip, with the columns of `analyzer batch`; unfinished clips have no numbers.

    Files that were refused are `failed`, with the reason.
    """
    return _summary(id, services, who, "csv", _CSV)


@router.get(
    "/{id}/summary.xlsx",
    response_class=Response,
    responses={200: {"content": {_XLSX: {"schema": {"type": "string", "format": "binary"}}}}, 409: {}},
)
def get_batch_book(id: str, services: ServicesDep, who: CurrentCaller) -> Response:
    """Return the summary as a workbook with sheets for reps, holds and stages."""
    return _summary(id, services, who, "xlsx", _XLSX)


@router.delete("/{id}", status_code=204)
def delete_batch(id: str, services: ServicesDep, who: CurrentCaller) -> None:
    """Delete a batch, with its name and the names of refused files. Clips that have not ended are cancelled.

    Its analyses stay, with the batch's id, and are deleted by themselves.
    """
    if not deletion.delete_batch(services.database, services.files, services.jobs, who.owner_id, id):
        raise not_found("batch")


@router.post("/{id}/cancel")
def cancel_batch(id: str, services: ServicesDep, who: CurrentCaller) -> BatchOut:
    """Cancel all analyses of a batch that have not ended."""
    with services.database.session() as session:
        row = batches.get(session, who.owner_id, id)
        if row is None:
            raise not_found("batch")
        stopped = list(batches.cancel(session, who.owner_id, id) or ())
        session.flush()
        out = serialize_batch(session, row)
    for analysis_id in stopped:
        push_or_log(services.jobs.cancel, analysis_id)
    return out
