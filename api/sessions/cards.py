"""Compose the card of a session from its rows, the results of its clips and the rules of the library."""

from collections.abc import Iterator, Sequence

from analyzer.coaching.session_card import (
    MAX_CHANGES,
    CardStep,
    choose_can_lines,
    choose_comparison,
    choose_next_finding,
    describe_better_try,
    describe_comparison,
    describe_missing_findings,
    find_better_try,
    list_notes,
    load_card_texts,
)
from analyzer.compare.key_changes import compute_changes_since
from analyzer.compare.schema import KeyChange
from analyzer.compare.side import CompareError
from analyzer.movements.minimal_detectable_change import MdcTable
from analyzer.results.schema import Analysis
from api.analyses.repeatability import find_own_mdc
from api.analyses.result_reader import ResultRef, compare_results, load_result
from api.db import analyses, clients, clips, sessions
from api.db.statuses import OPEN_STATUSES
from api.dependencies import Services
from api.responses.problem_details import Problem, not_found
from api.schemas.analyses import AnalysisStatus
from api.schemas.sessions import CardChanges, CardClip, SessionCard, SessionOut
from api.serializers.analyses import get_filmed_at, serialize_analysis
from api.serializers.sessions import serialize_session


def compose_card(services: Services, owner_id: str, id: str) -> SessionCard:
    """Compose the card of a session as it is now; raise Problem 404 if there is no such session."""
    with services.database.read_session() as session:
        row = sessions.get(session, owner_id, id)
        client = clients.get(session, owner_id, row.client_id) if row is not None else None
        if row is None or client is None:
            raise not_found("session")
        body = serialize_session(session, row)
        statuses: dict[str, AnalysisStatus] = {}
        refs: dict[str, ResultRef] = {}
        for step in body.steps:
            analysis = analyses.get(session, owner_id, step.analysis) if step.analysis is not None else None
            clip = clips.get(session, owner_id, analysis.clip_id) if analysis is not None else None
            if analysis is None or clip is None:
                continue
            statuses[analysis.id] = serialize_analysis(session, analysis)
            if analysis.run is not None:
                day = get_filmed_at(analysis, clip).date().isoformat()
                refs[analysis.id] = ResultRef(analysis.id, analysis.run, clip.name, day)
    results = {analysis_id: _load_if_readable(services, ref) for analysis_id, ref in refs.items()}
    steps = _build_card_steps(body, results)
    waiting = sum(status.status in OPEN_STATUSES for status in statuses.values())
    can = choose_can_lines(body.kind, steps)
    better = find_better_try(steps)
    return SessionCard(
        session=body.id,
        client=client.name,
        title=body.title,
        kind=body.kind,
        started_at=body.started_at,
        finished_at=body.finished_at,
        took_minutes=_compute_minutes(body),
        waiting=waiting,
        can=can,
        message=None if can else describe_missing_findings(steps, waiting),
        changes=_compare(services, body, steps, refs),
        felt_better=describe_better_try(better) if better is not None else None,
        next=choose_next_finding(body.kind, steps),
        notes=list_notes(steps),
        clips=list(_list_clips(body, statuses, results, find_own_mdc(services, owner_id))),
    )


def _list_clips(
    body: SessionOut, statuses: dict[str, AnalysisStatus], results: dict[str, Analysis | None], own_mdc: MdcTable
) -> Iterator[CardClip]:
    """Yield the clips in the order of the plan, each with its changes since the first clip of the same exercise."""
    earlier: list[Analysis] = []
    for step in body.steps:
        if step.analysis not in statuses:
            continue
        result = results.get(step.analysis)
        changes: list[KeyChange] = []
        if result is not None:
            since_each = (compute_changes_since(first, result, "refilmed", own_mdc) for first in earlier)
            changes = next(filter(None, since_each), [])
            earlier.append(result)
        yield CardClip(
            step=step.name,
            title=step.title,
            cue=step.cue,
            analysis=statuses[step.analysis],
            key_measures=result.key_measures if result is not None else [],
            key_changes=changes,
        )


def _load_if_readable(services: Services, ref: ResultRef) -> Analysis | None:
    """Load a result; None if an older version wrote it, or it was deleted meanwhile."""
    try:
        return load_result(services, ref)
    except Problem:
        return None


def _build_card_steps(body: SessionOut, results: dict[str, Analysis | None]) -> list[CardStep]:
    return [
        CardStep(
            name=step.name,
            title=step.title,
            is_filmed=step.movement is not None,
            is_skipped=step.skipped,
            cue=step.cue,
            note=step.note,
            result=results.get(step.analysis) if step.analysis is not None else None,
        )
        for step in body.steps
    ]


def _compute_minutes(body: SessionOut) -> int | None:
    if body.finished_at is None:
        return None
    minutes = max(1, round((body.finished_at - body.started_at).total_seconds() / 60))
    return minutes if minutes <= 2 * body.minutes else None


def _compare(
    services: Services, body: SessionOut, steps: Sequence[CardStep], refs: dict[str, ResultRef]
) -> CardChanges | None:
    """Compare the first clip with the last; the cue that was given between them is passed on."""
    pair = choose_comparison(body.kind, steps)
    if pair is None:
        return None
    ids = {step.name: step.analysis for step in body.steps}
    before, after = (str(ids[step.name]) for step in pair)
    try:
        comparison = compare_results(services, [refs[before], refs[after]], cue=pair[1].cue.strip() or None)
        texts = [sentence.text for sentence in comparison.pairs[0].sentences[:MAX_CHANGES]]
    except (CompareError, Problem):
        texts = [load_card_texts().not_comparable]
    return CardChanges(before=before, after=after, intro=describe_comparison(*pair), texts=texts)
