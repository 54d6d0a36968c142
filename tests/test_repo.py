"""The repository itself: its documented commands, and files that must not be in it."""

import json
import re
import tomllib
from itertools import chain
from math import atan2, degrees
from pathlib import Path

import av
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
CLIPS = ("hinge_neutral", "hinge_rounded", "plank", "slump")


@pytest.mark.parametrize("command", ["make demo", "make test", "pip install", "analyzer doctor"])
def test_readme_shows_how_to_start(command: str):
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_makefile_has_the_targets_of_the_readme():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"^ +make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert named
    assert named <= set(re.findall(r"^(\w+):", makefile, re.MULTILINE))


def test_constraints_are_plain_pins():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)] == []


def test_every_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    pinned = {_plain(line.split("==")[0]) for line in (ROOT / "constraints.txt").read_text().splitlines()}
    assert {_plain(re.split(r"[^A-Za-z0-9._-]", one)[0]) for one in wanted} <= pinned


def test_the_citation_names_the_version_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])


def test_only_one_wheel_brings_opencv():
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert re.findall(r"^(opencv[\w-]*)==", pins, re.MULTILINE) == ["opencv-contrib-python"]


def test_files_that_the_wheel_must_contain_exist():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    included = build["targets"]["wheel"]["force-include"]
    assert set(included.values()) >= {"analyzer/_data/manifest.json", "analyzer/_data/hinge_neutral.mp4"}
    assert [path for path in included if not (ROOT / path).is_file()] == []


def test_continuous_integration_runs_the_readme_test_command():
    script = ROOT / ".ci" / "run"
    assert "make test" in script.read_text(encoding="utf-8")
    assert script.stat().st_mode & 0o100


@pytest.mark.parametrize("name", CLIPS)
def test_sample_clips_are_small_plain_h264_with_truth_for_every_frame(samples: Path, name: str):
    clip, truth_file = samples / f"{name}.mp4", samples / f"{name}.truth.json"
    truth = json.loads(truth_file.read_text(encoding="utf-8"))
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        codec = stream.codec_context
        assert (codec.name, codec.pix_fmt, codec.width, codec.height) == ("h264", "yuv420p", 960, 540)
        times = [float(frame.time) for frame in container.decode(stream)]
    series = [truth["time_s"], *truth["angles_deg"].values(), *truth["joints_px"].values()]
    assert {len(one) for one in series} == {len(times)}
    assert times == pytest.approx(truth["time_s"], abs=0.002)
    assert clip.stat().st_size < 500_000
    assert truth_file.stat().st_size < 150_000
    assert clip.read_bytes().index(b"moov") < clip.read_bytes().index(b"mdat")


@pytest.mark.parametrize("name", CLIPS)
def test_the_true_angles_agree_with_the_true_joints(samples: Path, name: str):
    """The near side's trunk line, viewed from exactly the side, is the trunk inclination to within perspective."""
    truth = json.loads((samples / f"{name}.truth.json").read_text(encoding="utf-8"))
    for hip, shoulder, angle in zip(
        truth["joints_px"]["hip_R"],
        truth["joints_px"]["shoulder_R"],
        truth["angles_deg"]["trunk_inclination_deg"],
        strict=True,
    ):
        assert degrees(atan2(shoulder[0] - hip[0], hip[1] - shoulder[1])) == pytest.approx(angle, abs=6)


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
