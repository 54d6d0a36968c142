"""A disk that can be filled: a real file system in memory, or a simulated one where mounting is not allowed."""

import errno
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from api.db.engine import Database


class SmallDisk:
    """A disk of some megabytes at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self) -> None:
        """Write until no byte is free."""
        with open(self.path / "ballast", "ab", buffering=0) as file:
            for size in (2**20, 2**12, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError as error:
                    assert error.errno == errno.ENOSPC
        assert os.statvfs(self.path).f_bavail == 0

    def empty(self) -> None:
        """Make room again."""
        (self.path / "ballast").unlink()

    def watch(self, database: Database) -> None:
        """Let the simulated disk reject what this database writes."""


class SimulatedDisk(SmallDisk):
    """A folder that reports how much of a disk its files leave, and a database that cannot grow on a full one."""

    def __init__(self, path: Path, size_mb: int, patch: pytest.MonkeyPatch) -> None:
        super().__init__(path)
        self._is_full = False
        real = os.statvfs

        def report(folder: str | Path) -> os.statvfs_result:
            """Report the blocks that are free on the simulated disk."""
            values = list(real(folder))
            used = sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file())
            free = 0 if self._is_full else max(0, size_mb * 2**20 - used)
            values[3] = values[4] = free // values[1]  # f_bfree, f_bavail, in blocks of f_frsize
            return os.statvfs_result(values)

        patch.setattr(os, "statvfs", report)

    def fill(self) -> None:
        """Report no free space."""
        self._is_full = True

    def empty(self) -> None:
        """Report the real free space."""
        self._is_full = False

    def watch(self, database: Database) -> None:
        """Let every write fail while the disk is full and the reserve is held, as SQLite does."""
        assert database.sqlite is not None
        reserve = database.sqlite.path.with_name(f"{database.sqlite.path.name}.reserve")

        def reject(connection: object, cursor: object, statement: str, *_: object) -> None:
            """Fail as SQLite does."""
            if self._is_full and reserve.exists() and statement.split()[0] in ("INSERT", "UPDATE", "DELETE"):
                error = sqlite3.OperationalError("database or disk is full")
                error.sqlite_errorname = "SQLITE_FULL"
                raise error

        event.listen(database.engine, "before_cursor_execute", reject)


@contextmanager
def mount_small_disk(folder: Path, size_mb: int, patch: pytest.MonkeyPatch) -> Iterator[SmallDisk]:
    """Yield a disk of this size, which is empty."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", str(folder)]
    try:
        is_mounted = subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        is_mounted = False
    if not is_mounted:
        yield SimulatedDisk(folder, size_mb, patch)
        return
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
