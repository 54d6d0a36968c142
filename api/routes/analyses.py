"""Routes of analyses: create, list, follow, update, cancel and delete."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api.analyses.best_events import find_best
from api.analyses.details import change_details, get_details_etag
from api.analyses.measure_changes import find_changes
from api.analyses.repeatability import find_own_mdc
from api.analyses.variants import check_variant
from api.analysis_events import MAX_WAIT_S
from api.auth import CurrentCaller
from api.cleanup import deletion
from api.db import analyses
from api.db.statuses import PROCESSED_STATUSES, Status
from api.dependencies import Services, ServicesDep
from api.jobs.interface import push_or_log
from api.json_object import JsonObject
from api.responses.etags import ETAG_HEADER, IfMatch, quote_etag
from api.responses.paging import CursorParam, LimitParam, add_next_link
from api.responses.problem_details import Problem, first_error_text, not_found, to_field_errors
from api.schemas.analyses import (
    AnalysisOptions,
    AnalysisPage,
    AnalysisPatch,
    AnalysisStatus,
    BestEventsOut,
    ChangesOut,
    MovementFilter,
    UploadAnalysisIn,
)
from api.schemas.fields import BatchId, ClientId
from api.serializers.analyses import serialize_analyses, serialize_analysis
from api.untrusted_files.multipart import receive_form
from api.uploads.clip_intake import ReceivedClip, accept_clip, build_idempotency_key, check_quota, find_earlier_answer
from api.uploads.resumable import claim_finished_upload, delete_upload

router = APIRouter(prefix="/v1/analyses", tags=["analyses"])

LOCATION_HEADER: JsonObject = {"headers": {"Location": {"schema": {"type": "string"}}}}

WaitSeconds = Annotated[
    float,
    Query(
        ge=0,
        le=MAX_WAIT_S,
        description="Seconds to wait until the analysis has ended and its result includes every change.",
    ),
]
IdempotencyKeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="A repeated request with the same key and body returns the first answer again.",
    ),
]


def _multipart_schema() -> JsonObject:
    schema = AnalysisOptions.model_json_schema()
    clip = {"type": "string", "format": "binary", "description": "The clip as the phone saved it."}
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
    request: Request,
    services: ServicesDep,
    caller: CurrentCaller,
    wait: WaitSeconds = 0,
    key: IdempotencyKeyHeader = None,
) -> Response:
    """Analyse a clip. Only the file is required.

    Send the clip with the request (multipart), or upload it before by tus to `/v1/uploads/` and send its id (JSON). The
    answer comes at once; with `wait` it comes when the analysis has ended or the time is up.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        accepted = await _accept_upload(request, services, caller.owner_id, key)
    elif kind == "multipart/form-data":
        accepted = await _accept_form(request, services, caller.owner_id, key)
    else:
        raise Problem(415, "unsupported-media-type", "Send multipart/form-data with a clip, or JSON with an upload.")
    body = accepted.model_dump(mode="json") if isinstance(accepted, AnalysisStatus) else accepted
    headers = {"Location": f"/v1/analyses/{body['id']}"}
    if not isinstance(accepted, AnalysisStatus):
        headers["Idempotent-Replayed"] = "true"
    if wait:
        status = await services.events.wait_until_settled(caller.owner_id, body["id"], wait)
        body = status.model_dump(mode="json") if status is not None else body
    return JSONResponse(body, 202, headers)


async def _accept_form(
    request: Request, services: Services, owner_id: str, key: str | None
) -> AnalysisStatus | JsonObject:
    await run_in_threadpool(check_quota, services, owner_id)
    max_bytes = services.settings.max_upload_bytes
    async with receive_form(request, services.incoming, disk=services.disk, max_bytes=max_bytes) as form:
        form.check_is_file("clip")
        options = validate_options(AnalysisOptions, form.fields)
        if not form.files or form.files[0].field != "clip":
            raise Problem(422, "no-clip", "The field `clip` holds no file. Send one: curl -F clip=@squat.mp4 URL")
        file = form.files[0]
        idempotency_key = build_idempotency_key(key, options, file.sha256)
        earlier = await run_in_threadpool(find_earlier_answer, services, owner_id, idempotency_key)
        if earlier is not None:
            return earlier
        received_clip = ReceivedClip(file.path, file.name, file.size_bytes)
        return await run_in_threadpool(
            accept_clip, services, owner_id, received_clip, options, idempotency_key=idempotency_key
        )


async def _accept_upload(
    request: Request, services: Services, owner_id: str, key: str | None
) -> AnalysisStatus | JsonObject:
    try:
        options = UploadAnalysisIn.model_validate_json(await request.body())
    except ValidationError as error:
        raise _invalid(error) from None
    check_variant(options.movement, options.variant)

    def accept() -> AnalysisStatus | JsonObject:
        """Accept the uploaded clip, or return the answer to an earlier request with this key."""
        idempotency_key = build_idempotency_key(key, options, options.upload)
        earlier = find_earlier_answer(services, owner_id, idempotency_key)
        if earlier is not None:
            return earlier
        check_quota(services, owner_id)
        with claim_finished_upload(services, owner_id, options.upload) as received_clip:
            status = accept_clip(services, owner_id, received_clip, options, idempotency_key=idempotency_key)
        delete_upload(services, owner_id, options.upload)
        return status

    return await run_in_threadpool(accept)


def validate_options(model: type[AnalysisOptions], fields: Mapping[str, str]) -> AnalysisOptions:
    """Return the options of form fields; raise Problem 422 where they are invalid."""
    try:
        options = model.model_validate(dict(fields))
    except ValidationError as error:
        raise _invalid(error) from None
    check_variant(options.movement, options.variant)
    return options


def _invalid(error: ValidationError) -> Problem:
    errors = to_field_errors([details | {"loc": ("body", *details["loc"])} for details in error.errors()])
    return Problem(422, "invalid-request", first_error_text(errors), errors=errors)


@router.get("")
def list_analyses(
    services: ServicesDep,
    caller: CurrentCaller,
    response: Response,
    request: Request,
    client: Annotated[ClientId | None, Query()] = None,
    movement: Annotated[MovementFilter | None, Query()] = None,
    status: Annotated[Status | None, Query()] = None,
    batch: Annotated[BatchId | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> AnalysisPage:
    """List your analyses, newest first."""
    with services.database.read_session() as session:
        rows, next_cursor = analyses.list_page(
            session,
            caller.owner_id,
            client_id=client,
            movement=movement,
            status=status,
            batch_id=batch,
            after=cursor,
            limit=limit,
        )
        page = AnalysisPage(items=serialize_analyses(session, rows), next_cursor=next_cursor)
    add_next_link(request, response, next_cursor)
    return page


def _find_analysis(services: ServicesDep, caller: CurrentCaller, id: str) -> AnalysisStatus:
    status = services.events.find_status(caller.owner_id, id)
    if status is None:
        raise not_found("analysis")
    return status


ExistingAnalysis = Annotated[AnalysisStatus, Depends(_find_analysis)]


@router.get("/{id}", responses={200: ETAG_HEADER})
async def get_analysis(
    services: ServicesDep, caller: CurrentCaller, status: ExistingAnalysis, response: Response, wait: WaitSeconds = 0
) -> AnalysisStatus:
    """Return the status of an analysis; with `wait`, once its result includes every change or the time is up."""
    if wait:
        later = await services.events.wait_until_settled(caller.owner_id, status.id, wait)
        if later is None:
            raise not_found("analysis")
        status = later
    tag = await run_in_threadpool(get_details_etag, services, caller.owner_id, status.id)
    if tag is not None:
        response.headers["ETag"] = quote_etag(tag)
    return status


@router.get("/{id}/changes", responses={409: {}})
def get_changes(id: str, services: ServicesDep, caller: CurrentCaller) -> ChangesOut:
    """Return how the key measures changed since the last clip of the same client and exercise.

    The same exercise is the same movement and variant, both with load or both without. `since` is null, and `items`
    empty, without such a clip. A change up to `mdc` is no clear change; one without `mdc` has no verdict.
    """
    return find_changes(services, caller.owner_id, id, find_own_mdc(services, caller.owner_id))


@router.get("/{id}/best-events", responses={409: {}})
def get_best_events(id: str, services: ServicesDep, caller: CurrentCaller) -> BestEventsOut:
    """Return the best reps or holds: the best place on average over the measures that the movement counts as better.

    Measures in which they differ by less than the minimal detectable change do not count.
    """
    return find_best(services, caller.owner_id, id)


@router.patch("/{id}", responses={200: ETAG_HEADER, 409: {}, 412: ETAG_HEADER})
async def update_analysis(
    id: str,
    services: ServicesDep,
    caller: CurrentCaller,
    patch: AnalysisPatch,
    response: Response,
    wait: WaitSeconds = 0,
    only_if: IfMatch = None,
) -> AnalysisStatus:
    """Change the movement or other details of an analysis.

    Omitted fields keep their value, null clears one, and `"movement": "auto"` returns to automatic recognition. If the
    result depends on the change, it is measured again from the stored track, without the pose model, in a second or
    two. Until then `remeasuring` is true and the earlier result is returned; with `wait` the answer comes when the new
    one is ready. A change to an analysis that is queued or running is included in its result. A failed or cancelled
    analysis accepts changes of client and note only (409). Another subject requires tracking the clip again: 409 once
    the analysis runs.

    A change of movement clears a variant that the new movement does not have. Marks are preserved: a report about a
    rep, hold or stage becomes a report about that moment, and corrected stages wait for their movement (docs/marks.md).
    """
    status, tag = await run_in_threadpool(change_details, services, caller.owner_id, id, patch, only_if)
    if wait:
        status = await services.events.wait_until_settled(caller.owner_id, id, wait) or status
    response.headers["ETag"] = quote_etag(tag)
    return status


def _open_stream(services: ServicesDep, caller: CurrentCaller) -> Iterator[None]:
    with services.events.open_stream(caller.owner_id):
        yield


@router.get(
    "/{id}/events",
    dependencies=[Depends(_open_stream)],
    response_class=EventSourceResponse,
    responses={200: {"description": "Events `status`, with the data of GET /v1/analyses/{id} and the revision as id."}},
)
async def follow_analysis(
    services: ServicesDep,
    caller: CurrentCaller,
    status: ExistingAnalysis,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Stream the changes of an analysis as server-sent events until it has ended.

    An owner has at most `ANALYZER_EVENT_STREAMS_PER_OWNER` open streams (429). A stream ends when its key or sign-in is
    revoked.
    """
    known = int(last_event_id) if last_event_id and last_event_id.isascii() and last_event_id.isdigit() else None
    async for event in services.events.stream_changes(caller.owner_id, status.id, known):
        yield event


@router.post("/{id}/cancel", responses={409: {}})
def cancel_analysis(id: str, services: ServicesDep, caller: CurrentCaller) -> AnalysisStatus:
    """Cancel an analysis. It stops within seconds; one that has ended answers 409."""
    with services.database.session() as session:
        row = analyses.get(session, caller.owner_id, id)
        if row is None:
            raise not_found("analysis")
        if row.status in PROCESSED_STATUSES:
            raise Problem(409, "ended", f"The analysis is already {row.status}. Delete it if you do not need it.")
        row = analyses.cancel(session, caller.owner_id, id)
        if row is None:
            raise not_found("analysis")
        session.flush()
        status = serialize_analysis(session, row)
    push_or_log(services.jobs.cancel, id)
    return status


@router.delete("/{id}", status_code=204)
def delete_analysis(id: str, services: ServicesDep, caller: CurrentCaller) -> None:
    """Delete an analysis with its clip, files, links and job, also while it runs."""
    if not deletion.delete_analysis(services.database, services.files, services.jobs, caller.owner_id, id):
        raise not_found("analysis")
