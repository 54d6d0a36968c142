"""Queries of workers and their heartbeats."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from api.db.models import Worker, now

HEARTBEAT_TIMEOUT_S = 60
"""A worker without a heartbeat for this long is gone; chosen, twelve heartbeats."""


def record_heartbeat(session: Session, id: str, host: str, pid: int) -> None:
    """Record that a worker is alive."""
    row = session.get(Worker, id)
    if row is None:
        session.add(Worker(id=id, host=host, pid=pid, started_at=now(), heartbeat_at=now()))
        return
    if row.pid != pid:
        row.started_at = now()
    row.host, row.pid, row.heartbeat_at = host, pid, now()


def list_silent(session: Session, seconds: float = HEARTBEAT_TIMEOUT_S) -> Sequence[str]:
    """Return the ids of workers without a heartbeat for so long: they are gone."""
    return session.scalars(select(Worker.id).where(Worker.heartbeat_at < now() - timedelta(seconds=seconds))).all()


def count_alive(session: Session, seconds: float = HEARTBEAT_TIMEOUT_S) -> int:
    """Count the workers with a heartbeat within this time."""
    query = select(func.count()).where(Worker.heartbeat_at >= now() - timedelta(seconds=seconds))
    return int(session.scalar(query) or 0)


def delete_worker(session: Session, id: str) -> None:
    """Delete a worker that has ended."""
    session.execute(delete(Worker).where(Worker.id == id))
