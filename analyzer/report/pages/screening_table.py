"""The screening questions, as the result holds them in `measures.screen`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analyzer.vocabulary.measures import MeasureValue


@dataclass(frozen=True)
class ScreeningTable:
    """Screening questions.

    Attributes
    ----------
    is_pending : whether answers are missing; the questions then come before everything else.
    groups : how soon to speak to somebody, and (question, answer) pairs; the answer is "" where it is missing.
    """

    is_pending: bool
    intro: str
    note: str
    groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]


def build_screening_table(measures: Mapping[str, MeasureValue]) -> ScreeningTable | None:
    """Build the table of questions of a result; None where the movement has none."""
    screen = measures.get("screen")
    if not isinstance(screen, Mapping):
        return None
    groups: dict[str, list[tuple[str, str]]] = {}
    for question in screen.get("questions", ()):
        answer = {True: "Yes", False: "No"}.get(question.get("answer"), "")
        groups.setdefault(question.get("when", ""), []).append((question["ask"], answer))
    return ScreeningTable(
        is_pending=screen.get("state") != "answered",
        intro=screen.get("intro", ""),
        note=screen.get("note", ""),
        groups=list(groups.items()),
    )
