"""Waiting for an analysis: its changes as server-sent events, or one answer once it has ended."""

import asyncio
import time
from collections.abc import AsyncIterator

from fastapi.sse import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.db import analyses
from api.db.statuses import ENDED_STATUSES
from api.dependencies import Services
from api.schemas import AnalysisStatus
from api.serializers import serialize_analysis

MAX_WAIT_S = 60  # that one request may ask for; chosen, below what proxies allow
_POLL_INTERVAL_S = 0.4  # between looks at the database; a change is seen at most this late; chosen
_RETRY_MS = 2000  # what a browser waits before it connects again; chosen


def find_status(services: Services, owner_id: str, id: str) -> AnalysisStatus | None:
    """How it is now; None where there is none."""
    with services.database.read_session() as session:
        row = analyses.get(session, owner_id, id)
        return None if row is None else serialize_analysis(session, row)


def is_settled(status: AnalysisStatus) -> bool:
    """Whether it has ended, and every change made since is in its result."""
    return status.status in ENDED_STATUSES and not status.remeasuring


async def wait_until_settled(services: Services, owner_id: str, id: str, seconds: float) -> AnalysisStatus | None:
    """Wait until it is settled, but not longer than told; gives how it is then."""
    until = time.monotonic() + min(seconds, MAX_WAIT_S)
    while True:
        status = await run_in_threadpool(find_status, services, owner_id, id)
        left = until - time.monotonic()
        if status is None or is_settled(status) or left <= 0 or services.stopping.is_set():
            return status
        await asyncio.sleep(min(_POLL_INTERVAL_S, left))


async def stream_changes(
    services: Services, owner_id: str, id: str, last_seen: int | None = None
) -> AsyncIterator[ServerSentEvent]:
    """Yield every change from now on, until it has ended, is gone, or the service stops.

    The first event tells how it is, unless `last_seen` says that this is known. What has ended is told again.
    """
    known = last_seen
    while not services.stopping.is_set():
        status = await run_in_threadpool(find_status, services, owner_id, id)
        if status is None:
            yield ServerSentEvent(event="gone", data={"id": id})
            return
        over = is_settled(status)
        if status.revision != known or over:
            known = status.revision
            yield ServerSentEvent(event="status", data=status, id=str(known), retry=_RETRY_MS)
        if over:
            return
        await asyncio.sleep(_POLL_INTERVAL_S)
