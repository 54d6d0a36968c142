"""The trainable menu (`menu.toml`): what to do easier, now and later, and which single step comes next."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from analyzer.errors import AnalyzerError
from analyzer.strict_model import InputModel

MENU_FILE = Path(__file__).with_name("menu.toml")
DEFAULT_THRESHOLD = 2  # of 0 to 10: reports up to this are comfortable; sources 4
DEFAULT_GO_TO = 3  # reports up to this mean go; sources 4

Lever = Literal["range", "load_position", "implement", "stance", "tempo", "dose"]
LEVERS: tuple[Lever, ...] = ("range", "load_position", "implement", "stance", "tempo", "dose")
"""What an easier step changes, in this order and one at a time: sources 6; "dose", sets and reps, is chosen."""

StepDirection = Literal["down", "now", "up"]


class MenuError(AnalyzerError):
    """A menu that cannot be used; its text names the row."""


class MenuStep(InputModel):
    """One thing to do: `name` is for the coach's list, `say` for the client, `id` for results that refer to it."""

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    name: str = Field(min_length=1)
    say: str = Field(min_length=1)
    by: Lever | None = None


class MenuRow(InputModel):
    """One row of sources 6: easier, now, later. Every easier step has a lever; a later one where it adds range."""

    easier: tuple[MenuStep, ...] = ()
    now: MenuStep
    later: tuple[MenuStep, ...] = ()

    @model_validator(mode="after")
    def _check_levers_and_ids(self) -> "MenuRow":
        if any(step.by is None for step in self.easier):
            raise ValueError("every easier step names what it changes: by = one of " + ", ".join(LEVERS))
        ids = [step.id for step in self.steps]
        if repeated := sorted({id for id in ids if ids.count(id) > 1}):
            raise ValueError(f"two steps have the id {repeated[0]}; give each its own")
        return self

    @property
    def steps(self) -> tuple[MenuStep, ...]:
        """Return all steps, easiest first."""
        return (*self.easier, self.now, *self.later)

    def direction_of(self, step: MenuStep) -> StepDirection:
        """Return whether a step of this row is easier, for now, or later."""
        return "down" if step in self.easier else "up" if step in self.later else "now"


@dataclass(frozen=True)
class Readiness:
    """Criteria that decide between an easier step, the one for now, and a later one.

    Attributes
    ----------
    reported_level : what the client reports of this movement, 0 to 10; None without a report.
    threshold : reports up to this are comfortable, and allow a later step.
    go_to : reports above this, and above the threshold, ask for an easier step; between the two it stays as it is.
    in_own_band : whether the shape stayed within the person's own band; None when not known.
    tried_levers : levers that were already changed, so that the next one follows.
    """

    reported_level: int | None = None
    threshold: int = DEFAULT_THRESHOLD
    go_to: int = DEFAULT_GO_TO
    in_own_band: bool | None = None
    tried_levers: Collection[Lever] = ()


def choose_step(row: MenuRow, readiness: Readiness) -> MenuStep:
    """Choose the one next step of a row.

    A later step only after a comfortable report and with a shape within the own band; an easier one when the report
    asks for it, by the first lever not tried yet; otherwise, and where the row has nothing that way, the one for now.
    """
    level = readiness.reported_level
    if level is None:
        return row.now
    if level > max(readiness.threshold, readiness.go_to):
        untried = [step for step in row.easier if step.by not in readiness.tried_levers]
        return min(untried, key=_lever_order, default=row.now)
    if level <= readiness.threshold and readiness.in_own_band and row.later:
        return row.later[0]
    return row.now


def format_step_id(row_name: str, step: MenuStep) -> str:
    """Return the id under which results refer to a step: `row.step`."""
    return f"{row_name}.{step.id}"


def find_step(step_id: str) -> tuple[MenuRow, MenuStep] | None:
    """Find a step and its row by the step's id; None where the menu does not have it any more."""
    row_name, _, own_id = step_id.partition(".")
    row = load_menu().get(row_name)
    step = next((step for step in row.steps if step.id == own_id), None) if row else None
    return (row, step) if row and step else None


@cache
def load_menu(path: Path = MENU_FILE) -> Mapping[str, MenuRow]:
    """Load every row by its name; raises MenuError for a file that cannot be used."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MenuError(f"{path.name}: is not TOML: {error}.") from None
    rows: dict[str, MenuRow] = {}
    for name, table in tables.items():
        try:
            rows[name] = MenuRow.model_validate(table)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise MenuError(f"{path.name} [{name}] {place}: {first['msg']}.") from None
    return rows


def _lever_order(step: MenuStep) -> int:
    return len(LEVERS) if step.by is None else LEVERS.index(step.by)
