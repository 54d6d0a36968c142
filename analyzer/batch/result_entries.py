"""What the tables and the page over all clips are made from: one entry a clip, wherever its result lies."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from analyzer.batch.clip_facts import FactsRow
from analyzer.batch.clip_record import CLIPS_FOLDER, get_result_folder, read_record
from analyzer.results.analysis_file import read_analysis
from analyzer.results.file_names import THUMBNAIL_FILE
from analyzer.results.schema import Analysis

ClipState = Literal["done", "failed", "waiting"]


@dataclass(frozen=True)
class BatchEntry:
    """One clip of a batch.

    Attributes
    ----------
    file : names it; entries are in the order of these.
    place : of its results, from the folder of the tables; empty where it has none.
    thumb : of its small picture, likewise.
    code, reason : why it has none, for programs and for people.
    read : gives the result; read anew each time, so that many clips do not fill the memory.
    """

    file: str
    facts: FactsRow
    state: ClipState
    sha256: str = ""
    place: str = ""
    thumb: str = ""
    code: str = ""
    reason: str = ""
    read: Callable[[], Analysis | None] = field(default=lambda: None, compare=False)


def list_entries(files: Iterable[str], facts: Mapping[str, FactsRow], out: Path) -> Iterator[BatchEntry]:
    """The entries of a batch whose results lie in a folder."""
    for file in files:
        told, record = facts.get(file, FactsRow()), read_record(get_result_folder(out, file))
        if record is None:
            yield BatchEntry(file, told, "waiting")
        elif record.state == "failed":
            yield BatchEntry(file, told, "failed", record.sha256, code=record.code, reason=record.text)
        else:
            folder, place = get_result_folder(out, file), f"{CLIPS_FOLDER}/{file}"
            thumb = f"{place}/{THUMBNAIL_FILE}" if (folder / THUMBNAIL_FILE).is_file() else ""
            read = partial(read_analysis, folder / "analysis.json")
            yield BatchEntry(file, told, "done", record.sha256, place, thumb, read=read)
