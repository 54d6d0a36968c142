"""Pieces of a result that hold for the next one too: each lies under a digest of all that it was made from."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import cv2
import numpy as np

from analyzer.atomic_files import ZIP_READ_ERRORS, atomic_write
from analyzer.results.file_names import CACHE_FILE

_NAMES = "files.json"
_DRAWING_PACKAGES = ("clip", "load", "report")  # the packages that read pictures and draw them
_LIBRARIES = ("av", "matplotlib", "numpy")


def compute_digest(*parts: Any) -> str:
    """SHA-256 of values and of the code that draws them.

    Parts may be numbers, texts, arrays, dataclasses, and lists, tuples and mappings of these. Numbers count by every
    bit, so that what has the same digest looks the same.
    """
    told = hashlib.sha256(_digest_drawing_code().encode())
    for part in parts:
        _update_digest(told.update, part)
    return told.hexdigest()


class ArtifactCache:
    """What an older result left, and what is to be left for the next one.

    Parameters
    ----------
    before : folder of the older result; None, or one without kept pieces, when everything is to be made.
    """

    def __init__(self, before: Path | None = None) -> None:
        self._before = before
        self._old, self._old_files = _read(before / CACHE_FILE) if before is not None else ({}, {})
        self._new: dict[str, bytes] = {}
        self._new_files: dict[str, str] = {}

    def has(self, key: str) -> bool:
        """Whether the piece of this key need not be made."""
        return key in self._old or key in self._new

    def piece(self, key: str, make: Callable[[], bytes]) -> bytes:
        """The piece of this key, made if need be."""
        if key not in self._new:
            self._new[key] = self._old[key] if key in self._old else make()
        return self._new[key]

    def file(self, path: Path, key: str) -> bool:
        """Put the older result's file of that name at `path` if it has the same key; False when it is to be made."""
        self._new_files[path.name] = key
        if self._before is None or self._old_files.get(path.name) != key:
            return False
        try:
            _link_or_copy(self._before / path.name, path)
        except FileNotFoundError:
            return False
        return True

    def save(self, folder: Path) -> None:
        """Leave the pieces that were used for the next result."""
        with atomic_write(folder / CACHE_FILE) as temporary, ZipFile(temporary, "w") as file:
            names = {name: key for name, key in self._new_files.items() if (folder / name).exists()}
            file.writestr(ZipInfo(_NAMES), json.dumps(names))
            for key, piece in sorted(self._new.items()):
                file.writestr(ZipInfo(key), piece, ZIP_DEFLATED)


def _read(path: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    try:
        with ZipFile(path) as file:
            pieces = {name: file.read(name) for name in file.namelist() if name != _NAMES}
            return pieces, json.loads(file.read(_NAMES))
    except (OSError, KeyError, ValueError, *ZIP_READ_ERRORS):  # all is made anew: nothing is lost but time
        return {}, {}


def _link_or_copy(source: Path, path: Path) -> None:
    """Give a file a second name, or a copy of it where the file system knows no such thing."""
    try:
        os.link(source, path)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, path)


@lru_cache(maxsize=1)
def _digest_drawing_code() -> str:
    """Digest of the code that reads and draws pictures, so that a changed line draws them anew."""
    told = hashlib.sha256()
    for package in _DRAWING_PACKAGES:
        for path in sorted((Path(__file__).parents[1] / package).rglob("*.py")):
            told.update(path.name.encode())
            told.update(path.read_bytes())
    for told_version in (*map(version, _LIBRARIES), cv2.__version__):  # OpenCV comes under several names
        told.update(told_version.encode())
    return told.hexdigest()


def _update_digest(update: Callable[[bytes], None], part: Any) -> None:
    """Hand a value on, with its kind and length, so that no two values give the same bytes."""
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
