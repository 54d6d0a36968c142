"""The signals that stop a command: Ctrl-C and SIGTERM. Imports hardly anything: the command line loads it first."""

import signal

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def ignore_stop_signals() -> None:
    """Ignore them in a child process: they reach every process of a terminal or a service, and the parent ends it."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
