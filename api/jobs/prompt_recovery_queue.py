"""The job store for the recovery of the workers, which goes on with the rest while that is locked or unreachable."""

from collections.abc import Iterable
from datetime import timedelta

from api.jobs.dbos_queue import DbosJobQueue
from api.jobs.prompt_queue import PromptJobQueue

_WAIT_S = 10.0  # for the job store to answer; chosen, a scan of many jobs takes a second


class PromptRecoveryQueue(PromptJobQueue):
    """Also calls what the recovery needs, and waits for each call only a short time."""

    def __init__(self, jobs: DbosJobQueue, wait_s: float = _WAIT_S) -> None:
        super().__init__(jobs, wait_s)
        self._dbos = jobs

    def states(self, ids: Iterable[str]) -> dict[str, bool]:
        """Return whether each of these jobs is still to be done; raise JobStoreBusyError."""
        return self._call(lambda: self._dbos.states(ids))

    def running(self) -> dict[str, list[str]]:
        """Return the jobs that each executor has taken; raise JobStoreBusyError."""
        return self._call(self._dbos.running)

    def requeue_abandoned_jobs(self, executor: str) -> int:
        """Requeue the jobs of an executor that is gone; raise JobStoreBusyError."""
        return self._call(lambda: self._dbos.requeue_abandoned_jobs(executor))

    def drop(self, ids: Iterable[str]) -> None:
        """Remove these jobs from the job store in any state; raise JobStoreBusyError."""
        self._call(lambda: self._dbos.drop(ids))

    def delete_ended_jobs(self, older_than: timedelta) -> int:
        """Remove jobs that ended that long ago; raise JobStoreBusyError."""
        return self._call(lambda: self._dbos.delete_ended_jobs(older_than))
