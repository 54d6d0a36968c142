"""Every benchmark starts, and takes the options that the documentation and its own docstring give."""

import argparse
import ast
import importlib
import re
import shlex
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "benchmarks").rglob("*.py"))
    if path.name != "__init__.py"
}
RUNNABLE = [name for name, source in SOURCES.items() if '__name__ == "__main__"' in source]
PAGES = [path for folder in (ROOT, ROOT / "docs", ROOT / "models") for path in sorted(folder.glob("*.md"))]


class CommandLineParsed(Exception):
    """Raised once the command line is parsed, instead of the measurement."""


def find_commands(text: str) -> set[tuple[str, str]]:
    """Find the commands of benchmarks: module and arguments."""
    return set(re.findall(r"python -m (benchmarks[\w.]*)([^`#\n]*)", text))


def split_usage(arguments: str) -> list[str]:
    """Split a usage into arguments: with all that is optional, and the first of several choices."""
    first_choices = re.sub(r'\s*\|\s*("[^"]*"|\S+)', "", re.sub(r"[\[\]]", "", arguments))
    return [word for word in shlex.split(first_choices) if word != "..."]


DOCUMENTED = sorted(
    find_commands("\n".join(path.read_text(encoding="utf-8") for path in PAGES if path.name != "CHANGELOG.md"))
    | find_commands("\n".join(ast.get_docstring(ast.parse(source)) or "" for source in SOURCES.values()))
)


def run_main(monkeypatch: pytest.MonkeyPatch, name: str, arguments: list[str]) -> None:
    """Run a benchmark until its command line is parsed."""
    parse_args = argparse.ArgumentParser.parse_args

    def parse_and_stop(self: argparse.ArgumentParser, *given: object) -> None:
        parse_args(self, *given)
        raise CommandLineParsed

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse_and_stop)
    monkeypatch.setattr(sys, "argv", [name, *arguments])
    importlib.import_module(name).main()


@pytest.mark.parametrize("name", SOURCES)
def test_every_module_can_be_imported(name: str):
    importlib.import_module(name)


@pytest.mark.parametrize("name", RUNNABLE)
def test_every_benchmark_has_a_help(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as done:
        run_main(monkeypatch, name, ["--help"])
    assert done.value.code == 0
    assert capsys.readouterr().out.startswith("usage: ")


@pytest.mark.parametrize(("name", "arguments"), DOCUMENTED)
def test_documented_commands_name_options_that_exist(name: str, arguments: str, monkeypatch: pytest.MonkeyPatch):
    assert name in RUNNABLE
    with pytest.raises(CommandLineParsed):
        run_main(monkeypatch, name, split_usage(arguments))


def test_an_option_that_does_not_exist_is_an_error(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(SystemExit):
        run_main(monkeypatch, "benchmarks.service", ["--run", "5", "--pairs", "3"])
