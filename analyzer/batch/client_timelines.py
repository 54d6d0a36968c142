"""Timelines of clients: the first clip of a movement compared with the last, and the clips between."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analyzer.batch.inline_charts import TimelinePoint
from analyzer.batch.result_entries import BatchEntry
from analyzer.batch.summary_tables import BatchTables
from analyzer.compare.changes import compare_sides
from analyzer.compare.schema import Comparison, QuantityChange
from analyzer.compare.side import CompareError, ComparisonSide, SideSource, select_side
from analyzer.errors import AnalyzerError
from analyzer.movements.minimal_detectable_change import NO_OWN_MDC, ComparisonSetting, MdcTable

_MOST_CLEAR = 4  # clear changes that are drawn of one movement; chosen
_WITHOUT_CLEAR = 1  # quantities that are drawn where nothing changed clearly; the sheet has all; chosen


@dataclass(frozen=True)
class QuantityTrend:
    """One quantity over all clips, and its change from the first to the last."""

    row: QuantityChange
    points: Sequence[TimelinePoint]


@dataclass(frozen=True)
class MovementTimeline:
    """One movement of one client.

    Attributes
    ----------
    clips : files in the order of their dates; `dates` go with them.
    sentences : of the catalogue, in which A is the first clip and B the last.
    mdc_source : where the minimal detectable changes are from, in words.
    trends : the quantities that are drawn.
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
    groups: dict[tuple[str, str, str, bool], list[BatchEntry]] = {}
    for entry, row in zip(entries, tables.summary, strict=True):
        if entry.state == "done" and row["client"] and row["date"] and row["movement"] != "unknown":
            unloaded = row["load_kg"] == 0  # with load and without are two exercises, not before and after
            groups.setdefault((row["client"], row["movement"], row["variant"] or "", unloaded), []).append(entry)
    means = {(row["file"], row["quantity"]): row for row in tables.quantities}
    for (client, movement, variant, _), group in sorted(groups.items()):
        group.sort(key=lambda entry: (entry.facts.date or "", entry.file))
        compared = _compare_clips(group[0], group[-1], own_mdc) if len(group) > 1 else None
        if compared is None or compared.pairs[0].before != "A":
            continue
        pair = compared.pairs[0]
        clear = [row for row in pair.rows if row.clear]
        drawn = clear[:_MOST_CLEAR] or pair.rows[:_WITHOUT_CLEAR]
        trends = [QuantityTrend(row, _points(group, row, means)) for row in drawn]
        yield MovementTimeline(
            client=client,
            movement=movement,
            variant=variant or None,
            clips=[entry.file for entry in group],
            dates=[entry.facts.date or "" for entry in group],
            loads_kg=[entry.facts.load_kg for entry in group],
            sentences=[sentence.text for sentence in (*pair.told, *pair.notes)],
            mdc_source=compared.mdc_source,
            trends=[trend for trend in trends if len(trend.points) > 1],
        )


def _compare_clips(first: BatchEntry, last: BatchEntry, own_mdc: MdcTable) -> Comparison | None:
    """Compare two clips, which were filmed on one day or on two; None if they cannot be compared."""
    try:
        setting: ComparisonSetting = "other_day" if first.facts.date != last.facts.date else "refilmed"
        return compare_sides([_side(first), _side(last)], setting, own_mdc=own_mdc)
    except AnalyzerError:
        return None


def _side(entry: BatchEntry) -> ComparisonSide:
    analysis = entry.load_analysis()
    if analysis is None:
        raise CompareError(f"{entry.file}: has no result.")
    return select_side(SideSource(Path(entry.file)), analysis)


def _points(
    group: Sequence[BatchEntry], row: QuantityChange, means: dict[tuple[str, str], dict[str, object]]
) -> list[TimelinePoint]:
    points = []
    for entry in group:
        mean = means.get((entry.file, row.key))
        if mean is not None:
            label = f"{entry.facts.date}: {mean['mean']}"
            day = date.fromisoformat(entry.facts.date or "").toordinal()
            points.append(TimelinePoint(label, day, float(str(mean["mean"])), float(str(mean["sd"] or 0))))
    return points
