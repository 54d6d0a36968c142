"""Delete on request: an analysis, a batch, a client or an owner, with all their data, at once.

Rows are deleted before files, and the same transaction records which files are still to be removed, so that an
interrupted deletion is completed later. It also works on a full disk, where it uses a reserve of space.
"""

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from api.cleanup.orphans import delete_everywhere
from api.db import analyses, batches, sessions
from api.db.engine import Database
from api.db.models import AnalysisRow, Batch, Client, ClipRow, Owner, PendingDeletion
from api.jobs.interface import JobQueue, push_or_log
from api.storage.disk_space import is_disk_full
from api.storage.file_store import FileStore

_DELETED_PER_TRANSACTION = 50  # analyses in one transaction, since others wait for it; chosen

ResultT = TypeVar("ResultT")

log = logging.getLogger("api.retention")


@dataclass
class DeletedRows:
    """Analyses whose rows are deleted, and the prefixes of the files that go with them."""

    analyses: list[str] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    is_complete: bool = True


def delete_analysis(database: Database, files: FileStore, jobs: JobQueue, owner_id: str, id: str) -> bool:
    """Delete an analysis with its clip, results, marks, links and jobs, also while it runs; False if there is none."""

    def delete_its_rows(session: Session) -> DeletedRows:
        """Delete the rows of the analysis."""
        return delete_rows(session, owner_id, [id])

    with erasing(database):
        deleted = _transact(database, delete_its_rows)
        remove_files(database, files, jobs, deleted)
    return bool(deleted.analyses)


def delete_client(database: Database, files: FileStore, jobs: JobQueue, owner_id: str, id: str) -> bool:
    """Delete a client with all their analyses; False if there is no such client."""

    def delete_some(session: Session) -> DeletedRows | None:
        """Delete some analyses, or the last ones and the client."""
        # Locked, so that no analysis of this client is added meanwhile.
        query = select(Client).where(Client.id == id, Client.owner_id == owner_id).with_for_update()
        client = session.scalar(query)
        if client is None:
            return None
        deleted = _delete_some(session, owner_id, AnalysisRow.client_id == id)
        if deleted.is_complete:
            sessions.delete_for_client(session, id)
            session.delete(client)
        return deleted

    return _delete_in_lots(database, files, jobs, delete_some)


def delete_owner(
    database: Database, files: FileStore, jobs: JobQueue, owner_id: str, uploads: Path | None = None
) -> bool:
    """Delete an owner with all their data, keys and sign-ins; `uploads` is the folder of unfinished uploads."""

    def delete_some(session: Session) -> DeletedRows | None:
        """Delete some analyses, or the last ones and the owner with all other data."""
        owner = session.scalar(select(Owner).where(Owner.id == owner_id).with_for_update())
        if owner is None:
            return None
        deleted = _delete_some(session, owner_id, AnalysisRow.owner_id == owner_id)
        if deleted.is_complete:
            sent = session.scalars(select(Batch.id).where(Batch.owner_id == owner_id)).all()
            _record(session, deleted, [f"clips/{owner_id}", *(f"batches/{batch_id}" for batch_id in sent)])
            session.delete(owner)
        return deleted

    exists = _delete_in_lots(database, files, jobs, delete_some)
    if exists and uploads is not None:
        shutil.rmtree(uploads / owner_id, ignore_errors=True)
    return exists


def delete_batch(database: Database, files: FileStore, jobs: JobQueue, owner_id: str, id: str) -> bool:
    """Delete a batch with its name and those of its files; False if there is none.

    Clips of it that have not ended are cancelled. Its analyses stay, as those of a deleted session do.
    """
    stopped: list[str] = []

    def forget(session: Session) -> DeletedRows | None:
        """Cancel what has not ended, and delete the row or its names."""
        row = batches.get(session, owner_id, id)
        if row is None:
            return None
        stopped[:] = batches.cancel(session, owner_id, id) or ()
        return forget_batch(session, row)

    with erasing(database):
        deleted = _transact(database, forget)
        for analysis_id in stopped:
            push_or_log(jobs.cancel, analysis_id)
        if deleted is not None:
            remove_files(database, files, jobs, deleted)
    return deleted is not None


def complete_deletions(database: Database, files: FileStore) -> int:
    """Remove the files of deletions that were interrupted; return how many prefixes that were."""
    with database.read_session() as session:
        prefixes = list(session.scalars(select(PendingDeletion.prefix)))
    _remove_prefixes(database, files, prefixes)
    return len(prefixes)


# ---- Parts, also used for deletion by age


def delete_rows(session: Session, owner_id: str, ids: Sequence[str]) -> DeletedRows:
    """Delete the rows of some analyses, and of batches that this empties."""
    deleted = DeletedRows()
    sent = set[str]()
    for id in ids:
        row = analyses.delete(session, owner_id, id)
        if row is None:
            continue
        deleted.analyses.append(id)
        sent |= {row.batch_id} if row.batch_id is not None else set()
        is_clip_needed = session.scalar(select(ClipRow.id).where(ClipRow.id == row.clip_id)) is not None
        own = [] if is_clip_needed else [f"clips/{owner_id}/{row.clip_id}"]
        _record(session, deleted, [f"results/{id}", *own])
    emptied = batches.delete_emptied(session, owner_id, sent)
    _record(session, deleted, [f"batches/{batch_id}" for batch_id in emptied])
    return deleted


def forget_batch(session: Session, row: Batch) -> DeletedRows:
    """Delete a batch whose clips have ended, and record that its list of clips is to be removed."""
    deleted = DeletedRows()
    _record(session, deleted, [f"batches/{row.id}"])
    batches.forget(session, row)
    return deleted


def remove_files(database: Database, files: FileStore, jobs: JobQueue, deleted: DeletedRows) -> None:
    """Remove the jobs and the files of deleted rows."""
    for id in deleted.analyses:
        push_or_log(jobs.cancel, id)
        push_or_log(jobs.forget, id)  # on failure the workers drop jobs without a row later
    _remove_prefixes(database, files, deleted.prefixes)


@contextmanager
def erasing(database: Database) -> Iterator[None]:
    """Erase from the database's log what the block deletes, and hold the reserve of space again."""
    try:
        yield
    finally:
        try:
            if not database.erase_deleted():
                log.warning("deleted rows stay in the write-ahead log until its readers have ended")
        except Exception:
            log.exception("the write-ahead log could not be truncated; the workers try again")
        if database.sqlite is not None:
            database.sqlite.hold_reserve()


def _delete_in_lots(
    database: Database, files: FileStore, jobs: JobQueue, delete_some: Callable[[Session], DeletedRows | None]
) -> bool:
    exists = False
    with erasing(database):
        while (deleted := _transact(database, delete_some)) is not None:
            exists = True
            remove_files(database, files, jobs, deleted)
            if deleted.is_complete:
                break
    return exists


def _transact(database: Database, work: Callable[[Session], ResultT]) -> ResultT:
    """Run a transaction; on a full disk, release the reserve of space and run it again."""
    try:
        with database.session() as session:
            return work(session)
    except Exception as error:
        if not is_disk_full(error) or database.sqlite is None or not database.sqlite.release_reserve():
            raise
        log.warning("the disk is full: a deletion uses the reserve of space")
    with database.session() as session:
        return work(session)


def _delete_some(session: Session, owner_id: str, which: ColumnElement[bool]) -> DeletedRows:
    """Delete as many of these analyses as fit in one transaction."""
    some = session.scalars(select(AnalysisRow.id).where(which).limit(_DELETED_PER_TRANSACTION + 1)).all()
    deleted = delete_rows(session, owner_id, some[:_DELETED_PER_TRANSACTION])
    deleted.is_complete = len(some) <= _DELETED_PER_TRANSACTION
    return deleted


def _record(session: Session, deleted: DeletedRows, prefixes: Sequence[str]) -> None:
    """Record which files are to be removed, in the transaction that deletes their rows."""
    for prefix in prefixes:
        session.merge(PendingDeletion(prefix=prefix))
    deleted.prefixes += prefixes


def _remove_prefixes(database: Database, files: FileStore, prefixes: Sequence[str]) -> None:
    for prefix in prefixes:
        delete_everywhere(files, prefix)
    if prefixes:

        def forget(session: Session) -> None:
            """Delete the records of what is removed."""
            session.execute(delete(PendingDeletion).where(PendingDeletion.prefix.in_(prefixes)))

        _transact(database, forget)
