"""Timeline of a client: analyses by day, clear changes, and the direction that eases their symptoms."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import fmean

from analyzer.coaching.comfort_over_time import NO_CHANGE, FilmedClip
from analyzer.coaching.directional_preference import assess_client_direction
from analyzer.coaching.training_options import find_active_referral, list_training_options
from analyzer.compare.pairing import order_pair
from analyzer.compare.schema import QuantityChange
from analyzer.compare.side import CompareError, ComparisonSide
from analyzer.compare.wording import PERCENT_OF, PairWording
from analyzer.movements.minimal_detectable_change import LIMITS, NO_OWN_MDC, MdcTable
from analyzer.vocabulary.units import format_in_words
from api.dependencies import Services
from api.problem_details import Problem
from api.result_reader import ResultRef, compare_results, load_comparison_side, load_result
from api.schemas import AnalysisStatus, ClientOut, TimelineDay, TimelineOut, TrendLine, TrendPoint

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


def _lines(services: Services, done: Sequence[TimelineEntry], own_mdc: MdcTable) -> Iterator[TrendLine]:
    """Yield one line for each quantity of each movement of the client."""
    by_movement: dict[tuple[str, str | None], list[tuple[AnalysisStatus, ResultRef, ComparisonSide]]] = defaultdict(
        list
    )
    for status, result in done:
        try:
            side = load_comparison_side(services, result)
        except (CompareError, Problem):
            continue
        by_movement[side.movement.name, side.analysis.movement.variant].append((status, result, side))
    for (movement, _), group in by_movement.items():
        rows = _rows(services, group[0][1], group[-1][1], own_mdc) if len(group) > 1 else {}
        points: dict[str, list[TrendPoint]] = defaultdict(list)
        families: dict[str, str] = {}
        for status, _, side in group:
            for quantity in side.quantities():
                if quantity.values:
                    at = status.clip.recorded_at or status.created_at
                    mean = round(fmean(quantity.values), 2)
                    points[quantity.key].append(
                        TrendPoint(analysis=status.id, at=at, mean=mean, n=len(quantity.values))
                    )
                    families[quantity.key] = quantity.family
        words = PairWording(order_pair(group[0][2], group[0][2], None), "A", "B", None)
        for key, known in points.items():
            row = rows.get(key)
            yield TrendLine(
                movement=movement,
                key=key,
                title=words.title(key),
                unit=LIMITS.families[families[key]].unit,
                points=known,
                change=row.change if row is not None else None,
                threshold=row.threshold if row is not None else None,
                threshold_source=row.threshold_source if row is not None else None,
                clear=row is not None and row.clear,
                told=_describe_change(row),
            )


def _rows(services: Services, first: ResultRef, last: ResultRef, own_mdc: MdcTable) -> dict[str, QuantityChange]:
    """Compare the first with the last result; return the changes by quantity."""
    try:
        comparison = compare_results(services, [first, last], own_mdc=own_mdc)
    except (CompareError, Problem):
        return {}
    pair = comparison.pairs[0]
    return {row.key: row for row in pair.rows} if pair.before == "A" else {}


def _describe_change(row: QuantityChange | None) -> str:
    if row is None or not row.clear:
        return NO_CHANGE
    amount = format_in_words(abs(row.change), row.unit, of=PERCENT_OF)
    return f"{amount} {'more' if row.change > 0 else 'less'}"
