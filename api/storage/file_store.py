"""Store of clips and results: a folder, or an object store by URL."""

import errno
import os
import secrets
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

import fsspec

from analyzer.errors import AnalyzerError
from api.json_object import JsonObject
from api.settings import ServiceSettings

_MAX_DURABLE = 10_000  # folders that are remembered as on disk; chosen
_MAX_REMOVALS = 20  # of a folder while it is created; chosen
_CHUNK_BYTES = 256 * 1024  # size of the pieces of a range; chosen


def result_key(id: str, run: str | None, file: str = "") -> str:
    """Return the key of the files of one run of an analysis, or of one of them."""
    return f"results/{id}/{run}/{file}".rstrip("/")


class StoreUnusableError(AnalyzerError):
    """The storage of the settings is of a kind that cannot be used."""


class InvalidKeyError(ValueError):
    """A key that leaves its root."""


class FileStore:
    """Files by key, such as `results/ana_1/run/angles.csv`; safe to use from many threads."""

    def __init__(self, root: str, options: JsonObject, scratch: Path) -> None:
        """Open a folder or a URL of fsspec as `root`; fetched files are placed in `scratch` while they are used."""
        # Other processes write there too, so listings must not be cached.
        self._options, self._scratch = {"use_listings_cache": False} | options, scratch
        try:
            self._fs, self._root = fsspec.core.url_to_fs(root, **self._options)
        except (ValueError, ImportError) as error:  # an unknown kind of address, or one whose package is missing
            raise StoreUnusableError(f"ANALYZER_FILES_URL: {error}. Give a folder, or s3://bucket/prefix.") from None
        self._local = Path(self._root) if "file" in _protocols(self._fs) else None
        if self._local is not None:
            make_durable_folder(self._local)

    def put(self, local: Path, key: str) -> None:
        """Move a file to its key: it appears complete, or not at all, and is on disk when this returns."""
        if self._local is None:
            self._fs.put_file(str(local), self._path(key))
            local.unlink()
            return
        target = Path(self._path(key))
        make_durable_folder(target.parent)
        try:
            sync(local)
            os.replace(local, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            beside = target.with_name(f".{secrets.token_hex(6)}.tmp")
            try:
                shutil.copyfile(local, beside)
                sync(beside)
                os.replace(beside, target)
            finally:
                beside.unlink(missing_ok=True)
            local.unlink()
        sync(target.parent)

    def read_text(self, key: str) -> str | None:
        """Return the content of a small file; None if there is none."""
        try:
            with self.open(key) as file:
                return file.read().decode("utf-8")
        except FileNotFoundError:
            return None

    def write_text(self, key: str, text: str) -> None:
        """Write a small file."""
        self._scratch.mkdir(parents=True, exist_ok=True)
        local = self._scratch / f"text-{secrets.token_hex(8)}"
        try:
            local.write_text(text, encoding="utf-8")
            self.put(local, key)
        finally:
            local.unlink(missing_ok=True)

    def list_folders(self, prefix: str) -> Sequence[str]:
        """Return the names of the folders directly below a prefix."""
        try:
            entries = self._fs.ls(self._path(prefix), detail=True)
        except FileNotFoundError:
            return []
        return sorted(entry["name"].rstrip("/").rsplit("/", 1)[-1] for entry in entries if entry["type"] == "directory")

    def move_tree(self, prefix: str, target: str) -> None:
        """Move a file, or everything below a prefix, to another prefix where nothing is."""
        if self._local is not None:
            source, to = Path(self._path(prefix)), Path(self._path(target))
            make_durable_folder(to.parent)
            os.rename(source, to)
            sync(to.parent)
            sync(source.parent)
            self._remove_empty_folders(source.parent)
            return
        for key in list(self.list(prefix)):
            self._fs.cp_file(self._path(key), self._path(f"{target}{key[len(prefix) :]}"))
        self._fs.rm(self._path(prefix), recursive=True)

    @contextmanager
    def fetch(self, place: str) -> Iterator[Path]:
        """Yield a local file with the content of a key, or of a URL outside the store; it must not be changed.

        Raises FileNotFoundError.
        """
        local = self._local_of(place)
        if local is not None:
            if not local.is_file():
                raise FileNotFoundError(place)
            yield local
            return
        fs, path = self._resolve(place)
        folder = self._scratch / f"fetch-{secrets.token_hex(8)}"
        folder.mkdir(parents=True)
        try:
            target = folder / (PurePosixPath(path).name or "file")
            fs.get_file(path, str(target))
            yield target
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def open(self, key: str) -> BinaryIO:
        """Open a file for reading; raise FileNotFoundError."""
        return cast(BinaryIO, self._fs.open(self._path(key), "rb"))

    def size(self, key: str) -> int:
        """Return the size of a file in bytes; raise FileNotFoundError."""
        return int(self._fs.info(self._path(key))["size"])

    def exists(self, key: str) -> bool:
        """Return whether there is such a file."""
        return bool(self._fs.isfile(self._path(key)))

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the keys below a prefix, which is a folder."""
        base = self._path(prefix.rstrip("/")) if prefix.strip("/") else self._root
        start = len(self._root.rstrip("/")) + 1
        try:
            paths = self._fs.find(base)
        except FileNotFoundError:
            return
        for path in sorted(paths):
            yield path[start:]

    def get_mtime_s(self, key: str) -> float:
        """Return when a file was written, in seconds since 1970; raise FileNotFoundError."""
        return float(self._fs.modified(self._path(key)).timestamp())

    def delete_tree(self, prefix: str) -> None:
        """Remove a file, or everything below a prefix; a missing one is no error."""
        path = self._path(prefix)
        if self._local is not None:
            shutil.rmtree(path, ignore_errors=True)
            Path(path).unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                sync(Path(path).parent)
            self._remove_empty_folders(Path(path).parent)
            return
        with suppress(FileNotFoundError):
            self._fs.rm(path, recursive=True)

    def local_path(self, key: str) -> Path | None:
        """Return the path of a file on this machine; None in an object store."""
        return None if self._local is None else Path(self._path(key))

    def read_range(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to, not including, `end`, in pieces."""
        with self.open(key) as file:
            file.seek(start)
            left = end - start
            while left > 0 and (piece := file.read(min(_CHUNK_BYTES, left))):
                left -= len(piece)
                yield piece

    def _path(self, key: str) -> str:
        pure = PurePosixPath(key)
        if not key or pure.is_absolute() or ".." in pure.parts or "\\" in key or "\0" in key:
            raise InvalidKeyError(key)
        return f"{self._root.rstrip('/')}/{pure}"

    def _local_of(self, place: str) -> Path | None:
        if "://" in place:
            return Path(place.removeprefix("file://")) if place.startswith("file://") else None
        return self.local_path(place)

    def _resolve(self, place: str) -> tuple[Any, str]:
        if "://" not in place:
            return self._fs, self._path(place)
        fs, path = fsspec.core.url_to_fs(place, **self._options)
        return fs, path

    def _remove_empty_folders(self, folder: Path) -> None:
        """Remove folders that became empty, up to the root."""
        while self._local is not None and folder != self._local and self._local in folder.parents:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent


def open_files(settings: ServiceSettings) -> FileStore:
    """Open the file store of this deployment."""
    return FileStore(settings.files_root, settings.files_options, settings.data_dir / "scratch")


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk; Windows needs and offers this for files only."""
    if os.name == "nt" and path.is_dir():
        return
    opened = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


_durable: set[Path] = set()  # folders whose names this process has put on disk
_durable_lock = threading.Lock()


def make_durable_folder(folder: Path) -> None:
    """Create a folder and its parents so that they survive a power cut.

    One that is there may just have been created by another process, which has not put it on disk yet. One that became
    empty may just be removed by another thread or process; then this starts again.
    """
    for _ in range(_MAX_REMOVALS):
        with suppress(FileNotFoundError):
            return _make_durable_folder(folder)
    return _make_durable_folder(folder)


def _make_durable_folder(folder: Path) -> None:
    with _durable_lock:
        if len(_durable) > _MAX_DURABLE:
            _durable.clear()
        for part in (*reversed(folder.parents), folder):
            is_new = not part.exists()
            if is_new:
                part.mkdir(exist_ok=True)
            if is_new or part not in _durable:
                with suppress(PermissionError):  # of a parent that belongs to another user
                    sync(part.parent)
                _durable.add(part)


def _protocols(fs: Any) -> tuple[str, ...]:
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)
