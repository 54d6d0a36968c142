"""The result of a comparison: what `comparison.json` holds."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from analyzer.kinematics.camera_view import Grade
from analyzer.kinematics.landmarks import Facing
from analyzer.movements.minimal_detectable_change import ComparisonSetting, Unit

COMPARISON_SCHEMA_VERSION = "1.0"

ContrastKind = Literal["plain", "cue", "load", "stance", "variant", "sides", "dissociation"]
"""What sets the two apart; it chooses the words."""


class _ComparisonModel(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class ShownEvent(_ComparisonModel):
    """The rep, hold or stage whose picture is shown: the one nearest to the set's own mean."""

    what: str = Field(description="in words, for example rep 2")
    time_s: float


class SideSummary(_ComparisonModel):
    """One of the clips, or part of one."""

    label: str = Field(description="A, B or C")
    name: str = Field(description="the clip's file name")
    sha256: str
    movement: str
    variant: str | None
    load_kg: float | None
    facing: Facing
    grade: Grade
    yaw_deg: float | None
    reps: list[int] = Field(description="numbers of the reps that were compared; empty for holds and stages")
    holds: list[int] = []
    stages: list[str] = []
    shown: ShownEvent


class Row(_ComparisonModel):
    """One quantity in both."""

    key: str
    family: str
    title: str = Field(description="in words")
    unit: Unit
    before: float
    after: float
    change: float = Field(description="after - before")
    threshold: float = Field(description="the least difference that counts: minimal detectable change, 95 %")
    clear: bool = Field(description="whether it counts; where not: no clear change")
    better: bool = Field(description="clear, and in a direction that this movement is trained towards")
    n_before: int
    n_after: int


class ComparisonSentence(_ComparisonModel):
    """A sentence; `id` names its words in the catalogue."""

    id: str
    text: str
    cue: str | None = None


class PairComparison(_ComparisonModel):
    """One side against the first."""

    before: str = Field(description="label of the first")
    after: str
    story: ContrastKind
    rows: list[Row]
    told: list[ComparisonSentence] = Field(
        description="what changed clearly, what got better first; or that nothing clearly did"
    )
    left_out: list[str] = Field(description="quantities of both that are not compared")
    notes: list[ComparisonSentence] = Field(description="why something is not compared, and how the clips differ")


class Comparison(_ComparisonModel):
    """Everything `comparison.json` holds."""

    schema_version: str = COMPARISON_SCHEMA_VERSION
    setting: ComparisonSetting = Field(description="how the clips were filmed; it decides what counts as a change")
    cue: str | None = Field(description="the cue that was given between them, in the coach's words")
    sides: list[SideSummary] = Field(min_length=2)
    pairs: list[PairComparison] = Field(min_length=1)
    analyzer: str = Field(description="version")
