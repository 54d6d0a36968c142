"""What a child process that reads a clip and its parent have in common: progress, quiet output, errors of a crash."""

import contextlib
import os
import signal
import threading
import time
from multiprocessing.connection import Connection
from typing import NoReturn

from analyzer.errors import ClipError
from analyzer.progress import ProgressCallback, ProgressStage

_PROGRESS_INTERVAL_S = 0.1  # shortest time between two progress reports of one stage; chosen


def describe_crash(name: str, exitcode: int | None) -> ClipError:
    """Return the error of a clip whose process ended without an answer.

    Parameters
    ----------
    name : file name of the clip.
    exitcode : of the process; minus the number of the signal that ended it.
    """
    why = "the analysis ended without an error message"
    if exitcode is not None and exitcode < 0:
        why = f"reading it crashed the program (signal {-exitcode})"
        with contextlib.suppress(ValueError):
            why = f"reading it crashed the program ({signal.Signals(-exitcode).name})"
        if why.endswith("(SIGKILL)"):
            why = "the system stopped the analysis, most often because memory ran out"
    return ClipError(name, why, "Export the clip again as H.264 MP4, or film it again.")


def exit_immediately() -> NoReturn:
    """Exit at once: there is nothing to flush, and the libraries take long to clean up."""
    os._exit(0)


def silence_terminal() -> None:
    """Discard what native libraries write to the terminal; results go through the pipe."""
    null_device = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(null_device, stream)
    os.close(null_device)


def make_progress_sender(pipe: Connection) -> ProgressCallback:
    """Return a callback that sends progress: the first and last report of a stage, and some between."""
    lock = threading.Lock()
    last: tuple[str, float] = ("", 0.0)

    def progress(stage: ProgressStage, done: int, total: int) -> None:
        nonlocal last
        with lock:
            now_s = time.monotonic()
            if stage == last[0] and done < total and now_s < last[1] + _PROGRESS_INTERVAL_S:
                return
            last = (stage, now_s)
            with contextlib.suppress(OSError):
                pipe.send((stage, done, total))

    return progress
