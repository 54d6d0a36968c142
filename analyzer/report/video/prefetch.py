"""Run a generator ahead in a thread, so that decoding, drawing and encoding overlap."""

import queue
import threading
from collections.abc import Generator
from typing import Any, TypeVar

T = TypeVar("T")

_POLL_S = 0.1  # how often a thread that waits for room checks whether it was stopped; chosen


def prefetch(items: Generator[T, None, None], depth: int = 4) -> Generator[T, None, None]:
    """Return the same items, produced in another thread, at most `depth` of them ahead.

    Exceptions of `items` are raised here. When the caller stops early (close, an exception, Ctrl-C), the thread ends
    and closes `items`.
    """
    worker = _PrefetchThread(items, depth)
    worker.start()
    try:
        while True:
            item, error = worker.ready.get()
            if error is not None:
                raise error
            if item is _DONE:
                return
            yield item
    finally:
        worker.stop.set()
        worker.join()


_DONE = object()


class _PrefetchThread(threading.Thread):
    """Fills the queue `ready` with (item, error) pairs until the items end or it is stopped."""

    def __init__(self, items: Generator[Any, None, None], depth: int) -> None:
        super().__init__(name="prefetch", daemon=True)
        self.items = items
        self.ready: queue.Queue[tuple[Any, BaseException | None]] = queue.Queue(depth)
        self.stop = threading.Event()

    def run(self) -> None:
        """Put the items into the queue until they end or the thread is stopped."""
        try:
            for item in self.items:
                self._offer(item, None)
                if self.stop.is_set():
                    break
            self._offer(_DONE, None)
        except BaseException as error:
            self._offer(None, error)
        finally:
            self.items.close()

    def _offer(self, item: Any, error: BaseException | None) -> None:
        while not self.stop.is_set():
            try:
                return self.ready.put((item, error), timeout=_POLL_S)
            except queue.Full:
                continue
