"""The whole way of a batch: look through the folder, do what is left to do, write the tables over all clips."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock

import psutil
from filelock import FileLock, Timeout

from analyzer.analysis.subprocess_runner import ChildLimits, run_in_child, start_fork_server
from analyzer.batch.batch_events import BatchEnded, BatchStarted, EventListener
from analyzer.batch.batch_events import Event as Told
from analyzer.batch.clip_facts import FACTS_FILE, FactsRow, FactsTable, read_facts
from analyzer.batch.clip_job import ChildRunner, ClipTask, WorkerContext, process_task
from analyzer.batch.clip_record import ClipRecord, get_result_folder, mark_result_folder, read_records
from analyzer.batch.result_entries import list_entries
from analyzer.batch.result_key import ResultKey, compute_result_key
from analyzer.batch.scan import FoundClip, scan_folder
from analyzer.batch.summary_files import summarize_batch, write_summary
from analyzer.batch.work_plan import ClipAction as Act
from analyzer.batch.work_plan import TrackIndex, choose_action, has_all_result_files, is_unchanged
from analyzer.batch.worker_pool import run_pool
from analyzer.errors import AnalyzerError
from analyzer.pose.model_store import ensure_model
from analyzer.request import AnalysisRequest
from analyzer.settings import Settings

_WORKER_BYTES = 900 * 2**20  # memory that is left for each worker; chosen, see benchmarks/batch.py
_EMPTY_FACTS = FactsRow()


class BatchError(AnalyzerError):
    """A batch that cannot start; the text says why and what to do."""


@dataclass(frozen=True)
class BatchRunOptions:
    """What the person asks of a folder; `analyzer batch --help` says the same."""

    folder: Path
    out: Path
    workers: int | None = None
    only: Sequence[str] = ()
    exclude: Sequence[str] = ()
    movement: str = "auto"
    facts: Path | None = None
    retry_failed: bool = False
    video: bool = True
    blur_faces: bool = False


def run_batch(
    options: BatchRunOptions, settings: Settings, tell: EventListener, run: ChildRunner = run_in_child
) -> BatchEnded:
    """Do what is left to do in a folder; `run` does one clip.

    Raises
    ------
    BatchError, FactsError : it cannot start.
    BatchStoppedError : the disk is full, or a child found no pose model.
    ModelError : there is no pose model.
    KeyboardInterrupt : after Ctrl-C, with every clip either done or as it was; the tables hold what there is.
    """
    began_s = time.monotonic()
    out = options.out
    found = scan_folder(options.folder, only=options.only, exclude=options.exclude, out=out)
    if not found.clips:
        raise BatchError(f"{options.folder}: no clips found in it ({found.others} other files). Check the folder.")
    facts = _facts(options, found.clips)
    with _lock_results(out):
        asked = {clip.file: _wanted(facts.of.get(clip.file, _EMPTY_FACTS), options, settings) for clip in found.clips}
        known = list(read_records(out))
        records = {folder: record for folder, record in known}
        tasks, kept, failed_before = _plan_tasks(found.clips, asked, records, options)
        workers = min(options.workers or choose_worker_count(), max(1, len(tasks)))
        tell(
            BatchStarted(
                len(found.clips),
                len(tasks),
                kept,
                failed_before,
                found.others,
                workers,
                str(out),
                (*found.notes, *facts.notes),
            )
        )
        try:
            if tasks:
                _run_tasks(tasks, workers, settings, options, TrackIndex(known), tell, run)
        except KeyboardInterrupt:
            _finish_batch(found.clips, facts, out, began_s, tell)
            raise
        return _finish_batch(found.clips, facts, out, began_s, tell)


def choose_worker_count() -> int:
    """One a core, as far as the free memory goes."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, psutil.virtual_memory().available // _WORKER_BYTES))


def _facts(options: BatchRunOptions, clips: Sequence[FoundClip]) -> FactsTable:
    path = options.facts or options.folder / FACTS_FILE
    if options.facts is None and not path.is_file():
        return FactsTable()
    return read_facts(path, options.folder, [clip.file for clip in clips])


def _wanted(facts: FactsRow, options: BatchRunOptions, settings: Settings) -> ResultKey:
    request = AnalysisRequest(
        movement=facts.movement or options.movement,
        variant=facts.variant,
        load_kg=facts.load_kg,
        height_cm=facts.height_cm,
        subject=facts.subject or "auto",
    )
    return compute_result_key(request, settings, video=options.video, blur_faces=options.blur_faces)


@contextmanager
def _lock_results(out: Path) -> Iterator[None]:
    """Keep a second batch off the same folder of results; the lock goes with the process, however it ends."""
    mark_result_folder(out)
    try:
        with FileLock(out / ".lock", blocking=False):
            yield
    except Timeout:
        raise BatchError(f"{out}: another batch is writing there. Wait for it, or choose another --out.") from None


def _plan_tasks(
    clips: Sequence[FoundClip], asked: dict[str, ResultKey], records: dict[Path, ClipRecord], options: BatchRunOptions
) -> tuple[list[ClipTask], int, int]:
    """What has to be looked at, how many clips are done, and how many failed before; no clip is read for it."""
    tasks, counts = [], {Act.KEEP: 0, Act.FAILED_BEFORE: 0}
    for clip in clips:
        folder, wish = get_result_folder(options.out, clip.file), asked[clip.file]
        record = records.get(folder)
        if record is not None and is_unchanged(record, clip):
            whole = has_all_result_files(folder)
            action = choose_action(
                record, record.sha256, wish, whole=whole, has_track=False, retry_failed=options.retry_failed
            )
            if action in counts:
                counts[action] += 1
                continue
            tasks.append(ClipTask(clip, wish, record.sha256))
        else:
            tasks.append(ClipTask(clip, wish))
    return tasks, counts[Act.KEEP], counts[Act.FAILED_BEFORE]


def _run_tasks(
    tasks: Sequence[ClipTask],
    workers: int,
    settings: Settings,
    options: BatchRunOptions,
    tracks: TrackIndex,
    tell: EventListener,
    run: ChildRunner,
) -> None:
    ensure_model("full", settings)  # once, before a child each would fetch it
    start_fork_server()
    own = settings.model_copy(update={"pose_threads": 1}) if workers > 1 else settings
    bench = WorkerContext(options.out, own, ChildLimits(), tracks, Event(), run, options.retry_failed)
    lock = Lock()

    def one_at_a_time(event: Told) -> None:
        with lock:
            tell(event)

    run_pool(tasks, workers, lambda task, worker: process_task(task, bench, worker, one_at_a_time), bench.stop)


def _finish_batch(
    clips: Sequence[FoundClip], facts: FactsTable, out: Path, began_s: float, tell: EventListener
) -> BatchEnded:
    tables, _ = write_summary(list_entries([clip.file for clip in clips], facts.of, out), out)
    ended = summarize_batch(tables, str(out), time.monotonic() - began_s)
    tell(ended)
    return ended
