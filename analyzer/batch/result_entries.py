"""Entries of a batch: one a clip, the input of the tables and the page, wherever the result is stored."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from analyzer.analysis.stored_analysis import read_stored_analysis
from analyzer.batch.clip_facts import FactsRow
from analyzer.batch.clip_record import CLIPS_FOLDER, get_result_folder, read_record
from analyzer.results.file_names import THUMBNAIL_FILE
from analyzer.results.schema import Analysis

ClipState = Literal["done", "failed", "waiting"]


@dataclass(frozen=True)
class BatchEntry:
    """One clip of a batch.

    Attributes
    ----------
    file : name of the clip; entries are ordered by it.
    result_path : folder of its results, relative to the folder of the tables; empty without results.
    thumbnail_path : file of its small picture, likewise.
    code, reason : why it has no result, for programs and for people.
    load_analysis : reads the result; it is not stored, so that many clips do not fill the memory.
    """

    file: str
    facts: FactsRow
    state: ClipState
    sha256: str = ""
    result_path: str = ""
    thumbnail_path: str = ""
    code: str = ""
    reason: str = ""
    load_analysis: Callable[[], Analysis | None] = field(default=lambda: None, compare=False)


def list_entries(files: Iterable[str], facts: Mapping[str, FactsRow], out: Path) -> Iterator[BatchEntry]:
    """Yield the entries of a batch whose results are in a folder."""
    for file in files:
        facts_row, record = facts.get(file, FactsRow()), read_record(get_result_folder(out, file))
        if record is None:
            yield BatchEntry(file, facts_row, "waiting")
        elif record.state == "failed":
            yield BatchEntry(file, facts_row, "failed", record.sha256, code=record.code, reason=record.text)
        else:
            folder, result_path = get_result_folder(out, file), f"{CLIPS_FOLDER}/{file}"
            thumbnail_path = f"{result_path}/{THUMBNAIL_FILE}" if (folder / THUMBNAIL_FILE).is_file() else ""
            load_analysis = partial(read_stored_analysis, folder / "analysis.json")
            yield BatchEntry(
                file, facts_row, "done", record.sha256, result_path, thumbnail_path, load_analysis=load_analysis
            )
