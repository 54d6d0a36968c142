"""Values that the service stores about itself."""

from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.db.models import AnalysisRow, ApiKey, Batch, ClipRow, ServiceState, Worker

StateName = Literal["store_id", "clock_seen_at", "cleanup_on_hold"]


def get(session: Session, name: StateName) -> str | None:
    """Return a value; None if there is none."""
    row = session.get(ServiceState, name)
    return row.value if row is not None else None


def put(session: Session, name: StateName, value: str | None) -> None:
    """Store a value; None removes it."""
    row = session.get(ServiceState, name)
    if value is None:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(ServiceState(name=name, value=value))
        session.flush()
    else:
        row.value = value


def find_latest_time(session: Session) -> datetime | None:
    """Return the latest time that any row proves: when it was, or is now, at least so late."""
    columns = (AnalysisRow.created_at, AnalysisRow.finished_at, ApiKey.created_at, ApiKey.last_used_at)
    times = [session.scalar(select(func.max(column))) for column in (*columns, Worker.heartbeat_at)]
    return max((time for time in times if time is not None), default=None)


def list_newest_folders(session: Session, limit: int) -> list[str]:
    """Return the folders in the file store that the newest clips, results and batches refer to."""
    clips = select(ClipRow.url).where(ClipRow.managed).order_by(ClipRow.created_at.desc())
    folders = [url.rpartition("/")[0] for url in session.scalars(clips.limit(limit))]
    results = select(AnalysisRow).where(AnalysisRow.run.is_not(None)).order_by(AnalysisRow.created_at.desc())
    folders += [f"results/{row.id}/{row.run}" for row in session.scalars(results.limit(limit))]
    manifests = select(Batch.manifest_url).where(Batch.manifest_url.is_not(None)).order_by(Batch.created_at.desc())
    return folders + [url for url in session.scalars(manifests.limit(limit)) if url is not None]
