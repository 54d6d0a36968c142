import json

import pytest
from typer.testing import CliRunner

from analyzer.cli.app import app
from analyzer.compare.side import CompareError
from analyzer.report.data_files import write_analysis_json
from tests.compare.results import result, three_reps


@pytest.fixture
def two(tmp_path):
    for name, trunk in (("one", 60), ("two", 75)):
        (tmp_path / name).mkdir()
        write_analysis_json(result(*three_reps(trunk=trunk), name=f"{name}.mp4"), tmp_path / name / "analysis.json")
    return [str(tmp_path / "one"), str(tmp_path / "two")]


def compare(*arguments):
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


def test_command_prints_changes_and_the_path_of_the_page(two, tmp_path):
    done = compare(*two)
    assert done.exit_code == 0
    gap = "\N{NO-BREAK SPACE}"
    assert done.stdout.splitlines() == [
        f"Time up: 1.0{gap}s → 1.0{gap}s: no clear change (0.0{gap}s), counts from 0.15{gap}s",
        "In B your trunk leans 15 degrees further.",
        f"Side by side: {tmp_path / 'one_vs_two.comparison' / 'comparison.html'}",
    ]


def test_json_prints_the_file_and_nothing_else(two, tmp_path):
    done = compare(*two, "--json", "--out", tmp_path / "out", "--setting", "other-day", "--cue", "Push.")
    assert done.stdout == (tmp_path / "out" / "comparison.json").read_text(encoding="utf-8")
    printed = json.loads(done.stdout)
    assert (printed["setting"], printed["cue"]) == ("other_day", "Push.")


@pytest.mark.parametrize("count", [1, 4])
def test_one_or_four_clips_are_wrong_usage(two, count):
    done = compare(*(two * 2)[:count])
    assert done.exit_code == 2
    assert done.stderr == f"compare: expected two or three clips, got {count}\n"


def test_clips_that_cannot_be_compared_are_an_expected_failure(two):
    done = compare(two[0], f"{two[1]}@4-6")
    assert isinstance(done.exception, CompareError)  # `main` prints it in one line and exits with 1
    assert str(done.exception) == "two@4-6: there are 3. Choose from 1 to 3."
