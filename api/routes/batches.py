"""Routes of batches: many clips at once, as files or as a zip."""

from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from api.auth import Caller, CurrentCaller
from api.cleanup import deletion
from api.db import batches
from api.dependencies import Services, ServicesDep
from api.jobs.interface import push_or_log
from api.json_object import JsonObject
from api.responses.paging import CursorParam, LimitParam, add_next_link
from api.responses.problem_details import Problem, not_found
from api.routes.analyses import LOCATION_HEADER, IdempotencyKeyHeader, validate_options
from api.schemas.batches import BatchOptions, BatchOut, BatchPage
from api.serializers.batches import serialize_batch
from api.untrusted_files.multipart import MultipartForm, receive_form
from api.uploads.batch_intake import accept_batch
from api.uploads.clip_intake import check_quota

router = APIRouter(prefix="/v1/batches", tags=["batches"])

_MAX_FILES = 200  # files of one request; more come as a zip; chosen
_CSV = "text/csv"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _multipart_schema() -> JsonObject:
    own = BatchOptions.model_json_schema()["properties"]
    clips = {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1,
             "description": "Several clips, or one zip of clips."}  # fmt: skip
    return {"type": "object", "title": "ClipsAndOptions", "properties": {"clips": clips, **own}, "required": ["clips"],
            "additionalProperties": False}  # fmt: skip


@router.post(
    "",
    status_code=202,
    response_model=BatchOut,
    openapi_extra={
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _multipart_schema()}}}
    },
    responses={202: LOCATION_HEADER, 404: {}, 409: {}, 413: {}, 415: {}, 507: {}},
)
async def create_batch(
    request: Request, services: ServicesDep, caller: CurrentCaller, key: IdempotencyKeyHeader = None
) -> Response:
    """Analyse several clips, or a zip of clips: `curl -F clips=@one.mp4 -F clips=@two.mp4`.

    Files that are not clips are listed as refused; the others are analysed. Without any clip the answer is 422.
    """
    await run_in_threadpool(check_quota, services, caller.owner_id, 0)
    async with receive_form(
        request,
        services.incoming,
        disk=services.disk,
        max_bytes=services.settings.max_upload_bytes,
        max_files=_MAX_FILES,
    ) as form:
        body, is_replay = await run_in_threadpool(_accept_form, services, caller.owner_id, form, key)
    headers = {"Location": f"/v1/batches/{body['id']}", **({"Idempotent-Replayed": "true"} if is_replay else {})}
    return JSONResponse(body, 202, headers)


def _accept_form(services: Services, owner_id: str, form: MultipartForm, key: str | None) -> tuple[JsonObject, bool]:
    form.check_is_file("clips")
    options = validate_options(BatchOptions, form.fields)
    assert isinstance(options, BatchOptions)
    if not form.files or any(file.field != "clips" for file in form.files):
        raise Problem(
            422, "no-clip", "Send the files in the field `clips`: curl -F clips=@one.mp4 -F clips=@two.mp4 URL"
        )
    return accept_batch(services, owner_id, form, options, key)


@router.get("")
def list_batches(
    services: ServicesDep,
    caller: CurrentCaller,
    request: Request,
    response: Response,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> BatchPage:
    """List your batches, newest first."""
    with services.database.read_session() as session:
        rows, following = batches.list_page(session, caller.owner_id, after=cursor, limit=limit)
        page = BatchPage(items=[serialize_batch(session, row) for row in rows], next_cursor=following)
    add_next_link(request, response, following)
    return page


@router.get("/{id}")
def get_batch(id: str, services: ServicesDep, caller: CurrentCaller) -> BatchOut:
    """Return the progress of a batch."""
    with services.database.read_session() as session:
        row = batches.get(session, caller.owner_id, id)
        if row is None:
            raise not_found("batch")
        return serialize_batch(session, row)


def _summary(id: str, services: Services, caller: Caller, ending: str, media_type: str) -> Response:
    most = services.settings.max_batch_clips
    with services.database.read_session() as session:
        row = batches.get(session, caller.owner_id, id)
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
def get_batch_summary(id: str, services: ServicesDep, caller: CurrentCaller) -> Response:
    """Return one row for each clip, with the columns of `analyzer batch`; unfinished clips have no numbers.

    Files that were refused are `failed`, with the reason.
    """
    return _summary(id, services, caller, "csv", _CSV)


@router.get(
    "/{id}/summary.xlsx",
    response_class=Response,
    responses={200: {"content": {_XLSX: {"schema": {"type": "string", "format": "binary"}}}}, 409: {}},
)
def get_batch_book(id: str, services: ServicesDep, caller: CurrentCaller) -> Response:
    """Return the summary as a workbook with sheets for reps, holds and stages."""
    return _summary(id, services, caller, "xlsx", _XLSX)


@router.delete("/{id}", status_code=204)
def delete_batch(id: str, services: ServicesDep, caller: CurrentCaller) -> None:
    """Delete a batch, with its name and the names of refused files. Clips that have not ended are cancelled.

    Its analyses stay, with the batch's id, and are deleted by themselves.
    """
    if not deletion.delete_batch(services.database, services.files, services.jobs, caller.owner_id, id):
        raise not_found("batch")


@router.post("/{id}/cancel")
def cancel_batch(id: str, services: ServicesDep, caller: CurrentCaller) -> BatchOut:
    """Cancel all analyses of a batch that have not ended."""
    with services.database.session() as session:
        row = batches.get(session, caller.owner_id, id)
        if row is None:
            raise not_found("batch")
        stopped = list(batches.cancel(session, caller.owner_id, id) or ())
        session.flush()
        out = serialize_batch(session, row)
    for analysis_id in stopped:
        push_or_log(services.jobs.cancel, analysis_id)
    return out
