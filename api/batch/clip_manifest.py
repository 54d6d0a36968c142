"""The list of a batch's clips, in the files of the service: parts of some hundred lines, read one at a time."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from analyzer.batch.clip_facts import FactsRow
from analyzer.errors import AnalyzerError
from api.file_store import FileStore

LINES_PER_PART = 200
"""Lines of a part; chosen."""


class ManifestMissingError(AnalyzerError):
    """A part of a batch's list is not where it was put."""


@dataclass(frozen=True)
class ManifestLine:
    """One clip of a batch: what it is, where it lies, and what is told of it."""

    file: str
    url: str
    size_bytes: int
    stamp: str
    movement: str
    facts: FactsRow


def write_manifest(files: FileStore, batch_id: str, lines: Sequence[ManifestLine], scratch: Path) -> str:
    """Store the list; gives the place of its parts."""
    place = f"batches/{batch_id}/clips"
    scratch.mkdir(parents=True, exist_ok=True)
    for number, start in enumerate(range(0, len(lines), LINES_PER_PART)):
        path = scratch / f"{batch_id}-{number}.jsonl"
        part = lines[start : start + LINES_PER_PART]
        path.write_text("".join(f"{json.dumps(asdict(line), ensure_ascii=False)}\n" for line in part), encoding="utf-8")
        files.put(path, _key(place, number))
    return place


def read_part(files: FileStore, place: str, number: int) -> list[ManifestLine]:
    """The lines of one part; raises ManifestMissingError where it is not there."""
    try:
        with files.open(_key(place, number)) as file:
            told = file.read().decode("utf-8")
    except FileNotFoundError:
        raise ManifestMissingError(
            f"{_key(place, number)}: a part of the batch's list is gone. Send the folder again."
        ) from None
    return [_line(text) for text in told.splitlines() if text]


def read_parts(files: FileStore, place: str, total: int) -> Iterator[list[ManifestLine]]:
    """The parts of a list of `total` lines, one after the other; raises ManifestMissingError."""
    for number in range(-(-total // LINES_PER_PART)):
        yield read_part(files, place, number)


def _line(text: str) -> ManifestLine:
    told = json.loads(text)
    return ManifestLine(**{**told, "facts": FactsRow(**told["facts"])})


def _key(place: str, number: int) -> str:
    return f"{place}/{number:06d}.jsonl"
