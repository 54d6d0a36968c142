"""`analyzer repeatability`, and the commands that use its file."""

import json

import pytest
from typer.testing import CliRunner

from analyzer.cli.app import app
from analyzer.repeatability.schema import Repeatability, RepeatabilityError
from analyzer.report.data_files import write_analysis_json
from tests.batch.results import make_clips_folder
from tests.repeatability.people import draw_pairs, make_clip, make_hinge, make_pairs, write_batch


def call(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def own_file(tmp_path_factory):
    """`repeatability.json` of 18 pairs with an SEM of about 1 degree."""
    out = write_batch(tmp_path_factory.mktemp("batch") / "out", make_pairs(draw_pairs(18, 1.0)))
    done = call("repeatability", out)
    assert done.exit_code == 0, done.output
    path = out / "repeatability.json"
    assert done.stdout.splitlines()[-1] == f"Use it: analyzer compare A B --repeatability {path}"
    return path


def test_command_prints_each_key_measure_and_where_the_files_are(tmp_path):
    out = write_batch(tmp_path / "out", make_pairs([(90, 92), (100, 96), (80, 86)]))
    done = call("repeatability", out)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "Hip hinge / deadlift: 6 clips of 3 people",
        "  Trunk-thigh: SEM 3.1°, MDC95 8.5° (4.8 to 31.6), 3 pairs",
        "  Time up: SEM 0.00\N{NO-BREAK SPACE}s, MDC95 0.00\N{NO-BREAK SPACE}s (0.00 to 0.00), 3 pairs",
        "  Too few to be used in comparisons: 10 repeats of at least 5 people are needed",
        f"Bland-Altman plots: {out / 'repeatability.html'}",
    ]


def test_json_prints_the_file_and_out_names_the_folder(tmp_path):
    out = write_batch(tmp_path / "out", make_pairs(draw_pairs(3, 2)))
    done = call("repeatability", out, "--json", "--out", tmp_path / "elsewhere")
    assert done.stdout == (tmp_path / "elsewhere" / "repeatability.json").read_text()
    assert Repeatability.model_validate_json(done.stdout).setting == "refilmed"
    assert not (out / "repeatability.json").exists()


def test_other_days(tmp_path):
    clips = [
        make_clip(name, day, [90.0 + day], date=f"2026-03-{day:02d}") for name in ("anna", "ben") for day in (1, 8)
    ]
    out = write_batch(tmp_path / "out", clips)
    assert isinstance(call("repeatability", out).exception, RepeatabilityError)
    done = call("repeatability", out, "--setting", "other-day", "--json")
    assert json.loads(done.stdout)["setting"] == "other_day"


def test_only_marked_clips_count_where_the_table_marks_repeats(tmp_path):
    clips = [make_clip(name, number, [90.0 + number]) for name in ("anna", "ben") for number in (1, 2, 3)]
    marks = {f"{name}{number}.mp4": "yes" for name in ("anna", "ben") for number in (1, 3)}
    out = write_batch(tmp_path / "out", clips, repeat_marks=marks)
    measured = Repeatability.model_validate_json(call("repeatability", out, "--json").stdout)
    assert [group.files for group in measured.movements[0].measures[0].groups] == [
        ["anna1.mp4", "anna3.mp4"],
        ["ben1.mp4", "ben3.mp4"],
    ]


def test_without_repeats_the_error_says_why(tmp_path):
    out = write_batch(tmp_path / "out", [make_clip(f"p{number:02d}", 1, [90]) for number in range(12)])
    error = call("repeatability", out).exception
    assert isinstance(error, RepeatabilityError)
    lines = str(error).splitlines()
    assert lines[0] == "no repeats found: expected the same client, movement, variant and load in two clips or more."
    assert lines[1] == "  p00, hinge: p001.mp4: filmed once"
    assert lines[-1] == "  and 2 more"
    assert not (out / "repeatability.json").exists()


def test_clips_without_a_client_are_listed(tmp_path):
    clips = [*make_pairs(draw_pairs(2, 2)), make_clip("", 1, [90])]
    out = write_batch(tmp_path / "out", clips)
    measured = Repeatability.model_validate_json(call("repeatability", out, "--json").stdout)
    assert measured.left_out == ["1.mp4: its client is unknown; write it into the column client of clips.csv"]


def test_a_batch_without_any_client_is_refused(tmp_path):
    out = write_batch(tmp_path / "out", [make_clip("", number, [90]) for number in (1, 2)])
    error = call("repeatability", out).exception
    assert isinstance(error, RepeatabilityError)
    assert "no clip has a client" in str(error)


def test_a_folder_of_clips_needs_a_table(tmp_path):
    folder = make_clips_folder(tmp_path / "clips", one=b"1", two=b"2")
    done = call("repeatability", folder)
    assert done.exit_code == 2
    assert "has no clips.csv, so it is unknown who was filmed twice" in done.stderr
    assert call("repeatability", tmp_path / "none").exit_code == 2


def test_compare_uses_own_repeats_and_names_them(tmp_path, own_file):
    for name, fold in (("one", 90), ("two", 95)):
        (tmp_path / name).mkdir()
        result = make_hinge([fold - 1, fold, fold + 1], f"{name}.mp4")
        write_analysis_json(result, tmp_path / name / "analysis.json")
    sides = [tmp_path / "one", tmp_path / "two"]

    def rows(*options):
        done = call("compare", *sides, "--json", *options)
        assert done.exit_code == 0, done.output
        comparison = json.loads(done.stdout)
        return comparison["mdc_source"], {row["key"]: row for row in comparison["pairs"][0]["rows"]}

    source, by_literature = rows()
    assert source == "the literature"
    fold = by_literature["hinge.trunk_thigh_deg"]
    assert (fold["clear"], fold["threshold_source"]) == (False, "the literature")
    source, by_own = rows("--repeatability", own_file)
    fold = by_own["hinge.trunk_thigh_deg"]
    assert (fold["clear"], fold["threshold_source"], source) == (True, "your own 18 pairs", "your own 18 pairs")
    measured = json.loads(own_file.read_text())["movements"][0]["measures"]
    [least] = [one["least_change"] for one in measured if one["key"] == "hinge.trunk_thigh_deg"]
    assert fold["threshold"] == pytest.approx(least, abs=1e-3)
    printed = call("compare", *sides, "--repeatability", own_file)
    assert "Minimal detectable change from your own 18 pairs." in printed.stdout.splitlines()
    page = (tmp_path / "one_vs_two.comparison" / "comparison.html").read_text()
    assert "at 95 %, from your own 18 pairs" in " ".join(page.split())


def test_a_file_that_is_none_stops_the_command(tmp_path):
    (tmp_path / "x.json").write_text("{}")
    error = call("compare", "a.mp4", "b.mp4", "--repeatability", tmp_path / "x.json").exception
    assert isinstance(error, RepeatabilityError)
