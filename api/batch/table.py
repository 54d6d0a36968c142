"""The summary of a batch as the API gives it: the columns of `analyzer batch`, from the results as they are stored."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import select

from analyzer.batch.entries import Entry
from analyzer.batch.facts import Facts
from analyzer.batch.sheets import write_book
from analyzer.batch.tables import columns_of, tables_of
from analyzer.batch.typed import write_csv
from analyzer.result import Analysis as Result
from api.db.engine import Database
from api.db.models import Analysis, Client, Clip
from api.files import Files
from api.stored import of_what_counts, read_result

_AT_ONCE = 8  # results read side by side: it is the store that is waited for; chosen


def write_table(database: Database, files: Files, batch_id: str, path: Path) -> None:
    """Write the summary as CSV or, where the name says so, as a book; clips in the order of their names."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        tables = tables_of(pool.map(partial(_entry, database, files), _rows(database, batch_id)))
    if path.suffix == ".xlsx":
        write_book(tables, path)
    else:
        write_csv(tables.summary, columns_of("summary", tables.summary), path)


def _rows(database: Database, batch_id: str) -> Sequence[tuple[Analysis, Clip, str | None]]:
    query = (
        select(Analysis, Clip, Client.name)
        .join(Clip, Clip.id == Analysis.clip_id)
        .join(Client, Client.id == Analysis.client_id, isouter=True)
        .where(Analysis.batch_id == batch_id)
        .order_by(Clip.name, Analysis.id)
    )
    with database.reading() as session:
        return [(row, clip, client) for row, clip, client in session.execute(query)]


def _entry(database: Database, files: Files, found: tuple[Analysis, Clip, str | None]) -> Entry:
    row, clip, client = found
    facts = Facts(
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
        return Entry(clip.name, facts, "failed", sha256, code=row.error_code or "", reason=row.error or "")
    result = _result(database, files, row)
    if result is None:
        return Entry(clip.name, facts, "waiting", sha256)
    return Entry(clip.name, facts, "done", sha256, f"/v1/analyses/{row.id}", read=lambda: result)


def _result(database: Database, files: Files, row: Analysis) -> Result | None:
    """None where it is not done, or cannot be read: it is gone, or of another version."""
    if row.run is None:
        return None
    with suppress(FileNotFoundError, ValidationError):
        return of_what_counts(database, row.id, row.run, partial(read_result, files, row.id))
    return None
