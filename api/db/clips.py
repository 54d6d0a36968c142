"""Clips of an owner."""

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
    """A new clip, whose bytes lie at `url` already."""
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
    """The clip with this id, if it is this owner's."""
    return session.scalar(select(ClipRow).where(ClipRow.id == id, ClipRow.owner_id == owner_id))


def get_many(session: Session, ids: Sequence[str]) -> dict[str, ClipRow]:
    """Several at once."""
    if not ids:
        return {}
    return {clip.id: clip for clip in session.scalars(select(ClipRow).where(ClipRow.id.in_(set(ids))))}


def sum_stored_bytes(session: Session, owner_id: str) -> int:
    """What the owner's clips take."""
    query = select(func.coalesce(func.sum(ClipRow.size_bytes), 0)).where(ClipRow.owner_id == owner_id, ClipRow.managed)
    return int(session.scalar(query) or 0)


def is_unused(session: Session, id: str) -> bool:
    """Whether no analysis needs this clip."""
    return session.scalar(select(AnalysisRow.id).where(AnalysisRow.clip_id == id).limit(1)) is None
