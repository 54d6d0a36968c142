"""Routes of the files of a result, with ETag and Range."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.access.security import CLIENT_POLICY, REPORT_POLICY, report_headers
from api.auth import CurrentCaller
from api.db import analyses, clips
from api.db.statuses import OPEN_STATUSES
from api.dependencies import Services, ServicesDep
from api.json_object import JsonObject
from api.responses.problem_details import Problem, not_found
from api.responses.ranges import send_content, send_file
from api.storage.file_store import result_key
from api.storage.stored_results import RESULT_FILE, complete_old_result

router = APIRouter(prefix="/v1/analyses", tags=["results"])


@dataclass(frozen=True)
class ResultFile:
    """One file of a result, and how it is served."""

    path: str
    operation: str
    file: str
    media_type: str
    description: str
    headers: dict[str, str] = field(default_factory=dict)


RESULT_FILES = (
    ResultFile("result", "get_result", "analysis.json", "application/json", "Return the result: `analysis.json`."),
    ResultFile("angles.csv", "get_angles", "angles.csv", "text/csv", "Return all angles, one row for each frame."),
    ResultFile(
        "report",
        "get_report",
        "report.html",
        "text/html",
        "Return the coach's report as one page.",
        report_headers(REPORT_POLICY),
    ),
    ResultFile(
        "video",
        "get_video",
        "annotated.mp4",
        "video/mp4",
        "Return the clip with skeleton and angles drawn in.",
    ),
    ResultFile(
        "overlay",
        "get_overlay",
        "overlay.json",
        "application/json",
        "Return the data to draw over the clip.",
    ),
    ResultFile("clip", "get_clip", "clip.mp4", "video/mp4", "Return the clip as H.264, without metadata."),
    ResultFile("thumb", "get_thumb", "thumb.jpg", "image/jpeg", "Return a thumbnail of the clip."),
    ResultFile("plot", "get_plot", "angles.png", "image/png", "Return a picture of the angles over time."),
    ResultFile(
        "client-report",
        "get_client_report",
        "client.html",
        "text/html",
        "Return the client's page: what they can do, and what to try.",
        report_headers(CLIENT_POLICY),
    ),
)


def find_result_key(services: Services, owner_id: str, id: str, file: str) -> tuple[str, str, str]:
    """Return the key, the ETag and the download name of a result file; raise Problem 404, or 409 without a result."""
    with services.database.read_session() as session:
        row = analyses.get(session, owner_id, id)
        if row is None:
            raise not_found("analysis")
        run, status = row.run, row.status
        clip = clips.get(session, owner_id, row.clip_id)
        stem = (clip.name if clip is not None else "clip").rpartition(".")[0] or "clip"
    if run is None:
        advice = "Wait for it: GET /v1/analyses/{id}?wait=60" if status in OPEN_STATUSES else "It has no result"
        raise Problem(409, "not-done", f"The analysis is {status}. {advice}.", headers={"Retry-After": "5"})
    return result_key(id, run, file), f"{run}-{file}", f"{stem}-{file}"


def _make_endpoint(part: ResultFile) -> Callable[..., Response]:
    def endpoint(
        request: Request,
        id: str,
        services: ServicesDep,
        caller: CurrentCaller,
        download: Annotated[bool, Query(description="Download the file instead of showing it.")] = False,
    ) -> Response:
        key, etag, name = find_result_key(services, caller.owner_id, id, part.file)
        completed = complete_old_result(services.files, key) if part.file == RESULT_FILE else None
        if completed is not None:
            etag = f"{etag}-completed"
            return send_content(
                request, completed, media_type=part.media_type, etag=etag, name=name, attachment=download
            )
        return send_file(
            request,
            services.files,
            key,
            media_type=part.media_type,
            etag=etag,
            name=name,
            attachment=download,
            headers=part.headers,
        )

    endpoint.__name__ = part.operation
    endpoint.__doc__ = part.description
    return endpoint


def _list_responses(part: ResultFile) -> dict[int | str, JsonObject]:
    schema: JsonObject = {"type": "string"}
    if part.media_type in ("video/mp4", "image/jpeg", "image/png"):
        schema["format"] = "binary"
    if part.media_type == "application/json":
        schema = {"type": "object"} if part.path != "result" else {"$ref": "#/components/schemas/Analysis"}
    content = {part.media_type: {"schema": schema}}
    return {200: {"content": content}, 206: {"content": content, "description": "The requested range."},
            304: {"description": "Not changed."}, 409: {}, 416: {}}  # fmt: skip


for _part in RESULT_FILES:
    _endpoint = _make_endpoint(_part)
    router.add_api_route(
        f"/{{id}}/{_part.path}",
        _endpoint,
        methods=["GET"],
        name=_part.operation,
        response_class=Response,
        responses=_list_responses(_part),
    )
    router.add_api_route(f"/{{id}}/{_part.path}", _endpoint, methods=["HEAD"], include_in_schema=False)
