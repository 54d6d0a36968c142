"""`analyzer doctor`: it never fails itself, and prints the exact fix."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from analyzer import system_libraries
from analyzer.cli import doctor
from analyzer.cli.doctor import check_installation, explain_import_error, print_checks
from analyzer.pose.browser_pose_files import check_browser_pose_files, load_browser_pose_manifest
from analyzer.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache_dir=tmp_path)


def test_a_complete_installation_lacks_nothing(settings: Settings):
    rows, ok = check_installation(settings)
    assert ok, [row for row in rows if row.state == "missing"]
    assert {"Python", "analyzer", "mediapipe", "OpenCV", "PyAV", "numpy", "model full", "codecs", "disk", "memory"} <= {
        row.part for row in rows
    }


def test_doctor_works_when_nothing_can_be_imported(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    def broken(name: str) -> None:
        raise ImportError(f"{name}: undefined symbol")

    monkeypatch.setattr(importlib, "import_module", broken)
    rows, ok = check_installation(settings)
    assert not ok
    assert {row.part for row in rows if row.state == "missing"} == {"mediapipe", "OpenCV", "PyAV", "codecs"}


def test_missing_system_libraries_give_one_line_to_copy(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(system_libraries.sys, "platform", "linux")
    monkeypatch.setattr(system_libraries, "_loads", lambda name: name not in ("libGL.so.1", "libEGL.so.1"))
    monkeypatch.setattr(system_libraries, "_knows_packages", lambda: True)
    monkeypatch.setattr(system_libraries.os, "geteuid", lambda: 0, raising=False)
    rows, ok = check_installation(settings)
    row = next(row for row in rows if row.part == "system libraries")
    assert not ok
    assert row.detail == "no libGL.so.1, libEGL.so.1"
    assert row.fix == "On Debian or Ubuntu: apt-get install -y libgl1 libegl1"


def test_an_import_error_becomes_one_line_with_all_missing_packages(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "find_missing_libraries", lambda: ["libGL.so.1", "libGLESv2.so.2"])
    monkeypatch.setattr(system_libraries, "_knows_packages", lambda: False)
    monkeypatch.setattr(system_libraries.os, "geteuid", lambda: 1000, raising=False)
    error = ImportError("libGL.so.1: cannot open shared object file: No such file or directory")
    assert explain_import_error(error) == (
        "system libraries are missing: libGL.so.1, libGLESv2.so.2."
        " On Debian or Ubuntu: sudo apt-get update && sudo apt-get install -y libgl1 libgles2"
    )


def test_a_missing_package_is_named():
    line = explain_import_error(ModuleNotFoundError("No module named 'cv2.x'", name="cv2.x"))
    assert line is not None
    assert "cv2" in line


def test_other_errors_are_left_to_others():
    assert explain_import_error(ImportError("cannot import name 'x'")) is None
    assert explain_import_error(ValueError("libfoo")) is None


def test_a_wrong_model_file_is_reported(settings: Settings):
    (settings.cache_dir / "pose_landmarker_heavy.task").write_bytes(b"half")
    rows, _ = check_installation(settings)
    row = next(row for row in rows if row.part == "model heavy")
    assert row.state in ("note", "ok")  # ok when the checkout's models folder holds a good one
    if row.state == "note":
        assert row.fix == "Run: analyzer models pull heavy"


def test_files_of_the_live_guide_are_reported(settings: Settings):
    def get_row() -> doctor.InstallationCheck:
        rows, ok = check_installation(settings)
        assert ok, "the analyzer works without them"
        return next(row for row in rows if row.part == "live guide")

    assert get_row().state == "note"
    assert get_row().fix == "`analyzer serve` fetches them, or: analyzer models pull --live-guide"
    _, folder = check_browser_pose_files(settings)
    folder.mkdir()
    for file in load_browser_pose_manifest().files:
        (folder / file.name).write_bytes(b"half a file")
    assert get_row().fix == "Run: analyzer models pull --live-guide"


def test_the_printed_report_ends_with_the_fixes(settings: Settings):
    console = Console(record=True, width=100)
    print_checks(
        [
            doctor.InstallationCheck("a", "ok", "1", "unused"),
            doctor.InstallationCheck("b", "missing", "no", "do [this]"),
        ],
        console,
    )
    text = console.export_text()
    assert "-> do [this]" in text
    assert "unused" not in text


def test_libraries_are_checked_before_anything_is_installed():
    """A Python without any package runs the check; here it finds no library at all."""
    program = "from analyzer import system_libraries as s; s._loads = lambda name: False; raise SystemExit(s.main())"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.append({str(ROOT)!r}); {program}"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("Cannot start: system libraries are missing: libGL.so.1, ")
    assert done.stderr.endswith("libgl1 libegl1 libgles2 libglib2.0-0 libxcb1\n")
    assert done.stderr.count("\n") == 1
