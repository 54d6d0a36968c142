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

from analyzer.batch.entries import entries_of
from analyzer.batch.events import Ended, Started, Tell
from analyzer.batch.events import Event as Told
from analyzer.batch.facts import TABLE, Facts, FactsTable, read_facts
from analyzer.batch.plan import Action as Act
from analyzer.batch.plan import Tracks, decide, is_whole, unchanged
from analyzer.batch.pool import run_pool
from analyzer.batch.record import Record, folder_of, mark, read_records
from analyzer.batch.scan import Found, scan
from analyzer.batch.summary import ended_of, write_summary
from analyzer.batch.wanted import Wanted, wanted
from analyzer.batch.work import Bench, Run, Task, do_task
from analyzer.child import ChildLimits, run_in_child, warm_up
from analyzer.errors import AnalyzerError
from analyzer.pose.bundle import ensure_model
from analyzer.request import Request
from analyzer.settings import Settings

_WORKER_BYTES = 900 * 2**20  # memory that is left for each worker; chosen, see benchmarks/batch.py
_NO_FACTS = Facts()


class BatchError(AnalyzerError):
    """A batch that cannot start; the text says why and what to do."""


@dataclass(frozen=True)
class Options:
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


def run_batch(options: Options, settings: Settings, tell: Tell, run: Run = run_in_child) -> Ended:
    """Do what is left to do in a folder; `run` does one clip.

    Raises
    ------
    BatchError, FactsError : it cannot start.
    BatchStopped : the disk is full, or a child found no pose model.
    ModelError : there is no pose model.
    KeyboardInterrupt : after Ctrl-C, with every clip either done or as it was; the tables hold what there is.
    """
    began_s = time.monotonic()
    out = options.out
    found = scan(options.folder, only=options.only, exclude=options.exclude, out=out)
    if not found.clips:
        raise BatchError(f"{options.folder}: no clips found in it ({found.others} other files). Check the folder.")
    facts = _facts(options, found.clips)
    with _alone(out):
        asked = {clip.file: _wanted(facts.of.get(clip.file, _NO_FACTS), options, settings) for clip in found.clips}
        known = list(read_records(out))
        records = {folder: record for folder, record in known}
        tasks, kept, failed_before = _left(found.clips, asked, records, options)
        workers = min(options.workers or default_workers(), max(1, len(tasks)))
        tell(
            Started(
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
                _work(tasks, workers, settings, options, Tracks(known), tell, run)
        except KeyboardInterrupt:
            _end(found.clips, facts, out, began_s, tell)
            raise
        return _end(found.clips, facts, out, began_s, tell)


def default_workers() -> int:
    """One a core, as far as the free memory goes."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, psutil.virtual_memory().available // _WORKER_BYTES))


def _facts(options: Options, clips: Sequence[Found]) -> FactsTable:
    path = options.facts or options.folder / TABLE
    if options.facts is None and not path.is_file():
        return FactsTable()
    return read_facts(path, options.folder, [clip.file for clip in clips])


def _wanted(facts: Facts, options: Options, settings: Settings) -> Wanted:
    request = Request(
        movement=facts.movement or options.movement,
        variant=facts.variant,
        load_kg=facts.load_kg,
        height_cm=facts.height_cm,
        subject=facts.subject or "auto",
    )
    return wanted(request, settings, video=options.video, blur_faces=options.blur_faces)


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Keep a second batch off the same folder of results; the lock goes with the process, however it ends."""
    mark(out)
    try:
        with FileLock(out / ".lock", blocking=False):
            yield
    except Timeout:
        raise BatchError(f"{out}: another batch is writing there. Wait for it, or choose another --out.") from None


def _left(
    clips: Sequence[Found], asked: dict[str, Wanted], records: dict[Path, Record], options: Options
) -> tuple[list[Task], int, int]:
    """What has to be looked at, how many clips are done, and how many failed before; no clip is read for it."""
    tasks, counts = [], {Act.KEEP: 0, Act.FAILED_BEFORE: 0}
    for clip in clips:
        folder, wish = folder_of(options.out, clip.file), asked[clip.file]
        record = records.get(folder)
        if record is not None and unchanged(record, clip):
            whole = is_whole(folder)
            action = decide(
                record, record.sha256, wish, whole=whole, has_track=False, retry_failed=options.retry_failed
            )
            if action in counts:
                counts[action] += 1
                continue
            tasks.append(Task(clip, wish, record.sha256))
        else:
            tasks.append(Task(clip, wish))
    return tasks, counts[Act.KEEP], counts[Act.FAILED_BEFORE]


def _work(
    tasks: Sequence[Task],
    workers: int,
    settings: Settings,
    options: Options,
    tracks: Tracks,
    tell: Tell,
    run: Run,
) -> None:
    ensure_model("full", settings)  # once, before a child each would fetch it
    warm_up()
    own = settings.model_copy(update={"pose_threads": 1}) if workers > 1 else settings
    bench = Bench(options.out, own, ChildLimits(), tracks, Event(), run, options.retry_failed)
    lock = Lock()

    def one_at_a_time(event: Told) -> None:
        with lock:
            tell(event)

    run_pool(tasks, workers, lambda task, worker: do_task(task, bench, worker, one_at_a_time), bench.stop)


def _end(clips: Sequence[Found], facts: FactsTable, out: Path, began_s: float, tell: Tell) -> Ended:
    tables, _ = write_summary(entries_of([clip.file for clip in clips], facts.of, out), out)
    ended = ended_of(tables, str(out), time.monotonic() - began_s)
    tell(ended)
    return ended
