"""Timelines of clients: the first clip of a movement compared with the last, and the clips between."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analyzer.batch.exercises import SummaryRow, choose_setting, group_by_exercise
from analyzer.batch.inline_charts import TimelinePoint
from analyzer.batch.result_entries import BatchEntry
from analyzer.batch.summary_tables import BatchRow, BatchTables
from analyzer.compare.changes import compare_sides
from analyzer.compare.schema import Comparison, KeyChange, QuantityChange
from analyzer.compare.side import CompareError, ComparisonSide, SideSource, select_side
from analyzer.errors import AnalyzerError
from analyzer.movements.minimal_detectable_change import NO_OWN_MDC, MdcTable
from analyzer.vocabulary.key_measures import format_with_interval

DatedClip = tuple[BatchEntry, SummaryRow]

_MOST_CLEAR = 4  # clear changes of other quantities that are drawn of one movement; chosen
_WITHOUT_CLEAR = 1  # quantities that are drawn of a movement without key measures where nothing is clear; chosen


@dataclass(frozen=True)
class QuantityTrend:
    """One key measure or other quantity over all clips, and its change from the first to the last."""

    change: KeyChange | QuantityChange
    points: Sequence[TimelinePoint]


@dataclass(frozen=True)
class MovementTimeline:
    """One movement of one client.

    Attributes
    ----------
    clips : files in the order of their dates; `dates` go with them.
    sentences : of the catalogue, in which A is the first clip and B the last.
    mdc_source : where the minimal detectable changes are from, in words.
    trends : what is drawn: the key measures in their order, then other quantities that changed clearly.
    """

    client: str
    movement: str
    variant: str | None
    clips: Sequence[str]
    dates: Sequence[str]
    loads_kg: Sequence[float | None]
    sentences: Sequence[str]
    mdc_source: str
    trends: Sequence[QuantityTrend]


def build_timelines(
    entries: Sequence[BatchEntry], tables: BatchTables, own_mdc: MdcTable = NO_OWN_MDC
) -> Iterator[MovementTimeline]:
    """Yield the timelines of all clients with two dated clips of a movement, by client and movement."""
    by_measure = {(row["file"], row["key_measure"]): row for row in tables.key_measures}
    by_quantity = {(row["file"], row["quantity"]): row for row in tables.quantities}
    clips = zip(entries, tables.summary, strict=True)
    for (client, movement, variant, _), group in group_by_exercise(clips).items():
        compared = _compare_clips(group[0], group[-1], own_mdc) if len(group) > 1 else None
        if compared is None or compared.pairs[0].before != "A":
            continue
        pair = compared.pairs[0]
        shown = {change.quantity for change in pair.key_changes}
        others = [row for row in pair.rows if row.key not in shown]
        trends = [QuantityTrend(change, _list_key_points(group, change, by_measure)) for change in pair.key_changes]
        drawn = [row for row in others if row.clear][:_MOST_CLEAR]
        if not trends:
            drawn = drawn or others[:_WITHOUT_CLEAR]
        trends += [QuantityTrend(row, _list_mean_points(group, row, by_quantity)) for row in drawn]
        yield MovementTimeline(
            client=client,
            movement=movement,
            variant=variant or None,
            clips=[entry.file for entry, _ in group],
            dates=[row["date"] for _, row in group],
            loads_kg=[entry.facts.load_kg for entry, _ in group],
            sentences=[sentence.text for sentence in (*pair.sentences, *pair.notes)],
            mdc_source=compared.mdc_source,
            trends=[trend for trend in trends if len(trend.points) > 1],
        )


def _compare_clips(first: DatedClip, last: DatedClip, own_mdc: MdcTable) -> Comparison | None:
    """Compare two clips, which were filmed on one day or on two; None if they cannot be compared."""
    try:
        return compare_sides([_side(first[0]), _side(last[0])], choose_setting(first[1], last[1]), own_mdc=own_mdc)
    except AnalyzerError:
        return None


def _side(entry: BatchEntry) -> ComparisonSide:
    analysis = entry.load_analysis()
    if analysis is None:
        raise CompareError(f"{entry.file}: has no result.")
    return select_side(SideSource(Path(entry.file)), analysis)


def _list_key_points(
    group: Sequence[DatedClip], change: KeyChange, rows: dict[tuple[str, str], BatchRow]
) -> list[TimelinePoint]:
    """List the values of a key measure, with half of their 80 % intervals."""
    points = []
    for entry, clip in group:
        row = rows.get((entry.file, change.id))
        if row is None:
            continue
        interval = None if row["low"] is None else (row["low"], row["high"])
        text = format_with_interval(row["value"], change.unit, interval, row.get("direction"))
        half = 0.0 if interval is None else (interval[1] - interval[0]) / 2
        points.append(TimelinePoint(f"{clip['date']}: {text}", _day(clip), row["value"], half))
    return points


def _list_mean_points(
    group: Sequence[DatedClip], quantity: QuantityChange, rows: dict[tuple[str, str], BatchRow]
) -> list[TimelinePoint]:
    """List the means of a quantity, with the SD of the reps."""
    return [
        TimelinePoint(f"{clip['date']}: {row['mean']}", _day(clip), row["mean"], row["sd"] or 0.0)
        for entry, clip in group
        if (row := rows.get((entry.file, quantity.key))) is not None
    ]


def _day(clip: SummaryRow) -> int:
    return date.fromisoformat(clip["date"]).toordinal()
