"""Everything that was measured of each rep, hold or stage: a row a measure, a column an event."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from analyzer.report.movement_words import MovementWords, get_movement_words
from analyzer.results.schema import Analysis, Hold, Rep, Stage
from analyzer.vocabulary.angles import ANGLE_DISPLAYS
from analyzer.vocabulary.measures import MeasureLabel, MeasureValue, format_measure, format_measure_name
from analyzer.vocabulary.terms import RELEASE_TEXTS, SENSATION_TEXTS, SYMPTOM_SITE_TEXTS, format_level, format_name
from analyzer.vocabulary.units import NO_VALUE, format_number

_MAX_EVENTS = 12  # columns of one table, as many as fit a printed page; more are split; chosen
_SAME_ANGLE_DEG = 0.06  # measures are rounded to tenths of a degree


@dataclass(frozen=True)
class MeasureGroup:
    """Rows of one kind: the name of a measure, then its text in each event."""

    title: str
    rows: list[list[str]]


@dataclass(frozen=True)
class EventTable:
    """All measures of some reps, holds or stages; `columns` are the names of these."""

    title: str
    columns: list[str]
    groups: list[MeasureGroup]


def build_event_tables(analysis: Analysis) -> list[EventTable]:
    """Build the tables of times, angles and measures, without rows that have no value."""
    words = get_movement_words(analysis.movement.name)
    return [
        *_split("Reps", *_list_rep_groups(analysis.reps, words)),
        *_split("Holds", *_list_hold_groups(analysis.holds, words)),
        *_split("Stages", *_list_stage_groups(analysis.stages, words)),
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


def _split(title: str, names: list[str], groups: Sequence[MeasureGroup]) -> list[EventTable]:
    """Build tables of about equally many events, at most twelve each."""
    tables = []
    size = ceil(len(names) / max(1, ceil(len(names) / _MAX_EVENTS)))
    for start in range(0, len(names), max(1, size)):
        stop = min(start + size, len(names))
        parts = [
            MeasureGroup(group.title, [[row[0], *row[1 + start : 1 + stop]] for row in group.rows])
            for group in groups
            if group.rows
        ]
        part_title = title if size == len(names) else f"{title} {start + 1} to {stop}"
        tables.append(EventTable(part_title, names[start:stop], parts))
    return tables


def _list_rep_groups(reps: Sequence[Rep], words: MovementWords) -> tuple[list[str], list[MeasureGroup]]:
    names = [f"Rep {rep.index}" if rep.complete else f"Rep {rep.index} (part)" for rep in reps]
    times: dict[str, Callable[[Rep], float | None]] = {
        "Start": lambda rep: rep.start_s,
        words.phases.turn.capitalize(): lambda rep: rep.bottom_s,
        "End": lambda rep: rep.end_s,
        f"Time {words.phases.outward}": lambda rep: rep.descent_s,
        "Pause": lambda rep: rep.pause_s,
        f"Time {words.phases.back}": lambda rep: rep.ascent_s,
    }
    turns = [rep.at_bottom for rep in reps]
    return names, [
        _build_group("Times", {name: [format_number(read(rep), "s") for rep in reps] for name, read in times.items()}),
        _build_group(f"Angles, {words.phases.turn}", _format_angles(turns)),
        _build_group(
            "Further measures", _format_measures([rep.measures for rep in reps], words.measure_labels, shown=turns)
        ),
        _build_group("Range within the rep", _format_angles([rep.range for rep in reps])),
    ]


def _list_hold_groups(holds: Sequence[Hold], words: MovementWords) -> tuple[list[str], list[MeasureGroup]]:
    angles = [hold.angles for hold in holds]
    times = {
        "Start": [format_number(hold.start_s, "s") for hold in holds],
        "End": [format_number(hold.end_s, "s") for hold in holds],
        "Held": [format_number(hold.duration_s, "s") for hold in holds],
        "In your own line": [format_number(hold.in_zone_s, "s") for hold in holds],
    }
    return [f"Hold {hold.index}" for hold in holds], [
        _build_group("Times", times),
        _build_group("Angles while held", _format_angles(angles)),
        _build_group(
            "Further measures", _format_measures([hold.measures for hold in holds], words.measure_labels, shown=angles)
        ),
    ]


def _list_stage_groups(stages: Sequence[Stage], words: MovementWords) -> tuple[list[str], list[MeasureGroup]]:
    angles = [stage.angles for stage in stages]
    times = {
        "Start": [format_number(stage.start_s, "s") for stage in stages],
        "End": [format_number(stage.end_s, "s") for stage in stages],
        "What was felt": [
            format_symptom_report(stage.reported.model_dump() if stage.reported else {}) for stage in stages
        ],
    }
    return [words.format_stage(stage.name, stage.side) for stage in stages], [
        _build_group("Times", times),
        _build_group("Angles while held", _format_angles(angles)),
        _build_group(
            "Further measures",
            _format_measures([stage.measures for stage in stages], words.measure_labels, shown=angles),
        ),
    ]


def _build_group(title: str, rows: Mapping[str, Sequence[str]]) -> MeasureGroup:
    """Build a group of the rows that hold a value."""
    filled = {name: row for name, row in rows.items() if any(text != NO_VALUE for text in row)}
    return MeasureGroup(title, [[name, *row] for name, row in filled.items()])


def _format_angles(angles: Sequence[Mapping[str, float]]) -> dict[str, list[str]]:
    """Return the angles (degrees) of each event as text, in the order of `angles.csv`."""
    measured = {name for event in angles for name in event}
    order = [name for name in ANGLE_DISPLAYS if name in measured]
    order += sorted(measured - set(order))
    return {format_measure_name(name): [format_number(event.get(name)) for event in angles] for name in order}


def _format_measures(
    measures: Sequence[Mapping[str, MeasureValue]],
    labels: Mapping[str, MeasureLabel],
    shown: Sequence[Mapping[str, float]],
) -> dict[str, list[str]]:
    """Return the measures of each event that fit one cell, without those that repeat an angle of `shown`."""
    keys = dict.fromkeys(
        key for event in measures for key, value in event.items() if isinstance(value, bool | int | float | str)
    )
    return {
        format_measure_name(key, labels): [format_measure(key, event.get(key), labels) for event in measures]
        for key in keys
        if not (key.endswith("_deg") and _repeats_angle([event.get(key) for event in measures], shown))
    }


def _repeats_angle(values: Sequence[MeasureValue], shown: Sequence[Mapping[str, float]]) -> bool:
    names = {name for event in shown for name in event}
    return any(
        all(
            isinstance(value, int | float) and name in event and abs(value - event[name]) <= _SAME_ANGLE_DEG
            for value, event in zip(values, shown, strict=True)
        )
        for name in names
    )
