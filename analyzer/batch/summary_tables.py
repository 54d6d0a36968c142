"""The tables over all clips: one row a clip, and one a key measure, rep, hold, stage or compared quantity.

Rows have the order of the entries, and do not depend on when, where or by how many machines they were produced.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median, stdev
from typing import Any

from analyzer.batch.key_measure_rows import (
    KEY_MEASURE_COLUMNS,
    find_changes,
    make_change_cells,
    make_key_measure_rows,
)
from analyzer.batch.result_entries import BatchEntry
from analyzer.export.event_tables import make_event_dataframes
from analyzer.movements.minimal_detectable_change import LIMITS, NO_OWN_MDC, MdcTable, compare_means
from analyzer.movements.registry import load_movements
from analyzer.report.movement_words import get_movement_words
from analyzer.results.measured_reps import select_measured_reps
from analyzer.results.schema import Analysis
from analyzer.vocabulary.angles import ANGLE_DISPLAYS
from analyzer.vocabulary.key_measures import format_key_measure

BatchRow = dict[str, Any]

SUMMARY_COLUMNS: tuple[str, ...] = (
    "file", "client", "date", "movement", "variant", "load_kg", "note", "state", "reason",
    "reps", "holds", "stages", "key_measures", "key_changes", "changes_since", "changes_since_clip",
    "main_angle", "main_angle_deg", "main_angle_sd_deg",
    "down_s", "bottom_s", "up_s", "longest_hold_s", "in_own_zone_s",
    *ANGLE_DISPLAYS,
    "can", "next", "cue", "try", "warnings",
    "view", "view_reasons", "facing", "camera_yaw_deg", "camera_roll_deg", "tracked_pct", "others_seen",
    "movement_source", "movement_confidence", "reps_cut_off",
    "duration_s", "frames", "mean_fps", "width_px", "height_px",
    "code", "same_content_as", "result", "sha256", "analyzer", "mediapipe", "model_sha256",
)  # fmt: skip
"""Columns of the summary. Angles are medians over the measured reps at the turn, or over the holds."""

_LEAD = ("file", "client", "date", "load_kg")  # lead every row of the other tables too
_COUNT_COLUMNS = ("reps", "holds", "stages", "others_seen", "reps_cut_off", "frames", "width_px", "height_px")
QUANTITY_COLUMNS = (*_LEAD, "movement", "quantity", "unit", "n", "mean", "sd", "least_change_other_day")


@dataclass
class BatchTables:
    """The rows of each table, by column."""

    summary: list[BatchRow] = field(default_factory=list)
    key_measures: list[BatchRow] = field(default_factory=list)
    reps: list[BatchRow] = field(default_factory=list)
    holds: list[BatchRow] = field(default_factory=list)
    stages: list[BatchRow] = field(default_factory=list)
    quantities: list[BatchRow] = field(default_factory=list)

    def non_empty(self) -> dict[str, list[BatchRow]]:
        """Return the tables by name, the summary first, without empty ones."""
        return {name: rows for name, rows in vars(self).items() if rows or name == "summary"}


def build_batch_tables(entries: Iterable[BatchEntry], own_mdc: MdcTable = NO_OWN_MDC) -> BatchTables:
    """Build all tables from entries in their order.

    Each result is read once, and once more where a client has several clips of an exercise.
    """
    tables, first = BatchTables(), dict[str, str]()
    dated: list[tuple[BatchEntry, BatchRow]] = []
    for entry in entries:
        analysis = entry.load_analysis()
        row = make_summary_row(entry, analysis)
        if entry.sha256:
            same = first.setdefault(entry.sha256, entry.file)
            row["same_content_as"] = None if same == entry.file else same
        tables.summary.append(row)
        if row["client"] and row["date"]:
            dated.append((entry, row))
        if analysis is None:
            continue
        lead = {"file": entry.file, "client": row["client"], "date": row["date"], "load_kg": row["load_kg"]}
        for kind, frame in make_event_dataframes(analysis).items():
            frame = frame.drop(columns="clip_sha256")
            rows: list[BatchRow] = frame.astype(object).where(frame.notna(), None).to_dict("records")
            getattr(tables, kind).extend(lead | _rounded(cells) for cells in rows)
        tables.key_measures.extend(lead | _rounded(cells) for cells in make_key_measure_rows(analysis))
        tables.quantities.extend(lead | cells for cells in make_quantity_rows(analysis, own_mdc))
    _add_changes(tables, dated, own_mdc)
    return tables


def _add_changes(tables: BatchTables, dated: Sequence[tuple[BatchEntry, BatchRow]], own_mdc: MdcTable) -> None:
    """Add to the tables what changed since the last clip of the same client and exercise."""
    changes = find_changes(dated, own_mdc)
    for row in tables.summary:
        if (since := changes.get(row["file"])) is not None:
            row |= {"key_changes": since.text, "changes_since": since.date, "changes_since_clip": since.file}
    for row in tables.key_measures:
        if (since := changes.get(row["file"])) is not None:
            row |= _rounded(make_change_cells(since, row["key_measure"]))


def list_columns(name: str, rows: Sequence[BatchRow]) -> list[str]:
    """Return the columns of a table: those of the summary with those of the facts, or in the order of appearance."""
    if name == "quantities":
        return list(QUANTITY_COLUMNS)
    if name == "key_measures":
        return [*_LEAD, *KEY_MEASURE_COLUMNS]
    columns = dict.fromkeys(SUMMARY_COLUMNS if name == "summary" else ())
    for row in rows:
        columns |= dict.fromkeys(row)
    return list(columns)


def is_count_column(column: str) -> bool:
    """Return whether a column of the summary holds whole numbers."""
    return column in _COUNT_COLUMNS


def make_summary_row(entry: BatchEntry, analysis: Analysis | None) -> BatchRow:
    """Return the row of one clip in the summary; None where a value is unknown."""
    facts = entry.facts
    row: BatchRow = dict.fromkeys(SUMMARY_COLUMNS)
    row |= {
        "file": entry.file,
        "client": facts.client,
        "date": facts.date,
        "movement": None if facts.movement == "auto" else facts.movement,
        "variant": facts.variant,
        "load_kg": facts.load_kg,
        "note": facts.note,
        "state": entry.state,
        "reason": entry.reason or None,
        "code": entry.code or None,
        "result": entry.result_path or None,
        "sha256": entry.sha256 or None,
    }
    row |= {f"given_{name}": text for name, text in facts.more.items()}
    if analysis is not None:
        row |= _rounded(dict(_summarize_result(analysis)))
    return row


def _summarize_result(analysis: Analysis) -> Iterator[tuple[str, Any]]:
    clip, view, movement = analysis.clip, analysis.view, analysis.movement
    complete, measured = [rep for rep in analysis.reps if rep.complete], select_measured_reps(analysis.reps)
    yield "movement", movement.name
    yield "variant", movement.variant
    yield "movement_source", movement.source
    yield "movement_confidence", movement.confidence
    yield "reps", len(complete)
    yield "reps_cut_off", len(analysis.reps) - len(complete)
    yield "holds", len(analysis.holds)
    yield "stages", len(analysis.stages)
    yield "key_measures", "; ".join(map(format_key_measure, analysis.key_measures)) or None
    yield "down_s", _median([rep.descent_s for rep in measured])
    yield "bottom_s", _median([rep.pause_s for rep in measured])
    yield "up_s", _median([rep.ascent_s for rep in measured])
    if analysis.holds:
        longest = max(analysis.holds, key=lambda hold: hold.duration_s)
        yield "longest_hold_s", longest.duration_s
        yield "in_own_zone_s", longest.in_zone_s
    events = [rep.at_bottom for rep in measured] or [hold.angles for hold in analysis.holds]
    for name in ANGLE_DISPLAYS:
        yield name, _median([angles.get(name) for angles in events])
    if events:
        shown = get_movement_words(movement.name).main_angle
        known = [angles[shown] for angles in events if shown in angles]
        yield "main_angle", shown
        yield "main_angle_deg", _median(known)
        yield "main_angle_sd_deg", stdev(known) if len(known) > 1 else None
    for kind in ("can", "next"):
        findings = [finding for finding in analysis.findings if finding.kind == kind]
        yield kind, " ".join(finding.text for finding in findings) or None
        if kind == "next" and findings:
            yield "cue", findings[0].cue
            yield "try", findings[0].try_
    yield "warnings", "; ".join(analysis.quality.warnings) or None
    yield "view", view.grade
    yield "view_reasons", "; ".join(view.reasons) or None
    yield "facing", view.facing
    yield "camera_yaw_deg", view.yaw_deg
    yield "camera_roll_deg", view.roll_deg
    yield "tracked_pct", 100 * analysis.quality.tracked_fraction
    yield "others_seen", analysis.subject.others_seen
    yield from ((name, getattr(clip, name)) for name in ("duration_s", "frames", "mean_fps", "width_px", "height_px"))
    provenance = analysis.provenance
    yield from (
        ("analyzer", provenance.analyzer),
        ("mediapipe", provenance.mediapipe),
        ("model_sha256", provenance.model_sha256),
    )


def make_quantity_rows(analysis: Analysis, own_mdc: MdcTable = NO_OWN_MDC) -> Iterator[BatchRow]:
    """Yield the quantities by which clips are compared, with the minimal change that counts on another day."""
    movement = load_movements().get(analysis.movement.name)
    if movement is None:
        return
    for quantity in movement.list_comparable_measures(analysis):
        family = LIMITS.families.get(quantity.family)
        if not quantity.values or family is None:
            continue
        values = list(quantity.values)
        least_change = max(family.min_change[-1], family.min_change_share * abs(fmean(values)))
        if own_mdc.find(quantity.key, "other_day") is not None:
            own = compare_means(values, values, quantity.family, "other_day", key=quantity.key, own_mdc=own_mdc)
            least_change = least_change if own is None else own.threshold
        yield _rounded(
            {
                "movement": movement.name,
                "quantity": quantity.key,
                "unit": family.unit,
                "n": len(values),
                "mean": fmean(values),
                "sd": stdev(values) if len(values) > 1 else None,
                "least_change_other_day": least_change,
            }
        )


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _rounded(row: BatchRow) -> BatchRow:
    """Round to three decimals, finer than any measurement, so that every machine writes the same digits."""
    return {name: round(value, 3) + 0.0 if isinstance(value, float) else value for name, value in row.items()}
