"""The manifest of a batch: its clips in the file store, in parts of some hundred lines."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from analyzer.batch.clip_facts import FactsRow
from analyzer.errors import AnalyzerError
from api.storage.file_store import FileStore

LINES_PER_PART = 200
"""Lines of a part; chosen."""


class ManifestMissingError(AnalyzerError):
    """A part of a manifest is missing."""


@dataclass(frozen=True)
class ManifestLine:
    """One clip of a batch: file, address and facts."""

    file: str
    url: str
    size_bytes: int
    stamp: str
    movement: str
    facts: FactsRow


def write_manifest(files: FileStore, batch_id: str, lines: Sequence[ManifestLine], scratch: Path) -> str:
    """Store the manifest; return the prefix of its parts."""
    place = f"batches/{batch_id}/clips"
    scratch.mkdir(parents=True, exist_ok=True)
    for number, start in enumerate(range(0, len(lines), LINES_PER_PART)):
        path = scratch / f"{batch_id}-{number}.jsonl"
        part = lines[start : start + LINES_PER_PART]
        path.write_text("".join(f"{json.dumps(asdict(line), ensure_ascii=False)}\n" for line in part), encoding="utf-8")
        files.put(path, _key(place, number))
    return place


def read_part(files: FileStore, place: str, number: int) -> list[ManifestLine]:
    """Return the lines of one part; raise ManifestMissingError if it is missing."""
    try:
        with files.open(_key(place, number)) as file:
            text = file.read().decode("utf-8")
    except FileNotFoundError:
        raise ManifestMissingError(
            f"{_key(place, number)}: a part of the batch's manifest is missing. Send the folder again."
        ) from None
    return [_line(line) for line in text.splitlines() if line]


def read_parts(files: FileStore, place: str, total: int) -> Iterator[list[ManifestLine]]:
    """Yield the parts of a manifest of `total` lines; raise ManifestMissingError."""
    for number in range(-(-total // LINES_PER_PART)):
        yield read_part(files, place, number)


def _line(text: str) -> ManifestLine:
    fields = json.loads(text)
    return ManifestLine(**{**fields, "facts": FactsRow(**fields["facts"])})


def _key(place: str, number: int) -> str:
    return f"{place}/{number:06d}.jsonl"
