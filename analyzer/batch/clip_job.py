"""One clip of a batch: what its content is, what is left to do with it, doing that, and noting how it ended."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Lock

from analyzer.analysis.subprocess_runner import ChildLimits, ClipJob, JobOutcome, remove_unfinished_files
from analyzer.atomic_files import compute_sha256
from analyzer.batch.batch_events import ClipFinished, ClipProgress, EventListener, FinishedStatus
from analyzer.batch.clip_record import ClipRecord, get_result_folder, read_record, write_record
from analyzer.batch.result_key import ResultKey
from analyzer.batch.scan import FoundClip
from analyzer.batch.work_plan import ClipAction, TrackIndex, choose_action, has_all_result_files
from analyzer.errors import AnalyzerError
from analyzer.results.file_names import ANALYSIS_FILES
from analyzer.settings import Settings

_MAX_CRASHES = 2  # so often a clip is tried whose child dies; chosen
_BATCH_STOPPING_CODES = ("disk_full", "model")  # what fails so is no matter of the clip: the batch stops

ChildRunner = Callable[..., JobOutcome]


class BatchStoppedError(AnalyzerError):
    """Nothing can go on: the disk is full, or there is no pose model. The same command goes on later."""


@dataclass(frozen=True)
class ClipTask:
    """A clip and what is asked of it; `wait_event` is set while another worker tracks the same content."""

    clip: FoundClip
    wanted: ResultKey
    sha256: str | None = None
    wait_event: Event | None = None


@dataclass
class WorkerContext:
    """What all workers share.

    Attributes
    ----------
    tracks : where stored tracks lie.
    stop : set when nothing more is wanted.
    run : how a job is done: `run_in_child`.
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
        """Take a content as one's own to track; the event of the worker who has it already, if one has."""
        with self._lock:
            other = self._tracking.get(key)
            if other is None:
                self._tracking[key] = Event()
            return other

    def release(self, key: tuple[str, str]) -> None:
        """Let those who wait for this content go on."""
        with self._lock:
            self._tracking.pop(key).set()


def process_task(task: ClipTask, bench: WorkerContext, worker: int, tell: EventListener) -> ClipTask | None:
    """Do what is left to do with a clip; the task itself, to be done later, where another worker is at its content.

    Raises
    ------
    BatchStoppedError : for a trouble that every clip would meet.
    """
    began_s = time.monotonic()
    clip, wanted, folder = task.clip, task.wanted, get_result_folder(bench.out, task.clip.file)
    tell(ClipProgress(worker, clip.file, "reading the file", 0, 1))
    record = read_record(folder)
    try:
        sha256 = task.sha256 or compute_sha256(clip.path)
    except OSError as error:
        text = f"{clip.path.name}: cannot be read ({error.strerror or error}). Check the file and your rights there."
        if record is None:  # else what is known of it holds, once it can be read again
            _save_record(
                bench, folder, _make_record(clip, "", wanted, failed=JobOutcome("refused", "unreadable", text))
            )
        tell(ClipFinished(worker, clip.file, "failed", time.monotonic() - began_s, "unreadable", text))
        return None
    track = bench.tracks.find(sha256, wanted.track, folder)
    action = choose_action(
        record,
        sha256,
        wanted,
        whole=has_all_result_files(folder),
        has_track=track is not None,
        retry_failed=bench.retry_failed,
    )
    if record is not None and action in (ClipAction.KEEP, ClipAction.FAILED_BEFORE):
        # Touched or copied, but the same: noted so that it need not be read next time.
        _save_record(bench, folder, replace(record, stamp=clip.stamp))
        how: FinishedStatus = "as it was" if action is ClipAction.KEEP else "failed"
        tell(ClipFinished(worker, clip.file, how, time.monotonic() - began_s, record.code, record.text))
        return None
    if action is ClipAction.MEASURE:
        _run_clip(task, sha256, record, track, bench, worker, tell, began_s)
        return None
    key = sha256, wanted.track
    other = bench.claim(key)
    if other is not None:
        return replace(task, sha256=sha256, wait_event=other)
    try:
        _run_clip(task, sha256, record, None, bench, worker, tell, began_s)
    finally:
        bench.release(key)
    return None


def _run_clip(
    task: ClipTask,
    sha256: str,
    before: ClipRecord | None,
    track: Path | None,
    bench: WorkerContext,
    worker: int,
    tell: EventListener,
    began_s: float,
) -> None:
    clip, wanted, folder = task.clip, task.wanted, get_result_folder(bench.out, task.clip.file)
    job = ClipJob(
        clip.path,
        wanted.request,
        bench.settings,
        folder,
        video=wanted.video,
        blur_faces=wanted.blur_faces,
        track=track,
    )
    remove_unfinished_files(folder)  # of a run whose power went, or that was killed
    outcome = _run_with_retries(job, bench, lambda *told: tell(ClipProgress(worker, clip.file, *told)))
    if outcome.kind == "cancelled":
        return
    if outcome.code in _BATCH_STOPPING_CODES:
        raise BatchStoppedError(_stop_message(outcome, bench.out))
    how: FinishedStatus
    if outcome.kind == "done":
        record = _make_record(clip, _read_analyzed_sha256(folder) or sha256, wanted)
        how, code, text = ("measured again" if track is not None else "analysed"), "", ""
    else:
        how, code, text = "failed", outcome.code, outcome.text
        same = before is not None and before.sha256 == sha256
        if before is not None and not same:
            _remove_results(folder)
        tracked = before.tracked if before is not None and same else ""
        record = _make_record(clip, sha256, wanted, failed=outcome, tracked=tracked)
    _save_record(bench, folder, record)
    tell(ClipFinished(worker, clip.file, how, time.monotonic() - began_s, code, text, outcome.summary))


def _run_with_retries(job: ClipJob, bench: WorkerContext, progress: Callable[[str, int, int], None]) -> JobOutcome:
    for _ in range(_MAX_CRASHES):
        outcome = bench.run(
            job,
            limits=bench.limits,
            on_progress=progress,
            cancelled=bench.stop.is_set,
        )
        if (outcome.kind, outcome.code) != ("died", "crash") or bench.stop.is_set():
            break
    if outcome.kind == "died" and bench.stop.is_set():
        return JobOutcome("cancelled", "cancelled", outcome.text)  # the same Ctrl-C may have ended it
    return outcome


def _make_record(
    clip: FoundClip,
    sha256: str,
    wanted: ResultKey,
    *,
    failed: JobOutcome | None = None,
    tracked: str = "",
) -> ClipRecord:
    return ClipRecord(
        file=clip.file,
        sha256=sha256,
        stamp=clip.stamp,
        state="failed" if failed else "done",
        track=wanted.track,
        measure=wanted.measure,
        limits=wanted.limits,
        video=wanted.video and not failed,
        tracked=tracked if failed else wanted.track,
        code=failed.code if failed else "",
        text=failed.text if failed else "",
        detail=failed.detail if failed else "",
    )


def _save_record(bench: WorkerContext, folder: Path, record: ClipRecord) -> None:
    try:
        write_record(folder, record)
    except OSError as error:
        raise BatchStoppedError(_disk_full_message(bench.out, error.strerror or str(error))) from None
    bench.tracks.add(folder, record)


def _read_analyzed_sha256(folder: Path) -> str | None:
    """The content that was analysed, which is another where the file was written to meanwhile."""
    told = json.loads((folder / "analysis.json").read_bytes())
    return told["clip"]["sha256"]


def _remove_results(folder: Path) -> None:
    """Remove results of what the clip held before, so that nobody takes them for its own."""
    for name in ANALYSIS_FILES:
        (folder / name).unlink(missing_ok=True)


def _stop_message(outcome: JobOutcome, out: Path) -> str:
    if outcome.code == "disk_full":
        return _disk_full_message(out, "No space left on device")
    return f"{outcome.text} Nothing is lost: the same command goes on."


def _disk_full_message(out: Path, what: str) -> str:
    return f"{out}: cannot be written to ({what}). Make room there; nothing is lost: the same command goes on."
