"""ETag and If-Match: conditional requests, so that no client overwrites a change that it has not read."""

from typing import Annotated

from fastapi import Header

from api.json_object import JsonObject
from api.responses.problem_details import Problem

ETAG_HEADER: JsonObject = {
    "headers": {"ETag": {"description": "Identifies the current version.", "schema": {"type": "string"}}}
}
"""OpenAPI of a response that carries an ETag."""

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="ETag of the version that you change. If it has changed since, the answer is 412. "
        "Without this header the change is always made.",
    ),
]


def quote_etag(etag: str) -> str:
    """Return an ETag as its header shows it."""
    return f'"{etag}"'


def etag_matches(header: str | None, etag: str) -> bool:
    """Return whether an If-Match or If-None-Match header names an ETag, which is given without quotes."""
    if header is None:
        return False
    return header.strip() == "*" or quote_etag(etag) in (tag.strip().removeprefix("W/") for tag in header.split(","))


def check_if_match(header: str | None, etag: str, *, name: str, detail: str) -> None:
    """Raise Problem 412, with the current ETag, where an If-Match header names another version.

    Parameters
    ----------
    header : the If-Match header; None matches every version.
    etag : ETag of the current version, without quotes.
    name, detail : of the problem.
    """
    if header is not None and not etag_matches(header, etag):
        raise Problem(412, name, detail, headers={"ETag": quote_etag(etag)})
