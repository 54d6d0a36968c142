"""Ctrl-C and SIGTERM: one line, exit code 128 + the signal, from the first moment of a command."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzer.cli import stop_signals
from analyzer.cli.stop_signals import StopSignalError, get_stop_code, handle_stop_signals, ignore_handled_signals

ROOT = Path(__file__).resolve().parents[2]
SIGNALS = [signal.SIGINT, signal.SIGTERM]

WHILE_IMPORTING = """
import signal, sys

class SignalOnImport:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            try:
                signal.raise_signal({signal})
            except KeyboardInterrupt as error:
                {reaction}

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, SignalOnImport())
from analyzer.cli.main import main
sys.argv = ["analyzer", "--version"]
main()
"""
"""Start `analyzer` and send it a signal while its commands are imported."""


@pytest.fixture
def handlers() -> Iterator[None]:
    """Restore the handlers after the test; it begins with those of a new Python process."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    "reaction", ["raise", "raise ImportError('replaced by a library') from None", "raise OSError('no such file')"]
)
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_the_commands_are_imported_gives_one_line(number: signal.Signals, reaction: str):
    program = WHILE_IMPORTING.format(signal=int(number), reaction=reaction)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stdout) == (128 + number, "")
    assert done.stderr == "Stopped; nothing was left half-written.\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_sent_twice_is_raised_once(handlers: None, number: signal.Signals, code: int):
    handle_stop_signals()
    assert get_stop_code() is None
    with pytest.raises(StopSignalError):
        signal.raise_signal(number)
    signal.raise_signal(number)  # as `timeout` does
    assert get_stop_code() == code


def test_a_later_signal_is_raised_again_and_the_code_is_that_of_the_first(
    handlers: None, monkeypatch: pytest.MonkeyPatch
):
    handle_stop_signals()
    for now_s in (100.0, 102.0):
        monkeypatch.setattr(stop_signals.time, "monotonic", lambda now_s=now_s: now_s)
        with pytest.raises(StopSignalError):
            signal.raise_signal(signal.SIGTERM if now_s == 100.0 else signal.SIGINT)
    assert get_stop_code() == 143


def test_signals_that_the_parent_process_ignores_stay_ignored(handlers: None):
    """As `nohup` and shells do for commands in the background."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    handle_stop_signals()
    for number in SIGNALS:
        signal.raise_signal(number)
        assert signal.getsignal(number) is signal.SIG_IGN


def test_handlers_of_the_service_are_not_replaced_at_the_end(handlers: None):
    handle_stop_signals()

    def own(*_: object) -> None:
        """Handle a signal as the server does."""

    signal.signal(signal.SIGTERM, own)
    ignore_handled_signals()
    assert signal.getsignal(signal.SIGTERM) is own and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
