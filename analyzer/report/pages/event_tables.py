"""The tables of reps, holds and stages, as text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analyzer.report.angle_names import ANGLE_DISPLAYS, get_phase_names, get_turn_name
from analyzer.report.key_moments import format_stage_title
from analyzer.report.measure_text import NO_VALUE, format_measure, format_measure_name, format_number
from analyzer.results.schema import Analysis, Hold, Rep, Stage

_MOST_COLUMNS = 6  # beyond the first, a table is parted: it has to fit a page; chosen


@dataclass(frozen=True)
class ReportTable:
    """One table: the first column names the row; `aside` where it is not among the first things to look at."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    aside: bool = False


def build_event_tables(analysis: Analysis) -> list[ReportTable]:
    """Times, angles and measures of every rep, hold and stage; columns without a value are left out."""
    return [*_reps(analysis), *_holds(analysis.holds), *_stages(analysis.stages)]


def format_symptom_report(reported: Mapping[str, Any]) -> str:
    """What a client said of a moment, in one line; keys as in `result.Report`."""
    familiar = {"True": "familiar", "False": "not familiar"}.get(str(reported.get("familiar")))
    released = f"{reported['on_release']} when let go" if reported.get("on_release") else None
    level = None if reported.get("level") is None else f"{reported['level']} of 10"
    words = (str(reported[key]).replace("_", " ") for key in ("word", "where") if reported.get(key))
    return ", ".join(filter(None, [level, *words, familiar, released])) or NO_VALUE


def _reps(analysis: Analysis) -> list[ReportTable]:
    reps = analysis.reps
    if not reps:
        return []
    names = [f"{rep.index}" + ("" if rep.complete else " (part)") for rep in reps]
    turn = get_turn_name(analysis.movement.name)
    down, up = (way.capitalize() for way in get_phase_names(analysis.movement.name))
    times: dict[str, Callable[[Rep], Any]] = {
        "Start": lambda rep: rep.start_s,
        turn.capitalize(): lambda rep: rep.bottom_s,
        "End": lambda rep: rep.end_s,
        down: lambda rep: rep.descent_s,
        "Pause": lambda rep: rep.pause_s,
        up: lambda rep: rep.ascent_s,
    }
    tempo = split_into_tables(
        "Times", "Rep", names, {name: [_seconds(of(rep)) for rep in reps] for name, of in times.items()}
    )
    at_turn = _angles(f"Angles: {turn}", "Rep", names, [rep.at_bottom for rep in reps])
    ranges = _angles("Range within the rep", "Rep", names, [rep.range for rep in reps])
    measures = _measures("Rep", names, [rep.measures for rep in reps])
    return [*tempo, *at_turn, *measures, *(replace(table, aside=True) for table in ranges)]


def _holds(holds: Sequence[Hold]) -> list[ReportTable]:
    names = [str(hold.index) for hold in holds]
    times = {
        "Start": [_seconds(hold.start_s) for hold in holds],
        "End": [_seconds(hold.end_s) for hold in holds],
        "Held": [_seconds(hold.duration_s) for hold in holds],
        "In your zone": [_seconds(hold.in_zone_s) for hold in holds],
    }
    return [
        *split_into_tables("Times", "Hold", names, times),
        *_angles("Angles while held", "Hold", names, [hold.angles for hold in holds]),
        *_measures("Hold", names, [hold.measures for hold in holds]),
    ]


def _stages(stages: Sequence[Stage]) -> list[ReportTable]:
    names = [format_stage_title(stage.name, stage.side) for stage in stages]
    times = {
        "Start": [_seconds(stage.start_s) for stage in stages],
        "End": [_seconds(stage.end_s) for stage in stages],
        "What you felt": [
            format_symptom_report(stage.reported.model_dump() if stage.reported else {}) for stage in stages
        ],
    }
    return [
        *split_into_tables("Times", "Stage", names, times),
        *_angles("Angles while held", "Stage", names, [stage.angles for stage in stages]),
        *_measures("Stage", names, [stage.measures for stage in stages]),
    ]


def _angles(title: str, first: str, names: list[str], each: Sequence[Mapping[str, float]]) -> list[ReportTable]:
    order = [name for name in ANGLE_DISPLAYS if any(name in one for one in each)]
    order += sorted({name for one in each for name in one} - set(order))
    cells = {
        format_measure_name(name): [format_number(one[name]) if name in one else NO_VALUE for one in each]
        for name in order
    }
    tables = split_into_tables(title, first, names, cells)
    return [*tables[:1], *(replace(table, aside=True) for table in tables[1:])]


def _measures(first: str, names: list[str], each: Sequence[Mapping[str, Any]]) -> list[ReportTable]:
    keys = list(dict.fromkeys(key for one in each for key, value in one.items() if _plain(value)))
    cells = {format_measure_name(key): [format_measure(key, one.get(key)) for one in each] for key in keys}
    return split_into_tables("Measures", first, names, cells)


def _plain(value: Any) -> bool:
    """Whether it fits a cell."""
    return isinstance(value, bool | int | float | str)


def split_into_tables(title: str, first: str, names: list[str], cells: Mapping[str, list[str]]) -> list[ReportTable]:
    """A table of the columns that hold anything, parted where there are too many; none without rows or columns."""
    filled = {name: column for name, column in cells.items() if any(text != NO_VALUE for text in column)}
    parts = []
    for start in range(0, len(filled), _MOST_COLUMNS):
        columns = list(filled)[start : start + _MOST_COLUMNS]
        rows = [[name, *(filled[column][k] for column in columns)] for k, name in enumerate(names)]
        parts.append(ReportTable(title if start == 0 else f"{title}, more", [first, *columns], rows))
    return parts if names else []


def _seconds(value: float | None) -> str:
    return NO_VALUE if value is None else format_number(value, "s")
