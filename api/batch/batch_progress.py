"""Progress of a distributed batch from the database, as the same events as those of a local batch."""

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

_POLL_INTERVAL_S = 1.0  # between two queries; chosen
_POLL_TIME_SHARE = 0.1  # of the time for queries: large batches are queried less often; chosen
_MAX_RUNNING_SHOWN = 200  # running clips reported at a time; chosen


@dataclass(frozen=True)
class BatchState:
    """Number of clips in each state; `not_queued` have no row yet."""

    total: int
    not_queued: int
    queued: int
    running: int
    done: int
    failed: int
    cancelled: int

    @property
    def open(self) -> int:
        """Return the number of clips that have not ended."""
        return self.not_queued + self.queued + self.running


def count_clips(queue_client: QueueClient, batch_ids: Sequence[str]) -> BatchState:
    """Count the clips of several batches together."""
    with queue_client.database.read_session() as session:
        return _count_states(session, batch_ids)


def count_live_workers(queue_client: QueueClient) -> int:
    """Count the workers that are alive."""
    with queue_client.database.read_session() as session:
        return workers.count_alive(session)


def watch_batches(
    queue_client: QueueClient,
    batch_ids: Sequence[str],
    on_event: EventListener,
    sleep: Callable[[float], None] = time.sleep,
) -> BatchState:
    """Report progress until every clip has ended; waits while the database does not answer.

    Parameters
    ----------
    on_event : called with each event.
    """
    reporter, never_stopping = _EventReporter(), threading.Event()
    while True:
        began_s = time.monotonic()
        snapshot = call_with_retries(lambda: _take_snapshot(queue_client, batch_ids, reporter.since), never_stopping)
        reporter.report(snapshot, on_event)
        if not snapshot.now.open:
            return snapshot.now
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
        state = _count_states(session, batch_ids)
        running = session.execute(of.where(AnalysisRow.status == "running").limit(_MAX_RUNNING_SHOWN)).all()
        ended = of.where(AnalysisRow.finished_at >= since).order_by(AnalysisRow.finished_at)
        return _BatchSnapshot(state, running, session.execute(ended).all())


def _count_states(session: Session, batch_ids: Sequence[str]) -> BatchState:
    rows = session.scalars(select(Batch).where(Batch.id.in_(batch_ids))).all()
    query = (
        select(AnalysisRow.status, func.count()).where(AnalysisRow.batch_id.in_(batch_ids)).group_by(AnalysisRow.status)
    )
    counts: dict[str, int] = {status: number for status, number in session.execute(query)}
    total = sum(row.total or 0 for row in rows)
    not_queued = sum((row.total or 0) - row.fed for row in rows if row.cancelled_at is None)
    never_queued = sum((row.total or 0) - row.fed for row in rows if row.cancelled_at is not None)
    states = {state: counts.get(state, 0) for state in STATUSES}
    states["cancelled"] += never_queued
    return BatchState(total, not_queued, **states)


@dataclass
class _EventReporter:
    """Which clips were reported as ended, and the line of each running clip."""

    since: datetime = field(default_factory=now)
    reported: set[str] = field(default_factory=set)
    lines: dict[str, int] = field(default_factory=dict)

    def report(self, snapshot: _BatchSnapshot, on_event: EventListener) -> None:
        """Report new events of a snapshot."""
        for row, file in snapshot.ended:
            if row.id not in self.reported and row.status != "cancelled":
                on_event(_finished(row, file, self._line(row.id)))
                self.lines.pop(row.id, None)
        if snapshot.ended:
            self.since = max(row.finished_at for row, _ in snapshot.ended if row.finished_at is not None)
            self.reported = {row.id for row, _ in snapshot.ended if row.finished_at == self.since}
        running_ids = {row.id for row, _ in snapshot.running}
        self.lines = {id: line for id, line in self.lines.items() if id in running_ids}
        for row, file in snapshot.running:
            on_event(ClipProgress(self._line(row.id), file, row.stage or "beginning", row.done, max(row.total, 1)))

    def _line(self, id: str) -> int:
        """Return the line of a running clip, from 1: its own, or the first free one."""
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
