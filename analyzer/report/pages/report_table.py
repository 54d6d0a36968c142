"""A table of the report, as text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analyzer.vocabulary.units import NO_VALUE


@dataclass(frozen=True)
class ReportTable:
    """One table; the first column names the row."""

    title: str
    columns: list[str]
    rows: list[list[str]]


def build_table(title: str, first: str, names: Sequence[str], cells: Mapping[str, Sequence[str]]) -> ReportTable | None:
    """Build a table of the columns that hold a value; None without rows or columns.

    Parameters
    ----------
    first : header of the first column.
    names : its cells, one a row.
    cells : header -> one text a row.
    """
    filled = {header: column for header, column in cells.items() if any(text != NO_VALUE for text in column)}
    if not names or not filled:
        return None
    rows = [[name, *(column[k] for column in filled.values())] for k, name in enumerate(names)]
    return ReportTable(title, [first, *filled], rows)
