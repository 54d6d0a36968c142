"""Housekeeping: delete old analyses, expired links and sign-ins, and files that no row refers to."""

import logging
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.cleanup import deletion, orphans
from api.db import batches, idempotency, service_state, sessions
from api.db.engine import Database
from api.db.models import AnalysisRow, Pairing, ShareLink, SignIn, now
from api.db.statuses import ENDED_STATUSES
from api.jobs.interface import JobQueue
from api.settings import ServiceSettings
from api.storage.clock_guard import ClockGuard
from api.storage.file_store import FileStore
from api.storage.store_identity import check_age, check_store, write_record

_DELETED_PER_TRANSACTION = 50  # analyses in one transaction, since others wait for it; chosen
_SCRATCH_AGE = timedelta(days=1)  # expired links and sign-ins are deleted after this; chosen

log = logging.getLogger("api.retention")


@dataclass(frozen=True)
class HousekeepingResult:
    """What one housekeeping run removed: expired analyses, and folders without a row; or why it removed nothing."""

    expired: int
    orphans: int
    on_hold: str | None = None


def run_housekeeping(
    settings: ServiceSettings, database: Database, files: FileStore, jobs: JobQueue, clock: ClockGuard | None = None
) -> HousekeepingResult:
    """Run the housekeeping that every worker does about hourly; the shared part is done by one of them.

    Nothing is deleted while the clock is not plausible, or database and files do not belong together.
    """
    if (problem := (clock or ClockGuard(database)).find_problem()) is not None:
        return _hold(database, problem)
    youngest_s = orphans.MIN_ORPHAN_AGE_S + 3 * settings.job_time_limit_s  # a clip is fetched and tried twice
    removed = _sweep_scratch(settings.data_dir / "scratch", youngest_s)
    if not database.try_claim_housekeeping():
        return HousekeepingResult(0, removed)
    if (problem := check_store(database, files)) is not None:
        return _hold(database, problem, removed)
    expired = 0
    if settings.retention_days is not None:
        expired = apply_retention(database, files, jobs, settings.retention_days)
    with database.session() as session:
        _delete_expired_rows(session)
        batches.settle_abandoned(session, now() - timedelta(seconds=orphans.MIN_ORPHAN_AGE_S))
    if (problem := check_age(database, files)) is not None:
        return _hold(database, problem, removed, expired)
    sweep = orphans.sweep_orphans(database, files, youngest_s)
    if sweep.on_hold is not None:
        return _hold(database, sweep.on_hold, removed, expired)
    orphans.purge_trash(files, settings.trash_days)
    database.erase_deleted()
    write_record(database, files)
    removed += sweep.moved
    _record_hold(database, None)
    if expired or removed:
        log.info("removed %d expired analyses and %d folders without a row", expired, removed)
    return HousekeepingResult(expired, removed)


def _hold(database: Database, problem: str, orphaned: int = 0, expired: int = 0) -> HousekeepingResult:
    log.error("%s", problem)
    _record_hold(database, problem)
    return HousekeepingResult(expired, orphaned, problem)


def _record_hold(database: Database, problem: str | None) -> None:
    """Store why nothing is deleted, for readiness and metrics of the server."""
    with database.read_session() as session:
        is_recorded = service_state.get(session, "cleanup_on_hold") == problem
    if not is_recorded:
        with database.session() as session:
            service_state.put(session, "cleanup_on_hold", problem)


# ---- By age


def apply_retention(database: Database, files: FileStore, jobs: JobQueue, days: float) -> int:
    """Delete analyses, sessions and batches older than so many days.

    Returns the number of analyses.
    """
    before, count = now() - timedelta(days=days), 0
    old = (
        select(AnalysisRow.owner_id, AnalysisRow.id)
        .where(AnalysisRow.created_at < before, AnalysisRow.status.in_(ENDED_STATUSES))
        .order_by(AnalysisRow.created_at)
        .limit(_DELETED_PER_TRANSACTION)
    )
    is_complete = False
    while not is_complete:
        with database.session() as session:
            expired = session.execute(old).all()
            removed = [deletion.delete_rows(session, owner_id, [id]) for owner_id, id in expired]
        for deleted in removed:
            deletion.remove_files(database, files, jobs, deleted)
        count += len(removed)
        is_complete = not expired
    with database.session() as session:
        sessions.delete_older(session, before)
        empty = batches.delete_emptied(session, created_before=before)
    for batch_id in empty:
        files.delete_tree(f"batches/{batch_id}")
    _forget_old_batches(database, files, jobs, before)
    return count


def _forget_old_batches(database: Database, files: FileStore, jobs: JobQueue, before: datetime) -> None:
    """Delete batches with their names whose analyses have ended: some of these may be younger, and stay."""
    is_complete = False
    while not is_complete:
        with database.session() as session:
            old = batches.list_ended(session, before, _DELETED_PER_TRANSACTION)
            removed = [deletion.forget_batch(session, row) for row in old]
        for deleted in removed:
            deletion.remove_files(database, files, jobs, deleted)
        is_complete = not removed


def _delete_expired_rows(session: Session) -> None:
    """Remove expired links and sign-ins, and old answers to idempotent requests."""
    ended = now() - _SCRATCH_AGE
    session.execute(delete(Pairing).where(Pairing.expires_at < ended))
    session.execute(delete(SignIn).where((SignIn.expires_at < ended) | (SignIn.revoked_at < ended)))
    session.execute(delete(ShareLink).where((ShareLink.expires_at < ended) | (ShareLink.revoked_at < ended)))
    idempotency.delete_expired(session)


def _sweep_scratch(scratch: Path, older_than_s: float) -> int:
    """Remove what ended processes left behind, except for the workers' own folders, which they empty themselves."""
    removed = 0
    for path in scratch.glob("*"):
        with suppress(OSError):
            if not path.name.startswith("worker-") and time.time() - path.stat().st_mtime > older_than_s:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                removed += 1
    return removed
