"""The job queue on DBOS: all knowledge of that engine is in this module."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions

from api.settings import ServiceSettings

JobHandler = Callable[[str, int | None], None]
"""Runs a job: id of the analysis, and the revision of marks and details if it is only measured again."""

_NAME = "movement-analyzer"
_VERSION = "1"  # pinned: by default DBOS ignores the jobs of an older program
_QUEUE = "clips"
_REMEASURE_QUEUE = "again"  # a queue of its own: a person waits for these while long clips are analysed
_WORKFLOW = "clip"
_REMEASURE_PRIORITY = 1  # the highest priority
_JOBS_PER_QUERY = 500  # chosen
_LIVE = ("ENQUEUED", "DELAYED", "PENDING")

log = logging.getLogger("api.jobs")


class DbosJobQueue:
    """The jobs in DBOS, for those who do not run them: the API, and the recovery of the workers."""

    def __init__(self, url: str) -> None:
        _configure_dbos_logging()
        DBOS.migrate(url)
        self._client = DBOSClient(system_database_url=url, application_name=_NAME, retry_connection_errors=False)

    def submit(self, analysis_id: str, priority: int) -> None:
        """Queue the analysis of a clip; smaller priorities go first."""
        self._enqueue(analysis_id, priority, analysis_id, None)

    def submit_remeasure(self, analysis_id: str, revision: int) -> None:
        """Queue measuring a finished analysis again, for this revision of its marks and details."""
        self._enqueue(f"{analysis_id}:{revision}", _REMEASURE_PRIORITY, analysis_id, revision)

    def _enqueue(self, id: str, priority: int, analysis_id: str, revision: int | None) -> None:
        options: EnqueueOptions = {
            "workflow_name": _WORKFLOW,
            "queue_name": _QUEUE if revision is None else _REMEASURE_QUEUE,
            "workflow_id": id,  # a second one with the same id does nothing
            "app_version": _VERSION,
            "priority": priority,
        }
        self._client.enqueue(options, analysis_id, revision)

    def cancel(self, analysis_id: str) -> None:
        """Remove waiting jobs from the queue; a running one learns from its row that it is cancelled."""
        waiting = [id for id, status in self._of(analysis_id).items() if status in ("ENQUEUED", "DELAYED")]
        if waiting:
            self._client.cancel_workflows(waiting)

    def forget(self, analysis_id: str) -> None:
        """Remove all records of the analysis from the job store; those of a running job soon after it has ended."""
        self.drop(id for id, status in self._of(analysis_id).items() if status != "PENDING")

    def close(self) -> None:
        """Close the job store."""
        self._client.destroy()

    # ---- For recovery

    def states(self, ids: Iterable[str]) -> dict[str, bool]:
        """Return whether each of these jobs is still to be done; unknown jobs are left out."""
        job_ids, is_live = list(ids), dict[str, bool]()
        for start in range(0, len(job_ids), _JOBS_PER_QUERY):
            for flow in self._list(workflow_ids=job_ids[start : start + _JOBS_PER_QUERY]):
                is_live[flow.workflow_id] = flow.status in _LIVE
        return is_live

    def running(self) -> dict[str, list[str]]:
        """Return the jobs that each executor has taken."""
        taken: dict[str, list[str]] = {}
        for flow in self._list(status="PENDING"):
            taken.setdefault(flow.executor_id or "", []).append(flow.workflow_id)
        return taken

    def requeue_abandoned_jobs(self, executor: str) -> int:
        """Requeue the jobs of an executor that is gone; return how many.

        The one call beyond the public interface of DBOS: unlike `resume_workflows` it leaves alone what another
        executor has taken since, so that any number of workers may do this at the same time.
        """
        store = self._client._sys_db
        ids = self.running().get(executor, [])
        return sum(store.reenqueue_for_recovery(id, [executor], _queue_of(id)) for id in ids)

    def drop(self, ids: Iterable[str]) -> None:
        """Remove these jobs from the job store in any state."""
        if listed := list(ids):
            self._client.delete_workflows(listed)

    def delete_ended_jobs(self, older_than: timedelta) -> int:
        """Remove jobs that ended that long ago; return how many. The rows have their outcome."""
        before = (datetime.now(UTC) - older_than).isoformat()
        dropped = 0
        while ended := [flow.workflow_id for flow in self._list(completed_before=before, limit=_JOBS_PER_QUERY)]:
            self.drop(ended)
            dropped += len(ended)
        return dropped

    def _of(self, analysis_id: str) -> dict[str, str]:
        return {flow.workflow_id: flow.status for flow in self._list(workflow_id_prefix=analysis_id)}

    def _list(self, **which: Any) -> Iterator[Any]:
        yield from self._client.list_workflows(load_input=False, load_output=False, **which)


class DbosExecutor:
    """DBOS in a worker process: takes jobs from the queue and runs each in a thread."""

    def __init__(
        self, url: str, id: str, run_job: JobHandler, parallel_jobs: int, poll_s: float, is_only_worker: bool
    ) -> None:
        """Start; the jobs that this executor had taken before a restart are requeued first.

        `is_only_worker`: no other worker is known. DBOS stores one limit of parallel jobs for all workers of a queue.
        With machines that differ it is the largest one; on a smaller machine the surplus jobs wait.
        """
        _configure_dbos_logging()
        config: DBOSConfig = {
            "name": _NAME,
            "system_database_url": url,
            "executor_id": id,
            "application_version": _VERSION,
            "log_level": "WARNING",
            "enable_otlp": False,
        }
        DBOS(config=config)

        @DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=None)
        def clip(analysis_id: str, revision: int | None) -> None:
            """Run the job of one analysis."""
            run_job(analysis_id, revision)

        DBOS.listen_queues([_QUEUE, _REMEASURE_QUEUE])
        DBOS.launch()
        known = None if is_only_worker else DBOS.retrieve_queue(_QUEUE)
        largest = max(parallel_jobs, (known.worker_concurrency or 0) if known is not None else 0)
        DBOS.register_queue(
            _QUEUE, worker_concurrency=largest, polling_interval_sec=poll_s, on_conflict="always_update"
        )
        DBOS.register_queue(
            _REMEASURE_QUEUE, worker_concurrency=1, polling_interval_sec=poll_s, on_conflict="always_update"
        )

    def stop(self) -> None:
        """Stop taking jobs, without waiting for running ones."""
        DBOS.destroy(workflow_completion_timeout_sec=0)


def _queue_of(job_id: str) -> str:
    """Return the queue of a job: the id of one that measures again contains its revision."""
    return _REMEASURE_QUEUE if ":" in job_id else _QUEUE


def open_jobs(settings: ServiceSettings) -> DbosJobQueue:
    """Open the job queue of this deployment."""
    return DbosJobQueue(settings.queue_url)


def _configure_dbos_logging() -> None:
    """Send the log of DBOS to that of the process, warnings and errors only."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.propagate = True
    logger.setLevel(logging.WARNING)
