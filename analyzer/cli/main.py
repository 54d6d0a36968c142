"""Entry point of the command line: one line instead of a traceback for an expected failure, Ctrl-C and SIGTERM.

Imports hardly anything, so that Ctrl-C gives one line while the commands are imported, too.
"""

import os
import sys
from contextlib import suppress
from typing import NoReturn

from analyzer.cli.stop_signals import (
    STOPPED_LINE,
    CommandStoppedError,
    get_stop_code,
    handle_stop_signals,
    ignore_handled_signals,
)


def main() -> None:
    """Run the command line: an expected failure prints one line on standard error, never a traceback."""
    try:
        handle_stop_signals()
        _open_standard_streams()
        _redirect_native_stderr()
        _run_app()
    except (Exception, KeyboardInterrupt) as error:
        code = get_stop_code()
        if code is None:
            raise
        # Whatever the error is: libraries replace the one of a signal by their own, such as ImportError.
        _stop(str(error) if isinstance(error, CommandStoppedError) else STOPPED_LINE, code)
    finally:
        ignore_handled_signals()


def _run_app() -> None:
    from analyzer.process_memory import configure_process

    configure_process()
    from analyzer.cli.app import app, describe_failure

    try:
        app()
    except Exception as error:
        failure = describe_failure(error) if get_stop_code() is None else None
        if failure is None:
            raise
        _stop(*failure)


def _open_standard_streams() -> None:
    """Open the null device in place of closed standard streams: no other file may take their numbers."""
    for stream in (0, 1, 2):
        try:
            os.fstat(stream)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free


def _redirect_native_stderr() -> None:
    """Keep the real standard error for Python, and discard what native libraries write to it."""
    errors = os.fdopen(os.dup(2), "w", buffering=1)
    null_device = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null_device, 2)
    os.close(null_device)
    sys.stderr = errors


def _stop(line: str, code: int) -> NoReturn:
    sys.unraisablehook = lambda _: None  # libraries that were stopped half-way may fail to clean up
    with suppress(OSError):  # nobody reads it any more
        sys.stderr.write(f"{line}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
