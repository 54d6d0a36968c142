"""One client over time: by day, with what changed clearly and what the client's own reports speak for."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import fmean

from analyzer.coaching.can_train import can_train, standing_referral
from analyzer.coaching.comfort_over_time import NO_CHANGE, Filmed
from analyzer.coaching.direction import direction_over
from analyzer.compare.result import Row
from analyzer.compare.side import CompareError, Side
from analyzer.compare.story import plot_of
from analyzer.compare.words import Words
from analyzer.movements.change import LIMITS
from api.deps import Services
from api.problems import Problem
from api.readings import Reading, comparison_of, result_of, side_from
from api.schemas import AnalysisStatus, ClientOut, Day, Line, Point, Timeline

_UNITS = {"deg": "degrees", "pct": "% of leg length", "s": "s", "share": ""}

Entry = tuple[AnalysisStatus, Reading]


def timeline_of(
    services: Services, client: ClientOut, entries: Sequence[tuple[AnalysisStatus, Reading | None]]
) -> Timeline:
    """What a client's analyses tell, oldest first; the reading is None where one is not done."""
    days: dict[str, list[AnalysisStatus]] = defaultdict(list)
    for status, _ in entries:
        days[(status.clip.recorded_at or status.created_at).date().isoformat()].append(status)
    done = [(status, reading) for status, reading in entries if reading is not None]
    filmed = list(_readable(services, done))
    return Timeline(
        client=client,
        days=[Day(date=date, analyses=days[date][::-1]) for date in sorted(days, reverse=True)],
        lines=list(_lines(services, done)),
        direction=direction_over(one.analysis for one in filmed),
        referral=standing_referral(filmed),
        can_train=can_train(filmed),
    )


def _readable(services: Services, done: Sequence[Entry]) -> Iterator[Filmed]:
    for status, reading in done:
        try:
            yield Filmed(status.id, status.clip.recorded_at or status.created_at, result_of(services, reading))
        except Problem:  # of an older version: it stands in its day, but tells no numbers
            continue


def _lines(services: Services, done: Sequence[Entry]) -> Iterator[Line]:
    """One line a quantity of each movement that was filmed at least once."""
    by_movement: dict[tuple[str, str | None], list[tuple[AnalysisStatus, Reading, Side]]] = defaultdict(list)
    for status, reading in done:
        try:
            side = side_from(services, reading)
        except (CompareError, Problem):
            continue
        by_movement[side.movement.name, side.analysis.movement.variant].append((status, reading, side))
    for (movement, _), group in by_movement.items():
        rows = _rows(services, group[0][1], group[-1][1]) if len(group) > 1 else {}
        points: dict[str, list[Point]] = defaultdict(list)
        families: dict[str, str] = {}
        for status, _, side in group:
            for quantity in side.quantities():
                if quantity.values:
                    at = status.clip.recorded_at or status.created_at
                    mean = round(fmean(quantity.values), 2)
                    points[quantity.key].append(Point(analysis=status.id, at=at, mean=mean, n=len(quantity.values)))
                    families[quantity.key] = quantity.family
        words = Words(plot_of(group[0][2], group[0][2], None), "A", "B", None)
        for key, known in points.items():
            row = rows.get(key)
            yield Line(
                movement=movement,
                key=key,
                title=words.title(key),
                unit=LIMITS.families[families[key]].unit,
                points=known,
                change=row.change if row is not None else None,
                threshold=row.threshold if row is not None else None,
                clear=row is not None and row.clear,
                told=_told(row),
            )


def _rows(services: Services, first: Reading, last: Reading) -> dict[str, Row]:
    """What changed from the first to the last, by key."""
    try:
        comparison = comparison_of(services, [first, last])
    except (CompareError, Problem):
        return {}
    pair = comparison.pairs[0]
    return {row.key: row for row in pair.rows} if pair.before == "A" else {}


def _told(row: Row | None) -> str:
    if row is None or not row.clear:
        return NO_CHANGE
    by, digits = (100, 0) if row.unit == "share" else (1, 1 if row.unit == "s" else 0)
    unit = "%" if row.unit == "share" else _UNITS[row.unit]
    return f"{abs(by * row.change):.{digits}f} {unit} {'more' if row.change > 0 else 'less'}"
