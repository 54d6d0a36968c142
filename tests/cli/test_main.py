"""The command line, end to end: exit codes, files and one-line errors."""

import errno
import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import typer

import analyzer
from analyzer.cli import analyse
from analyzer.cli.app import app
from analyzer.clip.frame_reader import read_frames
from analyzer.clip.h264_writer import VideoWriter
from analyzer.clip.probe import open_clip
from analyzer.pose.model_store import ModelFile
from analyzer.report import data_files
from analyzer.report.data_files import ANGLES_CSV_DECIMALS
from analyzer.settings import Settings
from tests.command import RunCommand
from tests.cut_clips import cut_piece

FILES = {
    "analysis.json",
    "angles.csv",
    "angles.png",
    "annotated.mp4",
    "report.html",
    "track.npz",
    "kept.zip",
    "thumb.jpg",
}
COMMAND = [sys.executable, "-m", "analyzer"]
Done = subprocess.CompletedProcess


def run(*arguments: object, cwd: Path | None = None) -> Done:
    """Run the command line in a new process, as a shell does."""
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, check=False)


def list_tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def read_one_line(done: Done) -> str:
    """Return standard error, which must be exactly one line without a traceback."""
    assert "Traceback" not in done.stdout + done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.fixture(scope="module")
def clip(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first two seconds of a hinge."""
    path = tmp_path_factory.mktemp("clip") / "client hinge.mp4"
    whole = open_clip(samples / "hinge_neutral.mp4", Settings())
    with VideoWriter(path, whole.width_px, whole.height_px) as writer:
        for index, image in read_frames(whole, 0, 60):
            writer.write(image, whole.times_s[index])
    return path


# ---- it works --------------------------------------------------------------------------------------------------


def test_run_writes_everything_beside_the_clip(clip, pose_model: ModelFile):
    before = list_tree(clip.parent)
    done = run("run", clip)
    assert done.returncode == 0, done.stderr
    assert list_tree(clip.parent) - before == {"client hinge.analysis"} | {
        f"client hinge.analysis/{name}" for name in FILES
    }
    assert done.stdout.splitlines()[0].startswith("View: good")
    assert done.stdout.splitlines()[-1] == f"Report: {clip.parent / 'client hinge.analysis' / 'report.html'}"
    assert done.stderr.strip() == ""
    table = (clip.parent / "client hinge.analysis" / "angles.csv").read_text(encoding="utf-8").splitlines()
    assert table[0].split(",") == list(ANGLES_CSV_DECIMALS)
    assert len(table) == 1 + 60


def test_run_with_json_prints_the_file_and_nothing_else(clip, tmp_path, pose_model: ModelFile):
    out = tmp_path / "a" / "b"
    done = run(
        "run", clip, "--json", "--no-video", "--out", out, "--movement", "hinge", "--variant", "kettlebell",
        "--load-kg", "24", "--height-cm", "175.5", "--subject", "480,270", "--blur-faces",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert list_tree(out) == FILES - {"annotated.mp4"}
    assert done.stdout == (out / "analysis.json").read_text(encoding="utf-8")
    result = json.loads(done.stdout)
    assert result["clip"]["name"] == "client hinge.mp4"
    assert result["movement"]["variant"] == "kettlebell"
    assert result["provenance"]["settings"]["load_kg"] == 24
    assert result["subject"]["chosen_by"] == "nearest to the given point (480, 270)"


def test_a_second_run_replaces_the_first(clip, tmp_path, pose_model: ModelFile, run_here: RunCommand):
    out = tmp_path / "out"
    out.mkdir()
    for name in FILES:
        (out / name).write_text("old")
    (out / "notes.txt").write_text("the trainer's own")
    assert run_here("run", clip, "--no-video", "--out", out).returncode == 0
    # An annotated video of an older run beside new numbers would mislead.
    assert list_tree(out) == (FILES - {"annotated.mp4"}) | {"notes.txt"}
    assert all((out / name).read_bytes() != b"old" for name in FILES - {"annotated.mp4"})
    assert (out / "notes.txt").read_text() == "the trainer's own"


def test_models_list_and_pull(pose_model: ModelFile, run_here: RunCommand):
    listed = run_here("models", "list")
    assert listed.returncode == 0
    rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    assert [row[0] for row in rows] == ["lite", "full", "heavy", "guide"]
    assert ["full", "ok", str(pose_model.path)] in rows
    pulled = run_here("models", "pull", "full")  # it is there: nothing is fetched
    assert pulled.returncode == 0
    assert pulled.stdout.startswith(str(pose_model.path))


def test_doctor_lists_the_installed_parts(pose_model: ModelFile):
    done = run("doctor")
    assert done.returncode == 0, done.stdout
    for word in ("Python", "mediapipe", "PyAV", "model full", "codecs"):
        assert word in done.stdout


def test_version():
    done = run("--version")
    assert (done.returncode, done.stdout.strip()) == (0, analyzer.__version__)


@pytest.mark.parametrize(("closed", "prints"), [("2>&-", True), ("<&- >&- 2>&-", False)])
def test_closed_standard_streams(closed: str, prints: bool):
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", *COMMAND, "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, analyzer.__version__ if prints else "")


# ---- the clip cannot be analysed: exit code 1, one line, nothing left ------------------------------------------


def write_noise(path: Path) -> None:
    """Two seconds of grey noise: a video without a person."""
    rng = np.random.default_rng(0)
    with VideoWriter(path, 320, 240) as writer:
        for index in range(60):
            writer.write(rng.integers(90, 140, (240, 320, 3), dtype=np.uint8), index / 30)


@pytest.mark.parametrize(
    ("name", "make", "what"),
    [
        ("gone.mp4", lambda path: None, "no such file"),
        ("empty.mp4", lambda path: path.touch(), "is empty"),
        ("notes.mp4", lambda path: path.write_text("Squats on Monday.\n" * 30), "is a text file"),
        ("folder.mp4", lambda path: path.mkdir(), ""),
        ("noise.mp4", write_noise, "no person found"),
    ],
)
@pytest.mark.parametrize("options", [[], ["--json", "--out", "results/one"]])
def test_an_invalid_clip_gets_one_line_and_leaves_nothing(
    tmp_path, pose_model, run_here: RunCommand, name, make, what, options
):
    make(tmp_path / name)
    before = list_tree(tmp_path)
    # The one that comes as far as the pose model also shows that native libraries' chatter stays out.
    as_user_does = run if name == "noise.mp4" and not options else run_here
    done = as_user_does("run", name, *options, cwd=tmp_path)
    assert done.returncode == 1
    line = read_one_line(done)
    assert line.startswith(f"{name}: ") and what in line.lower()
    assert done.stdout == ""
    assert list_tree(tmp_path) == before


def test_a_folder_that_cannot_be_written_gets_one_line(clip, tmp_path, pose_model: ModelFile, run_here: RunCommand):
    (tmp_path / "taken").write_text("a file, not a folder")
    done = run_here("run", clip, "--no-video", "--out", tmp_path / "taken" / "results")
    assert done.returncode == 1
    assert str(tmp_path / "taken") in read_one_line(done)
    assert list_tree(tmp_path) == {"taken"}


def test_a_full_disk_gets_one_line_that_names_the_folder(
    clip, tmp_path, pose_model: ModelFile, run_here: RunCommand, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")  # as a write to an open file: without a name

    monkeypatch.setattr(data_files, "write_analysis_json", fail)
    done = run_here("run", clip, "--no-video", "--out", tmp_path / "a" / "results")
    assert done.returncode == 1 and done.stdout == ""
    assert read_one_line(done) == (
        f"{tmp_path / 'a' / 'results'}: the disk is full. Free some space there, or choose a folder on another disk."
    )
    assert list_tree(tmp_path) == set()


def test_a_read_only_folder_is_reported_before_the_clip_is_tracked(
    clip, tmp_path, run_here: RunCommand, monkeypatch: pytest.MonkeyPatch
):
    def fail(dir: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(dir / "tmp123"))

    monkeypatch.setattr(tempfile, "TemporaryFile", fail)
    monkeypatch.setattr(analyse, "_start_tracking", None)
    line = f"{tmp_path}: the disk is read-only (Read-only file system). Choose another folder, or change the access "
    for command in (["run", clip], ["demo"], ["compare", f"{clip}@1", f"{clip}@2"]):
        done = run_here(*command, "--out", tmp_path / "results")
        assert done.returncode == 1 and read_one_line(done).startswith(line)
    assert list_tree(tmp_path) == set()


# ---- wrong usage: exit code 2 ----------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", ["left", "1,2,3", "640;360", "nan,1", ""])
def test_an_invalid_subject_is_wrong_usage(tmp_path, subject, run_here: RunCommand):
    done = run_here("run", "clip.mp4", "--subject", subject, cwd=tmp_path)
    assert done.returncode == 2
    assert "expected auto, largest, central, or X,Y" in read_one_line(done)
    assert list_tree(tmp_path) == set()


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--variant", "blah"], "--variant blah: is not a variant of any movement; choose "),
        (
            ["--movement", "plank", "--variant", "sumo"],
            "--variant sumo: is not a variant of plank; choose forearm, high",
        ),
    ],
)
def test_a_variant_that_the_movement_does_not_have_is_wrong_usage(tmp_path, options, what, run_here: RunCommand):
    done = run_here("run", "clip.mp4", *options, cwd=tmp_path)
    assert done.returncode == 2
    assert read_one_line(done).startswith(what)
    assert list_tree(tmp_path) == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "a.mp4", "--model", "huge"],
        ["run", "a.mp4", "--load-kg", "-1"],
        ["run", "a.mp4", "--height-cm", "17"],
        ["run", "a.mp4", "--nonsense"],
        ["dance"],
        ["models", "burn"],
    ],
)
def test_other_wrong_usage(tmp_path, arguments, run_here: RunCommand):
    done = run_here(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and done.stderr.strip()
    assert list_tree(tmp_path) == set()


def test_an_invalid_setting_is_wrong_usage(tmp_path, run_here: RunCommand, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANALYZER_POSE_THREADS", "99")
    monkeypatch.setenv("ANALYZER_MAX_DURATION_S", "long")
    done = run_here("run", "clip.mp4", cwd=tmp_path)
    assert done.returncode == 2
    assert read_one_line(done) == (
        "ANALYZER_MAX_DURATION_S: Input should be a valid number, unable to parse string as a number;"
        " ANALYZER_POSE_THREADS: Input should be less than or equal to 16"
    )


# ---- Ctrl-C and SIGTERM ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "has_older_result"), [(signal.SIGINT, False), (signal.SIGINT, True), (signal.SIGTERM, True)]
)
def test_a_stop_in_the_middle_leaves_nothing(samples: Path, tmp_path, pose_model: ModelFile, number, has_older_result):
    """Stopped while the video is written, when most files are open; an older result is unchanged."""
    clip = cut_piece(samples / "hinge_neutral.mp4", tmp_path / "hinge.mp4", 4.0)
    out = tmp_path / "results"
    if has_older_result:
        out.mkdir()
        (out / "analysis.json").write_text("{}")
    before = list_tree(tmp_path)
    process = subprocess.Popen(
        [*COMMAND, "run", str(clip), "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    give_up = time.monotonic() + 300
    while not list(out.glob(".unfinished-*/.annotated*")) and process.poll() is None and time.monotonic() < give_up:
        time.sleep(0.01)
    assert list(out.glob(".unfinished-*")), "it ended before it could be stopped"
    process.send_signal(number)
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 128 + number
    assert errors.splitlines() == ["Stopped; nothing was left half-written."]
    assert output == ""
    assert list_tree(tmp_path) == before


# ---- help ------------------------------------------------------------------------------------------------------


def list_commands() -> dict[str, typer.core.TyperCommand]:
    """Every command by its full name."""
    commands, waiting = {}, [("analyzer", typer.main.get_command(app))]
    while waiting:
        name, command = waiting.pop()
        commands[name] = command
        waiting += [(f"{name} {sub}", below) for sub, below in getattr(command, "commands", {}).items()]
    return commands


def test_commands_match_the_contract():
    assert {"analyzer run", "analyzer demo", "analyzer doctor", "analyzer models list", "analyzer models pull"} <= set(
        list_commands()
    )


@pytest.mark.parametrize("name", list_commands())
def test_every_command_and_option_has_a_help_text(name):
    command = list_commands()[name]
    assert command.help and command.help.strip().endswith("."), name
    without = [parameter.name for parameter in command.params if not getattr(parameter, "help", None)]
    assert without in ([], ["help"]), name


@pytest.mark.parametrize("arguments", [[], ["--help"], ["run", "--help"], ["models"]])
def test_help_is_printed(arguments, run_here: RunCommand):
    done = run_here(*arguments)
    assert done.returncode in (0, 2)
    assert "Usage" in done.stdout + done.stderr
