"""Submit a folder of clips to the queue: only clips that are new or have changed, however often it is repeated."""

import json
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import fsspec
from sqlalchemy import ColumnElement, Select, select

from analyzer.batch.batch_request import BatchRequest
from analyzer.batch.clip_facts import FACTS_FILE, FactsRow, FactsTable, read_facts
from analyzer.batch.scan import describe_selection
from api.batch.clip_listing import FolderListing, ListedClip, list_clips
from api.batch.clip_manifest import ManifestLine, read_parts, write_manifest
from api.db import analyses, batches, owners
from api.db.engine import Database, open_database
from api.db.models import AnalysisRow, Batch, ClipRow
from api.db.owners import LOCAL_OWNER
from api.db.statuses import PROCESSED_STATUSES
from api.jobs.dbos_queue import open_jobs
from api.jobs.interface import JobQueue, push_or_log
from api.settings import ServiceSettings
from api.storage.data_folder import secure_data_folder
from api.storage.file_store import FileStore, make_durable_folder, open_files

_IS_PROCESSED = AnalysisRow.status.in_(PROCESSED_STATUSES)

SUBMISSIONS_FILE = "queue.json"
"""In the folder of results: the batches that were submitted for it."""


class QueueClient:
    """Database, file store and queue of the service, as a batch uses them; to be closed."""

    def __init__(self, settings: ServiceSettings) -> None:
        secure_data_folder(settings.data_dir)
        make_durable_folder(settings.data_dir)
        self.settings = settings
        self.database: Database = open_database(settings.db_url)
        self.database.migrate()
        self.files: FileStore = open_files(settings)
        self.jobs: JobQueue = open_jobs(settings)
        with self.database.session() as session:
            self.owner_id = owners.get_or_create(session, LOCAL_OWNER).id

    def open_output(self, url: str) -> FileStore:
        """Open a folder of results, local or in an object store."""
        options = self.settings.files_options if "://" in url else {}
        return FileStore(url, options, self.settings.data_dir / "scratch")

    def close(self) -> None:
        """Close the connections."""
        self.jobs.close()
        self.database.close()

    def __enter__(self) -> "QueueClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Submission:
    """The batches of a folder of results, newest last, and the listing of the folder of clips."""

    batch_ids: Sequence[str]
    listing: FolderListing
    new: int
    notes: Sequence[str]


def submit_batch(request: BatchRequest, queue_client: QueueClient) -> Submission:
    """Queue the clips of a folder that are new or have changed.

    Raises ListingError, FactsError.
    """
    listing = list_clips(
        request.folder, queue_client.settings.files_options, only=request.only, exclude=request.exclude, out=request.out
    )
    facts = _facts(request, queue_client, listing)
    lines = [_line(clip, facts.by_file.get(clip.file, FactsRow()), request) for clip in listing.clips]
    options = {"video": request.video, "blur_faces": request.blur_faces}
    earlier = select_submitted_batches(queue_client, read_batch_ids(queue_client, request.out))
    ids = select_submitted_batches(queue_client, earlier, options)
    before = find_previous_submissions(queue_client, ids)
    new = [line for line in lines if line.file not in before or before[line.file].line != line]
    if request.retry_failed:
        _requeue_failed(queue_client, {line.file: before[line.file].batch_id for line in lines if line.file in before})
    if new:
        ids = [*ids, _create_batch(request, queue_client, earlier, new, options)]
    return Submission(ids, listing, len(new), [*listing.notes, *facts.notes, *describe_selection(listing.unselected)])


def read_batch_ids(queue_client: QueueClient, out: str) -> list[str]:
    """Return the ids of the batches that were submitted for a folder of results, which is not created."""
    if "://" not in out and not (Path(out) / SUBMISSIONS_FILE).is_file():
        return []
    with suppress(FileNotFoundError), queue_client.open_output(out).open(SUBMISSIONS_FILE) as file:
        return list(json.loads(file.read())["batches"])
    return []


def select_submitted_batches(
    queue_client: QueueClient, ids: Iterable[str], options: dict[str, bool] | None = None
) -> list[str]:
    """Return the batches that exist and were submitted completely; only those with these options, if given."""
    with queue_client.database.read_session() as session:
        rows = [batches.get(session, queue_client.owner_id, id) for id in ids]
        return [row.id for row in rows if row is not None and row.total is not None and options in (None, row.options)]


@dataclass(frozen=True)
class PreviousSubmission:
    """The manifest line of a clip, and its batch."""

    batch_id: str
    line: ManifestLine


def find_previous_submissions(
    queue_client: QueueClient, ids: Iterable[str], *, also_cancelled: bool = False
) -> dict[str, PreviousSubmission]:
    """Return the latest submission of each clip.

    Clips that a cancelled batch did not reach are included only if `also_cancelled`.
    """
    submissions: dict[str, PreviousSubmission] = {}
    for id in ids:
        with queue_client.database.read_session() as session:
            row = batches.get(session, queue_client.owner_id, id)
            if row is None or row.manifest_url is None:
                continue
            all_ = also_cancelled or row.cancelled_at is None
            reached = set() if all_ else set[str](session.scalars(_names(AnalysisRow.batch_id == id, _IS_PROCESSED)))
        for part in read_parts(queue_client.files, row.manifest_url, row.total or 0):
            submissions.update(
                (line.file, PreviousSubmission(id, line)) for line in part if all_ or line.file in reached
            )
    return submissions


def _create_batch(
    request: BatchRequest,
    queue_client: QueueClient,
    earlier: Sequence[str],
    lines: Sequence[ManifestLine],
    options: dict[str, bool],
) -> str:
    """Store the manifest, then start the batch: an interruption before leaves nothing submitted."""
    with queue_client.database.session() as session:
        name = request.folder.rstrip("/").rsplit("/", 1)[-1]
        id = batches.create(session, queue_client.owner_id, name, total=None, options=options).id
    scratch = queue_client.settings.data_dir / "scratch" / f"send-{secrets.token_hex(6)}"
    try:
        place = write_manifest(queue_client.files, id, lines, scratch)
        state = scratch / SUBMISSIONS_FILE
        state.write_text(json.dumps({"batches": [*earlier, id]}) + "\n", encoding="utf-8")
        queue_client.open_output(request.out).put(state, SUBMISSIONS_FILE)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    with queue_client.database.session() as session:
        row = session.get_one(Batch, id)
        row.manifest_url, row.total = place, len(lines)
    return id


def cancel_batches(queue_client: QueueClient, ids: Sequence[str]) -> int:
    """Cancel batches, keeping finished results; return how many clips this ends."""
    rows: list[str] = []
    never_queued = 0
    for id in ids:
        with queue_client.database.session() as session:
            row = batches.get(session, queue_client.owner_id, id)
            if row is not None and row.cancelled_at is None:
                never_queued += (row.total or 0) - row.fed
            rows += batches.cancel(session, queue_client.owner_id, id) or ()
    for analysis_id in rows:
        push_or_log(queue_client.jobs.cancel, analysis_id)
    return len(rows) + never_queued


def _requeue_failed(queue_client: QueueClient, batch_of: Mapping[str, str]) -> None:
    """Requeue failed clips, each in its latest batch."""
    with queue_client.database.session() as session:
        query = select(AnalysisRow.id, AnalysisRow.priority, AnalysisRow.batch_id, ClipRow.name).join(
            ClipRow, ClipRow.id == AnalysisRow.clip_id
        )
        failed = session.execute(
            query.where(AnalysisRow.batch_id.in_(set(batch_of.values())), AnalysisRow.status == "failed")
        )
        requeued = [
            (id, priority)
            for id, priority, batch_id, name in failed.all()
            if batch_of.get(name) == batch_id and analyses.requeue_failed(session, id)
        ]
    for id, priority in requeued:
        queue_client.jobs.forget(id)
        queue_client.jobs.submit(id, priority)


def _names(*where: ColumnElement[bool]) -> Select[str]:
    return select(ClipRow.name).join(AnalysisRow, ClipRow.id == AnalysisRow.clip_id).where(*where)


def _line(clip: ListedClip, facts: FactsRow, request: BatchRequest) -> ManifestLine:
    return ManifestLine(clip.file, clip.url, clip.size_bytes, clip.stamp, request.choose_movement(facts), facts)


def _facts(request: BatchRequest, queue_client: QueueClient, listing: FolderListing) -> FactsTable:
    files = [clip.file for clip in listing.clips]
    read = partial(read_facts, files=files, movement=request.movement, unselected=listing.unselected)
    if request.facts is not None:
        return read(request.facts, Path(request.folder))
    if "://" not in request.folder:
        path = Path(request.folder) / FACTS_FILE
        return read(path, path.parent) if path.is_file() else FactsTable()
    fs, path_ = fsspec.core.url_to_fs(
        f"{request.folder.rstrip('/')}/{FACTS_FILE}", **queue_client.settings.files_options
    )
    if not fs.isfile(path_):
        return FactsTable()
    with queue_client.files.fetch(f"{request.folder.rstrip('/')}/{FACTS_FILE}") as local:
        return read(local, Path(request.folder))


def find_clip_rows(
    queue_client: QueueClient, batch_id: str, files: Sequence[str]
) -> dict[str, tuple[AnalysisRow, str]]:
    """Return the rows of some clips of a batch, each with the clip's digest, by file."""
    with queue_client.database.read_session() as session:
        query = select(AnalysisRow, ClipRow.name, ClipRow.sha256).join(ClipRow, ClipRow.id == AnalysisRow.clip_id)
        rows = session.execute(query.where(AnalysisRow.batch_id == batch_id, ClipRow.name.in_(files))).all()
        return {name: (row, sha256 or "") for row, name, sha256 in rows}
