"""How the key measures of an analysis changed since the last clip of the same client and exercise."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from analyzer.compare.key_changes import compute_changes_since
from analyzer.movements.minimal_detectable_change import NO_OWN_MDC, ComparisonSetting, MdcTable
from api.analyses.result_reader import ResultRef, load_result
from api.db import analyses, clips
from api.db.models import AnalysisRow, ClipRow
from api.dependencies import Services
from api.responses.problem_details import Problem, not_found
from api.schemas.analyses import ChangesOut, EarlierClipOut
from api.serializers.analyses import get_filmed_at

_FilmedRow = tuple[AnalysisRow, ClipRow]


def find_changes(services: Services, owner_id: str, id: str, own_mdc: MdcTable = NO_OWN_MDC) -> ChangesOut:
    """Compare an analysis with the last earlier one of its client, movement and variant.

    With load and without are two exercises; the same clip sent again is no earlier clip. `own_mdc` holds the minimal
    detectable changes of own repeats. Raises Problem 404, and 409 without a result.
    """
    with services.database.read_session() as session:
        row = analyses.get(session, owner_id, id)
        clip = None if row is None else clips.get(session, owner_id, row.clip_id)
        if row is None or clip is None:
            raise not_found("analysis")
        if row.run is None:
            raise Problem(
                409, "not-done", f"The analysis is {row.status}. Wait for it: GET /v1/analyses/{{id}}?wait=60."
            )
        later = _make_ref(row, clip, row.run)
        earlier = [
            (_make_ref(other, other_clip, other.run), _describe_earlier(other, other_clip))
            for other, other_clip in _list_earlier(session, owner_id, (row, clip))
            if other.run is not None
        ]
    result = load_result(services, later)
    for ref, described in earlier:
        setting: ComparisonSetting = "refilmed" if ref.day == later.day else "other_day"
        try:
            changes = compute_changes_since(load_result(services, ref), result, setting, own_mdc)
        except Problem:  # of an older version, or deleted meanwhile
            continue
        if changes is not None:
            return ChangesOut(analysis=id, since=described, setting=setting, items=changes)
    return ChangesOut(analysis=id, since=None, setting=None, items=[])


def _list_earlier(session: Session, owner_id: str, later: _FilmedRow) -> Iterator[_FilmedRow]:
    """Yield the finished analyses of the same client, movement and variant that were filmed before, newest first."""
    row, clip = later
    if row.client_id is None:
        return
    rows = [
        other
        for other in analyses.list_for_client(session, owner_id, row.client_id)
        if other.run is not None and other.id != row.id and _get_exercise(other) == _get_exercise(row)
    ]
    by_id = clips.get_many(session, [other.clip_id for other in rows])
    filmed = sorted(((other, by_id[other.clip_id]) for other in rows), key=_get_order, reverse=True)
    for other, other_clip in filmed:
        is_same_clip = other_clip.id == clip.id or (clip.sha256 is not None and other_clip.sha256 == clip.sha256)
        if not is_same_clip and _get_order((other, other_clip)) < _get_order(later):
            yield other, other_clip


def _get_exercise(row: AnalysisRow) -> tuple[object, object]:
    summary = row.summary or {}
    return summary.get("movement") or row.movement, summary.get("variant") or row.variant


def _get_order(filmed: _FilmedRow) -> tuple[float, float, str]:
    row, clip = filmed
    return get_filmed_at(row, clip).timestamp(), row.created_at.timestamp(), row.id


def _make_ref(row: AnalysisRow, clip: ClipRow, run: str | None) -> ResultRef:
    return ResultRef(row.id, run or "", clip.name, get_filmed_at(row, clip).date().isoformat())


def _describe_earlier(row: AnalysisRow, clip: ClipRow) -> EarlierClipOut:
    return EarlierClipOut(analysis=row.id, clip=clip.name, filmed_at=get_filmed_at(row, clip), load_kg=row.load_kg)
