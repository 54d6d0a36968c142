"""Cursor pagination of lists, with a Link header to the next page."""

from typing import Annotated

from fastapi import Query, Request, Response

CursorParam = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the previous page.")]
LimitParam = Annotated[int, Query(ge=1, le=200, description="Maximum number of items.")]


def add_next_link(request: Request, response: Response, next_cursor: str | None) -> None:
    """Add the address of the next page to a response (RFC 8288)."""
    if next_cursor is not None:
        url = request.url.include_query_params(cursor=next_cursor)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
