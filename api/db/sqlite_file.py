"""The file of a SQLite database: whether it is still the one that was opened, and a reserve of space beside it."""

import shutil
from contextlib import suppress
from pathlib import Path

RESERVE_BYTES = 16 * 2**20
"""Size of the reserve: enough to delete fifty analyses on a full disk; chosen."""

_CHUNK_BYTES = 2**20


class DatabaseGoneError(Exception):
    """The file of the database was removed or replaced while it was open."""


class SqliteFile:
    """A database file, and beside it a file that only holds space, which is released to delete on a full disk."""

    def __init__(self, path: Path, reserve_bytes: int = RESERVE_BYTES) -> None:
        self.path, self._reserve_bytes = path, reserve_bytes
        self._reserve = path.with_name(f"{path.name}.reserve")
        self._known: tuple[int, int] | None = None

    def remember(self) -> None:
        """Remember which file is open."""
        self._known = self._identity()

    def check(self) -> None:
        """Raise DatabaseGoneError if the file is no longer the one that was opened."""
        if self._known is not None and self._identity() != self._known:
            raise DatabaseGoneError(
                f"the database file {self.path} was removed or replaced while the service runs. "
                "Put it back, or restart the service."
            )

    def hold_reserve(self) -> None:
        """Create the reserve, or enlarge it; on a disk that is nearly full it takes half of what is free."""
        with suppress(OSError), self._reserve.open("ab") as file:
            held = file.tell()
            size = min(self._reserve_bytes, held + shutil.disk_usage(self.path.parent).free // 2)
            for _ in range(held, size, _CHUNK_BYTES):
                file.write(bytes(_CHUNK_BYTES))  # written, since a file with holes holds no space

    def release_reserve(self) -> bool:
        """Give the space of the reserve back to the disk; return whether there was any."""
        try:
            self._reserve.unlink()
        except OSError:
            return False
        return True

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino
