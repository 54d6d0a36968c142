"""The marks file: the client's symptom reports, and the stages, answers and notes of the coach. Read and check it."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from analyzer.coaching.screening import load_screening
from analyzer.coaching.trainable_menu import DEFAULT_THRESHOLD, Lever
from analyzer.errors import AnalyzerError
from analyzer.results.schema import BodySide, ReleaseEffect
from analyzer.strict_model import InputModel, check_printable

SymptomSite = Literal["back", "buttock", "thigh", "below_knee", "none"]
SymptomLevel = Annotated[int, Field(ge=0, le=10)]
Text = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(check_printable)]
PostureEffect = Literal["brings_on", "eases", "neither"]
_LARGEST_BYTES = 1_000_000  # chosen


class MarksError(AnalyzerError):
    """Marks that cannot be used; the text names the file, the field and what to do."""


class ReportMark(InputModel):
    """A symptom report of one moment, given by exactly one of `at_s`, `stage`, `rep` and `hold`."""

    at_s: float | None = Field(default=None, ge=0)
    stage: Text | None = None
    side: BodySide | None = None
    rep: int | None = Field(default=None, ge=1)
    hold: int | None = Field(default=None, ge=1)
    level: SymptomLevel
    where: SymptomSite | None = None
    word: Text | None = None
    familiar: bool | None = None
    on_release: ReleaseEffect | None = None

    @model_validator(mode="after")
    def _check_place(self) -> "ReportMark":
        if sum(place is not None for place in (self.at_s, self.stage, self.rep, self.hold)) != 1:
            raise ValueError("give exactly one of at_s, stage, rep and hold")
        if self.side is not None and self.stage is None:
            raise ValueError("side goes with stage only")
        return self


class StageMark(InputModel):
    """The place of a stage as the coach corrects it; it replaces the detected stage with that name and side.

    `movement` is the movement that it is a stage of: it is used only while the clip shows that one. None: any.
    """

    name: Text
    start_s: float = Field(ge=0)
    end_s: float
    side: BodySide | None = None
    movement: Text | None = None

    def applies_to(self, movement: str) -> bool:
        """Return whether it is used for a clip that shows this movement."""
        return self.movement in (None, movement)

    @model_validator(mode="after")
    def _check_times(self) -> "StageMark":
        if self.end_s <= self.start_s:
            raise ValueError("end_s has to be later than start_s")
        return self


class LightThresholds(InputModel):
    """Highest reported level that means go, and that means modify; a higher one means stop (sources 4)."""

    go_to: SymptomLevel = 3
    modify_to: SymptomLevel = 5

    @model_validator(mode="after")
    def _check_order(self) -> "LightThresholds":
        if self.modify_to < self.go_to:
            raise ValueError("modify_to has to be at least go_to")
        return self


class CoachNote(InputModel):
    """What the coach thinks is behind it; never filled in automatically."""

    kind: Literal["structural", "coaching", "programming"]
    text: Text | None = None


class ClipContext(InputModel):
    """Notes of the coach that belong to the clip; stored as given."""

    goal: Text | None = None
    history: Text | None = None
    task: Text | None = None
    constraints: Text | None = None
    note: CoachNote | None = None


class DailyHistory(InputModel):
    """What sitting and standing do in daily life, as the client reports it."""

    sitting: PostureEffect | None = None
    standing: PostureEffect | None = None


class Marks(InputModel):
    """Everything that a marks file may hold; every field is optional."""

    reports: tuple[ReportMark, ...] = ()
    baseline_level: SymptomLevel | None = None
    threshold: SymptomLevel = DEFAULT_THRESHOLD
    lights: LightThresholds = LightThresholds()
    stages: tuple[StageMark, ...] = ()
    screen: Mapping[str, bool] = {}
    clinician: Text | None = None
    keep_doing: Text | None = None
    context: ClipContext = ClipContext()
    habitual_posture: Text | None = None
    history: DailyHistory = DailyHistory()
    tried: tuple[Lever, ...] = ()
    toe_touch_rounding_deg: float | None = Field(default=None, gt=0, le=180)

    @field_validator("screen")
    @classmethod
    def _check_questions(cls, answers: Mapping[str, bool]) -> Mapping[str, bool]:
        known = [question.id for question in load_screening().questions]
        if unknown := sorted(set(answers) - set(known)):
            raise ValueError(f"{unknown[0]} is not a question; there are {', '.join(known)}")
        return answers

    @model_validator(mode="after")
    def _check_overlap(self) -> "Marks":
        for movement in {stage.movement or "" for stage in self.stages}:
            used = (stage for stage in self.stages if stage.applies_to(movement))
            for stage, following in pairwise(sorted(used, key=lambda stage: stage.start_s)):
                if following.start_s < stage.end_s:
                    raise ValueError(f"stages: {stage.name} and {following.name} overlap")
        return self


def read_marks(path: Path) -> Marks:
    """Read a marks file; raises MarksError."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise MarksError(f"{path.name}: is larger than 1 MB. Give a JSON file as docs/marks.md describes it.")
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise MarksError(f"{path.name}: is not a text file. Give JSON as docs/marks.md describes it.") from None
    except OSError as error:
        raise MarksError(f"{path.name}: {error.strerror}. Give --marks a file that can be read.") from None
    try:
        return Marks.model_validate_json(text)
    except ValidationError as error:
        raise MarksError(_format_error(path.name, error)) from None


def parse_marks(values: Mapping[str, Any] | None, name: str = "marks") -> Marks:
    """Parse marks from JSON values; None gives empty marks. Raises MarksError."""
    try:
        return Marks.model_validate(values or {})
    except ValidationError as error:
        raise MarksError(_format_error(name, error)) from None


def _format_error(name: str, error: ValidationError) -> str:
    """Describe the first of the errors in one line."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return f"{name}: is not JSON ({first['ctx']['error']}). See docs/marks.md."
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
    message = first["msg"].removeprefix("Value error, ")
    value = first["input"]
    got = f", got {value!r}" if isinstance(value, str | int | float | bool) else ""
    more = f" ({len(error.errors()) - 1} more)" if len(error.errors()) > 1 else ""
    return f"{name}: {place + ': ' if place else ''}{message[:1].lower()}{message[1:]}{got}{more}. See docs/marks.md."
