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

from analyzer.batch.clip_record import CLIPS_FOLDER, MARKER_FILE, mark_result_folder
from analyzer.batch.result_entries import BatchEntry
from analyzer.batch.summary_files import write_summary
from analyzer.batch.summary_tables import BatchTables
from analyzer.errors import AnalyzerError
from analyzer.results.file_names import ANALYSIS_FILES, BROWSER_FILES, THUMBNAIL_FILE
from analyzer.results.schema import Analysis as Result
from api.batch.clip_manifest import LINES_PER_PART, ManifestLine
from api.batch.submission import QueueClient, find_clip_rows, find_previous_submissions
from api.db.engine import Database
from api.db.models import Analysis
from api.file_store import FileStore, result_key
from api.stored_results import RESULT_FILE, use_current_run

_COPIED = (*(name for name in ANALYSIS_FILES if name not in (*BROWSER_FILES, RESULT_FILE)), RESULT_FILE)
_SOURCE = ".source"  # of a clip's folder: which run of which analysis it holds
_AT_ONCE = 8  # clips copied side by side: it is the store that is waited for; chosen


class ResultsMissingError(AnalyzerError):
    """Results that the database tells of cannot be found."""


@dataclass(frozen=True)
class _CopyContext:
    """From where to where results are copied, and a folder for what is on the way."""

    root: str
    database: Database
    files: FileStore
    out: FileStore
    scratch: Path


def collect_results(
    queue_client: QueueClient, batch_ids: Sequence[str], out: str, *, files: Sequence[str] | None = None
) -> BatchTables:
    """Copy what is done into a folder, here or in an object store, and write the tables over all clips.

    Parameters
    ----------
    batch_ids : newest last: of a clip that is in several, the newest counts.
    files : the clips wanted; all that were sent, by default.

    Raises
    ------
    ResultsMissingError : the workers keep their results elsewhere.
    """
    scratch = queue_client.settings.data_dir / "scratch" / f"collect-{secrets.token_hex(6)}"
    made = scratch / "tables"
    made.mkdir(parents=True)
    try:
        way = _CopyContext(
            queue_client.settings.files_root,
            queue_client.database,
            queue_client.files,
            queue_client.place(out),
            scratch,
        )
        if not way.out.exists(MARKER_FILE):
            mark_result_folder(made)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            entries = list(_entries(queue_client, batch_ids, files, way, pool))
        tables, _ = write_summary(entries, made)
        for path in sorted(made.iterdir()):
            way.out.put(path, path.name)
        return tables
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _entries(
    queue_client: QueueClient,
    batch_ids: Sequence[str],
    files: Sequence[str] | None,
    way: _CopyContext,
    pool: ThreadPoolExecutor,
) -> Iterator[BatchEntry]:
    sent = find_previous_submissions(queue_client, batch_ids, also_cancelled=True)
    wanted = sorted(sent, key=lambda file: file.split("/")) if files is None else [f for f in files if f in sent]
    for start in range(0, len(wanted), LINES_PER_PART):
        part = wanted[start : start + LINES_PER_PART]
        rows = {
            id: find_clip_rows(queue_client, id, [file for file in part if sent[file].batch_id == id])
            for id in {sent[file].batch_id for file in part}
        }
        found = [rows[sent[file].batch_id].get(file) for file in part]
        yield from pool.map(lambda file, row: _entry(sent[file].line, row, way), part, found)


def _entry(line: ManifestLine, found: tuple[Analysis, str] | None, way: _CopyContext) -> BatchEntry:
    if found is None:
        return BatchEntry(line.file, line.facts, "waiting")
    row, sha256 = found
    if row.status == "done" and _copy_current_result(row, f"{CLIPS_FOLDER}/{line.file}", way):
        place = f"{CLIPS_FOLDER}/{line.file}"
        thumb = f"{place}/{THUMBNAIL_FILE}" if way.out.exists(f"{place}/{THUMBNAIL_FILE}") else ""
        read = partial(_read, way.out, f"{place}/{RESULT_FILE}")
        return BatchEntry(line.file, line.facts, "done", sha256, place, thumb, load_analysis=read)
    if row.status == "failed":
        return BatchEntry(line.file, line.facts, "failed", sha256, code=row.error_code or "", reason=row.error or "")
    return BatchEntry(line.file, line.facts, "waiting")


def _read(files: FileStore, key: str) -> Result:
    return Result.model_validate_json(_bytes(files, key))


def _copy_current_result(row: Analysis, target: str, way: _CopyContext) -> bool:
    """Copy the result that counts; False where the analysis is gone, or another version wrote it."""
    try:
        done = use_current_run(
            way.database, row.id, row.run or "", lambda run: _copy_files(result_key(row.id, run), target, way)
        )
    except FileNotFoundError:
        place = result_key(row.id, row.run)
        raise ResultsMissingError(
            f"{place}: is not in {way.root}. Give this command and all workers the same ANALYZER_FILES_URL."
        ) from None
    except ValidationError:
        return False
    return done is not None


def _copy_files(source: str, target: str, way: _CopyContext) -> bool:
    """The files of one clip, `analysis.json` last; nothing where it lies there already.

    Raises FileNotFoundError, also where the files are removed meanwhile, and ValidationError.
    """
    told = _bytes(way.files, f"{source}/{RESULT_FILE}")
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
            if name == RESULT_FILE:
                raise
            way.out.delete_tree(f"{target}/{name}")  # of an earlier run that had it
            continue
        way.out.put(own, f"{target}/{name}")
    own = way.scratch / secrets.token_hex(8)
    own.write_text(source, encoding="utf-8")
    way.out.put(own, f"{target}/{_SOURCE}")
    return True


def _bytes(files: FileStore, key: str) -> bytes:
    with files.open(key) as file:
        return file.read()
