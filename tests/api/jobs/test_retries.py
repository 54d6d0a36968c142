"""Trying again while a store does not answer."""

import threading
import time

import pytest

from api.jobs import retries as patience
from api.jobs.retries import call_with_retries


def test_it_tries_again_until_it_works() -> None:
    answers = iter([OSError("away"), OSError("away"), "here"])

    def ask() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert call_with_retries(ask, threading.Event()) == "here"


def test_it_gives_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_GIVE_UP_S", 0.3)
    asked: list[None] = []

    def ask() -> None:
        asked.append(None)
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        call_with_retries(ask, threading.Event())
    assert len(asked) > 1


def test_it_does_not_hold_up_the_end() -> None:
    stopping = threading.Event()
    threading.Timer(0.3, stopping.set).start()

    def ask() -> None:
        raise OSError("away")

    began_s = time.monotonic()
    with pytest.raises(OSError, match="away"):
        call_with_retries(ask, stopping)
    assert time.monotonic() - began_s < 1
