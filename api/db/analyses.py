"""Queries of analyses: their details, state, progress and result.

Every change of state is one UPDATE that names the state it starts from. Of two workers with the same job, or of a
worker and a cancel, one wins and the other learns of it.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, func, or_, select, update
from sqlalchemy import delete as remove
from sqlalchemy.orm import Session

from api.db.clips import is_unused
from api.db.models import AnalysisMarks, AnalysisRow, ClipRow, IdempotentResponse, new_id, now
from api.db.pagination import list_page as page_of
from api.db.statuses import OPEN_STATUSES
from api.json_object import JsonObject

SINGLE_PRIORITY, BATCH_PRIORITY = 1, 1_000_000_000
"""First priorities of single clips and of those of batches: smaller goes first, a trainer's clip overtakes a batch."""


def create(
    session: Session,
    owner_id: str,
    clip_id: str,
    *,
    client_id: str | None = None,
    batch_id: str | None = None,
    repeat_of: str | None = None,
    movement: str = "auto",
    variant: str | None = None,
    load_kg: float | None = None,
    height_cm: float | None = None,
    subject: str = "auto",
    note: str | None = None,
    priority: int = BATCH_PRIORITY,
) -> AnalysisRow:
    """Create a queued analysis."""
    row = AnalysisRow(
        id=new_id("ana"),
        owner_id=owner_id,
        clip_id=clip_id,
        client_id=client_id,
        batch_id=batch_id,
        repeat_of=repeat_of,
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


def get(session: Session, owner_id: str, id: str) -> AnalysisRow | None:
    """Return the analysis with this id if it belongs to the owner."""
    return session.scalar(select(AnalysisRow).where(AnalysisRow.id == id, AnalysisRow.owner_id == owner_id))


def list_page(
    session: Session,
    owner_id: str,
    *,
    client_id: str | None = None,
    movement: str | None = None,
    status: str | None = None,
    batch_id: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> tuple[list[AnalysisRow], str | None]:
    """Return a page of an owner's analyses, newest first, and the cursor of the next one."""
    query = select(AnalysisRow).where(AnalysisRow.owner_id == owner_id)
    if client_id is not None:
        query = query.where(AnalysisRow.client_id == client_id)
    if batch_id is not None:
        query = query.where(AnalysisRow.batch_id == batch_id)
    if status is not None:
        query = query.where(AnalysisRow.status == status)
    if movement is not None:
        recognised = AnalysisRow.summary["movement"].as_string()
        query = query.where(func.coalesce(recognised, AnalysisRow.movement) == movement)
    return page_of(session, query, AnalysisRow, after, limit)


def list_for_client(session: Session, owner_id: str, client_id: str) -> Sequence[AnalysisRow]:
    """Return all analyses of a client, oldest first."""
    query = select(AnalysisRow).where(AnalysisRow.owner_id == owner_id, AnalysisRow.client_id == client_id)
    return session.scalars(query.order_by(AnalysisRow.created_at, AnalysisRow.id)).all()


def find_largest_rounding_deg(
    session: Session, owner_id: str, client_id: str, movements: Sequence[str]
) -> float | None:
    """Return how far the client's back rounded in the last clip of these movements; None where it was not measured."""
    query = select(AnalysisRow).where(
        AnalysisRow.owner_id == owner_id,
        AnalysisRow.client_id == client_id,
        AnalysisRow.status == "done",
        AnalysisRow.summary["movement"].as_string().in_(movements),
    )
    rows = session.scalars(query.order_by(AnalysisRow.created_at.desc(), AnalysisRow.id.desc()))
    known = (float(row.summary["back_deg"]) for row in rows if row.summary and row.summary.get("back_deg"))
    return next((value for value in known if value > 0), None)


def list_repeats(session: Session, owner_id: str) -> Sequence[AnalysisRow]:
    """Return the owner's finished repeats and the analyses that they repeat, oldest first."""
    repeated = select(AnalysisRow.repeat_of).where(AnalysisRow.owner_id == owner_id, AnalysisRow.repeat_of.is_not(None))
    query = select(AnalysisRow).where(
        AnalysisRow.owner_id == owner_id,
        AnalysisRow.run.is_not(None),
        or_(AnalysisRow.repeat_of.is_not(None), AnalysisRow.id.in_(repeated)),
    )
    return session.scalars(query.order_by(AnalysisRow.created_at, AnalysisRow.id)).all()


def count_queued(session: Session, owner_id: str) -> int:
    """Count the queued and running analyses of an owner, without those of batches, which have their own limit."""
    query = select(func.count()).where(
        AnalysisRow.owner_id == owner_id, AnalysisRow.status.in_(OPEN_STATUSES), AnalysisRow.batch_id.is_(None)
    )
    return int(session.scalar(query) or 0)


def find_fair_priority(session: Session, owner_id: str, first: int) -> int:
    """Return the priority of an owner's next clip, so that owners take turns however many clips each has sent.

    The clips of one owner get one priority after the other, and an owner who has none waiting begins with the smallest
    one of all that wait: where the turn is (start-time fair queueing, with every clip counted as one).

    Parameters
    ----------
    first : SINGLE_PRIORITY or BATCH_PRIORITY.
    """
    last = BATCH_PRIORITY if first < BATCH_PRIORITY else 2 * BATCH_PRIORITY
    waiting = (AnalysisRow.status == "queued", AnalysisRow.priority >= first, AnalysisRow.priority < last)
    turn = session.scalar(select(func.min(AnalysisRow.priority)).where(*waiting))
    own = session.scalar(select(func.max(AnalysisRow.priority)).where(*waiting, AnalysisRow.owner_id == owner_id))
    return min(max(turn or first, own + 1 if own is not None else first), last - 1)


def count_by_status(session: Session) -> dict[str, int]:
    """Count the analyses in each status."""
    return {
        status: n
        for status, n in session.execute(select(AnalysisRow.status, func.count()).group_by(AnalysisRow.status))
    }


def mark_started(session: Session, id: str, worker_id: str) -> AnalysisRow | None:
    """Record that a worker starts an analysis; return None if it has ended or is gone."""
    _update_one(
        session,
        AnalysisRow.id == id,
        AnalysisRow.status.in_(OPEN_STATUSES),
        status="running",
        worker_id=worker_id,
        starts=AnalysisRow.starts + 1,
        started_at=now(),
        stage=None,
        done=0,
        total=0,
        eta_s=None,
    )
    row = session.get(AnalysisRow, id, populate_existing=True)
    return row if row is not None and row.status == "running" else None


def update_progress(session: Session, id: str, stage: str, done: int, total: int, eta_s: float | None) -> bool:
    """Record progress; return False if the analysis no longer runs."""
    running = (AnalysisRow.id == id, AnalysisRow.status == "running")
    return _update_one(session, *running, stage=stage, done=done, total=total, eta_s=eta_s)


def mark_done(session: Session, id: str, run: str, summary: JsonObject | None) -> bool:
    """Make this run the result of the analysis.

    Returns False if another run already is, or the analysis was cancelled or deleted; then the files of this run have
    to be removed.
    """
    return _update_one(
        session,
        AnalysisRow.id == id,
        AnalysisRow.status.in_(OPEN_STATUSES),
        AnalysisRow.run.is_(None),
        status="done",
        run=run,
        summary=summary,
        stage=None,
        eta_s=None,
        error_code=None,
        error=None,
        finished_at=now(),
    )


def mark_failed(session: Session, id: str, code: str, text: str) -> bool:
    """End an analysis with a reason; return False if it has already ended."""
    is_open = (AnalysisRow.id == id, AnalysisRow.status.in_(OPEN_STATUSES))
    return _update_one(
        session, *is_open, status="failed", stage=None, eta_s=None, error_code=code, error=text, finished_at=now()
    )


def requeue_for_worker(session: Session, worker_id: str) -> None:
    """Requeue everything that runs on a worker that stops; these starts do not count against the clips."""
    running = (AnalysisRow.worker_id == worker_id, AnalysisRow.status == "running")
    starts = AnalysisRow.starts - 1
    _update_one(session, *running, status="queued", starts=starts, worker_id=None, stage=None, eta_s=None)


def requeue_failed(session: Session, id: str) -> bool:
    """Requeue a failed analysis; return False for any other."""
    failed = (AnalysisRow.id == id, AnalysisRow.status == "failed")
    return _update_one(session, *failed, status="queued", starts=0, error_code=None, error=None, finished_at=None)


def cancel(session: Session, owner_id: str, id: str) -> AnalysisRow | None:
    """Cancel an analysis unless it has ended; return None if there is none."""
    is_open = (AnalysisRow.id == id, AnalysisRow.owner_id == owner_id, AnalysisRow.status.in_(OPEN_STATUSES))
    _update_one(session, *is_open, status="cancelled", stage=None, eta_s=None, finished_at=now())
    row = get(session, owner_id, id)
    if row is not None:
        session.refresh(row)
    return row


def delete(session: Session, owner_id: str, id: str) -> AnalysisRow | None:
    """Delete the row with its marks and links, and its clip's row unless that is still used; return the deleted row.

    The caller removes files and jobs: `api.cleanup.deletion.delete_analysis` does all of it.
    """
    row = get(session, owner_id, id)
    if row is None:
        return None
    session.delete(row)
    session.flush()
    if is_unused(session, row.clip_id):
        session.execute(remove(ClipRow).where(ClipRow.id == row.clip_id))
    is_its_answer = IdempotentResponse.body["id"].as_string() == id
    session.execute(remove(IdempotentResponse).where(IdempotentResponse.owner_id == owner_id, is_its_answer))
    return row


def list_unfinished(session: Session, older_than_s: float) -> Sequence[AnalysisRow]:
    """Return queued and running analyses older than this; each should have a job."""
    before = now() - timedelta(seconds=older_than_s)
    query = select(AnalysisRow).where(AnalysisRow.status.in_(OPEN_STATUSES), AnalysisRow.created_at < before)
    return session.scalars(query.order_by(AnalysisRow.created_at)).all()


def get_locked(session: Session, owner_id: str, id: str) -> AnalysisRow | None:
    """Return the analysis of the owner, locked until the transaction ends."""
    query = select(AnalysisRow).where(AnalysisRow.id == id, AnalysisRow.owner_id == owner_id).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))  # reread after locking


def set_details(row: AnalysisRow, changes: Mapping[str, object], *, needs_remeasuring: bool) -> None:
    """Change columns of a locked row; `needs_remeasuring`: the result depends on them."""
    for name, value in changes.items():
        setattr(row, name, value)
    row.revision += 1
    row.marks_revision += int(needs_remeasuring)


def set_marks(session: Session, owner_id: str, id: str, body: JsonObject) -> int:
    """Replace the marks of an analysis that exists; return their revision."""
    row = get_locked(session, owner_id, id)
    if row is None:
        raise LookupError(id)
    row.marks_revision += 1
    row.revision += 1
    mark = session.get(AnalysisMarks, id)
    if mark is None:
        session.add(AnalysisMarks(analysis_id=id, body=body, revision=row.marks_revision))
    else:
        mark.body, mark.revision = body, row.marks_revision
    session.flush()
    return row.marks_revision


def get_marks(session: Session, owner_id: str, id: str) -> AnalysisMarks | None:
    """Return the marks of an analysis, if there are any."""
    query = select(AnalysisMarks).join(AnalysisRow, AnalysisRow.id == AnalysisMarks.analysis_id)
    return session.scalar(query.where(AnalysisMarks.analysis_id == id, AnalysisRow.owner_id == owner_id))


def _update_one(session: Session, *where: ColumnElement[bool], **values: Any) -> bool:
    """Update the rows that are in the expected state; return whether there were any."""
    done = session.execute(
        update(AnalysisRow).where(*where).values(revision=AnalysisRow.revision + 1, **values),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(done, CursorResult)
    changed = done.rowcount > 0
    if changed:
        session.expire_all()
    return changed
