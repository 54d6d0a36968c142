"""Delete data: an analysis, a client or an owner with everything of theirs, old analyses, and files without a row.

Rows are deleted before files: an interruption leaves files without a row, which the sweep removes.
"""

import logging
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, islice
from pathlib import Path

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from api.db import analyses, batches, idempotency, sessions
from api.db.engine import Database
from api.db.models import AnalysisRow, Batch, Client, ClipRow, Owner, Pairing, ShareLink, SignIn, now
from api.db.statuses import ENDED_STATUSES, OPEN_STATUSES
from api.file_store import FileStore
from api.jobs.interface import JobQueue, push_or_log
from api.settings import ServiceSettings

_MIN_ORPHAN_AGE_S = 3600.0  # a younger file without a row may belong to a request in progress; chosen
_ROWS_PER_QUERY = 500  # chosen
_DELETED_PER_TRANSACTION = 50  # analyses in one transaction, since others wait for it; chosen
_SCRATCH_AGE = timedelta(days=1)  # expired links and sign-ins are deleted after this; chosen

log = logging.getLogger("api.retention")


@dataclass(frozen=True)
class HousekeepingResult:
    """What one housekeeping run removed: expired analyses, and folders without a row."""

    expired: int
    orphans: int


def run_housekeeping(
    settings: ServiceSettings, database: Database, files: FileStore, jobs: JobQueue
) -> HousekeepingResult:
    """Run the housekeeping that every worker does about hourly; the shared part is done by one of them."""
    youngest_s = _MIN_ORPHAN_AGE_S + 3 * settings.job_time_limit_s  # a clip is fetched and tried twice
    orphans = _sweep_scratch(settings.data_dir / "scratch", youngest_s)
    if not database.try_claim_housekeeping():
        return HousekeepingResult(0, orphans)
    expired = 0
    if settings.retention_days is not None:
        expired = apply_retention(database, files, jobs, settings.retention_days)
    with database.session() as session:
        _delete_expired_rows(session)
        batches.settle_abandoned(session, now() - timedelta(seconds=_MIN_ORPHAN_AGE_S))
    orphans += sweep_orphans(database, files, youngest_s)
    if expired or orphans:
        log.info("removed %d expired analyses and %d folders without a row", expired, orphans)
    return HousekeepingResult(expired, orphans)


# ---- On request


def delete_analysis(database: Database, files: FileStore, jobs: JobQueue, owner_id: str, id: str) -> bool:
    """Delete an analysis with its clip, results, marks, links and jobs, also while it runs; False if there is none."""
    with database.session() as session:
        deleted = _delete_rows(session, owner_id, [id])
    _remove(files, jobs, deleted)
    return bool(deleted)


def delete_client(database: Database, files: FileStore, jobs: JobQueue, owner_id: str, id: str) -> bool:
    """Delete a client with all their analyses; False if there is no such client."""
    is_complete = exists = False
    while not is_complete:
        with database.session() as session:
            # Locked, so that no analysis of theirs is added meanwhile.
            query = select(Client).where(Client.id == id, Client.owner_id == owner_id).with_for_update()
            client = session.scalar(query)
            if client is None:
                return exists
            exists = True
            deleted, is_complete = _delete_some(session, owner_id, AnalysisRow.client_id == id)
            if is_complete:
                session.delete(client)
        _remove(files, jobs, deleted)
    return True


def delete_owner(
    database: Database, files: FileStore, jobs: JobQueue, owner_id: str, uploads: Path | None = None
) -> bool:
    """Delete an owner with all their data, keys and sign-ins; `uploads` is the folder of unfinished uploads."""
    is_complete = exists = False
    while not is_complete:
        with database.session() as session:
            owner = session.scalar(select(Owner).where(Owner.id == owner_id).with_for_update())
            if owner is None:
                return exists
            exists = True
            deleted, is_complete = _delete_some(session, owner_id, AnalysisRow.owner_id == owner_id)
            if is_complete:
                sent = session.scalars(select(Batch.id).where(Batch.owner_id == owner_id)).all()
                session.delete(owner)  # deletes everything else of theirs
        _remove(files, jobs, deleted)
    files.delete_tree(f"clips/{owner_id}")
    for batch_id in sent:
        files.delete_tree(f"batches/{batch_id}")
    if uploads is not None:
        shutil.rmtree(uploads / owner_id, ignore_errors=True)
    return True


@dataclass(frozen=True)
class _DeletedAnalysis:
    """An analysis whose row is deleted, and its clip if that was deleted as well."""

    id: str
    clip: str | None


def _delete_some(session: Session, owner_id: str, which: ColumnElement[bool]) -> tuple[list[_DeletedAnalysis], bool]:
    """Delete as many of these analyses as fit in one transaction; also return whether these were all."""
    some = session.scalars(select(AnalysisRow.id).where(which).limit(_DELETED_PER_TRANSACTION + 1)).all()
    return _delete_rows(session, owner_id, some[:_DELETED_PER_TRANSACTION]), len(some) <= _DELETED_PER_TRANSACTION


def _delete_rows(session: Session, owner_id: str, ids: Sequence[str]) -> list[_DeletedAnalysis]:
    deleted: list[_DeletedAnalysis] = []
    for id in ids:
        row = analyses.delete(session, owner_id, id)
        if row is not None:
            clip_id = session.scalar(select(ClipRow.id).where(ClipRow.id == row.clip_id))
            deleted.append(_DeletedAnalysis(id, None if clip_id else f"clips/{owner_id}/{row.clip_id}"))
    return deleted


def _remove(files: FileStore, jobs: JobQueue, deleted: Iterable[_DeletedAnalysis]) -> None:
    for analysis in deleted:
        push_or_log(jobs.cancel, analysis.id)
        push_or_log(jobs.forget, analysis.id)  # on failure the workers drop jobs without a row later
        files.delete_tree(f"results/{analysis.id}")
        if analysis.clip is not None:
            files.delete_tree(analysis.clip)


# ---- By age


def apply_retention(database: Database, files: FileStore, jobs: JobQueue, days: float) -> int:
    """Delete analyses and sessions older than so many days, and batches that are empty then.

    Returns the number of analyses.
    """
    before, deleted = now() - timedelta(days=days), 0
    old = (
        select(AnalysisRow.owner_id, AnalysisRow.id)
        .where(AnalysisRow.created_at < before, AnalysisRow.status.in_(ENDED_STATUSES))
        .order_by(AnalysisRow.created_at)
        .limit(_DELETED_PER_TRANSACTION)
    )
    while True:
        with database.session() as session:
            expired = session.execute(old).all()
            removed = [analysis for owner_id, id in expired for analysis in _delete_rows(session, owner_id, [id])]
        _remove(files, jobs, removed)
        deleted += len(removed)
        if not expired:
            break
    used = select(AnalysisRow.id).where(AnalysisRow.batch_id == Batch.id).exists()
    with database.session() as session:
        sessions.delete_older(session, before)
        empty = session.scalars(select(Batch.id).where(Batch.created_at < before, ~used, _is_fully_queued())).all()
        session.execute(delete(Batch).where(Batch.id.in_(empty)))
    for batch_id in empty:
        files.delete_tree(f"batches/{batch_id}")
    return deleted


def _is_fully_queued() -> ColumnElement[bool]:
    """Select batches all of whose clips have a row."""
    return (Batch.fed >= Batch.total) | Batch.manifest_url.is_(None) | Batch.cancelled_at.is_not(None)


def _delete_expired_rows(session: Session) -> None:
    """Remove expired links and sign-ins, and old answers to idempotent requests."""
    ended = now() - _SCRATCH_AGE
    session.execute(delete(Pairing).where(Pairing.expires_at < ended))
    session.execute(delete(SignIn).where((SignIn.expires_at < ended) | (SignIn.revoked_at < ended)))
    session.execute(delete(ShareLink).where((ShareLink.expires_at < ended) | (ShareLink.revoked_at < ended)))
    idempotency.delete_expired(session)


# ---- What nothing refers to


def sweep_orphans(database: Database, files: FileStore, older_than_s: float = _MIN_ORPHAN_AGE_S) -> int:
    """Remove results of runs that do not count, clips and batches without a row, and unfinished files; return how many.

    Files are listed before rows are read. A file without a row therefore had none when it was listed, or is too young
    to be removed.
    """
    orphans = 0
    for folders in _batched_folders(_folders(files, "results", 2)):
        with database.read_session() as session:
            ids = {folder.split("/")[1] for folder, _ in folders}
            rows = {row.id: row for row in session.scalars(select(AnalysisRow).where(AnalysisRow.id.in_(ids)))}
        for folder, keys in folders:
            _, id, run = folder.split("/")
            orphans += _sweep_one(files, folder, keys, _is_needed(rows.get(id), run), older_than_s)
    for folders in _batched_folders(_folders(files, "clips", 2)):
        with database.read_session() as session:
            ids = {folder.split("/")[2] for folder, _ in folders}
            known = set(session.scalars(select(ClipRow.id).where(ClipRow.id.in_(ids))))
        for folder, keys in folders:
            orphans += _sweep_one(files, folder, keys, folder.split("/")[2] in known, older_than_s)
    for folders in _batched_folders(_folders(files, "batches", 1)):
        with database.read_session() as session:
            ids = {folder.split("/")[1] for folder, _ in folders}
            known = set(session.scalars(select(Batch.id).where(Batch.id.in_(ids))))
        for folder, keys in folders:
            orphans += _sweep_one(files, folder, keys, folder.split("/")[1] in known, older_than_s)
    return orphans


def _is_needed(row: AnalysisRow | None, run: str) -> bool:
    """Return whether these files count, or may count soon: nothing of a job in progress is removed."""
    if row is None:
        return False
    return row.run == run or row.status in OPEN_STATUSES or row.marks_revision != row.measured_revision


def _sweep_one(files: FileStore, folder: str, keys: Sequence[str], needed: bool, older_than_s: float) -> int:
    """Remove an unneeded folder, or the half-written files that a crash left in a needed one."""
    unneeded = [key for key in keys if _is_unfinished(key)] if needed else keys
    before_s = time.time() - older_than_s
    try:
        if not unneeded or any(files.get_mtime_s(key) > before_s for key in unneeded):
            return 0
    except FileNotFoundError:  # another process is removing it
        return 0
    for place in unneeded if needed else [folder]:
        files.delete_tree(place)
    return 1


def _is_unfinished(key: str) -> bool:
    name = key.rsplit("/", 1)[-1]
    return name.startswith(".") and name.endswith(".tmp")


def _folders(files: FileStore, top: str, depth: int) -> Iterator[tuple[str, list[str]]]:
    """Yield the folders at this depth below `top`, each with its keys."""
    keys = (key for key in files.list(top) if key.count("/") > depth)
    for folder, inside in groupby(keys, lambda key: "/".join(key.split("/")[: depth + 1])):
        yield folder, list(inside)


def _batched_folders(folders: Iterator[tuple[str, list[str]]]) -> Iterator[list[tuple[str, list[str]]]]:
    while batch := list(islice(folders, _ROWS_PER_QUERY)):
        yield batch


def _sweep_scratch(scratch: Path, older_than_s: float) -> int:
    """Remove what ended processes left behind, except for the workers' own folders, which they empty themselves."""
    removed = 0
    for path in scratch.glob("*"):
        with suppress(OSError):
            if not path.name.startswith("worker-") and time.time() - path.stat().st_mtime > older_than_s:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                removed += 1
    return removed
