"""The retry policy of every batch: which outcomes of a child process are tried again, and which stop the machine."""

from collections.abc import Callable

from analyzer.analysis.subprocess_runner import JobOutcome

MAX_CHILD_STARTS = 2  # of one clip: a crash may have been an accident, a second one was not; chosen
DISK_FULL = "disk_full"
"""Code of an outcome: the disk was full."""

_MACHINE_ERROR_CODES = frozenset({DISK_FULL, "model"})


def run_with_retries(run_child: Callable[[], JobOutcome], should_stop: Callable[[], bool]) -> JobOutcome:
    """Run a child process, and run it again if it crashed.

    Parameters
    ----------
    run_child : runs the child once.
    should_stop : whether the batch or the worker is stopping: a crash is then not tried again.
    """
    outcome = run_child()
    for _ in range(1, MAX_CHILD_STARTS):
        if not is_crash(outcome) or should_stop():
            break
        outcome = run_child()
    return outcome


def is_crash(outcome: JobOutcome) -> bool:
    """Return whether the child process died without an error of its own."""
    return (outcome.kind, outcome.code) == ("died", "crash")


def is_machine_error(outcome: JobOutcome) -> bool:
    """Return whether the outcome is due to the machine, so that every other clip would fail there too."""
    return outcome.code in _MACHINE_ERROR_CODES
