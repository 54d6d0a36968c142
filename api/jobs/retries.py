"""Waiting out a database or a store that does not answer for a while."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

ResultT = TypeVar("ResultT")

_FIRST_WAIT_S, _MAX_WAIT_S = 0.2, 10.0  # waits between two tries; chosen
_GIVE_UP_S = 180.0  # a network that is away for longer ends the job, and the sweep gives it again; chosen

log = logging.getLogger("api.jobs")


def call_with_retries(
    what: Callable[[], ResultT], stopping: threading.Event, final: tuple[type[Exception], ...] = ()
) -> ResultT:
    """What it returns, tried again for some minutes while it raises anything but what is `final`."""
    began_s, wait_s = time.monotonic(), _FIRST_WAIT_S
    while True:
        try:
            return what()
        except final:
            raise
        except Exception as error:
            if stopping.is_set() or time.monotonic() - began_s > _GIVE_UP_S:
                raise
            log.warning("trying again in %.1f s: %s", wait_s, error)
            stopping.wait(wait_s)
            wait_s = min(_MAX_WAIT_S, wait_s * 2)
