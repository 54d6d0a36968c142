"""A job queue that answers soon: requests do not wait for a job store that is locked or unreachable."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from api.jobs.interface import JobQueue

_WAIT_S = 2.0  # of a request for the job store to answer; chosen

ResultT = TypeVar("ResultT")


class JobStoreBusyError(Exception):
    """The job store does not answer in time."""


class PromptJobQueue:
    """Calls another job queue in threads, and waits for each call only a short time.

    A call that takes longer goes on. Meanwhile others are refused at once, so that a request that makes many of them
    does not wait for each. Nothing is lost: the workers' recovery submits, and drops, what is missed here.
    """

    def __init__(self, jobs: JobQueue, wait_s: float = _WAIT_S) -> None:
        self._jobs, self._wait_s = jobs, wait_s
        self._late, self._lock = 0, threading.Lock()

    def submit(self, analysis_id: str, priority: int) -> None:
        """Queue the analysis of a clip; raise JobStoreBusyError."""
        self._call(lambda: self._jobs.submit(analysis_id, priority))

    def submit_remeasure(self, analysis_id: str, revision: int) -> None:
        """Queue measuring a finished analysis again; raise JobStoreBusyError."""
        self._call(lambda: self._jobs.submit_remeasure(analysis_id, revision))

    def cancel(self, analysis_id: str) -> None:
        """Remove waiting jobs from the queue; raise JobStoreBusyError."""
        self._call(lambda: self._jobs.cancel(analysis_id))

    def forget(self, analysis_id: str) -> None:
        """Remove all records of the analysis from the job store; raise JobStoreBusyError."""
        self._call(lambda: self._jobs.forget(analysis_id))

    def close(self) -> None:
        """Close the job store."""
        self._jobs.close()

    def _call(self, call: Callable[[], ResultT]) -> ResultT:
        with self._lock:
            if self._late:
                raise JobStoreBusyError("an earlier call has not been answered yet")
        started = _StartedCall(call)
        if not started.ended.wait(self._wait_s):
            with self._lock:
                self._late += 1
            threading.Thread(target=self._await_late, args=(started.ended,), name="late-job", daemon=True).start()
            raise JobStoreBusyError(f"no answer in {self._wait_s:g} s")
        if started.error is not None:
            raise started.error
        return started.results[0]

    def _await_late(self, ended: threading.Event) -> None:
        ended.wait()
        with self._lock:
            self._late -= 1


class _StartedCall(Generic[ResultT]):
    """A call that runs in a thread, which does not hold up the end of the process."""

    def __init__(self, call: Callable[[], ResultT]) -> None:
        self._function, self.ended = call, threading.Event()
        self.results: list[ResultT] = []
        self.error: Exception | None = None
        threading.Thread(target=self._run, name="job-store", daemon=True).start()

    def _run(self) -> None:
        try:
            self.results.append(self._function())
        except Exception as error:
            self.error = error
        finally:
            self.ended.set()
