"""Run the command line in this process: the program's own `main`, without the seconds that a new interpreter takes."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer import process_memory
from analyzer.cli import main as cli

RunCommand = Callable[..., "subprocess.CompletedProcess[str]"]


def make_runner(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunCommand:
    """Return a function that runs a command line, in a folder if one is given, and returns what a shell would see.

    Set-up of a whole process (its standard error, its allocator) is left out.
    """
    monkeypatch.setattr(cli, "_redirect_native_stderr", lambda: None)
    monkeypatch.setattr(process_memory, "configure_process", lambda: None)

    def run(*arguments: object, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        given = [str(argument) for argument in arguments]
        with monkeypatch.context() as changed:
            changed.setattr(sys, "argv", ["analyzer", *given])
            if cwd is not None:
                changed.chdir(cwd)
            capsys.readouterr()
            stopped_by = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
            try:
                with pytest.raises(SystemExit) as ended:
                    cli.main()
            finally:
                for number, handler in stopped_by.items():
                    signal.signal(number, handler)
        output = capsys.readouterr()
        code = ended.value.code
        return subprocess.CompletedProcess(given, code if isinstance(code, int) else 0, output.out, output.err)

    return run
