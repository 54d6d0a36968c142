"""The documentation names every command, option and movement."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from analyzer.cli.app import app
from analyzer.kinematics.angle_table import SD_COLUMNS
from analyzer.movements.registry import load_movements
from analyzer.results.schema import Analysis

ROOT = Path(__file__).resolve().parents[1]
TEXT = "\n".join(
    path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
)
CODE = " ".join(re.findall(r"`[^`\n]+`|^    .+$", TEXT, re.MULTILINE))


def list_commands(group: Any, before: str = "analyzer") -> Iterator[tuple[str, Any]]:
    """Return every command by its full name."""
    for name, command in group.commands.items():
        called = f"{before} {name}"
        if hasattr(command, "commands"):
            yield from list_commands(command, called)
        else:
            yield called, command


COMMANDS = dict(list_commands(typer.main.get_command(app)))
OPTIONS = sorted(
    {
        option
        for name in ("analyzer run", "analyzer compare")
        for parameter in COMMANDS[name].params
        for option in parameter.opts
        if option.startswith("--")
    }
)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_named(name: str):
    assert re.search(rf"{re.escape(name)}\b", CODE)


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_of_run_and_compare_is_named(option: str):
    assert re.search(rf"(?<!\S){re.escape(option)}(?![\w-])", CODE.replace("`", " "))


def test_no_option_is_named_that_does_not_exist():
    readme = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/command-line.md"))
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", readme))
    known = {option for command in COMMANDS.values() for parameter in command.params for option in parameter.opts}
    assert named and named <= known | {"--help"}


@pytest.mark.parametrize("name", ["@1-3", "same-clip", "re-filmed", "other-day"])
def test_comparison_modes_are_documented(name: str):
    assert name in CODE


def test_the_readme_lists_all_movements_and_variants():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = {}
    for line in readme[readme.index("## Movements") : readme.index("## What it says")].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            rows[cells[0].strip("`")] = re.findall(r"`(\w+)`", cells[2])
    # Others' movements, installed beside ours, are not ours to list.
    ours = {
        name: list(movement.variants)
        for name, movement in load_movements().items()
        if type(movement).__module__.startswith("analyzer.")
    }
    assert rows == ours


def test_the_python_page_lists_every_part_of_a_result():
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    listed = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert {*Analysis.model_fields, "angles", "frame", "time_s", "confidence", *SD_COLUMNS} <= listed


def test_documentation_links_resolve():
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#]+)\)", text):
            assert link.startswith("https://") or (path.parent / link).exists(), f"{path.name}: {link}"


def test_every_benchmark_that_can_be_run_is_named():
    runnable = [
        path.stem
        for path in (ROOT / "benchmarks").glob("*.py")
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    ]
    assert [name for name in runnable if f"python -m benchmarks.{name}" not in TEXT] == []


def test_every_python_file_that_the_documentation_names_exists():
    folders = [ROOT, *(ROOT / name for name in ("analyzer", "analyzer/movements", "benchmarks"))]
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "models").glob("*.md")]
    named = {
        (page.name, name)
        for page in pages
        if page.name != "CHANGELOG.md"
        for name in re.findall(r"`([\w/.-]+\.py)`", page.read_text(encoding="utf-8"))
        if not re.search(r"NAME|NOUN", name)
    }
    assert len(named) > 5
    assert {(page, name) for page, name in named if not any((folder / name).exists() for folder in folders)} == set()
