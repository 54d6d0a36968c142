"""Run one job: fetch the clip, analyse it in a child process, store the files, and update the row."""

import hashlib
import logging
import secrets
import shutil
import stat
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from analyzer.analysis.subprocess_runner import ChildLimits, ClipJob, JobFunction, JobOutcome, analyze_job, run_in_child
from analyzer.batch.retry_policy import DISK_FULL, is_machine_error, run_with_retries
from analyzer.results.file_names import TRACK_FILE
from api.db import analyses
from api.db.engine import Database
from api.db.models import AnalysisRow, ClipRow
from api.db.statuses import STATUSES_WITHOUT_RESULT
from api.jobs.error_texts import format_error, get_stored_name, remove_clip_name
from api.jobs.job_spec import JobSpec
from api.jobs.progress_reporter import ProgressReporter
from api.jobs.retries import call_with_retries
from api.settings import ServiceSettings
from api.storage.disk_space import DiskSpace
from api.storage.file_store import FileStore, result_key
from api.storage.stored_results import RESULT_FILE

MAX_STARTS = 5
"""A job fails after this many starts that ended with the worker: it may be what crashes them; chosen."""

_SPACE_WAIT_S = 10.0  # between two checks of a full disk; chosen
_MACHINE_RETRY_S = 600.0  # errors of the machine are retried for this long; chosen
_MACHINE_RETRY_WAIT_S = 30.0  # between two of these retries; chosen

log = logging.getLogger("api.jobs")


@dataclass(frozen=True)
class JobContext:
    """What the jobs of one worker share."""

    settings: ServiceSettings
    database: Database
    files: FileStore
    worker_id: str
    scratch: Path
    parallel_jobs: int
    task: JobFunction = analyze_job
    stopping: threading.Event = field(default_factory=threading.Event)


class JobRunner:
    """Runs jobs, at most `parallel_jobs` child processes at a time.

    One analysis beside these may be measured again at a time: that takes seconds, and a person waits for it.
    """

    def __init__(self, context: JobContext) -> None:
        self._context = context
        settings = context.settings
        self._disk = DiskSpace((context.scratch, *settings.disk_folders), settings.min_free_bytes)
        self._slots, self._remeasure_slot = threading.Semaphore(context.parallel_jobs), threading.Semaphore(1)

    def run_job(self, analysis_id: str, revision: int | None) -> None:
        """Run one job; returns when the row has its outcome.

        Never returns once the worker is stopping: the job then stays taken, and is requeued with all others of this
        worker.
        """
        with self._slots if revision is None else self._remeasure_slot:
            try:
                self._wait_for_space()
                if self._context.stopping.is_set():
                    return
                if revision is None:
                    self._analyse(analysis_id)
                else:
                    self._remeasure(analysis_id)
            finally:
                while self._context.stopping.is_set():
                    time.sleep(3600)

    def _wait_for_space(self) -> None:
        """Wait until the disk has its reserve of free space, or the worker stops: a full disk fails no clip."""
        while self._disk.is_low() and not self._context.stopping.is_set():
            log.error("no job is started: the disk has less than its reserve of free space")
            self._context.stopping.wait(_SPACE_WAIT_S)

    # ---- The analysis of a clip

    def _analyse(self, id: str) -> None:
        spec = call_with_retries(lambda: self._begin(id), self._context.stopping)
        if spec is None:
            self._delete_leftover_runs(id)
            return
        log.info("start %d", spec.starts, extra={"job_id": id})
        if spec.starts > MAX_STARTS:
            text = f"{get_stored_name(spec)}: gave up after {MAX_STARTS} starts that each ended with a crash."
            self._fail(spec, JobOutcome("died", "given_up", f"{text} Export the clip again as H.264 MP4."))
            return
        run = secrets.token_hex(8)
        folder = self._context.scratch / f"{id}-{run}"
        try:
            outcome = self._run_in_child_with_retries(spec, folder)
            if outcome.kind == "done":
                self._publish_analysis(spec, run, folder, outcome)
            elif outcome.kind != "cancelled":
                self._fail(spec, outcome)
            elif not self._context.stopping.is_set():
                log.info("cancelled or deleted", extra={"job_id": id})
                self._delete_leftover_runs(id)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _begin(self, id: str) -> JobSpec | None:
        with self._context.database.session() as session:
            row = analyses.mark_started(session, id, self._context.worker_id)
            if row is None:
                return None
            return JobSpec.from_row(session, row)

    def _run_in_child_with_retries(self, spec: JobSpec, folder: Path) -> JobOutcome:
        """Analyse in a child process, retrying for a while if this machine, not the clip, is the reason of a failure.

        Otherwise one machine without disk space or model would fail a whole folder while others could analyse it. A
        single clip that was sent fails at once without a model, and waits for space on a full disk.
        """
        until_s = time.monotonic() + _MACHINE_RETRY_S
        while True:
            outcome = self._run_in_child(spec, folder, track=None)
            is_final = not is_machine_error(outcome) or (spec.is_managed and outcome.code != DISK_FULL)
            if is_final or time.monotonic() > until_s:
                return outcome
            text = remove_clip_name(spec, outcome.text)
            log.error("this machine cannot analyse clips now: %s", text, extra={"job_id": spec.id})
            if self._context.stopping.wait(_MACHINE_RETRY_WAIT_S):
                return JobOutcome("cancelled", "cancelled", outcome.text)
            self._wait_for_space()

    def _run_in_child(self, spec: JobSpec, folder: Path, track: Path | None) -> JobOutcome:
        context = self._context
        reporter = ProgressReporter(context.database, spec.id, spec.is_current, context.stopping)
        limits = ChildLimits(context.settings.job_time_limit_s, context.settings.job_memory_bytes)
        with ExitStack() as stack:
            fetch = partial(context.files.fetch, spec.clip_url)
            try:
                clip = call_with_retries(lambda: stack.enter_context(fetch()), context.stopping, (FileNotFoundError,))
            except FileNotFoundError:
                text = f"{get_stored_name(spec)}: the clip no longer exists. Send it again"
                return JobOutcome("refused", "clip_gone", text)
            if spec.sha256 is None:
                self._store_sha256(spec.id, clip)
            job = ClipJob(
                clip,
                replace(spec.request, model=context.settings.pose_model),
                context.settings.clip_settings(has_limits=spec.is_managed),
                folder,
                video=spec.writes_video,
                blur_faces=spec.blurs_faces or context.settings.blur_faces,
                extras=True,
                track=track,
            )

            def run_once() -> JobOutcome:
                """Run the job in a child process once."""
                outcome = run_in_child(
                    job,
                    limits=limits,
                    on_progress=reporter.progress,
                    cancelled=reporter.cancelled,
                    task=context.task,
                )
                if outcome.kind == "died":
                    text = remove_clip_name(spec, f"{outcome.text} {outcome.detail}")
                    log.warning("%s: %s", outcome.code, text, extra={"job_id": spec.id})
                return outcome

            return run_with_retries(run_once, context.stopping.is_set)

    def _store_sha256(self, id: str, path: Path) -> None:
        """Store the digest of a clip that was not read before."""
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()

        def write() -> None:
            """Store the checksum in the row of the clip."""
            with self._context.database.session() as session:
                row = session.get(AnalysisRow, id)
                if row is not None:
                    session.get_one(ClipRow, row.clip_id).sha256 = sha256

        call_with_retries(write, self._context.stopping)

    def _publish_analysis(self, spec: JobSpec, run: str, folder: Path, outcome: JobOutcome) -> None:
        """Store the files and make them the result, if the row still accepts this run."""
        if self._publish_run(spec.id, run, folder, lambda: self._finish(spec, run, outcome)):
            log.info("done", extra={"job_id": spec.id})
            self._remeasure(spec.id)  # if marks or details have changed meanwhile
        else:
            log.info("done by another start, cancelled or deleted", extra={"job_id": spec.id})
            self._delete_leftover_runs(spec.id)

    def _publish_run(self, id: str, run: str, folder: Path, commit: Callable[[], bool]) -> bool:
        """Store the files of a run, make it the current one by `commit`, and delete the runs that are not current.

        The runs to delete are listed before the commit: one that is stored later may replace this one.
        """
        stopping = self._context.stopping
        self._put(id, run, folder)
        others = call_with_retries(lambda: self._runs(id), stopping) - {run}
        is_current = call_with_retries(commit, stopping)
        for unused in others if is_current else {run}:
            call_with_retries(partial(self._delete_run, id, unused), stopping)
        return is_current

    def _put(self, id: str, run: str, folder: Path) -> None:
        for path in sorted(folder.iterdir(), key=lambda path: path.name == RESULT_FILE):
            if not stat.S_ISREG(path.lstat().st_mode):  # a link could point to files that the child could not read
                log.error("a result that is not a file is not stored", extra={"job_id": id})
                continue
            put = partial(self._context.files.put, path, result_key(id, run, path.name))
            call_with_retries(put, self._context.stopping)

    def _finish(self, spec: JobSpec, run: str, outcome: JobOutcome) -> bool:
        with self._context.database.session() as session:
            finished = analyses.mark_done(session, spec.id, run, outcome.summary)
            row = session.get(AnalysisRow, spec.id)
            if finished and row is not None:
                row.measured_revision = spec.marks_revision
            return row is not None and row.run == run  # also if an earlier commit succeeded unnoticed

    def _fail(self, spec: JobSpec, outcome: JobOutcome) -> None:
        def write() -> bool:
            """Mark the analysis as failed, unless another start has taken it over."""
            with self._context.database.session() as session:
                row = session.get(AnalysisRow, spec.id)
                if row is None or row.starts != spec.starts:
                    return False  # another start decides
                text = format_error(spec, outcome)
                return analyses.mark_failed(session, spec.id, outcome.code, text)

        log.info("failed, %s: %s", outcome.code, remove_clip_name(spec, outcome.text), extra={"job_id": spec.id})
        call_with_retries(write, self._context.stopping)
        self._delete_leftover_runs(spec.id)

    # ---- Measuring again with other marks or details

    def _remeasure(self, id: str) -> None:
        spec = call_with_retries(lambda: self._begin_remeasure(id), self._context.stopping)
        if spec is None:
            return
        run = secrets.token_hex(8)
        folder = self._context.scratch / f"{id}-{run}"
        try:
            outcome = self._remeasure_from_track(spec, folder)
            if outcome.kind == "done":
                self._publish_run(id, run, folder, lambda: self._replace_run(spec, run, outcome))
            elif outcome.kind != "cancelled":
                text = remove_clip_name(spec, outcome.text)
                log.warning("not measured again, %s: %s", outcome.code, text, extra={"job_id": spec.id})
                call_with_retries(lambda: self._record_remeasure_error(spec, outcome), self._context.stopping)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _begin_remeasure(self, id: str) -> JobSpec | None:
        with self._context.database.read_session() as session:
            row = session.get(AnalysisRow, id)
            if row is None or row.status != "done" or row.marks_revision == row.measured_revision:
                return None
            return JobSpec.from_row(session, row)

    def _remeasure_from_track(self, spec: JobSpec, folder: Path) -> JobOutcome:
        try:
            with self._context.files.fetch(result_key(spec.id, spec.run, TRACK_FILE)) as track:
                return self._run_in_child(spec, folder, track)
        except FileNotFoundError:
            return self._run_in_child(spec, folder, None)  # tracked again

    def _replace_run(self, spec: JobSpec, run: str, outcome: JobOutcome) -> bool:
        """Make the new files the result in place of the old ones, if these are still current."""
        with self._context.database.session() as session:
            row = session.get(AnalysisRow, spec.id, with_for_update=True)
            if row is None or not spec.is_current(row):
                return row is not None and row.run == run  # also if an earlier commit succeeded unnoticed
            row.run, row.summary = run, outcome.summary
            row.error_code = row.error = None
            row.measured_revision = spec.marks_revision
            row.revision += 1
            return True

    def _record_remeasure_error(self, spec: JobSpec, outcome: JobOutcome) -> None:
        """Keep the earlier result, and record why it does not include these marks or details."""
        with self._context.database.session() as session:
            row = session.get(AnalysisRow, spec.id, with_for_update=True)
            if row is not None and spec.is_current(row):
                row.error_code = outcome.code
                row.error = format_error(spec, outcome)
                row.measured_revision = spec.marks_revision
                row.revision += 1

    # ---- Deleting files of other runs

    def _delete_run(self, id: str, run: str) -> None:
        self._context.files.delete_tree(result_key(id, run))

    def _runs(self, id: str) -> set[str]:
        return {key.split("/")[2] for key in self._context.files.list(f"results/{id}/")}

    def _delete_leftover_runs(self, id: str) -> None:
        """Delete the files that starts left of an analysis that can no longer have a result."""

        def tidy() -> None:
            """Delete all runs of an analysis that can have no result."""
            with self._context.database.read_session() as session:
                row = session.get(AnalysisRow, id)
            if row is None or row.status in STATUSES_WITHOUT_RESULT:
                for run in self._runs(id):
                    self._delete_run(id, run)

        call_with_retries(tidy, self._context.stopping)
