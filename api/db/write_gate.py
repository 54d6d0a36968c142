"""One writer of a process at a time: others wait here, not with a connection and not in the database."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_MAX_WAITING = 24  # of a server's 40 threads, so that readers always find one; chosen


class DatabaseBusyError(Exception):
    """Another transaction writes for too long, or too many wait for it."""


class WriteGate:
    """Admits one writer at a time.

    Parameters
    ----------
    wait_s : longest wait, unless the caller says otherwise.
    max_waiting : number of waiting writers above which the next one is refused at once.
    """

    def __init__(self, wait_s: float, max_waiting: int = _MAX_WAITING) -> None:
        self._wait_s = wait_s
        self._turn, self._places = threading.Lock(), threading.Semaphore(max_waiting)

    @contextmanager
    def enter(self, wait_s: float | None = None) -> Iterator[float]:
        """Hold the gate; yield what is left of the wait, for writers of other processes. Raise DatabaseBusyError."""
        until_s = time.monotonic() + (self._wait_s if wait_s is None else wait_s)
        if not self._places.acquire(blocking=False):
            raise DatabaseBusyError("too many requests wait for the database")
        try:
            if not self._turn.acquire(timeout=max(0.0, until_s - time.monotonic())):
                raise DatabaseBusyError("another transaction writes for too long")
        finally:
            self._places.release()
        try:
            yield max(0.0, until_s - time.monotonic())
        finally:
            self._turn.release()
