"""Workers side by side: threads that each see one clip at a time through a process of its own."""

import threading
from collections import deque
from collections.abc import Callable, Iterable

from analyzer.batch.clip_job import ClipTask

_LOOK_S = 0.2  # how often those who wait look whether they may go on; chosen

TaskFunction = Callable[[ClipTask, int], ClipTask | None]


class _TaskQueue:
    """Tasks in their order; one that waits for another worker lets the next ones go first."""

    def __init__(self, tasks: Iterable[ClipTask], stop: threading.Event) -> None:
        self._tasks, self._lock, self._stop = deque(tasks), threading.Lock(), stop

    def take(self) -> ClipTask | None:
        """The next task that can be done; None when all are taken, or nothing more is wanted."""
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
            first.wait(_LOOK_S)
        return None

    def put_back(self, task: ClipTask) -> None:
        with self._lock:
            self._tasks.append(task)


def run_pool(tasks: Iterable[ClipTask], workers: int, do: TaskFunction, stop: threading.Event) -> None:
    """Do all tasks; raises what a worker raised, or KeyboardInterrupt, once all workers have come to their end.

    Parameters
    ----------
    do : called with a task and the worker's number, from 1; gives back a task that is to be done later.
    stop : set on trouble and on Ctrl-C; `do` is to come back soon then.
    """
    line, troubles = _TaskQueue(tasks, stop), list[BaseException]()

    def work(worker: int) -> None:
        try:
            while (task := line.take()) is not None:
                later = do(task, worker)
                if later is not None:
                    line.put_back(later)
        except BaseException as trouble:
            troubles.append(trouble)
            stop.set()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, workers + 1)]
    for thread in threads:
        thread.start()
    try:
        _join_threads(threads)
    except KeyboardInterrupt:
        stop.set()
        _join_threads(threads)
        raise
    if troubles:
        raise troubles[0]


def _join_threads(threads: Iterable[threading.Thread]) -> None:
    for thread in threads:
        while thread.is_alive():
            thread.join(_LOOK_S)
