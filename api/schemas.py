"""What the API takes and gives, apart from the tables."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from analyzer.coaching.training_options import TrainingOption
from analyzer.movements.protocol import MovementInfo
from analyzer.movements.registry import load_movements
from api.db.statuses import Status

_EARLIEST_YEAR, _LATEST_YEAR = 1900, 9998  # cameras without a clock say 1904; any zone can tell these; chosen


def _reject_control_characters(text: str) -> str:
    if (
        any(ord(c) < 32 and c not in "\n\t" for c in text)
        or "\x7f" in text
        or any(0xD800 <= ord(c) < 0xE000 for c in text)
    ):
        raise ValueError("holds control characters")
    return text


def _in_utc(time: datetime) -> datetime:
    """A time without its zone is taken for UTC; what no clip can be from, no database has to hold."""
    try:
        told = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:
        raise ValueError("is no time that a clip was filmed at") from None
    if not _EARLIEST_YEAR <= told.year <= _LATEST_YEAR:
        raise ValueError("is no time that a clip was filmed at")
    return told


Printable = Annotated[str, AfterValidator(_reject_control_characters)]
Name = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_reject_control_characters)]
Note = Annotated[str, Field(max_length=2000), AfterValidator(_reject_control_characters)]


def _known_movement(name: str) -> str:
    if name != "auto" and name not in load_movements():
        raise ValueError(f"is not a movement I know; there are auto, {', '.join(sorted(load_movements()))}")
    return name


MovementName = Annotated[
    str,
    Field(max_length=60, description="a name of GET /v1/movements, or auto", examples=["hinge"]),
    AfterValidator(_known_movement),
]
Variant = Annotated[Printable, Field(max_length=60, examples=["conventional"])]
LoadKg = Annotated[float, Field(ge=0, le=1000, description="load lifted", examples=[60])]
HeightCm = Annotated[float, Field(ge=50, le=272, description="the client's height", examples=[178])]
SubjectChoice = Annotated[
    str,
    Field(
        pattern=r"^(auto|largest|central|\d{1,5}(\.\d{1,3})?,\d{1,5}(\.\d{1,3})?)$",
        description="who: auto, largest, central, or X,Y in picture pixels",
    ),
]


class _RequestModel(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)


class _ResponseModel(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)


class AnalysisOptions(_RequestModel):
    """What may be told of a clip; all of it may be left out."""

    movement: MovementName = "auto"
    variant: Variant | None = None
    load_kg: LoadKg | None = None
    height_cm: HeightCm | None = None
    subject: SubjectChoice = "auto"
    client: Name | None = Field(
        default=None, description="id of a client, or a name: a new one is made", examples=["Ann"]
    )
    note: Note | None = Field(default=None, examples=["after the cue"])
    recorded_at: Annotated[datetime, AfterValidator(_in_utc)] | None = Field(
        default=None, description="when it was filmed, if that is known; without a zone: UTC"
    )

    @field_validator("variant", "client", "note", "load_kg", "height_cm", "recorded_at", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value


class AnalysisPatch(_RequestModel):
    """What is to change of an analysis: a field that is left out stays, null clears it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"movement": "squat"},
                {"movement": "auto"},
                {"variant": "sumo", "load_kg": 80, "client": "Ann"},
                {"note": None},
            ]
        }
    )

    movement: MovementName | None = Field(default=None, description="a name of GET /v1/movements; auto or null: guess")
    variant: Variant | None = Field(default=None, description="one of the movement's variants")
    load_kg: LoadKg | None = None
    height_cm: HeightCm | None = None
    subject: SubjectChoice | None = Field(default=None, description="only while the clip waits to be analysed")
    client: Name | None = Field(default=None, description="id of a client, or a name: a new one is made")
    note: Note | None = None

    @field_validator("variant", "client", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value


class UploadAnalysisIn(AnalysisOptions):
    """An analysis of a clip that has been uploaded by tus."""

    upload: str = Field(pattern=r"^[0-9a-f]{32}$", description="last part of the upload's address", examples=["0" * 32])


class ProgressOut(_ResponseModel):
    """How far it is."""

    stage: str | None = Field(examples=["tracking the person"])
    done: int = Field(examples=[120])
    total: int = Field(examples=[300])
    eta_s: float | None = Field(description="seconds left, if they can be told", examples=[14.0])


class FailureOut(_ResponseModel):
    """Why it failed."""

    code: str = Field(examples=["refused"])
    text: str = Field(examples=["squat.mp4: no person stays in view long enough. Film the whole body from the side."])


class ClipOut(_ResponseModel):
    """The clip."""

    name: str = Field(examples=["squat.mp4"])
    sha256: str
    size_bytes: int
    duration_s: float | None = None
    recorded_at: datetime | None = None


class AnalysisStatus(_ResponseModel):
    """One analysis: how far it is, and where its parts are."""

    id: str = Field(examples=["ana_5f0c9e1b7a3d2c4e6f80"])
    status: Status
    revision: int = Field(description="grows with every change; the id of its event")
    progress: ProgressOut
    error: FailureOut | None
    movement: str = Field(description="as found where it is done, else as asked for")
    variant: str | None
    client: str | None = Field(description="id of the client")
    batch: str | None = None
    note: str | None
    load_kg: float | None
    height_cm: float | None = None
    subject: str = "auto"
    clip: ClipOut
    remeasuring: bool = Field(default=False, description="marks or details have changed and are not yet in the result")
    remeasure_error: FailureOut | None = Field(
        default=None, description="why the last change is not in the result, which is the one from before"
    )
    marks_pending: bool = Field(default=False, description="as `remeasuring`", deprecated=True)
    marks_error: FailureOut | None = Field(default=None, description="as `remeasure_error`", deprecated=True)
    created_at: datetime
    finished_at: datetime | None
    summary: dict[str, Any] | None = Field(description="what lists show; once it is done")
    links: dict[str, str] = Field(
        description="result, angles, report, video, overlay, clip and thumb answer once it is done",
        examples=[{"self": "/v1/analyses/ana_5f0c9e1b7a3d2c4e6f80"}],
    )


class AnalysisPage(_ResponseModel):
    """Analyses, newest first."""

    items: list[AnalysisStatus]
    next_cursor: str | None = Field(description="give it as `cursor` for the next page; also in the Link header")


class ClientIn(_RequestModel):
    """A client."""

    name: Name = Field(examples=["Ann"])
    note: Note | None = Field(default=None, examples=["desk job, deadlifts twice a week"])


class ClientPatch(_RequestModel):
    """What is to change."""

    name: Name | None = None
    note: Note | None = None


class ClientOut(_ResponseModel):
    """A client."""

    id: str = Field(examples=["cli_5f0c9e1b7a3d2c4e6f80"])
    name: str = Field(examples=["Ann"])
    note: str | None
    created_at: datetime
    links: dict[str, str]


class ClientListPage(_ResponseModel):
    """Clients."""

    items: list[ClientOut]
    next_cursor: str | None = None


class TrendPoint(_ResponseModel):
    """One quantity of one analysis: the mean over its reps, holds or stages."""

    analysis: str
    at: datetime
    mean: float
    n: int


class TrendLine(_ResponseModel):
    """One quantity over time, and whether it changed clearly: beyond the minimal detectable change."""

    movement: str
    key: str = Field(examples=["squat.thigh_deg"])
    title: str = Field(examples=["Depth of the thigh"])
    unit: str = Field(examples=["deg"])
    points: list[TrendPoint]
    change: float | None = Field(description="last against first; null with fewer than two")
    threshold: float | None = Field(description="the least difference that counts")
    clear: bool
    told: str = Field(examples=["no clear change"])


class TimelineDay(_ResponseModel):
    """The analyses of one day."""

    date: str = Field(examples=["2026-03-01"])
    analyses: list[AnalysisStatus]


class TimelineOut(_ResponseModel):
    """One client over time, newest day first."""

    client: ClientOut
    days: list[TimelineDay]
    lines: list[TrendLine]
    direction: str | None = Field(description="what the client's own reports speak for: rounding, arching, none_seen")
    referral: str | None = Field(
        description="to speak to a clinician first, where that stands: then nothing in can_train has a next step"
    )
    can_train: list[TrainingOption] = Field(
        description="one entry a movement and variant: what goes comes first, what is left for now last"
    )


class ShareIn(_RequestModel):
    """For how long a link works."""

    days: int | None = Field(default=None, ge=1, le=365, examples=[30])


class ShareOut(_ResponseModel):
    """A link to the client's page."""

    id: str = Field(examples=["shr_5f0c9e1b7a3d2c4e6f80"])
    analysis: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    url: str | None = Field(default=None, description="told once, when it is made")


class SharePage(_ResponseModel):
    """Links of one analysis."""

    items: list[ShareOut]


class BatchCountsOut(_ResponseModel):
    """How many of a batch are where."""

    queued: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0


class BatchOut(_ResponseModel):
    """A batch."""

    id: str = Field(examples=["bat_5f0c9e1b7a3d2c4e6f80"])
    name: str
    total: int | None
    counts: BatchCountsOut
    refused: list[FailureOut] = Field(default=[], description="files that were not taken, and why")
    cancelled_at: datetime | None
    created_at: datetime
    links: dict[str, str]


class BatchPage(_ResponseModel):
    """Batches, newest first."""

    items: list[BatchOut]
    next_cursor: str | None = None


class SignInRequest(_RequestModel):
    """A key, to be traded for a cookie."""

    key: Printable = Field(min_length=1, max_length=200, examples=["mak_5f0c9e1b7a3d2c4e6f80_..."])


class PairingOut(_ResponseModel):
    """A link that signs one browser in, once."""

    url: str = Field(examples=["http://192.168.1.5:8000/pair/pair_..."])
    expires_at: datetime


class LimitsOut(_ResponseModel):
    """What one owner may send."""

    max_upload_bytes: int
    max_duration_s: float
    max_queued: int
    max_batch_clips: int
    requests_per_minute: int
    share_days: float
    retention_days: float | None


class CallerOut(_ResponseModel):
    """Who asks, and how the service is reached."""

    owner: str = Field(examples=["local"])
    auth: Literal["open", "key", "sign_in"]
    lan: bool
    tls: bool
    version: str
    limits: LimitsOut


class MovementList(_ResponseModel):
    """All installed movements, in the order of their titles."""

    items: list[MovementInfo]


class HealthOut(_ResponseModel):
    """Whether it is up, or ready."""

    status: Literal["ok", "not_ready"]
    checks: dict[str, str] = Field(default={}, examples=[{"database": "ok", "files": "ok", "worker": "ok"}])
