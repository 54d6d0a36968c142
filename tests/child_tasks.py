"""Tasks that child processes of the tests run instead of an analysis; the child imports them by name."""

import ctypes
import errno
import fcntl
import json
import os
import platform
import resource
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.analysis.subprocess_runner import ClipJob
from analyzer.atomic_files import atomic_folder
from analyzer.errors import ClipError
from analyzer.progress import ProgressCallback
from analyzer.sandbox import confine_process
from tests.threads import count_threads_after_joining


def threads_and_modules(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Return the threads, loaded modules, niceness and id of the child."""
    import sys

    return {
        "threads": len(os.listdir("/proc/self/task")),
        "warm": [
            name in sys.modules for name in ("mediapipe", "cv2", "scipy.interpolate", "pandas", "matplotlib.figure")
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


def fill_the_disk(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Meet a full disk while the result is written, in a process that can reach no other folder."""
    confine_process([], [job.folder])
    with atomic_folder(job.folder, ["result"]) as temporary:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(temporary / "result"))


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


def analyse_a_clip_that_takes_over(victims: dict[str, str], job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Analyse a clip whose decoding runs code of the clip: what it can do becomes the error's text, as JSON."""
    from analyzer.analysis import outputs
    from analyzer.analysis.subprocess_runner import analyze_job

    thread = _EarlierThread()

    def take_over(*_: object) -> None:
        """Try everything that the clip must not be able to do."""
        raise ClipError(job.clip.name, json.dumps(_attack(victims, job, thread)), "")

    outputs.run_clip = take_over  # type: ignore[assignment]
    return analyze_job(job, progress)


def count_threads_when_confined(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """Analyse a clip that is refused; the threads that run when the process is confined become the error's text."""
    from analyzer.analysis import subprocess_runner

    before: list[int] = []

    def confine(*_: object) -> None:
        before.append(count_threads_after_joining())

    subprocess_runner.confine_process = confine  # type: ignore[assignment]
    try:
        subprocess_runner.analyze_job(job, progress)
    except ClipError:
        return {"when confined": before, "afterwards": len(os.listdir("/proc/self/task"))}
    raise AssertionError("the clip was not refused")


def _queue_signal(pid: int) -> None:
    """Send signal 0, which only checks the right to send one."""
    libc = ctypes.CDLL(None, use_errno=True)
    about = (ctypes.c_int * 32)(0, 0, -1)  # siginfo_t with SI_QUEUE
    number = {"x86_64": 129}.get(platform.machine(), 138)
    if libc.syscall(number, pid, 0, about) != 0:
        raise OSError(ctypes.get_errno(), "rt_sigqueueinfo")


class _EarlierThread:
    """A thread that runs before the process is confined, as the one does that watches the parent."""

    def __init__(self) -> None:
        self._go = threading.Event()
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._open_socket, daemon=True)
        self._thread.start()

    def _open_socket(self) -> None:
        self._go.wait()
        try:
            socket.socket().close()
        except OSError as error:
            self._error = error

    def attack(self) -> None:
        """Open a socket in the thread; raise its error."""
        self._go.set()
        self._thread.join()
        if self._error is not None:
            raise self._error


def _attack(victims: dict[str, str], job: ClipJob, thread: _EarlierThread) -> dict[str, str]:
    def connect(family: socket.AddressFamily, address: Any) -> None:
        with socket.socket(family, socket.SOCK_STREAM) as opened:
            opened.connect(address)

    tries: dict[str, Callable[[], object]] = {
        "network": lambda: connect(socket.AF_INET, ("127.0.0.1", int(victims["port"]))),
        "network in an earlier thread": thread.attack,
        "socket of a service": lambda: connect(socket.AF_UNIX, victims["socket"]),
        "another clip": lambda: Path(victims["other_clip"]).read_bytes(),
        "list the clips": lambda: os.listdir(Path(victims["other_clip"]).parent),
        "the database": lambda: os.truncate(victims["database"], 0),
        "write beside the results": lambda: (job.folder.parent / "planted").write_text("x"),
        "change the clip": lambda: job.clip.write_bytes(b""),
        "change a library": lambda: Path(np.__file__).open("ab").close(),
        "variables of the parent": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
        "variables at the start": lambda: Path("/proc/self/environ").read_bytes(),
        "a link to the database": lambda: os.symlink(victims["database"], job.folder / "angles.csv"),
        "the account of root": lambda: os.seteuid(0),
        "times of a library": lambda: os.utime(np.__file__),
        "own variables": lambda: os.environ["ANALYZER_DATABASE_URL"],
        "a program": lambda: os.execv("/bin/true", ["true"]),
        "a program as a child": lambda: subprocess.run(["/bin/true"], check=True),
        "stop the parent": lambda: os.kill(os.getppid(), 0),
        "queue a signal for the parent": lambda: _queue_signal(os.getppid()),
        "limit the parent": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU),
        "let the kernel signal the parent": lambda: fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, os.getppid()),
        "the clip itself": job.clip.read_bytes,
        "the results": lambda: (job.folder / "result").write_text("x"),
    }
    results = {}
    for name, attempt in tries.items():
        try:
            attempt()
            results[name] = "done"
        except (OSError, KeyError, subprocess.SubprocessError) as error:
            results[name] = type(error).__name__
    return results
