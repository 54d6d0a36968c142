"""One clip in a process of its own, forked warm, with limits: what goes wrong in it harms nobody else."""

import contextlib
import errno
import multiprocessing
import os
import shutil
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import psutil

from analyzer.errors import AnalyzerError, ClipError, ModelError
from analyzer.process_memory import configure_process
from analyzer.progress import ProgressCallback
from analyzer.request import AnalysisRequest
from analyzer.settings import Settings

if TYPE_CHECKING:
    from analyzer.results.track_store import TrackedClip

OutcomeKind = Literal["done", "refused", "died", "cancelled", "too_long", "too_large"]

_NICE = 5  # the server, the page and the batch's display go first; chosen
_PROGRESS_INTERVAL_S = 0.1  # how often at most a child tells how far it is within a stage; chosen
_EXIT_TIMEOUT_S = 5  # how long at most a killed child takes to go; chosen
_UNFINISHED = ".unfinished-*"  # of `files.atomic_folder`
_WARM = ("analyzer.analysis.preload",)


@dataclass(frozen=True)
class ClipJob:
    """What a child is to do; `folder` belongs to this job alone while it runs.

    With `track`, the stored track of an earlier run, everything is measured and told anew without the pose model.
    """

    clip: Path
    request: AnalysisRequest
    settings: Settings
    folder: Path
    video: bool = True
    blur_faces: bool = False
    exports: tuple[str, ...] = ()
    extras: bool = False
    track: Path | None = None


@dataclass(frozen=True)
class ChildLimits:
    """How long a child may take, and how much memory (resident) it may hold."""

    time_s: float = 1800
    memory_bytes: int = 3 * 2**30


@dataclass(frozen=True)
class JobOutcome:
    """How it ended.

    Attributes
    ----------
    kind : "refused" for a clip or a wish that cannot be met, "died" for a crash: a second run may go well.
    code : the same more closely, for programs: "clip", "model", "request", "crash", "error", "disk_full", ...
    text : one line for a person, which names the clip.
    summary : of a clip that is done, `brief.summarize_analysis`.
    detail : of an unexpected error the traceback, for the log.
    """

    kind: OutcomeKind
    code: str = ""
    text: str = ""
    summary: dict[str, Any] = field(default_factory=dict)
    detail: str = ""


JobFunction = Callable[[ClipJob, ProgressCallback], dict[str, Any]]
"""What a child does with its job; returns the summary."""


def analyze_job(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """The files of one clip, from its pictures or from a stored track."""
    from analyzer.analysis.outputs import OutputOptions, remeasure_clip, run_clip
    from analyzer.analysis.result_summary import summarize_analysis

    options = OutputOptions(job.video, job.blur_faces, job.exports, job.extras)
    clip, request, settings, folder = job.clip, job.request, job.settings, job.folder
    tracked = _load_stored_track(job.track) if job.track is not None else None
    if job.track is None or tracked is None:
        analyzed = run_clip(clip, request, settings, folder, options, progress)
    else:
        analyzed = remeasure_clip(
            clip, tracked, request, settings, folder, options, progress, previous_folder=job.track.parent
        )
    return summarize_analysis(analyzed.analysis)


def _load_stored_track(track: Path) -> "TrackedClip | None":
    """None for a track of another version: the clip is tracked again."""
    from analyzer.results.track_store import TrackStoreError, load_track

    with contextlib.suppress(TrackStoreError):
        return load_track(track)
    return None


def start_fork_server() -> None:
    """Start loading what the children are forked from, and do not wait for it."""
    if _context().get_start_method() == "forkserver":
        from multiprocessing import forkserver

        forkserver.ensure_running()


def run_in_child(
    job: ClipJob,
    *,
    limits: ChildLimits,
    on_progress: ProgressCallback,
    cancelled: Callable[[], bool],
    poll_s: float = 0.2,
    task: JobFunction = analyze_job,
) -> JobOutcome:
    """Do one job in a child process and say how it ended; any number of threads may do so at once.

    `cancelled` is asked every `poll_s`; a child that is no longer wanted, or goes beyond its limits, is killed, and
    what it had begun to write is removed. A child whose parent has died ends itself.
    """
    made = [parent for parent in (job.folder, *job.folder.parents) if not parent.exists()]
    ours, theirs = multiprocessing.Pipe()
    child = _context().Process(target=_run_child, args=(task, job, theirs), daemon=True)
    started, outcome = False, None
    try:
        with contextlib.suppress(OSError, EOFError):  # it died on the way
            child.start()
            theirs.close()
            started = True
        if started:
            with _open_child_process(child.pid) as process:
                outcome = _monitor_child(process, ours, job, limits, on_progress, cancelled, poll_s)
        if outcome is None:
            outcome = JobOutcome("died", "crash", _crash_message(job.clip.name, _exitcode(child)))
    finally:
        ours.close()
        theirs.close()
        if outcome is None or outcome.kind != "done":
            remove_unfinished_files(job.folder)
            for parent in made:
                with contextlib.suppress(OSError):  # not there, or something else lies in it
                    parent.rmdir()
    return outcome


def remove_unfinished_files(folder: Path) -> None:
    """Remove what a killed run had begun in this folder."""
    for path in folder.glob(_UNFINISHED):
        shutil.rmtree(path, ignore_errors=True)


def _context() -> ForkServerContext | SpawnContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_WARM))
    return context


# ---- In the parent


def _monitor_child(
    process: psutil.Process | None,
    pipe: Connection,
    job: ClipJob,
    limits: ChildLimits,
    on_progress: ProgressCallback,
    cancelled: Callable[[], bool],
    poll_s: float,
) -> JobOutcome | None:
    """The outcome; None when the child has gone without one."""
    name = job.clip.name
    started_s = time.monotonic()
    asked_s = started_s - poll_s
    while True:
        message = _receive_message(pipe, max(0.0, asked_s + poll_s - time.monotonic()))
        if message is _PIPE_CLOSED:
            return None
        if isinstance(message, JobOutcome):
            return message
        if message is not None:
            on_progress(*message)
        now_s = time.monotonic()
        if now_s < asked_s + poll_s:
            continue
        asked_s = now_s
        if cancelled():
            return JobOutcome("cancelled", "cancelled", f"{name}: cancelled")
        if now_s - started_s > limits.time_s:
            return JobOutcome("too_long", "too_long", _time_limit_message(name, limits.time_s))
        with contextlib.suppress(psutil.NoSuchProcess):  # the pipe tells
            if process is not None and process.memory_info().rss > limits.memory_bytes:
                return JobOutcome("too_large", "too_large", _memory_limit_message(name, limits.memory_bytes))


_PIPE_CLOSED = object()


def _receive_message(pipe: Connection, wait_s: float) -> Any:
    """A message, None when there was none in time, or _GONE."""
    try:
        return pipe.recv() if pipe.poll(wait_s) else None
    except (EOFError, OSError):
        return _PIPE_CLOSED


@contextlib.contextmanager
def _open_child_process(pid: int | None) -> Iterator[psutil.Process | None]:
    """The child's process, gone at the end: one that has told its outcome has nothing left to do.

    None for one that is gone already: what it told is in the pipe.
    """
    process = None
    try:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
        yield process
    finally:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
            if process is not None:
                process.kill()
                process.wait(_EXIT_TIMEOUT_S)


def _exitcode(child: BaseProcess) -> int | None:
    if child.pid is None:
        return None
    child.join(_EXIT_TIMEOUT_S)
    return child.exitcode


def _time_limit_message(name: str, time_s: float) -> str:
    limit = f"{time_s / 60:.0f} minutes" if time_s >= 120 else f"{time_s:.0f} seconds"
    return f"{name}: it took longer than {limit} to analyse. Send a shorter part of it"


def _memory_limit_message(name: str, memory_bytes: int) -> str:
    return (
        f"{name}: it needs more than {memory_bytes / 2**30:.1f} GB of memory to analyse. "
        "Send a smaller picture, for example 1920x1080"
    )


def _crash_message(name: str, exitcode: int | None) -> str:
    why = "the analysis ended without a word"
    if exitcode is not None and exitcode < 0:
        why = f"reading it crashed the program (signal {-exitcode})"
        with contextlib.suppress(ValueError):
            why = f"reading it crashed the program ({signal.Signals(-exitcode).name})"
        if why.endswith("(SIGKILL)"):
            why = "the system stopped the analysis, most often because memory ran out"
    return f"{name}: {why}. Export the clip again as H.264 MP4, or film it again"


# ---- In the child


def _run_child(task: JobFunction, job: ClipJob, pipe: Connection) -> None:
    configure_process()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to everybody in the terminal; the parent decides
    _silence()
    threading.Thread(target=_die_with_parent, args=(pipe,), daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_NICE)
    outcome = _run_task(task, job, _send_progress(pipe))
    with contextlib.suppress(OSError):
        pipe.send(outcome)
    _exit_immediately()


def _exit_immediately() -> NoReturn:
    """End at once: there is nothing to flush, and the libraries take their time to tidy up."""
    os._exit(0)


def _silence() -> None:
    """Native libraries write to the terminal past Python; what matters is told through the pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def _die_with_parent(pipe: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        pipe.recv_bytes()  # nothing is ever sent: it returns when the parent's end is closed
    os._exit(1)


def _send_progress(pipe: Connection) -> ProgressCallback:
    """A progress that goes through the pipe: the first and the last of a stage, and now and then between."""
    lock = threading.Lock()
    last: tuple[str, float] = ("", 0.0)

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal last
        with lock:
            now_s = time.monotonic()
            if stage == last[0] and done < total and now_s < last[1] + _PROGRESS_INTERVAL_S:
                return
            last = (stage, now_s)
            with contextlib.suppress(OSError):
                pipe.send((stage, done, total))

    return progress


def _run_task(task: JobFunction, job: ClipJob, progress: ProgressCallback) -> JobOutcome:
    try:
        return JobOutcome("done", summary=task(job, progress))
    except AnalyzerError as error:
        code = {ClipError: "clip", ModelError: "model"}.get(type(error), "request")
        return JobOutcome("refused", code, str(error))
    except MemoryError:
        return JobOutcome("too_large", "too_large", f"{job.clip.name}: there was not enough memory to analyse it")
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            text = f"{job.clip.name}: there is no room left on the disk. Make some, then analyse it again"
            return JobOutcome("died", "disk_full", text)
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        return JobOutcome("died", "error", f"{job.clip.name}: {what}", detail=traceback.format_exc())
