"""Wait for an analysis: its changes as server-sent events, or one answer once it has ended.

All open streams and waits of a process share one query per interval, which returns only what has changed.
"""

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from fastapi.sse import ServerSentEvent
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from api.db import analyses
from api.db.engine import Database
from api.db.models import AnalysisRow
from api.db.statuses import ENDED_STATUSES
from api.responses.problem_details import Problem
from api.schemas.analyses import AnalysisStatus
from api.serializers.analyses import serialize_analyses, serialize_analysis

MAX_WAIT_S = 60  # maximum wait of one request; chosen, below the limits of proxies
_POLL_INTERVAL_S = 0.4  # between two queries: the longest delay of an event; chosen
_RETRY_MS = 2000  # wait of a browser before it reconnects; chosen
_BUSY_RETRY_S = 10  # wait of a browser that has too many streams; chosen
_IDS_PER_QUERY = 500  # chosen

log = logging.getLogger("api.events")


@dataclass(eq=False)
class Subscription:
    """One stream or wait: `status` is the newest known one, None once the analysis is deleted."""

    id: str
    status: AnalysisStatus | None
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class AnalysisEvents:
    """The open streams and waits of a process."""

    def __init__(self, database: Database, stopping: threading.Event, max_per_owner: int) -> None:
        self._database, self._stopping, self._max_per_owner = database, stopping, max_per_owner
        self._streams: Counter[str] = Counter()
        self._pollers: WeakKeyDictionary[asyncio.AbstractEventLoop, _Poller] = WeakKeyDictionary()

    @contextmanager
    def open_stream(self, owner_id: str) -> Iterator[None]:
        """Count a stream of an owner while it is open; raise Problem 429 if the owner has too many."""
        if self._streams[owner_id] >= self._max_per_owner:
            detail = f"{self._max_per_owner} event streams are open. Close some, or poll GET /v1/analyses/{{id}}."
            raise Problem(429, "too-many-streams", detail, headers={"Retry-After": str(_BUSY_RETRY_S)})
        self._streams[owner_id] += 1
        try:
            yield
        finally:
            self._streams[owner_id] -= 1
            if not self._streams[owner_id]:
                del self._streams[owner_id]

    def find_status(self, owner_id: str, id: str) -> AnalysisStatus | None:
        """Return the current status of an analysis; None if it does not exist."""
        with self._database.read_session() as session:
            row = analyses.get(session, owner_id, id)
            return None if row is None else serialize_analysis(session, row)

    async def wait_until_settled(self, owner_id: str, id: str, seconds: float) -> AnalysisStatus | None:
        """Wait until the analysis is settled, for at most so many seconds; return its status then."""
        deadline_s = time.monotonic() + min(seconds, MAX_WAIT_S)
        status = await run_in_threadpool(self.find_status, owner_id, id)
        with self._poller().subscribe(id, status) as subscription:
            while True:
                status, left_s = subscription.status, deadline_s - time.monotonic()
                if status is None or is_settled(status) or left_s <= 0 or self._stopping.is_set():
                    return status
                await _wait_for_change(subscription, left_s)

    async def stream_changes(
        self, owner_id: str, id: str, last_seen: int | None = None
    ) -> AsyncIterator[ServerSentEvent]:
        """Yield every change of an analysis until it has ended, is deleted, or the service stops.

        The first event is the current status, unless its revision is `last_seen`. The status of an ended analysis is
        always sent.
        """
        known = last_seen
        status = await run_in_threadpool(self.find_status, owner_id, id)
        with self._poller().subscribe(id, status) as subscription:
            while not self._stopping.is_set():
                status = subscription.status
                if status is None:
                    yield ServerSentEvent(event="gone", data={"id": id})
                    return
                has_ended = is_settled(status)
                if status.revision != known or has_ended:
                    known = status.revision
                    yield ServerSentEvent(event="status", data=status, id=str(known), retry=_RETRY_MS)
                if has_ended:
                    return
                await _wait_for_change(subscription)

    def _poller(self) -> "_Poller":
        loop = asyncio.get_running_loop()
        return self._pollers.setdefault(loop, _Poller(self._database, self._stopping))


def is_settled(status: AnalysisStatus) -> bool:
    """Return whether the analysis has ended and its result includes every change."""
    return status.status in ENDED_STATUSES and not status.remeasuring


async def _wait_for_change(subscription: Subscription, timeout_s: float | None = None) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(subscription.changed.wait(), timeout_s)
    subscription.changed.clear()


class _Poller:
    """Reads the changes of all subscribed analyses of one event loop, while there are any."""

    def __init__(self, database: Database, stopping: threading.Event) -> None:
        self._database, self._stopping = database, stopping
        self._subscriptions: dict[str, set[Subscription]] = {}
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def subscribe(self, id: str, status: AnalysisStatus | None) -> Iterator[Subscription]:
        """Yield a subscription that begins with this status."""
        subscription = Subscription(id, status)
        self._subscriptions.setdefault(id, set()).add(subscription)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._poll())
        try:
            yield subscription
        finally:
            self._subscriptions[id].discard(subscription)
            if not self._subscriptions[id]:
                del self._subscriptions[id]
            if not self._subscriptions:
                self._task.cancel()
                self._task = None

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(_POLL_INTERVAL_S)
            if self._stopping.is_set():
                for subscription in self._all():
                    subscription.changed.set()
                return
            known = {
                id: min(each.status.revision if each.status is not None else -1 for each in subscriptions)
                for id, subscriptions in self._subscriptions.items()
            }
            try:
                changes = await run_in_threadpool(self._find_changes, known)
            except Exception:
                log.exception("the changes of analyses could not be read")
                continue
            for id, status in changes.items():
                for subscription in self._subscriptions.get(id, ()):
                    subscription.status = status
                    subscription.changed.set()

    def _all(self) -> list[Subscription]:
        return [subscription for subscriptions in self._subscriptions.values() for subscription in subscriptions]

    def _find_changes(self, known: Mapping[str, int]) -> dict[str, AnalysisStatus | None]:
        """Return the analyses whose revision is another one than the known one; None for deleted ones."""
        ids = list(known)
        changes: dict[str, AnalysisStatus | None] = {}
        with self._database.read_session() as session:
            for start in range(0, len(ids), _IDS_PER_QUERY):
                part = ids[start : start + _IDS_PER_QUERY]
                revisions = select(AnalysisRow.id, AnalysisRow.revision).where(AnalysisRow.id.in_(part))
                current: dict[str, int] = {id: revision for id, revision in session.execute(revisions)}
                changes |= dict.fromkeys(id for id in part if id not in current)
                changed = [id for id in current if current[id] != known[id]]
                rows = session.scalars(select(AnalysisRow).where(AnalysisRow.id.in_(changed))).all() if changed else []
                changes |= {status.id: status for status in serialize_analyses(session, rows)}
        return changes
