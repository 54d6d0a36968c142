"""How soon an open request ends after its key or sign-in was revoked."""

import asyncio
from types import SimpleNamespace

import pytest

from api.access import open_requests
from api.access.open_requests import Credential, OpenRequest, OpenRequests
from tests.own_loop import in_a_loop


class Clock:
    """Stands for the modules `time` and `asyncio`: sleeping takes no time, and the clock goes on by it."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s

    async def sleep(self, time_s: float) -> None:
        self.now_s += time_s
        if self.now_s > 1060:
            raise asyncio.CancelledError

    async def to_thread(self, function, *arguments):
        return function(*arguments)


@pytest.mark.parametrize("revoked_s", [1000.0, 1000.9, 1003.5])
def test_a_request_ends_within_two_seconds_after_its_key_was_revoked(monkeypatch, revoked_s):
    clock, ended_s = Clock(), []
    monkeypatch.setattr(open_requests, "time", clock)
    monkeypatch.setattr(open_requests, "asyncio", clock)
    monkeypatch.setattr(open_requests, "find_revoked", lambda _, ids: ids if clock.now_s >= revoked_s else set())
    requests, task = OpenRequests(), SimpleNamespace(cancel=lambda: ended_s.append(clock.now_s))
    requests.add(OpenRequest(task, started_s=1000.0, credential=Credential("key", "key_1")))

    async def watch():
        with pytest.raises(asyncio.CancelledError):
            await requests.watch(database=None)

    in_a_loop(watch())
    assert len(ended_s) == 1
    assert ended_s[0] - revoked_s <= 2
