"""Write `summary.csv`, `summary.parquet`, `summary.xlsx` and `index.html`; equal results give equal bytes."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from analyzer.batch.batch_events import BatchEnded
from analyzer.batch.index_page import write_index_page
from analyzer.batch.result_entries import BatchEntry
from analyzer.batch.summary_tables import BatchTables, build_batch_tables, list_columns
from analyzer.batch.typed_columns import write_table_csv, write_table_parquet
from analyzer.batch.workbook import write_workbook
from analyzer.movements.minimal_detectable_change import NO_OWN_MDC, MdcTable

SUMMARY_FILES = ("summary.csv", "summary.parquet", "summary.xlsx", "index.html")


def write_summary(
    entries: Iterable[BatchEntry], folder: Path, own_mdc: MdcTable = NO_OWN_MDC
) -> tuple[BatchTables, Sequence[str]]:
    """Write the tables and the page over all clips into a folder.

    Parameters
    ----------
    entries : in the order of their files.
    folder : the folder that the result paths of the entries are relative to.
    own_mdc : minimal detectable changes from own repeats.

    Returns
    -------
    The tables, and the names of the files.
    """
    entries = list(entries)
    tables = build_batch_tables(entries, own_mdc)
    columns = list_columns("summary", tables.summary)
    write_table_csv(tables.summary, columns, folder / "summary.csv")
    write_table_parquet(tables.summary, columns, folder / "summary.parquet")
    write_workbook(tables, folder / "summary.xlsx")
    write_index_page(entries, tables, folder, own_mdc)
    return tables, SUMMARY_FILES


def summarize_batch(tables: BatchTables, out: str, seconds: float) -> BatchEnded:
    """Return the last event of a batch with these tables in `out`, a folder or URL."""
    states = [row["state"] for row in tables.summary]
    return BatchEnded(
        clips=len(states),
        done=states.count("done"),
        failed=states.count("failed"),
        waiting=states.count("waiting"),
        seconds=seconds,
        out=out,
        files=tuple(f"{out.rstrip('/')}/{name}" for name in SUMMARY_FILES),
        failures=tuple((row["file"], row["reason"]) for row in tables.summary if row["state"] == "failed"),
    )
