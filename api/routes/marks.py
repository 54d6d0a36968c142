"""Marks: what the client reports at moments of the clip, and what the coach adds."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Response

from analyzer.coaching.marks import Marks, marks_of
from api.auth import Who
from api.db import analyses
from api.deps import Parts
from api.jobs.port import pushed
from api.problems import Problem, not_found
from api.ranges import matches
from api.schemas import AnalysisStatus
from api.views import status_of

router = APIRouter(prefix="/v1/analyses", tags=["marks"])

_TAGGED: dict[str, Any] = {
    "headers": {"ETag": {"description": "names the marks as they are now", "schema": {"type": "string"}}}
}
OnlyIf = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="the ETag of the marks that were changed; 412 where others were put meanwhile. Without it they are "
        "put over whatever is there",
    ),
]


@router.get("/{id}/marks", responses={200: _TAGGED})
def get_marks(id: str, services: Parts, who: Who, response: Response) -> Marks:
    """The marks as they were last put; none are an empty object's."""
    with services.database.reading() as session:
        if analyses.get(session, who.owner_id, id) is None:
            raise not_found("analysis")
        found = analyses.get_marks(session, who.owner_id, id)
        response.headers["ETag"] = _tag(found.revision if found is not None else 0)
        return marks_of(found.body if found is not None else None)


@router.put("/{id}/marks", responses={200: _TAGGED, 409: {}, 412: _TAGGED})
def put_marks(
    id: str, services: Parts, who: Who, marks: Marks, response: Response, only_if: OnlyIf = None
) -> AnalysisStatus:
    """Put all marks anew; the result is measured again from what was tracked, within seconds.

    To change some of them while others may do so too: get them, put the changed ones with the ETag as If-Match, and
    start again where that answers 412.
    """
    body = marks.model_dump(mode="json", exclude_unset=True)
    with services.database.session() as session:
        row = analyses.locked(session, who.owner_id, id)
        if row is None:
            raise not_found("analysis")
        if row.status in ("failed", "cancelled"):
            raise Problem(409, "ended", f"The analysis is {row.status}. Send the clip again.")
        earlier = analyses.get_marks(session, who.owner_id, id)
        known = earlier.revision if earlier is not None else 0
        if only_if is not None and not matches(only_if, str(known)):
            raise _changed(known)
        revision = analyses.set_marks(session, who.owner_id, id, body)
        status = status_of(session, row)
    if status.status == "done":
        pushed(services.jobs.submit_remeasure, id, revision)
    response.headers["ETag"] = _tag(revision)
    return status


def _tag(revision: int) -> str:
    return f'"{revision}"'


def _changed(revision: int) -> Problem:
    told = "The marks were changed meanwhile. Get them again, make the change to those, and put them with their ETag."
    return Problem(412, "marks-changed", told, headers={"ETag": _tag(revision)})
