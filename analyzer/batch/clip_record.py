"""What is known of each clip of a batch, kept beside its results in one small file that is whole or not there.

There is no database: a clip's folder says all about it, so it can be copied, moved or deleted with any tool, two
machines can share the place, and no crash can part what is written of a clip from its results.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from analyzer.atomic_files import atomic_write

MARKER_FILE = "batch.json"
"""Lies at the top of a folder of results and tells a scan to pass over it."""

RECORD_FILE = "record.json"
CLIPS_FOLDER = "clips"
_SCHEMA = 1

FileStamp = tuple[int, int, int]


@dataclass(frozen=True)
class ClipRecord:
    """How a clip stands.

    Attributes
    ----------
    file : the clip, as the scan names it.
    sha256 : of its content; `stamp` (`scan.Found`) spares reading it again while it is the same.
    state : "failed" for a clip that cannot be analysed.
    track, measure : digests of what the tracking and the measuring followed (`wanted.py`).
    limits : digest of the limits that a clip may have failed by.
    video : whether there is an annotated video.
    tracked : `track` of the stored track in the folder, empty where there is none.
    code, text : why it failed, for programs and for people.
    detail : of an error that was not expected, where in the program it arose.
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
    """Where a clip's results lie: the folder's tree is mirrored, and the clip's whole name is its folder's name."""
    return out / CLIPS_FOLDER / file


def read_record(folder: Path) -> ClipRecord | None:
    """None where there is none that this version can use."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        told: dict[str, Any] = json.loads((folder / RECORD_FILE).read_text(encoding="utf-8"))
        if told.pop("schema", None) == _SCHEMA:
            return ClipRecord(**{**told, "stamp": tuple(told["stamp"])})
    return None


def write_record(folder: Path, record: ClipRecord) -> None:
    """Write it whole."""
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(folder / RECORD_FILE) as temporary:
        temporary.write_text(json.dumps({"schema": _SCHEMA, **asdict(record)}, indent=1) + "\n", encoding="utf-8")


def read_records(out: Path) -> Iterator[tuple[Path, ClipRecord]]:
    """Every clip that something is known of, those too that have left the folder, with its place."""
    for path in sorted((out / CLIPS_FOLDER).rglob(RECORD_FILE)):
        record = read_record(path.parent)
        if record is not None:
            yield path.parent, record


def mark_result_folder(out: Path) -> None:
    """Say that this folder holds results."""
    out.mkdir(parents=True, exist_ok=True)
    if not (out / MARKER_FILE).exists():
        with atomic_write(out / MARKER_FILE) as temporary:
            temporary.write_text(json.dumps({"schema": _SCHEMA, "clips": f"{CLIPS_FOLDER}/"}) + "\n", encoding="utf-8")
