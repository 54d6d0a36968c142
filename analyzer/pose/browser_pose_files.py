"""Files that run the pose model in a browser (MediaPipe Tasks for the web): fetched once, checked by SHA-256."""

import gzip
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field

from analyzer.atomic_files import compute_sha256
from analyzer.errors import ModelError
from analyzer.npm_package import NpmPackageError, fetch_npm_files
from analyzer.package_data import find_resource
from analyzer.pose.model_download import DownloadProgress, FetchError, download_file
from analyzer.pose.model_manifest import FileState
from analyzer.settings import Settings

_WAIT_S = 1800.0  # longest wait for another process that fetches the same files
_GZIP_LEVEL = 6


class BrowserPoseFile(BaseModel):
    """One file of the package."""

    model_config = ConfigDict(frozen=True)

    path: str = Field(pattern=r"^[a-z0-9_]+(/[a-z0-9_]+)?\.(mjs|js|wasm)$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int

    @property
    def name(self) -> str:
        """Return the file's name without its folder."""
        return self.path.rpartition("/")[2]


class BrowserPoseManifest(BaseModel):
    """Everything in `models/live_guide.json`."""

    model_config = ConfigDict(frozen=True)

    licence: str
    package: str
    version: str
    base_url: str
    files: tuple[BrowserPoseFile, ...]


@dataclass(frozen=True)
class BrowserPoseFiles:
    """The files of one version, complete and checked.

    Attributes
    ----------
    folder : holds each file by its name and, where one could be written, `NAME.gz`.
    version : of the package.
    source : "cache", "download" or "npm".
    """

    folder: Path
    version: str
    source: str


Fetcher = Callable[[BrowserPoseManifest, Path, DownloadProgress | None], None]
"""Writes every file into a folder, or raises FetchError. The contents are checked afterwards."""


@cache
def load_browser_pose_manifest() -> BrowserPoseManifest:
    """Read the manifest that ships with the analyzer, once."""
    return BrowserPoseManifest.model_validate_json(find_resource("models/live_guide.json").read_text(encoding="utf-8"))


def browser_pose_folder(settings: Settings, manifest: BrowserPoseManifest) -> Path:
    """Return the folder of the files in the cache."""
    return settings.cache_dir / f"tasks-vision-{manifest.version}"


def check_browser_pose_files(settings: Settings, manifest: BrowserPoseManifest | None = None) -> tuple[FileState, Path]:
    """Return whether all files are there as expected, and their folder; nothing is fetched."""
    manifest = manifest or load_browser_pose_manifest()
    folder = browser_pose_folder(settings, manifest)
    states = {_check_file(folder / file.name, file) for file in manifest.files}
    return ("wrong" if "wrong" in states else "absent" if "absent" in states else "ok"), folder


def ensure_browser_pose_files(
    settings: Settings,
    progress: DownloadProgress | None = None,
    fetchers: dict[str, Fetcher] | None = None,
    manifest: BrowserPoseManifest | None = None,
) -> BrowserPoseFiles:
    """Return the files, fetching them into the cache when they are not there yet.

    Safe when many processes call it at once: one fetches, the others wait for it.

    Parameters
    ----------
    settings : only `cache_dir` is used.
    progress : called with (name, bytes so far, total bytes or None) during a download.
    fetchers : sources by name, tried in order; for tests.
    manifest : the files; for tests.

    Raises
    ------
    ModelError : no source provides them; its text lists each source and the reason.
    """
    manifest = manifest or load_browser_pose_manifest()
    state, folder = check_browser_pose_files(settings, manifest)
    if state == "ok":
        return BrowserPoseFiles(folder, manifest.version, "cache")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock", timeout=_WAIT_S):
            if check_browser_pose_files(settings, manifest)[0] == "ok":  # another process was faster
                return BrowserPoseFiles(folder, manifest.version, "cache")
            source = _fetch(manifest, folder, progress, fetchers or {"download": _download, "npm": _npm})
    except Timeout as error:
        raise ModelError(
            f"another process has been fetching the live guide's files for {_WAIT_S / 60:.0f} minutes"
        ) from error
    except OSError as error:
        raise ModelError(
            f"the live guide's files cannot be stored in {folder}: {error.strerror or error}."
            " Set ANALYZER_CACHE_DIR to a folder that you may write to."
        ) from error
    return BrowserPoseFiles(folder, manifest.version, source)


def _check_file(path: Path, file: BrowserPoseFile) -> FileState:
    try:
        return "ok" if compute_sha256(path) == file.sha256 else "wrong"
    except OSError:
        return "absent"


def _fetch(
    manifest: BrowserPoseManifest, folder: Path, progress: DownloadProgress | None, fetchers: dict[str, Fetcher]
) -> str:
    """Fetch into a temporary folder, check everything, then move the files: none is ever half written."""
    for leftover in folder.parent.glob(f"{folder.name}.*.part"):  # this process holds the lock: no other writes them
        shutil.rmtree(leftover, ignore_errors=True)
    tried = []
    for source, fetch in fetchers.items():
        part = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=".part", dir=folder.parent))
        try:
            fetch(manifest, part, progress)
            for file in manifest.files:
                if _check_file(part / file.name, file) != "ok":
                    raise FetchError(f"{file.path}: another file than expected")
            for file in manifest.files:
                _compress(part / file.name)
            folder.mkdir(exist_ok=True)
            for path in part.iterdir():
                os.replace(path, folder / path.name)
            return source
        except FetchError as error:
            tried.append(f"{source}: {error}")
        finally:
            shutil.rmtree(part, ignore_errors=True)
    raise ModelError(
        "the live guide's files are not available."
        + "".join(f"\n  - {line}" for line in tried)
        + f"\nCheck the network, or copy the folder {folder} from a machine that has it."
    )


def _download(manifest: BrowserPoseManifest, part: Path, progress: DownloadProgress | None) -> None:
    for file in manifest.files:
        try:
            download_file(manifest.base_url + file.path, part / file.name, {file.sha256}, progress)
        except FetchError as error:
            raise FetchError(f"{manifest.base_url}{file.path} {error}") from error


def _npm(manifest: BrowserPoseManifest, part: Path, progress: DownloadProgress | None) -> None:
    if progress:
        progress(f"{manifest.package}, by npm", 0, None)
    try:
        contents = fetch_npm_files(
            f"{manifest.package}@{manifest.version}", {file.path: file.sha256 for file in manifest.files}
        )
    except NpmPackageError as error:
        raise FetchError(str(error)) from error
    for file in manifest.files:
        (part / file.name).write_bytes(contents[file.path])


def _compress(path: Path) -> None:
    """Write a gzip copy beside a file, for transfer to phones."""
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes(), _GZIP_LEVEL, mtime=0))
