"""What a job does: the clip is fetched, analysed in a child, its files put in their place, and the row says so."""

import hashlib
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from analyzer.analysis.subprocess_runner import ChildLimits, ClipJob, JobFunction, JobOutcome, analyze_job, run_in_child
from analyzer.batch.retry_policy import is_machine_error, run_with_retries
from analyzer.request import AnalysisRequest
from analyzer.results.file_names import TRACK_FILE
from api.db import analyses
from api.db.engine import Database
from api.db.models import Analysis, AnalysisMarks, Batch, Clip
from api.file_store import FileStore, result_key
from api.jobs.progress_reporter import ProgressReporter
from api.jobs.retries import call_with_retries
from api.settings import ServiceSettings
from api.stored_results import RESULT_FILE

MAX_STARTS = 5
"""A job whose worker goes down this often is given up: it may be what brings them down; chosen."""

_MACHINE_RETRY_S, _MACHINE_RETRY_WAIT_S = 600.0, 30.0  # how long and how often that is tried again; chosen

log = logging.getLogger("api.jobs")


@dataclass(frozen=True)
class _JobSpec:
    """What the row asked for when the job was started."""

    id: str
    starts: int
    clip: str
    request: AnalysisRequest
    run: str | None
    marks_revision: int
    sha256: str | None
    video: bool
    blur_faces: bool
    managed: bool

    @classmethod
    def of(cls, session: Session, row: Analysis) -> "_JobSpec":
        """What the row, its clip, its marks and its batch say."""
        clip, marks = session.get_one(Clip, row.clip_id), session.get(AnalysisMarks, row.id)
        batch = session.get(Batch, row.batch_id) if row.batch_id is not None else None
        options = (batch.options or {}) if batch is not None else {}
        request = AnalysisRequest(
            movement=row.movement,
            variant=row.variant,
            load_kg=row.load_kg,
            height_cm=row.height_cm,
            subject=row.subject,
            marks=None if marks is None else marks.body,
        )
        return cls(
            row.id,
            row.starts,
            clip.url,
            request,
            row.run,
            row.marks_revision,
            clip.sha256,
            bool(options.get("video", True)),
            bool(options.get("blur_faces", False)),
            clip.managed,
        )

    def is_current(self, row: Analysis) -> bool:
        """Whether the row asks for this and nothing else has been started or kept since."""
        status = "running" if self.run is None else "done"
        return (row.status, row.starts, row.run) == (status, self.starts, self.run)


@dataclass(frozen=True)
class JobContext:
    """Where and with what the jobs of one worker are done."""

    settings: ServiceSettings
    database: Database
    files: FileStore
    worker_id: str
    scratch: Path
    at_once: int
    task: JobFunction = analyze_job
    stopping: threading.Event = field(default_factory=threading.Event)


class JobRunner:
    """Does jobs, any number at the same time but no more children than the shop has room for.

    One clip beside these is measured again at a time: that takes seconds, and somebody waits for it.
    """

    def __init__(self, shop: JobContext) -> None:
        self._shop = shop
        self._room, self._room_again = threading.Semaphore(shop.at_once), threading.Semaphore(1)

    def do(self, analysis_id: str, revision: int | None) -> None:
        """Do one job; returns when the row says how it ended.

        Never returns once the worker is stopping: the job then counts as taken, and goes back to the queue with all
        others that this worker had.
        """
        with self._room if revision is None else self._room_again:
            try:
                if self._shop.stopping.is_set():
                    return
                if revision is None:
                    self._analyse(analysis_id)
                else:
                    self._remeasure(analysis_id)
            finally:
                while self._shop.stopping.is_set():
                    time.sleep(3600)

    # ---- The analysis of a clip

    def _analyse(self, id: str) -> None:
        wanted = call_with_retries(lambda: self._begin(id), self._shop.stopping)
        if wanted is None:
            self._delete_leftover_runs(id)
            return
        log.info("start %d", wanted.starts, extra={"job_id": id})
        if wanted.starts > MAX_STARTS:
            text = f"{_name(wanted)}: given up after {MAX_STARTS} starts, each of which ended with the computer's"
            self._fail(wanted, JobOutcome("died", "given_up", f"{text} work on it. Export the clip again as H.264 MP4"))
            return
        run = secrets.token_hex(8)
        folder = self._shop.scratch / f"{id}-{run}"
        try:
            outcome = self._run_in_child_with_retries(wanted, folder)
            if outcome.kind == "done":
                self._publish_analysis(wanted, run, folder, outcome)
            elif outcome.kind != "cancelled":
                self._fail(wanted, outcome)
            elif not self._shop.stopping.is_set():
                log.info("no longer wanted", extra={"job_id": id})
                self._delete_leftover_runs(id)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _begin(self, id: str) -> _JobSpec | None:
        with self._shop.database.session() as session:
            row = analyses.mark_started(session, id, self._shop.worker_id)
            if row is None:
                return None
            return _JobSpec.of(session, row)

    def _run_in_child_with_retries(self, wanted: _JobSpec, folder: Path) -> JobOutcome:
        """Analyse in a child; what is this machine's trouble and no clip's is tried again for a while.

        Otherwise one machine without room or model would fail a whole folder, one clip after the other, while others
        are well. Somebody who has sent a single clip is told at once.
        """
        until_s = time.monotonic() + _MACHINE_RETRY_S
        while True:
            outcome = self._run_in_child(wanted, folder, track=None)
            if not is_machine_error(outcome) or wanted.managed or time.monotonic() > until_s:
                return outcome
            log.error("this machine cannot work now: %s", outcome.text, extra={"job_id": wanted.id})
            if self._shop.stopping.wait(_MACHINE_RETRY_WAIT_S):
                return JobOutcome("cancelled", "cancelled", outcome.text)

    def _run_in_child(self, wanted: _JobSpec, folder: Path, track: Path | None) -> JobOutcome:
        shop = self._shop
        telling = ProgressReporter(shop.database, wanted.id, wanted.is_current, shop.stopping)
        limits = ChildLimits(shop.settings.job_time_limit_s, shop.settings.job_memory_bytes)
        with ExitStack() as stack:
            fetch = partial(shop.files.fetch, wanted.clip)
            try:
                clip = call_with_retries(lambda: stack.enter_context(fetch()), shop.stopping, (FileNotFoundError,))
            except FileNotFoundError:
                text = f"{_name(wanted)}: the clip is no longer there. Send it again"
                return JobOutcome("refused", "clip_gone", text)
            if wanted.sha256 is None:
                self._store_sha256(wanted.id, clip)
            job = ClipJob(
                clip,
                wanted.request,
                shop.settings.clip_settings(sent=wanted.managed),
                folder,
                video=wanted.video,
                blur_faces=wanted.blur_faces or shop.settings.blur_faces,
                extras=True,
                track=track,
            )

            def run_once() -> JobOutcome:
                outcome = run_in_child(
                    job,
                    limits=limits,
                    on_progress=telling.progress,
                    cancelled=telling.cancelled,
                    task=shop.task,
                )
                if outcome.kind == "died":
                    log.warning("%s %s", outcome.text, outcome.detail, extra={"job_id": wanted.id})
                return outcome

            return run_with_retries(run_once, shop.stopping.is_set)

    def _store_sha256(self, id: str, path: Path) -> None:
        """Of a clip that nobody has read before: its digest."""
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()

        def write() -> None:
            with self._shop.database.session() as session:
                row = session.get(Analysis, id)
                if row is not None:
                    session.get_one(Clip, row.clip_id).sha256 = sha256

        call_with_retries(write, self._shop.stopping)

    def _publish_analysis(self, wanted: _JobSpec, run: str, folder: Path, outcome: JobOutcome) -> None:
        """Put the files in their place; what the row then says of this run decides whether they count."""
        if self._publish_run(wanted.id, run, folder, lambda: self._finish(wanted, run, outcome)):
            log.info("done", extra={"job_id": wanted.id})
            self._remeasure(wanted.id)  # if marks or details were changed meanwhile
        else:
            log.info("done elsewhere, or no longer wanted", extra={"job_id": wanted.id})
            self._delete_leftover_runs(wanted.id)

    def _publish_run(self, id: str, run: str, folder: Path, commit: Callable[[], bool]) -> bool:
        """Put the files in their place and let them count, if they still may; whatever does not count goes.

        Which runs go is settled before: one that is put later may count after this one.
        """
        stopping = self._shop.stopping
        self._put(id, run, folder)
        others = call_with_retries(lambda: self._runs(id), stopping) - {run}
        counts = call_with_retries(commit, stopping)
        for gone in others if counts else {run}:
            call_with_retries(partial(self._delete_run, id, gone), stopping)
        return counts

    def _put(self, id: str, run: str, folder: Path) -> None:
        for path in sorted(folder.iterdir(), key=lambda path: path.name == RESULT_FILE):
            put = partial(self._shop.files.put, path, result_key(id, run, path.name))
            call_with_retries(put, self._shop.stopping)

    def _finish(self, wanted: _JobSpec, run: str, outcome: JobOutcome) -> bool:
        with self._shop.database.session() as session:
            finished = analyses.mark_done(session, wanted.id, run, outcome.summary)
            row = session.get(Analysis, wanted.id)
            if finished and row is not None:
                row.measured_revision = wanted.marks_revision
            return row is not None and row.run == run  # also when it was written and the answer got lost

    def _fail(self, wanted: _JobSpec, outcome: JobOutcome) -> None:
        def write() -> bool:
            with self._shop.database.session() as session:
                row = session.get(Analysis, wanted.id)
                if row is None or row.starts != wanted.starts:
                    return False  # another start of it is to decide
                return analyses.mark_failed(session, wanted.id, outcome.code, outcome.text)

        log.info("failed: %s", outcome.text, extra={"job_id": wanted.id})
        call_with_retries(write, self._shop.stopping)
        self._delete_leftover_runs(wanted.id)

    # ---- Measuring again, for other marks or details

    def _remeasure(self, id: str) -> None:
        wanted = call_with_retries(lambda: self._begin_remeasure(id), self._shop.stopping)
        if wanted is None:
            return
        run = secrets.token_hex(8)
        folder = self._shop.scratch / f"{id}-{run}"
        try:
            outcome = self._remeasure_from_track(wanted, folder)
            if outcome.kind == "done":
                self._publish_run(id, run, folder, lambda: self._replace_run(wanted, run, outcome))
            elif outcome.kind != "cancelled":
                log.warning("not measured anew: %s", outcome.text, extra={"job_id": id})
                call_with_retries(lambda: self._record_remeasure_error(wanted, outcome), self._shop.stopping)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _begin_remeasure(self, id: str) -> _JobSpec | None:
        with self._shop.database.reading() as session:
            row = session.get(Analysis, id)
            if row is None or row.status != "done" or row.marks_revision == row.measured_revision:
                return None
            return _JobSpec.of(session, row)

    def _remeasure_from_track(self, wanted: _JobSpec, folder: Path) -> JobOutcome:
        try:
            with self._shop.files.fetch(result_key(wanted.id, wanted.run, TRACK_FILE)) as track:
                return self._run_in_child(wanted, folder, track)
        except FileNotFoundError:
            return self._run_in_child(wanted, folder, None)  # tracked again

    def _replace_run(self, wanted: _JobSpec, run: str, outcome: JobOutcome) -> bool:
        """Let the new files count instead of the old ones, if these still do."""
        with self._shop.database.session() as session:
            row = session.get(Analysis, wanted.id, with_for_update=True)
            if row is None or not wanted.is_current(row):
                return row is not None and row.run == run  # it was written and the answer got lost
            row.run, row.summary = run, outcome.summary
            row.error_code = row.error = None
            row.measured_revision = wanted.marks_revision
            row.revision += 1
            return True

    def _record_remeasure_error(self, wanted: _JobSpec, outcome: JobOutcome) -> None:
        """Keep the older result, and say why these marks or details are not in it."""
        with self._shop.database.session() as session:
            row = session.get(Analysis, wanted.id, with_for_update=True)
            if row is not None and wanted.is_current(row):
                row.error_code, row.error = outcome.code, outcome.text
                row.measured_revision = wanted.marks_revision
                row.revision += 1

    # ---- Keeping the store clean

    def _delete_run(self, id: str, run: str) -> None:
        self._shop.files.delete_tree(result_key(id, run))

    def _runs(self, id: str) -> set[str]:
        return {key.split("/")[2] for key in self._shop.files.list(f"results/{id}/")}

    def _delete_leftover_runs(self, id: str) -> None:
        """Remove what starts have left of an analysis that can no longer have a result."""

        def tidy() -> None:
            with self._shop.database.reading() as session:
                row = session.get(Analysis, id)
            if row is None or row.status in ("failed", "cancelled"):
                for run in self._runs(id):
                    self._delete_run(id, run)

        call_with_retries(tidy, self._shop.stopping)


def _name(wanted: _JobSpec) -> str:
    return wanted.clip.rsplit("/", 1)[-1]
