"""Queries of answers to requests with an idempotency key: a repeated request is executed once."""

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from api.db.models import IdempotentResponse, now
from api.json_object import JsonObject

RETENTION = timedelta(days=2)
"""How long an answer is stored; chosen."""


def find_response(session: Session, owner_id: str, key: str) -> IdempotentResponse | None:
    """Return the stored answer to this key."""
    return session.get(IdempotentResponse, (owner_id, key))


def save_response(
    session: Session, owner_id: str, key: str, fingerprint: str, status_code: int, body: JsonObject
) -> None:
    """Store an answer; raise IntegrityError if another request has used the key."""
    session.add(
        IdempotentResponse(owner_id=owner_id, key=key, fingerprint=fingerprint, status_code=status_code, body=body)
    )
    session.flush()


def delete_response(session: Session, owner_id: str, key: str) -> None:
    """Delete the key of a request that failed, so that it can be sent again."""
    session.execute(
        delete(IdempotentResponse).where(IdempotentResponse.owner_id == owner_id, IdempotentResponse.key == key)
    )


def delete_expired(session: Session) -> None:
    """Delete expired answers."""
    session.execute(delete(IdempotentResponse).where(IdempotentResponse.created_at < now() - RETENTION))
