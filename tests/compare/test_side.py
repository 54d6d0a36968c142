from pathlib import Path

import pytest

from analyzer.compare.side import CompareError, SideSource, parse_source
from analyzer.compare.side_loading import load_analysis, load_side
from analyzer.report.data_files import write_analysis_json
from analyzer.request import AnalysisRequest
from analyzer.settings import Settings
from tests.compare.results import result, side, three_reps


def open_result(path, part=None):
    return load_side(SideSource(Path(path), part), AnalysisRequest(), Settings(), lambda stage, done, total: None)


@pytest.mark.parametrize(
    ("text", "path", "part"),
    [
        ("set.mp4", "set.mp4", None),
        ("set.mp4@1-3", "set.mp4", (1, 3)),
        ("a/b c.mp4@2", "a/b c.mp4", (2, 2)),
        ("me@gym.mp4", "me@gym.mp4", None),
        ("me@gym.mp4@4-6", "me@gym.mp4", (4, 6)),
    ],
)
def test_reps_are_named_after_the_path(text, path, part):
    assert parse_source(text) == SideSource(Path(path), part)


@pytest.mark.parametrize("text", ["set.mp4@0-2", "set.mp4@3-1"])
def test_invalid_rep_numbers_are_refused(text):
    with pytest.raises(CompareError, match=r"expected reps from the first to the last, such as set\.mp4@1-3"):
        parse_source(text)


def test_a_file_whose_name_ends_like_reps_is_that_file(tmp_path):
    (tmp_path / "set@2").mkdir()
    assert parse_source(str(tmp_path / "set@2")).event_range is None


def test_a_folder_and_its_file_are_the_same_result(tmp_path):
    write_analysis_json(result(*three_reps()), tmp_path / "analysis.json")
    assert open_result(tmp_path).analysis == open_result(tmp_path / "analysis.json").analysis
    assert open_result(tmp_path).analysis.reps == three_reps()
    assert open_result(tmp_path).video is None
    (tmp_path / "annotated.mp4").touch()
    assert open_result(tmp_path).video == tmp_path / "annotated.mp4"


def test_only_the_named_reps_are_compared():
    assert [rep.index for rep in side(result(*three_reps()), (2, 3)).analysis.reps] == [2, 3]


@pytest.mark.parametrize("part", [(2, 4), (7, 9)])
def test_missing_reps_are_refused(part):
    with pytest.raises(CompareError, match=r"a\.mp4@\d-\d: there are 3\. Choose from 1 to 3\."):
        side(result(*three_reps()), part)


def test_sides_that_cannot_be_compared_have_an_error_in_one_line(tmp_path):
    for action, match in (
        (lambda: side(result()), "no rep, hold or stage was found"),
        (lambda: side(result(), (1, 2)), "has no reps or holds to choose from"),
        (lambda: side(result(*three_reps(), movement="unknown")), "the movement is unknown"),
        (lambda: load_analysis(tmp_path / "analysis.json"), "is not there. Analyse the clip first"),
    ):
        with pytest.raises(CompareError, match=match) as error:
            action()
        assert "\n" not in str(error.value)
    (tmp_path / "analysis.json").write_text('{"schema_version": "9"}')
    with pytest.raises(CompareError, match="is no result of this version"):
        load_analysis(tmp_path / "analysis.json")
