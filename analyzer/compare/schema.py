"""The result of a comparison: what `comparison.json` holds."""

from typing import Literal

from pydantic import Field

from analyzer.kinematics.camera_view import Grade
from analyzer.kinematics.landmarks import Facing
from analyzer.movements.minimal_detectable_change import LITERATURE, ComparisonSetting, Unit
from analyzer.strict_model import StrictModel

COMPARISON_SCHEMA_VERSION = "2.0"

ContrastKind = Literal["plain", "cue", "load", "stance", "variant", "sides", "dissociation"]
"""What sets the two sides apart; it decides which sentences of the catalogue are used."""


class ShownEvent(StrictModel):
    """The rep, hold or stage that is shown in a picture: the one nearest to the mean of the set."""

    what: str = Field(description="in words, for example rep 2")
    time_s: float


class SideSummary(StrictModel):
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
    holds: list[int] = Field(default=[])
    stages: list[str] = Field(default=[])
    shown: ShownEvent


class QuantityChange(StrictModel):
    """One quantity of both sides."""

    key: str
    family: str
    title: str = Field(description="in words")
    unit: Unit
    before: float
    after: float
    change: float = Field(description="after - before")
    threshold: float = Field(description="smallest difference that counts: minimal detectable change, 95 %")
    clear: bool = Field(description="whether it counts; where not: no clear change")
    better: bool = Field(description="clear, and in the direction of progress of this movement")
    n_before: int
    n_after: int
    threshold_source: str = Field(
        default=LITERATURE, description="where the threshold is from, in words", examples=["your own 18 pairs"]
    )


class KeyChange(StrictModel):
    """How one key measure changed from one clip to another."""

    id: str = Field(examples=["hinge.back"])
    label: str = Field(description="name that people read", examples=["Back, change from tall"])
    unit: str = Field(description="deg, s, pct, m_s, ...", examples=["deg"])
    before: float = Field(examples=[37.0])
    after: float = Field(examples=[19.0])
    interval_80_before: tuple[float, float] | None = Field(description="80 % interval; null where it is not known")
    interval_80_after: tuple[float, float] | None = Field(description="80 % interval; null where it is not known")
    direction_before: str | None = Field(default=None, description="as `direction` of a key measure")
    direction_after: str | None = Field(default=None, description="as `direction` of a key measure")
    change: float = Field(description="after - before", examples=[-18.0])
    mdc: float | None = Field(
        description="minimal detectable change, 95 %; null where none is known: the change is then shown as it is",
        examples=[15.0],
    )
    mdc_source: str | None = Field(
        default=None, description="where `mdc` is from, in words", examples=["the literature", "your own 18 pairs"]
    )
    clear: bool = Field(description="whether the change is `mdc` or more; where not: no clear change")
    better: bool = Field(description="clear, and in the direction of progress of this movement")
    quantity: str | None = Field(description="key of the same quantity in `rows` of a comparison")


class ComparisonSentence(StrictModel):
    """A sentence from the catalogue table `id`."""

    id: str
    text: str
    cue: str | None = None


class PairComparison(StrictModel):
    """One side compared with the first."""

    before: str = Field(description="label of the first")
    after: str
    story: ContrastKind
    key_changes: list[KeyChange] = Field(
        default=[], description="key measures that both have, the most important first"
    )
    rows: list[QuantityChange] = Field(
        description="all quantities; one that is a key measure has the numbers of `key_changes`"
    )
    sentences: list[ComparisonSentence] = Field(
        description="clear changes, improvements first; or that nothing clearly changed"
    )
    left_out: list[str] = Field(description="titles of quantities that are not compared")
    notes: list[ComparisonSentence] = Field(description="why something is not compared, and how the clips differ")


class Comparison(StrictModel):
    """Everything `comparison.json` holds."""

    schema_version: str = COMPARISON_SCHEMA_VERSION
    setting: ComparisonSetting = Field(description="how the clips were filmed; decides the minimal detectable change")
    cue: str | None = Field(description="the cue that was given between them, in the coach's words")
    sides: list[SideSummary] = Field(min_length=2)
    pairs: list[PairComparison] = Field(min_length=1)
    mdc_source: str = Field(
        default=LITERATURE,
        description="where the minimal detectable changes are from, in words",
        examples=["your own 18 pairs", "your own 18 pairs; of 2 quantities from the literature"],
    )
    analyzer: str = Field(description="version")
