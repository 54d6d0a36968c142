"""The wheel, installed outside the checkout: everything it ships, and the commands that a user starts with.

The environment shares the packages that are installed beside the tests, so that nothing is downloaded.
"""

import os
import subprocess
import sys
import time
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from analyzer.pose.model_store import ModelFile
from tests.api.service import tiny_clip
from tests.cli.test_main import FILES
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel, and a folder to work in."""

    bin: Path
    work: Path
    environment: dict[str, str]

    def run(self, *command: str | Path, exit_code: int = 0) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [self.bin / command[0], *command[1:]],
            cwd=self.work, env=self.environment, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == exit_code, done.stdout + done.stderr
        return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "-w", str(folder))
    pip(*build, str(ROOT))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in an environment of its own, which finds its dependencies among the packages of this one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "env", symlinks=True)
    python = folder / "env" / "bin" / "python"
    done = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], capture_output=True, text=True
    )
    shared = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (Path(done.stdout.strip()) / "shared.pth").write_text("\n".join(shared), encoding="utf-8")
    pip("--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    work = folder / "work"
    work.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ANALYZER_"))}
    return Installed(python.parent, work, environment)


@pytest.fixture
def with_model(installed: Installed, pose_model: ModelFile) -> Installed:
    """The installed wheel, with access to the pose model."""
    installed.environment["ANALYZER_CACHE_DIR"] = str(pose_model.path.parent)
    return installed


def test_the_wheel_contains_every_module_and_data_file(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
    files = {
        path.relative_to(ROOT).as_posix()
        for package in ("analyzer", "api")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert len(files) > 100
    assert files - carried == set()
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    assert set(build["targets"]["wheel"]["force-include"].values()) - carried == set()
    outside = {name for name in carried if not name.startswith(("analyzer/", "api/", "movement_analyzer-"))}
    assert outside == set()


def test_the_installed_wheel_is_what_runs(installed: Installed):
    program = "import analyzer, api; print(analyzer.__file__); print(api.__file__)"
    places = installed.run("python", "-c", program).stdout.splitlines()
    assert [Path(place).is_relative_to(installed.bin.parent) for place in places] == [True, True]


def test_doctor(with_model: Installed):
    output = with_model.run("analyzer", "doctor").stdout
    assert "missing" not in output
    assert "model full" in output


def test_demo(with_model: Installed):
    output = with_model.run("analyzer", "demo").stdout
    assert {path.name for path in (with_model.work / "demo").iterdir()} == FILES
    assert str(Path("demo") / "report.html") in output.splitlines()[-1]


def test_batch(with_model: Installed):
    """A clip without a person passes every step, and is quick."""
    clips = with_model.work / "clips"
    clips.mkdir()
    tiny_clip(clips / "nobody.mp4")
    with_model.run("analyzer", "batch", "clips", "--out", "results", "--quiet", exit_code=1)
    rows = (with_model.work / "results" / "summary.csv").read_text(encoding="utf-8").splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["nobody.mp4"]
    assert (with_model.work / "results" / "index.html").is_file()


@pytest.mark.server
def test_serve(with_model: Installed):
    with served(with_model) as base, httpx.Client(base_url=base, timeout=30) as client:  # beside other tests
        page = client.get("/")
        assert page.status_code == 200
        assert "<script" in page.text
        assert client.get("/openapi.json").json()["info"]["title"]
        assert client.get("/v1/analyses").json()["items"] == []


@contextmanager
def served(installed: Installed) -> Iterator[str]:
    """`analyzer serve` with a worker, on a free port, until left."""
    base = f"http://127.0.0.1:{(port := free_port())}"
    log = installed.work / "serve.log"
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [installed.bin / "analyzer", "serve", "--port", str(port), "--data", installed.work / "data"],
            cwd=installed.work, env=installed.environment, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        until_s = time.monotonic() + 180
        while not is_ready(base):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < until_s, log.read_text(encoding="utf-8")
            time.sleep(0.2)
        yield base
    finally:
        process.terminate()
        try:
            process.wait(90)
        finally:
            process.kill()


def is_ready(base: str) -> bool:
    try:
        return httpx.get(f"{base}/readyz", timeout=20).status_code == 200
    except httpx.HTTPError:
        return False


def pip(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "pip", *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
