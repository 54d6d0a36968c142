"""Files that no row refers to: move them to the trash, and remove them from there after some days.

A few of them are left behind by crashes. Many of them mean that the database is not the right one: then none is moved
until an operator confirms it.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db.engine import Database
from api.db.models import AnalysisRow, Batch, ClipRow, now
from api.db.statuses import OPEN_STATUSES
from api.storage.file_store import FileStore

MIN_ORPHAN_AGE_S = 3600.0
"""A younger file without a row may belong to a request in progress; chosen."""

TRASH = "trash"
"""Key of the trash in the file store: trash/<time>/<original key>."""

_ROWS_PER_QUERY = 500  # chosen
_FEW_FOLDERS, _MAX_SHARE = 2, 0.05  # a sweep of more than these, of all folders, has to be confirmed; chosen
_STAMP = "%Y%m%dT%H%M%S.%f"

log = logging.getLogger("api.retention")


@dataclass(frozen=True)
class Orphans:
    """What no row refers to.

    Attributes
    ----------
    total : number of folders of clips, results and batches, with those that are in use.
    folders : the unreferenced ones.
    unfinished : half-written files in folders that are in use.
    """

    total: int = 0
    folders: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)

    def describe_excess(self) -> str | None:
        """Return why these are too many to be moved without confirmation; None if they are few."""
        if len(self.folders) <= max(_FEW_FOLDERS, _MAX_SHARE * self.total):
            return None
        return (
            f"no row refers to {len(self.folders)} of {self.total} folders of clips and results. Nothing is deleted: "
            "the database may be an older one. See: analyzer store status"
        )


@dataclass(frozen=True)
class SweepResult:
    """Number of folders moved to the trash or emptied of half-written files, or why none was."""

    moved: int = 0
    on_hold: str | None = None


def sweep_orphans(
    database: Database, files: FileStore, older_than_s: float = MIN_ORPHAN_AGE_S, *, is_confirmed: bool = False
) -> SweepResult:
    """Move unreferenced folders to the trash, and remove half-written files.

    `is_confirmed`: an operator has confirmed that the database is the right one.
    """
    orphans = find_orphans(database, files, older_than_s)
    if not is_confirmed and (excess := orphans.describe_excess()) is not None:
        return SweepResult(on_hold=excess)
    for key in orphans.unfinished:
        files.delete_tree(key)
    stamp = now().strftime(_STAMP)
    for folder in orphans.folders:
        files.move_tree(folder, f"{TRASH}/{stamp}/{folder}")
        log.info("%s: no row refers to it; moved to the trash", folder)
    return SweepResult(len(orphans.folders) + len({key.rpartition("/")[0] for key in orphans.unfinished}))


def find_orphans(database: Database, files: FileStore, older_than_s: float = MIN_ORPHAN_AGE_S) -> Orphans:
    """Find results of runs that do not count, clips and batches without a row, and half-written files.

    Files are listed before rows are read. A file without a row therefore had none when it was listed, or is too young
    to be removed.
    """
    total, unneeded, unfinished = 0, list[str](), list[str]()
    for top, depth in (("results", 2), ("clips", 2), ("batches", 1)):
        for folders in _batched_folders(_folders(files, top, depth)):
            with database.read_session() as session:
                needed = _find_needed(session, top, [folder for folder, _ in folders])
            total += len(folders)
            for folder, keys in folders:
                if folder not in needed and _is_older(files, keys, older_than_s):
                    unneeded.append(folder)
                temporary = [key for key in keys if folder in needed and _is_unfinished(key)]
                unfinished += [key for key in temporary if _is_older(files, [key], older_than_s)]
    return Orphans(total, unneeded, unfinished)


def purge_trash(files: FileStore, days: float) -> int:
    """Remove what has been in the trash for so many days; return how many sweeps that were."""
    before, removed = now() - timedelta(days=days), 0
    for stamp in files.list_folders(TRASH):
        if _parse_stamp(stamp) < before:
            files.delete_tree(f"{TRASH}/{stamp}")
            removed += 1
    return removed


def restore_trash(files: FileStore) -> int:
    """Move everything in the trash back to where it was; return how many files."""
    restored = 0
    for key in list(files.list(TRASH)):
        original = key.split("/", 2)[2]
        if not files.exists(original):
            files.move_tree(key, original)
            restored += 1
    return restored


def delete_everywhere(files: FileStore, prefix: str) -> None:
    """Remove everything below a prefix, in the trash as well."""
    files.delete_tree(prefix)
    for stamp in files.list_folders(TRASH):
        files.delete_tree(f"{TRASH}/{stamp}/{prefix}")


def _find_needed(session: Session, top: str, folders: Sequence[str]) -> set[str]:
    """Return those folders that a row refers to, or may refer to soon: nothing of a job in progress is removed."""
    ids = {folder.split("/")[1 if top != "clips" else 2] for folder in folders}
    if top == "results":
        rows = {row.id: row for row in session.scalars(select(AnalysisRow).where(AnalysisRow.id.in_(ids)))}
        return {folder for folder in folders if _is_needed(rows.get(folder.split("/")[1]), folder.split("/")[2])}
    column = ClipRow.id if top == "clips" else Batch.id
    known = set(session.scalars(select(column).where(column.in_(ids))))
    return {folder for folder in folders if folder.rsplit("/", 1)[-1] in known}


def _is_needed(row: AnalysisRow | None, run: str) -> bool:
    if row is None:
        return False
    return row.run == run or row.status in OPEN_STATUSES or row.marks_revision != row.measured_revision


def _is_older(files: FileStore, keys: Sequence[str], older_than_s: float) -> bool:
    before_s = time.time() - older_than_s
    try:
        return all(files.get_mtime_s(key) <= before_s for key in keys)
    except FileNotFoundError:  # another process is removing it
        return False


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


def _parse_stamp(stamp: str) -> datetime:
    return datetime.strptime(stamp, _STAMP).replace(tzinfo=now().tzinfo)
