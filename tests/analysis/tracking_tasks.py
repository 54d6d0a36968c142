"""What the child process of `analyzer run` does in some tests instead of tracking; it never returns.

    python -m tests.analysis.tracking_tasks TASK ARGUMENT ...

runs `analyzer` with these arguments. The id of the child is written into the file that the variable CHILD_ID names.
"""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analyzer.analysis import tracking_process


class _NumberedError(Exception):
    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.number = number


def _announce() -> None:
    part = Path(f"{os.environ['CHILD_ID']}.part")
    part.write_text(str(os.getpid()))
    part.rename(os.environ["CHILD_ID"])


def crash(*_: Any) -> None:
    """Crash as a decoder may."""
    ctypes.string_at(0)


def be_killed(*_: Any) -> None:
    """End as the system ends a process when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail(*_: Any) -> None:
    """Meet an unexpected error."""
    raise RuntimeError("a bug")


def fail_to_unpickle(*_: Any) -> None:
    """Meet an error that can be pickled, but not unpickled."""
    raise _NumberedError(1, "odd")


def fail_to_pickle(*_: Any) -> None:
    """Meet an error that cannot be pickled."""
    raise RuntimeError("locked", threading.Lock())


def open_and_wait(path: Path, _request: Any, settings: Any, pipe: Any) -> None:
    """Open the clip, then take forever."""
    from analyzer.clip.probe import open_clip

    pipe.send(open_clip(path, settings))
    pipe.send(("tracking", 1, 100))
    _announce()
    threading.Event().wait()


def wait(*_: Any) -> None:
    """Take forever to open the clip."""
    _announce()
    threading.Event().wait()


_ALL = (crash, be_killed, fail, fail_to_pickle, fail_to_unpickle, open_and_wait, wait)
TASKS: dict[str, Callable[..., None]] = {task.__name__: task for task in _ALL}

if __name__ == "__main__":
    from analyzer.cli.main import main

    tracking_process._track = TASKS[sys.argv[1]]
    sys.argv[:] = ["analyzer", *sys.argv[2:]]
    main()
