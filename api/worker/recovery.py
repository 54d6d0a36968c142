"""Recovery: lost jobs, jobs of workers that are gone, feeding of large batches, housekeeping. Every worker does it."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from api.batch.queue_feeder import queue_next_clips
from api.cleanup.deletion import complete_deletions
from api.cleanup.retention import run_housekeeping
from api.db import analyses, workers
from api.db.engine import Database
from api.db.models import AnalysisRow, Worker
from api.jobs.dbos_queue import DbosJobQueue
from api.jobs.prompt_recovery_queue import PromptRecoveryQueue
from api.settings import ServiceSettings
from api.storage.clock_guard import ClockGuard
from api.storage.file_store import FileStore

MISSING_JOB_AGE_S = 30
"""A row that waits for longer should have a job; chosen, above any delay between writing both."""

_ROWS_INTERVAL_S = 30  # between two checks of the rows; chosen
_HOUSEKEEPING_INTERVAL_S, _FIRST_HOUSEKEEPING_S = 3600, 300  # between two runs, and before the first; chosen
_ENDED = timedelta(minutes=1)  # ended jobs are deleted from the job store after this; chosen

log = logging.getLogger("api.jobs")


class RecoverySweep:
    """Recovers jobs; any number of workers may do so at the same time, since duplicates do nothing.

    Attributes
    ----------
    is_store_trusted : whether files may be read and deleted: not before they are known to belong to the database.
    """

    def __init__(
        self, settings: ServiceSettings, database: Database, files: FileStore, jobs: DbosJobQueue, worker_id: str
    ) -> None:
        self._settings, self._database, self._files = settings, database, files
        self._jobs = PromptRecoveryQueue(jobs)
        self._worker_id = worker_id
        self._clock = ClockGuard(database)
        self._rows_s = time.monotonic()
        self._housekeeping_s = self._rows_s - _HOUSEKEEPING_INTERVAL_S + _FIRST_HOUSEKEEPING_S
        self.is_store_trusted = True
        self._is_waiting, self._lock = False, threading.Lock()

    def wait_with_jobs(self) -> None:
        """Requeue also the jobs that this worker had taken before it was restarted: it takes none yet."""
        self._is_waiting = True

    def take_jobs(self) -> None:
        """Requeue the jobs of others only, from now on."""
        with self._lock:
            self._is_waiting = False

    def run_once(self) -> None:
        """Do what is due; called every few seconds. What fails is logged, and the rest is done all the same."""
        steps: list[Callable[[], object]] = [self.requeue_abandoned_jobs]
        if self.is_store_trusted:
            steps += [lambda: queue_next_clips(self._database, self._files, self._jobs)]
        if time.monotonic() >= self._rows_s + _ROWS_INTERVAL_S:
            self._rows_s = time.monotonic()
            steps += [self.submit_missing_jobs, lambda: self._jobs.delete_ended_jobs(_ENDED)]
            if self.is_store_trusted:
                steps += [lambda: complete_deletions(self._database, self._files)]
            steps += [lambda: self._database.erase_deleted(0)]  # where a reader prevented it
        if self.is_store_trusted and time.monotonic() >= self._housekeeping_s + _HOUSEKEEPING_INTERVAL_S:
            self._housekeeping_s = time.monotonic()
            steps += [lambda: run_housekeeping(self._settings, self._database, self._files, self._jobs, self._clock)]
        for step in steps:
            try:
                step()
            except Exception as error:
                log.warning("a part of the recovery failed: %s", error)

    def requeue_abandoned_jobs(self) -> None:
        """Requeue the jobs of workers that are gone."""
        with self._lock:
            self._requeue_abandoned_jobs()

    def _requeue_abandoned_jobs(self) -> None:
        with self._database.read_session() as session:
            silent = set(workers.list_silent(session))
            known = set(session.scalars(select(Worker.id)))
        gone = (silent | (self._jobs.running().keys() - known)) - {self._worker_id}
        gone |= {self._worker_id} if self._is_waiting else set()
        for id in gone:
            if taken := self._jobs.requeue_abandoned_jobs(id):
                log.warning("worker %s is gone: requeued %d of its jobs", id, taken)
        if silent:
            with self._database.session() as session:
                for id in silent:
                    workers.delete_worker(session, id)

    def submit_missing_jobs(self) -> None:
        """Submit a job for every row that needs one and has none."""
        with self._database.read_session() as session:
            waiting = {row.id: row.priority for row in analyses.list_unfinished(session, MISSING_JOB_AGE_S)}
            marked = session.execute(
                select(AnalysisRow.id, AnalysisRow.marks_revision).where(
                    AnalysisRow.status == "done", AnalysisRow.marks_revision != AnalysisRow.measured_revision
                )
            ).all()
        states = self._jobs.states(waiting)
        without_job = [id for id in waiting if not states.get(id, False)]
        self._jobs.drop(id for id in without_job if id in states)  # ended although the row has not
        for id in without_job:
            self._jobs.submit(id, waiting[id])
        again = {f"{id}:{revision}": (id, revision) for id, revision in marked}
        states = self._jobs.states(again)
        for job, (id, revision) in again.items():
            if states.get(job):
                continue
            self._jobs.drop([job])
            self._jobs.submit_remeasure(id, revision)
        if without_job:
            log.warning("submitted jobs for %d rows that had none", len(without_job))
