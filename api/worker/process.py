"""The worker process: heartbeat, recovery, and an end that loses no job."""

import logging
import os
import platform
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from sqlalchemy import select

from analyzer.analysis.subprocess_runner import JobFunction, analyze_job, start_fork_server
from analyzer.errors import ModelError
from analyzer.pose.model_store import ensure_model
from analyzer.settings import POSE_MODELS
from api.db import analyses, workers
from api.db.engine import Database, open_database
from api.db.models import Worker
from api.jobs.analysis_job import JobContext, JobRunner
from api.jobs.dbos_queue import DbosExecutor, DbosJobQueue, open_jobs
from api.settings import ServiceSettings
from api.storage.data_folder import secure_data_folder
from api.storage.file_store import FileStore, make_durable_folder
from api.storage.store_identity import StoreGuard
from api.worker.identity import WorkerSlot, acquire_slot
from api.worker.recovery import RecoverySweep

_HEARTBEAT_S = 5  # between two heartbeats and recoveries; chosen
_POLL_S = 0.25  # between two polls of the queue; chosen, a person waits for it
_STORE_WAIT_S = 15  # between two checks of database and files that do not belong together; chosen
_MODEL_WAIT_S = 60  # between two attempts to get the pose model; chosen
_END_S = 3  # maximum wait for the end of the children; chosen
_EXIT_S = 8.0  # maximum time to requeue jobs at the end, less than the 10 s after which containers are killed; chosen

log = logging.getLogger("api.jobs")


def run_worker(
    settings: ServiceSettings,
    *,
    task: JobFunction = analyze_job,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Run jobs until SIGTERM or SIGINT; ends the process.

    Parameters
    ----------
    task : what a child process does with a clip.
    ready : called with the id of the worker when it takes jobs.
    """
    secure_data_folder(settings.data_dir)  # first: the children inherit it
    start_fork_server()
    make_durable_folder(settings.data_dir)
    slot = acquire_slot(settings.data_dir)
    database = open_database(settings.db_url)
    database.migrate()
    jobs = open_jobs(settings)
    files = FileStore(settings.files_root, settings.files_options, slot.scratch)
    context = JobContext(settings, database, files, slot.worker_id, slot.scratch, count_parallel_jobs(settings), task)
    _stop_on_signals(context.stopping)
    if database.sqlite is not None:
        database.sqlite.hold_reserve()
    heartbeat = _Heartbeat(database, slot)
    sweep = RecoverySweep(settings, database, context.files, jobs, slot.worker_id)
    sweep.wait_with_jobs()
    threading.Thread(target=heartbeat.send_periodically, args=(context.stopping,), daemon=True).start()
    threading.Thread(target=_sweep_periodically, args=(sweep, context.stopping), daemon=True).start()
    _wait_for_store(StoreGuard(database, files), heartbeat, sweep, context.stopping)
    if task is analyze_job:
        _wait_for_model(settings, heartbeat, context.stopping)
    if context.stopping.is_set():
        _leave(database, slot)
    sweep.take_jobs()
    heartbeat.take_jobs()  # before any job is taken: others take over the jobs of unknown workers
    is_only_worker = not _has_other_workers(database, slot)
    executor = DbosExecutor(
        settings.queue_url, slot.worker_id, JobRunner(context).run_job, context.parallel_jobs, _POLL_S, is_only_worker
    )
    log.info("worker %s analyses %d clips at a time", slot.worker_id, context.parallel_jobs)
    if ready is not None:
        ready(slot.worker_id)
    while not context.stopping.wait(1):  # in steps, so that signals are handled on every system
        pass
    _end(executor, jobs, database, slot)


def count_parallel_jobs(settings: ServiceSettings) -> int:
    """Return how many clips a worker analyses at a time: as many as have threads for all cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return settings.workers or max(1, cores // settings.pose_threads)


class _Heartbeat:
    """Records that this worker is alive, and what it waits for."""

    def __init__(self, database: Database, slot: WorkerSlot) -> None:
        self._database, self._slot = database, slot
        self._waits_for: str | None = "the check of its files"
        self._lock = threading.Lock()  # no waiting heartbeat is written after the first one that takes jobs

    def wait_for(self, what: str) -> None:
        """Say what this worker waits for, now and in every further heartbeat."""
        self._waits_for = what
        self._try_to_send()

    def take_jobs(self) -> None:
        """Say that this worker takes jobs; raise the error if that is not possible."""
        self._waits_for = None
        self._send()

    def send_periodically(self, stopping: threading.Event) -> None:
        """Send heartbeats until this worker stops."""
        while not stopping.wait(_HEARTBEAT_S):
            self._try_to_send()

    def _try_to_send(self) -> None:
        try:
            self._send()
        except Exception as error:
            log.warning("no heartbeat: %s", error)

    def _send(self) -> None:
        with self._lock, self._database.session() as session:
            workers.record_heartbeat(session, self._slot.worker_id, platform.node(), os.getpid(), self._waits_for)


def _wait_for_store(store: StoreGuard, heartbeat: _Heartbeat, sweep: RecoverySweep, stopping: threading.Event) -> None:
    """Wait until database and files belong together: jobs would fail for want of their clips."""
    sweep.is_store_trusted = False
    while not stopping.is_set():
        try:
            problem = store.find_problem()
        except Exception as error:
            problem = f"database and files cannot be compared: {error}"
        if problem is None:
            sweep.is_store_trusted = True
            return
        log.error("no jobs are taken: %s", problem)
        heartbeat.wait_for("files that belong to the database")
        stopping.wait(_STORE_WAIT_S)


def _wait_for_model(settings: ServiceSettings, heartbeat: _Heartbeat, stopping: threading.Event) -> None:
    """Wait until the pose model is there: clips wait in the queue meanwhile.

    Only this process may fetch it: the ones that decode clips have no network.
    """
    heartbeat.wait_for("the pose model")
    while not stopping.is_set():
        try:
            for name in POSE_MODELS[settings.pose_model]:
                ensure_model(name, settings.clip_settings())
            return
        except ModelError as error:
            log.error("no clips are analysed before the pose model is there: %s", error)
        stopping.wait(_MODEL_WAIT_S)


def _leave(database: Database, slot: WorkerSlot) -> NoReturn:
    """End the process of a worker that has taken no jobs."""
    limit = threading.Timer(_END_S, os._exit, (0,))
    limit.daemon = True
    limit.start()
    with suppress(Exception), database.session() as session:
        workers.delete_worker(session, slot.worker_id)
    logging.shutdown()
    os._exit(0)


def _stop_on_signals(stopping: threading.Event) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())


def _has_other_workers(database: Database, slot: WorkerSlot) -> bool:
    with database.read_session() as session:
        return session.scalar(select(Worker.id).where(Worker.id != slot.worker_id).limit(1)) is not None


def _sweep_periodically(sweep: RecoverySweep, stopping: threading.Event) -> None:
    while not stopping.wait(_HEARTBEAT_S):
        try:
            sweep.run_once()
        except Exception as error:
            log.warning("recovery failed: %s", error)


def _end(executor: DbosExecutor, jobs: DbosJobQueue, database: Database, slot: WorkerSlot) -> None:
    """Requeue the jobs of this worker and end the process; its children have been stopped.

    Threads whose jobs were interrupted never return, so that DBOS does not take them for done. A job store that
    not answer holds nothing up: other workers take the jobs over.
    """
    limit = threading.Timer(_EXIT_S, os._exit, (0,))
    limit.daemon = True
    limit.start()
    executor.stop()
    deadline_s = time.monotonic() + _END_S
    while any(slot.scratch.iterdir()) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    try:
        with database.session() as session:
            analyses.requeue_for_worker(session, slot.worker_id)  # first: another worker may start a requeued job
        requeued = jobs.requeue_abandoned_jobs(slot.worker_id)
        with database.session() as session:
            workers.delete_worker(session, slot.worker_id)
        log.info("worker %s ends; requeued %d jobs", slot.worker_id, requeued)
    except Exception as error:
        log.warning("jobs not requeued: %s; other workers take them over", error)
    logging.shutdown()
    os._exit(0)
