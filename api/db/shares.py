"""Queries of share links to the client's page of an analysis, which expire and can be revoked."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db.models import AnalysisRow, ShareLink, now
from api.db.token_hash import create_secret, parse_secret, verify_secret

_PREFIX = "shr"


def create(session: Session, owner_id: str, analysis_id: str, days: float) -> tuple[ShareLink, str]:
    """Create a link; return its row and its secret, which is shown only once."""
    id, plain, secret_hash = create_secret(_PREFIX, "shr")
    expires_at = now() + timedelta(days=days)
    row = ShareLink(id=id, owner_id=owner_id, analysis_id=analysis_id, secret_hash=secret_hash, expires_at=expires_at)
    session.add(row)
    session.flush()
    return row, plain


def find_shared_analysis(session: Session, plain: str) -> AnalysisRow | None:
    """Return the analysis that a link opens; None if the link is unknown, expired or revoked."""
    parts = parse_secret(plain, _PREFIX, "shr")
    if parts is None:
        return None
    row = session.get(ShareLink, parts[0])
    if not verify_secret(parts[1], row.secret_hash if row else None) or row is None:
        return None
    if row.revoked_at is not None or row.expires_at < now():
        return None
    return session.get(AnalysisRow, row.analysis_id)


def list(session: Session, owner_id: str, analysis_id: str) -> Sequence[ShareLink]:
    """Return all links of an analysis, newest first."""
    query = select(ShareLink).where(ShareLink.owner_id == owner_id, ShareLink.analysis_id == analysis_id)
    return session.scalars(query.order_by(ShareLink.created_at.desc(), ShareLink.id)).all()


def revoke(session: Session, owner_id: str, id: str) -> bool:
    """Revoke a link; return False if there is no such link."""
    row = session.scalar(select(ShareLink).where(ShareLink.id == id, ShareLink.owner_id == owner_id))
    if row is None:
        return False
    row.revoked_at = row.revoked_at or now()
    return True
