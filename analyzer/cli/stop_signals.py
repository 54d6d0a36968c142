"""Signals that stop a command, Ctrl-C and SIGTERM: it cleans up, prints one line and exits with 128 + the signal.

Imports hardly anything, because the handlers are installed before the rest of the command line is imported.
"""

import signal
import time
from types import FrameType

from analyzer.stop_signals import STOP_SIGNALS

STOPPED_LINE = "Stopped; nothing was left half-written."
_REPEAT_S = 1.0  # `timeout` sends the signal twice, to the process and to its group, within milliseconds; chosen

_first: signal.Signals | None = None  # the first signal that this process received
_received_s = 0.0  # when the last one was acted on


class StopSignalError(KeyboardInterrupt):
    """A signal asks the command to stop."""


class CommandStoppedError(Exception):
    """A command was stopped by a signal and has cleaned up; the text is the line to print.

    Not a KeyboardInterrupt, which Typer handles by itself.
    """

    def __init__(self, line: str = STOPPED_LINE) -> None:
        super().__init__(line)


def handle_stop_signals() -> None:
    """Raise StopSignalError on Ctrl-C and SIGTERM, except where the parent process chose to ignore them."""
    global _first
    _first = None
    for number in STOP_SIGNALS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _raise_stop)


def ignore_handled_signals() -> None:
    """Ignore them, where they were handled: the command is done, and only the interpreter is left to end."""
    for number in STOP_SIGNALS:
        if signal.getsignal(number) is _raise_stop:
            signal.signal(number, signal.SIG_IGN)


def get_stop_code() -> int | None:
    """Return the exit code of a command that received a stop signal; None if it received none."""
    return None if _first is None else 128 + _first


def _raise_stop(number: int, _frame: FrameType | None) -> None:
    """Raise once for signals that arrive together, so that a repeated one does not interrupt the clean-up."""
    global _first, _received_s
    now_s = time.monotonic()
    if _first is not None and now_s < _received_s + _REPEAT_S:
        return
    _first, _received_s = _first or signal.Signals(number), now_s
    raise StopSignalError
