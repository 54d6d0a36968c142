"""Texts of a result that need no clip."""

import numpy as np
import pytest

from analyzer.analysis.result import describe_turns


@pytest.mark.parametrize(
    ("frames", "times"),
    [
        ([3], "0.3 s"),
        ([0, 1, 2, 8, 9], "0.0 to 0.2, 0.8 to 0.9 s"),
        ([1, 3, 5, 7, 9], "0.1, 0.3, 0.5 s and later"),
    ],
)
def test_the_warning_says_when_the_person_faces_elsewhere(frames: list[int], times: str):
    is_turned_away = np.zeros(10, dtype=bool)
    is_turned_away[frames] = True
    warning = describe_turns(np.arange(10) / 10, is_turned_away)
    assert warning == f"the person faces elsewhere, or the film is cut, at {times}: these frames are left empty"
