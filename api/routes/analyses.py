"""Analyses: asking for one, following it, cancelling and deleting it."""

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api import analysis_details as details
from api import retention as housekeeping
from api.analysis_events import MAX_WAIT_S, find_status, stream_changes, wait_until_settled
from api.auth import CurrentCaller
from api.clip_intake import ReceivedClip, accept_clip, build_idempotency_key, check_quota, find_earlier_answer
from api.db import analyses
from api.db.statuses import PROCESSED_STATUSES, Status
from api.dependencies import Services, ServicesDep
from api.etags import ETAG_HEADER, IfMatch, quote_etag
from api.jobs.interface import push_or_log
from api.multipart import receive_form
from api.paging import CursorParam, LimitParam, add_next_link
from api.problem_details import Problem, first_error_text, not_found, to_field_errors
from api.resumable_uploads import claim_finished_upload, delete_upload
from api.schemas import AnalysisOptions, AnalysisPage, AnalysisPatch, AnalysisStatus, UploadAnalysisIn
from api.serializers import serialize_analyses, serialize_analysis

router = APIRouter(prefix="/v1/analyses", tags=["analyses"])

LOCATION_HEADER: dict[str, Any] = {"headers": {"Location": {"schema": {"type": "string"}}}}

WaitSeconds = Annotated[
    float,
    Query(
        ge=0,
        le=MAX_WAIT_S,
        description="wait up to so many seconds for its end, or for a change to be in the result",
    ),
]
IdempotencyKeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="the same key with the same body gives the same answer, however often it is sent",
    ),
]


def _multipart_schema() -> dict[str, Any]:
    schema = AnalysisOptions.model_json_schema()
    clip = {"type": "string", "format": "binary", "description": "the clip, as the phone saved it"}
    properties = {"clip": clip, **schema["properties"]}
    return {"type": "object", "title": "ClipAndOptions", "properties": properties, "required": ["clip"],
            "additionalProperties": False}  # fmt: skip


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": _multipart_schema()},
            "application/json": {"schema": UploadAnalysisIn.model_json_schema()},
        },
    }
}


@router.post(
    "",
    status_code=202,
    response_model=AnalysisStatus,
    openapi_extra=_BODY,
    responses={202: LOCATION_HEADER, 404: {}, 409: {}, 413: {}, 415: {}, 507: {}},
)
async def create_analysis(
    request: Request, services: ServicesDep, who: CurrentCaller, wait: WaitSeconds = 0, key: IdempotencyKeyHeader = None
) -> Response:
    """Analyse a clip: one file is enough, everything else may be left out.

    The clip comes with the request (multipart), or it was uploaded before by tus to `/v1/uploads/` and is named by
    its id (JSON). The answer comes at once; with `wait`, once it has ended or the time is up.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        given = await _of_upload(request, services, who.owner_id, key)
    elif kind == "multipart/form-data":
        given = await _of_clip(request, services, who.owner_id, key)
    else:
        raise Problem(415, "unsupported-media-type", "Send multipart/form-data with a clip, or JSON with an upload.")
    body = given.model_dump(mode="json") if isinstance(given, AnalysisStatus) else given
    headers = {"Location": f"/v1/analyses/{body['id']}"}
    if not isinstance(given, AnalysisStatus):
        headers["Idempotent-Replayed"] = "true"
    if wait:
        status = await wait_until_settled(services, who.owner_id, body["id"], wait)
        body = status.model_dump(mode="json") if status is not None else body
    return JSONResponse(body, 202, headers)


async def _of_clip(
    request: Request, services: Services, owner_id: str, key: str | None
) -> AnalysisStatus | dict[str, Any]:
    await run_in_threadpool(check_quota, services, owner_id)
    async with receive_form(request, services.incoming, max_bytes=services.settings.max_upload_bytes) as form:
        options = validate_options(AnalysisOptions, form.fields)
        if not form.files or form.files[0].field != "clip":
            raise Problem(422, "no-clip", "There is no file in the field `clip`: curl -F clip=@squat.mp4 URL")
        file = form.files[0]
        idempotency = build_idempotency_key(key, options, file.sha256)
        earlier = await run_in_threadpool(find_earlier_answer, services, owner_id, idempotency)
        if earlier is not None:
            return earlier
        received_clip = ReceivedClip(file.path, file.name, file.size_bytes)
        return await run_in_threadpool(accept_clip, services, owner_id, received_clip, options, idempotency=idempotency)


async def _of_upload(
    request: Request, services: Services, owner_id: str, key: str | None
) -> AnalysisStatus | dict[str, Any]:
    try:
        options = UploadAnalysisIn.model_validate_json(await request.body())
    except ValidationError as error:
        raise _invalid(error) from None

    def act() -> AnalysisStatus | dict[str, Any]:
        idempotency = build_idempotency_key(key, options, options.upload)
        earlier = find_earlier_answer(services, owner_id, idempotency)
        if earlier is not None:
            return earlier
        check_quota(services, owner_id)
        with claim_finished_upload(services, owner_id, options.upload) as received_clip:
            taken = accept_clip(services, owner_id, received_clip, options, idempotency=idempotency)
        delete_upload(services, owner_id, options.upload)
        return taken

    return await run_in_threadpool(act)


def validate_options(model: type[AnalysisOptions], fields: Mapping[str, str]) -> AnalysisOptions:
    """Options from form fields; raises Problem 422."""
    try:
        return model.model_validate(dict(fields))
    except ValidationError as error:
        raise _invalid(error) from None


def _invalid(error: ValidationError) -> Problem:
    errors = to_field_errors([one | {"loc": ("body", *one["loc"])} for one in error.errors()])
    return Problem(422, "invalid-request", first_error_text(errors), errors=errors)


@router.get("")
def list_analyses(
    services: ServicesDep,
    who: CurrentCaller,
    response: Response,
    request: Request,
    client: Annotated[str | None, Query(max_length=60, description="id of a client")] = None,
    movement: Annotated[str | None, Query(max_length=60)] = None,
    status: Annotated[Status | None, Query()] = None,
    batch: Annotated[str | None, Query(max_length=60, description="id of a batch")] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> AnalysisPage:
    """One's own analyses, newest first."""
    with services.database.read_session() as session:
        rows, following = analyses.list_page(
            session,
            who.owner_id,
            client_id=client,
            movement=movement,
            status=status,
            batch_id=batch,
            after=cursor,
            limit=limit,
        )
        page = AnalysisPage(items=serialize_analyses(session, rows), next_cursor=following)
    add_next_link(request, response, following)
    return page


def _find_analysis(services: ServicesDep, who: CurrentCaller, id: str) -> AnalysisStatus:
    status = find_status(services, who.owner_id, id)
    if status is None:
        raise not_found("analysis")
    return status


ExistingAnalysis = Annotated[AnalysisStatus, Depends(_find_analysis)]


@router.get("/{id}", responses={200: ETAG_HEADER})
async def get_analysis(
    services: ServicesDep, who: CurrentCaller, status: ExistingAnalysis, response: Response, wait: WaitSeconds = 0
) -> AnalysisStatus:
    """How far it is; with `wait`, once it has ended with every change in its result, or the time is up."""
    if wait:
        later = await wait_until_settled(services, who.owner_id, status.id, wait)
        if later is None:
            raise not_found("analysis")
        status = later
    tag = await run_in_threadpool(details.get_details_etag, services, who.owner_id, status.id)
    if tag is not None:
        response.headers["ETag"] = quote_etag(tag)
    return status


@router.patch("/{id}", responses={200: ETAG_HEADER, 409: {}, 412: ETAG_HEADER})
async def update_analysis(
    id: str,
    services: ServicesDep,
    who: CurrentCaller,
    patch: AnalysisPatch,
    response: Response,
    wait: WaitSeconds = 0,
    only_if: IfMatch = None,
) -> AnalysisStatus:
    """Correct the movement, or change other details, after the clip was sent.

    A field that is left out stays as it is, null clears it; `"movement": "auto"` goes back to recognising it. Where the
    result follows from the change it is measured again from the stored track, without the pose model, in a second or
    two: until then `remeasuring` is true and the older result answers; with `wait` the answer comes once it is there.
    While the analysis waits or runs the change is taken into it. One that failed or was cancelled has nothing to
    measure: 409, but for client and note. Another subject needs the clip tracked again: 409 once the analysis runs.

    A variant of another movement is cleared with a change of movement. Marks stay: a report of a rep, hold or stage
    becomes one of that moment, and corrected stages wait for their movement (docs/marks.md).
    """
    status, tag = await run_in_threadpool(details.change_details, services, who.owner_id, id, patch, only_if)
    if wait:
        status = await wait_until_settled(services, who.owner_id, id, wait) or status
    response.headers["ETag"] = quote_etag(tag)
    return status


@router.get(
    "/{id}/events",
    response_class=EventSourceResponse,
    responses={200: {"description": "events `status`, data as GET /v1/analyses/{id}, id = revision; ends with it"}},
)
async def follow_analysis(
    services: ServicesDep,
    who: CurrentCaller,
    status: ExistingAnalysis,
    last_seen: Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Follow it by server-sent events, until it has ended."""
    known = int(last_seen) if last_seen and last_seen.isascii() and last_seen.isdigit() else None
    async for event in stream_changes(services, who.owner_id, status.id, known):
        yield event


@router.post("/{id}/cancel", responses={409: {}})
def cancel_analysis(id: str, services: ServicesDep, who: CurrentCaller) -> AnalysisStatus:
    """Cancel it: takes effect within seconds. One that has ended stays as it is: 409."""
    with services.database.session() as session:
        row = analyses.get(session, who.owner_id, id)
        if row is None:
            raise not_found("analysis")
        if row.status in PROCESSED_STATUSES:
            raise Problem(409, "ended", f"It is {row.status} already. Delete it instead, if it is not wanted.")
        row = analyses.cancel(session, who.owner_id, id)
        if row is None:
            raise not_found("analysis")
        session.flush()
        status = serialize_analysis(session, row)
    push_or_log(services.jobs.cancel, id)
    return status


@router.delete("/{id}", status_code=204)
def delete_analysis(id: str, services: ServicesDep, who: CurrentCaller) -> None:
    """Delete it with its clip, its files, its links and its job, also while it runs."""
    if not housekeeping.delete_analysis(services.database, services.files, services.jobs, who.owner_id, id):
        raise not_found("analysis")
