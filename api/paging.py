"""Pages of lists by cursor, with a Link header to the next."""

from typing import Annotated

from fastapi import Query, Request, Response

CursorParam = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before")]
LimitParam = Annotated[int, Query(ge=1, le=200, description="rows of a page at most")]


def add_next_link(request: Request, response: Response, following: str | None) -> None:
    """Tell where the next page is (RFC 8288)."""
    if following is not None:
        url = request.url.include_query_params(cursor=following)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
