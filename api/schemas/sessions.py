"""Bodies of coaching sessions and their cards."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from analyzer.coaching.session_card import CardLine
from analyzer.coaching.session_plans import CoachingPlan, PlanKind, PlannedStep
from analyzer.compare.schema import KeyChange
from analyzer.results.schema import Finding, KeyMeasure
from analyzer.strict_model import InputModel, StrictModel
from api.schemas.analyses import AnalysisStatus
from api.schemas.fields import InputTime, LoadKg, Name, Note, Printable

MAX_CUE_LENGTH = 200
"""As in a comparison; chosen."""
MAX_STEPS = 50
"""Changes of steps in one request; chosen."""

StepName = Annotated[Printable, Field(min_length=1, max_length=60, examples=["try_1"])]


class SessionStepChange(InputModel):
    """Fields of one step. Omitted fields keep their value."""

    name: StepName = Field(description="Which step.")
    analysis: Annotated[Printable, Field(max_length=60)] | None = Field(
        default=None, description="Id of the analysis of its clip, which belongs to the same client; null removes it."
    )
    cue: Annotated[Printable, Field(max_length=MAX_CUE_LENGTH, examples=["Reach back to the wall."])] = ""
    load_kg: LoadKg | None = None
    note: Note = ""
    skipped: bool = False
    noted: bool = Field(default=False, description="Whether the note of a step that is not filmed is finished.")
    redo: bool = Field(default=False, description="Whether it is to be done again; its clip counts until then.")


class SessionIn(InputModel):
    """A new session."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"client": "Ann", "plan": "first_look"},
                {
                    "client": "Ann",
                    "plan": "lift_hinge",
                    "steps": [{"name": "first", "analysis": "ana_5f0c9e1b7a3d2c4e"}],
                },
            ]
        }
    )

    client: Name = Field(description="Id or name of a client. A new name creates a client.", examples=["Ann"])
    plan: StepName = Field(description="A name of GET /v1/session-plans.", examples=["lift_hinge"])
    started_at: InputTime | None = Field(default=None, description="By default now. A time without a zone is UTC.")
    finished_at: InputTime | None = Field(default=None, description="For a session that is already over.")
    steps: list[SessionStepChange] = Field(default=[], max_length=MAX_STEPS, description="What is known of its steps.")


class SessionPatch(InputModel):
    """What to change. Omitted fields and steps stay as they are."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"steps": [{"name": "try_1", "cue": "Reach back to the wall."}, {"name": "try_2", "skipped": True}]},
                {"finished_at": "2026-03-01T10:25:00Z"},
                {"finished_at": None},
            ]
        }
    )

    finished_at: InputTime | None = Field(default=None, description="A time finishes the session, null reopens it.")
    steps: list[SessionStepChange] = Field(default=[], max_length=MAX_STEPS)


class SessionStepOut(PlannedStep):
    """A step of a session: what its plan states, its clip, and what the coach wrote."""

    analysis: str | None = Field(description="Id of the analysis of its clip; null without one, or if it was deleted.")
    cue: str
    load_kg: float | None
    note: str
    skipped: bool
    noted: bool
    redo: bool


class SessionOut(StrictModel):
    """A session."""

    id: str = Field(examples=["ses_5f0c9e1b7a3d2c4e6f80"])
    client: str = Field(description="Id of the client.")
    plan: str = Field(examples=["lift_hinge"])
    title: str = Field(examples=["Hip hinge / deadlift, better today"])
    kind: PlanKind
    minutes: int = Field(description="About how long the plan takes.")
    started_at: datetime
    finished_at: datetime | None
    steps: list[SessionStepOut]
    links: dict[str, str]


class SessionPage(StrictModel):
    """A page of sessions, newest first."""

    items: list[SessionOut]
    next_cursor: str | None = None


class PlanList(StrictModel):
    """All plans that the installed movements offer."""

    items: list[CoachingPlan]


class CardClip(StrictModel):
    """A clip of a session."""

    step: str = Field(examples=["try_1"])
    title: str = Field(examples=["Try 1"])
    cue: str
    analysis: AnalysisStatus
    key_measures: list[KeyMeasure] = Field(description="Of its result; empty until it is there.")
    key_changes: list[KeyChange] = Field(
        description="How they changed since the first clip of the session with the same exercise; empty for that one."
    )


class CardChanges(StrictModel):
    """What changed from one clip of the session to another."""

    before: str = Field(description="Id of the analysis of the earlier clip.")
    after: str = Field(description="Id of the analysis of the later clip.")
    intro: str = Field(examples=["From A, “First clip”, to B, “The same again”"])
    texts: list[str] = Field(description="Clear changes, improvements first; or that nothing clearly changed.")


class SessionCard(StrictModel):
    """The card of a session: what the client can do, what changed, one thing to try, notes and clips."""

    session: str = Field(examples=["ses_5f0c9e1b7a3d2c4e6f80"])
    client: str = Field(description="Name of the client.", examples=["Ann"])
    title: str = Field(examples=["Hip hinge / deadlift, better today"])
    kind: PlanKind
    started_at: datetime
    finished_at: datetime | None
    took_minutes: int | None = Field(
        description="From start to end; null before the end, and if it took more than twice the time of the plan."
    )
    waiting: int = Field(description="Clips that are still being analysed; the card is complete when there are none.")
    can: list[CardLine] = Field(description="What the client can do.")
    message: str | None = Field(description="A sentence in place of `can` where that is empty.")
    changes: CardChanges | None
    felt_better: str | None = Field(description="Which try felt better, by the client's reports.")
    next: Finding | None = Field(description="One thing to try.")
    notes: list[CardLine] = Field(description="What the coach wrote down about steps that are not filmed.")
    clips: list[CardClip]
