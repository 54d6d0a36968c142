"""A table of rows as CSV and as Parquet, each column of one type whatever the rows hold."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analyzer.atomic_files import atomic_write
from analyzer.batch.summary_tables import Row, is_count_column
from analyzer.export.spreadsheet import escape_formula

_NUMBER_ENDINGS = ("_deg", "_s", "_pct", "_kg", "_cm", "_px", "_fps", "_confidence")


def write_table_csv(rows: Sequence[Row], columns: Sequence[str], path: Path) -> None:
    """UTF-8, commas, one line feed a row, unknown as an empty cell.

    A text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    with atomic_write(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([escape_formula(row.get(name)) for name in columns] for row in rows)


def write_table_parquet(rows: Sequence[Row], columns: Sequence[str], path: Path) -> None:
    """Texts as they are, counts as integers, all other numbers as floats, unknown as null."""
    fields = {name: _column_type(name) for name in columns}
    arrays = [
        pa.array([_convert_value(row.get(name), kind) for row in rows], type=kind) for name, kind in fields.items()
    ]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(list(fields.items())))
    with atomic_write(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def _column_type(name: str) -> pa.DataType:
    """By the name, so that a batch whose first clips lack a value has the same types as any other; else text."""
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
