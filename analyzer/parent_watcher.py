"""End a process that decodes a clip when its parent is gone."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait


class ParentWatcher:
    """Ends this process as soon as something of the parent is ready: a pipe that it has left, or its sentinel.

    It watches in a thread. Landlock holds for a thread and those that it starts, so that this one has to be stopped
    while the process is confined, and started again.
    """

    def __init__(self, of_parent: Connection | int, end: Callable[[int], object] = os._exit) -> None:
        self._of_parent, self._end = of_parent, end
        self._thread: threading.Thread | None = None
        self._stop: Connection | None = None

    def start(self) -> None:
        """Watch, until stopped."""
        stopped, self._stop = multiprocessing.Pipe(duplex=False)
        self._thread = threading.Thread(target=self._watch, args=(stopped,), name="parent", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; returns when the thread has ended."""
        if self._thread is None or self._stop is None:
            return
        self._stop.close()
        self._thread.join()
        self._thread = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Do not watch in this block; a parent that ends meanwhile is noticed afterwards."""
        was_started = self._thread is not None
        self.stop()
        try:
            yield
        finally:
            if was_started:
                self.start()

    def _watch(self, stopped: Connection) -> None:
        with stopped, suppress(OSError):
            if self._of_parent not in wait([self._of_parent, stopped]):
                return
        self._end(1)
