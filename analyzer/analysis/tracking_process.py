"""Track a clip in a child process, while this one loads the libraries of the later steps.

Loading them in the same process would hold up the tracking. The child is a fork of a process that has loaded only what
both need: it starts at once, shares that memory, and no threads are lost. While this process measures, the child loads
the library that draws the chart.
"""

import gc
import multiprocessing
import os
import pickle
import signal
import sys
import traceback
from collections import deque
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from analyzer.analysis.child_process import (
    describe_crash,
    exit_immediately,
    make_progress_sender,
    silence_terminal,
)
from analyzer.analysis.later_steps import CHART, LOAD_PANDAS, MEASURING, MOVEMENTS, REPORTING, load
from analyzer.errors import AnalyzerError
from analyzer.parent_watcher import ParentWatcher
from analyzer.pose.model_store import is_model_stored
from analyzer.process_memory import release_memory
from analyzer.progress import ProgressCallback
from analyzer.request import AnalysisRequest
from analyzer.settings import POSE_MODELS, Settings
from analyzer.stop_signals import STOP_SIGNALS, ignore_stop_signals

if TYPE_CHECKING:
    from analyzer.clip.probe import Clip
    from analyzer.report.charts.chart import Chart, ChartData
    from analyzer.results.track_store import TrackedClip

_LIBRARIES_WITH_THREADS = ("av", "cv2", "mediapipe", "pyarrow")
_FIRST_STEPS = (LOAD_PANDAS, *MEASURING, MOVEMENTS, "analyzer.process_memory:release_memory")
_EXIT_TIMEOUT_S = 5  # longest wait for the end of a killed child; chosen


def can_track_in_child(request: AnalysisRequest, settings: Settings) -> bool:
    """Return whether a child process can be forked safely now, and finds the pose model.

    Loads NumPy, PyAV and OpenCV, which both processes need: they start no threads after `configure_process`. A model is
    fetched in this process, which removes an unfinished file after Ctrl-C.
    """
    if sys.platform != "linux" or any(name in sys.modules for name in _LIBRARIES_WITH_THREADS):
        return False
    if not all(is_model_stored(name, settings) for name in POSE_MODELS[request.model]):
        return False
    import_module("analyzer.analysis.pipeline")
    with suppress(OSError):
        return len(os.listdir("/proc/self/task")) == 1  # also counts the threads of libraries
    return False


class TrackingProcess:
    """A child process that opens and tracks one clip, then draws its chart.

    It ends with the block, and when this process ends.

    Parameters
    ----------
    clip, request, settings : as in `outputs.run_clip`.
    """

    def __init__(self, clip: Path, request: AnalysisRequest, settings: Settings) -> None:
        self._clip, self._request, self._settings = clip, request, settings
        self._steps = deque(_FIRST_STEPS)

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("fork")
        self._pipe, child_end = context.Pipe()
        arguments = (self._clip, self._request, self._settings, child_end, self._pipe)
        self._child = context.Process(target=_run_child, args=arguments, daemon=True)
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)  # until the child ignores them
        gc.freeze()  # a collection would write to all objects, and so copy the memory that both processes share
        try:
            self._child.start()
        finally:
            child_end.close()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.kill()
        self._child.join(_EXIT_TIMEOUT_S)
        self._pipe.close()

    def track(self, progress: ProgressCallback) -> "tuple[Clip, TrackedClip]":
        """Return the opened clip and its track; meanwhile, load what the later steps need.

        Parameters
        ----------
        progress : called as by `tracking.track_clip`.

        Raises
        ------
        ClipError : the clip cannot be opened, shows no person, or crashes its decoder.
        ModelError : the pose model cannot be loaded.
        UnknownMovementError : no movement has the requested name.
        """
        clip = self._receive(progress)
        if self._request.movement != "auto":
            from analyzer.movements.registry import get_movement  # late: loads SciPy

            get_movement(self._request.movement)
        return clip, self._receive(progress)

    def draw_chart(self, data: "ChartData") -> "Chart":
        """Draw a chart in the child, once, after `track`; in this process if the child is gone."""
        with suppress(EOFError, OSError):
            self._pipe.send(data)
            answer: Chart | None = self._pipe.recv()
            if answer is not None:
                return answer
        from analyzer.report.charts.chart import draw_chart  # late: as in the child

        return draw_chart(data)

    def _receive(self, progress: ProgressCallback) -> Any:
        """Return the next answer; meanwhile load later steps, whose errors are left to the step itself."""
        while True:
            while not self._pipe.poll() and self._steps:
                with suppress(Exception):
                    load(self._steps.popleft())
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                self._child.join(_EXIT_TIMEOUT_S)
                raise describe_crash(self._clip.name, self._child.exitcode) from None
            if isinstance(message, Exception):
                raise message
            if not isinstance(message, tuple):
                return message
            progress(*message)
            stage, done, total = message
            if stage == "tracking" and done == total:
                self._steps.extend(REPORTING)


def _run_child(
    path: Path, request: AnalysisRequest, settings: Settings, pipe: Connection, end_of_parent: Connection
) -> None:
    end_of_parent.close()
    ignore_stop_signals()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    silence_terminal()
    watcher = ParentWatcher(pipe)
    watcher.start()  # the parent sends nothing while it tracks: the pipe is ready when its end is closed
    with suppress(OSError):
        try:
            _track(path, request, settings, pipe)
            watcher.stop()
        except Exception as error:
            answer = _make_sendable(error)
            if not isinstance(answer, AnalyzerError | OSError | ImportError):
                answer.add_note(traceback.format_exc())
            pipe.send(answer)
        else:
            _draw_chart(pipe)
    exit_immediately()


def _make_sendable(error: Exception) -> Exception:
    """Return the error, or one with its name and text if it cannot be sent to another process."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _track(path: Path, request: AnalysisRequest, settings: Settings, pipe: Connection) -> None:
    """Send the opened clip, progress and the track. The parent checks the movement, which takes more libraries."""
    from analyzer.clip.probe import open_clip

    clip = open_clip(path, settings)
    pipe.send(clip)
    from analyzer.analysis.tracking import track_clip  # late: loads MediaPipe

    request = replace(request, movement="auto")
    pipe.send(track_clip(clip, request, settings, make_progress_sender(pipe), is_core_busy=True))


def _draw_chart(pipe: Connection) -> None:
    """Answer one request for a chart; None where it fails, so that the parent meets the error."""
    gc.collect()  # what tracked the clip, 30 MB of it in cycles
    release_memory()
    with suppress(EOFError):
        chart = None
        with suppress(Exception):
            load(CHART)
        data: ChartData = pipe.recv()
        with suppress(Exception):
            from analyzer.report.charts.chart import draw_chart  # late: the clip is tracked without it

            chart = draw_chart(data)
        pipe.send(chart)
