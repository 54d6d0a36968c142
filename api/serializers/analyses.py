"""Convert analyses to response bodies."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy.orm import Session

from api.db import clients, clips
from api.db.models import AnalysisRow, ClipRow
from api.db.statuses import Status
from api.schemas.analyses import AnalysisStatus, ClipOut, FailureOut, ProgressOut

DONE_LINKS = ("result", "angles", "report", "video", "overlay", "clip", "thumb", "client-report", "plot")
_FILES = {"angles": "angles.csv"}


def serialize_analysis(session: Session, row: AnalysisRow) -> AnalysisStatus:
    """Return an analysis as the API represents it."""
    return serialize_analyses(session, [row])[0]


def serialize_analyses(session: Session, rows: Sequence[AnalysisRow]) -> list[AnalysisStatus]:
    """Return several analyses, reading all their clips and clients' names in one query each."""
    by_id = clips.get_many(session, [row.clip_id for row in rows])
    names = clients.get_names(session, [row.client_id for row in rows if row.client_id])
    return [_status(row, by_id[row.clip_id], names.get(row.client_id or "")) for row in rows]


def _status(row: AnalysisRow, clip: ClipRow, client_name: str | None) -> AnalysisStatus:
    summary, remeasuring = row.summary or {}, is_remeasuring(row)
    requested = row.movement if remeasuring and row.movement != "auto" else None
    failure = FailureOut(code=row.error_code or "failed", text=row.error or "") if row.error is not None else None
    remeasure_failure = failure if row.status == "done" else None
    return AnalysisStatus(
        id=row.id,
        status=cast(Status, row.status),
        revision=row.revision,
        progress=ProgressOut(stage=row.stage, done=row.done or 0, total=row.total or 0, eta_s=row.eta_s),
        error=failure if row.status == "failed" else None,
        movement=requested or summary.get("movement") or row.movement,
        variant=row.variant if remeasuring else summary.get("variant", row.variant),
        client=row.client_id,
        client_name=client_name,
        batch=row.batch_id,
        repeat_of=row.repeat_of,
        note=row.note,
        load_kg=row.load_kg,
        height_cm=row.height_cm,
        subject=row.subject,
        clip=ClipOut(
            name=clip.name,
            sha256=clip.sha256 or "",
            size_bytes=clip.size_bytes or 0,
            duration_s=summary.get("duration_s"),
            recorded_at=clip.recorded_at,
        ),
        remeasuring=remeasuring,
        remeasure_error=remeasure_failure,
        marks_pending=remeasuring,
        marks_error=remeasure_failure,
        created_at=row.created_at,
        finished_at=row.finished_at,
        summary=row.summary,
        links=build_links(row.id),
    )


def is_remeasuring(row: AnalysisRow) -> bool:
    """Return whether marks or details have changed and are not in the result yet."""
    return row.run is not None and (row.marks_revision or 0) > (row.measured_revision or 0)


def build_links(id: str) -> dict[str, str]:
    """Return the addresses of the parts of an analysis."""
    own = f"/v1/analyses/{id}"
    parts = {name.replace("-", "_"): f"{own}/{_FILES.get(name, name)}" for name in DONE_LINKS}
    names = ("best-events", "changes", "events", "cancel", "marks", "shares")
    others = {name.replace("-", "_"): f"{own}/{name}" for name in names}
    return {"self": own, **parts, **others}


def get_filmed_at(row: AnalysisRow, clip: ClipRow) -> datetime:
    """Return when the clip was filmed, or when it was sent if that is unknown."""
    return clip.recorded_at or row.created_at
