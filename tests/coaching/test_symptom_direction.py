"""Directional preference: only from reports, and only by two tests or more."""

from itertools import product

import pytest

from analyzer.coaching.coaching_measures import ReportedSymptom
from analyzer.coaching.marks import DailyHistory
from analyzer.coaching.symptom_direction import (
    DirectionTest,
    assess_client_direction,
    assess_direction,
    build_direction_test,
    classify_outcome,
    results_from_history,
)
from analyzer.movements.registry import get_movement
from analyzer.results.schema import Analysis
from tests.compare.results import result


@pytest.mark.parametrize(
    ("levels", "baseline", "outcome"),
    [
        ([0], None, "comfortable"),
        ([2, 1], None, "comfortable"),
        ([3], None, "brought_on"),
        ([3], 2, "unclear"),  # one point is no change
        ([4], 2, "brought_on"),
        ([5], 5, "unclear"),
        ([4], 6, "comfortable"),  # eased
        ([0, 5, 1], 0, "brought_on"),
    ],
)
def test_reports_of_a_test_are_classified(levels, baseline, outcome):
    assert classify_outcome(levels, baseline, threshold=2) == outcome


def make(name: str, direction: str, outcome: str) -> DirectionTest:
    return DirectionTest(name, direction, outcome)


@pytest.mark.parametrize(
    ("tests", "result"),
    [
        ([], None),
        ([make("slump", "rounding", "brought_on")], None),
        ([make("slump", "rounding", "brought_on")] * 2, None),  # the same test twice is one test
        ([make("slump", "rounding", "brought_on"), make("extension", "arching", "comfortable")], "rounding"),
        ([make("slump", "rounding", "comfortable"), make("extension", "arching", "brought_on")], "arching"),
        ([make("slump", "rounding", "brought_on"), make("extension", "arching", "brought_on")], "none_seen"),
        ([make("slump", "rounding", "comfortable"), make("extension", "arching", "comfortable")], "none_seen"),
        ([make("slump", "rounding", "brought_on"), make("extension", "arching", "unclear")], "none_seen"),
        ([make("slump", "rounding", "brought_on"), make("toe", "rounding", "brought_on")], "none_seen"),
        ([make("slump", "rounding", "brought_on"), make("toe", "rounding", "comfortable"),
          make("e", "arching", "comfortable")],
         "none_seen"),
    ],
)  # fmt: skip
def test_one_direction_needs_both_sides_to_agree(tests, result):
    assert assess_direction(tests) == result


def test_swapping_the_directions_swaps_the_answer():
    other = {"rounding": "arching", "arching": "rounding", "none_seen": "none_seen", None: None}
    outcomes = ("brought_on", "comfortable", "unclear")
    for one, two in product(product(("rounding", "arching"), outcomes), repeat=2):
        tests = [make("one", *one), make("two", *two)]
        swapped = [make(test.name, other[test.direction], test.outcome) for test in tests]
        assert assess_direction(swapped) == other[assess_direction(tests)]


def reported(*levels: tuple[str | None, int]) -> list[ReportedSymptom]:
    return [ReportedSymptom(at_s=1.0, stage=stage, level=level, light="go") for stage, level in levels]


def test_the_slump_test_is_compared_with_its_own_upright_stage():
    unclear = reported(("tall_sit", 3), ("slump", 4), ("chin_to_chest", 4))
    brought_on = reported(("tall_sit", 3), ("slump", 4), ("chin_to_chest", 5))
    assert build_direction_test(get_movement("slump"), unclear, None, 2) == make("slump", "rounding", "unclear")
    assert build_direction_test(get_movement("slump"), brought_on, None, 2) == make("slump", "rounding", "brought_on")
    assert build_direction_test(get_movement("slump"), reported(("neck_release", 9)), None, 2) is None


def test_a_movement_without_direction_is_no_test():
    assert build_direction_test(get_movement("plank"), reported((None, 5)), None, 2) is None


def test_history_counts_as_tests():
    tests = results_from_history(DailyHistory(sitting="brings_on", standing="eases"))
    assert assess_direction(tests) == "rounding"
    assert assess_direction(results_from_history(DailyHistory(sitting="brings_on"))) is None
    assert assess_direction(results_from_history(DailyHistory(sitting="neither", standing="brings_on"))) == "arching"


def clip(movement: str, levels: list[int], **context) -> Analysis:
    measures = {
        "reported": [{"at_s": 1.0, "level": level, "light": "go"} for level in levels],
        "context": {"threshold": 2, **context},
    }
    return result(movement=movement, measures=measures)


def test_over_several_results():
    assert assess_client_direction([clip("toe_touch", [4]), clip("standing_extension", [0])]) == "rounding"
    assert (
        assess_client_direction(
            [clip("toe_touch", [4]), clip("standing_extension", [0], threshold=2, baseline_level=3)]
        )
        == "rounding"
    )
    assert assess_client_direction([clip("toe_touch", [4]), clip("hinge", [0])]) is None
    assert assess_client_direction([clip("toe_touch", [4], daily={"standing": "eases"})]) == "rounding"
    assert (
        assess_client_direction([clip("toe_touch", [4]), clip("toe_touch", [0]), clip("standing_extension", [5])])
        == "arching"
    )  # the later answer counts
