"""The record of each clip of a batch: a small file beside its results.

A local batch needs no database: the folder of a clip holds everything about it, so that it can be copied, moved or
deleted with any tool, machines can share it, and no crash can separate a record from its results.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from analyzer.atomic_files import atomic_write

MARKER_FILE = "batch.json"
"""Marks the top of a folder of results, so that a scan skips it."""

RECORD_FILE = "record.json"
CLIPS_FOLDER = "clips"
_SCHEMA = 1

FileStamp = tuple[int, int, int]


@dataclass(frozen=True)
class ClipRecord:
    """Outcome of the last run over a clip.

    Attributes
    ----------
    file : name of the clip, as the scan gives it.
    sha256 : digest of its content; while `stamp` (`scan.FoundClip`) is the same, it need not be computed again.
    state : "failed" for a clip that cannot be analysed.
    track, measure, limits : the digests of `result_key.ResultKey`.
    video : whether there is an annotated video.
    tracked : track digest of the stored track in the folder; empty without a track.
    code, text : why it failed, for programs and for people.
    detail : traceback of an unexpected error.
    """

    file: str
    sha256: str
    stamp: FileStamp
    state: Literal["done", "failed"]
    track: str
    measure: str
    limits: str
    video: bool
    tracked: str
    code: str = ""
    text: str = ""
    detail: str = ""


def get_result_folder(out: Path, file: str) -> Path:
    """Return the folder of a clip's results: the path of the clip, below the folder of all results."""
    return out / CLIPS_FOLDER / file


def read_record(folder: Path) -> ClipRecord | None:
    """Read the record in a folder; None without one that this version can use."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        record: dict[str, Any] = json.loads((folder / RECORD_FILE).read_text(encoding="utf-8"))
        if record.pop("schema", None) == _SCHEMA:
            return ClipRecord(**{**record, "stamp": tuple(record["stamp"])})
    return None


def write_record(folder: Path, record: ClipRecord) -> None:
    """Write a record atomically."""
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(folder / RECORD_FILE) as temporary:
        temporary.write_text(json.dumps({"schema": _SCHEMA, **asdict(record)}, indent=1) + "\n", encoding="utf-8")


def read_records(out: Path) -> Iterator[tuple[Path, ClipRecord]]:
    """Yield all records with their folders, also those of clips that have left the folder of clips."""
    for path in sorted((out / CLIPS_FOLDER).rglob(RECORD_FILE)):
        record = read_record(path.parent)
        if record is not None:
            yield path.parent, record


def mark_result_folder(out: Path) -> None:
    """Mark a folder as one of results; it is created if necessary."""
    out.mkdir(parents=True, exist_ok=True)
    if not (out / MARKER_FILE).exists():
        with atomic_write(out / MARKER_FILE) as temporary:
            temporary.write_text(json.dumps({"schema": _SCHEMA, "clips": f"{CLIPS_FOLDER}/"}) + "\n", encoding="utf-8")
