"""Write `summary.xlsx`: one sheet for each table of a batch."""

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from analyzer.atomic_files import atomic_write
from analyzer.batch.summary_tables import BatchRow, BatchTables, list_columns
from analyzer.export.spreadsheet import add_sheet

_MIN_WIDTH, _MAX_WIDTH = 9, 48  # of a column, characters; chosen
_MAX_ROWS = 1_048_575  # of one sheet, below its header: the format's own limit
_SAMPLED_ROWS = 200  # of which a column takes its width; chosen
_A_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold


def write_workbook(tables: BatchTables, path: Path) -> None:
    """Write a sheet for each table; rows beyond the limit of a sheet are only in the other formats."""
    book = Workbook(write_only=True)
    for name, rows in tables.non_empty().items():
        columns, written = list_columns(name, rows), rows[:_MAX_ROWS]
        cells = ([row.get(column) for column in columns] for row in written)
        widths = [_choose_width(column, written) for column in columns]
        add_sheet(book, name, columns, cells, widths, filtered_rows=len(written))
    with atomic_write(path) as temporary:
        book.save(temporary)
        _without_time(temporary)


def _choose_width(name: str, rows: Sequence[BatchRow]) -> int:
    """Return the width of a column, in characters, by its header and its first texts."""
    longest = max((len(str(row.get(name) or "")) for row in rows[:_SAMPLED_ROWS]), default=0)
    return max(_MIN_WIDTH, min(_MAX_WIDTH, max(longest, len(name)) + 2))


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
