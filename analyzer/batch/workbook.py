"""Write `summary.xlsx`: one sheet for each table of a batch."""

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from analyzer.atomic_files import atomic_write
from analyzer.batch.summary_tables import BatchRow, BatchTables, list_columns
from analyzer.batch.typed_columns import escape_formula

_WIDEST, _NARROWEST = 48, 9  # characters; chosen
_MOST_ROWS = 1_048_575  # of one sheet, below its header: the format's own limit
_LOOKED_AT = 200  # rows that decide the width of a column; chosen
_A_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold


def write_workbook(tables: BatchTables, path: Path) -> None:
    """Write a sheet for each table; rows beyond the limit of a sheet are only in the other formats."""
    book = Workbook(write_only=True)
    for name, rows in tables.non_empty().items():
        _sheet(book, name, list_columns(name, rows), rows[:_MOST_ROWS])
    with atomic_write(path) as temporary:
        book.save(temporary)
        _without_time(temporary)


def _sheet(book: Workbook, title: str, columns: Sequence[str], rows: Sequence[BatchRow]) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    if rows:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    for number, name in enumerate(columns, start=1):
        longest = max((len(str(row.get(name) or "")) for row in rows[:_LOOKED_AT]), default=0)
        width = max(_NARROWEST, min(_WIDEST, max(longest, len(name)) + 2))
        sheet.column_dimensions[get_column_letter(number)].width = width
    heads = []
    for name in columns:
        head = WriteOnlyCell(sheet, value=name)
        head.font, head.alignment = Font(bold=True), Alignment(vertical="top")
        heads.append(head)
    sheet.append(heads)
    for row in rows:
        sheet.append([_cell(row.get(name)) for name in columns])


def _cell(value: Any) -> Any:
    value = escape_formula(value)
    return _NOT_IN_XML.sub("", value) if isinstance(value, str) else value


_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def _without_time(path: Path) -> None:
    """Remove the time of writing, which the format stores in two places, so that equal tables give equal files."""
    with zipfile.ZipFile(path) as book:
        parts = [(part.filename, book.read(part)) for part in book.infolist()]
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts:
            if name == "docProps/core.xml":
                content = re.sub(rb">\d{4}-\d\d-\d\dT[\d:]+Z<", b">1980-01-01T00:00:00Z<", content)
            part = zipfile.ZipInfo(name, _A_TIME)
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o600 << 16
            book.writestr(part, content)
