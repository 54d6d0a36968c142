"""Queries of workers and their heartbeats."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from api.db.models import Worker, now

HEARTBEAT_TIMEOUT_S = 60
"""A worker without a heartbeat for this long is gone; chosen, twelve heartbeats."""


def record_heartbeat(session: Session, id: str, host: str, pid: int, waits_for: str | None = None) -> None:
    """Record that a worker is alive, and what it waits for before it takes jobs."""
    row = session.get(Worker, id)
    if row is None:
        session.add(Worker(id=id, host=host, pid=pid, started_at=now(), heartbeat_at=now(), waits_for=waits_for))
        return
    if row.pid != pid:
        row.started_at = now()
    row.host, row.pid, row.heartbeat_at, row.waits_for = host, pid, now(), waits_for


def list_silent(session: Session, seconds: float = HEARTBEAT_TIMEOUT_S) -> Sequence[str]:
    """Return the ids of workers without a heartbeat for so long: they are gone."""
    return session.scalars(select(Worker.id).where(Worker.heartbeat_at < now() - timedelta(seconds=seconds))).all()


def count_alive(session: Session, seconds: float = HEARTBEAT_TIMEOUT_S) -> int:
    """Count the workers with a heartbeat within this time that take jobs."""
    query = select(func.count()).where(_is_alive(seconds), Worker.waits_for.is_(None))
    return int(session.scalar(query) or 0)


def list_reasons_to_wait(session: Session, seconds: float = HEARTBEAT_TIMEOUT_S) -> Sequence[str]:
    """Return what workers with a heartbeat within this time wait for."""
    query = select(Worker.waits_for).where(_is_alive(seconds), Worker.waits_for.is_not(None)).distinct()
    return [reason for reason in session.scalars(query.order_by(Worker.waits_for)) if reason is not None]


def delete_worker(session: Session, id: str) -> None:
    """Delete a worker that has ended."""
    session.execute(delete(Worker).where(Worker.id == id))


def _is_alive(seconds: float) -> ColumnElement[bool]:
    return Worker.heartbeat_at >= now() - timedelta(seconds=seconds)
