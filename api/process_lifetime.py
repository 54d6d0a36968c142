"""End a child process when its parent is gone, however the parent ended."""

import os
import signal
import threading
import time
from collections.abc import Callable


def exit_after(wait_for_parent: Callable[[], object], *, grace_s: float = 0.0) -> None:
    """End this process as soon as its parent is gone; returns at once and watches in a thread.

    Parameters
    ----------
    wait_for_parent : returns when the parent process has ended.
    grace_s : time that this process has to end by itself after SIGTERM; 0 ends it without a signal.
    """

    def watch() -> None:
        """Wait for the end of the parent, then end this process."""
        wait_for_parent()
        if grace_s:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(grace_s)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
