"""Collecting what the workers made: each clip's folder as a local batch writes it, and the tables over all."""

import secrets
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from analyzer.batch.entries import Entry
from analyzer.batch.record import CLIPS, MARKER, mark
from analyzer.batch.summary import write_summary
from analyzer.batch.tables import Tables
from analyzer.errors import AnalyzerError
from analyzer.result import Analysis as Result
from analyzer.result_files import EXTRAS, FILES, THUMB_FILE
from api.batch.manifest import PART, Line
from api.batch.sending import Desk, clips_of, sent_before
from api.db.engine import Database
from api.db.models import Analysis
from api.files import Files, result_key
from api.stored import RESULT, of_what_counts

_COPIED = (*(name for name in FILES if name not in (*EXTRAS, RESULT)), RESULT)
_SOURCE = ".source"  # of a clip's folder: which run of which analysis it holds
_AT_ONCE = 8  # clips copied side by side: it is the store that is waited for; chosen


class CollectError(AnalyzerError):
    """Results that the database tells of cannot be found."""


@dataclass(frozen=True)
class _Way:
    """From where to where results are copied, and a folder for what is on the way."""

    root: str
    database: Database
    files: Files
    out: Files
    scratch: Path


def collect(desk: Desk, batch_ids: Sequence[str], out: str, *, files: Sequence[str] | None = None) -> Tables:
    """Copy what is done into a folder, here or in an object store, and write the tables over all clips.

    Parameters
    ----------
    batch_ids : newest last: of a clip that is in several, the newest counts.
    files : the clips wanted; all that were sent, by default.

    Raises
    ------
    CollectError : the workers keep their results elsewhere.
    """
    scratch = desk.settings.data_dir / "scratch" / f"collect-{secrets.token_hex(6)}"
    made = scratch / "tables"
    made.mkdir(parents=True)
    try:
        way = _Way(desk.settings.files_root, desk.database, desk.files, desk.place(out), scratch)
        if not way.out.exists(MARKER):
            mark(made)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            entries = list(_entries(desk, batch_ids, files, way, pool))
        tables, _ = write_summary(entries, made)
        for path in sorted(made.iterdir()):
            way.out.put(path, path.name)
        return tables
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _entries(
    desk: Desk, batch_ids: Sequence[str], files: Sequence[str] | None, way: _Way, pool: ThreadPoolExecutor
) -> Iterator[Entry]:
    sent = sent_before(desk, batch_ids, also_cancelled=True)
    wanted = sorted(sent, key=lambda file: file.split("/")) if files is None else [f for f in files if f in sent]
    for start in range(0, len(wanted), PART):
        part = wanted[start : start + PART]
        rows = {
            id: clips_of(desk, id, [file for file in part if sent[file].batch_id == id])
            for id in {sent[file].batch_id for file in part}
        }
        found = [rows[sent[file].batch_id].get(file) for file in part]
        yield from pool.map(lambda file, row: _entry(sent[file].line, row, way), part, found)


def _entry(line: Line, found: tuple[Analysis, str] | None, way: _Way) -> Entry:
    if found is None:
        return Entry(line.file, line.facts, "waiting")
    row, sha256 = found
    if row.status == "done" and _copied(row, f"{CLIPS}/{line.file}", way):
        place = f"{CLIPS}/{line.file}"
        thumb = f"{place}/{THUMB_FILE}" if way.out.exists(f"{place}/{THUMB_FILE}") else ""
        read = partial(_read, way.out, f"{place}/{RESULT}")
        return Entry(line.file, line.facts, "done", sha256, place, thumb, read=read)
    if row.status == "failed":
        return Entry(line.file, line.facts, "failed", sha256, code=row.error_code or "", reason=row.error or "")
    return Entry(line.file, line.facts, "waiting")


def _read(files: Files, key: str) -> Result:
    return Result.model_validate_json(_bytes(files, key))


def _copied(row: Analysis, target: str, way: _Way) -> bool:
    """Copy the result that counts; False where the analysis is gone, or another version wrote it."""
    try:
        done = of_what_counts(
            way.database, row.id, row.run or "", lambda run: _copy(result_key(row.id, run), target, way)
        )
    except FileNotFoundError:
        place = result_key(row.id, row.run)
        raise CollectError(
            f"{place}: is not in {way.root}. Give this command and all workers the same ANALYZER_FILES_URL."
        ) from None
    except ValidationError:
        return False
    return done is not None


def _copy(source: str, target: str, way: _Way) -> bool:
    """The files of one clip, `analysis.json` last; nothing where it lies there already.

    Raises FileNotFoundError, also where the files are removed meanwhile, and ValidationError.
    """
    told = _bytes(way.files, f"{source}/{RESULT}")
    Result.model_validate_json(told)
    with suppress(FileNotFoundError):
        if _bytes(way.out, f"{target}/{_SOURCE}") == source.encode():
            return True
    way.out.delete_tree(f"{target}/{_SOURCE}")  # what is only half copied is of no run
    for name in _COPIED:
        try:
            with way.files.fetch(f"{source}/{name}") as path:
                own = way.scratch / secrets.token_hex(8)
                shutil.copyfile(path, own)
        except FileNotFoundError:
            if name == RESULT:
                raise
            way.out.delete_tree(f"{target}/{name}")  # of an earlier run that had it
            continue
        way.out.put(own, f"{target}/{name}")
    own = way.scratch / secrets.token_hex(8)
    own.write_text(source, encoding="utf-8")
    way.out.put(own, f"{target}/{_SOURCE}")
    return True


def _bytes(files: Files, key: str) -> bytes:
    with files.open(key) as file:
        return file.read()
