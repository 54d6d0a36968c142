"""`analysis.xlsx`: what a coach opens in a spreadsheet."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from analyzer.atomic_files import atomic_write
from analyzer.export.event_tables import flatten_measures, make_event_dataframes
from analyzer.report.data_files import ANGLES_CSV_DECIMALS
from analyzer.results.schema import Analysis

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60  # characters; longer texts wrap
_ANGLES_ROUND = 2


def write_xlsx(analysis: Analysis, path: Path) -> None:
    """Write the sheets summary, reps, holds, stages (those there are) and angles; units stand in the headers.

    A text that a spreadsheet would take for a formula is written with an apostrophe before it.
    """
    book = Workbook(write_only=True)
    _sheet(book, "summary", ["what", "value"], _summary(analysis), widths=[34, _WIDEST])
    for kind, table in make_event_dataframes(analysis).items():
        shown = table.drop(columns=["clip_sha256", "movement"])
        _sheet(book, kind, list(shown.columns), shown.itertuples(index=False, name=None))
    angles = analysis.angles[list(ANGLES_CSV_DECIMALS)]
    rounded = np.column_stack(
        [np.round(angles[name].to_numpy(dtype=float), ANGLES_CSV_DECIMALS[name]) for name in ANGLES_CSV_DECIMALS]
    )
    _sheet(book, "angles", list(ANGLES_CSV_DECIMALS), rounded.tolist())
    with atomic_write(path) as temporary:
        book.save(temporary)


def _summary(analysis: Analysis) -> list[tuple[str, Any]]:
    clip, view, settings = analysis.clip, analysis.view, analysis.provenance.settings
    rows: list[tuple[str, Any]] = [
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
        said = " | ".join(filter(None, [finding.text, finding.cue, finding.try_]))
        rows.append((f"finding: {finding.kind}", said))
    rows += [(f"measure: {name}", value) for name, value in flatten_measures(analysis.measures).items()]
    rows += [("analyzer", analysis.provenance.analyzer), ("mediapipe", analysis.provenance.mediapipe)]
    return rows


def _sheet(
    book: Workbook, title: str, header: Sequence[str], rows: Iterable[Sequence[Any]], widths: Sequence[float] = ()
) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    for column, name in enumerate(header):
        width = widths[column] if column < len(widths) else min(_WIDEST, max(10, len(name) + 2))
        sheet.column_dimensions[get_column_letter(column + 1)].width = width
    heads = []
    for name in header:
        head = WriteOnlyCell(sheet, value=name)
        head.font, head.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        heads.append(head)
    sheet.append(heads)
    for row in rows:
        sheet.append([_cell(value) for value in row])


def _cell(value: Any) -> Any:
    """A value as a spreadsheet takes it; unknown numbers are empty cells."""
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, str) and value.startswith(_FORMULA_SIGNS):
        return f"'{value}"
    return value if value is None or isinstance(value, str | int | bool) else str(value)
