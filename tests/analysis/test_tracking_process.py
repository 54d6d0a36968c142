"""`analyzer run` tracks in a child process: the same result, the same errors, and no process stays behind."""

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from analyzer.analysis.outputs import OutputOptions, run_clip
from analyzer.clip.h264_writer import VideoWriter
from analyzer.errors import ClipError
from analyzer.pose.model_store import ModelFile
from analyzer.request import AnalysisRequest
from analyzer.settings import Settings
from tests.cut_clips import cut_piece

pytestmark = pytest.mark.server  # starts processes that work on clips

ROOT = Path(__file__).resolve().parents[2]
STOPPED = "Stopped; nothing was left half-written."
Start = Callable[..., "tuple[subprocess.Popen[str], psutil.Process]"]


@pytest.fixture(scope="module")
def clip(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cut_piece(samples / "hinge_neutral.mp4", tmp_path_factory.mktemp("clip") / "lift.mp4", 1.2)


def run_task(task: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run `analyzer` whose child does this task."""
    command = [sys.executable, "-m", "tests.analysis.tracking_tasks", task, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=120)


def run_program(program: str, *arguments: object) -> str:
    """Return what a Python program prints."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True, timeout=120).stdout


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Yield a function that starts `analyzer` in a process group of its own and waits until its child does a task."""
    started: list[psutil.Process] = []

    def start_task(task: str, *arguments: object) -> "tuple[subprocess.Popen[str], psutil.Process]":
        child_id = tmp_path / "child"
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.analysis.tracking_tasks", task, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "CHILD_ID": str(child_id)},
            start_new_session=True,
        )
        give_up = time.monotonic() + 60
        while not child_id.exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < give_up
            time.sleep(0.01)
        started.extend([psutil.Process(process.pid), psutil.Process(int(child_id.read_text()))])
        return process, started[-1]

    yield start_task
    for process in started:
        if process.is_running():
            process.kill()


def test_the_result_is_that_of_one_process(clip: Path, tmp_path: Path, pose_model: ModelFile) -> None:
    options = ("--movement", "hinge", "--no-video")
    subprocess.run(
        [sys.executable, "-m", "analyzer", "run", clip, "--out", tmp_path / "two", *options], cwd=ROOT, check=True
    )
    request = AnalysisRequest("hinge")
    run_clip(clip, request, Settings(), tmp_path / "one", OutputOptions(video=False), lambda *_: None)
    files = [{path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two")]
    assert files[0].keys() == files[1].keys()
    assert [name for name in files[0] if files[0][name] != files[1][name]] == []


def test_progress_arrives_and_the_pose_library_is_loaded_in_the_child_only(clip: Path, pose_model: ModelFile) -> None:
    program = (
        "import json, sys; from pathlib import Path; from analyzer.request import AnalysisRequest;"
        "from analyzer.analysis.tracking_process import TrackingProcess, can_track_in_child;"
        "from analyzer.settings import Settings; from analyzer.process_memory import configure_process;"
        "configure_process(); given = AnalysisRequest(), Settings(); assert can_track_in_child(*given); reports = []\n"
        "with TrackingProcess(Path(sys.argv[1]), *given) as process:\n"
        "    process.track(lambda *report: reports.append(report))\n"
        "print(json.dumps([reports, 'mediapipe' in sys.modules, 'analyzer.analysis.track_analysis' in sys.modules]))"
    )
    reports, has_mediapipe, is_ready_to_measure = json.loads(run_program(program, clip))
    stages = list(dict.fromkeys(stage for stage, _, _ in reports))
    assert stages == ["finding the person", "tracking"]
    assert [stage for stage, done, total in reports if done == total] == stages
    assert (has_mediapipe, is_ready_to_measure) == (False, True)


TRACK = (
    "import sys; from pathlib import Path; from analyzer.request import AnalysisRequest;"
    "from analyzer.analysis.tracking_process import TrackingProcess, can_track_in_child;"
    "from analyzer.settings import Settings; from analyzer.process_memory import configure_process;"
    "configure_process(); given = AnalysisRequest(), Settings(); assert can_track_in_child(*given)\n"
    "with TrackingProcess(Path(sys.argv[1]), *given) as process:\n"
    "    process.track(lambda *_: None)\n"
)


def test_the_child_draws_the_chart_and_this_process_does_it_if_the_child_is_gone(clip: Path, pose_model: ModelFile):
    program = TRACK + (
        "    import numpy as np; from analyzer.report.charts.chart import ChartData\n"
        "    from analyzer.report.charts.event_bands import EventBands\n"
        "    angle = 'trunk_inclination_deg'\n"
        "    series = {name: np.arange(30.0) for name in ('time_s', 'confidence', angle)}\n"
        "    data, charts, loaded = ChartData(series, True, EventBands(), angle), [], []\n"
        "    for _ in range(2):\n"  # the child draws one chart and ends
        "        charts.append(process.draw_chart(data)); loaded.append('matplotlib.figure' in sys.modules)\n"
        "print(loaded, charts[0] == charts[1], charts[0].svg.startswith('<svg'))"
    )
    assert run_program(program, clip).strip() == "[False, True] True True"


@pytest.mark.parametrize(
    ("before", "can"),
    [
        ("", True),
        ("import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()", False),
        ("import cv2", False),  # who loaded it may have used it
        ("import os; os.environ['OPENBLAS_NUM_THREADS'] = '2'", False),  # threads of NumPy
        ("from analyzer.pose import model_store as m; m.list_model_folders = lambda _: [m.Path('/nowhere')]", False),
    ],
)
def test_a_child_is_started_only_without_threads_and_with_a_model(before: str, can: bool, pose_model: ModelFile):
    program = (
        f"{before}\n"
        "from analyzer.analysis.tracking_process import can_track_in_child as can;"
        "from analyzer.process_memory import configure_process; configure_process();"
        "from analyzer.request import AnalysisRequest; from analyzer.settings import Settings;"
        "print(can(AnalysisRequest(), Settings()))"
    )
    assert run_program(program).strip() == str(can)


def test_a_stored_track_needs_no_child(clip: Path, tmp_path: Path, pose_model: ModelFile) -> None:
    run_clip(clip, AnalysisRequest(), Settings(), tmp_path, OutputOptions(video=False), lambda *_: None)
    done = run_task("crash", "run", clip, "--out", tmp_path, "--no-video")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Measured again from the stored track")


# ---- errors


def write_noise(path: Path) -> Path:
    """A second of grey noise: a video without a person."""
    rng = np.random.default_rng(0)
    with VideoWriter(path, 320, 240) as writer:
        for index in range(30):
            writer.write(rng.integers(90, 140, (240, 320, 3), dtype=np.uint8), index / 30)
    return path


def test_errors_of_the_child_are_those_of_one_process(clip: Path, tmp_path: Path, pose_model: ModelFile) -> None:
    (tmp_path / "empty.mp4").touch()
    clips = [tmp_path / "gone.mp4", tmp_path / "empty.mp4", write_noise(tmp_path / "noise.mp4")]
    before = sorted(tmp_path.iterdir())
    for path in clips:
        done = subprocess.run([sys.executable, "-m", "analyzer", "run", path], capture_output=True, text=True, cwd=ROOT)
        with pytest.raises(ClipError) as error:
            run_clip(path, AnalysisRequest(), Settings(), tmp_path / "x", OutputOptions(), lambda *_: None)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{error.value}\n")
    assert sorted(tmp_path.iterdir()) == before


def test_an_error_of_a_clip_can_be_sent_between_processes() -> None:
    error = pickle.loads(pickle.dumps(ClipError("a.mp4", "too dark", "Turn on a light")))
    assert (str(error), error.name) == ("a.mp4: too dark. Turn on a light", "a.mp4")


@pytest.mark.parametrize(
    ("task", "line"),
    [
        ("crash", "lift.mp4: reading it crashed the program (SIGSEGV). Export the clip again"),
        ("be_killed", "lift.mp4: the system stopped the analysis, most often because memory ran out. Export the clip"),
    ],
)
def test_a_child_that_dies_gives_one_line(clip: Path, tmp_path: Path, pose_model: ModelFile, task, line) -> None:
    done = run_task(task, "run", clip, "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(line) and done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("fail", "RuntimeError: a bug"),
        ("fail_to_pickle", "RuntimeError: RuntimeError: ('locked', <unlocked _thread.lock"),
        ("fail_to_unpickle", "RuntimeError: _NumberedError: odd"),
    ],
)
def test_an_unexpected_error_names_the_place_in_the_child(
    clip: Path, tmp_path: Path, pose_model: ModelFile, task: str, text: str
) -> None:
    done = run_task(task, "run", clip, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert text in done.stderr and 'tracking_tasks.py", line' in done.stderr and f"in {task}" in done.stderr


def test_an_unknown_movement_does_not_wait_for_the_track(clip: Path, tmp_path: Path, pose_model: ModelFile, start):
    process, child = start("open_and_wait", "run", clip, "--movement", "hinj", "--out", tmp_path / "out")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.startswith("hinj: unknown movement. Choose one of ") and errors.count("\n") == 1
    assert not child.is_running()


# ---- signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("task", ["wait", "open_and_wait"])
@pytest.mark.parametrize("send", [os.killpg, os.kill])
def test_a_stop_signal_ends_both(
    clip: Path, tmp_path: Path, pose_model: ModelFile, start: Start, send, task: str, number: signal.Signals
) -> None:
    """Sent to the whole group, as a terminal and `timeout` do, or to the command only."""
    process, child = start(task, "run", clip, "--out", tmp_path / "out")
    send(process.pid, number)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert (output, errors) == ("", f"{STOPPED}\n")
    assert not child.is_running()
    assert not (tmp_path / "out").exists()


def test_a_killed_command_takes_its_child_along(
    clip: Path, tmp_path: Path, pose_model: ModelFile, start: Start
) -> None:
    process, child = start("open_and_wait", "run", clip, "--out", tmp_path / "out")
    process.kill()
    assert process.wait(60) == -signal.SIGKILL
    _, alive = psutil.wait_procs([child], timeout=30)
    assert alive == []
    assert not (tmp_path / "out").exists()


def test_a_command_that_is_killed_while_it_measures_takes_its_child_along(clip: Path, pose_model: ModelFile) -> None:
    program = TRACK + "    print(process._child.pid, flush=True)\n    import time; time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", program, clip], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        child = psutil.Process(int(process.stdout.readline()))
        process.kill()
    _, alive = psutil.wait_procs([child], timeout=60)
    assert alive == []


def test_a_child_that_is_killed_from_outside_gives_one_line(
    clip: Path, tmp_path: Path, pose_model: ModelFile, start: Start
) -> None:
    process, child = start("open_and_wait", "run", clip, "--out", tmp_path / "out")
    child.kill()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.startswith("lift.mp4: the system stopped the analysis") and errors.count("\n") == 1
