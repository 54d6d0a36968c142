"""Exit codes of all commands, and how a command ends early."""

from enum import IntEnum
from typing import NoReturn

import typer


class ExitCode(IntEnum):
    """Exit codes of `analyzer`."""

    OK = 0
    FAILED = 1
    """A clip could not be analysed, or part of the installation is missing."""
    USAGE = 2
    """The command was called in a wrong way, or needs a package that is not installed."""
    INTERRUPTED = 130
    """Ctrl-C."""
    TERMINATED = 143
    """SIGTERM, which `timeout`, service managers and job schedulers send."""


def exit_usage_error(line: str) -> NoReturn:
    """Print one line on standard error and exit with code 2."""
    typer.echo(line, err=True)
    raise typer.Exit(ExitCode.USAGE)
