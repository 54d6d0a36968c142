"""The questions that come before a test, as the result holds them in `measures.screen`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ScreeningTable:
    """Questions in groups (how soon, [(question, answer or "")]); `first` where not all of them are answered."""

    first: bool
    intro: str
    note: str
    groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]


def build_screening_table(measures: Mapping[str, Any]) -> ScreeningTable | None:
    """The questions of a result; None where none are asked."""
    data = measures.get("screen")
    if not isinstance(data, Mapping):
        return None
    groups: dict[str, list[tuple[str, str]]] = {}
    for question in data.get("questions", ()):
        answer = {True: "Yes", False: "No"}.get(question.get("answer"), "")
        groups.setdefault(question.get("when", ""), []).append((question["ask"], answer))
    return ScreeningTable(
        first=data.get("state") != "answered",
        intro=data.get("intro", ""),
        note=data.get("note", ""),
        groups=list(groups.items()),
    )
