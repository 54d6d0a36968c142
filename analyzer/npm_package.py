"""Files of npm packages: download a package with `npm pack` and read files from it, each checked by its SHA-256."""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path

_LONGEST_S = 900.0  # longest download of one package
_LARGEST_FILE = 64 << 20  # bytes of one file in a package; guards against a decompression bomb
_MOST_MEMBERS = 10_000  # files in a package


class NpmPackageError(Exception):
    """The package could not be downloaded, or does not hold the expected files."""


def fetch_npm_files(package: str, files: Mapping[str, str]) -> dict[str, bytes]:
    """Download an npm package and return some of its files; nothing of the package is run or unpacked to disk.

    Parameters
    ----------
    package : name and version, for example `@mediapipe/pose@0.5.1675469404`.
    files : path inside the package, without its leading folder `package/`, to the expected SHA-256.

    Returns
    -------
    The content of each file, by its path. Raises NpmPackageError when npm is not installed, does not get the package,
    or a file is missing or another one than expected.
    """
    with tempfile.TemporaryDirectory(prefix="analyzer-npm-") as folder:
        return read_npm_files(pack_npm_package(package, Path(folder)), files)


def pack_npm_package(package: str, folder: Path) -> Path:
    """Download an npm package as a `.tgz` file with `npm pack`, by the registry and proxy of the user's npm settings.

    Parameters
    ----------
    package : name and version.
    folder : an empty folder for the file.

    Returns
    -------
    The file. Raises NpmPackageError.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise NpmPackageError("npm is not installed")
    command = [npm, "pack", package, "--ignore-scripts", "--no-update-notifier", "--loglevel=error"]
    command += ["--fetch-timeout=8000", "--fetch-retries=1", f"--pack-destination={folder}"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_LONGEST_S, check=False, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NpmPackageError(f"npm did not finish: {error}") from error
    packed = list(folder.glob("*.tgz"))
    if done.returncode or not packed:
        raise NpmPackageError(f"npm: {_describe_failure(done.stderr) or f'exit code {done.returncode}'}")
    return packed[0]


def read_npm_files(packed: Path, files: Mapping[str, str]) -> dict[str, bytes]:
    """Read files from a `.tgz` of `npm pack`.

    Parameters
    ----------
    packed : the `.tgz` file.
    files : path inside the package to the expected SHA-256.

    Returns
    -------
    The content of each file, by its path. Raises NpmPackageError.
    """
    contents: dict[str, bytes] = {}
    try:
        with tarfile.open(packed, "r:gz") as archive:
            for number, member in enumerate(archive):
                if number >= _MOST_MEMBERS:
                    raise NpmPackageError(f"{packed.name} holds more than {_MOST_MEMBERS} files")
                if member.size > _LARGEST_FILE:
                    raise NpmPackageError(f"{member.name} in {packed.name} is too large: {member.size} bytes")
                path = member.name.partition("/")[2]
                if path in files and (content := archive.extractfile(member)):
                    contents[path] = content.read()
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise NpmPackageError(f"{packed.name} is damaged: {error}") from error
    for path, sha256 in files.items():
        if path not in contents:
            raise NpmPackageError(f"the npm package holds no {path}")
        if hashlib.sha256(contents[path]).hexdigest() != sha256:
            raise NpmPackageError(f"{path} in the npm package is not the expected file")
    return contents


def _describe_failure(stderr: str) -> str:
    """Return the sentence of npm's errors that says what is wrong; its first line is only a code."""
    lines = [line.removeprefix("npm error ").strip() for line in stderr.splitlines() if line.startswith("npm error ")]
    sentences = [line for line in lines if not line.startswith("code ")]
    return sentences[0] if sentences else ""
