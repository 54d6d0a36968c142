"""Free space of the disks that the service writes to: a reserve that no upload may use."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from analyzer.errors import is_disk_full as is_file_disk_full

_MIB = 2**20


class DiskSpace:
    """The free space of some folders' disks.

    Parameters
    ----------
    folders : where the service writes; folders that do not exist yet count as the nearest one that does.
    reserve_bytes : space that must stay free; only deletion and the database may use it.
    """

    def __init__(self, folders: Iterable[Path], reserve_bytes: int) -> None:
        self._folders, self.reserve_bytes = tuple(folders), reserve_bytes

    def free_bytes(self) -> int:
        """Return the free space of the fullest disk."""
        return min(_free_bytes(folder) for folder in self._folders)

    def is_low(self, more_bytes: int = 0) -> bool:
        """Return whether less than the reserve would be left after writing so many bytes."""
        return self.free_bytes() - more_bytes < self.reserve_bytes

    def describe_shortage(self) -> str | None:
        """Return what readiness reports of a disk that is nearly full; None if it is not."""
        free = self.free_bytes()
        if free >= self.reserve_bytes:
            return None
        limits = f"{free // _MIB} MB are free, less than the reserve of {self.reserve_bytes // _MIB} MB"
        return f"{limits}; uploads are refused: delete analyses, or enlarge the disk"


def is_disk_full(error: BaseException) -> bool:
    """Return whether an error of the system or of the database says that a disk is full."""
    if not isinstance(error, DBAPIError):
        return is_file_disk_full(error)
    cause = error.orig
    if getattr(cause, "sqlite_errorname", None) == "SQLITE_FULL" or getattr(cause, "sqlstate", None) == "53100":
        return True
    # SQLite reports a write-ahead log or its index that cannot grow as an input/output error.
    return str(getattr(cause, "sqlite_errorname", "")).startswith(("SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE"))


def _free_bytes(folder: Path) -> int:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free
