"""Trying again while a store does not answer."""

import threading
import time

import pytest

from api.jobs import retries as patience
from api.jobs.retries import call_with_retries


def test_call_is_retried_until_it_succeeds() -> None:
    answers = iter([OSError("away"), OSError("away"), "here"])

    def ask() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert call_with_retries(ask, threading.Event()) == "here"


def test_retries_end_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_GIVE_UP_S", 0.3)
    calls: list[None] = []

    def ask() -> None:
        calls.append(None)
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        call_with_retries(ask, threading.Event())
    assert len(calls) > 1


def test_retries_end_when_the_worker_stops() -> None:
    stopping = threading.Event()
    threading.Timer(0.3, stopping.set).start()

    def ask() -> None:
        raise OSError("away")

    began_s = time.monotonic()
    with pytest.raises(OSError, match="away"):
        call_with_retries(ask, stopping)
    assert time.monotonic() - began_s < 60  # other errors are retried for three minutes
