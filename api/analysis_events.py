"""Wait for an analysis: its changes as server-sent events, or one answer once it has ended."""

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

MAX_WAIT_S = 60  # maximum wait of one request; chosen, below the limits of proxies
_POLL_INTERVAL_S = 0.4  # between two queries: the longest delay of an event; chosen
_RETRY_MS = 2000  # wait of a browser before it reconnects; chosen


def find_status(services: Services, owner_id: str, id: str) -> AnalysisStatus | None:
    """Return the current status of an analysis; None if it does not exist."""
    with services.database.read_session() as session:
        row = analyses.get(session, owner_id, id)
        return None if row is None else serialize_analysis(session, row)


def is_settled(status: AnalysisStatus) -> bool:
    """Return whether the analysis has ended and its result includes every change."""
    return status.status in ENDED_STATUSES and not status.remeasuring


async def wait_until_settled(services: Services, owner_id: str, id: str, seconds: float) -> AnalysisStatus | None:
    """Wait until the analysis is settled, for at most so many seconds; return its status then."""
    deadline_s = time.monotonic() + min(seconds, MAX_WAIT_S)
    while True:
        status = await run_in_threadpool(find_status, services, owner_id, id)
        left_s = deadline_s - time.monotonic()
        if status is None or is_settled(status) or left_s <= 0 or services.stopping.is_set():
            return status
        await asyncio.sleep(min(_POLL_INTERVAL_S, left_s))


async def stream_changes(
    services: Services, owner_id: str, id: str, last_seen: int | None = None
) -> AsyncIterator[ServerSentEvent]:
    """Yield every change of an analysis until it has ended, is deleted, or the service stops.

    The first event is the current status, unless its revision is `last_seen`. The status of an ended analysis is always
    sent.
    """
    known = last_seen
    while not services.stopping.is_set():
        status = await run_in_threadpool(find_status, services, owner_id, id)
        if status is None:
            yield ServerSentEvent(event="gone", data={"id": id})
            return
        has_ended = is_settled(status)
        if status.revision != known or has_ended:
            known = status.revision
            yield ServerSentEvent(event="status", data=status, id=str(known), retry=_RETRY_MS)
        if has_ended:
            return
        await asyncio.sleep(_POLL_INTERVAL_S)
