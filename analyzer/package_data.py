"""Find the files that ship with the analyzer, in an installed wheel and in a checkout."""

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
