"""A pool of workers that is interrupted while its threads start."""

import threading
from pathlib import Path

import pytest

from analyzer.batch import worker_pool
from analyzer.batch.clip_job import ClipTask
from analyzer.batch.result_key import compute_result_key
from analyzer.batch.scan import FoundClip
from analyzer.batch.worker_pool import run_pool
from analyzer.request import AnalysisRequest
from analyzer.settings import Settings


def test_an_interrupt_while_threads_start_stops_those_that_run(monkeypatch: pytest.MonkeyPatch):
    first_has_begun = threading.Event()

    class InterruptedSecondThread(threading.Thread):
        """A thread; Ctrl-C arrives when the second one is started, while the first one is at work."""

        started_count = 0

        def start(self) -> None:
            type(self).started_count += 1
            if self.started_count == 2:
                assert first_has_begun.wait(30)
                raise KeyboardInterrupt
            super().start()

    monkeypatch.setattr(worker_pool.threading, "Thread", InterruptedSecondThread)
    key = compute_result_key(AnalysisRequest(), Settings(), video=False, blur_faces=False)
    tasks = [ClipTask(FoundClip(f"{n}.mp4", Path(f"{n}.mp4"), (n, n, n)), key) for n in range(3)]
    stop, done = threading.Event(), list[str]()

    def do(task: ClipTask, _worker: int) -> None:
        first_has_begun.set()
        stop.wait(30)
        done.append(task.clip.file)

    with pytest.raises(KeyboardInterrupt):
        run_pool(tasks, 2, do, stop)
    assert done == ["0.mp4"], "the one that had begun"
    assert stop.is_set()
