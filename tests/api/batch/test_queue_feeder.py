"""Large batches become rows a window at a time, whichever worker feeds, and no clip twice."""

import threading

import pytest
from sqlalchemy import func, select, update

from analyzer.batch.clip_facts import FactsRow
from api.batch.batch_progress import count_clips
from api.batch.clip_manifest import LINES_PER_PART, ManifestLine, write_manifest
from api.batch.queue_feeder import MAX_OPEN_CLIPS, queue_next_clips
from api.db import batches, owners
from api.db.models import AnalysisRow, Batch, ClipRow
from api.storage.file_store import FileStore
from tests.api.service import RecordingJobQueue


@pytest.fixture
def files(tmp_path):
    return FileStore(str(tmp_path / "files"), {}, tmp_path / "scratch")


def sent(database, files, tmp_path, count: int) -> str:
    """A batch of made-up clips, as sending leaves it."""
    lines = [
        ManifestLine(
            f"{n:06d}.mp4", f"s3://none/{n:06d}.mp4", n, str(n), "auto", FactsRow(client=f"c{n % 3}", date="2026-03-02")
        )
        for n in range(count)
    ]
    with database.session() as session:
        owner = owners.find_by_name(session, "local") or owners.create(session, "local")
        id = batches.create(session, owner.id, "many", total=None).id
    place = write_manifest(files, id, lines, tmp_path / "scratch")
    with database.session() as session:
        row = session.get_one(Batch, id)
        row.manifest_url, row.total = place, count
    return id


def counts(database, id: str) -> dict[str, int]:
    with database.session() as session:
        return batches.count_by_status(session, id)


def end_some(database, id: str, how_many: int) -> None:
    """As workers do."""
    with database.session() as session:
        ids = session.scalars(
            select(AnalysisRow.id).where(AnalysisRow.batch_id == id, AnalysisRow.status == "queued").limit(how_many)
        ).all()
        session.execute(update(AnalysisRow).where(AnalysisRow.id.in_(ids)).values(status="done"))


def test_never_more_than_the_window_is_open(database, files, tmp_path):
    id, jobs = sent(database, files, tmp_path, 5000), RecordingJobQueue()
    assert queue_next_clips(database, files, jobs) == MAX_OPEN_CLIPS
    assert queue_next_clips(database, files, jobs) == 0
    end_some(database, id, LINES_PER_PART - 1)
    assert queue_next_clips(database, files, jobs) == 0, "no room for a whole part"
    rounds = 0
    while counts(database, id)["queued"]:
        end_some(database, id, 350)
        queue_next_clips(database, files, jobs)
        assert counts(database, id)["queued"] <= MAX_OPEN_CLIPS
        rounds += 1
    assert rounds >= 5000 / 350 - 3
    submitted = [call[1] for call in jobs.calls]
    assert len(submitted) == len(set(submitted)) == 5000
    with database.session() as session:
        names = session.scalars(select(ClipRow.name).order_by(ClipRow.name)).all()
        assert names == [f"{n:06d}.mp4" for n in range(5000)]
        assert session.get_one(Batch, id).fed == 5000


def test_missing_manifest_is_logged_and_does_not_block_other_batches(database, files, tmp_path, caplog):
    lost, other, jobs = sent(database, files, tmp_path, 3), sent(database, files, tmp_path, 4), RecordingJobQueue()
    with database.session() as session:
        files.delete_tree(session.get_one(Batch, lost).manifest_url)
    assert queue_next_clips(database, files, jobs) == 4
    assert (counts(database, lost)["queued"], counts(database, other)["queued"]) == (0, 4)
    assert "a part of the batch's manifest is missing. Send the folder again" in caplog.text


def test_feeders_side_by_side_make_no_row_twice(database, files, tmp_path):
    id, jobs = sent(database, files, tmp_path, 950), RecordingJobQueue()
    start, troubles = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        try:
            queue_next_clips(database, files, jobs)
        except Exception as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    queue_next_clips(database, files, jobs)
    with database.session() as session:
        rows = session.scalar(select(func.count()).where(AnalysisRow.batch_id == id))
        clips = session.scalar(select(func.count(func.distinct(ClipRow.name))))
    assert (rows, clips, len({call[1] for call in jobs.calls})) == (950, 950, 950)


def test_a_cancelled_batch_is_fed_no_more(database, files, tmp_path):
    id, jobs = sent(database, files, tmp_path, 2500), RecordingJobQueue()
    queue_next_clips(database, files, jobs)
    with database.session() as session:
        batches.cancel(session, session.get_one(Batch, id).owner_id, id)
    assert queue_next_clips(database, files, jobs) == 0

    class Place:
        pass

    Place.database = database
    now = count_clips(Place, [id])
    assert (now.total, now.cancelled, now.open) == (2500, 2500, 0)


def test_incompletely_submitted_batch_is_not_started(database, files, tmp_path):
    id, jobs = sent(database, files, tmp_path, 10), RecordingJobQueue()
    with database.session() as session:
        session.get_one(Batch, id).total = None
    assert queue_next_clips(database, files, jobs) == 0
