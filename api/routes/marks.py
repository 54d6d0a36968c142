"""Marks: what the client reports at moments of the clip, and what the coach adds."""

from fastapi import APIRouter

from analyzer.coaching.marks import Marks, marks_of
from api.auth import Who
from api.db import analyses
from api.deps import Parts
from api.jobs.port import pushed
from api.problems import Problem, not_found
from api.schemas import AnalysisStatus
from api.views import status_of

router = APIRouter(prefix="/v1/analyses", tags=["marks"])


@router.get("/{id}/marks")
def get_marks(id: str, services: Parts, who: Who) -> Marks:
    """The marks as they were last put; none are an empty object's."""
    with services.database.reading() as session:
        if analyses.get(session, who.owner_id, id) is None:
            raise not_found("analysis")
        found = analyses.get_marks(session, who.owner_id, id)
        return marks_of(found.body if found is not None else None)


@router.put("/{id}/marks", responses={409: {}})
def put_marks(id: str, services: Parts, who: Who, marks: Marks) -> AnalysisStatus:
    """Put all marks anew; the result is measured again from what was tracked, within seconds."""
    body = marks.model_dump(mode="json", exclude_unset=True)
    with services.database.session() as session:
        row = analyses.get(session, who.owner_id, id)
        if row is None:
            raise not_found("analysis")
        if row.status in ("failed", "cancelled"):
            raise Problem(409, "ended", f"The analysis is {row.status}. Send the clip again.")
        revision = analyses.set_marks(session, who.owner_id, id, body)
        session.flush()
        status = status_of(session, row)
    if status.status == "done":
        pushed(services.jobs.submit_remeasure, id, revision)
    return status
