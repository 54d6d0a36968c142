"""The summary of a batch as the API gives it: the columns of `analyzer batch`, from the results as they are stored."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

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

_AT_ONCE = 8  # results read side by side: it is the store that is waited for; chosen


def write_table(database: Database, files: Files, batch_id: str, path: Path) -> None:
    """Write the summary as CSV or, where the name says so, as a book; clips in the order of their names."""
    entries = list(_entries(database, files, batch_id))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        results = pool.map(lambda entry: entry.read(), entries)
        tables = tables_of(_with(entries, results))
    if path.suffix == ".xlsx":
        write_book(tables, path)
    else:
        write_csv(tables.summary, columns_of("summary", tables.summary), path)


def _with(entries: Iterable[Entry], results: Iterable[Result | None]) -> Iterator[Entry]:
    for entry, result in zip(entries, results, strict=True):
        yield Entry(**{**vars(entry), "read": lambda result=result: result})


def _entries(database: Database, files: Files, batch_id: str) -> Iterator[Entry]:
    query = (
        select(Analysis, Clip, Client.name)
        .join(Clip, Clip.id == Analysis.clip_id)
        .join(Client, Client.id == Analysis.client_id, isouter=True)
        .where(Analysis.batch_id == batch_id)
        .order_by(Clip.name, Analysis.id)
    )
    with database.session() as session:
        rows = session.execute(query).all()
    for row, clip, client in rows:
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
        if row.status == "done":
            read = partial(_read, files, f"results/{row.id}/{row.run}/analysis.json")
            yield Entry(clip.name, facts, "done", sha256, f"/v1/analyses/{row.id}", read=read)
        elif row.status == "failed":
            yield Entry(clip.name, facts, "failed", sha256, code=row.error_code or "", reason=row.error or "")
        else:
            yield Entry(clip.name, facts, "waiting", sha256)


def _read(files: Files, key: str) -> Result:
    with files.open(key) as file:
        return Result.model_validate_json(file.read())
