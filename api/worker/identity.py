"""Identity of a worker: an id that survives restarts, and a scratch folder."""

import secrets
import shutil
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout

from api.storage.file_store import sync


@dataclass(frozen=True)
class WorkerSlot:
    """One worker's place on this machine; no two running workers have the same."""

    worker_id: str
    scratch: Path
    lock: FileLock


def acquire_slot(data_dir: Path) -> WorkerSlot:
    """Return the first slot that no running worker has, with an empty scratch folder.

    A killed worker has released its lock, so that the next one takes over its id and its jobs. The scratch folders of
    later unused slots are removed.
    """
    folder = data_dir / "workers"
    folder.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        lock = FileLock(folder / f"{number}.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            continue
        _sweep(data_dir, number + 1)
        return WorkerSlot(_id(folder / f"{number}.id"), _empty_folder(_scratch(data_dir, number)), lock)
    raise AssertionError("unreachable")


def _id(path: Path) -> str:
    """Return the id in this file, or write a new one."""
    if path.exists() and (known := path.read_text().strip()):
        return known
    new = f"wrk_{secrets.token_hex(10)}"
    path.write_text(new)
    sync(path)  # after a power cut this worker is to know its jobs
    sync(path.parent)
    return new


def _sweep(data_dir: Path, first: int) -> None:
    for number in count(first):
        if not (data_dir / "workers" / f"{number}.id").exists():
            return
        lock = FileLock(data_dir / "workers" / f"{number}.lock")
        try:
            with lock.acquire(blocking=False):
                shutil.rmtree(_scratch(data_dir, number), ignore_errors=True)
        except Timeout:
            continue


def _scratch(data_dir: Path, number: int) -> Path:
    return data_dir / "scratch" / f"worker-{number}"


def _empty_folder(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
