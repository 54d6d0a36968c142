"""`summary.csv`, `summary.parquet`, `summary.xlsx` and `index.html`, the same bytes for the same results."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from analyzer.batch.entries import Entry
from analyzer.batch.events import Ended
from analyzer.batch.page import write_page
from analyzer.batch.sheets import write_book
from analyzer.batch.tables import Tables, columns_of, tables_of
from analyzer.batch.typed import write_csv, write_parquet

FILES = ("summary.csv", "summary.parquet", "summary.xlsx", "index.html")


def write_summary(entries: Iterable[Entry], folder: Path) -> tuple[Tables, Sequence[str]]:
    """Write the tables and the page over these clips into a folder; the names of what was written.

    Parameters
    ----------
    entries : in the order of their files.
    folder : where the entries' places start.
    """
    entries = list(entries)
    tables = tables_of(entries)
    columns = columns_of("summary", tables.summary)
    write_csv(tables.summary, columns, folder / "summary.csv")
    write_parquet(tables.summary, columns, folder / "summary.parquet")
    write_book(tables, folder / "summary.xlsx")
    write_page(entries, tables, folder)
    return tables, FILES


def ended_of(tables: Tables, out: str, seconds: float) -> Ended:
    """What is told at the end of a batch whose tables lie in `out`, a folder or an address."""
    states = [row["state"] for row in tables.summary]
    return Ended(
        clips=len(states),
        done=states.count("done"),
        failed=states.count("failed"),
        waiting=states.count("waiting"),
        seconds=seconds,
        out=out,
        files=tuple(f"{out.rstrip('/')}/{name}" for name in FILES),
        failures=tuple((row["file"], row["reason"]) for row in tables.summary if row["state"] == "failed"),
    )
