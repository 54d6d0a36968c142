import threading
import time

import pytest

from api.jobs.prompt_queue import JobStoreBusyError, PromptJobQueue
from tests.api.service import RecordingJobQueue, Service, tiny_clip


class LockedJobQueue(RecordingJobQueue):
    """A job queue that answers no call before it is unlocked."""

    def __init__(self):
        super().__init__()
        self.unlocked = threading.Event()

    def submit(self, analysis_id, priority):
        assert self.unlocked.wait(60)
        super().submit(analysis_id, priority)

    def cancel(self, analysis_id):
        assert self.unlocked.wait(60)
        super().cancel(analysis_id)


@pytest.fixture
def locked():
    jobs = LockedJobQueue()
    yield jobs
    jobs.unlocked.set()


def test_calls_and_errors_reach_the_caller():
    jobs = RecordingJobQueue(broken=True)
    prompt = PromptJobQueue(jobs)
    prompt.submit("ana_1", 2)
    prompt.submit_remeasure("ana_1", 3)
    prompt.forget("ana_1")
    assert jobs.calls == [("submit", "ana_1", 2), ("remeasure", "ana_1", 3), ("forget", "ana_1")]
    with pytest.raises(ConnectionError):
        prompt.cancel("ana_1")


def test_a_locked_job_store_is_waited_for_once_and_used_again_afterwards(locked):
    prompt = PromptJobQueue(locked, wait_s=0.1)
    with pytest.raises(JobStoreBusyError):
        prompt.submit("ana_1", 1)
    began_s = time.monotonic()
    for number in range(200):
        with pytest.raises(JobStoreBusyError):
            prompt.submit(f"ana_{number}", 1)
    assert time.monotonic() - began_s < 5
    prompt._wait_s = 30  # of an unlocked store that a busy machine keeps from answering at once
    locked.unlocked.set()
    until_s = time.monotonic() + 60
    while True:
        try:
            prompt.submit("ana_2", 1)
            break
        except JobStoreBusyError:
            assert time.monotonic() < until_s
    assert [call[1] for call in locked.calls] == ["ana_1", "ana_2"]


def test_a_clip_is_accepted_while_the_job_store_is_locked(tmp_path, locked):
    service = Service(tmp_path / "data")
    object.__setattr__(service.services, "jobs", PromptJobQueue(locked, wait_s=0.2))
    clip = tiny_clip(tmp_path / "squat.mp4").read_bytes()
    with service.client(service.key("ann")) as ann:
        began_s = time.monotonic()
        answer = ann.post("/v1/analyses", files={"clip": ("squat.mp4", clip)})
        assert answer.status_code == 202, answer.text
        assert ann.get(answer.headers["location"]).json()["status"] == "queued"
        assert ann.delete(answer.headers["location"]).status_code == 204
        assert time.monotonic() - began_s < 30
