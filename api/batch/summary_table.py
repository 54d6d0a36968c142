"""The summary of a batch for the API: the columns of `analyzer batch`, from the stored results."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from heapq import merge
from operator import attrgetter
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import select

from analyzer.batch.clip_facts import FactsRow
from analyzer.batch.result_entries import BatchEntry
from analyzer.batch.summary_tables import build_batch_tables, list_columns
from analyzer.batch.typed_columns import write_table_csv
from analyzer.batch.workbook import write_workbook
from analyzer.results.schema import Analysis
from api.db.engine import Database
from api.db.models import AnalysisRow, Batch, Client, ClipRow
from api.storage.file_store import FileStore
from api.storage.stored_results import read_result, use_current_run

_PARALLEL_READS = 8  # results: most of the time is spent waiting for the store; chosen


def write_batch_summary(database: Database, files: FileStore, batch_id: str, path: Path) -> None:
    """Write the summary as CSV, or as a workbook if the suffix is .xlsx, in the order of the file names."""
    refused = _list_refused(database, batch_id)
    with ThreadPoolExecutor(_PARALLEL_READS) as pool:
        accepted = pool.map(partial(_entry, database, files), _rows(database, batch_id))
        tables = build_batch_tables(merge(accepted, refused, key=attrgetter("file")))
    if path.suffix == ".xlsx":
        write_workbook(tables, path)
    else:
        write_table_csv(tables.summary, list_columns("summary", tables.summary), path)


def _rows(database: Database, batch_id: str) -> Sequence[tuple[AnalysisRow, ClipRow, str | None]]:
    query = (
        select(AnalysisRow, ClipRow, Client.name)
        .join(ClipRow, ClipRow.id == AnalysisRow.clip_id)
        .join(Client, Client.id == AnalysisRow.client_id, isouter=True)
        .where(AnalysisRow.batch_id == batch_id)
        .order_by(ClipRow.name, AnalysisRow.id)
    )
    with database.read_session() as session:
        return [(row, clip, client) for row, clip, client in session.execute(query)]


def _list_refused(database: Database, batch_id: str) -> Sequence[BatchEntry]:
    """Return an entry for each file that was not accepted, in the order of the names."""
    with database.read_session() as session:
        row = session.get(Batch, batch_id)
        refused = (row.options or {}).get("refused", []) if row is not None else []
    entries = [
        BatchEntry(item.get("file") or "", FactsRow(), "failed", code=item["code"], reason=item["text"])
        for item in refused
    ]
    return sorted(entries, key=attrgetter("file"))


def _entry(database: Database, files: FileStore, stored: tuple[AnalysisRow, ClipRow, str | None]) -> BatchEntry:
    row, clip, client = stored
    facts = FactsRow(
        client=client,
        movement=row.movement,
        variant=row.variant,
        load_kg=row.load_kg,
        height_cm=row.height_cm,
        date=clip.recorded_at.date().isoformat() if clip.recorded_at is not None else None,
        note=row.note,
    )
    sha256 = clip.sha256 or ""
    if row.status == "failed":
        return BatchEntry(clip.name, facts, "failed", sha256, code=row.error_code or "", reason=row.error or "")
    reread = partial(_result, database, files, row)
    result = reread()
    if result is None:
        return BatchEntry(clip.name, facts, "waiting", sha256)
    return BatchEntry(
        clip.name, facts, "done", sha256, f"/v1/analyses/{row.id}", load_analysis=_load_again(result, reread)
    )


def _load_again(result: Analysis, reread: Callable[[], Analysis | None]) -> Callable[[], Analysis | None]:
    """Return a loader that hands over the result that was read and reads it again later, so that it is not held."""
    ahead = [result]
    return lambda: ahead.pop() if ahead else reread()


def _result(database: Database, files: FileStore, row: AnalysisRow) -> Analysis | None:
    """Return the result; None if the analysis is unfinished or gone, or another version wrote it."""
    if row.run is None:
        return None
    with suppress(FileNotFoundError, ValidationError):
        return use_current_run(database, row.id, row.run, partial(read_result, files, row.id))
    return None
