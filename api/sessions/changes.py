"""Start and change sessions: resolve the client and the plan, and apply changes of steps."""

import hashlib
from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from analyzer.coaching.session_plans import CoachingPlan, list_plans
from analyzer.movements.registry import load_movements
from api.db import analyses, idempotency, sessions
from api.db.models import CoachingSession
from api.dependencies import Services
from api.responses.etags import check_if_match
from api.responses.problem_details import FieldError, Problem, not_found
from api.schemas.sessions import SessionIn, SessionOut, SessionPatch, SessionStepChange
from api.serializers.sessions import compute_session_etag, serialize_session
from api.uploads.clip_intake import IdempotencyKey, find_earlier_answer, resolve_client_id

MAX_SESSIONS_PER_CLIENT = 1000
"""Three a week for six years; chosen."""

_CHANGED = "The session has changed since. Get it again, and send your change with its ETag."


def start_session(services: Services, owner_id: str, body: SessionIn, key: str | None) -> tuple[SessionOut, bool]:
    """Start a session, or return the one that an earlier request with this key started; the flag tells which.

    Raises
    ------
    Problem : 404 no such client or analysis, 409 too many sessions, 422 no such plan or step, another client's clip, or
        a key that was used with another body.
    """
    idempotency_key = _build_key(key, body)
    if (earlier := _find_earlier(services, owner_id, idempotency_key)) is not None:
        return earlier, True
    plan = _find_plan(body.plan)
    try:
        with services.database.session() as session:
            client_id = resolve_client_id(session, owner_id, body.client) or ""
            if sessions.count_for_client(session, client_id) >= MAX_SESSIONS_PER_CLIENT:
                detail = f"The client has {MAX_SESSIONS_PER_CLIENT} sessions. Delete some that you no longer need."
                raise Problem(409, "too-many-sessions", detail)
            row = sessions.create(
                session, owner_id, client_id, plan, started_at=body.started_at, finished_at=body.finished_at
            )
            _apply_steps(session, row, body.steps)
            if idempotency_key is not None:
                idempotency.save_response(
                    session, owner_id, idempotency_key.key, idempotency_key.fingerprint, 201, {"id": row.id}
                )
            return serialize_session(session, row), False
    except IntegrityError:  # the same request at the same time, or something was deleted meanwhile
        if (earlier := _find_earlier(services, owner_id, idempotency_key)) is not None:
            return earlier, True
        raise not_found("client") from None


def change_session(
    services: Services, owner_id: str, id: str, patch: SessionPatch, only_if: str | None = None
) -> SessionOut:
    """Change what a patch names.

    Parameters
    ----------
    only_if : an If-Match header; the ETag of the session that the caller has read.

    Raises
    ------
    Problem : 404 no such session or analysis, 412 changed by others since, 422 no such step, or another client's clip.
    """
    with services.database.session() as session:
        row = sessions.get_locked(session, owner_id, id)
        if row is None:
            raise not_found("session")
        if only_if is not None:
            check_session_etag(session, row, only_if)
        if "finished_at" in patch.model_fields_set:
            row.finished_at = patch.finished_at
        _apply_steps(session, row, patch.steps)
        return serialize_session(session, row)


def check_session_etag(session: Session, row: CoachingSession, only_if: str | None) -> None:
    """Raise Problem 412 where an If-Match header names another version of a session."""
    tag = compute_session_etag(serialize_session(session, row))
    check_if_match(only_if, tag, name="session-changed", detail=_CHANGED)


def _apply_steps(session: Session, row: CoachingSession, changes: Sequence[SessionStepChange]) -> None:
    if not changes:
        return
    steps = {step.row.name: step.row for step in sessions.list_steps(session, [row.id])[row.id]}
    for i, change in enumerate(changes):
        if change.name not in steps:
            raise _invalid(f"body.steps.{i}.name", f"is not a step of this session; choose {', '.join(steps)}")
        fields = change.model_dump(exclude_unset=True, exclude={"name", "analysis"})
        for name, value in fields.items():
            setattr(steps[change.name], name, value)
        if "analysis" in change.model_fields_set:
            _check_clip(session, row, change.analysis, f"body.steps.{i}.analysis")
            steps[change.name].analysis_id = change.analysis
    session.flush()


def _check_clip(session: Session, row: CoachingSession, analysis_id: str | None, where: str) -> None:
    """Check that a clip exists, and is one of the session's client."""
    if analysis_id is None:
        return
    analysis = analyses.get(session, row.owner_id, analysis_id)
    if analysis is None:
        raise not_found("analysis")
    if analysis.client_id != row.client_id:
        raise _invalid(where, "is a clip of another client; set its client first")


def _find_plan(name: str) -> CoachingPlan:
    plans = {plan.name: plan for plan in list_plans(load_movements().values())}
    if name not in plans:
        raise _invalid("body.plan", f"is not a plan; choose one of {', '.join(plans)}")
    return plans[name]


def _invalid(where: str, what: str) -> Problem:
    return Problem(422, "invalid-request", f"{where}: {what}.", errors=[FieldError(where=where, what=what)])


def _build_key(key: str | None, body: SessionIn) -> IdempotencyKey | None:
    if key is None:
        return None
    content = f"session {body.model_dump_json(exclude_unset=True)}"
    return IdempotencyKey(key, hashlib.sha256(content.encode()).hexdigest())


def _find_earlier(services: Services, owner_id: str, key: IdempotencyKey | None) -> SessionOut | None:
    """Return the session that an earlier request with this key started, as it is now; raise Problem 404 if deleted."""
    answer = find_earlier_answer(services, owner_id, key)
    if answer is None:
        return None
    with services.database.read_session() as session:
        row = sessions.get(session, owner_id, str(answer["id"]))
        if row is None:
            raise not_found("session")
        return serialize_session(session, row)
