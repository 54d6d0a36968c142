"""Find the files that ship with the analyzer, in an installed wheel and in a checkout, and with its libraries."""

from importlib.util import find_spec
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def checkout() -> Path | None:
    """Return the root of the source checkout that the package runs from; None if it was installed from a wheel."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "models").is_dir() else None


def find_resource(path: str) -> Path:
    """Return the path of a shipped file, named as in the checkout, for example `models/manifest.json`.

    Raises
    ------
    FileNotFoundError : neither the wheel nor a checkout holds it.
    """
    in_wheel = _PACKAGE / "_data" / Path(path).name
    root = checkout()
    for candidate in (in_wheel, root / path if root else in_wheel):
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(f"{path} is neither in the installed package nor in a checkout: install the analyzer again")


def find_library_file(library: str, path: str) -> Path:
    """Return the path of a file in a library's package, without importing that library.

    Raises
    ------
    ModuleNotFoundError : the library is not installed.
    """
    spec = find_spec(library)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"No module named {library!r}", name=library)
    return Path(spec.origin).parent / path
