"""One clip of a batch: what its content is, what is left to do with it, doing that, and noting how it ended."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Lock

from analyzer.batch.events import Finished, How, Tell, Working
from analyzer.batch.plan import Action, Tracks, decide, is_whole
from analyzer.batch.record import Record, folder_of, read_record, write_record
from analyzer.batch.scan import Found
from analyzer.batch.wanted import Wanted
from analyzer.child import ChildLimits, ClipJob, Outcome, remove_unfinished
from analyzer.errors import AnalyzerError
from analyzer.files import sha256_of
from analyzer.result_files import FILES
from analyzer.settings import Settings

_CRASHES = 2  # so often a clip is tried whose child dies; chosen
_NOT_THE_CLIPS = ("disk_full", "model")  # what fails so is no matter of the clip: the batch stops

Run = Callable[..., Outcome]


class BatchStopped(AnalyzerError):
    """Nothing can go on: the disk is full, or there is no pose model. The same command goes on later."""


@dataclass(frozen=True)
class Task:
    """A clip and what is asked of it; `waits_for` is set while another worker tracks the same content."""

    clip: Found
    wanted: Wanted
    sha256: str | None = None
    waits_for: Event | None = None


@dataclass
class Bench:
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
    tracks: Tracks
    stop: Event
    run: Run
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


def do_task(task: Task, bench: Bench, worker: int, tell: Tell) -> Task | None:
    """Do what is left to do with a clip; the task itself, to be done later, where another worker is at its content.

    Raises
    ------
    BatchStopped : for a trouble that every clip would meet.
    """
    began_s = time.monotonic()
    clip, wanted, folder = task.clip, task.wanted, folder_of(bench.out, task.clip.file)
    tell(Working(worker, clip.file, "reading the file", 0, 1))
    record = read_record(folder)
    try:
        sha256 = task.sha256 or sha256_of(clip.path)
    except OSError as error:
        text = f"{clip.path.name}: cannot be read ({error.strerror or error}). Check the file and your rights there."
        if record is None:  # else what is known of it holds, once it can be read again
            _note(bench, folder, _record(clip, "", wanted, failed=Outcome("refused", "unreadable", text)))
        tell(Finished(worker, clip.file, "failed", time.monotonic() - began_s, "unreadable", text))
        return None
    track = bench.tracks.find(sha256, wanted.track, folder)
    action = decide(
        record,
        sha256,
        wanted,
        whole=is_whole(folder),
        has_track=track is not None,
        retry_failed=bench.retry_failed,
    )
    if record is not None and action in (Action.KEEP, Action.FAILED_BEFORE):
        # Touched or copied, but the same: noted so that it need not be read next time.
        _note(bench, folder, replace(record, stamp=clip.stamp))
        how: How = "as it was" if action is Action.KEEP else "failed"
        tell(Finished(worker, clip.file, how, time.monotonic() - began_s, record.code, record.text))
        return None
    if action is Action.MEASURE:
        _run(task, sha256, record, track, bench, worker, tell, began_s)
        return None
    key = sha256, wanted.track
    other = bench.claim(key)
    if other is not None:
        return replace(task, sha256=sha256, waits_for=other)
    try:
        _run(task, sha256, record, None, bench, worker, tell, began_s)
    finally:
        bench.release(key)
    return None


def _run(
    task: Task,
    sha256: str,
    before: Record | None,
    track: Path | None,
    bench: Bench,
    worker: int,
    tell: Tell,
    began_s: float,
) -> None:
    clip, wanted, folder = task.clip, task.wanted, folder_of(bench.out, task.clip.file)
    job = ClipJob(
        clip.path,
        wanted.request,
        bench.settings,
        folder,
        video=wanted.video,
        blur_faces=wanted.blur_faces,
        track=track,
    )
    remove_unfinished(folder)  # of a run whose power went, or that was killed
    outcome = _outcome(job, bench, lambda *told: tell(Working(worker, clip.file, *told)))
    if outcome.kind == "cancelled":
        return
    if outcome.code in _NOT_THE_CLIPS:
        raise BatchStopped(_why(outcome, bench.out))
    how: How
    if outcome.kind == "done":
        record = _record(clip, _analysed(folder) or sha256, wanted)
        how, code, text = ("measured again" if track is not None else "analysed"), "", ""
    else:
        how, code, text = "failed", outcome.code, outcome.text
        same = before is not None and before.sha256 == sha256
        if before is not None and not same:
            _clear(folder)
        tracked = before.tracked if before is not None and same else ""
        record = _record(clip, sha256, wanted, failed=outcome, tracked=tracked)
    _note(bench, folder, record)
    tell(Finished(worker, clip.file, how, time.monotonic() - began_s, code, text, outcome.summary))


def _outcome(job: ClipJob, bench: Bench, progress: Callable[[str, int, int], None]) -> Outcome:
    for _ in range(_CRASHES):
        outcome = bench.run(
            job,
            limits=bench.limits,
            on_progress=progress,
            cancelled=bench.stop.is_set,
        )
        if (outcome.kind, outcome.code) != ("died", "crash") or bench.stop.is_set():
            break
    if outcome.kind == "died" and bench.stop.is_set():
        return Outcome("cancelled", "cancelled", outcome.text)  # the same Ctrl-C may have ended it
    return outcome


def _record(
    clip: Found,
    sha256: str,
    wanted: Wanted,
    *,
    failed: Outcome | None = None,
    tracked: str = "",
) -> Record:
    return Record(
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


def _note(bench: Bench, folder: Path, record: Record) -> None:
    try:
        write_record(folder, record)
    except OSError as error:
        raise BatchStopped(_full(bench.out, error.strerror or str(error))) from None
    bench.tracks.add(folder, record)


def _analysed(folder: Path) -> str | None:
    """The content that was analysed, which is another where the file was written to meanwhile."""
    told = json.loads((folder / "analysis.json").read_bytes())
    return told["clip"]["sha256"]


def _clear(folder: Path) -> None:
    """Remove results of what the clip held before, so that nobody takes them for its own."""
    for name in FILES:
        (folder / name).unlink(missing_ok=True)


def _why(outcome: Outcome, out: Path) -> str:
    if outcome.code == "disk_full":
        return _full(out, "No space left on device")
    return f"{outcome.text} Nothing is lost: the same command goes on."


def _full(out: Path, what: str) -> str:
    return f"{out}: cannot be written to ({what}). Make room there; nothing is lost: the same command goes on."
