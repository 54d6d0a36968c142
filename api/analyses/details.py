"""Change the details of an analysis (movement, variant, load, height, subject, client, note) after it was sent."""

import hashlib
import json
from collections.abc import Mapping

from pydantic import ValidationError
from sqlalchemy.orm import Session

from analyzer.coaching.marks import MarksError
from analyzer.coaching.marks_transfer import transfer_marks
from analyzer.movements.registry import find_variant_problem
from api.analyses.variants import check_variant
from api.db import analyses
from api.db.models import AnalysisRow
from api.db.statuses import STATUSES_WITHOUT_RESULT
from api.dependencies import Services
from api.jobs.interface import push_or_log
from api.responses.etags import check_if_match
from api.responses.problem_details import Problem, not_found
from api.schemas.analyses import AnalysisPatch, AnalysisStatus
from api.serializers.analyses import serialize_analysis
from api.storage.file_store import FileStore
from api.storage.stored_results import read_result
from api.uploads.clip_intake import resolve_client_id

REMEASURED_FIELDS = frozenset({"movement", "variant", "load_kg", "height_cm", "subject"})
"""Columns that the result depends on; the others are only shown beside it."""

_CHANGED = "The details have changed since. Get the analysis again, and send your change with its ETag."
_COLUMNS = ("movement", "variant", "load_kg", "height_cm", "subject", "client_id", "note")


def change_details(
    services: Services, owner_id: str, id: str, patch: AnalysisPatch, only_if: str | None = None
) -> tuple[AnalysisStatus, str]:
    """Change the details that the patch names, and have the result measured again if it depends on them.

    Parameters
    ----------
    only_if : an If-Match header; the ETag of the details that the caller has read.

    Returns
    -------
    The analysis with its new details, and their ETag.

    Raises
    ------
    Problem : 404 no such analysis or client, 409 nothing to measure again, 412 changed by others since, 422 a variant
        that the movement does not have.
    """
    with services.database.session() as session:
        row = analyses.get_locked(session, owner_id, id)
        if row is None:
            raise not_found("analysis")
        tag = compute_details_etag(row)
        check_if_match(only_if, tag, name="details-changed", detail=_CHANGED)
        changes = _changes(session, owner_id, row, patch)
        needs_remeasuring = bool(changes.keys() & REMEASURED_FIELDS)
        if needs_remeasuring:
            _check_measurable(row, changes)
        if "variant" in changes or str(changes.get("movement", _measured_movement(row))) != _measured_movement(row):
            _transfer_marks(session, services.files, row)
        if changes:
            analyses.set_details(row, changes, needs_remeasuring=needs_remeasuring)
            session.flush()
        status, tag, revision = serialize_analysis(session, row), compute_details_etag(row), row.marks_revision
    if status.remeasuring:  # also if nothing changed: a lost job is submitted again
        push_or_log(services.jobs.submit_remeasure, id, revision)
    return status, tag


def get_details_etag(services: Services, owner_id: str, id: str) -> str | None:
    """Return the ETag of the details of an analysis; None if it does not exist."""
    with services.database.read_session() as session:
        row = analyses.get(session, owner_id, id)
        return None if row is None else compute_details_etag(row)


def compute_details_etag(row: AnalysisRow) -> str:
    """Compute the ETag of the details, without quotes: it changes when they change, and only then."""
    values = json.dumps([getattr(row, name) for name in _COLUMNS])
    return hashlib.sha256(values.encode()).hexdigest()[:16]


def _changes(session: Session, owner_id: str, row: AnalysisRow, patch: AnalysisPatch) -> dict[str, object]:
    """Return the columns that get another value."""
    values: dict[str, object] = {name: getattr(patch, name) for name in patch.model_fields_set}
    for name in ("movement", "subject"):
        if name in values:
            values[name] = values[name] or "auto"
    if "client" in values:
        values["client_id"] = resolve_client_id(session, owner_id, patch.client)
        del values["client"]
    if "variant" in values:
        if values["variant"] != row.variant or "movement" in values:
            check_variant(_choose_movement(row, values), patch.variant)
    elif "movement" in values and find_variant_problem(_choose_movement(row, values), row.variant) is not None:
        values["variant"] = None  # it belonged to the other movement
    return {name: value for name, value in values.items() if getattr(row, name) != value}


def _choose_movement(row: AnalysisRow, values: Mapping[str, object]) -> str:
    """Return the new movement; the one of the result where it is recognised."""
    name = str(values.get("movement", row.movement))
    return _measured_movement(row) if name == "auto" else name


def _check_measurable(row: AnalysisRow, changes: Mapping[str, object]) -> None:
    if row.status in STATUSES_WITHOUT_RESULT:
        detail = f"The analysis is {row.status}, so it has no result to measure again. Send the clip again."
        raise Problem(409, "ended", f"{detail} Client and note can be changed.")
    if "subject" in changes and row.status != "queued":
        detail = "Another subject requires tracking the clip again. Send the clip again with this subject."
        raise Problem(409, "needs-tracking", detail)


def _measured_movement(row: AnalysisRow) -> str:
    return str((row.summary or {}).get("movement"))


def _transfer_marks(session: Session, files: FileStore, row: AnalysisRow) -> None:
    """Transfer the marks to another movement or variant, which may find other events, so that they stay valid."""
    marks = analyses.get_marks(session, row.owner_id, row.id)
    if marks is None or row.run is None:
        return
    try:
        body = transfer_marks(marks.body, read_result(files, row.id, row.run))
    except (FileNotFoundError, ValidationError, MarksError):  # of another version: the marks are used as they are
        return
    if body != marks.body:
        analyses.set_marks(session, row.owner_id, row.id, body)
