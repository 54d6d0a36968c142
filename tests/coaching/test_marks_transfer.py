"""Marks of a clip that is measured as another movement: no report and no correction is lost."""

import pytest

from analyzer.coaching.marks import MarksError, parse_marks
from analyzer.coaching.marks_transfer import select_stage_marks, transfer_marks
from analyzer.results.schema import Stage
from tests.compare.results import result, three_reps

SLUMP = {"name": "slump", "start_s": 2, "end_s": 4}


def slump_test():
    """A slump test with one stage from 1 s to 3 s."""
    stage = Stage(name="knee_straight", side="near", start_s=1, end_s=3)
    return result(movement="slump").model_copy(update={"stages": [stage]})


def test_a_report_of_a_rep_becomes_one_at_its_turn():
    done = result(*three_reps())
    bottom_s = done.reps[1].bottom_s
    carried = transfer_marks({"reports": [{"rep": 2, "level": 4, "word": "ache"}], "threshold": 3}, done)
    assert carried == {"reports": [{"at_s": bottom_s, "level": 4, "word": "ache"}], "threshold": 3}


def test_a_report_of_a_stage_becomes_one_at_its_middle():
    report = {"stage": "knee_straight", "side": "near", "level": 2}
    assert transfer_marks({"reports": [report]}, slump_test()) == {"reports": [{"at_s": 2.0, "level": 2}]}


def test_reports_with_a_time_or_without_an_event_in_the_result_stay():
    reports = [{"at_s": 0.5, "level": 1}, {"stage": "toes_up", "level": 2}]
    assert transfer_marks({"reports": reports}, slump_test())["reports"] == reports


def test_corrected_stages_get_their_movement_once():
    carried = transfer_marks({"stages": [SLUMP]}, slump_test())
    assert carried["stages"] == [SLUMP | {"movement": "slump"}]
    as_hinge = result(*three_reps())
    assert transfer_marks(carried, as_hinge)["stages"] == carried["stages"]


def test_stages_of_another_movement_are_left_out_and_named():
    marks = parse_marks({"stages": [SLUMP | {"movement": "slump"}, {"name": "tall", "start_s": 0, "end_s": 1}]})
    used, warnings = select_stage_marks(marks, "hinge")
    assert [stage.name for stage in used] == ["tall"]
    assert len(warnings) == 1 and "1 corrected stage" in warnings[0] and "slump" in warnings[0]
    used, warnings = select_stage_marks(marks, "slump")
    assert ([stage.name for stage in used], warnings) == (["slump", "tall"], [])


def test_stages_overlap_only_within_one_movement():
    other = {"name": "down", "start_s": 3, "end_s": 5}
    parse_marks({"stages": [SLUMP | {"movement": "slump"}, other | {"movement": "toe_touch"}]})
    with pytest.raises(MarksError, match="overlap"):
        parse_marks({"stages": [SLUMP | {"movement": "slump"}, other]})
