"""Tests are marked by the parts that they need and deselected with a message if one is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONFTEST = """
import pytest
from tests import parts
from tests.selection import SelectionPlugin

def nowhere():
    raise parts.PartMissingError("none is here")

parts.PARTS.clear()
for part in (
    parts.MachinePart("pose_model", "the pose model", nowhere, "analyzer models pull"),
    parts.MachinePart("browser", "a browser", nowhere, packages=("chromium",)),
    parts.MachinePart("curl", "curl", lambda: "/bin/curl"),
    parts.MachinePart("real_clips", "films", nowhere, required=False),
):
    parts.PARTS[part.name] = part

def pytest_configure(config):
    config.pluginmanager.register(SelectionPlugin(config))

@pytest.fixture
def browser():
    raise AssertionError

@pytest.fixture
def page(browser):
    raise AssertionError

@pytest.fixture(params=["sqlite", pytest.param("large", marks=pytest.mark.pose_model)])
def database(request):
    return request.param
"""
TESTS = """
import pytest

def test_plain(): pass
def test_a_page(page): pass
@pytest.mark.parametrize("size", [1, 2])
def test_a_browser(browser, size): pass
def test_a_database(database): assert database == "sqlite"
@pytest.mark.curl
def test_curl(): pass
"""
MARKERS = "[pytest]\nmarkers =\n  browser\n  pose_model\n  curl\n  server\n  flaky\n  real_clips\n"
STATED = [
    "LEFT OUT: 4 tests, because parts are missing on this machine (REQUIRE=all makes that an error)",
    "     1 test needs the pose model: none is here. To install it: .venv/bin/analyzer models pull",
    "     3 tests need a browser: none is here. To install it: ",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in (("conftest.py", CONFTEST), ("test_some.py", TESTS), ("pytest.ini", MARKERS)):
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def run(folder: Path, *options: str, require: str = "") -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "REQUIRE"))}
    environment |= {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "REQUIRE": require}
    command = [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", "--strict-markers", *options]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def starts(lines: list[str]) -> list[bool]:
    return [line.startswith(start) for line, start in zip(lines, STATED, strict=True)]


def test_skipped_parts_are_reported_first_and_last(folder: Path):
    done = run(folder)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout
    assert "3 passed, 4 deselected" in lines[-1]
    assert starts(lines[-4:-1]) == [True] * 3
    first = next(index for index, line in enumerate(lines) if line.startswith("LEFT OUT"))
    assert first < next(index for index, line in enumerate(lines) if line.startswith("test_some.py"))
    assert starts(lines[first : first + 3]) == [True] * 3


def test_the_report_is_the_same_in_several_processes(folder: Path):
    done = run(folder, "-p", "xdist", "-n", "2")
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout
    assert "3 passed" in lines[-1]
    assert starts(lines[-4:-1]) == [True] * 3
    assert sum(line.startswith("LEFT OUT") for line in lines) == 2


def test_only_selected_tests_are_reported_as_left_out(folder: Path):
    done = run(folder, "-m", "not browser", "-k", "not database")
    assert done.returncode == 0, done.stdout
    assert "LEFT OUT" not in done.stdout
    assert "2 passed, 5 deselected" in done.stdout


def test_a_browser_is_a_server_too(folder: Path):
    done = run(folder, "-m", "not server", "--collect-only", "-q")
    assert "test_a_page" not in done.stdout
    assert "test_plain" in done.stdout


def test_required_parts_that_are_missing_end_the_run_before_it_starts(folder: Path):
    done = run(folder, require="all")
    assert done.returncode != 0
    assert "test_some" not in done.stdout
    lines = (done.stdout + done.stderr).splitlines()
    assert [line.strip()[:24] for line in lines if line.strip().startswith("- ")] == [
        "- the pose model: none i", "- a browser: none is her",
    ]  # fmt: skip


def test_one_part_may_be_required(folder: Path):
    assert run(folder, require="curl").returncode == 0
    done = run(folder, require="curl,chrome")
    assert done.returncode != 0
    assert "there is no part chrome" in done.stderr + done.stdout
