"""Convert batches to response bodies."""

from sqlalchemy.orm import Session

from api.db import batches
from api.db.models import Batch
from api.schemas.batches import BatchCountsOut, BatchOut, RefusedFileOut


def serialize_batch(session: Session, row: Batch) -> BatchOut:
    """Return a batch as the API represents it."""
    own = f"/v1/batches/{row.id}"
    links = {
        "self": own,
        "summary": f"{own}/summary.csv",
        "book": f"{own}/summary.xlsx",
        "cancel": f"{own}/cancel",
        "analyses": f"/v1/analyses?batch={row.id}",
    }
    refused = [RefusedFileOut(**item) for item in (row.options or {}).get("refused", [])]
    return BatchOut(
        id=row.id,
        name=row.name,
        total=row.total,
        counts=BatchCountsOut(**batches.count_by_status(session, row.id), refused=len(refused)),
        refused=refused,
        cancelled_at=row.cancelled_at,
        created_at=row.created_at,
        links=links,
    )
