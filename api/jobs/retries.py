"""Retry calls of the database and the file store with exponential backoff."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

ResultT = TypeVar("ResultT")

_FIRST_WAIT_S, _MAX_WAIT_S = 0.2, 10.0  # between two tries; chosen
_GIVE_UP_S = 180.0  # after a longer failure the job ends, and the recovery submits it again; chosen

log = logging.getLogger("api.jobs")


def call_with_retries(
    function: Callable[[], ResultT], stopping: threading.Event, final: tuple[type[Exception], ...] = ()
) -> ResultT:
    """Call a function, retrying for some minutes while it raises an exception.

    Parameters
    ----------
    stopping : set when the worker stops; then the next exception is raised.
    final : exceptions that are raised at once.
    """
    began_s, wait_s = time.monotonic(), _FIRST_WAIT_S
    while True:
        try:
            return function()
        except final:
            raise
        except Exception as error:
            if stopping.is_set() or time.monotonic() - began_s > _GIVE_UP_S:
                raise
            reason = (
                error.strerror if isinstance(error, OSError) else error
            )  # the text of an OSError has the file's name
            log.warning("retrying in %.1f s: %s", wait_s, reason)
            stopping.wait(wait_s)
            wait_s = min(_MAX_WAIT_S, wait_s * 2)
