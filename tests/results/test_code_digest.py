"""The digests of the code cover everything that a cached piece or a stored result depends on, but not its texts."""

import shutil
from pathlib import Path

import pytest

import analyzer
from analyzer.results.code_digest import (
    NOT_DRAWING,
    NOT_MEASURING,
    digest_drawing_code,
    list_code_files,
)
from tests.import_graph import project_graph

PACKAGE = Path(analyzer.__file__).parent


def list_imported_files(*packages: str) -> set[Path]:
    """The files of all modules that some packages import, directly or through others, whenever they do it."""
    waiting = [module for package in packages for module in project_graph().within(f"analyzer.{package}")]
    reached = set(waiting)
    while waiting:
        source = waiting.pop()
        targets = {one.target for one in project_graph().imports if one.source == source and one.when != "typing"}
        new = (targets & project_graph().modules.keys()) - reached
        reached |= new
        waiting += new
    return {project_graph().modules[name] for name in reached}


@pytest.mark.parametrize(
    ("packages", "left_out"),
    [(("clip", "load", "report"), NOT_DRAWING), (("analysis",), NOT_MEASURING)],
)
def test_every_import_is_in_the_digest(packages, left_out):
    imported = list_imported_files(*packages)
    assert len(imported) > 50
    missing = imported - set(list_code_files(PACKAGE, left_out))
    # The version is no code: it counts for results by itself. The package's own module holds lazy imports only.
    assert {path.relative_to(PACKAGE).as_posix() for path in missing} <= {"__init__.py", "_version.py"}


def test_left_out_packages_exist():
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} >= NOT_DRAWING > NOT_MEASURING


@pytest.mark.parametrize(
    ("file", "differs"),
    [
        ("pose/track_cleaning.py", True),
        ("kinematics/back_outline.py", True),
        ("report/drawing/overlay.py", True),
        ("atomic_files.py", True),
        ("coaching/catalogue.toml", False),
        ("coaching/findings.py", False),
        ("report/pages/parts/style.css", False),
        ("batch/index_page.py", False),
        ("cli/main.py", False),
    ],
)
def test_drawings_depend_on_code_and_not_on_words(tmp_path: Path, file: str, differs: bool):
    copy = tmp_path / "analyzer"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = digest_drawing_code(copy)
    with (copy / file).open("a", encoding="utf-8") as text:
        text.write("\n# changed\n")
    digest_drawing_code.cache_clear()
    assert (before != digest_drawing_code(copy)) is differs
