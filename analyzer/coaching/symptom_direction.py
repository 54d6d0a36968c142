"""The direction of bending that brings a client's symptoms on, by two tests or more, never by posture (sources 4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from analyzer.coaching.coaching_measures import DirectionResult, ReportedSymptom, read_coaching_measures
from analyzer.coaching.marks import DailyHistory
from analyzer.coaching.trainable_menu import DEFAULT_THRESHOLD
from analyzer.movements.protocol import BendDirection, Movement
from analyzer.movements.registry import load_movements
from analyzer.results.schema import Analysis

TestOutcome = Literal["brought_on", "comfortable", "unclear"]

MIN_DIRECTION_TESTS = 2  # sources 4
MIN_LEVEL_CHANGE = 2  # a change of the 0-10 report that counts; sources 4


@dataclass(frozen=True)
class DirectionTest:
    """The outcome of one test; tests with different names count as different tests."""

    name: str
    direction: BendDirection
    outcome: TestOutcome


def classify_outcome(levels: Sequence[int], baseline: int | None, threshold: int) -> TestOutcome:
    """Classify the reports of one test.

    Parameters
    ----------
    levels : reported levels, 0 to 10, at least one.
    baseline : level before the test; None counts as 0.
    threshold : levels up to this are comfortable.

    Returns
    -------
    "brought_on" above the threshold and clearly above the level before; "comfortable" up to the threshold or clearly
    below the level before; "unclear" otherwise.
    """
    highest, before = max(levels), baseline or 0
    if highest > threshold and highest - before >= MIN_LEVEL_CHANGE:
        return "brought_on"
    return "comfortable" if highest <= threshold or before - highest >= MIN_LEVEL_CHANGE else "unclear"


def build_direction_test(
    movement: Movement, reported: Sequence[ReportedSymptom], baseline: int | None, threshold: int
) -> DirectionTest | None:
    """Build the test that one clip is; None where its movement tests no direction, or nothing was reported."""
    if movement.direction is None:
        return None
    not_tested = movement.baseline_stages | movement.release_stages
    levels = [report.level for report in reported if report.has_place and report.stage not in not_tested]
    baseline_levels = [report.level for report in reported if report.stage in movement.baseline_stages]
    if not levels:
        return None
    before = min(baseline_levels, default=None) if baseline is None else baseline
    return DirectionTest(movement.name, movement.direction, classify_outcome(levels, before, threshold))


def results_from_history(history: DailyHistory) -> list[DirectionTest]:
    """List daily sitting as a test of rounding and standing as one of arching; easing counts as comfortable."""
    postures: list[tuple[str, BendDirection, str | None]] = [
        ("sitting", "rounding", history.sitting),
        ("standing", "arching", history.standing),
    ]
    return [
        DirectionTest(name, direction, "brought_on" if effect == "brings_on" else "comfortable")
        for name, direction, effect in postures
        if effect is not None
    ]


def assess_direction(tests: Iterable[DirectionTest]) -> DirectionResult | None:
    """Return the direction that bothers; "none_seen" for both, neither and mixed; None with fewer than two tests.

    One direction has to have brought it on in every test of it, the other to have been comfortable in every one.
    """
    by_name = {test.name: test for test in tests}
    if len(by_name) < MIN_DIRECTION_TESTS:
        return None
    outcomes: dict[BendDirection, set[TestOutcome]] = {"rounding": set(), "arching": set()}
    for test in by_name.values():
        outcomes[test.direction].add(test.outcome)
    if outcomes["rounding"] == {"brought_on"} and outcomes["arching"] == {"comfortable"}:
        return "rounding"
    if outcomes["arching"] == {"brought_on"} and outcomes["rounding"] == {"comfortable"}:
        return "arching"
    return "none_seen"


def tests_from_analyses(analyses: Iterable[Analysis]) -> list[DirectionTest]:
    """List the tests of several results, oldest first; `assess_direction` counts the last one of each name."""
    tests: list[DirectionTest] = []
    for analysis in analyses:
        movement, measures = load_movements().get(analysis.movement.name), read_coaching_measures(analysis)
        context = measures.context
        baseline, threshold = (context.baseline_level, context.threshold) if context else (None, DEFAULT_THRESHOLD)
        if movement and (test := build_direction_test(movement, measures.reported, baseline, threshold)):
            tests.append(test)
        tests += results_from_history(context.daily) if context else []
    return tests


def assess_client_direction(analyses: Iterable[Analysis]) -> DirectionResult | None:
    """Return the direction that bothers a client by all their results, oldest first."""
    return assess_direction(tests_from_analyses(analyses))
