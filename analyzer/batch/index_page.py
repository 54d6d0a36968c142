"""`index.html`: all clips of a batch on one page that opens from disk, with a timeline for each client."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from markupsafe import Markup

from analyzer.atomic_files import atomic_write
from analyzer.batch import inline_charts as charts
from analyzer.batch.batch_events import strip_clip_name
from analyzer.batch.client_timelines import MovementTimeline, QuantityTrend, build_timelines
from analyzer.batch.result_entries import BatchEntry
from analyzer.batch.summary_tables import BatchRow, BatchTables
from analyzer.compare.schema import KeyChange, QuantityChange
from analyzer.movements.minimal_detectable_change import NO_OWN_MDC, MdcTable
from analyzer.report.movement_words import get_movement_words
from analyzer.report.pages.templates import load_template
from analyzer.results.schema import UNKNOWN_MOVEMENT
from analyzer.vocabulary.angles import ANGLE_DISPLAYS
from analyzer.vocabulary.key_measures import format_change, format_mdc, format_verdict, format_with_interval
from analyzer.vocabulary.terms import GRADE_TEXTS, UNKNOWN_MOVEMENT_TEXT, format_count, format_name
from analyzer.vocabulary.units import NO_VALUE, format_number

CLIPS_PER_PAGE = 1000
"""A phone opens larger pages slowly; chosen."""

_NAME_THE_MOVEMENT = "If it is a movement that can be measured, name it in the column movement of clips.csv."

ChangeEmphasis = Literal["better", "clear", "quiet"]
"""How a change is shown, a CSS class: clear and in the direction of progress, clear, or not clear."""

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class KeyMeasureLine:
    """One key measure of a clip: label, value with interval, change since the clip before, and its emphasis."""

    label: str
    value: str
    change: str
    emphasis: ChangeEmphasis


@dataclass(frozen=True)
class ClipCard:
    """One clip on the page.

    `advice` says why angles or the movement are missing; `keys` holds the values by which the page sorts.
    """

    file: str
    href: str
    thumbnail: str
    client_and_date: str
    movement: str
    variant_and_load: str
    events: str
    chart: Markup
    tempo: str
    view: str
    can: str
    key_measures: Sequence[KeyMeasureLine]
    changes_since: str
    advice: str
    same_content_as: str
    keys: dict[str, Any]


def write_index_page(
    entries: Sequence[BatchEntry], tables: BatchTables, folder: Path, own_mdc: MdcTable = NO_OWN_MDC
) -> list[str]:
    """Write the page, and further pages for very many clips; return their names."""
    events = _EventTables(tables)
    cards = [
        _card(entry, row, events) for entry, row in zip(entries, tables.summary, strict=True) if entry.state == "done"
    ]
    parts = [cards[start : start + CLIPS_PER_PAGE] for start in range(0, len(cards), CLIPS_PER_PAGE)] or [[]]
    names = ["index.html", *(f"index-{number}.html" for number in range(2, len(parts) + 1))]
    template = load_template("index.html.j2", _HERE)
    for old in folder.glob("index-*.html"):
        if old.name not in names:
            old.unlink()
    for number, (name, part) in enumerate(zip(names, parts, strict=True)):
        text = template.render(
            facts=_count_totals(tables.summary) if number == 0 else [],
            movements=_movements(tables.summary) if number == 0 else [],
            without=_list_failed_clips(entries) if number == 0 else [],
            waiting=[entry.file for entry in entries if entry.state == "waiting"] if number == 0 else [],
            timelines=[_timeline_context(one) for one in build_timelines(entries, tables, own_mdc)]
            if number == 0
            else [],
            cards=part,
            pages=list(enumerate(names, start=1)),
            page=number + 1,
            first=number * CLIPS_PER_PAGE + 1,
            count=len(cards),
        )
        with atomic_write(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return names


class _EventTables:
    """The reps, holds and stages of each clip, and the largest of each movement, to which the drawings are scaled."""

    def __init__(self, tables: BatchTables) -> None:
        self.key_measures = _by_file(tables.key_measures)
        self.reps, self.holds, self.stages = _by_file(tables.reps), _by_file(tables.holds), _by_file(tables.stages)
        self.largest: dict[tuple[str, str], float] = defaultdict(float)
        for row in tables.summary:
            for rep in _select_measured(self.reps[row["file"]]):
                value = rep.get(f"bottom_{row['main_angle']}")
                key = row["movement"], row["main_angle"]
                self.largest[key] = max(self.largest[key], abs(value or 0.0))
        for hold in tables.holds:
            key = hold["movement"], "hold"
            self.largest[key] = max(self.largest[key], hold["duration_s"])


def _card(entry: BatchEntry, row: BatchRow, events: _EventTables) -> ClipCard:
    degrees = row["main_angle_deg"]
    times_s = [row[name] for name in ("down_s", "bottom_s", "up_s")]
    tempo = [NO_VALUE if time_s is None else f"{time_s:.1f}" for time_s in times_s]
    return ClipCard(
        file=entry.file,
        href=quote(f"{entry.result_path}/report.html"),
        thumbnail=quote(entry.thumbnail_path),
        client_and_date=" · ".join(filter(None, [row["client"], row["date"]])),
        movement=_title(row["movement"]),
        variant_and_load=" · ".join(filter(None, [_plain(row["variant"]), _kg(row["load_kg"]), row["note"]])),
        events=_describe_events(row),
        chart=_chart(row, events),
        tempo=" · ".join(tempo) + " s" if any(times_s) else "",
        view=GRADE_TEXTS[row["view"]].label,
        can=row["can"] or "",
        key_measures=[_key_measure_line(one) for one in events.key_measures[entry.file]] or _list_main_angle(row),
        changes_since=row["changes_since"] or "",
        advice=_describe_missing(row),
        same_content_as=row["same_content_as"] or "",
        keys={
            "file": entry.file,
            "client": row["client"] or "",
            "date": row["date"] or "",
            "movement": _title(row["movement"]),
            "amount": row["reps"] or row["longest_hold_s"] or row["stages"] or 0,
            "angle": "" if degrees is None else degrees,
            "tempo": "" if row["up_s"] is None else row["up_s"],
            "view": "" if row["camera_yaw_deg"] is None else row["camera_yaw_deg"],
            "load": "" if row["load_kg"] is None else row["load_kg"],
        },
    )


def _describe_missing(row: BatchRow) -> str:
    """Return why a clip has no angles, and what to do where its movement was not recognised; else an empty text."""
    reasons = (row["view_reasons"] or "") if row["view"] == "refused" else ""
    parts = [f"{reasons[:1].upper()}{reasons[1:]}."] if reasons else []
    parts += [_NAME_THE_MOVEMENT] if row["movement"] == UNKNOWN_MOVEMENT else []
    return " ".join(parts)


def _key_measure_line(row: BatchRow) -> KeyMeasureLine:
    interval = None if row["low"] is None else (row["low"], row["high"])
    change = row.get("change")
    return KeyMeasureLine(
        label=row["label"],
        value=format_with_interval(row["value"], row["unit"], interval, row.get("direction")),
        change=""
        if change is None
        else format_verdict(change, row["unit"], row["least_change"], row["clear"], bool(row["better"])),
        emphasis=_choose_emphasis(is_clear=bool(row.get("clear")), is_better=bool(row.get("better"))),
    )


def _choose_emphasis(*, is_clear: bool, is_better: bool) -> ChangeEmphasis:
    if is_better:
        return "better"
    return "clear" if is_clear else "quiet"


def _list_main_angle(row: BatchRow) -> list[KeyMeasureLine]:
    """Return the main angle with its spread, for a movement without key measures."""
    degrees, spread = row["main_angle_deg"], row["main_angle_sd_deg"]
    if degrees is None or row["main_angle"] not in ANGLE_DISPLAYS:
        return []
    value = format_number(degrees) + ("" if spread is None else f" ± {format_number(spread)}")
    return [KeyMeasureLine(ANGLE_DISPLAYS[row["main_angle"]].title, value, change="", emphasis="quiet")]


def _describe_events(row: BatchRow) -> str:
    if row["reps"]:
        return format_count(row["reps"], "rep")
    if row["reps_cut_off"]:
        return f"{format_count(row['reps_cut_off'], 'rep')} shown in part"
    if row["holds"]:
        return f"{format_count(row['holds'], 'hold')}, {format_number(row['longest_hold_s'], 's')}"
    return format_count(row["stages"], "stage") if row["stages"] else NO_VALUE


def _select_measured(reps: Sequence[BatchRow]) -> list[BatchRow]:
    """Return the rows of the reps that the row of the clip is the median of, as `select_measured_reps` does."""
    complete = [rep for rep in reps if rep["complete"]]
    return complete or [rep for rep in reps if rep["ascent_s"] is not None or rep.get("has_ascent")]


def _chart(row: BatchRow, events: _EventTables) -> Markup:
    file, movement, main = row["file"], row["movement"], row["main_angle"]
    if reps := _select_measured(events.reps[file]):
        values = [rep.get(f"bottom_{main}") for rep in reps]
        if not any(value is not None for value in values):
            return Markup("")
        text = ", ".join(format_number(value) for value in values)
        return charts.draw_rep_bars(
            values, events.largest[movement, main], f"{ANGLE_DISPLAYS[main].title} of each rep: {text}"
        )
    if holds := events.holds[file]:
        parts = [(hold["duration_s"], hold.get("in_zone_s")) for hold in holds]
        text = ", ".join(format_number(length, "s") for length, _ in parts)
        return charts.draw_hold_bars(parts, events.largest[movement, "hold"], f"Holds: {text}")
    if stages := events.stages[file]:
        words = get_movement_words(movement)
        text = ", ".join(words.format_stage(stage["name"], stage.get("side")) for stage in stages)
        return charts.draw_stage_bars(
            [(stage["start_s"], stage["end_s"]) for stage in stages], row["duration_s"], f"Stages: {text}"
        )
    return Markup("")


def _count_totals(rows: Sequence[BatchRow]) -> list[tuple[str, str]]:
    done = [row for row in rows if row["state"] == "done"]
    minutes = sum(row["duration_s"] for row in done) / 60
    clients = {row["client"] for row in done if row["client"]}
    totals = [("clips", f"{len(done)}"), ("minutes filmed", f"{minutes:.0f}" if minutes >= 10 else f"{minutes:.1f}")]
    totals += [("clients", f"{len(clients)}")] if clients else []
    for name in ("reps", "holds", "stages"):
        count = sum(row[name] for row in done)
        totals += [(name, f"{count}")] if count else []
    return totals


def _movements(rows: Sequence[BatchRow]) -> list[tuple[str, int, int]]:
    """Return title, number of clips, and that number in percent of the most frequent movement."""
    counts = Counter(_title(row["movement"]) for row in rows if row["state"] == "done")
    most = max(counts.values(), default=1)
    return [
        (title, count, round(100 * count / most))
        for title, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]


def _list_failed_clips(entries: Sequence[BatchEntry]) -> list[tuple[str, str]]:
    """Return the clips without a result, and the reasons."""
    return [(entry.file, strip_clip_name(entry.file, entry.reason)) for entry in entries if entry.state == "failed"]


def _timeline_context(line: MovementTimeline) -> dict[str, Any]:
    """Return a timeline as the template takes it."""
    trends = [_trend_context(trend) for trend in line.trends]
    ends = [
        " · ".join(filter(None, [letter, line.dates[place], _kg(line.loads_kg[place])]))
        for letter, place in (("A", 0), ("B", -1))
    ]
    return {
        "client": line.client,
        "mdc_source": line.mdc_source,
        "movement": " · ".join(filter(None, [_title(line.movement), _plain(line.variant)])),
        "clips": len(line.clips),
        "dates": (line.dates[0], line.dates[-1]),
        "ends": ends,
        "sentences": line.sentences,
        "trends": trends,
    }


def _trend_context(trend: QuantityTrend) -> dict[str, Any]:
    """Return one quantity of a timeline as the template takes it."""
    change = _as_key_change(trend.change)
    before = format_with_interval(change.before, change.unit, change.interval_80_before, change.direction_before)
    after = format_with_interval(change.after, change.unit, change.interval_80_after, change.direction_after)
    text = f"{change.label}: {before} → {after}, {format_change(change)}"
    return {
        "title": change.label,
        "before": before,
        "after": after,
        "change": format_change(change),
        "emphasis": _choose_emphasis(is_clear=change.clear, is_better=change.better),
        "least": format_mdc(change),
        "chart": charts.draw_timeline(trend.points, change.mdc, text),
    }


def _as_key_change(change: KeyChange | QuantityChange) -> KeyChange:
    """Return a change of any quantity in the form of a key measure's."""
    if isinstance(change, KeyChange):
        return change
    return KeyChange(
        id=change.key,
        label=change.title,
        unit=change.unit,
        before=change.before,
        after=change.after,
        interval_80_before=None,
        interval_80_after=None,
        change=change.change,
        mdc=change.threshold,
        clear=change.clear,
        better=change.better,
        quantity=change.key,
    )


def _by_file(rows: Iterable[BatchRow]) -> defaultdict[str, list[BatchRow]]:
    by_file = defaultdict[str, list[BatchRow]](list)
    for row in rows:
        by_file[row["file"]].append(row)
    return by_file


def _title(name: str | None) -> str:
    return UNKNOWN_MOVEMENT_TEXT if name in (None, UNKNOWN_MOVEMENT) else get_movement_words(name).title


def _plain(variant: str | None) -> str:
    return format_name(variant or "")


def _kg(load: float | None) -> str:
    return "" if load is None else format_number(load, "kg")
