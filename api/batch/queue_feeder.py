"""Queue the clips of a large batch a few at a time, so that a million clips are not a million rows.

Every worker may feed: a part belongs to the worker that advances the count of the batch first.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.batch.clip_manifest import LINES_PER_PART, ManifestLine, ManifestMissingError, read_part
from api.db import analyses, batches, clients
from api.db.engine import Database
from api.db.models import AnalysisRow, Batch, ClipRow, new_id
from api.db.statuses import OPEN_STATUSES
from api.jobs.interface import JobQueue
from api.storage.file_store import FileStore

log = logging.getLogger("api.jobs")

MAX_OPEN_CLIPS = 1000
"""Maximum of queued and running clips of one batch: some minutes of work for a hundred workers; chosen."""


def queue_next_clips(database: Database, files: FileStore, jobs: JobQueue) -> int:
    """Queue the next clips of every batch that has room; return how many."""
    with database.read_session() as session:
        waiting = [row.id for row in batches.list_not_fully_queued(session)]
    return sum(_queue_batch_clips(database, files, jobs, id) for id in waiting)


def _queue_batch_clips(database: Database, files: FileStore, jobs: JobQueue, id: str) -> int:
    added = 0
    while (part := _find_next_part(database, id)) is not None:
        place, fed = part
        try:
            lines = read_part(files, place, fed // LINES_PER_PART)
        except ManifestMissingError as error:  # other batches go on
            log.error("batch %s: %s", id, error)
            break
        queued = _claim_part(database, id, fed, lines)
        if not queued:
            break
        for analysis_id, priority in queued:
            jobs.submit(analysis_id, priority)  # a job lost here is submitted by the recovery
        added += len(queued)
    return added


def _find_next_part(database: Database, id: str) -> tuple[str, int] | None:
    """Return the prefix of the manifest and how many clips have rows; None if nothing is left or there is no room."""
    with database.read_session() as session:
        row = session.get(Batch, id)
        if row is None or row.manifest_url is None or row.cancelled_at is not None or row.fed >= (row.total or 0):
            return None
        return (
            (row.manifest_url, row.fed)
            if _count_free_places(session, id) >= min(LINES_PER_PART, row.total or 0)
            else None
        )


def _claim_part(database: Database, id: str, fed: int, lines: list[ManifestLine]) -> list[tuple[str, int]]:
    """Create rows for these clips; return their ids and priorities.

    None are created if there is no room, or another worker was faster.
    """
    with database.session() as session:
        row = session.get(Batch, id, with_for_update=True)
        if (
            row is None
            or row.cancelled_at is not None
            or row.fed != fed
            or _count_free_places(session, id) < len(lines)
        ):
            return []
        row.fed += len(lines)
        return _rows(session, row, lines)


def _count_free_places(session: Session, id: str) -> int:
    query = select(func.count()).where(AnalysisRow.batch_id == id, AnalysisRow.status.in_(OPEN_STATUSES))
    return MAX_OPEN_CLIPS - int(session.scalar(query) or 0)


def _rows(session: Session, batch: Batch, lines: Sequence[ManifestLine]) -> list[tuple[str, int]]:
    """Create all rows in two statements; return the ids and priorities of the analyses."""
    names = sorted({line.facts.client for line in lines if line.facts.client})
    known = {name: clients.get_or_create(session, batch.owner_id, name).id for name in names}
    clips = [_clip(batch, line) for line in lines]
    session.add_all(clips)
    session.flush()
    first = analyses.find_fair_priority(session, batch.owner_id, analyses.BATCH_PRIORITY)
    rows = [
        _analysis(batch, clip, line, known, priority)
        for priority, (clip, line) in enumerate(zip(clips, lines, strict=True), first)
    ]
    session.add_all(rows)
    session.flush()
    return [(row.id, row.priority) for row in rows]


def _clip(batch: Batch, line: ManifestLine) -> ClipRow:
    day = line.facts.date
    return ClipRow(
        id=new_id("clp"),
        owner_id=batch.owner_id,
        name=line.file,
        url=line.url,
        size_bytes=line.size_bytes,
        managed=False,
        recorded_at=datetime.fromisoformat(day).replace(tzinfo=UTC) if day is not None else None,
    )


def _analysis(batch: Batch, clip: ClipRow, line: ManifestLine, known: Mapping[str, str], priority: int) -> AnalysisRow:
    facts = line.facts
    return AnalysisRow(
        id=new_id("ana"),
        owner_id=batch.owner_id,
        clip_id=clip.id,
        client_id=known.get(facts.client or ""),
        batch_id=batch.id,
        movement=line.movement,
        variant=facts.variant,
        load_kg=facts.load_kg,
        height_cm=facts.height_cm,
        subject=facts.subject or "auto",
        note=facts.note,
        priority=priority,
    )
