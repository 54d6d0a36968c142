"""Queries of batches: clips that were sent together. Those for owners leave out deleted batches."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from api.db.models import AnalysisRow, Batch, IdempotentResponse, new_id, now
from api.db.pagination import list_page as page_of
from api.db.statuses import OPEN_STATUSES, STATUSES
from api.json_object import JsonObject

_JOB_OPTIONS = ("video", "blur_faces")  # options of a batch that its analyses use


def create(
    session: Session,
    owner_id: str,
    name: str | None,
    *,
    total: int | None,
    options: JsonObject | None = None,
    manifest_url: str | None = None,
) -> Batch:
    """Create a batch; `total` is None until all its clips are known."""
    row = Batch(
        id=new_id("bat"),
        owner_id=owner_id,
        name=name or "",
        total=total,
        options=options or {},
        manifest_url=manifest_url,
    )
    session.add(row)
    session.flush()
    return row


def get(session: Session, owner_id: str, id: str) -> Batch | None:
    """Return the batch with this id if it belongs to the owner."""
    is_shown = (Batch.owner_id == owner_id, Batch.deleted_at.is_(None))
    return session.scalar(select(Batch).where(Batch.id == id, *is_shown))


def list_page(session: Session, owner_id: str, *, after: str | None, limit: int) -> tuple[list[Batch], str | None]:
    """Return a page of an owner's batches, newest first, and the cursor of the next one."""
    shown = select(Batch).where(Batch.owner_id == owner_id, Batch.deleted_at.is_(None))
    return page_of(session, shown, Batch, after, limit)


def count_by_status(session: Session, id: str) -> dict[str, int]:
    """Count the clips of a batch in each status."""
    query = select(AnalysisRow.status, func.count()).where(AnalysisRow.batch_id == id).group_by(AnalysisRow.status)
    counts = {status: number for status, number in session.execute(query)}
    return {state: counts.get(state, 0) for state in STATUSES}


def cancel(session: Session, owner_id: str, id: str) -> Sequence[str] | None:
    """Cancel a batch; return the ids of the analyses that this ends, or None if there is no such batch."""
    row = get(session, owner_id, id)
    if row is None:
        return None
    row.cancelled_at = row.cancelled_at or now()
    is_open = (AnalysisRow.batch_id == id, AnalysisRow.status.in_(OPEN_STATUSES))
    ids = session.scalars(select(AnalysisRow.id).where(*is_open)).all()
    session.execute(
        update(AnalysisRow)
        .where(*is_open)
        .values(status="cancelled", finished_at=now(), stage=None, eta_s=None, revision=AnalysisRow.revision + 1),
        execution_options={"synchronize_session": False},
    )
    session.flush()
    return ids


def forget(session: Session, row: Batch) -> None:
    """Delete a batch whose clips have ended, with its name and those of its files; its analyses stay.

    The row stays without names while analyses refer to it, since measuring them again needs its options, and while a
    request still adds clips to it.
    """
    _delete_answers(session, row)
    row.deleted_at, row.cancelled_at = now(), row.cancelled_at or now()
    row.name, row.manifest_url = "", None
    row.options = {name: value for name, value in (row.options or {}).items() if name in _JOB_OPTIONS}
    session.flush()
    has_analyses = session.scalar(select(AnalysisRow.id).where(AnalysisRow.batch_id == row.id).limit(1)) is not None
    if row.total is not None and not has_analyses:
        session.delete(row)
        session.flush()


def list_ended(session: Session, created_before: datetime, limit: int) -> Sequence[Batch]:
    """Return batches that were created before a time and have no clips to analyse."""
    is_open = select(AnalysisRow.id).where(AnalysisRow.batch_id == Batch.id, AnalysisRow.status.in_(OPEN_STATUSES))
    query = select(Batch).where(
        Batch.created_at < created_before, Batch.deleted_at.is_(None), ~is_open.exists(), _is_fully_queued()
    )
    return session.scalars(query.limit(limit)).all()


def delete_emptied(
    session: Session, owner_id: str | None = None, ids: Collection[str] = (), *, created_before: datetime | None = None
) -> Sequence[str]:
    """Delete batches without analyses, with the responses that mention them; return their ids.

    Considers these batches of an owner, which were submitted completely, or all that were created before a time.
    Batches with clips that have no row yet are not deleted.
    """
    used = select(AnalysisRow.id).where(AnalysisRow.batch_id == Batch.id).exists()
    query = select(Batch).where(~used, _is_fully_queued())
    if created_before is not None:
        query = query.where(Batch.created_at < created_before)
    else:
        query = query.where(Batch.owner_id == owner_id, Batch.id.in_(ids), Batch.total.is_not(None))
    emptied = session.scalars(query).all()
    for row in emptied:
        _delete_answers(session, row)
        session.delete(row)
    session.flush()
    return [row.id for row in emptied]


def settle_abandoned(session: Session, before: datetime) -> None:
    """Set the total of batches that were created before then and never completed by their sender."""
    clips = select(func.count()).where(AnalysisRow.batch_id == Batch.id).scalar_subquery()
    session.execute(
        update(Batch)
        .where(Batch.total.is_(None), Batch.manifest_url.is_(None), Batch.created_at < before, clips > 0)
        .values(total=clips),
        execution_options={"synchronize_session": False},
    )


def list_not_fully_queued(session: Session) -> Sequence[Batch]:
    """Return batches with clips in their manifest that have no row yet."""
    query = select(Batch).where(
        Batch.manifest_url.is_not(None), Batch.cancelled_at.is_(None), Batch.total.is_not(None), Batch.fed < Batch.total
    )
    return session.scalars(query.order_by(Batch.created_at)).all()


def _is_fully_queued() -> ColumnElement[bool]:
    return (Batch.fed >= Batch.total) | Batch.manifest_url.is_(None) | Batch.cancelled_at.is_not(None)


def _delete_answers(session: Session, row: Batch) -> None:
    """Delete the stored responses that mention a batch."""
    is_its_answer = IdempotentResponse.body["id"].as_string() == row.id
    session.execute(delete(IdempotentResponse).where(IdempotentResponse.owner_id == row.owner_id, is_its_answer))
