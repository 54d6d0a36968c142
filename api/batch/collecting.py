"""Collecting what the workers made: each clip's folder as a local batch writes it, and the tables over all."""

import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from analyzer.batch.entries import Entry
from analyzer.batch.record import CLIPS, THUMB_FILE
from analyzer.batch.summary import write_summary
from analyzer.batch.tables import Tables
from analyzer.outputs import FILES
from analyzer.result import Analysis as Result
from api.batch.manifest import PART, Line
from api.batch.sending import Desk, clips_of, sent_before
from api.db.models import Analysis
from api.files import Files

_LAST = "analysis.json"


def collect(desk: Desk, batch_ids: Sequence[str], out: str, *, files: Sequence[str] | None = None) -> Tables:
    """Copy what is done into a folder, here or in an object store, and write the tables over all clips.

    Parameters
    ----------
    batch_ids : newest last: of a clip that is in several, the newest counts.
    files : the clips wanted; all that were sent, by default.
    """
    place = desk.place(out)
    scratch = desk.settings.data_dir / "scratch" / f"collect-{secrets.token_hex(6)}"
    scratch.mkdir(parents=True)
    try:
        tables, names = write_summary(_entries(desk, batch_ids, place, files, scratch), scratch)
        for name in names:
            place.put(scratch / name, name)
        return tables
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _entries(
    desk: Desk, batch_ids: Sequence[str], place: Files, files: Sequence[str] | None, scratch: Path
) -> Iterator[Entry]:
    owner: dict[str, str] = {}
    lines: dict[str, Line] = {}
    for id in batch_ids:
        for file, line in sent_before(desk, [id]).items():
            owner[file], lines[file] = id, line
    wanted = sorted(lines, key=lambda file: file.split("/")) if files is None else [f for f in files if f in lines]
    for start in range(0, len(wanted), PART):
        part = wanted[start : start + PART]
        rows = {
            id: clips_of(desk, id, [file for file in part if owner[file] == id])
            for id in set(map(owner.get, part))
            if id
        }
        for file in part:
            found = rows[owner[file]].get(file)
            yield _entry(
                desk, place, lines[file], found[0] if found else None, found[1].sha256 if found else None, scratch
            )


def _entry(desk: Desk, place: Files, line: Line, row: Analysis | None, sha256: str | None, scratch: Path) -> Entry:
    if row is not None and row.status == "done" and row.run is not None:
        source, target = f"results/{row.id}/{row.run}", f"{CLIPS}/{line.file}"
        result = _read(desk.files, f"{source}/{_LAST}")
        _copy(desk.files, source, place, target, scratch)
        thumb = f"{target}/{THUMB_FILE}" if place.exists(f"{target}/{THUMB_FILE}") else ""
        return Entry(
            line.file,
            line.facts,
            "done",
            result.clip.sha256,
            target,
            thumb,
            read=lambda: _read(desk.files, f"{source}/{_LAST}"),
        )
    if row is not None and row.status == "failed":
        return Entry(
            line.file, line.facts, "failed", sha256 or "", code=row.error_code or "failed", reason=row.error or ""
        )
    if row is not None and row.status == "cancelled":
        return Entry(line.file, line.facts, "failed", sha256 or "", code="cancelled", reason="It was cancelled.")
    return Entry(line.file, line.facts, "waiting")


def _read(files: Files, key: str) -> Result:
    with files.open(key) as file:
        return Result.model_validate_json(file.read())


def _copy(files: Files, source: str, place: Files, target: str, scratch: Path) -> None:
    """The files of one clip, `analysis.json` last; nothing where it lies there already."""
    if place.exists(f"{target}/{_LAST}") and _bytes(place, f"{target}/{_LAST}") == _bytes(files, f"{source}/{_LAST}"):
        return
    for name in [*(name for name in FILES if name != _LAST), THUMB_FILE, _LAST]:
        with suppress(FileNotFoundError), files.fetch(f"{source}/{name}") as path:
            own = scratch / f"{secrets.token_hex(6)}-{name}"
            shutil.copyfile(path, own)
            place.put(own, f"{target}/{name}")


def _bytes(files: Files, key: str) -> bytes:
    with files.open(key) as file:
        return file.read()
