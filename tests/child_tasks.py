"""Tasks that child processes of the tests run instead of an analysis; the child imports them by name."""

import ctypes
import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.analysis.subprocess_runner import ClipJob
from analyzer.atomic_files import atomic_folder
from analyzer.errors import ClipError
from analyzer.progress import ProgressCallback


def threads_and_modules(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Return the threads, loaded modules, niceness and id of the child."""
    import sys

    return {
        "threads": len(os.listdir("/proc/self/task")),
        "warm": [
            name in sys.modules
            for name in ("mediapipe", "cv2", "scipy.signal", "pandas", "analyzer.analysis.track_analysis")
        ],
        "nice": os.nice(0),
        "pid": os.getpid(),
    }


def count_to_ten_thousand(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Report progress ten thousand times."""
    for done in range(10_001):
        progress("counting", done, 10_000)
    progress("writing the report", 0, 1)
    return {}


def print_noise(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Write to both native output streams."""
    ctypes.CDLL(None).puts(b"native words on standard output")
    os.write(2, b"native words on standard error\n")
    return {}


def write_folder_then(end: str, job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Begin a result folder as an analysis does, report progress, and end in this way."""
    with atomic_folder(job.folder, ["result"]) as temporary:
        (temporary / "result").write_bytes(b"x" * 100_000)
        progress("writing", 0, 1)
        if end == "sleep":
            time.sleep(60)
        elif end == "segv":
            ctypes.string_at(0)
        elif end == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif end == "exit":
            os._exit(3)
        elif end == "memory":
            held = np.ones(600 * 2**20, dtype=np.uint8)
            time.sleep(60)
            held[0] = 2
        elif end == "refuse":
            raise ClipError(job.clip.name, "too dark", "Turn on a light")
        elif end == "error":
            raise RuntimeError("a bug\nof two lines")
    return {"written": Path(job.folder, "result").stat().st_size}


def sleep(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Write half a folder, then sleep."""
    return write_folder_then("sleep", job, progress)


def crash_with_segv(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Write half a folder, then crash."""
    return write_folder_then("segv", job, progress)


def kill(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Write half a folder, then kill the process."""
    return write_folder_then("kill", job, progress)


def exit_process(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Write half a folder, then exit without an answer."""
    return write_folder_then("exit", job, progress)


def memory(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Write half a folder, then allocate too much memory."""
    return write_folder_then("memory", job, progress)


def refuse_clip(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Write half a folder, then refuse the clip."""
    return write_folder_then("refuse", job, progress)


def error(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Write half a folder, then raise an unexpected error."""
    return write_folder_then("error", job, progress)


def succeed(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Write a complete folder."""
    return write_folder_then("fine", job, progress)
