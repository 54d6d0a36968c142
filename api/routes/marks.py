"""Routes of marks: symptom reports of the client, and what the coach adds."""

from fastapi import APIRouter, Response

from analyzer.coaching.marks import Marks, parse_marks
from api.analyses.marks_check import check_marks
from api.auth import CurrentCaller
from api.db import analyses
from api.db.statuses import STATUSES_WITHOUT_RESULT
from api.dependencies import ServicesDep
from api.jobs.interface import push_or_log
from api.responses.etags import ETAG_HEADER, IfMatch, check_if_match, quote_etag
from api.responses.problem_details import Problem, not_found
from api.schemas.analyses import AnalysisStatus
from api.serializers.analyses import serialize_analysis

router = APIRouter(prefix="/v1/analyses", tags=["marks"])

_CHANGED = "The marks have changed since. Get them again, change those, and put them with their ETag."


@router.get("/{id}/marks", responses={200: ETAG_HEADER})
def get_marks(id: str, services: ServicesDep, caller: CurrentCaller, response: Response) -> Marks:
    """Return the marks of an analysis; an analysis without marks returns empty ones."""
    with services.database.read_session() as session:
        if analyses.get(session, caller.owner_id, id) is None:
            raise not_found("analysis")
        marks = analyses.get_marks(session, caller.owner_id, id)
        response.headers["ETag"] = quote_etag(str(marks.revision if marks is not None else 0))
        return parse_marks(marks.body if marks is not None else None)


@router.put("/{id}/marks", responses={200: ETAG_HEADER, 409: {}, 412: ETAG_HEADER})
def put_marks(
    id: str, services: ServicesDep, caller: CurrentCaller, marks: Marks, response: Response, only_if: IfMatch = None
) -> AnalysisStatus:
    """Replace all marks of an analysis. The result is measured again from the stored track within seconds.

    A report of a rep, hold, stage or time that the clip does not have is refused. One that no longer fits after a later
    change of the movement counts without its place; a warning in the result says so.

    To change some marks while others may do the same, get them, send the changed ones with their ETag as `If-Match`,
    and start again if the answer is 412.
    """
    body = marks.model_dump(mode="json", exclude_unset=True)
    with services.database.session() as session:
        row = analyses.get_locked(session, caller.owner_id, id)
        if row is None:
            raise not_found("analysis")
        if row.status in STATUSES_WITHOUT_RESULT:
            raise Problem(409, "ended", f"The analysis is {row.status}. Send the clip again.")
        earlier = analyses.get_marks(session, caller.owner_id, id)
        known = earlier.revision if earlier is not None else 0
        check_if_match(only_if, str(known), name="marks-changed", detail=_CHANGED)
        check_marks(services.files, row, marks, parse_marks(earlier.body if earlier is not None else None))
        revision = analyses.set_marks(session, caller.owner_id, id, body)
        status = serialize_analysis(session, row)
    if status.status == "done":
        push_or_log(services.jobs.submit_remeasure, id, revision)
    response.headers["ETag"] = quote_etag(str(revision))
    return status
