"""A package with a movement, written and installed for a test."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

from analyzer.movements import registry

ROOT = Path(__file__).resolve().parents[2]


def install_package(folder: Path, module: str, entry: str = "statue", **files: str) -> Path:
    """Write a package as pip installs it into a folder, which then has to be on the path of the interpreter."""
    package = folder / "toy_movement"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(dedent(module), encoding="utf-8")
    for name, text in files.items():
        (package / f"{name}.toml").write_text(dedent(text), encoding="utf-8")
    info = folder / "toy_movement-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-movement\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[analyzer.movements]\n{entry} = toy_movement:MOVEMENT\n", encoding="utf-8")
    return folder


def run_python(installed_in: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a new interpreter with that folder on its path."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(installed_in), str(ROOT)])},
    )


def forget_movements() -> None:
    """Clear the caches of the registry, so that the entry points are looked up again."""
    registry.list_entry_points.cache_clear()
    registry.load_movements.cache_clear()
    sys.modules.pop("toy_movement", None)
