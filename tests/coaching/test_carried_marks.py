"""Marks when a clip turns out to be another movement: nothing a client reported and no correction gets lost."""

import pytest

from analyzer.coaching.carried_marks import carried_over, stages_of
from analyzer.coaching.marks import MarksError, marks_of
from analyzer.result import Stage
from tests.compare.results import result, three

SLUMP = {"name": "slump", "start_s": 2, "end_s": 4}


def slump_test():
    """A slump test with one stage from 1 s to 3 s."""
    stage = Stage(name="knee_straight", side="near", start_s=1, end_s=3)
    return result(movement="slump").model_copy(update={"stages": [stage]})


def test_a_report_of_a_rep_becomes_one_of_its_turn():
    done = result(*three())
    bottom_s = done.reps[1].bottom_s
    carried = carried_over({"reports": [{"rep": 2, "level": 4, "word": "ache"}], "threshold": 3}, done)
    assert carried == {"reports": [{"at_s": bottom_s, "level": 4, "word": "ache"}], "threshold": 3}


def test_a_report_of_a_stage_becomes_one_of_its_middle():
    report = {"stage": "knee_straight", "side": "near", "level": 2}
    assert carried_over({"reports": [report]}, slump_test()) == {"reports": [{"at_s": 2.0, "level": 2}]}


def test_a_report_of_what_is_not_in_the_result_and_one_with_a_time_stay():
    reports = [{"at_s": 0.5, "level": 1}, {"stage": "toes_up", "level": 2}]
    assert carried_over({"reports": reports}, slump_test())["reports"] == reports


def test_corrected_stages_are_filed_under_their_movement_once():
    carried = carried_over({"stages": [SLUMP]}, slump_test())
    assert carried["stages"] == [SLUMP | {"movement": "slump"}]
    as_hinge = result(*three())
    assert carried_over(carried, as_hinge)["stages"] == carried["stages"]


def test_stages_of_another_movement_are_left_out_and_named():
    marks = marks_of({"stages": [SLUMP | {"movement": "slump"}, {"name": "tall", "start_s": 0, "end_s": 1}]})
    used, warnings = stages_of(marks, "hinge")
    assert [stage.name for stage in used] == ["tall"]
    assert len(warnings) == 1 and "1 corrected stage" in warnings[0] and "slump" in warnings[0]
    used, warnings = stages_of(marks, "slump")
    assert ([stage.name for stage in used], warnings) == (["slump", "tall"], [])


def test_stages_overlap_only_within_one_movement():
    other = {"name": "down", "start_s": 3, "end_s": 5}
    marks_of({"stages": [SLUMP | {"movement": "slump"}, other | {"movement": "toe_touch"}]})
    with pytest.raises(MarksError, match="overlap"):
        marks_of({"stages": [SLUMP | {"movement": "slump"}, other]})
