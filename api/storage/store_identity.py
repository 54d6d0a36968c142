"""Whether database and files belong together: both hold the same id, and nothing is deleted where they do not.

A database that was emptied, restored from another service, or named by a wrong setting knows none of the files, and a
sweep of unreferenced files would remove them all.
"""

import json
import logging
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from api.db import service_state
from api.db.engine import Database
from api.storage.file_store import FileStore

ID_FILE = "store.json"
"""Key of the id in the file store."""

_TOPS = ("clips", "results", "batches", "trash")
_SAMPLE = 20  # rows of each kind that are looked up in the files where an id is missing; chosen
_TRUSTED_S = 60.0  # a request does not check again for this long; chosen
_OLDER = timedelta(hours=6)  # a database this much older than its files was restored; chosen, longer than a back-up

log = logging.getLogger("api.store")


@dataclass(frozen=True)
class StoreIds:
    """The ids of database and files, and the latest times that each has recorded."""

    database: str | None
    files: str | None
    database_seen_at: datetime | None = None
    files_seen_at: datetime | None = None


def check_store(database: Database, files: FileStore) -> str | None:
    """Return why database and files do not belong together; None if they do.

    A new database with new files gets an id. So do an older one and its files if the files hold something of its own.
    """
    ids = read_ids(database, files)
    if ids.database is not None and ids.database == ids.files:
        return None
    if ids.database is not None and ids.files is not None:
        return _mismatch(f"the database has the id {ids.database}, the files have {ids.files}")
    if not _belong(database, files):
        what = "the files, but not the database," if ids.database is None else "the database, but not the files,"
        if ids.database is None and ids.files is None:
            return _mismatch("the files hold nothing that the database refers to")
        return _mismatch(f"{what} belong to an earlier service")
    bind(database, files, ids.files)
    return None


def check_age(database: Database, files: FileStore) -> str | None:
    """Return why the database is older than the files, as after restoring a back-up; None if it is not."""
    ids = read_ids(database, files)
    if ids.files_seen_at is None or ids.database_seen_at is None or ids.files_seen_at - ids.database_seen_at < _OLDER:
        return None
    return (
        f"the database was last used at {ids.database_seen_at:%Y-%m-%d %H:%M}, the files at "
        f"{ids.files_seen_at:%Y-%m-%d %H:%M}: an older database was restored. See: analyzer store status"
    )


def read_ids(database: Database, files: FileStore) -> StoreIds:
    """Return the ids of database and files."""
    with database.read_session() as session:
        own, seen = service_state.get(session, "store_id"), service_state.get(session, "clock_seen_at")
    record = json.loads(files.read_text(ID_FILE) or "{}")
    return StoreIds(own, record.get("store_id"), _parse(seen), _parse(record.get("seen_at")))


def bind(database: Database, files: FileStore, id: str | None = None) -> None:
    """Give database and files the same id: this one, or else the database's, or a new one."""
    try:
        with database.session() as session:
            own = id or service_state.get(session, "store_id") or secrets.token_hex(8)
            service_state.put(session, "store_id", own)
    except IntegrityError:  # another process was faster
        with database.read_session() as session:
            own = service_state.get(session, "store_id") or ""
    write_record(database, files)
    log.debug("database and files have the id %s", own)


def write_record(database: Database, files: FileStore) -> None:
    """Write the id of the database, and the time it was last used, into the files."""
    with database.read_session() as session:
        record = {
            "store_id": service_state.get(session, "store_id"),
            "seen_at": service_state.get(session, "clock_seen_at"),
        }
    files.write_text(ID_FILE, json.dumps(record) + "\n")


class StoreGuard:
    """Says for requests whether database and files belong together."""

    def __init__(self, database: Database, files: FileStore) -> None:
        self._database, self._files = database, files
        self._trusted_until_s, self._lock = 0.0, threading.Lock()

    def start(self) -> None:
        """Check at the start of the service, and give new stores their id; problems are logged."""
        try:
            problem = self.find_problem()
        except Exception as error:  # such as a file store that does not answer
            problem = f"database and files cannot be compared: {error}"
        if problem is not None:
            log.error("%s", problem)

    def find_problem(self) -> str | None:
        """Return why database and files do not belong together; None if they do."""
        problem = check_store(self._database, self._files)
        with self._lock:
            self._trusted_until_s = time.monotonic() + _TRUSTED_S if problem is None else 0.0
        return problem

    def is_trusted(self) -> bool:
        """Return whether they belong together, as was checked in the last minute or is checked now."""
        return time.monotonic() < self._trusted_until_s or self.find_problem() is None


def _belong(database: Database, files: FileStore) -> bool:
    """Return whether the files hold something that the database refers to, or both are empty."""
    with database.read_session() as session:
        folders = service_state.list_newest_folders(session, _SAMPLE)
    if folders:
        return any(next(files.list(folder), None) is not None for folder in folders)
    return not any(files.list_folders(top) for top in _TOPS)


def _mismatch(reason: str) -> str:
    return (
        f"database and files do not belong together: {reason}. Nothing is deleted and no clip is accepted. "
        "Correct the settings, or see: analyzer store status"
    )


def _parse(time: str | None) -> datetime | None:
    return datetime.fromisoformat(time) if time else None
