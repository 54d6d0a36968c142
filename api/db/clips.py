"""Queries of an owner's clips."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.db.models import AnalysisRow, ClipRow, new_id


def create(
    session: Session,
    owner_id: str,
    *,
    name: str,
    url: str,
    id: str | None = None,
    sha256: str | None = None,
    size_bytes: int | None = None,
    managed: bool = True,
    recorded_at: datetime | None = None,
) -> ClipRow:
    """Create a clip with its content stored at `url`."""
    clip = ClipRow(
        id=id or new_id("clp"),
        owner_id=owner_id,
        name=name,
        url=url,
        sha256=sha256,
        size_bytes=size_bytes,
        managed=managed,
        recorded_at=recorded_at,
    )
    session.add(clip)
    session.flush()
    return clip


def get(session: Session, owner_id: str, id: str) -> ClipRow | None:
    """Return the clip with this id if it belongs to the owner."""
    return session.scalar(select(ClipRow).where(ClipRow.id == id, ClipRow.owner_id == owner_id))


def get_many(session: Session, ids: Sequence[str]) -> dict[str, ClipRow]:
    """Return several clips by id."""
    if not ids:
        return {}
    return {clip.id: clip for clip in session.scalars(select(ClipRow).where(ClipRow.id.in_(set(ids))))}


def sum_stored_bytes(session: Session, owner_id: str) -> int:
    """Return the total size of the owner's stored clips."""
    query = select(func.coalesce(func.sum(ClipRow.size_bytes), 0)).where(ClipRow.owner_id == owner_id, ClipRow.managed)
    return int(session.scalar(query) or 0)


def is_unused(session: Session, id: str) -> bool:
    """Return whether no analysis uses this clip."""
    return session.scalar(select(AnalysisRow.id).where(AnalysisRow.clip_id == id).limit(1)) is None
