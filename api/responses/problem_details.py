"""Errors as `application/problem+json` (RFC 9457): what is wrong, and what to do."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.db.pagination import InvalidCursorError
from api.json_object import JsonObject

MEDIA_TYPE = "application/problem+json"

_FRAMEWORK_DETAILS = {
    400: "The request could not be read. Check its headers and its body against /openapi.json.",
    404: "Nothing exists at this address, or it is not yours. Check the id.",
    405: "This address does not accept that method. See the Allow header.",
    413: "The body is too large for this address. Send clips to POST /v1/analyses or by tus to /v1/uploads/.",
    415: "This content type is not accepted here. See /openapi.json.",
}


class FieldError(BaseModel):
    """An invalid field."""

    where: str = Field(examples=["body.load_kg"])
    what: str = Field(examples=["Input should be a valid number"])


class ProblemBody(BaseModel):
    """Body of every error."""

    type: str = Field(description="Kind of problem, for programs.", examples=["urn:problem:clip-refused"])
    title: str = Field(description="Kind of problem, for people.", examples=["Clip refused"])
    status: int = Field(examples=[422])
    detail: str = Field(
        description="What is wrong, and what to do.",
        examples=["squat.mp4: is a picture, not a video. Send the clip as the phone saved it."],
    )
    instance: str | None = Field(default=None, description="Id of the request, as in the log and in X-Request-ID.")
    errors: list[FieldError] | None = Field(default=None, description="Invalid fields.")


class Problem(HTTPException):
    """An error that a route raises.

    Parameters
    ----------
    status_code : of the response.
    name : short and stable, such as `clip-refused`.
    detail : what is wrong and what to do, in one line.
    """

    def __init__(
        self,
        status_code: int,
        name: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[FieldError] = (),
    ) -> None:
        super().__init__(status_code, detail, dict(headers) if headers else None)
        self.name, self.errors = name, errors


def not_found(what: str) -> Problem:
    """Return the problem of an id that does not exist or is another owner's: both get the same response."""
    return Problem(404, "not-found", f"No {what} has this id, or it is not yours. Check the id.")


def problem_response(
    request: Request,
    status_code: int,
    name: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[FieldError] = (),
) -> JSONResponse:
    """Return the response of a problem."""
    body = ProblemBody(
        type=f"urn:problem:{name}",
        title=name.replace("-", " ").capitalize(),
        status=status_code,
        detail=detail,
        instance=getattr(request.state, "request_id", None),
        errors=list(errors) or None,
    )
    return JSONResponse(body.model_dump(exclude_none=True), status_code, headers, MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Answer all errors of the framework and of the routes with problems."""
    app.add_exception_handler(HTTPException, _answer_http_error)
    app.add_exception_handler(InvalidCursorError, _answer_invalid_cursor)
    app.add_exception_handler(RequestValidationError, _answer_invalid_request)


async def _answer_http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error, Problem):
        return problem_response(
            request, error.status_code, error.name, error.detail, headers=error.headers, errors=error.errors
        )
    status = HTTPStatus(error.status_code)
    name = status.phrase.lower().replace(" ", "-").replace("'", "")
    own_detail = "" if error.detail == status.phrase else str(error.detail)
    detail = own_detail or _FRAMEWORK_DETAILS.get(
        error.status_code, f"{status.phrase}: {status.description or 'see /openapi.json'}."
    )
    return problem_response(request, error.status_code, name, detail, headers=error.headers)


async def _answer_invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    if _is_body_of_another_type(request, error):
        detail = "The body is not declared as JSON. Send it with the header Content-Type: application/json."
        return problem_response(request, 415, "unsupported-media-type", detail)
    errors = to_field_errors(error.errors())
    return problem_response(request, 422, "invalid-request", first_error_text(errors), errors=errors)


def _is_body_of_another_type(request: Request, error: RequestValidationError) -> bool:
    """Return whether a body has come that the framework has not read, since its type is not JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
    return not is_json and any(one["loc"] == ("body",) and one["type"] != "missing" for one in error.errors())


async def _answer_invalid_cursor(request: Request, error: Exception) -> JSONResponse:
    detail = "query.cursor: is invalid. Start without a cursor, and follow `next_cursor`."
    return problem_response(request, 422, "invalid-request", detail)


def to_field_errors(errors: Sequence[Any]) -> list[FieldError]:
    """Return Pydantic's errors without the input, which may contain secrets."""
    return [FieldError(where=".".join(map(str, error["loc"])), what=_shorten(error["msg"])) for error in errors]


def first_error_text(errors: Sequence[FieldError]) -> str:
    """Return the first error in one line, with the number of others."""
    more = f" ({len(errors) - 1} more below)" if len(errors) > 1 else ""
    return f"{errors[0].where}: {errors[0].what}{more}. See /openapi.json for valid values."


def _shorten(text: str) -> str:
    return text.removeprefix("Value error, ").rstrip(".")


_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}


def add_problem_responses(schema: JsonObject) -> JsonObject:
    """Add problems to all operations of an OpenAPI document, in place of the framework's own 422."""
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    own = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= own.pop("$defs", {})
    schemas["ProblemBody"] = own
    for path, operations in schema.get("paths", {}).items():
        for method, operation in operations.items():
            _add_problems(operation, with_id="{" in path, signed="security" in operation, changes=method != "get")
    return schema


def _add_problems(operation: JsonObject, *, with_id: bool, signed: bool, changes: bool) -> None:
    responses = operation["responses"]
    codes = [422] if responses.pop("422", None) or operation.get("requestBody") else []
    codes += [400, 415] if operation.get("requestBody") else []
    codes += [404] if with_id else []
    codes += [403] if changes else []
    codes += [401, 429] if signed else []
    for code in {*codes, *(int(key) for key in responses if key.isdigit() and int(key) >= 400)}:
        response = responses.get(str(code), {})
        response = {"description": response.get("description") or HTTPStatus(code).phrase, **response}
        responses[str(code)] = response | {"content": response.get("content", _CONTENT)}
    for response in responses.values():
        stream = response.get("content", {}).get("text/event-stream", {})
        if "itemSchema" in stream:  # a word of OpenAPI 3.2, which few tools know
            stream["schema"] = stream.pop("itemSchema")
    responses["default"] = {"description": "Any other problem", "content": _CONTENT}
