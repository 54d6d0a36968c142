"""The screening questions, before a test or after a report, and the text that refers (`clinician.toml`)."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from analyzer.strict_model import InputModel, StrictModel

SCREENING_FILE = Path(__file__).with_name("clinician.toml")

ReferralTier = Literal["emergency", "soon", "not_urgent"]
REFERRAL_TIERS: tuple[ReferralTier, ...] = get_args(ReferralTier)
"""The most urgent first."""

DEFAULT_CLINICIAN = "a physiotherapist or your GP"


class AllowedWords(InputModel):
    """Words that the language check allows among the questions, and why."""

    words: tuple[str, ...]
    why: str


class TierText(InputModel):
    """The text of a tier. `keep` is added only where there is something to keep doing: the coach's or `keep_doing`."""

    title: str
    say: str
    keep: str | None = None
    keep_doing: str | None = None


class ScreeningQuestion(InputModel):
    """One question; yes means no test."""

    id: str
    tier: ReferralTier
    ask: str


class Screening(InputModel):
    """All questions and texts; `intro` before a test, `intro_after` between two sets."""

    note: str
    intro: str
    intro_after: str
    allowed: tuple[AllowedWords, ...]
    tiers: Mapping[ReferralTier, TierText]
    questions: tuple[ScreeningQuestion, ...] = Field(min_length=1)

    @property
    def allowed_words(self) -> frozenset[str]:
        """Return every allowed word."""
        return frozenset(word for group in self.allowed for word in group.words)


class AnsweredQuestion(StrictModel):
    """One question with its answer; None without one. `when` says how soon a yes needs a clinician."""

    id: str
    tier: ReferralTier
    when: str
    ask: str
    answer: bool | None


class ScreeningResult(StrictModel):
    """The questions with the client's answers; `tier` is the most urgent one that was answered with yes."""

    state: Literal["answered", "unanswered"]
    tier: ReferralTier | None
    intro: str
    note: str
    questions: list[AnsweredQuestion]


@cache
def load_screening() -> Screening:
    """Load the questions and texts of `clinician.toml`."""
    return Screening.model_validate(tomllib.loads(SCREENING_FILE.read_text(encoding="utf-8")))


def most_urgent(tiers: Iterable[ReferralTier]) -> ReferralTier | None:
    """Return the most urgent tier; None without any."""
    return min(tiers, key=REFERRAL_TIERS.index, default=None)


def is_screening_complete(answers: Mapping[str, bool]) -> bool:
    """Return whether every question has an answer."""
    return all(question.id in answers for question in load_screening().questions)


def screening_tier(answers: Mapping[str, bool]) -> ReferralTier | None:
    """Return the most urgent tier that was answered with yes."""
    return most_urgent(question.tier for question in load_screening().questions if answers.get(question.id))


def format_referral(tier: ReferralTier, clinician: str | None = None, keep_doing: str | None = None) -> str:
    """Return the neutral text of a tier; what to keep doing is never part of the most urgent one."""
    text = load_screening().tiers[tier]
    referral = text.say.format(clinician=clinician or DEFAULT_CLINICIAN)
    activity = keep_doing or text.keep_doing
    return f"{referral} {text.keep.format(keep_doing=activity)}" if text.keep and activity else referral


def build_screening_result(answers: Mapping[str, bool], *, asks_first: bool) -> ScreeningResult:
    """Build the questions with their answers, for the result and the report.

    With `asks_first` (`Movement.asks_screening_first`) they come before the test, else before the next set. One yes is
    enough: `state` is then "answered" whatever else is open, so that the referral comes first.
    """
    screening, tier = load_screening(), screening_tier(answers)
    return ScreeningResult(
        state="answered" if tier or is_screening_complete(answers) else "unanswered",
        tier=tier,
        intro=screening.intro if asks_first else screening.intro_after,
        note=screening.note,
        questions=[
            AnsweredQuestion(
                id=question.id,
                tier=question.tier,
                when=screening.tiers[question.tier].title,
                ask=question.ask,
                answer=answers.get(question.id),
            )
            for question in screening.questions
        ],
    )
