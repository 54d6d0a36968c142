"""The port on DBOS: everything that this project knows of that engine is here."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions

from api.settings import ServiceSettings

JobHandler = Callable[[str, int | None], None]
"""Does a job: the analysis, and the revision of marks and details if it is only to be measured again."""

_NAME = "movement-analyzer"
_VERSION = "1"  # pinned: by default DBOS leaves the jobs of an older program lying
_QUEUE = "clips"
_REMEASURE_QUEUE = (
    "again"  # what is measured again has a place of its own: somebody waits for it while long clips are analysed
)
_WORKFLOW = "clip"
_REMEASURE_PRIORITY = 1  # the highest priority
_AT_ONCE = 500  # workflows asked about in one query; chosen
_LIVE = ("ENQUEUED", "DELAYED", "PENDING")

log = logging.getLogger("api.jobs")


class DbosJobQueue:
    """Jobs in DBOS, as anybody sees them who does not run them: the API, and the sweep of the workers."""

    def __init__(self, url: str) -> None:
        _configure_dbos_logging()
        DBOS.migrate(url)
        self._client = DBOSClient(system_database_url=url, application_name=_NAME, retry_connection_errors=False)

    def submit(self, analysis_id: str, priority: int) -> None:
        """Queue the analysis of a clip; smaller priorities go first."""
        self._enqueue(analysis_id, priority, analysis_id, None)

    def submit_remeasure(self, analysis_id: str, revision: int) -> None:
        """Queue the measuring anew of a done analysis, for this revision of its marks and details."""
        self._enqueue(f"{analysis_id}:{revision}", _REMEASURE_PRIORITY, analysis_id, revision)

    def _enqueue(self, id: str, priority: int, analysis_id: str, revision: int | None) -> None:
        options: EnqueueOptions = {
            "workflow_name": _WORKFLOW,
            "queue_name": _QUEUE if revision is None else _REMEASURE_QUEUE,
            "workflow_id": id,  # the second of one id does nothing
            "app_version": _VERSION,
            "priority": priority,
        }
        self._client.enqueue(options, analysis_id, revision)

    def cancel(self, analysis_id: str) -> None:
        """Take what waits out of the queue; what runs sees in its row that it is no longer wanted."""
        waiting = [id for id, status in self._of(analysis_id).items() if status in ("ENQUEUED", "DELAYED")]
        if waiting:
            self._client.cancel_workflows(waiting)

    def forget(self, analysis_id: str) -> None:
        """Remove every trace of the analysis from the job store; of what runs, soon after it has ended."""
        self.drop(id for id, status in self._of(analysis_id).items() if status != "PENDING")

    def close(self) -> None:
        """Let go of the job store."""
        self._client.destroy()

    # ---- For the sweep

    def states(self, ids: Iterable[str]) -> dict[str, bool]:
        """Of the jobs that there are: whether each is still to be done."""
        asked, found = list(ids), dict[str, bool]()
        for start in range(0, len(asked), _AT_ONCE):
            for flow in self._list(workflow_ids=asked[start : start + _AT_ONCE]):
                found[flow.workflow_id] = flow.status in _LIVE
        return found

    def running(self) -> dict[str, list[str]]:
        """The jobs that executors have taken, by executor."""
        taken: dict[str, list[str]] = {}
        for flow in self._list(status="PENDING"):
            taken.setdefault(flow.executor_id or "", []).append(flow.workflow_id)
        return taken

    def requeue_abandoned_jobs(self, executor: str) -> int:
        """Put what an executor that is gone had taken back on the queue; returns how many.

        The one call past DBOS's public face: unlike `resume_workflows` it leaves alone what another executor has
        taken since, so that any number of workers may sweep at the same time.
        """
        store = self._client._sys_db
        ids = self.running().get(executor, [])
        return sum(store.reenqueue_for_recovery(id, [executor], _queue_of(id)) for id in ids)

    def drop(self, ids: Iterable[str]) -> None:
        """Remove these jobs from the job store, whatever their state."""
        if listed := list(ids):
            self._client.delete_workflows(listed)

    def delete_ended_jobs(self, older_than: timedelta) -> int:
        """Remove jobs that ended that long ago; returns how many. The rows say what became of them."""
        before = (datetime.now(UTC) - older_than).isoformat()
        dropped = 0
        while ended := [flow.workflow_id for flow in self._list(completed_before=before, limit=_AT_ONCE)]:
            self.drop(ended)
            dropped += len(ended)
        return dropped

    def _of(self, analysis_id: str) -> dict[str, str]:
        return {flow.workflow_id: flow.status for flow in self._list(workflow_id_prefix=analysis_id)}

    def _list(self, **which: Any) -> Iterator[Any]:
        yield from self._client.list_workflows(load_input=False, load_output=False, **which)


class DbosExecutor:
    """DBOS in a worker's process: takes jobs off the queue and does each in a thread."""

    def __init__(self, url: str, id: str, run_job: JobHandler, parallel_jobs: int, poll_s: float, alone: bool) -> None:
        """Begin; what this executor had taken in an earlier life goes back on the queue first.

        `alone`: no other worker is known. DBOS keeps one number of jobs at once for all workers of a queue: among
        machines that differ it is the largest, and a smaller one waits with what is too much for it.
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
            run_job(analysis_id, revision)

        DBOS.listen_queues([_QUEUE, _REMEASURE_QUEUE])
        DBOS.launch()
        known = None if alone else DBOS.retrieve_queue(_QUEUE)
        most = max(parallel_jobs, (known.worker_concurrency or 0) if known is not None else 0)
        DBOS.register_queue(_QUEUE, worker_concurrency=most, polling_interval_sec=poll_s, on_conflict="always_update")
        DBOS.register_queue(
            _REMEASURE_QUEUE, worker_concurrency=1, polling_interval_sec=poll_s, on_conflict="always_update"
        )

    def stop(self) -> None:
        """Take no more; what runs is not waited for."""
        DBOS.destroy(workflow_completion_timeout_sec=0)


def _queue_of(job_id: str) -> str:
    """The queue of a job by its id: the one that is measured again has its revision in it."""
    return _REMEASURE_QUEUE if ":" in job_id else _QUEUE


def open_jobs(settings: ServiceSettings) -> DbosJobQueue:
    """The jobs of this deployment."""
    return DbosJobQueue(settings.queue_url)


def _configure_dbos_logging() -> None:
    """DBOS writes to the log of the process and not past it, and only what somebody has to act on."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.propagate = True
    logger.setLevel(logging.WARNING)
