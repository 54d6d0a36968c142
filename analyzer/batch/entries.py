"""What the tables and the page over all clips are made from: one entry a clip, wherever its result lies."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from analyzer.batch.facts import Facts
from analyzer.batch.record import CLIPS, folder_of, read_record
from analyzer.result import Analysis
from analyzer.result_files import THUMB_FILE

State = Literal["done", "failed", "waiting"]


@dataclass(frozen=True)
class Entry:
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
    facts: Facts
    state: State
    sha256: str = ""
    place: str = ""
    thumb: str = ""
    code: str = ""
    reason: str = ""
    read: Callable[[], Analysis | None] = field(default=lambda: None, compare=False)


def entries_of(files: Iterable[str], facts: Mapping[str, Facts], out: Path) -> Iterator[Entry]:
    """The entries of a batch whose results lie in a folder."""
    for file in files:
        told, record = facts.get(file, Facts()), read_record(folder_of(out, file))
        if record is None:
            yield Entry(file, told, "waiting")
        elif record.state == "failed":
            yield Entry(file, told, "failed", record.sha256, code=record.code, reason=record.text)
        else:
            folder, place = folder_of(out, file), f"{CLIPS}/{file}"
            thumb = f"{place}/{THUMB_FILE}" if (folder / THUMB_FILE).is_file() else ""
            read = partial(read_analysis, folder / "analysis.json")
            yield Entry(file, told, "done", record.sha256, place, thumb, read=read)


def read_analysis(path: Path) -> Analysis:
    """The result that was written."""
    return Analysis.model_validate_json(path.read_bytes())
