"""What every worker looks after now and then, for all: jobs of workers that are gone, and rows that no job pushes."""

import logging
import time
from datetime import timedelta

from sqlalchemy import select

from api.batch.queue_feeder import queue_next_clips
from api.db import analyses, workers
from api.db.engine import Database
from api.db.models import AnalysisRow, Worker
from api.file_store import FileStore
from api.jobs.dbos_queue import DbosJobQueue
from api.retention import run_housekeeping
from api.settings import ServiceSettings

MISSING_JOB_AGE_S = 30
"""A row that has waited this long should have a job; chosen, above any delay between writing both."""

_ROWS_INTERVAL_S = 30  # between two looks at the rows; chosen
_HOUSEKEEPING_INTERVAL_S, _FIRST_HOUSEKEEPING_S = (
    3600,
    300,
)  # between two looks at retention and orphans, and before the first; chosen
_ENDED = timedelta(minutes=1)  # the job store keeps what has ended for this long; chosen

log = logging.getLogger("api.jobs")


class RecoverySweep:
    """Any number of workers may sweep at the same time: what is done twice does nothing."""

    def __init__(
        self, settings: ServiceSettings, database: Database, files: FileStore, jobs: DbosJobQueue, worker_id: str
    ) -> None:
        self._settings, self._database, self._files, self._jobs = settings, database, files, jobs
        self._worker_id = worker_id
        self._rows_s = time.monotonic()
        self._house_s = self._rows_s - _HOUSEKEEPING_INTERVAL_S + _FIRST_HOUSEKEEPING_S

    def run_once(self) -> None:
        """One look; to be called every few seconds."""
        self.requeue_abandoned_jobs()
        queue_next_clips(self._database, self._files, self._jobs)
        if time.monotonic() >= self._rows_s + _ROWS_INTERVAL_S:
            self._rows_s = time.monotonic()
            self.submit_missing_jobs()
            self._jobs.delete_ended_jobs(_ENDED)
        if time.monotonic() >= self._house_s + _HOUSEKEEPING_INTERVAL_S:
            self._house_s = time.monotonic()
            run_housekeeping(self._settings, self._database, self._files, self._jobs)

    def requeue_abandoned_jobs(self) -> None:
        """Put the jobs of workers that are gone back on the queue."""
        with self._database.read_session() as session:
            silent = set(workers.list_silent(session))
            known = set(session.scalars(select(Worker.id)))
        gone = (silent | (self._jobs.running().keys() - known)) - {self._worker_id}
        for id in gone:
            if taken := self._jobs.requeue_abandoned_jobs(id):
                log.warning("worker %s is gone: %d of its jobs are back on the queue", id, taken)
        if silent:
            with self._database.session() as session:
                for id in silent:
                    workers.delete_worker(session, id)

    def submit_missing_jobs(self) -> None:
        """Give a job to every row that waits for something and has none."""
        with self._database.read_session() as session:
            waiting = {row.id: row.priority for row in analyses.list_unfinished(session, MISSING_JOB_AGE_S)}
            marked = session.execute(
                select(AnalysisRow.id, AnalysisRow.marks_revision).where(
                    AnalysisRow.status == "done", AnalysisRow.marks_revision != AnalysisRow.measured_revision
                )
            ).all()
        states = self._jobs.states(waiting)
        unpushed = [id for id in waiting if not states.get(id, False)]
        self._jobs.drop(id for id in unpushed if id in states)  # ended, though the row says otherwise
        for id in unpushed:
            self._jobs.submit(id, waiting[id])
        again = {f"{id}:{revision}": (id, revision) for id, revision in marked}
        states = self._jobs.states(again)
        for job, (id, revision) in again.items():
            if states.get(job):
                continue
            self._jobs.drop([job])
            self._jobs.submit_remeasure(id, revision)
        if unpushed:
            log.warning("%d rows had no job; they are on the queue now", len(unpushed))
