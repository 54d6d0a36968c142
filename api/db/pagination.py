"""Cursor pagination of rows, newest first, which new rows do not shift."""

import base64
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import Session

ModelT = TypeVar("ModelT")


class InvalidCursorError(ValueError):
    """A cursor that this service did not issue."""


def list_page(
    session: Session, query: Select[ModelT], model: Any, after: str | None, limit: int
) -> tuple[list[ModelT], str | None]:
    """Return rows after the cursor, and the cursor of the next page, None at the end. Raises InvalidCursorError."""
    query = query.order_by(model.created_at.desc(), model.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(tuple_(model.created_at, model.id) < tuple_(*_decode_cursor(after)))
    rows = list(session.scalars(query))
    if len(rows) <= limit:
        return rows, None
    last: Any = rows[limit - 1]
    return rows[:limit], _encode_cursor(last.created_at, last.id)


def _encode_cursor(created_at: datetime, id: str) -> str:
    return base64.urlsafe_b64encode(f"{created_at.isoformat()}|{id}".encode()).decode().rstrip("=")


def _decode_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        time, _, id = text.partition("|")
        created_at = datetime.fromisoformat(time)
        in_utc = created_at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidCursorError(cursor) from error
    if created_at.tzinfo is None or not id or "\0" in id:
        raise InvalidCursorError(cursor)
    return in_utc, id
