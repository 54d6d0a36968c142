"""Key measures on the coach's page, the same numbers in the terminal and in the batch table."""

import pytest

from analyzer.analysis.pipeline import analyze
from analyzer.batch.summary_tables import SUMMARY_COLUMNS
from analyzer.cli.result_text import summary_lines
from analyzer.report.pages.coach_content import KeyMeasureTile, list_key_measures
from analyzer.report.pages.event_overview import build_event_overview
from analyzer.results.schema import Alternative, KeyMeasure
from tests.compare.results import rep, result


def with_measures(analysis):
    fold = KeyMeasure(
        id="hinge.fold", label="Trunk-thigh", value=90, unit="deg", interval_80=(85, 95), per_rep=[88, None]
    )
    time = KeyMeasure(id="hinge.ascent", label="Time up", value=1.25, unit="s", interval_80=None, per_rep=[])
    return analysis.model_copy(update={"key_measures": [fold, time]})


def test_one_tile_a_measure_with_its_interval():
    assert list_key_measures(with_measures(result(rep(1), rep(2)))) == [
        KeyMeasureTile("Trunk-thigh", "90°", "85 to 95"),
        KeyMeasureTile("Time up", "1.2\N{NO-BREAK SPACE}s", ""),
    ]
    assert list_key_measures(result(rep(1))) == []


def test_an_arched_and_a_rounded_back_are_named_on_the_tile_and_in_the_terminal():
    interval, known = (-23.0, -6.0), result(rep(1), rep(2))
    back = KeyMeasure(id="hinge.back", label="Back", value=-15, unit="deg", interval_80=interval, per_rep=[-15, -14])
    arched = known.model_copy(update={"key_measures": [back.model_copy(update={"direction": "arched"})]})
    assert list_key_measures(arched) == [KeyMeasureTile("Back", "15° arched", "6 to 23")]
    assert "Back: 15° arched (6 to 23)" in list(summary_lines(arched))
    overview = build_event_overview(arched)
    assert overview is not None
    assert (overview.columns, [row.cells for row in overview.rows]) == (["Back, arched"], [["15°"], ["14°"]])


def test_the_terminal_shows_them_before_the_findings():
    lines = list(summary_lines(with_measures(result(rep(1), rep(2)))))
    assert lines.index("Trunk-thigh: 90° (85 to 95)") == 2
    assert "key_measures" in SUMMARY_COLUMNS


def test_the_terminal_names_movements_as_words_and_promises_no_angles_that_are_missing():
    analysis = result(rep(1), rep(2))
    analysis.movement.source = "auto"
    analysis.movement.alternatives = [Alternative(name="sit_to_stand", confidence=0.2)]
    assert any("perhaps sit to stand 20%: --movement sit_to_stand" in line for line in summary_lines(analysis))
    analysis.movement.name = "unknown"
    for grade, words in (("good", "Movement: not recognised; angles only"), ("refused", "Movement: not recognised;")):
        analysis.view.grade = grade
        [line] = [line for line in summary_lines(analysis) if line.startswith("Movement")]
        assert line.startswith(words) and ("angles" in line) == (grade == "good")


@pytest.mark.pose_model
def test_the_sample_clips_differ_in_what_is_said_of_the_back():
    """Truth of the rendered clips: sample_videos/*.truth.json; one back stays flat, the other rounds."""
    back_of = {}
    for name in ("hinge_neutral", "hinge_rounded"):
        analysis = analyze(f"sample_videos/{name}.mp4", movement="hinge")
        [back] = [measure for measure in analysis.key_measures if measure.id == "hinge.back"]
        back_of[name] = (back.value, [finding.id for finding in analysis.findings if finding.id.startswith("back.")])
    assert abs(back_of["hinge_neutral"][0]) < 10 < 25 < back_of["hinge_rounded"][0]
    assert back_of["hinge_neutral"][1] == ["back.keeps_shape"] and back_of["hinge_rounded"][1][0] == "back.rounds"
