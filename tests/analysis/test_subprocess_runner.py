"""One clip in a separate process: limits, cancelling, crashes, and that nothing is left behind."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing import forkserver
from pathlib import Path

import psutil
import pytest

from analyzer.analysis.subprocess_runner import (
    ChildLimits,
    ClipJob,
    JobFunction,
    JobOutcome,
    analyze_job,
    run_in_child,
    start_fork_server,
)
from analyzer.export.formats import EXPORT_FORMATS
from analyzer.pose.model_store import ModelFile
from analyzer.request import AnalysisRequest
from analyzer.sandbox import check_confinement
from analyzer.settings import Settings
from tests import child_tasks
from tests.cut_clips import cut_piece

pytestmark = pytest.mark.server  # starts processes that work on clips

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", autouse=True)
def _warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # another test's may have nothing loaded
    start_fork_server()
    run(child_tasks.succeed, tmp_path_factory.mktemp("warm") / "folder")


def run(task: JobFunction, folder: Path, *, clip: str = "lift.mp4", **given: object) -> JobOutcome:
    how = {"limits": ChildLimits(), "on_progress": lambda *_: None, "cancelled": lambda: False} | given
    job = ClipJob(Path(clip), AnalysisRequest(), Settings(), folder)
    return run_in_child(job, task=task, **how)  # type: ignore[arg-type]  # values of several types by name


def test_a_child_starts_warm(tmp_path: Path) -> None:
    outcome = run(child_tasks.threads_and_modules, tmp_path)
    assert all(outcome.summary["warm"])
    assert outcome.summary["threads"] == 2, "the clip's own and the one that watches the parent"
    assert outcome.summary["nice"] >= 5


def test_a_full_disk_names_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    outcome = run(child_tasks.fill_the_disk, folder)
    assert (outcome.kind, outcome.code) == ("died", "disk_full")
    assert outcome.text == (
        f"lift.mp4: {folder}: the disk is full. Free some space there, or choose a folder on another disk."
    )
    assert list(folder.iterdir()) == []


def test_progress_is_thinned_and_keeps_first_and_last(tmp_path: Path) -> None:
    reports: list[tuple[str, int, int]] = []
    run(child_tasks.count_to_ten_thousand, tmp_path, on_progress=lambda *report: reports.append(report))
    assert reports[0] == ("counting", 0, 10_000)
    assert reports[-2:] == [("counting", 10_000, 10_000), ("writing the report", 0, 1)]
    assert len(reports) < 100


def test_a_done_job_has_its_files_and_summary(tmp_path: Path) -> None:
    outcome = run(child_tasks.succeed, tmp_path / "a" / "b")
    assert (outcome.kind, outcome.text) == ("done", "")
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["result"]


@pytest.mark.parametrize(
    ("task", "kind", "code", "words"),
    [
        (child_tasks.refuse_clip, "refused", "clip", "lift.mp4: too dark. Turn on a light"),
        (child_tasks.crash_with_segv, "died", "crash", "lift.mp4: reading it crashed the program (SIGSEGV)"),
        (child_tasks.kill, "died", "crash", "lift.mp4: the system stopped the analysis"),
        (child_tasks.exit_process, "died", "crash", "lift.mp4: the analysis ended without an error message"),
        (child_tasks.error, "died", "error", "lift.mp4: RuntimeError: a bug"),
    ],
)
def test_every_way_a_child_ends_is_reported_and_leaves_nothing(
    tmp_path: Path, task: JobFunction, kind: str, code: str, words: str
) -> None:
    outcome = run(task, tmp_path / "made" / "for it")
    assert (outcome.kind, outcome.code) == (kind, code)
    assert outcome.text.startswith(words)
    assert "\n" not in outcome.text
    assert list(tmp_path.iterdir()) == []


def test_a_child_that_ends_before_the_first_poll_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = psutil.Process

    def late(pid: int) -> psutil.Process:
        until_s = time.monotonic() + 10
        while psutil.pid_exists(pid) and time.monotonic() < until_s:
            time.sleep(0.01)
        return real(pid)

    monkeypatch.setattr("analyzer.analysis.subprocess_runner.psutil.Process", late)
    assert run(child_tasks.refuse_clip, tmp_path / "f").kind == "refused"
    assert run(child_tasks.crash_with_segv, tmp_path / "f").kind == "died"


def test_an_unexpected_error_includes_its_traceback_for_the_log(tmp_path: Path) -> None:
    outcome = run(child_tasks.error, tmp_path)
    assert 'raise RuntimeError("a bug' in outcome.detail


def test_an_older_result_survives_a_crash(tmp_path: Path) -> None:
    (tmp_path / "result").write_text("older")
    run(child_tasks.crash_with_segv, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["result"]
    assert (tmp_path / "result").read_text() == "older"


def test_cancelling_kills(tmp_path: Path) -> None:
    started_s: list[float] = []
    asked_s: list[float] = []

    def cancelled() -> bool:
        if started_s and time.perf_counter() > started_s[0] + 0.3:
            asked_s.append(time.perf_counter())
        return bool(asked_s)

    outcome = run(
        child_tasks.sleep,
        tmp_path / "f",
        cancelled=cancelled,
        on_progress=lambda *_: started_s.append(time.perf_counter()),
    )
    assert outcome == JobOutcome("cancelled", "cancelled", "lift.mp4: cancelled")
    assert list(tmp_path.iterdir()) == []
    assert not list_children(child_tasks.sleep)


def test_a_time_limit_ends_the_child(tmp_path: Path) -> None:
    outcome = run(child_tasks.sleep, tmp_path / "f", limits=ChildLimits(time_s=1))
    assert outcome.kind == "too_long"
    assert outcome.text.startswith("lift.mp4: the analysis took longer than 1 seconds")
    assert list(tmp_path.iterdir()) == []


def test_a_memory_limit_ends_the_child(tmp_path: Path) -> None:
    outcome = run(child_tasks.memory, tmp_path / "f", limits=ChildLimits(memory_bytes=500 * 2**20))
    assert outcome.kind == "too_large"
    assert outcome.text.startswith("lift.mp4: the analysis needs more than 0.5 GB of memory")
    assert list(tmp_path.iterdir()) == []


def test_several_threads_run_children_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        tasks = [
            child_tasks.threads_and_modules,
            child_tasks.crash_with_segv,
            child_tasks.refuse_clip,
            child_tasks.succeed,
        ] * 2
        outcomes = list(pool.map(lambda pair: run(pair[1], tmp_path / str(pair[0])), enumerate(tasks)))
    assert [outcome.kind for outcome in outcomes] == ["done", "died", "refused", "done"] * 2


def test_an_exception_in_the_parent_ends_the_child(tmp_path: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(child_tasks.sleep, tmp_path / "f", on_progress=interrupt)
    assert list(tmp_path.iterdir()) == []
    assert not list_children(child_tasks.sleep)


def test_native_chatter_does_not_reach_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(child_tasks.print_noise, tmp_path).kind == "done"
    heard = capfd.readouterr()
    assert (heard.out, heard.err) == ("", "")


def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    """After SIGKILL of the parent, neither child nor fork server may remain."""
    program = (
        "import sys; from pathlib import Path; from tests import child_tasks\n"
        "from tests.analysis import test_subprocess_runner as runner\n"
        "runner.run(child_tasks.sleep, Path(sys.argv[1]), on_progress=lambda *_: print('at it', flush=True))"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, tmp_path / "f"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "at it\n"
    family = psutil.Process(parent.pid).children(recursive=True)
    assert len(family) >= 2
    parent.kill()
    parent.wait()
    _gone, alive = psutil.wait_procs(family, timeout=30)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def list_children(task: JobFunction) -> list[psutil.Process]:
    """Return the living children of the fork server."""
    for _ in range(100):
        with suppress(psutil.NoSuchProcess):  # one that ended between two looks
            family = psutil.Process().children(recursive=True)
            servers = [process for process in family if "forkserver" in " ".join(process.cmdline())]
            children = [child for server in servers for child in server.children()]
            return [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
    return []


@pytest.fixture
def tiny(samples: Path, tmp_path: Path) -> Path:
    """The first 1.2 s of a sample clip."""
    return cut_piece(samples / "plank.mp4", tmp_path / "tiny.mp4", 1.2)


def test_files_are_identical_to_those_of_a_run_in_process(tiny: Path, tmp_path: Path, pose_model: ModelFile) -> None:
    """Runs in a new interpreter, since other tests may have configured the libraries of this one."""
    job = ClipJob(tiny, AnalysisRequest(movement="plank"), Settings(), tmp_path / "child", exports=("parquet",))
    outcome = run_in_child(job, limits=ChildLimits(), on_progress=lambda *_: None, cancelled=lambda: False)
    assert outcome.kind == "done", outcome
    assert outcome.summary["movement"] == "plank"
    command = [sys.executable, "-m", "analyzer", "run", tiny, "--movement", "plank", "--export", "parquet"]
    subprocess.run([*command, "--out", tmp_path / "here"], cwd=ROOT, check=True, capture_output=True)
    assert digests(tmp_path / "child") == digests(tmp_path / "here")
    assert {"analysis.json", "angles.csv", "annotated.mp4"} <= digests(tmp_path / "child").keys()

    again = ClipJob(
        tiny,
        AnalysisRequest(movement="plank"),
        Settings(),
        tmp_path / "again",
        exports=EXPORT_FORMATS,
        track=tmp_path / "child" / "track.npz",
    )
    stages: list[str] = []
    outcome = run_in_child(
        again, limits=ChildLimits(), on_progress=lambda stage, *_: stages.append(stage), cancelled=lambda: False
    )
    assert outcome.kind == "done", outcome
    assert "tracking" not in stages
    for name in ("analysis.json", "angles.csv"):
        assert digests(tmp_path / "again")[name] == digests(tmp_path / "child")[name]
    assert {"analysis.xlsx", "markers.trc", "angles.mot"} <= digests(tmp_path / "again").keys()


def test_an_invalid_clip_is_refused_as_in_process(tmp_path: Path) -> None:
    clip = tmp_path / "words.mp4"
    clip.write_text("ffconcat version 1.0\nfile other.mp4\n")
    outcome = run(analyze_job, tmp_path / "f", clip=str(clip))
    assert (outcome.kind, outcome.code) == ("refused", "clip")
    assert outcome.text.startswith("words.mp4: ")
    assert not (tmp_path / "f").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are parts of Linux")
def test_a_clip_that_takes_over_its_decoder_reaches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    confinement = check_confinement()
    monkeypatch.setenv("ANALYZER_DATABASE_URL", "postgresql://analyzer:secret@db/analyzer")
    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # the next one has the secret in its environment
    start_fork_server()
    clips, data, results = (tmp_path / name for name in ("clips", "data", "results"))
    for folder in (clips, data, results):
        folder.mkdir()
    for path in (clips / "own.mp4", clips / "other.mp4", data / "analyzer.db"):
        path.write_bytes(b"film")
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(data / "s"))
        unix.listen()
        victims = {
            "port": str(tcp.getsockname()[1]),
            "socket": str(data / "s"),
            "other_clip": str(clips / "other.mp4"),
            "database": str(data / "analyzer.db"),
        }
        task = partial(child_tasks.analyse_a_clip_that_takes_over, victims)
        outcome = run(task, results / "one", clip=str(clips / "own.mp4"))
    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # later tests get one without the secret
    assert outcome.code == "clip", outcome
    tried = json.loads(outcome.text[outcome.text.index("{") : outcome.text.rindex("}") + 1])
    allowed = {"the clip itself", "the results"}
    assert {name for name, end in tried.items() if end == "done"} >= allowed
    if not confinement.is_unprivileged:
        allowed |= {"the account of root"}
    if not confinement.has_limited_calls:
        allowed |= {"network", "network in an earlier thread", "socket of a service", "times of a library"}
        allowed |= {"stop the parent", "queue a signal for the parent", "let the kernel signal the parent"}
        allowed |= {"limit the parent"}
    if not confinement.has_limited_files:
        allowed |= {"another clip", "list the clips", "the database", "write beside the results", "change the clip"}
        allowed |= {"change a library", "variables of the parent", "variables at the start", "a link to the database"}
    if not (confinement.has_limited_files or confinement.has_limited_calls):
        allowed |= {"a program", "a program as a child"}
    assert {name for name, end in tried.items() if end == "done"} <= allowed, tried


def test_the_thread_that_watches_the_parent_is_confined_too(tmp_path: Path) -> None:
    """Landlock holds for the thread that asks for it, and for those that it starts."""
    outcome = run(child_tasks.count_threads_when_confined, tmp_path / "f")
    assert outcome.summary == {"when confined": [1], "afterwards": 2}, outcome


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can give up its rights")
def test_results_of_a_child_of_root_belong_to_root(tiny: Path, tmp_path: Path, pose_model: ModelFile) -> None:
    """A folder that others cannot enter, as the data of a service; an older result is replaced."""
    closed = tmp_path / "closed"
    (closed / "result").mkdir(parents=True)
    closed.chmod(0o700)
    clip = tiny.rename(closed / "tiny.mp4")
    clip.chmod(0o600)
    (closed / "result" / "angles.csv").write_text("older")
    job = ClipJob(clip, AnalysisRequest(movement="plank"), Settings(), closed / "result", video=False)
    outcome = run_in_child(job, limits=ChildLimits(), on_progress=lambda *_: None, cancelled=lambda: False)
    assert outcome.kind == "done", outcome
    assert (closed / "result" / "angles.csv").read_text() != "older"
    assert {path.stat().st_uid for path in closed.rglob("*")} == {0}


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
