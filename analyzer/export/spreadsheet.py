"""Sheets of an .xlsx workbook: frozen bold header, column widths, and texts that are never taken for formulas."""

import math
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl import Workbook

Cell = object
"""A value of a table: text, number, truth value or None; anything else is written as text."""

_FORMULA_START = re.compile(r"\A(?=[=+\-@\t\r])|(?<=[;,|\t\r\n]) *(?=[=+\-@])")
"""Places at which a spreadsheet begins a formula: the start of a cell, and after each character that it may take for a
separator, which depends on the language it is set to."""
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def escape_formula(value: Cell) -> Cell:
    """Put an apostrophe wherever a spreadsheet would begin a formula in a text; return other values unchanged."""
    return _FORMULA_START.sub("'", value) if isinstance(value, str) else value


def add_sheet(
    book: "Workbook",
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    widths: Sequence[float],
    *,
    wraps_header: bool = False,
    filtered_rows: int = 0,
) -> None:
    """Add a sheet to a write-only workbook.

    Parameters
    ----------
    title : of the sheet.
    columns : headers.
    rows : one sequence of values a row; unknown numbers become empty cells.
    widths : of the columns, in characters.
    wraps_header : whether long headers wrap.
    filtered_rows : number of rows that get filter buttons in the header; 0 for none.
    """
    # Late: a batch writes CSV files with `escape_formula` alone.
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    if filtered_rows:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{filtered_rows + 1}"
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    header = [WriteOnlyCell(sheet, value=name) for name in columns]
    for cell in header:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=wraps_header or None, vertical="top")
    sheet.append(header)
    for row in rows:
        sheet.append([_convert_cell(value) for value in row])


def _convert_cell(value: Cell) -> str | int | float | bool | None:
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    return _NOT_IN_XML.sub("", str(escape_formula(str(value))))
