"""A movement of another package that returns something else than it should: the error names it and what it returned."""

from types import SimpleNamespace
from typing import Any

import pytest

from analyzer.analysis.events import find_events
from analyzer.analysis.measures import measure_movement
from analyzer.coaching.marks import Marks
from analyzer.errors import AnalyzerError
from analyzer.movements.protocol import Events


def context(**methods: Any) -> Any:
    return SimpleNamespace(movement=SimpleNamespace(name="bow", **methods), marks=Marks(), details=None)


def test_find_events_has_to_return_events():
    with pytest.raises(AnalyzerError, match=r"^bow: its find_events\(\) returned list, expected Events\.$"):
        find_events(context(find_events=lambda motion, details: []), motion=None)


@pytest.mark.parametrize("returned", [None, [], 3.0])
def test_compute_measures_has_to_return_a_dict(returned: object):
    faulty = context(compute_measures=lambda motion, details, events: returned)
    with pytest.raises(AnalyzerError, match=rf"^bow: .* returned {type(returned).__name__}, not a dict\.$"):
        measure_movement(faulty, None, Events())


def test_a_dict_of_measures_is_returned_unchanged():
    measures = {"lean_deg": 61.0}
    fine = context(compute_measures=lambda motion, details, events: measures)
    assert measure_movement(fine, None, Events()) is measures
