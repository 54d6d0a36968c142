"""A folder through a queue and real worker processes that play: the same tables as on one machine."""

import shutil
from pathlib import Path

import pytest

from analyzer.batch.batch_events import BatchStarted, ClipFinished
from analyzer.batch.batch_request import BatchRequest
from analyzer.batch.run import run_batch
from analyzer.settings import Settings
from api.batch import result_collection as collecting
from api.batch import submission as sending
from api.batch.result_collection import collect_results
from api.db.models import AnalysisRow
from tests.api.batch.conftest import QueuedBatch
from tests.batch.results import FakeAnalyzer, make_clips_folder

TABLES = ("summary.csv", "summary.parquet", "summary.xlsx")
FACTS = """file;client;load_kg;date;note;shoes
anna/one.mp4;Anna;40;2026-03-02;first;flat
anna/two.mp4;Anna;45;2026-03-09;;
"""


def a_season(folder: Path) -> None:
    make_clips_folder(
        folder, anna__one=b"1", anna__two=b"22", ben__copy=b"1", ben__broken=b"bad one", ben__three=b"333"
    )
    (folder / "clips.csv").write_text(FACTS)


def here(folder: str, out: Path, monkeypatch) -> Path:
    """The same by a local batch."""
    monkeypatch.setattr("analyzer.batch.run.ensure_model", lambda *_: None)
    monkeypatch.setattr("analyzer.batch.run.start_fork_server", lambda: None)
    run_batch(BatchRequest(folder, str(out)), Settings(), lambda _: None, run=FakeAnalyzer())
    return out


def same_as(out: Path, expected: Path) -> None:
    for name in TABLES:
        assert (out / name).read_bytes() == (expected / name).read_bytes(), name
    for path in sorted((expected / "clips").rglob("*")):
        if path.name in ("analysis.json", "angles.csv"):
            assert (out / path.relative_to(expected)).read_bytes() == path.read_bytes(), path


@pytest.mark.server
def test_the_tables_are_those_of_a_local_batch(queued: QueuedBatch, tmp_path, monkeypatch):
    a_season(Path(queued.folder))
    queued.worker()
    ended = queued.run()
    assert (ended.clips, ended.done, ended.failed, ended.waiting) == (5, 4, 1, 0)
    assert ended.failures == (("ben/broken.mp4", "broken.mp4: is not there yet. Film it again."),)
    same_as(Path(queued.out), here(queued.folder, tmp_path / "local", monkeypatch))
    started = queued.events[0]
    assert isinstance(started, BatchStarted)
    assert (started.clips, started.to_do, started.unchanged) == (5, 5, 0)
    statuses = {event.file: event.status for event in queued.events if isinstance(event, ClipFinished)}
    assert (len(statuses), statuses["ben/broken.mp4"], statuses["anna/one.mp4"]) == (5, "failed", "analysed")


@pytest.mark.server
def test_resubmission_with_other_options_replaces_all_files(queued: QueuedBatch):
    make_clips_folder(Path(queued.folder), one=b"1")
    queued.worker()
    queued.run()
    folder = Path(queued.out) / "clips/one.mp4"
    result = (folder / "analysis.json").read_bytes()
    (folder / "report.html").write_text("a face")
    assert (folder / "annotated.mp4").exists()
    queued.run(video=False, blur_faces=True)
    assert (folder / "analysis.json").read_bytes() == result, "which does not tell the two apart"
    assert not (folder / "annotated.mp4").exists()
    assert (folder / "report.html").read_text() == "of 1"


@pytest.mark.server
def test_repeat_submits_only_changed_clips(queued: QueuedBatch, tmp_path, monkeypatch):
    folder = Path(queued.folder)
    a_season(folder)
    queued.worker()
    queued.run()
    before = {name: (Path(queued.out) / name).read_bytes() for name in TABLES}
    assert len(queued.runs) == 5
    queued.run()
    assert len(queued.runs) == 5
    assert {name: (Path(queued.out) / name).read_bytes() for name in TABLES} == before
    make_clips_folder(folder, anna__two=b"4444", ben__new=b"55555")
    ended = queued.run()
    once = ["broken.mp4", "copy.mp4", "new.mp4", "one.mp4", "three.mp4"]
    assert queued.runs == sorted([*once, "two.mp4", "two.mp4"])
    assert (ended.clips, ended.done, ended.failed) == (6, 5, 1)
    same_as(Path(queued.out), here(queued.folder, tmp_path / "local", monkeypatch))


@pytest.mark.server
def test_failed_clips_are_retried_only_on_request(queued: QueuedBatch):
    make_clips_folder(Path(queued.folder), one=b"1", broken=b"bad one")
    queued.worker()
    assert queued.run().failed == 1
    assert queued.run().failed == 1
    assert queued.runs == ["broken.mp4", "one.mp4"]
    assert queued.run(retry_failed=True).failed == 1
    assert queued.runs == ["broken.mp4", "broken.mp4", "one.mp4"]


@pytest.mark.server
def test_results_that_are_exchanged_meanwhile_or_cannot_be_read_break_nothing(queued: QueuedBatch, monkeypatch):
    make_clips_folder(Path(queued.folder), one=b"1", two=b"22", three=b"333")
    queued.worker()
    queued.run()
    files, ids, find_rows = queued.deployment.files, {}, collecting.find_clip_rows

    def put(key: str, content: bytes) -> None:
        made = queued.deployment.settings.data_dir / "made"
        made.write_bytes(content)
        files.put(made, key)

    def then(queue_client, batch_id, names):
        rows = find_rows(queue_client, batch_id, names)
        ids.update((name, row) for name, (row, _) in rows.items())
        for name in ("analysis.json", "angles.csv"):  # measured again after the rows were read
            with files.open(f"results/{ids['one.mp4'].id}/{ids['one.mp4'].run}/{name}") as file:
                put(f"results/{ids['one.mp4'].id}/newer/{name}", file.read())
        files.delete_tree(f"results/{ids['one.mp4'].id}/{ids['one.mp4'].run}")
        with queue_client.database.session() as session:
            session.get_one(AnalysisRow, ids["one.mp4"].id).run = "newer"
        put(f"results/{ids['two.mp4'].id}/{ids['two.mp4'].run}/analysis.json", b"{}")  # of an older version
        return rows

    monkeypatch.setattr(collecting, "find_clip_rows", then)
    shutil.rmtree(Path(queued.out) / "clips")
    with queued.queue_client() as queue_client:
        batch_ids = sending.read_batch_ids(queue_client, queued.out)
        tables = collect_results(queue_client, batch_ids, queued.out)
    states = {row["file"]: row["state"] for row in tables.summary}
    assert states == {"one.mp4": "done", "two.mp4": "waiting", "three.mp4": "done"}
    assert (Path(queued.out) / "clips" / "one.mp4" / "angles.csv").is_file()


def test_failed_submission_leaves_nothing_behind(queued: QueuedBatch, monkeypatch):
    make_clips_folder(Path(queued.folder), one=b"1")
    monkeypatch.setattr(sending, "write_manifest", lambda *given: (given[-1].mkdir(parents=True), 1 / 0))
    with queued.queue_client() as queue_client, pytest.raises(ZeroDivisionError):
        sending.submit_batch(queued.request(), queue_client)
    assert list((queued.deployment.settings.data_dir / "scratch").glob("send-*")) == []
