"""Bodies of clients and their timelines."""

from datetime import datetime

from pydantic import Field

from analyzer.coaching.training_options import TrainingOption
from api.schemas.analyses import AnalysisStatus
from api.schemas.fields import Name, Note, RequestModel, ResponseModel


class ClientIn(RequestModel):
    """A new client."""

    name: Name = Field(examples=["Ann"])
    note: Note | None = Field(default=None, examples=["desk job, deadlifts twice a week"])


class ClientPatch(RequestModel):
    """Fields of a client to change."""

    name: Name | None = None
    note: Note | None = None


class ClientOut(ResponseModel):
    """A client."""

    id: str = Field(examples=["cli_5f0c9e1b7a3d2c4e6f80"])
    name: str = Field(examples=["Ann"])
    note: str | None
    created_at: datetime
    links: dict[str, str]


class ClientListPage(ResponseModel):
    """A page of clients, newest first."""

    items: list[ClientOut]
    next_cursor: str | None = None


class TrendPoint(ResponseModel):
    """The value of a quantity in one analysis."""

    analysis: str
    at: datetime
    mean: float = Field(description="Value of a key measure, else the mean over the reps, holds or stages.")
    n: int
    interval_80: tuple[float, float] | None = Field(
        default=None, description="80 % interval of a key measure, where it is known."
    )
    direction: str | None = Field(default=None, description="As `direction` of a key measure.", examples=["rounded"])


class TrendLine(ResponseModel):
    """One quantity over time, and whether it changed by more than the minimal detectable change."""

    movement: str
    variant: str | None = None
    without_load: bool = Field(default=False, description="With load and without are two exercises.")
    key: str = Field(examples=["squat.thigh_deg"])
    key_measure: str | None = Field(
        default=None,
        description="Id of the key measure that it is, null for other quantities.",
        examples=["squat.depth"],
    )
    title: str = Field(examples=["Depth of the thigh"])
    unit: str = Field(examples=["deg"])
    points: list[TrendPoint]
    change: float | None = Field(description="Last minus first; null with fewer than two.")
    threshold: float | None = Field(description="Minimal detectable change; null where none is known.")
    threshold_source: str | None = Field(
        default=None, description="Where the threshold is from, in words.", examples=["your own 18 pairs"]
    )
    clear: bool
    better: bool = Field(default=False, description="Clear, and in the direction of progress of this movement.")
    change_text: str = Field(
        description="The change in words, or as a number where none is known.", examples=["no clear change"]
    )


class TimelineDay(ResponseModel):
    """The analyses of one day."""

    date: str = Field(examples=["2026-03-01"])
    analyses: list[AnalysisStatus]


class TimelineOut(ResponseModel):
    """The timeline of a client, newest day first."""

    client: ClientOut
    days: list[TimelineDay]
    lines: list[TrendLine] = Field(description="For each exercise the key measures first, then other quantities.")
    direction: str | None = Field(
        description="Direction of bending that brings symptoms on, by reports: rounding, arching, none_seen."
    )
    referral: str | None = Field(
        description="Referral to a clinician, if one is active; then no entry of can_train has a next step."
    )
    can_train: list[TrainingOption] = Field(
        description="One entry for each movement and variant, the ones to train first."
    )
