"""Timeline of a client: analyses by day, clear changes, and the direction that eases their symptoms."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import cast

from analyzer.coaching.comfort_over_time import NO_CHANGE, FilmedClip
from analyzer.coaching.symptom_direction import assess_client_direction
from analyzer.coaching.training_options import find_active_referral, list_training_options
from analyzer.compare.pairing import get_load_kg, order_pair
from analyzer.compare.schema import KeyChange, PairComparison, QuantityChange
from analyzer.compare.side import CompareError, ComparisonSide
from analyzer.compare.wording import PERCENT_OF, PairWording
from analyzer.movements.minimal_detectable_change import LIMITS, NO_OWN_MDC, MdcTable
from analyzer.movements.statistics import drop_unknown
from analyzer.results.schema import KeyMeasure
from analyzer.vocabulary.key_measures import choose_change_decimals, format_change
from analyzer.vocabulary.units import UnitKey, format_difference_in_words
from api.analyses.result_reader import ResultRef, compare_results, load_comparison_side, load_result
from api.dependencies import Services
from api.responses.problem_details import Problem
from api.schemas.analyses import AnalysisStatus
from api.schemas.clients import ClientOut, TimelineDay, TimelineOut, TrendLine, TrendPoint

TimelineEntry = tuple[AnalysisStatus, ResultRef]


def build_timeline(
    services: Services,
    client: ClientOut,
    entries: Sequence[tuple[AnalysisStatus, ResultRef | None]],
    own_mdc: MdcTable = NO_OWN_MDC,
) -> TimelineOut:
    """Build the timeline from a client's analyses, oldest first; the result is None for an unfinished one.

    `own_mdc` holds the minimal detectable changes of own repeats.
    """
    days: dict[str, list[AnalysisStatus]] = defaultdict(list)
    for status, _ in entries:
        days[(status.clip.recorded_at or status.created_at).date().isoformat()].append(status)
    done = [(status, result) for status, result in entries if result is not None]
    filmed = list(_readable(services, done))
    return TimelineOut(
        client=client,
        days=[TimelineDay(date=date, analyses=days[date][::-1]) for date in sorted(days, reverse=True)],
        lines=list(_lines(services, done, own_mdc)),
        direction=assess_client_direction(clip.analysis for clip in filmed),
        referral=find_active_referral(filmed),
        can_train=list_training_options(filmed),
    )


def _readable(services: Services, done: Sequence[TimelineEntry]) -> Iterator[FilmedClip]:
    for status, result in done:
        try:
            yield FilmedClip(status.id, status.clip.recorded_at or status.created_at, load_result(services, result))
        except Problem:  # of an older version: listed in its day, without numbers
            continue


@dataclass(frozen=True)
class _FilmedSide:
    """One clip of an exercise with its side of a comparison."""

    status: AnalysisStatus
    ref: ResultRef
    side: ComparisonSide

    def point(self, value: float, n: int) -> TrendPoint:
        """Return a point of this clip on a line."""
        at = self.status.clip.recorded_at or self.status.created_at
        return TrendPoint(analysis=self.status.id, at=at, mean=round(value, 2), n=n)

    def key_point(self, measure: KeyMeasure) -> TrendPoint:
        """Return a point of this clip on the line of a key measure."""
        point = self.point(measure.value, max(1, len(drop_unknown(measure.per_rep))))
        return point.model_copy(update={"interval_80": measure.interval_80, "direction": measure.direction})


def _lines(services: Services, done: Sequence[TimelineEntry], own_mdc: MdcTable) -> Iterator[TrendLine]:
    """Yield the lines of each exercise of the client: the key measures first, then the other quantities."""
    exercises: dict[tuple[str, str | None, bool], list[_FilmedSide]] = defaultdict(list)
    for status, result in done:
        try:
            side = load_comparison_side(services, result)
        except (CompareError, Problem):
            continue
        exercise = side.movement.name, side.analysis.movement.variant, get_load_kg(side) == 0
        exercises[exercise].append(_FilmedSide(status, result, side))
    for group in exercises.values():
        pair = _compare(services, group[0].ref, group[-1].ref, own_mdc) if len(group) > 1 else None
        key_lines = list(_key_lines(group, pair))
        yield from key_lines
        shown = {line.key for line in key_lines}
        yield from (line for line in _quantity_lines(group, pair) if line.key not in shown)


def _key_lines(group: Sequence[_FilmedSide], pair: PairComparison | None) -> Iterator[TrendLine]:
    """Yield a line for each key measure that some clip has; its key is that of the same quantity, else its id."""
    changes = {change.id: change for change in pair.key_changes} if pair is not None else {}
    movement = group[0].side.movement
    for spec in movement.key_measures:
        measures = [
            (clip, {measure.id: measure for measure in clip.side.key_measures()}.get(spec.id)) for clip in group
        ]
        known = [(clip, measure) for clip, measure in measures if measure is not None]
        if not known:
            continue
        change = changes.get(spec.id)
        yield TrendLine(
            movement=movement.name,
            variant=group[0].side.analysis.movement.variant,
            without_load=get_load_kg(group[0].side) == 0,
            key=spec.comparable or spec.id,
            key_measure=spec.id,
            title=spec.label,
            unit=spec.unit,
            points=[clip.key_point(measure) for clip, measure in known],
            change=None if change is None else change.change,
            threshold=None if change is None else change.mdc,
            threshold_source=None if change is None else change.mdc_source,
            clear=change is not None and change.clear,
            better=change is not None and change.better,
            change_text=_describe_key_change(change),
        )


def _quantity_lines(group: Sequence[_FilmedSide], pair: PairComparison | None) -> Iterator[TrendLine]:
    """Yield a line for each quantity by which clips of the movement are compared."""
    rows = {row.key: row for row in pair.rows} if pair is not None else {}
    points: dict[str, list[TrendPoint]] = defaultdict(list)
    families: dict[str, str] = {}
    for clip in group:
        for quantity in clip.side.quantities():
            if quantity.values:
                points[quantity.key].append(clip.point(fmean(quantity.values), len(quantity.values)))
                families[quantity.key] = quantity.family
    side = group[0].side
    words = PairWording(order_pair(side, side, None), "A", "B", None)
    for key, known in points.items():
        row = rows.get(key)
        yield TrendLine(
            movement=side.movement.name,
            variant=side.analysis.movement.variant,
            without_load=get_load_kg(side) == 0,
            key=key,
            title=words.title(key),
            unit=LIMITS.families[families[key]].unit,
            points=known,
            change=row.change if row is not None else None,
            threshold=row.threshold if row is not None else None,
            threshold_source=row.threshold_source if row is not None else None,
            clear=row is not None and row.clear,
            better=row is not None and row.better,
            change_text=_describe_change(row),
        )


def _compare(services: Services, first: ResultRef, last: ResultRef, own_mdc: MdcTable) -> PairComparison | None:
    """Compare the first with the last result of an exercise; None if they cannot be compared."""
    try:
        [pair] = compare_results(services, [first, last], own_mdc=own_mdc).pairs
    except (CompareError, Problem):
        return None
    return pair if pair.before == "A" else None


def _describe_key_change(change: KeyChange | None) -> str:
    if change is None:
        return NO_CHANGE
    if change.mdc is None:
        return format_change(change)
    return _describe_clear(change.change, change.unit, change.mdc) if change.clear else NO_CHANGE


def _describe_change(row: QuantityChange | None) -> str:
    return _describe_clear(row.change, row.unit, row.threshold) if row is not None and row.clear else NO_CHANGE


def _describe_clear(change: float, unit: str, mdc: float) -> str:
    decimals, _ = choose_change_decimals(change, unit, mdc, is_clear=True)
    amount = format_difference_in_words(abs(change), cast(UnitKey, unit), of=PERCENT_OF, decimals=decimals)
    return f"{amount} {'more' if change > 0 else 'less'}"
