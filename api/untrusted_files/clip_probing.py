"""Probe uploaded clips in separate processes, so that a file that crashes the decoder does not stop the server."""

import multiprocessing
import os
import queue
import sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

from analyzer.parent_watcher import ParentWatcher
from analyzer.process_memory import configure_process
from analyzer.sandbox import confine_process
from analyzer.settings import Settings
from api.responses.problem_details import Problem

_TIME_S = 20.0  # reading the frame times of the largest clip takes a few seconds; chosen
_WAIT_S = 30.0  # for a free process: each waiting request holds a thread of the server; chosen
_START_S = 60.0  # for the start of a process, a second on a quiet machine; chosen
_MEMORY_BYTES = 2 * 2**30  # address space beyond what is used at the start; one 4K frame takes 40 MB; chosen
_TASKS_PER_PROCESS = 1000  # two a clip; then a new process, which frees what decoders leak; chosen
_PROCESSES = 2  # one slow clip does not block all others; chosen


@dataclass(frozen=True)
class ProbeResult:
    """What is known of a clip before it is analysed; `refused` says why it will not be."""

    refused: str | None = None
    ending: str = "mp4"
    sha256: str | None = None


class ClipProber:
    """Probes two clips at a time, with limits of time and memory; it can read `folders` and nothing else."""

    def __init__(
        self, settings: Settings, folders: tuple[Path, ...], *, time_s: float = _TIME_S, wait_s: float = _WAIT_S
    ) -> None:
        self._wait_s = wait_s
        self._processes = [_ProbeProcess(settings, folders, time_s) for _ in range(_PROCESSES)]
        self._free = queue.LifoQueue[_ProbeProcess]()  # last in, first out: the last one used is warm
        for process in self._processes:
            self._free.put(process)

    def probe(self, clip: Path, name: str) -> ProbeResult:
        """Probe a clip; raise Problem 422 with the reason if it is refused, 503 if all processes are busy."""
        try:
            process = self._free.get(timeout=self._wait_s)
        except queue.Empty:
            raise _busy_problem() from None
        try:
            facts = process.probe(clip, name)
        finally:
            self._free.put(process)
        if facts.refused is not None:
            raise Problem(422, "clip-refused", facts.refused)
        return facts

    def start_ahead(self) -> None:
        """Start one process before the first clip arrives."""
        process = self._free.get()
        process.start_ahead()
        self._free.put(process)

    def close(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.stop()


def _busy_problem() -> Problem:
    detail = "Many clips are being checked. Send this one again in a moment."
    return Problem(503, "busy", detail, headers={"Retry-After": "10"})


class _ProbeProcess:
    """One process, started when needed, and again after it had to be ended."""

    def __init__(self, settings: Settings, folders: tuple[Path, ...], time_s: float) -> None:
        self._settings, self._folders, self._time_s = settings, folders, time_s
        self._pool: ProcessPoolExecutor | None = None

    def probe(self, clip: Path, name: str) -> ProbeResult:
        """Probe a clip in the process; refuse it if it crashes the process or takes too long."""
        try:
            self._wait_for_start()
            task = self._running().submit(_probe_clip, str(clip), name, self._settings, self._folders)
            return task.result(self._time_s)
        except BrokenProcessPool:
            self.stop()
            return ProbeResult(refused=f"{name}: is damaged and cannot be opened. Film the clip again.")
        except TooSlow:
            self.stop()
            return ProbeResult(refused=f"{name}: takes too long to open. Trim the clip, or film it again.")

    def start_ahead(self) -> None:
        """Start the process before the first clip arrives."""
        self._running().submit(int)

    def _wait_for_start(self) -> None:
        """Wait for the process: on a busy machine its start takes as long as the clip may take."""
        try:
            self._running().submit(int).result(_START_S)
        except TooSlow:
            self.stop()
            raise _busy_problem() from None

    def stop(self) -> None:
        """Kill the process, if it runs."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, context, _init_process, (), max_tasks_per_child=_TASKS_PER_PROCESS)
        return self._pool


_parent_watcher: ParentWatcher | None = None  # of this process


def _init_process() -> None:
    """Prepare the process: end with the server, and limit memory to what a clip needs."""
    configure_process()  # before libraries start threads, for which the limits of files would not hold
    import analyzer.clip.probe  # noqa: F401  # loaded before memory is limited

    global _parent_watcher
    parent = multiprocessing.parent_process()
    if parent is not None:
        _parent_watcher = ParentWatcher(parent.sentinel)
        _parent_watcher.start()
    if sys.platform == "linux":
        import resource

        used = psutil.Process().memory_info().vms
        resource.setrlimit(resource.RLIMIT_AS, (used + _MEMORY_BYTES, resource.RLIM_INFINITY))


@cache
def _confine(folders: tuple[Path, ...]) -> None:
    """Confine the process, once: it serves many clips."""
    os.environ.clear()
    with _parent_watcher.paused() if _parent_watcher is not None else nullcontext():
        confine_process(folders, [])


def _probe_clip(path: str, name: str, settings: Settings, folders: tuple[Path, ...]) -> ProbeResult:
    from analyzer.clip.probe import open_clip
    from analyzer.errors import ClipError

    _confine(folders)
    try:
        clip = open_clip(Path(path), settings)
    except ClipError as error:
        return ProbeResult(refused=f"{name}: {error.problem}. {error.advice}")
    except Exception:  # MemoryError too
        return ProbeResult(refused=f"{name}: is damaged and cannot be opened. Film the clip again.")
    return ProbeResult(ending=clip.container, sha256=clip.sha256)
