"""The marks file: what it may hold, and one clear line for anything else."""

import json
from pathlib import Path

import pytest

from analyzer.coaching.marks import Marks, MarksError, parse_marks, read_marks
from analyzer.coaching.screening import load_screening

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "marks.json"
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "marks.md"


def test_every_field_is_optional():
    marks = parse_marks(None)
    assert marks == Marks()
    assert (marks.threshold, marks.lights.go_to, marks.lights.modify_to) == (2, 3, 5)


def test_the_example_is_read_and_answers_every_question():
    marks = read_marks(EXAMPLE)
    assert {question.id for question in load_screening().questions} == set(marks.screen)
    assert marks.reports and marks.stages and marks.context.note is not None
    assert parse_marks(marks.model_dump(mode="json")) == marks


@pytest.mark.parametrize("field", Marks.model_fields)
def test_every_field_is_described(field):
    assert f"`{field}" in GUIDE.read_text(encoding="utf-8")


def test_every_question_is_described():
    guide = GUIDE.read_text(encoding="utf-8")
    assert [question.id for question in load_screening().questions if f"`{question.id}`" not in guide] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[]", "input should be an object"),
        ('{"report": []}', "report: extra inputs are not permitted"),
        ('{"reports": [{"level": 3}]}', "reports[0]: give exactly one of at_s, stage, rep and hold"),
        ('{"reports": [{"level": 3, "rep": 1, "at_s": 2}]}', "reports[0]: give exactly one of"),
        ('{"reports": [{"level": 3, "rep": 1, "side": "near"}]}', "reports[0]: side goes with stage only"),
        ('{"reports": [{"at_s": 1}]}', "reports[0].level: field required"),
        ('{"reports": [{"at_s": 1, "level": 11}]}', "less than or equal to 10, got 11"),
        ('{"reports": [{"at_s": 1, "level": 2.5}]}', "reports[0].level: input should be a valid integer"),
        ('{"reports": [{"at_s": NaN, "level": 2}]}', "reports[0].at_s"),
        ('{"reports": [{"at_s": -1, "level": 2}]}', "at_s: input should be greater than or equal to 0, got -1"),
        ('{"reports": [{"rep": 0, "level": 2}]}', "reports[0].rep: input should be greater than or equal to 1, got 0"),
        ('{"reports": [{"at_s": 1, "level": 2, "where": "knee"}]}', "reports[0].where: input should be 'back'"),
        ('{"reports": [{"at_s": 1, "level": 2, "on_release": "gone"}]}', "reports[0].on_release: input should be"),
        ('{"stages": [{"name": "slump", "start_s": 3, "end_s": 2}]}', "stages[0]: end_s has to be later than start_s"),
        ('{"stages": [{"name": "a", "start_s": 1, "end_s": 3}, {"name": "b", "start_s": 2, "end_s": 4}]}', "a and b"),
        ('{"screen": {"headache": true}}', "screen: headache is not a question; there are saddle_numbness,"),
        ('{"screen": {"worried": "perhaps"}}', "screen.worried: input should be a valid boolean"),
        ('{"threshold": 12}', "threshold: input should be less than or equal to 10, got 12"),
        ('{"lights": {"go_to": 6}}', "lights: modify_to has to be at least go_to"),
        ('{"context": {"note": {"kind": "spiritual"}}}', "context.note.kind: input should be 'structural', 'coaching'"),
        ('{"tried": ["luck"]}', "tried[0]: input should be 'range'"),
        ('{"history": {"sitting": "hurts"}}', "history.sitting: input should be 'brings_on'"),
    ],
)  # fmt: skip
def test_an_invalid_file_gets_one_clear_line(tmp_path, text, message):
    path = tmp_path / "anna.json"
    path.write_text(text)
    with pytest.raises(MarksError) as error:
        read_marks(path)
    line = str(error.value)
    assert line.startswith("anna.json: ") and message in line and line.endswith("See docs/marks.md.")
    assert "\n" not in line


def test_several_errors_are_counted(tmp_path):
    path = tmp_path / "anna.json"
    path.write_text('{"threshold": 12, "baseline_level": 13}')
    with pytest.raises(MarksError, match=r"\(1 more\)"):
        read_marks(path)


def test_files_that_are_missing_binary_or_too_large_are_refused(tmp_path):
    with pytest.raises(MarksError, match=r"gone\.json: No such file"):
        read_marks(tmp_path / "gone.json")
    with pytest.raises(MarksError, match="Is a directory"):
        read_marks(tmp_path)
    (tmp_path / "clip.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MarksError, match=r"clip\.json: is not a text file"):
        read_marks(tmp_path / "clip.json")
    (tmp_path / "big.json").write_text(json.dumps({"keep_doing": "a" * 1_000_001}))
    with pytest.raises(MarksError, match=r"big\.json: is larger than 1 MB"):
        read_marks(tmp_path / "big.json")
