"""Write a table as CSV and as Parquet; the type of a column follows from its name."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analyzer.atomic_files import atomic_write
from analyzer.batch.summary_tables import BatchRow, is_count_column
from analyzer.export.spreadsheet import escape_formula

_NUMBER_ENDINGS = ("_deg", "_s", "_pct", "_kg", "_cm", "_px", "_fps", "_confidence")


def write_table_csv(rows: Sequence[BatchRow], columns: Sequence[str], path: Path) -> None:
    """Write CSV: UTF-8, commas, one line feed a row, unknown values as empty cells.

    A text that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    with atomic_write(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([escape_formula(row.get(name)) for name in columns] for row in rows)


def write_table_parquet(rows: Sequence[BatchRow], columns: Sequence[str], path: Path) -> None:
    """Write Parquet: texts unchanged, counts as integers, other numbers as floats, unknown values as null."""
    fields = {name: _column_type(name) for name in columns}
    arrays = [
        pa.array([_convert_value(row.get(name), kind) for row in rows], type=kind) for name, kind in fields.items()
    ]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(list(fields.items())))
    with atomic_write(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def _column_type(name: str) -> pa.DataType:
    """Return the type of a column by its name, so that missing values do not change it; text by default."""
    if name.startswith("given_"):
        return pa.string()
    if is_count_column(name):
        return pa.int64()
    if name.endswith(_NUMBER_ENDINGS):
        return pa.float64()
    return pa.string()


def _convert_value(value: Any, kind: pa.DataType) -> Any:
    if value is None:
        return None
    if kind == pa.int64():
        return int(value)
    return float(value) if kind == pa.float64() else str(value)
