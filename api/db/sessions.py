"""Queries of coaching sessions and their steps.

A step shows its clip only while the clip belongs to the client of the session: a clip that is moved to another client
disappears from the session, and returns if it is moved back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, delete, func, select
from sqlalchemy.orm import Session

from analyzer.coaching.session_plans import CoachingPlan
from api.db.models import AnalysisRow, CoachingSession, IdempotentResponse, SessionStep, new_id
from api.db.pagination import list_page as page_of


@dataclass(frozen=True)
class StepWithClip:
    """A step, and the id of its clip's analysis if there is one."""

    row: SessionStep
    analysis_id: str | None


def create(
    session: Session,
    owner_id: str,
    client_id: str,
    plan: CoachingPlan,
    *,
    started_at: datetime | None = None,
    finished_at: datetime | None = None,
) -> CoachingSession:
    """Create a session with the steps of a plan."""
    times = {"finished_at": finished_at} | ({"started_at": started_at} if started_at is not None else {})
    row = CoachingSession(
        id=new_id("ses"),
        owner_id=owner_id,
        client_id=client_id,
        plan=plan.name,
        title=plan.title,
        kind=plan.kind,
        minutes=plan.minutes,
        **times,
    )
    session.add(row)
    session.flush()
    session.add_all(
        SessionStep(session_id=row.id, position=position, **step.model_dump())
        for position, step in enumerate(plan.steps)
    )
    session.flush()
    return row


def get(session: Session, owner_id: str, id: str) -> CoachingSession | None:
    """Return the session with this id if it belongs to the owner."""
    return session.scalar(select(CoachingSession).where(CoachingSession.id == id, CoachingSession.owner_id == owner_id))


def get_locked(session: Session, owner_id: str, id: str) -> CoachingSession | None:
    """Return the session of the owner, locked until the transaction ends."""
    query = select(CoachingSession).where(CoachingSession.id == id, CoachingSession.owner_id == owner_id)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def list_page(
    session: Session, owner_id: str, *, client_id: str | None, is_open: bool | None, after: str | None, limit: int
) -> tuple[list[CoachingSession], str | None]:
    """Return a page of an owner's sessions, newest first, and the cursor of the next one."""
    query = select(CoachingSession).where(CoachingSession.owner_id == owner_id)
    if client_id is not None:
        query = query.where(CoachingSession.client_id == client_id)
    if is_open is not None:
        query = query.where(CoachingSession.finished_at.is_(None) == is_open)
    return page_of(session, query, CoachingSession, after, limit)


def list_for_client(session: Session, owner_id: str, client_id: str) -> Sequence[CoachingSession]:
    """Return all sessions of a client, oldest first."""
    query = select(CoachingSession).where(CoachingSession.owner_id == owner_id, CoachingSession.client_id == client_id)
    return session.scalars(query.order_by(CoachingSession.started_at, CoachingSession.id)).all()


def count_for_client(session: Session, client_id: str) -> int:
    """Count the sessions of a client."""
    return int(session.scalar(select(func.count()).where(CoachingSession.client_id == client_id)) or 0)


def list_steps(session: Session, ids: Sequence[str]) -> dict[str, list[StepWithClip]]:
    """Return the steps of several sessions, in order, by the id of the session."""
    query = (
        select(SessionStep, AnalysisRow.id)
        .join(CoachingSession, CoachingSession.id == SessionStep.session_id)
        .outerjoin(
            AnalysisRow,
            (AnalysisRow.id == SessionStep.analysis_id) & (AnalysisRow.client_id == CoachingSession.client_id),
        )
        .where(SessionStep.session_id.in_(ids))
        .order_by(SessionStep.session_id, SessionStep.position)
        .execution_options(populate_existing=True)
    )
    steps: dict[str, list[StepWithClip]] = {id: [] for id in ids}
    for row, analysis_id in session.execute(query):
        steps[row.session_id].append(StepWithClip(row, analysis_id))
    return steps


def remove(session: Session, owner_id: str, id: str) -> bool:
    """Delete a session with its steps and the stored answer that names it; return False if there is none."""
    return _delete(session, (CoachingSession.owner_id == owner_id) & (CoachingSession.id == id)) > 0


def delete_for_client(session: Session, client_id: str) -> int:
    """Delete the sessions of a client; return how many."""
    return _delete(session, CoachingSession.client_id == client_id)


def delete_older(session: Session, before: datetime) -> int:
    """Delete the sessions that began or were stored before this time; return how many."""
    return _delete(session, (CoachingSession.started_at < before) | (CoachingSession.created_at < before))


def _delete(session: Session, which: ColumnElement[bool]) -> int:
    """Delete sessions with their steps and the stored answers that name them; return how many."""
    is_its_answer = select(CoachingSession.id).where(
        which,
        CoachingSession.owner_id == IdempotentResponse.owner_id,
        CoachingSession.id == IdempotentResponse.body["id"].as_string(),
    )
    options = {"synchronize_session": False}
    session.execute(delete(IdempotentResponse).where(is_its_answer.exists()), execution_options=options)
    done: Any = session.execute(delete(CoachingSession).where(which))
    assert isinstance(done, CursorResult)
    return done.rowcount
