"""How far a batch is, seen in the database: from any machine, and told as a local batch tells it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from analyzer.batch.events import Finished, Tell, Working
from api.batch.sending import Desk
from api.db.models import Analysis, Batch, Clip

_POLL_S = 1.0


@dataclass(frozen=True)
class Standing:
    """How many clips are in each state; `unfed` have no row yet."""

    total: int
    unfed: int
    queued: int
    running: int
    done: int
    failed: int
    cancelled: int

    @property
    def open(self) -> int:
        """Clips that have neither a result nor a reason."""
        return self.unfed + self.queued + self.running


def standing(desk: Desk, batch_ids: Sequence[str]) -> Standing:
    """Of several batches together."""
    with desk.database.session() as session:
        rows = session.scalars(select(Batch).where(Batch.id.in_(batch_ids))).all()
        query = select(Analysis.status, func.count()).where(Analysis.batch_id.in_(batch_ids)).group_by(Analysis.status)
        counts: dict[str, int] = {status: number for status, number in session.execute(query)}
    total = sum(row.total or 0 for row in rows)
    unfed = sum((row.total or 0) - row.fed for row in rows if row.cancelled_at is None)
    states = {state: counts.get(state, 0) for state in ("queued", "running", "done", "failed", "cancelled")}
    return Standing(total, unfed, **states)


def watch(desk: Desk, batch_ids: Sequence[str], tell: Tell, sleep: Callable[[float], None] = time.sleep) -> Standing:
    """Tell what happens until every clip has its result or its reason."""
    workers: dict[str, int] = {}
    since: datetime | None = None
    told: set[str] = set()
    while True:
        now = standing(desk, batch_ids)
        with desk.database.session() as session:
            query = select(Analysis, Clip.name).join(Clip, Clip.id == Analysis.clip_id)
            of = query.where(Analysis.batch_id.in_(batch_ids))
            running = session.execute(of.where(Analysis.status == "running").limit(200)).all()
            ended = of.where(Analysis.finished_at.is_not(None)).order_by(Analysis.finished_at)
            if since is not None:
                ended = ended.where(Analysis.finished_at >= since)
            finished = session.execute(ended).all()
        for row, file in finished:
            if row.id not in told:
                told.add(row.id)
                tell(_finished(row, file, workers.setdefault(row.worker_id or "", len(workers) + 1)))
        if finished:
            since = finished[-1][0].finished_at
            told = {row.id for row, _ in finished if row.finished_at == since}
        for row, file in running:
            number = workers.setdefault(row.worker_id or "", len(workers) + 1)
            tell(Working(number, file, row.stage or "beginning", row.done, max(row.total, 1)))
        if not now.open:
            return now
        sleep(_POLL_S)


def _finished(row: Analysis, file: str, worker: int) -> Finished:
    began = row.started_at or row.created_at
    seconds = (row.finished_at - began).total_seconds() if row.finished_at is not None else 0.0
    if row.status == "done":
        return Finished(worker, file, "analysed", seconds, brief=row.summary or {})
    return Finished(worker, file, "failed", seconds, row.error_code or row.status, row.error or "It was cancelled.")
