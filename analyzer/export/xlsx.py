"""`analysis.xlsx`: what a coach opens in a spreadsheet."""

from pathlib import Path

import numpy as np
from openpyxl import Workbook

from analyzer.atomic_files import atomic_write
from analyzer.export.event_tables import flatten_measures, make_event_dataframes
from analyzer.export.spreadsheet import Cell, add_sheet
from analyzer.report.data_files import ANGLES_CSV_DECIMALS
from analyzer.results.schema import Analysis

_MIN_WIDTH, _MAX_WIDTH = 10, 60  # of a column, characters; longer texts wrap; chosen
_SUMMARY_WIDTHS = (34, _MAX_WIDTH)
_KEY_COLUMNS = ("id", "label", "value", "unit", "80 % interval, low", "80 % interval, high", "direction")
_KEY_WIDTHS = (20, 34, 10, 10, 10, 10, 12)


def write_xlsx(analysis: Analysis, path: Path) -> None:
    """Write the sheets summary, key measures, reps, holds, stages (those with rows) and angles; units in the headers.

    A text that a spreadsheet would take for a formula is written with an apostrophe before it.
    """
    book = Workbook(write_only=True)
    add_sheet(book, "summary", ["what", "value"], _list_summary(analysis), _SUMMARY_WIDTHS, wraps_header=True)
    if analysis.key_measures:
        add_sheet(book, "key measures", _KEY_COLUMNS, _list_key_measures(analysis), _KEY_WIDTHS, wraps_header=True)
    for kind, table in make_event_dataframes(analysis).items():
        events = table.drop(columns=["clip_sha256", "movement"])
        names = [str(name) for name in events.columns]
        add_sheet(book, kind, names, events.itertuples(index=False, name=None), _widths(names), wraps_header=True)
    names = list(ANGLES_CSV_DECIMALS)
    rounded = np.column_stack(
        [np.round(analysis.angles[name].to_numpy(dtype=float), ANGLES_CSV_DECIMALS[name]) for name in names]
    )
    add_sheet(book, "angles", names, rounded.tolist(), _widths(names), wraps_header=True)
    with atomic_write(path) as temporary:
        book.save(temporary)


def _list_key_measures(analysis: Analysis) -> list[tuple[Cell, ...]]:
    return [
        (key.id, key.label, key.value, key.unit, *(key.interval_80 or (None, None)), key.direction)
        for key in analysis.key_measures
    ]


def _list_summary(analysis: Analysis) -> list[tuple[str, Cell]]:
    clip, view, settings = analysis.clip, analysis.view, analysis.provenance.settings
    rows: list[tuple[str, Cell]] = [
        ("clip", clip.name),
        ("clip SHA-256", clip.sha256),
        ("duration (s)", clip.duration_s),
        ("frames", clip.frames),
        ("movement", analysis.movement.name),
        ("variant", analysis.movement.variant),
        ("confidence of the movement (0 to 1)", analysis.movement.confidence),
        ("load (kg)", settings.get("load_kg")),
        ("height (cm)", settings.get("height_cm")),
        ("reps counted", sum(rep.complete for rep in analysis.reps)),
        ("holds", len(analysis.holds)),
        ("stages", len(analysis.stages)),
        ("view", view.grade),
        ("camera off the side (deg)", view.yaw_deg),
        ("facing", view.facing),
        ("tracked (share of the frames)", analysis.quality.tracked_fraction),
    ]
    rows += [("note", text) for text in (*view.reasons, *analysis.quality.warnings)]
    for finding in analysis.findings:
        texts = " | ".join(filter(None, [finding.text, finding.cue, finding.try_]))
        rows.append((f"finding: {finding.kind}", texts))
    rows += [(f"measure: {name}", value) for name, value in flatten_measures(analysis.measures).items()]
    rows += [("analyzer", analysis.provenance.analyzer), ("mediapipe", analysis.provenance.mediapipe)]
    return rows


def _widths(names: list[str]) -> list[int]:
    return [min(_MAX_WIDTH, max(_MIN_WIDTH, len(name) + 2)) for name in names]
