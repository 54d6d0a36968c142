"""Run the analysis of one clip in a child process with limits, so that a crash harms nothing else."""

import contextlib
import multiprocessing
import os
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import psutil

from analyzer.analysis.child_process import (
    describe_crash,
    exit_immediately,
    make_progress_sender,
    silence_terminal,
)
from analyzer.atomic_files import raise_naming_target
from analyzer.errors import AnalyzerError, ClipError, ModelError, describe_os_error, is_disk_full
from analyzer.movements.registry import list_package_paths
from analyzer.parent_watcher import ParentWatcher
from analyzer.pose.model_store import list_model_folders
from analyzer.process_memory import configure_process
from analyzer.progress import ProgressCallback
from analyzer.request import AnalysisRequest
from analyzer.sandbox import confine_process, minimal_environment
from analyzer.settings import POSE_MODELS, Settings
from analyzer.stop_signals import ignore_stop_signals
from analyzer.unprivileged import reclaim_files

if TYPE_CHECKING:
    from analyzer.results.track_store import TrackedClip

OutcomeKind = Literal["done", "refused", "died", "cancelled", "too_long", "too_large"]

_NICE = 5  # the server and the display of the batch have priority; chosen
_EXIT_TIMEOUT_S = 5  # longest wait for the end of a killed child; chosen
_UNFINISHED = ".unfinished-*"  # the temporary folders of `atomic_files.atomic_folder`
_PRELOAD: tuple[str, ...] = ("analyzer.analysis.preload",)


@dataclass(frozen=True)
class ClipJob:
    """The analysis of one clip by a child process.

    Attributes
    ----------
    folder : for the results; no other job may use it at the same time.
    video, blur_faces, exports, extras : as in `outputs.OutputOptions`.
    track : the stored track of an earlier run; with it the pose model does not run.
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
    """The longest running time and the largest resident memory of a child process."""

    time_s: float = 1800
    memory_bytes: int = 3 * 2**30


@dataclass(frozen=True)
class JobOutcome:
    """Outcome of a job.

    Attributes
    ----------
    kind : "refused" for a clip or a request that cannot be processed, "died" for a crash or an unexpected error.
    code : the reason for programs: "clip", "model", "request", "crash", "error", "disk_full", ...
    text : the reason as one line for a person, with the name of the clip.
    summary : `result_summary.summarize_analysis` of a clip that is done.
    detail : traceback of an unexpected error, for the log.
    """

    kind: OutcomeKind
    code: str = ""
    text: str = ""
    summary: dict[str, Any] = field(default_factory=dict)
    detail: str = ""


JobFunction = Callable[[ClipJob, ProgressCallback], dict[str, Any]]
"""The function that a child process runs; returns the summary of the result."""


def analyze_job(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Write the files of one clip, from its pictures or from a stored track, and return the summary.

    Only for a child process, which it confines to the clip, its track, the pose model and the folder of the results.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    previous = [job.track.parent] if job.track is not None else []
    readable = [job.clip, *list_model_folders(job.settings), *list_package_paths(), *previous]
    with _parent_watcher.paused() if _parent_watcher is not None else contextlib.nullcontext():
        confine_process(readable, [job.folder])
    from analyzer.analysis.outputs import OutputOptions, remeasure_clip, run_clip
    from analyzer.analysis.result_summary import summarize_analysis

    options = OutputOptions(job.video, job.blur_faces, job.exports, job.extras)
    clip, request, settings, folder = job.clip, job.request, job.settings, job.folder
    tracked = _load_stored_track(job.track, request) if job.track is not None else None
    with _temporary_files_in(job.folder):
        if job.track is None or tracked is None:
            analyzed = run_clip(clip, request, settings, folder, options, progress)
        else:
            analyzed = remeasure_clip(
                clip, tracked, request, settings, folder, options, progress, previous_folder=job.track.parent
            )
    return summarize_analysis(analyzed.analysis)


@contextlib.contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Let libraries write their temporary files below this folder: the usual ones are out of reach."""
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED.rstrip("*"), dir=folder, ignore_cleanup_errors=True) as own:
        tempfile.tempdir = own
        try:
            yield
        except OSError as error:
            raise_naming_target(error, Path(own), folder)
        finally:
            tempfile.tempdir = None


def _load_stored_track(track: Path, request: AnalysisRequest) -> "TrackedClip | None":
    """Read a stored track; None for one of another version or pose model, so that the clip is tracked again."""
    from analyzer.results.track_store import TrackStoreError, load_track

    with contextlib.suppress(TrackStoreError):
        tracked = load_track(track)
        return tracked if tracked.model in POSE_MODELS[request.model] else None
    return None


def start_fork_server() -> None:
    """Start the process that children are forked from, without waiting for it; call it before threads are started."""
    if _context().get_start_method() == "forkserver":
        from multiprocessing import forkserver

        with minimal_environment():
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
    """Run one job in a child process and return how it ended; may be called from several threads.

    A child that is cancelled or exceeds its limits is killed, and its unfinished files are removed. A child whose
    parent has died ends by itself.

    Parameters
    ----------
    on_progress : called with stage, done and total.
    cancelled : called every `poll_s` seconds; True kills the child.
    task : what the child runs.
    """
    new_folders = [parent for parent in (job.folder, *job.folder.parents) if not parent.exists()]
    parent_end, child_end = multiprocessing.Pipe()
    child = _context().Process(target=_run_child, args=(task, job, child_end), daemon=True)
    started, outcome = False, None
    try:
        with contextlib.suppress(OSError, EOFError):  # the child died while it started
            child.start()
            child_end.close()
            started = True
        if started:
            with _open_child_process(child.pid) as process:
                outcome = _monitor_child(process, parent_end, job, limits, on_progress, cancelled, poll_s)
        if outcome is None:
            outcome = JobOutcome("died", "crash", str(describe_crash(job.clip.name, _exitcode(child))))
    finally:
        parent_end.close()
        child_end.close()
        reclaim_files([job.folder])
        if outcome is None or outcome.kind != "done":
            remove_unfinished_files(job.folder)
            for parent in new_folders:
                with contextlib.suppress(OSError):  # it does not exist, or is not empty
                    parent.rmdir()
    return outcome


def remove_unfinished_files(folder: Path) -> None:
    """Remove the temporary folders that a killed run left in this folder."""
    for path in folder.glob(_UNFINISHED):
        shutil.rmtree(path, ignore_errors=True)


def _context() -> ForkServerContext | SpawnContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOAD))
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
    """Wait for the outcome; None if the child ended without one."""
    name = job.clip.name
    started_s = time.monotonic()
    polled_s = started_s - poll_s
    while True:
        message = _receive_message(pipe, max(0.0, polled_s + poll_s - time.monotonic()))
        if message is _PIPE_CLOSED:
            return None
        if isinstance(message, JobOutcome):
            return message
        if message is not None:
            on_progress(*message)
        now_s = time.monotonic()
        if now_s < polled_s + poll_s:
            continue
        polled_s = now_s
        if cancelled():
            return JobOutcome("cancelled", "cancelled", f"{name}: cancelled")
        if now_s - started_s > limits.time_s:
            return JobOutcome("too_long", "too_long", _time_limit_message(name, limits.time_s))
        with contextlib.suppress(psutil.NoSuchProcess):  # the pipe shows its end
            if process is not None and process.memory_info().rss > limits.memory_bytes:
                return JobOutcome("too_large", "too_large", _memory_limit_message(name, limits.memory_bytes))


_PIPE_CLOSED = object()


def _receive_message(pipe: Connection, wait_s: float) -> Any:
    """Return a message, None if there was none in time, or _PIPE_CLOSED."""
    try:
        return pipe.recv() if pipe.poll(wait_s) else None
    except (EOFError, OSError):
        return _PIPE_CLOSED


@contextlib.contextmanager
def _open_child_process(pid: int | None) -> Iterator[psutil.Process | None]:
    """Open the child's process and kill it at the end, when its outcome has been received.

    None for a child that has ended already: its outcome is in the pipe.
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
    return f"{name}: the analysis took longer than {limit}. Send a shorter clip."


def _memory_limit_message(name: str, memory_bytes: int) -> str:
    return (
        f"{name}: the analysis needs more than {memory_bytes / 2**30:.1f} GB of memory. "
        "Send a clip with a lower resolution, for example 1920x1080."
    )


# ---- In the child

_parent_watcher: ParentWatcher | None = None  # of this child


def _run_child(task: JobFunction, job: ClipJob, pipe: Connection) -> None:
    configure_process()
    ignore_stop_signals()
    silence_terminal()
    global _parent_watcher
    _parent_watcher = ParentWatcher(pipe)  # the parent sends nothing: the pipe is ready when its end is closed
    _parent_watcher.start()
    if hasattr(os, "nice"):
        os.nice(_NICE)
    outcome = _run_task(task, job, make_progress_sender(pipe))
    with contextlib.suppress(OSError):
        pipe.send(outcome)
    exit_immediately()


def _run_task(task: JobFunction, job: ClipJob, progress: ProgressCallback) -> JobOutcome:
    try:
        return JobOutcome("done", summary=task(job, progress))
    except AnalyzerError as error:
        code = {ClipError: "clip", ModelError: "model"}.get(type(error), "request")
        return JobOutcome("refused", code, str(error))
    except MemoryError:
        return JobOutcome("too_large", "too_large", f"{job.clip.name}: there was not enough memory to analyse it")
    except Exception as error:
        if isinstance(error, OSError) and is_disk_full(error):
            return JobOutcome("died", "disk_full", f"{job.clip.name}: {describe_os_error(error)}")
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        return JobOutcome("died", "error", f"{job.clip.name}: {what}", detail=traceback.format_exc())
