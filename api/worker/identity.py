"""Who a worker is: an id of its own that it finds again when it is started anew, and a folder to work in."""

import secrets
import shutil
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout


@dataclass(frozen=True)
class WorkerSlot:
    """One worker's place on this machine; no two running workers have the same."""

    worker_id: str
    scratch: Path
    lock: FileLock


def acquire_slot(data_dir: Path) -> WorkerSlot:
    """The first place that no running worker has, its scratch folder empty.

    A worker that was killed has let go of its lock, so that the next one takes its id, and with it its jobs. Places
    further on that nobody has are swept as well.
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
    """The id that is written there; a new one the first time."""
    if path.exists() and (known := path.read_text().strip()):
        return known
    new = f"wrk_{secrets.token_hex(10)}"
    path.write_text(new)
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
