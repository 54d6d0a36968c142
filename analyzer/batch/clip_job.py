"""Process one clip of a batch: hash it, decide what is left to do, analyse it in a child process, write its record."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Lock

from analyzer.analysis.subprocess_runner import ChildLimits, ClipJob, JobOutcome, remove_unfinished_files
from analyzer.atomic_files import compute_sha256
from analyzer.batch.batch_events import ClipFinished, ClipProgress, EventListener, FinishedStatus, strip_clip_name
from analyzer.batch.clip_record import ClipRecord, get_result_folder, read_record, write_record
from analyzer.batch.result_key import ResultKey
from analyzer.batch.retry_policy import is_machine_error, run_with_retries
from analyzer.batch.scan import FoundClip
from analyzer.batch.work_plan import ClipAction, TrackIndex, choose_action, has_all_result_files
from analyzer.errors import AnalyzerError, describe_os_error
from analyzer.results.analysis_file import read_analysis
from analyzer.results.file_names import ANALYSIS_FILES
from analyzer.settings import Settings

ChildRunner = Callable[..., JobOutcome]


class BatchStoppedError(AnalyzerError):
    """The machine cannot go on: its disk is full, or there is no pose model. The same command continues later."""


@dataclass(frozen=True)
class ClipTask:
    """One clip to process.

    Attributes
    ----------
    result_key : the request and the digests that its result must have.
    sha256 : digest of the clip's content, if it is known.
    wait_event : set when another worker has tracked the same content.
    """

    clip: FoundClip
    result_key: ResultKey
    sha256: str | None = None
    wait_event: Event | None = None


@dataclass
class WorkerContext:
    """Settings and state that all workers of a batch share.

    Attributes
    ----------
    tracks : the stored tracks.
    stop : set when the workers are to end.
    run : runs one job, as `run_in_child` does.
    """

    out: Path
    settings: Settings
    limits: ChildLimits
    tracks: TrackIndex
    stop: Event
    run: ChildRunner
    retry_failed: bool = False

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._tracking: dict[tuple[str, str], Event] = {}

    def claim(self, key: tuple[str, str]) -> Event | None:
        """Claim a content for tracking; return the event of the worker that has claimed it already, if any."""
        with self._lock:
            other = self._tracking.get(key)
            if other is None:
                self._tracking[key] = Event()
            return other

    def release(self, key: tuple[str, str]) -> None:
        """Release a claimed content, so that the workers that wait for it continue."""
        with self._lock:
            self._tracking.pop(key).set()


@dataclass(frozen=True)
class _ClipWork:
    """One clip that one worker processes."""

    task: ClipTask
    context: WorkerContext
    worker: int
    on_event: EventListener
    began_s: float

    @property
    def clip(self) -> FoundClip:
        return self.task.clip

    @property
    def folder(self) -> Path:
        return get_result_folder(self.context.out, self.clip.file)

    def report_progress(self, stage: str, done: int, total: int) -> None:
        self.on_event(ClipProgress(self.worker, self.clip.file, stage, done, total))

    def report_end(self, status: FinishedStatus, outcome: JobOutcome) -> None:
        seconds = time.monotonic() - self.began_s
        self.on_event(
            ClipFinished(self.worker, self.clip.file, status, seconds, outcome.code, outcome.text, outcome.summary)
        )

    def save_record(self, record: ClipRecord) -> None:
        try:
            write_record(self.folder, record)
        except OSError as error:
            raise BatchStoppedError(_stop_message(describe_os_error(error))) from None
        self.context.tracks.add(self.folder, record)


def process_task(task: ClipTask, context: WorkerContext, worker: int, on_event: EventListener) -> ClipTask | None:
    """Process what is left to do with a clip.

    Returns
    -------
    None, or the task if another worker is tracking the same content: it is then to be processed later.

    Raises
    ------
    BatchStoppedError : the machine cannot process any clip.
    """
    work = _ClipWork(task, context, worker, on_event, time.monotonic())
    work.report_progress("reading the file", 0, 1)
    key, record = task.result_key, read_record(work.folder)
    try:
        sha256 = task.sha256 or compute_sha256(task.clip.path)
    except OSError as error:
        _report_unreadable(work, record, error)
        return None
    track = context.tracks.find(sha256, key.track_digest, work.folder)
    action = choose_action(
        record,
        sha256,
        key,
        has_all_files=has_all_result_files(work.folder),
        has_track=track is not None,
        retry_failed=context.retry_failed,
    )
    if record is not None and action in (ClipAction.KEEP, ClipAction.FAILED_BEFORE):
        # Touched or copied, with the same content: the record spares reading it again next time.
        work.save_record(replace(record, stamp=task.clip.stamp))
        status: FinishedStatus = "unchanged" if action is ClipAction.KEEP else "failed"
        work.report_end(status, JobOutcome("done", record.code, record.text))
    elif action is ClipAction.MEASURE:
        _analyse_clip(work, sha256, record, track)
    else:
        return _track_clip_once(work, sha256, record)
    return None


def _report_unreadable(work: _ClipWork, record: ClipRecord | None, error: OSError) -> None:
    """Report a file that cannot be read; an existing record stays valid until the file can be read again."""
    text = f"{work.clip.path.name}: cannot be read ({error.strerror or error}). Check the file and your access rights."
    outcome = JobOutcome("refused", "unreadable", text)
    if record is None:
        work.save_record(_make_record(work.task, "", failure=outcome))
    work.report_end("failed", outcome)


def _track_clip_once(work: _ClipWork, sha256: str, record: ClipRecord | None) -> ClipTask | None:
    """Track and measure the clip; return its task if another worker is tracking the same content."""
    key = sha256, work.task.result_key.track_digest
    other = work.context.claim(key)
    if other is not None:
        return replace(work.task, sha256=sha256, wait_event=other)
    try:
        _analyse_clip(work, sha256, record, track=None)
    finally:
        work.context.release(key)
    return None


def _analyse_clip(work: _ClipWork, sha256: str, previous: ClipRecord | None, track: Path | None) -> None:
    """Analyse the clip in a child process, from a stored track if there is one, and write its record."""
    outcome = _run_child(work, track)
    if outcome.kind == "cancelled":
        return
    if is_machine_error(outcome):
        raise BatchStoppedError(_stop_message(strip_clip_name(work.clip.file, outcome.text)))
    if outcome.kind == "done":
        work.save_record(_make_record(work.task, _read_analyzed_sha256(work.folder)))
        work.report_end("recomputed" if track is not None else "analysed", outcome)
        return
    stored_track = ""
    if previous is not None and previous.sha256 == sha256:
        stored_track = previous.tracked
    elif previous is not None:
        _remove_results(work.folder)
    work.save_record(_make_record(work.task, sha256, failure=outcome, stored_track=stored_track))
    work.report_end("failed", outcome)


def _run_child(work: _ClipWork, track: Path | None) -> JobOutcome:
    context, key = work.context, work.task.result_key
    job = ClipJob(
        work.clip.path,
        key.request,
        context.settings,
        work.folder,
        video=key.video,
        blur_faces=key.blur_faces,
        track=track,
    )
    remove_unfinished_files(work.folder)  # left by a run that was killed

    def run_once() -> JobOutcome:
        return context.run(job, limits=context.limits, on_progress=work.report_progress, cancelled=context.stop.is_set)

    outcome = run_with_retries(run_once, context.stop.is_set)
    if outcome.kind == "died" and context.stop.is_set():
        return JobOutcome("cancelled", "cancelled", outcome.text)  # Ctrl-C may have ended the child too
    return outcome


def _make_record(
    task: ClipTask, sha256: str, *, failure: JobOutcome | None = None, stored_track: str = ""
) -> ClipRecord:
    """Make the record of a clip; `stored_track` is the digest of a track that an earlier run left."""
    clip, key = task.clip, task.result_key
    record = ClipRecord(
        file=clip.file,
        sha256=sha256,
        stamp=clip.stamp,
        state="done",
        track=key.track_digest,
        measure=key.measure_digest,
        limits=key.limits_digest,
        video=key.video,
        tracked=key.track_digest,
    )
    if failure is None:
        return record
    return replace(
        record,
        state="failed",
        video=False,
        tracked=stored_track,
        code=failure.code,
        text=failure.text,
        detail=failure.detail,
    )


def _read_analyzed_sha256(folder: Path) -> str:
    """Read which content was analysed: the file may have changed since it was hashed."""
    return read_analysis(folder / "analysis.json").clip.sha256


def _remove_results(folder: Path) -> None:
    """Remove the results of the clip's former content."""
    for name in ANALYSIS_FILES:
        (folder / name).unlink(missing_ok=True)


def _stop_message(reason: str) -> str:
    return f"{reason} Nothing is lost: the same command continues."
