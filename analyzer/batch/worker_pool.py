"""A pool of workers: threads that each run one child process at a time."""

import threading
from collections import deque
from collections.abc import Callable, Iterable

from analyzer.batch.clip_job import ClipTask

_POLL_S = 0.2  # between two checks of a waiting worker; chosen

TaskFunction = Callable[[ClipTask, int], ClipTask | None]


class _TaskQueue:
    """Tasks in order; a task that waits for another worker lets the next ones pass."""

    def __init__(self, tasks: Iterable[ClipTask], stop: threading.Event) -> None:
        self._tasks, self._lock, self._stop = deque(tasks), threading.Lock(), stop

    def take(self) -> ClipTask | None:
        """Return the next task that can be done; None when all are taken, or the pool is stopping."""
        while not self._stop.is_set():
            with self._lock:
                if not self._tasks:
                    return None
                for task in self._tasks:
                    if task.wait_event is None or task.wait_event.is_set():
                        self._tasks.remove(task)
                        return task
                first = self._tasks[0].wait_event
            assert first is not None
            first.wait(_POLL_S)
        return None

    def put_back(self, task: ClipTask) -> None:
        with self._lock:
            self._tasks.append(task)


def run_pool(tasks: Iterable[ClipTask], workers: int, do: TaskFunction, stop: threading.Event) -> None:
    """Process all tasks; raise the first error of a worker, or KeyboardInterrupt, when all workers have ended.

    Parameters
    ----------
    do : called with a task and the number of the worker, from 1; returns a task that is to be done later.
    stop : set after an error and after Ctrl-C; `do` must then return soon.
    """
    queue, errors = _TaskQueue(tasks, stop), list[BaseException]()

    def work(worker: int) -> None:
        try:
            while (task := queue.take()) is not None:
                later = do(task, worker)
                if later is not None:
                    queue.put_back(later)
        except BaseException as error:
            errors.append(error)
            stop.set()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, workers + 1)]
    try:
        for thread in threads:
            thread.start()
        _join_threads(threads)
    except KeyboardInterrupt:  # also while they start: those that run would do all tasks
        stop.set()
        _join_threads(threads)
        raise
    if errors:
        raise errors[0]


def _join_threads(threads: Iterable[threading.Thread]) -> None:
    for thread in threads:
        while thread.is_alive():
            thread.join(_POLL_S)
