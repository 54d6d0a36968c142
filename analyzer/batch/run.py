"""Run a batch on this machine: scan the folder, analyse what is left to do, write the tables over all clips."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock

import psutil
from filelock import FileLock, Timeout

from analyzer.analysis.subprocess_runner import ChildLimits, run_in_child, start_fork_server
from analyzer.batch.batch_events import BatchEnded, BatchEvent, BatchStarted, EventListener
from analyzer.batch.batch_request import BatchRequest
from analyzer.batch.clip_facts import FACTS_FILE, FactsRow, FactsTable, read_facts
from analyzer.batch.clip_job import ChildRunner, ClipTask, WorkerContext, process_task
from analyzer.batch.clip_record import (
    CLIPS_FOLDER,
    ClipRecord,
    get_result_folder,
    mark_result_folder,
    read_records,
)
from analyzer.batch.result_entries import list_entries
from analyzer.batch.result_key import ResultKey, compute_result_key
from analyzer.batch.scan import FolderScan, FoundClip, describe_no_clips, describe_selection, scan_folder
from analyzer.batch.summary_files import summarize_batch, write_summary
from analyzer.batch.work_plan import ClipAction, TrackIndex, choose_action, has_all_result_files, is_unchanged
from analyzer.batch.worker_pool import run_pool
from analyzer.errors import AnalyzerError
from analyzer.pose.model_store import ensure_model
from analyzer.settings import POSE_MODELS, Settings

_WORKER_BYTES = 900 * 2**20  # memory of one worker; chosen, see benchmarks/batch.py
_NAMED_LEFTOVERS = 3  # clips that the note names; chosen
_NO_FACTS = FactsRow()


class BatchError(AnalyzerError):
    """A batch that cannot start; the text says why and what to do."""


def run_batch(
    request: BatchRequest,
    settings: Settings,
    on_event: EventListener,
    *,
    workers: int | None = None,
    run: ChildRunner = run_in_child,
) -> BatchEnded:
    """Analyse what is left to do in a folder.

    Parameters
    ----------
    on_event : called with each event, from one thread at a time.
    workers : clips to analyse at the same time; by default as many as cores and memory allow.
    run : analyses one clip.

    Raises
    ------
    BatchError, FactsError : the batch cannot start.
    BatchStoppedError : the disk is full, or a child process found no pose model.
    ModelError : the pose model is not available.
    KeyboardInterrupt : after Ctrl-C; every clip is either done or unchanged, and the tables hold what is done.
    """
    began_s = time.monotonic()
    folder, out = Path(request.folder), Path(request.out)
    scan = scan_folder(folder, only=request.only, exclude=request.exclude, out=out)
    if not scan.clips:
        raise BatchError(describe_no_clips(folder, scan.other_files, scan.unselected))
    facts = _read_facts(request, scan)
    with _lock_results(out):
        keys = {clip.file: _get_result_key(facts, clip, request, settings) for clip in scan.clips}
        known = list(read_records(out))
        tasks, done_before, failed_before = _plan_tasks(scan.clips, keys, dict(known), request)
        workers = min(workers or choose_worker_count(), max(1, len(tasks)))
        on_event(
            BatchStarted(
                clips=len(scan.clips),
                to_do=len(tasks),
                unchanged=done_before,
                failed_before=failed_before,
                other_files=scan.other_files,
                workers=workers,
                out=str(out),
                notes=(
                    *scan.notes,
                    *facts.notes,
                    *describe_selection(scan.unselected),
                    *_describe_leftovers(known, scan, request),
                ),
            )
        )
        try:
            if tasks:
                _run_tasks(tasks, workers, settings, request, TrackIndex(known), on_event, run)
        except KeyboardInterrupt:
            _finish_batch(scan.clips, facts, request, began_s, on_event)
            raise
        return _finish_batch(scan.clips, facts, request, began_s, on_event)


def choose_worker_count() -> int:
    """Return one worker a core, as far as the free memory allows."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, psutil.virtual_memory().available // _WORKER_BYTES))


def _describe_leftovers(known: Sequence[tuple[Path, ClipRecord]], scan: FolderScan, request: BatchRequest) -> list[str]:
    """Return a note on results of clips that have left the folder: they show people until they are deleted."""
    results, present = Path(request.out) / CLIPS_FOLDER, {*(clip.file for clip in scan.clips), *scan.unselected}
    tracked = [folder.relative_to(results).as_posix() for folder, record in known if record.tracked]
    left = [file for file in tracked if file not in present]
    if not left:
        return []
    more = f" and {len(left) - _NAMED_LEFTOVERS} more" if len(left) > _NAMED_LEFTOVERS else ""
    return [
        f"results of clips that are not in {request.folder} any more remain in {results}; "
        f"delete those that you do not need: {', '.join(left[:_NAMED_LEFTOVERS])}{more}"
    ]


def _read_facts(request: BatchRequest, scan: FolderScan) -> FactsTable:
    folder = Path(request.folder)
    path = request.facts or folder / FACTS_FILE
    if request.facts is None and not path.is_file():
        return FactsTable()
    files = [clip.file for clip in scan.clips]
    return read_facts(path, folder, files, request.movement, unselected=scan.unselected)


def _get_result_key(facts: FactsTable, clip: FoundClip, request: BatchRequest, settings: Settings) -> ResultKey:
    clip_request = request.request_clip(facts.by_file.get(clip.file, _NO_FACTS))
    return compute_result_key(clip_request, settings, video=request.video, blur_faces=request.blur_faces)


@contextmanager
def _lock_results(out: Path) -> Iterator[None]:
    """Keep a second batch from the same folder of results; the lock ends with the process."""
    mark_result_folder(out)
    try:
        with FileLock(out / ".lock", blocking=False):
            yield
    except Timeout:
        raise BatchError(f"{out}: another batch is writing there. Wait for it, or choose another --out.") from None


def _plan_tasks(
    clips: Sequence[FoundClip], keys: dict[str, ResultKey], records: dict[Path, ClipRecord], request: BatchRequest
) -> tuple[list[ClipTask], int, int]:
    """Return the tasks, the number of clips that are done, and of those that failed before; reads no clip."""
    tasks, counts = [], {ClipAction.KEEP: 0, ClipAction.FAILED_BEFORE: 0}
    for clip in clips:
        folder, key = get_result_folder(Path(request.out), clip.file), keys[clip.file]
        record = records.get(folder)
        if record is None or not is_unchanged(record, clip):
            tasks.append(ClipTask(clip, key))
            continue
        action = choose_action(
            record,
            record.sha256,
            key,
            has_all_files=has_all_result_files(folder),
            has_track=False,
            retry_failed=request.retry_failed,
        )
        if action in counts:
            counts[action] += 1
        else:
            tasks.append(ClipTask(clip, key, record.sha256))
    return tasks, counts[ClipAction.KEEP], counts[ClipAction.FAILED_BEFORE]


def _run_tasks(
    tasks: Sequence[ClipTask],
    workers: int,
    settings: Settings,
    request: BatchRequest,
    tracks: TrackIndex,
    on_event: EventListener,
    run: ChildRunner,
) -> None:
    for name in POSE_MODELS[request.model]:
        ensure_model(name, settings)  # once, or every child would download it
    start_fork_server()
    child_settings = settings.model_copy(update={"pose_threads": 1}) if workers > 1 else settings
    context = WorkerContext(
        Path(request.out), child_settings, ChildLimits(), tracks, Event(), run, request.retry_failed
    )
    lock = Lock()

    def on_event_in_turn(event: BatchEvent) -> None:
        with lock:
            on_event(event)

    if workers > 1:  # the largest first, so that no worker begins a long clip when the others have nothing left
        tasks = sorted(tasks, key=lambda task: task.clip.stamp[0], reverse=True)
    run_pool(tasks, workers, lambda task, worker: process_task(task, context, worker, on_event_in_turn), context.stop)


def _finish_batch(
    clips: Sequence[FoundClip], facts: FactsTable, request: BatchRequest, began_s: float, on_event: EventListener
) -> BatchEnded:
    out = Path(request.out)
    tables, _ = write_summary(list_entries([clip.file for clip in clips], facts.by_file, out), out, request.own_mdc)
    ended = summarize_batch(tables, str(out), time.monotonic() - began_s)
    on_event(ended)
    return ended
