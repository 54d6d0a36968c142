"""Analyses: what is asked for, how far it is, what counts as its result.

Every change of state is one UPDATE that names the state it starts from, so that of two workers with the same job, or of
a worker and a cancel, one wins and the other is told.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, func, select, update
from sqlalchemy import delete as remove
from sqlalchemy.orm import Session

from api.db.clips import unused
from api.db.models import Analysis, Clip, Mark, Remembered, new_id, now
from api.db.pages import page as page_of

OPEN = ("queued", "running")
ENDED = ("done", "failed", "cancelled")
SINGLE, BATCH = 1, 10  # priorities: a trainer's clip passes a batch; chosen


def create(
    session: Session,
    owner_id: str,
    clip_id: str,
    *,
    client_id: str | None = None,
    batch_id: str | None = None,
    movement: str = "auto",
    variant: str | None = None,
    load_kg: float | None = None,
    height_cm: float | None = None,
    subject: str = "auto",
    note: str | None = None,
    priority: int = BATCH,
) -> Analysis:
    """A new analysis, queued."""
    row = Analysis(
        id=new_id("ana"),
        owner_id=owner_id,
        clip_id=clip_id,
        client_id=client_id,
        batch_id=batch_id,
        movement=movement,
        variant=variant,
        load_kg=load_kg,
        height_cm=height_cm,
        subject=subject,
        note=note,
        priority=priority,
        status="queued",
    )
    session.add(row)
    session.flush()
    return row


def get(session: Session, owner_id: str, id: str) -> Analysis | None:
    """The analysis with this id, if it is this owner's."""
    return session.scalar(select(Analysis).where(Analysis.id == id, Analysis.owner_id == owner_id))


def page(
    session: Session,
    owner_id: str,
    *,
    client_id: str | None = None,
    movement: str | None = None,
    status: str | None = None,
    batch_id: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> tuple[list[Analysis], str | None]:
    """An owner's analyses, newest first, and the cursor of the next page; `movement` as found, or as asked for."""
    query = select(Analysis).where(Analysis.owner_id == owner_id)
    if client_id is not None:
        query = query.where(Analysis.client_id == client_id)
    if batch_id is not None:
        query = query.where(Analysis.batch_id == batch_id)
    if status is not None:
        query = query.where(Analysis.status == status)
    if movement is not None:
        found = Analysis.summary["movement"].as_string()
        query = query.where(func.coalesce(found, Analysis.movement) == movement)
    return page_of(session, query, Analysis, after, limit)


def timeline(session: Session, owner_id: str, client_id: str) -> Sequence[Analysis]:
    """All analyses of one client, oldest first."""
    query = select(Analysis).where(Analysis.owner_id == owner_id, Analysis.client_id == client_id)
    return session.scalars(query.order_by(Analysis.created_at, Analysis.id)).all()


def queued_count(session: Session, owner_id: str) -> int:
    """Single clips of an owner that wait or run; those of batches have a limit of their own."""
    query = select(func.count()).where(
        Analysis.owner_id == owner_id, Analysis.status.in_(OPEN), Analysis.batch_id.is_(None)
    )
    return int(session.scalar(query) or 0)


def counts(session: Session) -> dict[str, int]:
    """How many there are in each state."""
    return {status: n for status, n in session.execute(select(Analysis.status, func.count()).group_by(Analysis.status))}


def start(session: Session, id: str, worker_id: str) -> Analysis | None:
    """A worker begins; None where it is no longer wanted."""
    _change(
        session,
        Analysis.id == id,
        Analysis.status.in_(OPEN),
        status="running",
        worker_id=worker_id,
        starts=Analysis.starts + 1,
        started_at=now(),
        stage=None,
        done=0,
        total=0,
        eta_s=None,
    )
    row = session.get(Analysis, id, populate_existing=True)
    return row if row is not None and row.status == "running" else None


def progress(session: Session, id: str, stage: str, done: int, total: int, eta_s: float | None) -> bool:
    """Note how far it is; False where it is no longer wanted."""
    running = (Analysis.id == id, Analysis.status == "running")
    return _change(session, *running, stage=stage, done=done, total=total, eta_s=eta_s)


def finish(session: Session, id: str, run: str, summary: dict[str, Any] | None) -> bool:
    """Let this run count; False where another one counts already, or nobody wants it: its files have to go."""
    return _change(
        session,
        Analysis.id == id,
        Analysis.status.in_(OPEN),
        Analysis.run.is_(None),
        status="done",
        run=run,
        summary=summary,
        stage=None,
        eta_s=None,
        error_code=None,
        error=None,
        finished_at=now(),
    )


def fail(session: Session, id: str, code: str, text: str) -> bool:
    """End it with a reason; False where it has ended already."""
    wanted = (Analysis.id == id, Analysis.status.in_(OPEN))
    return _change(
        session, *wanted, status="failed", stage=None, eta_s=None, error_code=code, error=text, finished_at=now()
    )


def requeue(session: Session, worker_id: str) -> None:
    """Back to waiting, whatever runs at a worker that ends by itself: these starts say nothing against the clips."""
    running = (Analysis.worker_id == worker_id, Analysis.status == "running")
    starts = Analysis.starts - 1
    _change(session, *running, status="queued", starts=starts, worker_id=None, stage=None, eta_s=None)


def retry(session: Session, id: str) -> bool:
    """Back to waiting, for one that failed; False for any other."""
    failed = (Analysis.id == id, Analysis.status == "failed")
    return _change(session, *failed, status="queued", starts=0, error_code=None, error=None, finished_at=None)


def cancel(session: Session, owner_id: str, id: str) -> Analysis | None:
    """No longer wanted; what has ended stays as it is. None: there is no such analysis."""
    wanted = (Analysis.id == id, Analysis.owner_id == owner_id, Analysis.status.in_(OPEN))
    _change(session, *wanted, status="cancelled", stage=None, eta_s=None, finished_at=now())
    row = get(session, owner_id, id)
    if row is not None:
        session.refresh(row)
    return row


def delete(session: Session, owner_id: str, id: str) -> Analysis | None:
    """Remove the row, with its marks and links, and its clip's, unless another analysis needs that; gives what it was.

    Files and jobs are the caller's to remove: `api.housekeeping.delete_analysis` does all of it.
    """
    row = get(session, owner_id, id)
    if row is None:
        return None
    session.delete(row)
    session.flush()
    if unused(session, row.clip_id):
        session.execute(remove(Clip).where(Clip.id == row.clip_id))
    told = Remembered.body["id"].as_string() == id  # an answer that tells of it
    session.execute(remove(Remembered).where(Remembered.owner_id == owner_id, told))
    return row


def unfinished(session: Session, older_than_s: float) -> Sequence[Analysis]:
    """What was sent longer ago than this and has not ended: there should be a job for each."""
    before = now() - timedelta(seconds=older_than_s)
    query = select(Analysis).where(Analysis.status.in_(OPEN), Analysis.created_at < before)
    return session.scalars(query.order_by(Analysis.created_at)).all()


def locked(session: Session, owner_id: str, id: str) -> Analysis | None:
    """The analysis with this id, if it is this owner's, that nobody else changes until the transaction ends."""
    query = select(Analysis).where(Analysis.id == id, Analysis.owner_id == owner_id).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))  # as it is now that it is locked


def set_details(session: Session, row: Analysis, changes: Mapping[str, Any], *, measured: bool) -> None:
    """Change columns of a locked row; `measured`: the result has to be measured again with them."""
    for name, value in changes.items():
        setattr(row, name, value)
    row.revision += 1
    row.marks_revision += int(measured)


def set_marks(session: Session, owner_id: str, id: str, body: dict[str, Any]) -> int:
    """Replace the marks of an analysis that exists; gives their revision."""
    row = locked(session, owner_id, id)
    if row is None:
        raise LookupError(id)
    row.marks_revision += 1
    row.revision += 1
    mark = session.get(Mark, id)
    if mark is None:
        session.add(Mark(analysis_id=id, body=body, revision=row.marks_revision))
    else:
        mark.body, mark.revision = body, row.marks_revision
    session.flush()
    return row.marks_revision


def get_marks(session: Session, owner_id: str, id: str) -> Mark | None:
    """The marks of an analysis, if any were put."""
    query = select(Mark).join(Analysis, Analysis.id == Mark.analysis_id)
    return session.scalar(query.where(Mark.analysis_id == id, Analysis.owner_id == owner_id))


def _change(session: Session, *where: ColumnElement[bool], **values: Any) -> bool:
    """One step of rows that are in the state they are expected in; whether any was."""
    done = session.execute(
        update(Analysis).where(*where).values(revision=Analysis.revision + 1, **values),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(done, CursorResult)
    changed = done.rowcount > 0
    if changed:
        session.expire_all()
    return changed
