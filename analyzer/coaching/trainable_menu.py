"""The trainable menu (`menu.toml`): what to do easier, now and later, and which single step comes next."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from analyzer.errors import AnalyzerError

MENU_FILE = Path(__file__).with_name("menu.toml")
DEFAULT_THRESHOLD = 2  # of 0 to 10: reports up to this are comfortable; sources 4
DEFAULT_GO_TO = 3  # reports up to this mean go; sources 4

Lever = Literal["range", "load_position", "implement", "stance", "tempo", "dose"]
LEVERS: tuple[Lever, ...] = ("range", "load_position", "implement", "stance", "tempo", "dose")
"""What is changed to make it easier, in this order and one at a time: sources 6; "dose", sets and reps, is chosen."""

StepDirection = Literal["down", "now", "up"]


class MenuError(AnalyzerError):
    """A menu that cannot be used; its text names the row."""


class MenuStep(BaseModel):
    """One thing to do; `name` is for the coach's list, `say` for the client."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: str = Field(min_length=1)
    say: str = Field(min_length=1)
    by: Lever | None = None


class MenuRow(BaseModel):
    """One row of sources 6: easier, now, later. Every easier step has a lever; a later one where it adds range."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    easier: tuple[MenuStep, ...] = ()
    now: MenuStep
    later: tuple[MenuStep, ...] = ()

    @model_validator(mode="after")
    def _levers(self) -> "MenuRow":
        if any(step.by is None for step in self.easier):
            raise ValueError("every easier step names what it changes: by = one of " + ", ".join(LEVERS))
        return self

    @property
    def steps(self) -> tuple[MenuStep, ...]:
        """All steps, easiest first."""
        return (*self.easier, self.now, *self.later)


@dataclass(frozen=True)
class Readiness:
    """What decides between up, now and down.

    Attributes
    ----------
    reported : what the client reports of this movement, 0 to 10; None when nobody asked.
    threshold : reports up to this are comfortable, and may go up.
    go_to : reports above this, and above the threshold, ask for something easier; between the two it stays as it is.
    in_own_band : whether the shape stayed within the person's own band; None when not known.
    tried : levers that were already changed, so that the next one is up.
    """

    reported: int | None = None
    threshold: int = DEFAULT_THRESHOLD
    go_to: int = DEFAULT_GO_TO
    in_own_band: bool | None = None
    tried: Collection[Lever] = ()


@dataclass(frozen=True)
class ChosenStep:
    """The one next step."""

    way: StepDirection
    step: MenuStep


def choose_step(row: MenuRow, ready: Readiness) -> ChosenStep:
    """The one next step of a row.

    Up only with a comfortable report and a shape within the own band; down when the report asks for it, by the first
    lever not tried yet; else, and where the row has nothing further that way, now.
    """
    if ready.reported is None:
        return ChosenStep("now", row.now)
    if ready.reported > max(ready.threshold, ready.go_to):
        easier = sorted((step for step in row.easier if step.by not in ready.tried), key=_lever_order)
        return ChosenStep("down", easier[0]) if easier else ChosenStep("now", row.now)
    if ready.reported <= ready.threshold and ready.in_own_band and row.later:
        return ChosenStep("up", row.later[0])
    return ChosenStep("now", row.now)


def _lever_order(step: MenuStep) -> int:
    assert step.by is not None  # Row has seen to it
    return LEVERS.index(step.by)


@cache
def load_menu(path: Path = MENU_FILE) -> Mapping[str, MenuRow]:
    """Every row by its name; raises MenuError for a file that is none."""
    try:
        tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MenuError(f"{path.name}: is not TOML: {error}.") from None
    found: dict[str, MenuRow] = {}
    for name, table in tables.items():
        try:
            found[name] = TypeAdapter(MenuRow).validate_python(table)
        except ValidationError as error:
            told = error.errors()[0]
            raise MenuError(f"{path.name} [{name}] {'.'.join(map(str, told['loc']))}: {told['msg']}.") from None
    return found
