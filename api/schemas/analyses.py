"""Bodies of analyses: options and changes of details, status, changes of key measures and best events."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, field_validator

from analyzer.compare.schema import KeyChange
from analyzer.movements.minimal_detectable_change import ComparisonSetting
from analyzer.movements.registry import load_movements
from analyzer.results.schema import UNKNOWN_MOVEMENT
from api.db.statuses import Status
from api.json_object import JsonObject
from api.schemas.fields import InputTime, LoadKg, Name, Note, Printable, RequestModel, ResponseModel


def _known_movement(name: str) -> str:
    if name != "auto" and name not in load_movements():
        raise ValueError(f"is not a known movement; choose auto or one of {', '.join(sorted(load_movements()))}")
    return name


MovementName = Annotated[
    str,
    Field(max_length=60, description="A name of GET /v1/movements, or auto.", examples=["hinge"]),
    AfterValidator(_known_movement),
]


def _filterable_movement(name: str) -> str:
    return name if name == UNKNOWN_MOVEMENT else _known_movement(name)


MovementFilter = Annotated[
    str,
    Field(
        max_length=60,
        description="A name of GET /v1/movements: the recognised movement, or the requested one until it is known; "
        f"also auto (not known yet) and {UNKNOWN_MOVEMENT} (none was recognised).",
    ),
    AfterValidator(_filterable_movement),
]
Variant = Annotated[Printable, Field(max_length=60, examples=["conventional"])]
HeightCm = Annotated[float, Field(ge=50, le=272, description="Height of the client, cm.", examples=[178])]
SubjectChoice = Annotated[
    str,
    Field(
        pattern=r"^(auto|largest|central|\d{1,5}(\.\d{1,3})?,\d{1,5}(\.\d{1,3})?)$",
        description="Person to analyse: auto, largest, central, or X,Y in pixels of the picture.",
    ),
]


class AnalysisOptions(RequestModel):
    """Options of an analysis. All are optional."""

    movement: MovementName = "auto"
    variant: Variant | None = None
    load_kg: LoadKg | None = None
    height_cm: HeightCm | None = None
    subject: SubjectChoice = "auto"
    client: Name | None = Field(
        default=None,
        description="Id or name of a client, in upper or lower case. A new name creates a client; of several clients "
        "of one name the newest is meant.",
        examples=["Ann"],
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


class AnalysisPatch(RequestModel):
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


class ProgressOut(ResponseModel):
    """Progress of an analysis."""

    stage: str | None = Field(examples=["tracking"])
    done: int = Field(examples=[120])
    total: int = Field(examples=[300])
    eta_s: float | None = Field(description="Estimated seconds left, or null.", examples=[14.0])


class FailureOut(ResponseModel):
    """Why an analysis failed."""

    code: str = Field(examples=["refused"])
    text: str = Field(examples=["squat.mp4: no person stays in view long enough. Film the whole body from the side."])


class ClipOut(ResponseModel):
    """A clip."""

    name: str = Field(examples=["squat.mp4"])
    sha256: str
    size_bytes: int
    duration_s: float | None = None
    recorded_at: datetime | None = None


class AnalysisStatus(ResponseModel):
    """Status of an analysis, with links to its parts."""

    id: str = Field(examples=["ana_5f0c9e1b7a3d2c4e6f80"])
    status: Status
    revision: int = Field(description="Grows with every change; also the id of its event.")
    progress: ProgressOut
    error: FailureOut | None
    movement: str = Field(description="The recognised movement of a finished analysis, else the requested one.")
    variant: str | None
    client: str | None = Field(description="Id of the client.")
    client_name: str | None = Field(default=None, description="Name of the client.", examples=["Ann"])
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


class AnalysisPage(ResponseModel):
    """A page of analyses, newest first."""

    items: list[AnalysisStatus]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; also in the Link header.")


class EarlierClipOut(ResponseModel):
    """The clip since which something changed."""

    analysis: str = Field(examples=["ana_5f0c9e1b7a3d2c4e6f80"])
    clip: str = Field(description="Name of the file.", examples=["squat.mp4"])
    filmed_at: datetime = Field(description="When it was filmed, or sent where that is unknown.")
    load_kg: float | None


class ChangesOut(ResponseModel):
    """How the key measures changed since the last clip of the client."""

    analysis: str = Field(examples=["ana_5f0c9e1b7a3d2c4e6f80"])
    since: EarlierClipOut | None = Field(
        description="The last earlier clip of the same client, movement and variant, both with load or both without; "
        "null where there is none."
    )
    setting: ComparisonSetting | None = Field(description="How the two clips relate; decides `mdc`.")
    items: list[KeyChange] = Field(description="One for each key measure that both have, in the order of the result.")


class BestEventsOut(ResponseModel):
    """The best reps or holds of a clip, by what its movement counts as better."""

    analysis: str = Field(examples=["ana_5f0c9e1b7a3d2c4e6f80"])
    kind: Literal["rep", "hold"] | None = Field(description="What they are; null where the movement defines no best.")
    indices: list[int] = Field(description="`index` of each best one; empty where none stands out.", examples=[[2]])
    reason: str = Field(
        description="By what, or that none stands out; empty where the movement defines no best.",
        examples=["Best: by hips back (more) and back (less), the best place on average."],
    )
