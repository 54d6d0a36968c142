"""Marks from the command line, and in the interpretation of a clip."""

import subprocess
import sys

import pytest

from analyzer.coaching.marks import MarksError
from analyzer.coaching.screening import load_screening
from analyzer.coaching.trainable_menu import load_menu
from analyzer.movements.protocol import Events, Observation
from analyzer.movements.registry import RecognisedMovement
from analyzer.request import AnalysisRequest
from tests.coaching.people import StubMovement, motion, stage
from tests.interpretation import interpret_motion

NO = {question.id: False for question in load_screening().questions}


class Slump(StubMovement):
    """Two stages, whose count it measures and reports."""

    def find_events(self, motion, details):
        return Events(stages=[stage("tall_sit", 0, 2, neck_flexion_deg=0), stage("slump", 2, 9, neck_flexion_deg=30)])

    def compute_measures(self, motion, details, events):
        return {"ends_s": [one.end_s for one in events.stages]}

    def list_observations(self, details, events, measures):
        return [Observation("slump.recorded", "can", 1.0, {"stages": len(measures["ends_s"])})]


def interpret(marks=None, movement=None):
    tracked_motion = motion(
        neck_flexion_deg=20.0, trunk_inclination_deg=0.0, back_rounding_deg=0.0, knee_flexion_deg=90.0
    )
    movement = movement or Slump("slump", "neck_flexion_deg")
    return interpret_motion(
        tracked_motion, RecognisedMovement(movement, 1.0), AnalysisRequest(movement="slump", marks=marks)
    )


def test_measures_and_reports_use_corrected_stages():
    result = interpret(
        {"stages": [{"name": "slump", "start_s": 3, "end_s": 7}], "reports": [{"at_s": 6.5, "level": 1}]}
    )
    assert result.measures["ends_s"] == [2, 7]
    assert result.events.stages[1].angles == {"neck_flexion_deg": 20}
    assert result.events.stages[1].reported.level == 1


def test_measures_of_the_movement_and_of_the_marks_are_merged():
    assert set(interpret().measures) == {"ends_s", "context", "screen"}
    assert [one.id for one in interpret({"screen": NO}).findings] == [
        "slump.recorded",
        "back.not_measured",
        "general.keep_going",
    ]


def test_reports_stay_with_an_unknown_movement():
    result = interpret_motion(
        motion(),
        RecognisedMovement(None, 0.0),
        AnalysisRequest(marks={"reports": [{"at_s": 1, "level": 0}]}),
    )
    assert (result.movement.name, result.findings) == ("unknown", [])
    assert result.measures["reported"][0]["light"] == "go"


def test_marks_that_do_not_fit_are_one_error():
    with pytest.raises(MarksError, match="marks: reports\\[0\\]: no stage dance"):
        interpret({"reports": [{"stage": "dance", "level": 1}]})
    with pytest.raises(MarksError, match="marks: threshold"):
        interpret({"threshold": -1})


@pytest.mark.parametrize("text", ["{", '{"threshold": 11}', None])
def test_an_invalid_marks_file_is_wrong_usage_in_one_line(tmp_path, text):
    path = tmp_path / "anna.json"
    if text is not None:
        path.write_text(text)
    before = sorted(tmp_path.iterdir())
    command = [sys.executable, "-m", "analyzer", "run", "clip.mp4", "--marks", "anna.json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("anna.json: ")
    assert sorted(tmp_path.iterdir()) == before


def test_a_report_after_the_clip_is_an_error():
    with pytest.raises(MarksError, match=r"reports\[0\]: at 99 s; the clip ends at 9\.9 s"):
        interpret({"reports": [{"at_s": 99, "level": 1}]})


def test_the_step_after_a_slump_test_is_not_a_load():
    step = interpret({"screen": NO, "reports": [{"stage": "slump", "level": 0}]}).findings[-1].try_
    assert step in {one.say for one in load_menu()["after_slump"].steps}


def test_the_range_is_not_all_comfortable_after_an_uncomfortable_report():
    marks = {"screen": NO, "reports": [{"stage": "slump", "level": 1}, {"stage": "tall_sit", "level": 3}]}
    assert "reported.all_comfortable" not in {one.id for one in interpret(marks).findings}
