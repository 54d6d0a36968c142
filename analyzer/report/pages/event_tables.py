"""The tables of reps, holds and stages, as text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from analyzer.report.movement_words import MovementWords, get_movement_words
from analyzer.results.schema import Analysis, Hold, Rep, Stage
from analyzer.vocabulary.angles import ANGLE_DISPLAYS
from analyzer.vocabulary.measures import MeasureLabel, MeasureValue, format_measure, format_measure_name
from analyzer.vocabulary.terms import RELEASE_TEXTS, SENSATION_TEXTS, SYMPTOM_SITE_TEXTS, format_level, format_name
from analyzer.vocabulary.units import NO_VALUE, format_number

_MAX_COLUMNS = 6  # beyond the first; a wider table is split, since it has to fit a page; chosen


@dataclass(frozen=True)
class ReportTable:
    """One table as text.

    Attributes
    ----------
    columns : their headers; the first column names the row.
    is_secondary : whether it belongs under "More angles".
    """

    title: str
    columns: list[str]
    rows: list[list[str]]
    is_secondary: bool = False


def build_event_tables(analysis: Analysis) -> list[ReportTable]:
    """Build tables of times, angles and measures of every rep, hold and stage, without columns that have no value."""
    words = get_movement_words(analysis.movement.name)
    return [
        *_build_rep_tables(analysis.reps, words),
        *_build_hold_tables(analysis.holds, words),
        *_build_stage_tables(analysis.stages, words),
    ]


def format_symptom_report(report: Mapping[str, MeasureValue]) -> str:
    """Return a symptom report in one line: "3 of 10, a stretch, back, familiar".

    Parameters
    ----------
    report : with the keys of `results.schema.Report`, as far as they are known.
    """
    level, sensation, site, release = (report.get(key) for key in ("level", "word", "where", "on_release"))
    parts = [
        format_level(level) if isinstance(level, int) else None,
        SENSATION_TEXTS.get(str(sensation), format_name(str(sensation))) if sensation else None,
        SYMPTOM_SITE_TEXTS.get(str(site), format_name(str(site))) if site else None,
        {True: "familiar", False: "not familiar"}.get(bool(report["familiar"]))
        if report.get("familiar") is not None
        else None,
        RELEASE_TEXTS.get(str(release)) if release else None,
    ]
    return ", ".join(filter(None, parts)) or NO_VALUE


def split_into_tables(title: str, first: str, names: list[str], cells: Mapping[str, list[str]]) -> list[ReportTable]:
    """Build a table of the columns that hold a value, split where there are too many; none without rows or columns.

    Parameters
    ----------
    title : of the first table; further ones are named after it.
    first : header of the first column.
    names : its cells, one a row.
    cells : header -> one text a row.
    """
    filled = {name: column for name, column in cells.items() if any(text != NO_VALUE for text in column)}
    tables = []
    for start in range(0, len(filled), _MAX_COLUMNS):
        columns = list(filled)[start : start + _MAX_COLUMNS]
        rows = [[name, *(filled[column][k] for column in columns)] for k, name in enumerate(names)]
        tables.append(ReportTable(title if start == 0 else f"{title}, more", [first, *columns], rows))
    return tables if names else []


def _build_rep_tables(reps: Sequence[Rep], words: MovementWords) -> list[ReportTable]:
    names = [f"{rep.index}" if rep.complete else f"{rep.index} (part)" for rep in reps]
    times: dict[str, Callable[[Rep], float | None]] = {
        "Start": lambda rep: rep.start_s,
        words.phases.turn.capitalize(): lambda rep: rep.bottom_s,
        "End": lambda rep: rep.end_s,
        words.phases.outward.capitalize(): lambda rep: rep.descent_s,
        "Pause": lambda rep: rep.pause_s,
        words.phases.back.capitalize(): lambda rep: rep.ascent_s,
    }
    time_cells = {name: [format_number(read(rep), "s") for rep in reps] for name, read in times.items()}
    ranges = _build_angle_tables("Range within the rep", "Rep", names, [rep.range for rep in reps])
    return [
        *split_into_tables("Times", "Rep", names, time_cells),
        *_build_angle_tables(f"Angles: {words.phases.turn}", "Rep", names, [rep.at_bottom for rep in reps]),
        *_build_measure_tables("Rep", names, [rep.measures for rep in reps], words.measure_labels),
        *(replace(table, is_secondary=True) for table in ranges),
    ]


def _build_hold_tables(holds: Sequence[Hold], words: MovementWords) -> list[ReportTable]:
    names = [str(hold.index) for hold in holds]
    times = {
        "Start": [format_number(hold.start_s, "s") for hold in holds],
        "End": [format_number(hold.end_s, "s") for hold in holds],
        "Held": [format_number(hold.duration_s, "s") for hold in holds],
        "In your zone": [format_number(hold.in_zone_s, "s") for hold in holds],
    }
    return [
        *split_into_tables("Times", "Hold", names, times),
        *_build_angle_tables("Angles while held", "Hold", names, [hold.angles for hold in holds]),
        *_build_measure_tables("Hold", names, [hold.measures for hold in holds], words.measure_labels),
    ]


def _build_stage_tables(stages: Sequence[Stage], words: MovementWords) -> list[ReportTable]:
    names = [words.format_stage(stage.name, stage.side) for stage in stages]
    times = {
        "Start": [format_number(stage.start_s, "s") for stage in stages],
        "End": [format_number(stage.end_s, "s") for stage in stages],
        "What you felt": [
            format_symptom_report(stage.reported.model_dump() if stage.reported else {}) for stage in stages
        ],
    }
    return [
        *split_into_tables("Times", "Stage", names, times),
        *_build_angle_tables("Angles while held", "Stage", names, [stage.angles for stage in stages]),
        *_build_measure_tables("Stage", names, [stage.measures for stage in stages], words.measure_labels),
    ]


def _build_angle_tables(
    title: str, first: str, names: list[str], angles: Sequence[Mapping[str, float]]
) -> list[ReportTable]:
    """Build the tables of the angles (degrees) of each event; all but the first are secondary."""
    measured = {name for event in angles for name in event}
    order = [name for name in ANGLE_DISPLAYS if name in measured]
    order += sorted(measured - set(order))
    cells = {format_measure_name(name): [format_number(event.get(name)) for event in angles] for name in order}
    tables = split_into_tables(title, first, names, cells)
    return [*tables[:1], *(replace(table, is_secondary=True) for table in tables[1:])]


def _build_measure_tables(
    first: str, names: list[str], measures: Sequence[Mapping[str, MeasureValue]], labels: Mapping[str, MeasureLabel]
) -> list[ReportTable]:
    """Build the tables of the measures of each event that fit one cell."""
    keys = dict.fromkeys(
        key for event in measures for key, value in event.items() if isinstance(value, bool | int | float | str)
    )
    cells = {
        format_measure_name(key, labels): [format_measure(key, event.get(key), labels) for event in measures]
        for key in keys
    }
    return split_into_tables("Measures", first, names, cells)
