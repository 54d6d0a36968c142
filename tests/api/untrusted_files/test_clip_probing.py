"""A clip is looked at in a process that may die, hang or grow, and the service goes on."""

import sys
import threading
import time

import pytest

from analyzer.sandbox import check_confinement
from analyzer.settings import Settings
from api.responses.problem_details import Problem
from api.untrusted_files import clip_probing as probing
from api.untrusted_files.clip_probing import ClipProber
from tests.api.service import tiny_clip
from tests.api.untrusted_files.hostile_probes import (
    confine_and_describe,
    crash_probe,
    exhaust_memory,
    hang_probe,
    start_only,
    wait_for_file,
)

pytestmark = pytest.mark.server  # starts processes that work on clips


@pytest.fixture
def prober(tmp_path):
    clip_prober = ClipProber(Settings(), (tmp_path,), time_s=60)
    yield clip_prober
    clip_prober.close()


@pytest.mark.parametrize(
    ("harm", "says"),
    [(crash_probe, "is damaged"), (hang_probe, "takes too long"), (exhaust_memory, "too much memory")],
    ids=lambda one: "",
)
def test_clip_that_crashes_the_decoder_is_refused_and_the_next_is_probed(prober, monkeypatch, tmp_path, harm, says):
    clip = tiny_clip(tmp_path / "a.mp4")
    with monkeypatch.context() as harmed:
        harmed.setattr(probing, "_probe_clip", start_only)
        for process in prober._processes:  # the time does not allow for their start
            process.probe(clip, "a.mp4")
        harmed.setattr(probing, "_probe_clip", harm)
        for process in prober._processes if harm is hang_probe else ():
            harmed.setattr(process, "_time_s", 1.0)
        with pytest.raises(Problem, match=says) as refused:
            prober.probe(clip, "a.mp4")
    assert refused.value.status_code == 422
    assert prober.probe(clip, "a.mp4").ending == "mp4"


def test_refusal_has_the_reason_of_the_library(prober, tmp_path):
    (tmp_path / "x").write_bytes(b"hello")
    with pytest.raises(Problem, match=r"squat\.mp4: is a text file, not a video\. Send the clip"):
        prober.probe(tmp_path / "x", "squat.mp4")


def until_begun(path, looks):
    """Wait until so many looks at a file have begun."""
    until_s = time.monotonic() + 60
    while len(list(path.parent.glob(f"{path.name}.begun-*"))) < looks:
        assert time.monotonic() < until_s
        time.sleep(0.02)


def test_slow_probe_does_not_block_others(monkeypatch, tmp_path):
    prober = ClipProber(Settings(), (tmp_path,), time_s=30)
    try:
        clip = tiny_clip(tmp_path / "a.mp4")
        monkeypatch.setattr(probing, "_probe_clip", start_only)
        prober.probe(clip, "a.mp4")
        fifo = tmp_path / "slow"
        monkeypatch.setattr(probing, "_probe_clip", wait_for_file)
        waiting = threading.Thread(target=prober.probe, args=(fifo, "a.mp4"))
        waiting.start()
        until_begun(fifo, 1)
        monkeypatch.undo()
        assert prober.probe(clip, "a.mp4").ending == "mp4"
        assert waiting.is_alive()
        fifo.touch()
        waiting.join(20)
        assert not waiting.is_alive()
    finally:
        prober.close()


def test_busy_prober_answers_503(monkeypatch, tmp_path):
    prober = ClipProber(Settings(), (tmp_path,), time_s=30, wait_s=0.2)
    monkeypatch.setattr(probing, "_probe_clip", wait_for_file)
    slow = [threading.Thread(target=prober.probe, args=(tmp_path / "slow", "a.mp4")) for _ in range(2)]
    try:
        for each in slow:
            each.start()
        until_begun(tmp_path / "slow", 2)
        with pytest.raises(Problem) as error:
            prober.probe(tmp_path / "slow", "b.mp4")
        assert error.value.status_code == 503
        assert error.value.headers["Retry-After"]
    finally:
        (tmp_path / "slow").touch()
        for each in slow:
            each.join(20)
        prober.close()


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are parts of Linux")
def test_the_decoder_is_confined_with_all_its_threads_and_is_not_root(prober, monkeypatch, tmp_path):
    monkeypatch.setattr(probing, "_probe_clip", confine_and_describe)
    is_root = not check_confinement().is_unprivileged
    assert prober.probe(tmp_path / "a", "a.mp4").sha256 == f"1 thread, account of root: {is_root}"


def test_the_decoder_reads_only_the_folders_of_uploads(prober, tmp_path, tmp_path_factory):
    clip = tiny_clip(tmp_path / "a.mp4")
    stored = tiny_clip(tmp_path_factory.mktemp("stored") / "b.mp4")
    assert prober.probe(clip, "a.mp4").ending == "mp4"
    if check_confinement().has_limited_files:
        with pytest.raises(Problem):
            prober.probe(stored, "b.mp4")
