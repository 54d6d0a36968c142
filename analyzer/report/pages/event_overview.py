"""The one table of reps, holds or stages on the coach's page: key measures, spread, and the best one by definition."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import stdev
from typing import cast

from analyzer.movements.best_events import BestEvents, BetterMeasure, find_best_events, list_counted_events
from analyzer.movements.protocol import Movement
from analyzer.movements.registry import load_movements
from analyzer.report.best_event_words import describe_best_events, name_better_measure
from analyzer.report.movement_words import get_movement_words
from analyzer.results.schema import Analysis, Hold, Rep, Stage
from analyzer.vocabulary.key_measures import shorten_label
from analyzer.vocabulary.measures import get_measure_unit
from analyzer.vocabulary.units import NO_VALUE, UnitKey, format_number, format_plus_minus, get_unit

_MIN_SPREAD_EVENTS = 3  # fewer values have no standard deviation worth a line; chosen
_MAX_COLUMNS = 8  # beyond the name: as many as fit a printed page; chosen
Event = Rep | Hold | Stage


@dataclass(frozen=True)
class OverviewRow:
    """One rep, hold or stage: its name, its anchor in the page, its cells, and whether it is the best one."""

    name: str
    event: str
    cells: list[str]
    is_best: bool = False


@dataclass(frozen=True)
class EventOverview:
    """The table.

    Attributes
    ----------
    kind : "Rep", "Hold" or "Stage".
    spread : standard deviation of each column, as text; empty where there are too few events, or stages.
    best_note : by what the best one is best, or that none stands out; "" where the movement does not define it.
    """

    kind: str
    columns: list[str]
    rows: list[OverviewRow]
    spread: list[str]
    best_note: str


@dataclass(frozen=True)
class _Column:
    """One column.

    Attributes
    ----------
    values : one for each event, None where it is unknown or the event does not count.
    comparable : key of the comparable measure that is the same quantity; None where there is none.
    """

    header: str
    unit: UnitKey | None
    values: list[float | None]
    comparable: str | None

    def format_spread(self) -> str:
        """Return the standard deviation as text, a small one with a decimal more than the values."""
        known = [value for value in self.values if value is not None]
        if len(known) < _MIN_SPREAD_EVENTS:
            return NO_VALUE
        spread, form = stdev(known), get_unit(self.unit)
        is_small = form.factor * spread < 10 * 10**-form.decimals
        return format_plus_minus(spread, self.unit, decimals=form.decimals + is_small)


def build_event_overview(analysis: Analysis) -> EventOverview | None:
    """Build the table; None for fewer than two reps, holds or stages, which the key measures show, or without a number.

    The columns are the key measures, then what the movement counts as better and no key measure shows.
    """
    events: Sequence[Event] = analysis.reps or analysis.holds or analysis.stages
    if len(events) < 2:
        return None
    movement = load_movements().get(analysis.movement.name)
    best = find_best_events(movement, analysis) if movement is not None else None
    columns = _build_columns(analysis, movement, events, best)
    if not columns:
        return None
    counted: Sequence[Event] = list_counted_events(analysis)
    best_events = [counted[position] for position in best.positions] if best is not None else []
    rows = [
        OverviewRow(
            *_name_event(analysis, event, number),
            [format_number(column.values[number - 1], column.unit) for column in columns],
            is_best=any(event is other for other in best_events),
        )
        for number, event in enumerate(events, start=1)
    ]
    has_spread = not analysis.stages and len(counted) >= _MIN_SPREAD_EVENTS
    return EventOverview(
        kind="Rep" if analysis.reps else "Hold" if analysis.holds else "Stage",
        columns=[column.header for column in columns],
        rows=rows,
        spread=[column.format_spread() for column in columns] if has_spread else [],
        best_note=describe_best_events(best, movement, analysis) if movement is not None and best is not None else "",
    )


def _build_columns(
    analysis: Analysis, movement: Movement | None, events: Sequence[Event], best: BestEvents | None
) -> list[_Column]:
    specs = {spec.id: spec for spec in movement.key_measures} if movement is not None else {}
    columns = []
    for measure in analysis.key_measures:
        spec = specs.get(measure.id)
        header = spec.short if spec is not None and spec.short else shorten_label(measure.label)
        values = _spread_over_events(measure.per_rep, events)
        if measure.direction:
            header = f"{header}, {measure.direction}"
            values = [None if value is None else math.copysign(1, measure.value) * value for value in values]
        comparable = spec.comparable if spec is not None else None
        columns.append(_Column(header, cast(UnitKey, measure.unit), values, comparable))
    columns = [column for column in columns if any(value is not None for value in column.values)]
    if movement is None or best is None:
        return columns[:_MAX_COLUMNS]
    for better in best.measures:
        if _find_column(better, columns) is None:
            values, unit = _spread_over_events(better.values, events), get_measure_unit(better.key.rpartition(".")[2])
            columns.append(_Column(name_better_measure(better, movement), unit, values, better.key))
    return columns[:_MAX_COLUMNS]


def _spread_over_events(values: Sequence[float | None], events: Sequence[Event]) -> list[float | None]:
    """Return one value for each event from those of the counted ones; all None where their numbers differ."""
    counts = [getattr(event, "complete", True) for event in events]
    if len(values) != sum(counts):
        return [None] * len(events)
    remaining = iter(values)
    return [next(remaining) if is_counted else None for is_counted in counts]


def _find_column(measure: BetterMeasure, columns: Sequence[_Column]) -> _Column | None:
    """Return the column of the same quantity, if any."""
    return next((column for column in columns if column.comparable == measure.key), None)


def _name_event(analysis: Analysis, event: Event, number: int) -> tuple[str, str]:
    """Return the name of an event in the table, and its anchor."""
    if isinstance(event, Stage):
        return get_movement_words(analysis.movement.name).format_stage(event.name, event.side), f"stage-{number}"
    if isinstance(event, Hold):
        return str(event.index), f"hold-{event.index}"
    return f"{event.index}" if event.complete else f"{event.index} (part)", f"rep-{event.index}"
