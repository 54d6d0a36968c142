"""Convert sessions to response bodies, with the ETag of their content."""

import hashlib
from collections.abc import Sequence
from typing import cast

from sqlalchemy.orm import Session

from analyzer.coaching.session_plans import PlanKind
from api.db import sessions
from api.db.models import CoachingSession
from api.db.sessions import StepWithClip
from api.schemas.sessions import SessionOut, SessionStepOut


def serialize_session(session: Session, row: CoachingSession) -> SessionOut:
    """Return a session as the API represents it."""
    return serialize_sessions(session, [row])[0]


def serialize_sessions(session: Session, rows: Sequence[CoachingSession]) -> list[SessionOut]:
    """Return several sessions, reading all their steps in one query."""
    steps = sessions.list_steps(session, [row.id for row in rows])
    return [_serialize(row, steps[row.id]) for row in rows]


def compute_session_etag(body: SessionOut) -> str:
    """Compute the ETag of a session, without quotes: it changes when the session changes, and only then."""
    return hashlib.sha256(body.model_dump_json().encode()).hexdigest()[:16]


def _serialize(row: CoachingSession, steps: Sequence[StepWithClip]) -> SessionOut:
    own = f"/v1/sessions/{row.id}"
    return SessionOut(
        id=row.id,
        client=row.client_id,
        plan=row.plan,
        title=row.title,
        kind=cast(PlanKind, row.kind),
        minutes=row.minutes,
        started_at=row.started_at,
        finished_at=row.finished_at,
        steps=[_serialize_step(step) for step in steps],
        links={"self": own, "card": f"{own}/card", "client": f"/v1/clients/{row.client_id}"},
    )


def _serialize_step(step: StepWithClip) -> SessionStepOut:
    row = step.row
    return SessionStepOut(
        name=row.name,
        title=row.title,
        instructions=row.instructions,
        movement=row.movement,
        has_cue=row.has_cue,
        can_be_loaded=row.can_be_loaded,
        analysis=step.analysis_id,
        cue=row.cue,
        load_kg=row.load_kg,
        note=row.note,
        skipped=row.skipped,
        noted=row.noted,
        redo=row.redo,
    )
