"""Looks at an uploaded clip in a process of its own: a file that kills the decoder takes no server with it."""

import multiprocessing
import resource
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from analyzer.settings import Settings
from api.problems import Problem

_TIME_S = 30.0  # reading the frame times of the largest clip takes a few seconds; chosen
_MEMORY_BYTES = 2 * 2**30  # address space beyond what is used at the start; one 4K frame takes 40 MB; chosen
_LOOKS = 500  # then a fresh process: what a decoder leaks ends with it; chosen


@dataclass(frozen=True)
class Facts:
    """What is known of a clip before it is analysed; `refused` says why it will not be."""

    refused: str | None = None
    ending: str = "mp4"
    duration_s: float | None = None
    sha256: str | None = None


class Prober:
    """Probes clips, one at a time, with limits of time and memory."""

    def __init__(self, settings: Settings, *, time_s: float = _TIME_S) -> None:
        self._settings, self._time_s = settings, time_s
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def look(self, clip: Path, name: str) -> Facts:
        """Facts of a clip; raises Problem 422 with the reason where it will not be analysed."""
        with self._lock:  # one process, so that two that fail at once are not taken for each other
            try:
                facts = self._running().submit(_look, str(clip), name, self._settings).result(self._time_s)
            except BrokenProcessPool:
                self._stop()
                facts = Facts(refused=f"{name}: is damaged and cannot be opened. Film the clip again.")
            except TooSlow:
                self._stop()
                facts = Facts(refused=f"{name}: takes too long to open. Trim the clip, or film it again.")
        if facts.refused is not None:
            raise Problem(422, "clip-refused", facts.refused)
        return facts

    def warm(self) -> None:
        """Start the process ahead of the first clip."""
        with self._lock:
            self._running().submit(int)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._stop()

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, context, _begin, (), max_tasks_per_child=_LOOKS)
        return self._pool

    def _stop(self) -> None:
        if self._pool is None:
            return
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()
        self._pool = None


def _begin() -> None:
    import analyzer.clip.probe  # noqa: F401

    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + _MEMORY_BYTES, resource.RLIM_INFINITY))


def _look(path: str, name: str, settings: Settings) -> Facts:
    from analyzer.clip.probe import open_clip
    from analyzer.errors import ClipError

    try:
        clip = open_clip(Path(path), settings)
    except ClipError as error:
        return Facts(refused=f"{name}: {error.what}. {error.do}")
    except (MemoryError, Exception):
        return Facts(refused=f"{name}: is damaged and cannot be opened. Film the clip again.")
    return Facts(ending=clip.container, duration_s=round(clip.duration_s, 3), sha256=clip.sha256)
