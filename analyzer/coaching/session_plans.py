"""Plans of a coaching session: which clips to film in which order, made from what the movements state."""

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from analyzer.coaching.catalogue import fill_template
from analyzer.movements.protocol import Movement, SessionPlan
from analyzer.strict_model import InputModel

PLANS_FILE = Path(__file__).with_name("session_plans.toml")
PRACTICE_PREFIX = "lift_"
"""Begins the names of practice plans; the name of the movement follows."""
FIRST_LOOK = "first_look"

PlanKind = Literal["practice", "overview"]
"""practice: one movement, tried with cues and compared with its first clip; overview: one clip of each movement."""


class PlannedStep(InputModel):
    """One step of a plan: a clip to film, or, without a movement, something that the coach writes down."""

    name: str = Field(description="name within the session; in an overview that of its movement", examples=["try_1"])
    title: str = Field(examples=["Try 1"])
    instructions: str = Field(examples=["The same with one cue. Say it once, then film."])
    movement: str | None = Field(default=None, description="movement to film; null: not filmed, the coach takes a note")
    has_cue: bool = Field(default=False, description="whether it is done with a cue")
    can_be_loaded: bool = Field(default=False, description="whether it may be done with a load")


class CoachingPlan(InputModel):
    """A plan of a session."""

    name: str = Field(examples=["lift_hinge"])
    title: str = Field(examples=["Hip hinge / deadlift, better today"])
    text: str = Field(description="what the session is for")
    kind: PlanKind
    minutes: int = Field(description="about how long it takes", examples=[25])
    steps: tuple[PlannedStep, ...] = Field(min_length=1)


class _PlanTexts(InputModel):
    """A table of `session_plans.toml`."""

    title: str = Field(min_length=1)
    text: str = Field(min_length=1)
    minutes: int = Field(gt=0, le=30)
    steps: tuple[PlannedStep, ...]


def list_plans(movements: Iterable[Movement]) -> list[CoachingPlan]:
    """List the plans that the movements offer: a practice plan of each that has one, then the first look at a client.

    Parameters
    ----------
    movements : in any order; plans and steps are listed by title, within the rank of a first look.
    """
    by_title = sorted(movements, key=lambda movement: movement.title.lower())
    first_look = sorted(_offering(by_title, "first_look"), key=_rank_in_first_look)
    practice = [_create_practice_plan(movement) for movement in _offering(by_title, "practice")]
    return [*practice, *([_create_first_look(first_look)] if first_look else [])]


def _offering(movements: Iterable[Movement], plan: SessionPlan) -> list[Movement]:
    return [movement for movement in movements if plan in movement.session_plans]


def _create_practice_plan(movement: Movement) -> CoachingPlan:
    """Create the plan that films a movement as it is today, twice with a cue, and once more."""
    texts = _load_texts()["practice"]
    shared = {"movement": movement.name, "can_be_loaded": movement.can_be_loaded}
    return CoachingPlan(
        name=f"{PRACTICE_PREFIX}{movement.name}",
        title=_fill(texts.title, movement=_format_title(movement)),
        text=texts.text,
        kind="practice",
        minutes=texts.minutes,
        steps=tuple(step.model_copy(update=shared) for step in texts.steps),
    )


def _create_first_look(movements: list[Movement]) -> CoachingPlan:
    """Create the plan of a first look at a client: one clip of each movement, then what is not filmed."""
    texts = _load_texts()[FIRST_LOOK]
    filmed = (
        PlannedStep(
            name=movement.name,
            title=_format_title(movement),
            instructions=movement.instructions,
            movement=movement.name,
            can_be_loaded=movement.can_be_loaded,
        )
        for movement in movements
    )
    return CoachingPlan(
        name=FIRST_LOOK,
        title=texts.title,
        text=_fill(texts.text, movements=len(movements)),
        kind="overview",
        minutes=texts.minutes,
        steps=(*filmed, *texts.steps),
    )


def _rank_in_first_look(movement: Movement) -> int:
    """Rank a movement: those to practise first, then without a load, then with one, and walks last."""
    if "practice" in movement.session_plans:
        return 0
    if movement.event_kind != "reps":
        return 3
    return 2 if movement.can_be_loaded else 1


def _format_title(movement: Movement) -> str:
    return movement.title[:1].upper() + movement.title[1:]


def _fill(template: str, **values: object) -> str:
    return fill_template(template, values, PLANS_FILE.name) or template


@cache
def _load_texts() -> dict[str, _PlanTexts]:
    tables = tomllib.loads(PLANS_FILE.read_text(encoding="utf-8"))
    return {name: _PlanTexts.model_validate(table) for name, table in tables.items()}
