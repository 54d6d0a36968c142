"""Cache of artifacts: each is stored under a digest of everything that it was made from."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np

from analyzer.atomic_files import ZIP_READ_ERRORS, atomic_write
from analyzer.results.code_digest import digest_drawing_code
from analyzer.results.file_names import CACHE_FILE

_NAMES = "files.json"


def compute_digest(*parts: Any) -> str:
    """Compute the SHA-256 of values and of the code that draws them.

    Parameters
    ----------
    parts : numbers, texts, arrays, dataclasses, and lists, tuples and mappings of these. Every bit of a number counts,
        so that two artifacts with the same digest look the same.
    """
    digest = hashlib.sha256(digest_drawing_code().encode())
    for part in parts:
        _update_digest(digest.update, part)
    return digest.hexdigest()


class ArtifactCache:
    """The artifacts of an older result, and those to store for the next one.

    Parameters
    ----------
    previous_folder : folder of the older result; None, or one without a cache, if there is nothing to reuse.
    """

    def __init__(self, previous_folder: Path | None = None) -> None:
        self._previous_folder = previous_folder
        self._old, self._old_files = _read(previous_folder / CACHE_FILE) if previous_folder is not None else ({}, {})
        self._new: dict[str, bytes] = {}
        self._new_files: dict[str, str] = {}

    def has(self, key: str) -> bool:
        """Return whether the piece with this key is cached."""
        return key in self._old or key in self._new

    def piece(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Return the piece with this key; `make` is called only if it is not cached."""
        if key not in self._new:
            self._new[key] = self._old[key] if key in self._old else make()
        return self._new[key]

    def file(self, path: Path, key: str) -> bool:
        """Copy the older result's file of this name to `path` if it has the same key; return whether it did."""
        self._new_files[path.name] = key
        if self._previous_folder is None or self._old_files.get(path.name) != key:
            return False
        try:
            _link_or_copy(self._previous_folder / path.name, path)
        except FileNotFoundError:
            return False
        return True

    def save(self, folder: Path) -> None:
        """Write the pieces that were used, for the next result."""
        with atomic_write(folder / CACHE_FILE) as temporary, ZipFile(temporary, "w") as file:
            names = {name: key for name, key in sorted(self._new_files.items()) if (folder / name).exists()}
            file.writestr(ZipInfo(_NAMES), json.dumps(names))
            for key, piece in sorted(self._new.items()):
                file.writestr(ZipInfo(key), piece, ZIP_DEFLATED)


def _read(path: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    try:
        with ZipFile(path) as file:
            pieces = {name: file.read(name) for name in file.namelist() if name != _NAMES}
            return pieces, json.loads(file.read(_NAMES))
    except (OSError, KeyError, ValueError, *ZIP_READ_ERRORS):  # recomputed: only time is lost
        return {}, {}


def _link_or_copy(source: Path, path: Path) -> None:
    """Link a file under a second name, or copy it where the file system has no links."""
    try:
        os.link(source, path)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, path)


def _update_digest(update: Callable[[bytes], None], part: Any) -> None:
    """Pass on a value with its type and length, so that no two values give the same bytes."""
    if isinstance(part, np.ndarray):
        update(f"array {part.dtype} {part.shape};".encode())
        update(np.ascontiguousarray(part).tobytes())
    elif is_dataclass(part) and not isinstance(part, type):
        _update_digest(update, {field.name: getattr(part, field.name) for field in fields(part)})
    elif isinstance(part, Mapping):
        _update_digest(update, list(part.items()))
    elif isinstance(part, list | tuple):
        update(f"list {len(part)};".encode())
        for item in part:
            _update_digest(update, item)
    elif isinstance(part, str | int | float | bool | None):
        text = repr(part)
        update(f"{type(part).__name__} {len(text)};{text}".encode())
    else:
        raise TypeError(f"no digest of a {type(part).__name__}")
