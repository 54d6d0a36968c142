"""How far a batch is, seen in the database: from any machine, and told as a local batch tells it."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analyzer.batch.batch_events import ClipFinished, ClipProgress, EventListener
from api.batch.submission import QueueClient
from api.db import workers
from api.db.models import AnalysisRow, Batch, ClipRow, now
from api.db.statuses import STATUSES
from api.jobs.retries import call_with_retries

_POLL_INTERVAL_S = 1.0  # between two looks; chosen
_POLL_TIME_SHARE = 0.1  # of the time may be spent looking: large batches are looked at less often; chosen
_MAX_RUNNING_SHOWN = 200  # clips told of at once while they run; chosen


@dataclass(frozen=True)
class BatchState:
    """How many clips are in each state; `not_queued` have no row yet."""

    total: int
    not_queued: int
    queued: int
    running: int
    done: int
    failed: int
    cancelled: int

    @property
    def open(self) -> int:
        """Clips that have neither a result nor a reason."""
        return self.not_queued + self.queued + self.running


def count_clips(queue_client: QueueClient, batch_ids: Sequence[str]) -> BatchState:
    """Of several batches together."""
    with queue_client.database.read_session() as session:
        return _standing(session, batch_ids)


def count_live_workers(queue_client: QueueClient) -> int:
    """Worker processes that were heard of lately."""
    with queue_client.database.read_session() as session:
        return workers.count_alive(session)


def watch_batches(
    queue_client: QueueClient,
    batch_ids: Sequence[str],
    tell: EventListener,
    sleep: Callable[[float], None] = time.sleep,
) -> BatchState:
    """Tell what happens until every clip has its result or its reason; a database that is away is waited for."""
    seen, never = _EventReporter(), threading.Event()
    while True:
        began_s = time.monotonic()
        look = call_with_retries(lambda: _take_snapshot(queue_client, batch_ids, seen.since), never)
        seen.take(look, tell)
        if not look.now.open:
            return look.now
        sleep(max(_POLL_INTERVAL_S, (time.monotonic() - began_s) / _POLL_TIME_SHARE))


@dataclass(frozen=True)
class _BatchSnapshot:
    now: BatchState
    running: Sequence[tuple[AnalysisRow, str]]
    ended: Sequence[tuple[AnalysisRow, str]]


def _take_snapshot(queue_client: QueueClient, batch_ids: Sequence[str], since: datetime) -> _BatchSnapshot:
    with queue_client.database.read_session() as session:
        query = select(AnalysisRow, ClipRow.name).join(ClipRow, ClipRow.id == AnalysisRow.clip_id)
        of = query.where(AnalysisRow.batch_id.in_(batch_ids))
        count_clips = _standing(session, batch_ids)
        running = session.execute(of.where(AnalysisRow.status == "running").limit(_MAX_RUNNING_SHOWN)).all()
        ended = of.where(AnalysisRow.finished_at >= since).order_by(AnalysisRow.finished_at)
        return _BatchSnapshot(count_clips, running, session.execute(ended).all())


def _standing(session: Session, batch_ids: Sequence[str]) -> BatchState:
    rows = session.scalars(select(Batch).where(Batch.id.in_(batch_ids))).all()
    query = (
        select(AnalysisRow.status, func.count()).where(AnalysisRow.batch_id.in_(batch_ids)).group_by(AnalysisRow.status)
    )
    counts: dict[str, int] = {status: number for status, number in session.execute(query)}
    total = sum(row.total or 0 for row in rows)
    not_queued = sum((row.total or 0) - row.fed for row in rows if row.cancelled_at is None)
    never = sum((row.total or 0) - row.fed for row in rows if row.cancelled_at is not None)
    states = {state: counts.get(state, 0) for state in STATUSES}
    states["cancelled"] += never
    return BatchState(total, not_queued, **states)


@dataclass
class _EventReporter:
    """What was told already, and which clip is shown in which line."""

    since: datetime = field(default_factory=now)
    told: set[str] = field(default_factory=set)
    lines: dict[str, int] = field(default_factory=dict)

    def take(self, look: _BatchSnapshot, tell: EventListener) -> None:
        for row, file in look.ended:
            if row.id not in self.told and row.status != "cancelled":
                tell(_finished(row, file, self._line(row.id)))
                self.lines.pop(row.id, None)
        if look.ended:
            self.since = max(row.finished_at for row, _ in look.ended if row.finished_at is not None)
            self.told = {row.id for row, _ in look.ended if row.finished_at == self.since}
        going = {row.id for row, _ in look.running}
        self.lines = {id: line for id, line in self.lines.items() if id in going}
        for row, file in look.running:
            tell(ClipProgress(self._line(row.id), file, row.stage or "beginning", row.done, max(row.total, 1)))

    def _line(self, id: str) -> int:
        """A line of its own for each clip that runs, from 1, the first that is free."""
        if id not in self.lines:
            taken = set(self.lines.values())
            self.lines[id] = next(number for number in range(1, len(taken) + 2) if number not in taken)
        return self.lines[id]


def _finished(row: AnalysisRow, file: str, line: int) -> ClipFinished:
    began = row.started_at or row.created_at
    seconds = (row.finished_at - began).total_seconds() if row.finished_at is not None else 0.0
    if row.status == "done":
        return ClipFinished(line, file, "analysed", seconds, brief=row.summary or {})
    return ClipFinished(line, file, "failed", seconds, row.error_code or "", row.error or "")
