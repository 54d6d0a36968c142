"""Convert share links to response bodies."""

from api.db.models import ShareLink
from api.schemas.shares import ShareOut


def serialize_share(row: ShareLink, url: str | None = None) -> ShareOut:
    """Return a link as the API represents it; `url` is known only when it is created."""
    return ShareOut(
        id=row.id,
        analysis=row.analysis_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        url=url,
    )
