"""`analyzer run` on an analysed folder: measured again without the pose model where possible."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analyzer.analysis import tracking
from analyzer.cli.app import app
from analyzer.pose.model_store import ModelFile
from tests.cut_clips import cut_piece

AGAIN = "Measured again from the stored track, without the pose model."


def run(clip: Path, out: Path, *options: str):
    done = CliRunner().invoke(app, ["run", str(clip), "--out", str(out), "--no-video", *options])
    assert done.exception is None, done.output
    return done


def read_result(folder: Path) -> dict:
    return json.loads((folder / "analysis.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def clip(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cut_piece(samples / "hinge_neutral.mp4", tmp_path_factory.mktemp("clip") / "lift.mp4", 1.2)


@pytest.fixture(scope="module")
def first(clip: Path, tmp_path_factory: pytest.TempPathFactory, pose_model: ModelFile) -> Path:
    out = tmp_path_factory.mktemp("first") / "out"
    assert AGAIN not in run(clip, out, "--movement", "hinge", "--variant", "sumo", "--load-kg", "60").stdout
    return out


@pytest.fixture
def folder(first: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(first, tmp_path / "out"))


class Tracked(Exception):
    """The pose model would have been run."""


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_):
        raise Tracked

    monkeypatch.setattr(tracking, "track_clip", refuse)


@pytest.mark.usefixtures("no_model")
def test_another_movement_needs_no_pose_model(clip, folder):
    done = run(clip, folder, "--movement", "squat", "--variant", "goblet", "--load-kg", "60", "--height-cm", "170")
    assert done.stdout.splitlines()[0] == AGAIN
    movement = read_result(folder)["movement"]
    assert (movement["name"], movement["variant"], movement["source"]) == ("squat", "goblet", "given")
    assert read_result(folder)["provenance"]["settings"]["height_cm"] == 170


@pytest.mark.usefixtures("no_model")
def test_options_of_the_last_run_that_are_not_in_the_result_are_listed(clip, folder):
    line = run(clip, folder, "--movement", "squat").stdout.splitlines()[0]
    assert line == f"{AGAIN} Not given this time, so not in the result: --variant sumo, --load-kg 60.0."


@pytest.mark.usefixtures("no_model")
def test_with_json_standard_output_has_nothing_else(clip, folder):
    done = run(clip, folder, "--movement", "squat", "--json")
    assert json.loads(done.stdout) == read_result(folder)
    assert done.stderr.startswith(AGAIN)


@pytest.mark.usefixtures("no_model")
@pytest.mark.parametrize("options", [("--subject", "largest"), ("--model", "lite")])
def test_another_person_or_model_is_tracked(clip, folder, options):
    with pytest.raises(Tracked):
        run_raising(clip, folder, *options)


@pytest.mark.usefixtures("no_model")
def test_a_changed_clip_and_one_without_a_track_are_tracked(clip, folder, samples, tmp_path):
    other = cut_piece(samples / "plank.mp4", tmp_path / "lift.mp4", 0.4)
    with pytest.raises(Tracked):
        run_raising(other, folder)
    (folder / "track.npz").unlink()
    with pytest.raises(Tracked):
        run_raising(clip, folder)


@pytest.mark.usefixtures("no_model")
def test_a_track_of_another_mediapipe_is_not_used(clip, folder, monkeypatch):
    monkeypatch.setattr("analyzer.results.track_store.version", lambda name: "0.0")
    with pytest.raises(Tracked):
        run_raising(clip, folder)


def run_raising(clip: Path, out: Path, *options: str) -> None:
    CliRunner().invoke(app, ["run", str(clip), "--out", str(out), *options], catch_exceptions=False)
