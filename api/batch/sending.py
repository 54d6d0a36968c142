"""Sending a folder of clips to the queue: only what was not sent before, however often the command is given."""

import json
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import fsspec
from sqlalchemy import ColumnElement, Select, select

from analyzer.batch.facts import TABLE, Facts, FactsTable, read_facts
from api.batch.listing import Listed, Listing, list_clips
from api.batch.manifest import Line, read_parts, write_manifest
from api.db import analyses, batches, owners
from api.db.engine import Database, open_database
from api.db.models import Analysis, Batch, Clip
from api.deps import LOCAL_OWNER
from api.files import Files, open_files
from api.jobs.port import Jobs, pushed
from api.jobs.queue import open_jobs
from api.settings import ServiceSettings

_REACHED = Analysis.status.in_(("done", "failed"))

STATE = "queue.json"
"""In the folder of the results: the batches that were sent for it."""


@dataclass(frozen=True)
class Wishes:
    """What the person asks of a folder; `analyzer batch --help` says the same."""

    folder: str
    out: str
    only: Sequence[str] = ()
    exclude: Sequence[str] = ()
    movement: str = "auto"
    facts: Path | None = None
    retry_failed: bool = False
    video: bool = True
    blur_faces: bool = False


class Desk:
    """The service's database, files and queue, as a batch needs them; to be closed."""

    def __init__(self, settings: ServiceSettings) -> None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.database: Database = open_database(settings.db_url)
        self.database.migrate()
        self.files: Files = open_files(settings)
        self.jobs: Jobs = open_jobs(settings)
        with self.database.session() as session:
            self.owner_id = owners.named(session, LOCAL_OWNER).id

    def place(self, url: str) -> Files:
        """A folder, here or in an object store."""
        options = self.settings.files_options if "://" in url else {}
        return Files(url, options, self.settings.data_dir / "scratch")

    def close(self) -> None:
        """Let go of everything."""
        self.jobs.close()
        self.database.close()

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Sent:
    """The batches of a folder of results, newest last, and what was found in the folder of clips."""

    batch_ids: Sequence[str]
    listing: Listing
    new: int
    notes: Sequence[str]


def send(wishes: Wishes, desk: Desk) -> Sent:
    """Put the clips of a folder on the queue that are not on it yet, or have changed since.

    Raises ListingError, FactsError.
    """
    listing = list_clips(
        wishes.folder, desk.settings.files_options, only=wishes.only, exclude=wishes.exclude, out=wishes.out
    )
    facts = _facts(wishes, desk, [clip.file for clip in listing.clips])
    lines = [_line(clip, facts.of.get(clip.file, Facts()), wishes) for clip in listing.clips]
    options = {"video": wishes.video, "blur_faces": wishes.blur_faces}
    earlier = begun(desk, batches_of(desk, wishes.out))
    ids = begun(desk, earlier, options)
    before = sent_before(desk, ids)
    new = [line for line in lines if line.file not in before or before[line.file].line != line]
    if wishes.retry_failed:
        _retry(desk, {line.file: before[line.file].batch_id for line in lines if line.file in before})
    if new:
        ids = [*ids, _send(wishes, desk, earlier, new, options)]
    return Sent(ids, listing, len(new), [*listing.notes, *facts.notes])


def batches_of(desk: Desk, out: str) -> list[str]:
    """Ids of the batches that were sent for a folder of results; the folder is not made."""
    if "://" not in out and not (Path(out) / STATE).is_file():
        return []
    with suppress(FileNotFoundError), desk.place(out).open(STATE) as file:
        return list(json.loads(file.read())["batches"])
    return []


def begun(desk: Desk, ids: Iterable[str], options: dict[str, bool] | None = None) -> list[str]:
    """Those that are there, and whose sending came to its end; only those with these options, if any are given."""
    with desk.database.reading() as session:
        rows = [batches.get(session, desk.owner_id, id) for id in ids]
        return [row.id for row in rows if row is not None and row.total is not None and options in (None, row.options)]


@dataclass(frozen=True)
class Before:
    """What was sent of a clip, and in which batch."""

    batch_id: str
    line: Line


def sent_before(desk: Desk, ids: Iterable[str], *, also_cancelled: bool = False) -> dict[str, Before]:
    """The last that was sent of each clip; what a cancelled batch did not come to counts only when asked for."""
    found: dict[str, Before] = {}
    for id in ids:
        with desk.database.reading() as session:
            row = batches.get(session, desk.owner_id, id)
            if row is None or row.manifest_url is None:
                continue
            all_ = also_cancelled or row.cancelled_at is None
            reached = set() if all_ else set[str](session.scalars(_names(Analysis.batch_id == id, _REACHED)))
        for part in read_parts(desk.files, row.manifest_url, row.total or 0):
            found.update((line.file, Before(id, line)) for line in part if all_ or line.file in reached)
    return found


def _send(wishes: Wishes, desk: Desk, earlier: Sequence[str], lines: Sequence[Line], options: dict[str, bool]) -> str:
    """Store the list, then let it begin: what is cut off before is as if it had not been sent."""
    with desk.database.session() as session:
        name = wishes.folder.rstrip("/").rsplit("/", 1)[-1]
        id = batches.create(session, desk.owner_id, name, total=None, options=options).id
    scratch = desk.settings.data_dir / "scratch" / f"send-{secrets.token_hex(6)}"
    try:
        place = write_manifest(desk.files, id, lines, scratch)
        state = scratch / STATE
        state.write_text(json.dumps({"batches": [*earlier, id]}) + "\n", encoding="utf-8")
        desk.place(wishes.out).put(state, STATE)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    with desk.database.session() as session:
        row = session.get_one(Batch, id)
        row.manifest_url, row.total = place, len(lines)
    return id


def end(desk: Desk, ids: Sequence[str]) -> int:
    """Cancel batches: what is done stays; gives how many clips are no longer wanted."""
    rows: list[str] = []
    never = 0
    for id in ids:
        with desk.database.session() as session:
            row = batches.get(session, desk.owner_id, id)
            if row is not None and row.cancelled_at is None:
                never += (row.total or 0) - row.fed
            rows += batches.cancel(session, desk.owner_id, id) or ()
    for analysis_id in rows:
        pushed(desk.jobs.cancel, analysis_id)
    return len(rows) + never


def _retry(desk: Desk, batch_of: Mapping[str, str]) -> None:
    """Queue again what failed, of each clip what was sent last."""
    with desk.database.session() as session:
        query = select(Analysis.id, Analysis.priority, Analysis.batch_id, Clip.name).join(
            Clip, Clip.id == Analysis.clip_id
        )
        failed = session.execute(
            query.where(Analysis.batch_id.in_(set(batch_of.values())), Analysis.status == "failed")
        )
        again = [
            (id, priority)
            for id, priority, batch_id, name in failed.all()
            if batch_of.get(name) == batch_id and analyses.retry(session, id)
        ]
    for id, priority in again:
        desk.jobs.forget(id)
        desk.jobs.submit(id, priority)


def _names(*where: ColumnElement[bool]) -> Select[str]:
    return select(Clip.name).join(Analysis, Clip.id == Analysis.clip_id).where(*where)


def _line(clip: Listed, facts: Facts, wishes: Wishes) -> Line:
    return Line(clip.file, clip.url, clip.size_bytes, clip.stamp, facts.movement or wishes.movement, facts)


def _facts(wishes: Wishes, desk: Desk, files: Sequence[str]) -> FactsTable:
    if wishes.facts is not None:
        return read_facts(wishes.facts, Path(wishes.folder), files)
    if "://" not in wishes.folder:
        path = Path(wishes.folder) / TABLE
        return read_facts(path, path.parent, files) if path.is_file() else FactsTable()
    fs, path_ = fsspec.core.url_to_fs(f"{wishes.folder.rstrip('/')}/{TABLE}", **desk.settings.files_options)
    if not fs.isfile(path_):
        return FactsTable()
    with desk.files.fetch(f"{wishes.folder.rstrip('/')}/{TABLE}") as local:
        return read_facts(local, Path(wishes.folder), files)


def clips_of(desk: Desk, batch_id: str, files: Sequence[str]) -> dict[str, tuple[Analysis, str]]:
    """The rows of some clips of a batch, each with the digest of the clip, by file."""
    with desk.database.reading() as session:
        query = select(Analysis, Clip.name, Clip.sha256).join(Clip, Clip.id == Analysis.clip_id)
        found = session.execute(query.where(Analysis.batch_id == batch_id, Clip.name.in_(files))).all()
        return {name: (row, sha256 or "") for row, name, sha256 in found}
