"""The card of a session, chosen from the results of its clips: few things, what the person can do first."""

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import Field

from analyzer.coaching.catalogue import fill_template
from analyzer.coaching.coaching_measures import read_coaching_measures
from analyzer.coaching.session_plans import PlanKind
from analyzer.results.schema import Analysis, Finding, FindingKind
from analyzer.strict_model import InputModel, StrictModel

TEXTS_FILE = Path(__file__).with_name("session_card.toml")
MAX_CAN = 3  # of a practice session; chosen
MAX_CHANGES = 2  # sentences about what changed: sources 6 (never a laundry list)
PRACTICE_ORDER = ("again", "try_2", "try_1", "first")
"""Which clip represents a practice session, best first: the last that was filmed; chosen."""
FIRST_STEP, REPEATED_STEP = "first", "again"


@dataclass(frozen=True)
class CardStep:
    """A step of a session with the result of its clip.

    Parameters
    ----------
    name, title : as in the plan.
    is_filmed : whether the plan has a clip of it; otherwise the coach takes a note.
    is_skipped : whether it was left out.
    cue, note : as the coach wrote them.
    result : of the clip; None where there is none, or none yet.
    """

    name: str
    title: str
    is_filmed: bool
    is_skipped: bool = False
    cue: str = ""
    note: str = ""
    result: Analysis | None = None


class CardLine(StrictModel):
    """One line of a card."""

    step: str = Field(description="name of its step", examples=["first"])
    title: str = Field(description="title of its step", examples=["First clip"])
    text: str


@dataclass(frozen=True)
class BetterTry:
    """The try that felt better by the symptom reports, and the clip that it is held against; levels 0 to 10."""

    step: CardStep
    level: float
    other: CardStep
    other_level: float


class CardTexts(InputModel):
    """The sentences of `session_card.toml`."""

    nothing_ready: str = Field(min_length=1)
    nothing_named: str = Field(min_length=1)
    compared: str = Field(min_length=1)
    not_comparable: str = Field(min_length=1)
    felt_better: str = Field(min_length=1)


@cache
def load_card_texts() -> CardTexts:
    """Load the sentences of the card."""
    return CardTexts.model_validate(tomllib.loads(TEXTS_FILE.read_text(encoding="utf-8")))


def choose_can_lines(kind: PlanKind, steps: Sequence[CardStep]) -> list[CardLine]:
    """Choose what the person can do: of a practice session from one clip, of an overview the first of each clip."""
    if kind == "overview":
        return [line for step in steps for line in _list_can_lines(step, 1)]
    best = next((step for step in _rank_steps(kind, steps) if _list_findings(step, "can")), None)
    return _list_can_lines(best, MAX_CAN) if best is not None else []


def choose_next_finding(kind: PlanKind, steps: Sequence[CardStep]) -> Finding | None:
    """Choose the one thing to try: a referral to a clinician first; in an overview, else one with a cue."""
    candidates = [finding for step in _rank_steps(kind, steps) for finding in _list_findings(step, "next")[:1]]
    referral = next((finding for finding in candidates if finding.id.startswith("clinician.")), None)
    with_cue = next((finding for finding in candidates if finding.cue), None) if kind == "overview" else None
    return referral or with_cue or next(iter(candidates), None)


def choose_comparison(kind: PlanKind, steps: Sequence[CardStep]) -> tuple[CardStep, CardStep] | None:
    """Choose the clips to compare: the first, and the same again or else the latest try; None without both."""
    if kind == "overview":
        return None
    first = next((step for step in steps if step.name == FIRST_STEP and step.result is not None), None)
    last = next((step for step in _rank_steps(kind, steps) if step.name != FIRST_STEP), None)
    return (first, last) if first is not None and last is not None else None


def find_better_try(steps: Sequence[CardStep]) -> BetterTry | None:
    """Find the try whose highest symptom report is lowest; None with fewer than two, a tie, or the first clip ahead."""
    levels = [(level, step) for step in steps if step.name != REPEATED_STEP and (level := _max_level(step)) is not None]
    ranked = sorted(levels, key=lambda pair: pair[0])
    if len(ranked) < 2 or ranked[0][0] == ranked[1][0] or ranked[0][1].name == FIRST_STEP:
        return None
    level, step = ranked[0]
    other_level, other = next((pair for pair in levels if pair[1].name == FIRST_STEP), ranked[1])
    return BetterTry(step, level, other, other_level)


def describe_better_try(better: BetterTry) -> str:
    """Return the sentence about the try that felt better."""
    values = {
        "better": better.step.title,
        "level": f"{better.level:g}",
        "other": better.other.title,
        "other_level": f"{better.other_level:g}",
    }
    return _fill(load_card_texts().felt_better, **values)


def describe_comparison(before: CardStep, after: CardStep) -> str:
    """Return the line that names the two clips that are compared."""
    return _fill(load_card_texts().compared, before=before.title, after=after.title)


def describe_missing_findings(steps: Sequence[CardStep], waiting: int) -> str | None:
    """Return the sentence in place of what the person can do; None while the first results are awaited.

    Parameters
    ----------
    waiting : number of clips that are still being analysed.
    """
    if any(step.result is not None for step in steps):
        return load_card_texts().nothing_named
    return None if waiting else load_card_texts().nothing_ready


def list_notes(steps: Sequence[CardStep]) -> list[CardLine]:
    """List what the coach wrote down about steps that are not filmed."""
    noted = [step for step in steps if not step.is_filmed and not step.is_skipped and step.note.strip()]
    return [CardLine(step=step.name, title=step.title, text=step.note.strip()) for step in noted]


def _rank_steps(kind: PlanKind, steps: Sequence[CardStep]) -> list[CardStep]:
    """Return the steps with a result by how well they represent the session, best first."""
    ready = [step for step in steps if step.result is not None]
    if kind == "overview":
        return ready
    return [step for name in PRACTICE_ORDER for step in ready if step.name == name]


def _list_findings(step: CardStep, kind: FindingKind) -> list[Finding]:
    return [finding for finding in step.result.findings if finding.kind == kind] if step.result is not None else []


def _list_can_lines(step: CardStep, limit: int) -> list[CardLine]:
    can = _list_findings(step, "can")[:limit]
    return [CardLine(step=step.name, title=step.title, text=finding.text) for finding in can]


def _max_level(step: CardStep) -> float | None:
    """Return the highest reported level of a clip; None without reports."""
    if step.result is None:
        return None
    levels = [float(report.level) for report in read_coaching_measures(step.result).reported]
    return max((level for level in levels if math.isfinite(level)), default=None)


def _fill(template: str, **values: object) -> str:
    return fill_template(template, values, TEXTS_FILE.name) or template
