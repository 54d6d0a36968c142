"""Looks at an uploaded clip in a process of its own: a file that kills the decoder takes no server with it."""

import multiprocessing
import os
import queue
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path

import psutil

from analyzer.settings import Settings
from api.problem_details import Problem

_TIME_S = 20.0  # reading the frame times of the largest clip takes a few seconds; chosen
_WAIT_S = 30.0  # for others' looks to end: each waits in one of the server's threads; chosen
_MEMORY_BYTES = 2 * 2**30  # address space beyond what is used at the start; one 4K frame takes 40 MB; chosen
_PROBES_PER_PROCESS = 500  # then a fresh process: what a decoder leaks ends with it; chosen
_PROCESSES = 2  # a slow look does not keep everybody waiting; chosen


@dataclass(frozen=True)
class ProbeResult:
    """What is known of a clip before it is analysed; `refused` says why it will not be."""

    refused: str | None = None
    ending: str = "mp4"
    sha256: str | None = None


class ClipProber:
    """Probes clips, two at a time, with limits of time and memory."""

    def __init__(self, settings: Settings, *, time_s: float = _TIME_S, wait_s: float = _WAIT_S) -> None:
        self._wait_s = wait_s
        self._lookers = [_ProbeProcess(settings, time_s) for _ in range(_PROCESSES)]
        self._free: queue.LifoQueue[_ProbeProcess] = queue.LifoQueue()  # the one that was used last is warm
        for looker in self._lookers:
            self._free.put(looker)

    def look(self, clip: Path, name: str) -> ProbeResult:
        """Facts of a clip; raises Problem 422 with the reason where it will not be analysed, 503 where all are busy."""
        try:
            looker = self._free.get(timeout=self._wait_s)
        except queue.Empty:
            detail = "Many clips are being looked at just now. Send it again in a moment."
            raise Problem(503, "busy", detail, headers={"Retry-After": "10"}) from None
        try:
            facts = looker.look(clip, name)
        finally:
            self._free.put(looker)
        if facts.refused is not None:
            raise Problem(422, "clip-refused", facts.refused)
        return facts

    def warm(self) -> None:
        """Start one process ahead of the first clip."""
        looker = self._free.get()
        looker.warm()
        self._free.put(looker)

    def close(self) -> None:
        """End the processes."""
        for looker in self._lookers:
            looker.stop()


class _ProbeProcess:
    """One process, started when it is needed, and anew after it had to be ended."""

    def __init__(self, settings: Settings, time_s: float) -> None:
        self._settings, self._time_s = settings, time_s
        self._pool: ProcessPoolExecutor | None = None

    def look(self, clip: Path, name: str) -> ProbeResult:
        try:
            return self._running().submit(_probe_clip, str(clip), name, self._settings).result(self._time_s)
        except BrokenProcessPool:
            self.stop()
            return ProbeResult(refused=f"{name}: is damaged and cannot be opened. Film the clip again.")
        except TooSlow:
            self.stop()
            return ProbeResult(refused=f"{name}: takes too long to open. Trim the clip, or film it again.")

    def warm(self) -> None:
        self._running().submit(int)

    def stop(self) -> None:
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
            self._pool = ProcessPoolExecutor(1, context, _init_process, (), max_tasks_per_child=_PROBES_PER_PROCESS)
        return self._pool


def _init_process() -> None:
    """In the process: end with the server, however that ends, and take no more memory than a clip needs."""
    import analyzer.clip.probe  # noqa: F401  # loaded before memory is limited

    threading.Thread(target=_end_with_parent, daemon=True).start()
    if sys.platform == "linux":
        import resource

        used = psutil.Process().memory_info().vms
        resource.setrlimit(resource.RLIMIT_AS, (used + _MEMORY_BYTES, resource.RLIM_INFINITY))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _probe_clip(path: str, name: str, settings: Settings) -> ProbeResult:
    from analyzer.clip.probe import open_clip
    from analyzer.errors import ClipError

    try:
        clip = open_clip(Path(path), settings)
    except ClipError as error:
        return ProbeResult(refused=f"{name}: {error.problem}. {error.advice}")
    except Exception:  # MemoryError too
        return ProbeResult(refused=f"{name}: is damaged and cannot be opened. Film the clip again.")
    return ProbeResult(ending=clip.container, sha256=clip.sha256)
