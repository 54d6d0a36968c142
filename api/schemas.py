"""Request and response bodies of the API, apart from the tables."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from analyzer.coaching.training_options import TrainingOption
from analyzer.compare.schema import KeyChange
from analyzer.movements.minimal_detectable_change import ComparisonSetting
from analyzer.movements.protocol import MovementInfo
from analyzer.movements.registry import load_movements
from analyzer.strict_model import check_printable
from api.db.statuses import Status
from api.json_object import JsonObject

_EARLIEST_YEAR, _LATEST_YEAR = 1900, 9998  # cameras without a clock write 1904; valid in every zone; chosen


def _in_utc(time: datetime) -> datetime:
    """Return a time in UTC, taking one without a zone as UTC; refuse times that nothing here can be from."""
    try:
        time_utc = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:
        raise ValueError("is not a time between the years 1900 and 9998") from None
    if not _EARLIEST_YEAR <= time_utc.year <= _LATEST_YEAR:
        raise ValueError("is not a time between the years 1900 and 9998")
    return time_utc


InputTime = Annotated[datetime, AfterValidator(_in_utc)]
Printable = Annotated[str, AfterValidator(check_printable)]
Name = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(check_printable)]
Note = Annotated[str, Field(max_length=2000), AfterValidator(check_printable)]


def _known_movement(name: str) -> str:
    if name != "auto" and name not in load_movements():
        raise ValueError(f"is not a known movement; choose auto or one of {', '.join(sorted(load_movements()))}")
    return name


MovementName = Annotated[
    str,
    Field(max_length=60, description="A name of GET /v1/movements, or auto.", examples=["hinge"]),
    AfterValidator(_known_movement),
]
Variant = Annotated[Printable, Field(max_length=60, examples=["conventional"])]
LoadKg = Annotated[float, Field(ge=0, le=1000, description="Load lifted, kg.", examples=[60])]
HeightCm = Annotated[float, Field(ge=50, le=272, description="Height of the client, cm.", examples=[178])]
SubjectChoice = Annotated[
    str,
    Field(
        pattern=r"^(auto|largest|central|\d{1,5}(\.\d{1,3})?,\d{1,5}(\.\d{1,3})?)$",
        description="Person to analyse: auto, largest, central, or X,Y in pixels of the picture.",
    ),
]


class _RequestModel(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)


class _ResponseModel(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)


class AnalysisOptions(_RequestModel):
    """Options of an analysis. All are optional."""

    movement: MovementName = "auto"
    variant: Variant | None = None
    load_kg: LoadKg | None = None
    height_cm: HeightCm | None = None
    subject: SubjectChoice = "auto"
    client: Name | None = Field(
        default=None, description="Id or name of a client. A new name creates a client.", examples=["Ann"]
    )
    note: Note | None = Field(default=None, examples=["after the cue"])
    recorded_at: InputTime | None = Field(
        default=None, description="When the clip was filmed. A time without a zone is UTC."
    )
    repeat_of: str | None = Field(
        default=None,
        max_length=60,
        description="Id of an analysis in which the same person does the same thing: client, movement, variant, load "
        "and height are taken from it. GET /v1/repeatability computes the error of measurement from such repeats.",
        examples=["ana_5f0c9e1b7a3d2c4e6f80"],
    )

    @field_validator("variant", "client", "note", "load_kg", "height_cm", "recorded_at", "repeat_of", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value


class AnalysisPatch(_RequestModel):
    """Details to change. Omitted fields keep their value; null clears one."""

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

    movement: MovementName | None = Field(
        default=None, description="A name of GET /v1/movements; auto or null recognises it."
    )
    variant: Variant | None = Field(default=None, description="A variant of the movement.")
    load_kg: LoadKg | None = None
    height_cm: HeightCm | None = None
    subject: SubjectChoice | None = Field(default=None, description="Can change only while the analysis is queued.")
    client: Name | None = Field(default=None, description="Id or name of a client. A new name creates a client.")
    note: Note | None = None

    @field_validator("variant", "client", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value


class UploadAnalysisIn(AnalysisOptions):
    """An analysis of a clip that was uploaded by tus."""

    upload: str = Field(
        pattern=r"^[0-9a-f]{32}$", description="Id of the upload: the last part of its address.", examples=["0" * 32]
    )


class ProgressOut(_ResponseModel):
    """Progress of an analysis."""

    stage: str | None = Field(examples=["tracking"])
    done: int = Field(examples=[120])
    total: int = Field(examples=[300])
    eta_s: float | None = Field(description="Estimated seconds left, or null.", examples=[14.0])


class FailureOut(_ResponseModel):
    """Why an analysis failed."""

    code: str = Field(examples=["refused"])
    text: str = Field(examples=["squat.mp4: no person stays in view long enough. Film the whole body from the side."])


class ClipOut(_ResponseModel):
    """A clip."""

    name: str = Field(examples=["squat.mp4"])
    sha256: str
    size_bytes: int
    duration_s: float | None = None
    recorded_at: datetime | None = None


class AnalysisStatus(_ResponseModel):
    """Status of an analysis, with links to its parts."""

    id: str = Field(examples=["ana_5f0c9e1b7a3d2c4e6f80"])
    status: Status
    revision: int = Field(description="Grows with every change; also the id of its event.")
    progress: ProgressOut
    error: FailureOut | None
    movement: str = Field(description="The recognised movement of a finished analysis, else the requested one.")
    variant: str | None
    client: str | None = Field(description="Id of the client.")
    batch: str | None = None
    repeat_of: str | None = Field(default=None, description="Id of the analysis that this one repeats.")
    note: str | None
    load_kg: float | None
    height_cm: float | None = None
    subject: str = "auto"
    clip: ClipOut
    remeasuring: bool = Field(default=False, description="Marks or details have changed and are not in the result yet.")
    remeasure_error: FailureOut | None = Field(
        default=None, description="Why the last change is not in the result, which is the earlier one."
    )
    marks_pending: bool = Field(default=False, description="Same as `remeasuring`.", deprecated=True)
    marks_error: FailureOut | None = Field(default=None, description="Same as `remeasure_error`.", deprecated=True)
    created_at: datetime
    finished_at: datetime | None
    summary: JsonObject | None = Field(description="Key figures for lists; null until it is done.")
    links: dict[str, str] = Field(
        description="Addresses of its parts. Result files answer once it is done.",
        examples=[{"self": "/v1/analyses/ana_5f0c9e1b7a3d2c4e6f80"}],
    )


class AnalysisPage(_ResponseModel):
    """A page of analyses, newest first."""

    items: list[AnalysisStatus]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; also in the Link header.")


class EarlierClipOut(_ResponseModel):
    """The clip since which something changed."""

    analysis: str = Field(examples=["ana_5f0c9e1b7a3d2c4e6f80"])
    clip: str = Field(description="Name of the file.", examples=["squat.mp4"])
    filmed_at: datetime = Field(description="When it was filmed, or sent where that is unknown.")
    load_kg: float | None


class ChangesOut(_ResponseModel):
    """How the key measures changed since the last clip of the client."""

    analysis: str = Field(examples=["ana_5f0c9e1b7a3d2c4e6f80"])
    since: EarlierClipOut | None = Field(
        description="The last earlier clip of the same client, movement and variant, both with load or both without; "
        "null where there is none."
    )
    setting: ComparisonSetting | None = Field(description="How the two clips relate; decides `mdc`.")
    items: list[KeyChange] = Field(description="One for each key measure that both have, in the order of the result.")


class BestEventsOut(_ResponseModel):
    """The best reps or holds of a clip, by what its movement counts as better."""

    analysis: str = Field(examples=["ana_5f0c9e1b7a3d2c4e6f80"])
    kind: Literal["rep", "hold"] | None = Field(description="What they are; null where the movement defines no best.")
    indices: list[int] = Field(description="`index` of each best one; empty where none stands out.", examples=[[2]])
    reason: str = Field(
        description="By what, or that none stands out; empty where the movement defines no best.",
        examples=["Best: by hips back (more) and back (less), the best place on average."],
    )


class ClientIn(_RequestModel):
    """A new client."""

    name: Name = Field(examples=["Ann"])
    note: Note | None = Field(default=None, examples=["desk job, deadlifts twice a week"])


class ClientPatch(_RequestModel):
    """Fields of a client to change."""

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
    """A page of clients, newest first."""

    items: list[ClientOut]
    next_cursor: str | None = None


class TrendPoint(_ResponseModel):
    """The value of a quantity in one analysis."""

    analysis: str
    at: datetime
    mean: float = Field(description="Value of a key measure, else the mean over the reps, holds or stages.")
    n: int
    interval_80: tuple[float, float] | None = Field(
        default=None, description="80 % interval of a key measure, where it is known."
    )
    direction: str | None = Field(default=None, description="As `direction` of a key measure.", examples=["rounded"])


class TrendLine(_ResponseModel):
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
    told: str = Field(
        description="The change in words, or as a number where none is known.", examples=["no clear change"]
    )


class TimelineDay(_ResponseModel):
    """The analyses of one day."""

    date: str = Field(examples=["2026-03-01"])
    analyses: list[AnalysisStatus]


class TimelineOut(_ResponseModel):
    """The timeline of a client, newest day first."""

    client: ClientOut
    days: list[TimelineDay]
    lines: list[TrendLine] = Field(description="For each exercise the key measures first, then other quantities.")
    direction: str | None = Field(
        description="Direction that eases the symptoms, by the client's reports: rounding, arching, none_seen."
    )
    referral: str | None = Field(
        description="Referral to a clinician, if one is active; then no entry of can_train has a next step."
    )
    can_train: list[TrainingOption] = Field(
        description="One entry for each movement and variant, the ones to train first."
    )


class ShareIn(_RequestModel):
    """Options of a share link."""

    days: int | None = Field(default=None, ge=1, le=365, examples=[30])


class ShareOut(_ResponseModel):
    """A link to the client's page."""

    id: str = Field(examples=["shr_5f0c9e1b7a3d2c4e6f80"])
    analysis: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    url: str | None = Field(default=None, description="Shown only when the link is created.")


class SharePage(_ResponseModel):
    """The links of an analysis."""

    items: list[ShareOut]


class BatchCountsOut(_ResponseModel):
    """Number of clips of a batch in each status."""

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
    refused: list[FailureOut] = Field(default=[], description="Files that were not accepted, and why.")
    cancelled_at: datetime | None
    created_at: datetime
    links: dict[str, str]


class BatchPage(_ResponseModel):
    """A page of batches, newest first."""

    items: list[BatchOut]
    next_cursor: str | None = None


class SignInRequest(_RequestModel):
    """A key to exchange for a sign-in cookie."""

    key: Printable = Field(min_length=1, max_length=200, examples=["mak_5f0c9e1b7a3d2c4e6f80_..."])


class SignInPatch(_RequestModel):
    """A name for a signed-in phone."""

    name: Name = Field(examples=["Phone at the squat rack"])


class SignInOut(_ResponseModel):
    """A signed-in phone or other browser."""

    id: str = Field(examples=["sgn_5f0c9e1b7a3d2c4e6f80"])
    name: str = Field(examples=["iPhone, Safari"])
    current: bool = Field(description="Whether this request came from it.")
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime = Field(description="When it is signed out unless it is used before.")


class SignInPage(_ResponseModel):
    """All valid sign-ins of one owner, newest first."""

    items: list[SignInOut]


class PairingOut(_ResponseModel):
    """A link that signs one browser in, once."""

    url: str = Field(examples=["http://192.168.1.5:8000/pair/pair_..."])
    expires_at: datetime


class LimitsOut(_ResponseModel):
    """Limits of one owner."""

    max_upload_bytes: int
    max_duration_s: float
    max_queued: int
    max_batch_clips: int
    requests_per_minute: int
    share_days: float
    retention_days: float | None


class CallerOut(_ResponseModel):
    """The caller, and how the service is reached."""

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
    """Health or readiness of the service."""

    status: Literal["ok", "not_ready"]
    checks: dict[str, str] = Field(
        default={}, examples=[{"database": "ok", "files": "ok", "disk": "ok", "worker": "ok", "cleanup": "ok"}]
    )
