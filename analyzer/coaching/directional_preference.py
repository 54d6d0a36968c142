"""Which direction the client's own reports speak for, over two tests or more; never read from a posture (sources 4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from analyzer.coaching.marks import DailyHistory
from analyzer.coaching.trainable_menu import DEFAULT_THRESHOLD
from analyzer.movements.protocol import BendDirection, Movement
from analyzer.movements.registry import load_movements
from analyzer.results.schema import Analysis

TestOutcome = Literal["brought_on", "comfortable", "unclear"]
DirectionResult = Literal["rounding", "arching", "none_seen"]

MIN_DIRECTION_TESTS = 2  # sources 4
MIN_LEVEL_CHANGE = 2  # a change of the 0-10 report that counts; sources 4


@dataclass(frozen=True)
class DirectionTest:
    """What one test says; `name` tells tests apart."""

    name: str
    way: BendDirection
    outcome: TestOutcome


def classify_outcome(levels: Sequence[int], baseline: int | None, threshold: int) -> TestOutcome:
    """What the reports of one test say: above the threshold and clearly above before, or comfortable, or unclear."""
    most, before = max(levels), baseline or 0
    if most > threshold and most - before >= MIN_LEVEL_CHANGE:
        return "brought_on"
    return "comfortable" if most <= threshold or before - most >= MIN_LEVEL_CHANGE else "unclear"


def build_direction_test(
    movement: Movement, reported: Sequence[Mapping[str, Any]], baseline: int | None, threshold: int
) -> DirectionTest | None:
    """The test that one clip is; None where its movement speaks for no direction, or nothing was reported."""
    if movement.direction is None:
        return None
    not_tested = movement.baseline_stages | movement.release_stages
    levels = [one["level"] for one in reported if one.get("stage") not in not_tested]
    rest = [one["level"] for one in reported if one.get("stage") in movement.baseline_stages]
    if not levels:
        return None
    before = min(rest, default=None) if baseline is None else baseline
    return DirectionTest(movement.name, movement.direction, classify_outcome(levels, before, threshold))


def results_from_history(history: DailyHistory) -> list[DirectionTest]:
    """Sitting counts as rounding and standing as arching; what eases counts as comfortable."""
    told: list[tuple[str, BendDirection, str | None]] = [
        ("sitting", "rounding", history.sitting),
        ("standing", "arching", history.standing),
    ]
    return [
        DirectionTest(name, way, "brought_on" if effect == "brings_on" else "comfortable")
        for name, way, effect in told
        if effect is not None
    ]


def assess_direction(tests: Iterable[DirectionTest]) -> DirectionResult | None:
    """The direction that bothers; "none_seen" for both, neither and mixed; None with fewer than two tests.

    One direction has to have brought it on in every test of it, the other to have been comfortable in every one.
    """
    by_name = {test.name: test for test in tests}
    if len(by_name) < MIN_DIRECTION_TESTS:
        return None
    outcomes: dict[BendDirection, set[TestOutcome]] = {"rounding": set(), "arching": set()}
    for test in by_name.values():
        outcomes[test.way].add(test.outcome)
    if outcomes["rounding"] == {"brought_on"} and outcomes["arching"] == {"comfortable"}:
        return "rounding"
    if outcomes["arching"] == {"brought_on"} and outcomes["rounding"] == {"comfortable"}:
        return "arching"
    return "none_seen"


def tests_from_analyses(analyses: Iterable[Analysis]) -> list[DirectionTest]:
    """The tests that several results hold, a later one in place of an earlier one of the same movement."""
    found: list[DirectionTest] = []
    for analysis in analyses:
        context = analysis.measures.get("context") or {}
        movement = load_movements().get(analysis.movement.name)
        reported = analysis.measures.get("reported") or []
        threshold = context.get("threshold", DEFAULT_THRESHOLD)
        if movement and (test := build_direction_test(movement, reported, context.get("baseline_level"), threshold)):
            found.append(test)
        found += results_from_history(DailyHistory.model_validate(context.get("daily") or {}))
    return found


def assess_client_direction(analyses: Iterable[Analysis]) -> DirectionResult | None:
    """`direction` over several results, those of one client."""
    return assess_direction(tests_from_analyses(analyses))
