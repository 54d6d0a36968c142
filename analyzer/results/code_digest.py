"""Digests of the program's own code: a stored piece is reused only while the code that it depends on is unchanged."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import entry_points, version
from pathlib import Path

import cv2

from analyzer._version import __version__
from analyzer.package_data import find_resource

_PACKAGE = Path(__file__).resolve().parents[1]

DRAWING_PACKAGES = ("clip", "kinematics", "load", "movements", "pose", "report", "results")
"""Packages of `analyzer` that reading and drawing pictures depends on: all that `clip`, `load` and `report` import."""

MEASURING_PACKAGES = ("analysis", "coaching", "export", *DRAWING_PACKAGES)
"""Packages of `analyzer` that a result depends on: all that `analysis` imports."""

_NOT_DIGESTED = ("__init__.py", "__main__.py", "_version.py")  # of the modules directly in `analyzer`
_DRAWING_LIBRARIES = ("av", "matplotlib", "numpy", "pillow", "scipy")
_MODELS = ("models/back_rounding.json", "models/movement_recognition.json")


@cache
def digest_drawing_code(package: Path = _PACKAGE) -> str:
    """Compute the digest of all code that reads and draws pictures.

    Words and page templates are left out: what a picture shows of them is part of the picture's own key.

    Parameters
    ----------
    package : folder of the package `analyzer`.
    """
    digest = hashlib.sha256()
    for path in list_code_files(package, DRAWING_PACKAGES, suffix=".py"):
        digest.update(_name_and_content(path, package))
    versions = {name: version(name) for name in _DRAWING_LIBRARIES}
    digest.update(repr(versions | {"cv2": cv2.__version__}).encode())  # OpenCV comes under several names
    return digest.hexdigest()


@cache
def digest_measuring_code(package: Path = _PACKAGE) -> str:
    """Compute the digest of all that turns a track into a result: code, words, templates, models, foreign movements.

    Parameters
    ----------
    package : folder of the package `analyzer`.
    """
    digest = hashlib.sha256(__version__.encode())
    for path in list_code_files(package, MEASURING_PACKAGES):
        digest.update(_name_and_content(path, package))
    for name in _MODELS:
        digest.update(name.encode() + b"\0" + _hash_content(find_resource(name)))
    movements = (
        (entry.name, entry.value, entry.dist.version if entry.dist else "")
        for entry in entry_points(group="analyzer.movements")
    )
    digest.update(repr(sorted(movements)).encode())
    return digest.hexdigest()[:16]


def list_code_files(package: Path, names: Sequence[str], suffix: str = "") -> list[Path]:
    """Return the files of some packages of `analyzer`, and the modules directly in `analyzer`, in order.

    Parameters
    ----------
    package : folder of the package `analyzer`.
    names : packages in it.
    suffix : of the files; by default all, so that catalogues and templates are included.
    """
    return sorted([*_list_root_modules(package), *_list_package_files(package, names, suffix)])


def _list_root_modules(package: Path) -> Iterator[Path]:
    return (path for path in package.glob("*.py") if path.name not in _NOT_DIGESTED)


def _list_package_files(package: Path, names: Sequence[str], suffix: str) -> Iterator[Path]:
    for name in names:
        for path in (package / name).rglob(f"*{suffix}"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def _name_and_content(path: Path, package: Path) -> bytes:
    return path.relative_to(package).as_posix().encode() + b"\0" + _hash_content(path)


def _hash_content(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()
