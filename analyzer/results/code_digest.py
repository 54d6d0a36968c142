"""Digests of the program's own code: a stored piece is reused only while the code that it depends on is unchanged."""

import hashlib
from collections.abc import Collection
from functools import cache
from importlib.metadata import entry_points, version
from pathlib import Path

import cv2

from analyzer._version import __version__
from analyzer.package_data import find_resource

_PACKAGE = Path(__file__).resolve().parents[1]

NOT_MEASURING = frozenset({"batch", "cli", "compare"})
"""Packages of `analyzer` that no result depends on: `analysis` imports nothing of them."""

NOT_DRAWING = NOT_MEASURING | {"analysis", "coaching", "export"}
"""Packages of `analyzer` that no picture depends on: `clip`, `load` and `report` import nothing of them."""

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
    for path in list_code_files(package, NOT_DRAWING, suffix=".py"):
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
    for path in list_code_files(package, NOT_MEASURING):
        digest.update(_name_and_content(path, package))
    for name in _MODELS:
        digest.update(name.encode() + b"\0" + _hash_content(find_resource(name)))
    movements = (
        (entry.name, entry.value, entry.dist.version if entry.dist else "")
        for entry in entry_points(group="analyzer.movements")
    )
    digest.update(repr(sorted(movements)).encode())
    return digest.hexdigest()[:16]


def list_code_files(package: Path, left_out: Collection[str], suffix: str = "") -> list[Path]:
    """Return the files of the package `analyzer` in order.

    Parameters
    ----------
    package : folder of the package `analyzer`.
    left_out : packages in it to leave out; a new package is included until it is named here.
    suffix : of the files in packages; by default all, so that catalogues and templates are included.
    """
    packages = sorted(path.parent for path in package.glob("*/__init__.py") if path.parent.name not in left_out)
    files = [path for folder in packages for path in folder.rglob(f"*{suffix}") if "__pycache__" not in path.parts]
    modules = [path for path in package.glob("*.py") if path.name not in _NOT_DIGESTED]
    return sorted(path for path in [*modules, *files] if path.is_file())


def _name_and_content(path: Path, package: Path) -> bytes:
    return path.relative_to(package).as_posix().encode() + b"\0" + _hash_content(path)


def _hash_content(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()
