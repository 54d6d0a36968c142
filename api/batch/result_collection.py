"""Collect the results of a distributed batch: a folder for each clip as a local batch has, and the tables over all."""

import secrets
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from analyzer.analysis.stored_analysis import parse_stored_analysis
from analyzer.batch.clip_record import CLIPS_FOLDER, MARKER_FILE, mark_result_folder
from analyzer.batch.result_entries import BatchEntry
from analyzer.batch.summary_files import write_summary
from analyzer.batch.summary_tables import BatchTables
from analyzer.errors import AnalyzerError
from analyzer.movements.minimal_detectable_change import NO_OWN_MDC, MdcTable
from analyzer.results.file_names import ANALYSIS_FILES, BROWSER_FILES, THUMBNAIL_FILE
from analyzer.results.schema import Analysis
from api.batch.clip_manifest import LINES_PER_PART, ManifestLine
from api.batch.submission import QueueClient, find_clip_rows, find_previous_submissions
from api.db.engine import Database
from api.db.models import AnalysisRow
from api.storage.file_store import FileStore, result_key
from api.storage.stored_results import RESULT_FILE, use_current_run

_COPIED = (*(name for name in ANALYSIS_FILES if name not in (*BROWSER_FILES, RESULT_FILE)), RESULT_FILE)
_SOURCE = ".source"  # in a clip's folder: the run and analysis that it holds
_PARALLEL_COPIES = 8  # clips: most of the time is spent waiting for the store; chosen


class ResultsMissingError(AnalyzerError):
    """Results that the database knows cannot be found."""


@dataclass(frozen=True)
class _CopyContext:
    """Source and target of copied results, and a folder for files in transit."""

    root: str
    database: Database
    files: FileStore
    out: FileStore
    scratch: Path


def collect_results(
    queue_client: QueueClient,
    batch_ids: Sequence[str],
    out: str,
    *,
    files: Sequence[str] | None = None,
    own_mdc: MdcTable = NO_OWN_MDC,
) -> BatchTables:
    """Copy finished results into a folder, local or in an object store, and write the tables over all clips.

    Parameters
    ----------
    batch_ids : newest last; of a clip in several batches, the newest counts.
    files : clips to collect; by default all that were sent.
    own_mdc : minimal detectable changes from own repeats.

    Raises
    ------
    ResultsMissingError : the workers store their results elsewhere.
    """
    scratch = queue_client.settings.data_dir / "scratch" / f"collect-{secrets.token_hex(6)}"
    table_folder = scratch / "tables"
    table_folder.mkdir(parents=True)
    try:
        context = _CopyContext(
            queue_client.settings.files_root,
            queue_client.database,
            queue_client.files,
            queue_client.open_output(out),
            scratch,
        )
        if not context.out.exists(MARKER_FILE):
            mark_result_folder(table_folder)
        with ThreadPoolExecutor(_PARALLEL_COPIES) as pool:
            entries = list(_entries(queue_client, batch_ids, files, context, pool))
        tables, _ = write_summary(entries, table_folder, own_mdc)
        for path in sorted(table_folder.iterdir()):
            context.out.put(path, path.name)
        return tables
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _entries(
    queue_client: QueueClient,
    batch_ids: Sequence[str],
    files: Sequence[str] | None,
    context: _CopyContext,
    pool: ThreadPoolExecutor,
) -> Iterator[BatchEntry]:
    sent = find_previous_submissions(queue_client, batch_ids, also_cancelled=True)
    clips = sorted(sent, key=lambda file: file.split("/")) if files is None else [f for f in files if f in sent]
    for start in range(0, len(clips), LINES_PER_PART):
        part = clips[start : start + LINES_PER_PART]
        rows = {
            id: find_clip_rows(queue_client, id, [file for file in part if sent[file].batch_id == id])
            for id in {sent[file].batch_id for file in part}
        }
        stored = [rows[sent[file].batch_id].get(file) for file in part]
        yield from pool.map(lambda file, row: _entry(sent[file].line, row, context), part, stored)


def _entry(line: ManifestLine, stored: tuple[AnalysisRow, str] | None, context: _CopyContext) -> BatchEntry:
    if stored is None:
        return BatchEntry(line.file, line.facts, "waiting")
    row, sha256 = stored
    if row.status == "done" and _copy_current_result(row, f"{CLIPS_FOLDER}/{line.file}", context):
        place = f"{CLIPS_FOLDER}/{line.file}"
        thumb = f"{place}/{THUMBNAIL_FILE}" if context.out.exists(f"{place}/{THUMBNAIL_FILE}") else ""
        read = partial(_read, context.out, f"{place}/{RESULT_FILE}")
        return BatchEntry(line.file, line.facts, "done", sha256, place, thumb, load_analysis=read)
    if row.status == "failed":
        return BatchEntry(line.file, line.facts, "failed", sha256, code=row.error_code or "", reason=row.error or "")
    return BatchEntry(line.file, line.facts, "waiting")


def _read(files: FileStore, key: str) -> Analysis:
    return parse_stored_analysis(_bytes(files, key))


def _copy_current_result(row: AnalysisRow, target: str, context: _CopyContext) -> bool:
    """Copy the current result; return False if the analysis is gone or another version wrote it."""
    try:
        done = use_current_run(
            context.database, row.id, row.run or "", lambda run: _copy_files(result_key(row.id, run), target, context)
        )
    except FileNotFoundError:
        place = result_key(row.id, row.run)
        raise ResultsMissingError(
            f"{place}: is not in {context.root}. Give this command and all workers the same ANALYZER_FILES_URL."
        ) from None
    except ValidationError:
        return False
    return done is not None


def _copy_files(source: str, target: str, context: _CopyContext) -> bool:
    """Copy the files of one clip, `analysis.json` last; nothing if they are already there.

    Raises FileNotFoundError, also if the files are removed meanwhile, and ValidationError.
    """
    content = _bytes(context.files, f"{source}/{RESULT_FILE}")
    Analysis.model_validate_json(content)
    with suppress(FileNotFoundError):
        if _bytes(context.out, f"{target}/{_SOURCE}") == source.encode():
            return True
    context.out.delete_tree(f"{target}/{_SOURCE}")  # a half copied folder has no run
    for name in _COPIED:
        try:
            with context.files.fetch(f"{source}/{name}") as path:
                own = context.scratch / secrets.token_hex(8)
                shutil.copyfile(path, own)
        except FileNotFoundError:
            if name == RESULT_FILE:
                raise
            context.out.delete_tree(f"{target}/{name}")  # of an earlier run
            continue
        context.out.put(own, f"{target}/{name}")
    own = context.scratch / secrets.token_hex(8)
    own.write_text(source, encoding="utf-8")
    context.out.put(own, f"{target}/{_SOURCE}")
    return True


def _bytes(files: FileStore, key: str) -> bytes:
    with files.open(key) as file:
        return file.read()
