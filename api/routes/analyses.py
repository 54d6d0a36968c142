"""Analyses: asking for one, following it, cancelling and deleting it."""

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api import details, housekeeping
from api.auth import Who
from api.db import analyses
from api.deps import Parts, Services
from api.events import LONGEST_WAIT_S, changes, ended_within, look
from api.intake import Arrived, answered, check_room, once_of, take_in
from api.jobs.port import pushed
from api.multipart import received
from api.paging import Cursor, Limit, add_link
from api.problems import Problem, detail_of, field_errors, not_found
from api.schemas import AnalysisOfUpload, AnalysisPage, AnalysisPatch, AnalysisStatus, Options, Status
from api.uploads import finished_upload, forget_upload
from api.views import status_of, statuses_of

router = APIRouter(prefix="/v1/analyses", tags=["analyses"])

LOCATED: dict[str, Any] = {"headers": {"Location": {"schema": {"type": "string"}}}}

TAGGED: dict[str, Any] = {
    "headers": {"ETag": {"description": "names the details as they are now", "schema": {"type": "string"}}}
}
OnlyIf = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="the ETag of the details that are changed; 412 where others changed them meanwhile. Without it "
        "they are changed whatever they are",
    ),
]
Wait = Annotated[
    float,
    Query(
        ge=0,
        le=LONGEST_WAIT_S,
        description="wait up to so many seconds for its end, or for a change to be in the result",
    ),
]
Key = Annotated[
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
    schema = Options.model_json_schema()
    clip = {"type": "string", "format": "binary", "description": "the clip, as the phone saved it"}
    properties = {"clip": clip, **schema["properties"]}
    return {"type": "object", "title": "ClipAndOptions", "properties": properties, "required": ["clip"],
            "additionalProperties": False}  # fmt: skip


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": _multipart_schema()},
            "application/json": {"schema": AnalysisOfUpload.model_json_schema()},
        },
    }
}


@router.post(
    "",
    status_code=202,
    response_model=AnalysisStatus,
    openapi_extra=_BODY,
    responses={202: LOCATED, 404: {}, 409: {}, 413: {}, 415: {}, 507: {}},
)
async def create_analysis(request: Request, services: Parts, who: Who, wait: Wait = 0, key: Key = None) -> Response:
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
        status = await ended_within(services, who.owner_id, body["id"], wait)
        body = status.model_dump(mode="json") if status is not None else body
    return JSONResponse(body, 202, headers)


async def _of_clip(
    request: Request, services: Services, owner_id: str, key: str | None
) -> AnalysisStatus | dict[str, Any]:
    await run_in_threadpool(check_room, services, owner_id)
    async with received(request, services.incoming, max_bytes=services.settings.max_upload_bytes) as form:
        options = checked(Options, form.fields)
        if not form.files or form.files[0].field != "clip":
            raise Problem(422, "no-clip", "There is no file in the field `clip`: curl -F clip=@squat.mp4 URL")
        file = form.files[0]
        once = once_of(key, options, file.sha256)
        earlier = await run_in_threadpool(answered, services, owner_id, once)
        if earlier is not None:
            return earlier
        arrived = Arrived(file.path, file.name, file.size_bytes)
        return await run_in_threadpool(take_in, services, owner_id, arrived, options, once=once)


async def _of_upload(
    request: Request, services: Services, owner_id: str, key: str | None
) -> AnalysisStatus | dict[str, Any]:
    try:
        options = AnalysisOfUpload.model_validate_json(await request.body())
    except ValidationError as error:
        raise _invalid(error) from None

    def act() -> AnalysisStatus | dict[str, Any]:
        once = once_of(key, options, options.upload)
        earlier = answered(services, owner_id, once)
        if earlier is not None:
            return earlier
        check_room(services, owner_id)
        with finished_upload(services, owner_id, options.upload) as arrived:
            taken = take_in(services, owner_id, arrived, options, once=once)
        forget_upload(services, owner_id, options.upload)
        return taken

    return await run_in_threadpool(act)


def checked(model: type[Options], fields: Mapping[str, str]) -> Options:
    """Options from form fields; raises Problem 422."""
    try:
        return model.model_validate(dict(fields))
    except ValidationError as error:
        raise _invalid(error) from None


def _invalid(error: ValidationError) -> Problem:
    errors = field_errors([one | {"loc": ("body", *one["loc"])} for one in error.errors()])
    return Problem(422, "invalid-request", detail_of(errors), errors=errors)


@router.get("")
def list_analyses(
    services: Parts,
    who: Who,
    response: Response,
    request: Request,
    client: Annotated[str | None, Query(max_length=60, description="id of a client")] = None,
    movement: Annotated[str | None, Query(max_length=60)] = None,
    status: Annotated[Status | None, Query()] = None,
    batch: Annotated[str | None, Query(max_length=60, description="id of a batch")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> AnalysisPage:
    """One's own analyses, newest first."""
    with services.database.reading() as session:
        rows, following = analyses.page(
            session,
            who.owner_id,
            client_id=client,
            movement=movement,
            status=status,
            batch_id=batch,
            after=cursor,
            limit=limit,
        )
        page = AnalysisPage(items=statuses_of(session, rows), next_cursor=following)
    add_link(request, response, following)
    return page


def _existing(services: Parts, who: Who, id: str) -> AnalysisStatus:
    status = look(services, who.owner_id, id)
    if status is None:
        raise not_found("analysis")
    return status


Existing = Annotated[AnalysisStatus, Depends(_existing)]


@router.get("/{id}", responses={200: TAGGED})
async def get_analysis(
    services: Parts, who: Who, status: Existing, response: Response, wait: Wait = 0
) -> AnalysisStatus:
    """How far it is; with `wait`, once it has ended with every change in its result, or the time is up."""
    if wait:
        later = await ended_within(services, who.owner_id, status.id, wait)
        if later is None:
            raise not_found("analysis")
        status = later
    tag = await run_in_threadpool(details.tag_now, services, who.owner_id, status.id)
    if tag is not None:
        response.headers["ETag"] = f'"{tag}"'
    return status


@router.patch("/{id}", responses={200: TAGGED, 409: {}, 412: TAGGED})
async def update_analysis(
    id: str,
    services: Parts,
    who: Who,
    patch: AnalysisPatch,
    response: Response,
    wait: Wait = 0,
    only_if: OnlyIf = None,
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
        status = await ended_within(services, who.owner_id, id, wait) or status
    response.headers["ETag"] = f'"{tag}"'
    return status


@router.get(
    "/{id}/events",
    response_class=EventSourceResponse,
    responses={200: {"description": "events `status`, data as GET /v1/analyses/{id}, id = revision; ends with it"}},
)
async def follow_analysis(
    services: Parts,
    who: Who,
    status: Existing,
    last_seen: Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Follow it by server-sent events, until it has ended."""
    known = int(last_seen) if last_seen and last_seen.isascii() and last_seen.isdigit() else None
    async for event in changes(services, who.owner_id, status.id, known):
        yield event


@router.post("/{id}/cancel", responses={409: {}})
def cancel_analysis(id: str, services: Parts, who: Who) -> AnalysisStatus:
    """Cancel it: takes effect within seconds. One that has ended stays as it is: 409."""
    with services.database.session() as session:
        row = analyses.get(session, who.owner_id, id)
        if row is None:
            raise not_found("analysis")
        if row.status in ("done", "failed"):
            raise Problem(409, "ended", f"It is {row.status} already. Delete it instead, if it is not wanted.")
        row = analyses.cancel(session, who.owner_id, id)
        if row is None:
            raise not_found("analysis")
        session.flush()
        status = status_of(session, row)
    pushed(services.jobs.cancel, id)
    return status


@router.delete("/{id}", status_code=204)
def delete_analysis(id: str, services: Parts, who: Who) -> None:
    """Delete it with its clip, its files, its links and its job, also while it runs."""
    if not housekeeping.delete_analysis(services.database, services.files, services.jobs, who.owner_id, id):
        raise not_found("analysis")
