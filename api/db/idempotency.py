"""Answers to requests with an idempotency key, so that a request that is sent twice is done once."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from api.db.models import IdempotentResponse, now

RETENTION = timedelta(days=2)
"""How long an answer is kept; chosen."""


def find_response(session: Session, owner_id: str, key: str) -> IdempotentResponse | None:
    """What was answered to this key."""
    return session.get(IdempotentResponse, (owner_id, key))


def save_response(
    session: Session, owner_id: str, key: str, fingerprint: str, status_code: int, body: dict[str, Any]
) -> None:
    """Remember an answer; raises IntegrityError where another request with this key was faster."""
    session.add(
        IdempotentResponse(owner_id=owner_id, key=key, fingerprint=fingerprint, status_code=status_code, body=body)
    )
    session.flush()


def delete_response(session: Session, owner_id: str, key: str) -> None:
    """Forget a request that was not done, so that it can be sent again."""
    session.execute(
        delete(IdempotentResponse).where(IdempotentResponse.owner_id == owner_id, IdempotentResponse.key == key)
    )


def delete_expired(session: Session) -> None:
    """Remove what nobody will ask again."""
    session.execute(delete(IdempotentResponse).where(IdempotentResponse.created_at < now() - RETENTION))
