"""The questions that come before a test, and the neutral text that refers to a clinician (`clinician.toml`)."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

SCREENING_FILE = Path(__file__).with_name("clinician.toml")

ReferralTier = Literal["emergency", "soon", "not_urgent"]
REFERRAL_TIERS: tuple[ReferralTier, ...] = get_args(ReferralTier)
"""The most urgent first."""

DEFAULT_CLINICIAN = "a physiotherapist or your GP"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AllowedWords(_Part):
    """Words that the language check lets pass on this page, and why."""

    words: tuple[str, ...]
    why: str


class TierText(_Part):
    """What is said of a tier. `keep` is said only with something to keep doing: the coach's words or `keep_doing`."""

    title: str
    say: str
    keep: str | None = None
    keep_doing: str | None = None


class ScreeningQuestion(_Part):
    """One question; yes means no test."""

    id: str
    tier: ReferralTier
    ask: str


class Screening(_Part):
    """All questions and texts."""

    note: str
    intro: str
    allowed: tuple[AllowedWords, ...]
    tiers: Mapping[ReferralTier, TierText]
    questions: tuple[ScreeningQuestion, ...] = Field(min_length=1)

    @property
    def allowed_words(self) -> frozenset[str]:
        """Every allowed word."""
        return frozenset(word for group in self.allowed for word in group.words)


@cache
def screen() -> Screening:
    """The questions and texts of `clinician.toml`."""
    return Screening.model_validate(tomllib.loads(SCREENING_FILE.read_text(encoding="utf-8")))


def most_urgent(tiers: Iterable[ReferralTier]) -> ReferralTier | None:
    """The most urgent of them; None when there are none."""
    return min(tiers, key=REFERRAL_TIERS.index, default=None)


def is_screening_complete(answers: Mapping[str, bool]) -> bool:
    """Whether every question has its answer."""
    return all(question.id in answers for question in screen().questions)


def screening_tier(answers: Mapping[str, bool]) -> ReferralTier | None:
    """The most urgent tier that was answered with yes."""
    return most_urgent(question.tier for question in screen().questions if answers.get(question.id))


def format_referral(tier: ReferralTier, clinician: str | None = None, keep_doing: str | None = None) -> str:
    """The neutral text of a tier; what to keep doing is never part of the most urgent one."""
    text = screen().tiers[tier]
    said = text.say.format(clinician=clinician or DEFAULT_CLINICIAN)
    kept = keep_doing or text.keep_doing
    return f"{said} {text.keep.format(keep_doing=kept)}" if text.keep and kept else said


def build_screening_result(answers: Mapping[str, bool]) -> dict[str, Any]:
    """The questions with their answers, as JSON values for the result and the report.

    One yes settles it: `state` is then "answered" whatever else is open, so that the referral stands first.
    """
    data, tier = screen(), screening_tier(answers)
    return {
        "state": "answered" if tier or is_screening_complete(answers) else "unanswered",
        "tier": tier,
        "intro": data.intro,
        "note": data.note,
        "questions": [
            {"id": one.id, "tier": one.tier, "when": data.tiers[one.tier].title, "ask": one.ask}
            | {"answer": answers.get(one.id)}
            for one in data.questions
        ],
    }
