"""Which direction the client's own reports speak for, over two tests or more; never read from a posture (domain 4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from analyzer.coaching.marks import History
from analyzer.coaching.menu import DEFAULT_THRESHOLD
from analyzer.result import Analysis

Way = Literal["rounding", "arching"]
Outcome = Literal["brought_on", "comfortable", "unclear"]
Seen = Literal["rounding", "arching", "none_seen"]

LEAST_TESTS = 2  # domain 4
CLEAR_LEVELS = 2  # a change of the 0-10 report that counts; domain 4
_WAYS: Mapping[str, Way] = {"slump": "rounding", "toe_touch": "rounding", "standing_extension": "arching"}
_TALL = frozenset({"tall_sit", "return"})  # stages of the slump test that are not rounded
_EASED = frozenset({"neck_release"})  # rounded, but there to see what letting go does


@dataclass(frozen=True)
class Answer:
    """What one test says; `name` tells tests apart."""

    name: str
    way: Way
    outcome: Outcome


def outcome_of(levels: Sequence[int], baseline: int | None, threshold: int) -> Outcome:
    """What the reports of one test say: above the threshold and clearly above before, or comfortable, or unclear."""
    most, before = max(levels), baseline or 0
    if most > threshold and most - before >= CLEAR_LEVELS:
        return "brought_on"
    return "comfortable" if most <= threshold or before - most >= CLEAR_LEVELS else "unclear"


def answer_of(
    movement: str, reported: Sequence[Mapping[str, Any]], baseline: int | None, threshold: int
) -> Answer | None:
    """The test that one clip is; None where its movement speaks for no direction, or nothing was reported."""
    way = _WAYS.get(movement)
    if way is None:
        return None
    levels = [one["level"] for one in reported if one.get("stage") not in _TALL | _EASED]
    rest = [one["level"] for one in reported if one.get("stage") in _TALL]
    if not levels:
        return None
    before = min(rest, default=None) if baseline is None else baseline
    return Answer(movement, way, outcome_of(levels, before, threshold))


def answers_of_history(history: History) -> list[Answer]:
    """Sitting counts as rounding and standing as arching; what eases counts as comfortable."""
    told: list[tuple[str, Way, str | None]] = [
        ("sitting", "rounding", history.sitting),
        ("standing", "arching", history.standing),
    ]
    return [
        Answer(name, way, "brought_on" if effect == "brings_on" else "comfortable")
        for name, way, effect in told
        if effect is not None
    ]


def direction(tests: Iterable[Answer]) -> Seen | None:
    """The direction that bothers; "none_seen" for both, neither and mixed; None with fewer than two tests.

    One direction has to have brought it on in every test of it, the other to have been comfortable in every one.
    """
    by_name = {test.name: test for test in tests}
    if len(by_name) < LEAST_TESTS:
        return None
    outcomes: dict[Way, set[Outcome]] = {"rounding": set(), "arching": set()}
    for test in by_name.values():
        outcomes[test.way].add(test.outcome)
    if outcomes["rounding"] == {"brought_on"} and outcomes["arching"] == {"comfortable"}:
        return "rounding"
    if outcomes["arching"] == {"brought_on"} and outcomes["rounding"] == {"comfortable"}:
        return "arching"
    return "none_seen"


def answers_over(analyses: Iterable[Analysis]) -> list[Answer]:
    """The tests that several results hold, a later one in place of an earlier one of the same movement."""
    found: list[Answer] = []
    for analysis in analyses:
        context = analysis.measures.get("context") or {}
        one = answer_of(
            analysis.movement.name,
            analysis.measures.get("reported") or [],
            context.get("baseline_level"),
            context.get("threshold", DEFAULT_THRESHOLD),
        )
        found += [one] if one else []
        found += answers_of_history(History.model_validate(context.get("daily") or {}))
    return found


def direction_over(analyses: Iterable[Analysis]) -> Seen | None:
    """`direction` over several results, those of one client."""
    return direction(answers_over(analyses))
