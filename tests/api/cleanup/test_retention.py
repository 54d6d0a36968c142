import os
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from api.cleanup import deletion, orphans
from api.cleanup import retention as housekeeping
from api.clients import export as client_zip
from api.db import analyses, batches, clients, clips, owners, sign_ins
from api.db.engine import open_database
from api.db.models import (
    AnalysisRow,
    ApiKey,
    Base,
    Batch,
    Client,
    ClipRow,
    Owner,
    Pairing,
    ShareLink,
    SignIn,
    new_id,
    now,
)
from api.sign_in_lifetime import SignInLifetime
from api.storage.store_identity import ID_FILE, bind
from tests.api.service import RecordingJobQueue
from tests.api.store import ann, jobs, store

__all__ = ["ann", "jobs", "store"]


def test_deleting_an_analysis_leaves_no_trace(store, jobs, ann):
    before = store.all_rows()
    id = store.analysis(ann)
    assert deletion.delete_analysis(store.database, store.files, jobs, ann, id)
    assert store.all_rows() == before
    assert store.keys() == []
    assert jobs.forgotten == [id] and jobs.cancelled == [id]
    assert not deletion.delete_analysis(store.database, store.files, jobs, ann, id)


def test_a_neighbour_stays(store, jobs, ann):
    other = store.analysis(ann)
    keys, rows = store.keys(), store.all_rows()
    gone = store.analysis(ann)
    deletion.delete_analysis(store.database, store.files, jobs, ann, gone)
    assert (store.keys(), store.all_rows()) == (keys, rows)
    with store.database.session() as session:
        assert analyses.get(session, ann, other) is not None


def test_other_owners_data_cannot_be_deleted(store, jobs, ann):
    bob = store.owner("bob")
    with store.database.session() as session:
        client = clients.create(session, ann, "Carla").id
    id = store.analysis(ann, client_id=client)
    before = (store.keys(), store.all_rows())
    assert not deletion.delete_analysis(store.database, store.files, jobs, bob, id)
    assert not deletion.delete_client(store.database, store.files, jobs, bob, client)
    assert client_zip.write_client_zip(store.database, store.files, bob, client, store.folder / "out") is None
    assert (store.keys(), store.all_rows()) == before
    assert jobs == RecordingJobQueue()


def test_a_clip_that_another_analysis_needs_stays(store, jobs, ann):
    first = store.analysis(ann)
    with store.database.session() as session:
        clip = session.get_one(ClipRow, session.get_one(AnalysisRow, first).clip_id)
        second = analyses.create(session, ann, clip.id).id
    deletion.delete_analysis(store.database, store.files, jobs, ann, first)
    assert store.keys() == [clip.url]
    deletion.delete_analysis(store.database, store.files, jobs, ann, second)
    assert store.keys() == [] and store.rows(ClipRow) == 0


def test_files_are_deleted_even_if_the_job_store_fails(store, ann):
    id = store.analysis(ann)
    assert deletion.delete_analysis(store.database, store.files, RecordingJobQueue(broken=True), ann, id)
    assert store.keys() == []


def test_deleting_a_client_deletes_all_of_theirs(store, jobs, ann):
    with store.database.session() as session:
        carla, dora = clients.create(session, ann, "Carla").id, clients.create(session, ann, "Dora").id
    other = [store.analysis(ann, client_id=dora), store.analysis(ann)]
    keys, before = store.keys(), store.all_rows()
    gone = [store.analysis(ann, client_id=carla), store.analysis(ann, client_id=carla, done=False)]
    assert deletion.delete_client(store.database, store.files, jobs, ann, carla)
    assert store.keys() == keys
    assert store.all_rows() == before | {"clients": 1}
    assert sorted(jobs.forgotten) == sorted(gone)
    with store.database.session() as session:
        assert all(analyses.get(session, ann, id) for id in other)
    assert not deletion.delete_client(store.database, store.files, jobs, ann, carla)


def test_deleting_an_owner_deletes_their_data_only(store, jobs, ann, tmp_path):
    other = store.analysis(ann)
    keys, before = store.keys(), store.all_rows()
    with store.database.session() as session:
        owners.create_key(session, "bob", "phone")
        bob = owners.find_by_name(session, "bob").id
        owners.create_pairing(session, bob)
        sign_ins.create(session, bob, "phone", SignInLifetime(7, 90))
        client = clients.create(session, bob, "Carla").id
        batch = batches.create(session, bob, "spring", total=1, options={"movement": "hinge"}).id
    store.put(f"batches/{batch}/manifest.csv")
    store.put(f"clips/{bob}/clp_lost/a.mp4")
    ids = [store.analysis(bob, client_id=client), store.analysis(bob, batch_id=batch)]
    uploads = tmp_path / "uploads"
    (uploads / bob).mkdir(parents=True)
    (uploads / bob / "half").write_bytes(b"x")
    assert deletion.delete_owner(store.database, store.files, jobs, bob, uploads)
    assert (store.keys(), store.all_rows()) == (keys, before)
    assert sorted(jobs.forgotten) == sorted(ids)
    assert list(uploads.iterdir()) == []
    with store.database.session() as session:
        assert analyses.get(session, ann, other) is not None
    assert not deletion.delete_owner(store.database, store.files, jobs, bob)


def test_retention_deletes_what_is_older_and_leaves_what_is_not_ended(store, jobs, ann):
    old = [store.analysis(ann, days_ago=31), store.analysis(ann, days_ago=400)]
    new = store.analysis(ann, days_ago=29)
    waiting = store.analysis(ann, days_ago=40, done=False)
    assert housekeeping.apply_retention(store.database, store.files, jobs, 30) == 2
    with store.database.session() as session:
        assert set(session.scalars(select(AnalysisRow.id))) == {new, waiting}
    left = store.keys()
    assert not any(id in key for id in old for key in left)
    assert housekeeping.apply_retention(store.database, store.files, jobs, 30) == 0


def test_retention_deletes_batches_that_it_empties(store, jobs, ann):
    def batch(days_ago, **state):
        with store.database.session() as session:
            row = batches.create(session, ann, "", total=state.pop("total", 1), **state)
            row.created_at = now() - timedelta(days=days_ago)
        store.put(f"batches/{row.id}/manifest.csv")
        return row.id

    emptied, fresh, not_queued = batch(40), batch(3), batch(40, manifest_url="x", total=2)
    store.analysis(ann, days_ago=39, batch_id=emptied)
    housekeeping.apply_retention(store.database, store.files, jobs, 30)
    with store.database.session() as session:
        assert set(session.scalars(select(Batch.id))) == {fresh, not_queued}
    assert store.keys() == sorted(f"batches/{id}/manifest.csv" for id in (fresh, not_queued))


def test_retention_takes_the_names_of_old_batches_whose_younger_analyses_stay(store, jobs, ann):
    def batch(name, days_ago):
        with store.database.session() as session:
            row = batches.create(session, ann, name, total=1)
            row.created_at = now() - timedelta(days=days_ago)
            return row.id

    old, running, fresh = batch("Robin, spring", 40), batch("Kim", 40), batch("Lee", 3)
    younger = store.analysis(ann, days_ago=5, batch_id=old)
    store.analysis(ann, days_ago=5, batch_id=running, done=False)
    store.analysis(ann, days_ago=2, batch_id=fresh)
    assert housekeeping.apply_retention(store.database, store.files, jobs, 30) == 0
    with store.database.session() as session:
        names = {row.id: row.name for row in session.scalars(select(Batch))}
        assert names == {old: "", running: "Kim", fresh: "Lee"}
        assert batches.get(session, ann, old) is None
        assert analyses.get(session, ann, younger) is not None


def test_retention_takes_several_transactions(store, jobs, ann, monkeypatch):
    monkeypatch.setattr(housekeeping, "_DELETED_PER_TRANSACTION", 2)
    for _ in range(5):
        store.analysis(ann, days_ago=9, done=False)
    with store.database.session() as session:
        for row in session.scalars(select(AnalysisRow)):
            row.status = "failed"
    assert housekeeping.apply_retention(store.database, store.files, jobs, 8) == 5
    assert store.keys() == []


def sweep(store, older_than_s=-1):
    """Sweep as an operator who has confirmed it, and empty the trash; gives how many folders went."""
    swept = orphans.sweep_orphans(store.database, store.files, older_than_s, is_confirmed=True)
    orphans.purge_trash(store.files, -1)
    return swept.moved


class TestOrphans:
    def test_current_results_are_not_deleted(self, store, ann):
        store.analysis(ann)
        store.analysis(ann, done=False)
        keys = store.keys()
        assert sweep(store) == 0
        assert store.keys() == keys

    def test_files_without_a_row_are_deleted(self, store, ann):
        done = store.analysis(ann)
        keys = store.keys()
        for orphan in (f"results/{done}/run2/angles.csv", "results/ana_gone/r/a.csv", f"clips/{ann}/clp_gone/a.mp4",
                       "clips/own_gone/clp_gone/a.mp4", "batches/bat_gone/manifest.csv",
                       f"results/{done}/run1/.0123456789ab.tmp"):  # fmt: skip
            store.put(orphan)
        assert sweep(store, 3600) == 0
        assert len(store.keys()) == len(keys) + 6
        assert sweep(store) == 6
        assert store.keys() == keys

    def test_one_young_file_keeps_its_folder(self, store, monkeypatch):
        store.put("results/ana_gone/r/a.csv")
        store.put("results/ana_gone/r/b.csv")
        ages = {"results/ana_gone/r/a.csv": 7200, "results/ana_gone/r/b.csv": 60}
        monkeypatch.setattr(store.files, "get_mtime_s", lambda key: time.time() - ages[key])
        assert sweep(store, 3600) == 0
        ages["results/ana_gone/r/b.csv"] = 3700
        assert sweep(store, 3600) == 1
        assert store.keys() == []

    @pytest.mark.parametrize("state", [{"status": "running"}, {"status": "queued"}, {"marks_revision": 2}])
    def test_files_of_a_job_in_progress_are_not_deleted(self, store, ann, state):
        """A worker has put its files, and its row is about to say so."""
        id = store.analysis(ann)
        store.put(f"results/{id}/run2/angles.csv")
        store.set(id, **state)
        assert sweep(store) == 0
        store.set(id, status="done", marks_revision=1)
        assert sweep(store) == 1

    @pytest.mark.parametrize("status", ["failed", "cancelled"])
    def test_results_of_what_failed_or_was_cancelled_go(self, store, ann, status):
        id = store.analysis(ann, done=False)
        store.put(f"results/{id}/run1/angles.csv")
        store.set(id, status=status)
        assert sweep(store) == 1

    def test_more_than_one_lot(self, store, ann, monkeypatch):
        monkeypatch.setattr(orphans, "_ROWS_PER_QUERY", 2)
        other = [store.analysis(ann) for _ in range(3)]
        keys = store.keys()
        for i in range(5):
            store.put(f"results/ana_gone{i}/r/a.csv")
        assert sweep(store) == 5
        assert store.keys() == keys and other


def test_housekeeping_does_all_its_parts(store, files_settings, jobs, ann):
    settings = files_settings.model_copy(update={"retention_days": 30})
    store.analysis(ann, days_ago=31)
    other = store.analysis(ann)
    with store.database.session() as session:
        for ended in (now() - timedelta(days=2), now() + timedelta(days=2)):
            hash = "0" * 64
            session.add(Pairing(id=new_id("par"), owner_id=ann, secret_hash=hash, expires_at=ended))
            session.add(SignIn(id=new_id("sgn"), owner_id=ann, secret_hash=hash, expires_at=ended, user_agent=""))
            share = {"id": new_id("shr"), "owner_id": ann, "analysis_id": other, "secret_hash": hash}
            session.add(ShareLink(**share, expires_at=ended))
    scratch = settings.data_dir / "scratch"
    for name, hours in (("fetch-old", 9), ("fetch-new", 1), ("worker-1", 9), ("collect-old", 9), ("send-old", 9)):
        (scratch / name).mkdir(parents=True)
        os.utime(scratch / name, (time.time() - hours * 3600,) * 2)
    assert housekeeping.run_housekeeping(
        settings, store.database, store.files, jobs
    ) == housekeeping.HousekeepingResult(1, 3)
    assert sorted(path.name for path in scratch.iterdir()) == ["fetch-new", "worker-1"]
    assert [store.rows(table) for table in (AnalysisRow, Pairing, SignIn, ShareLink)] == [1, 1, 1, 2]
    unlimited_retention = settings.model_copy(update={"retention_days": None})
    store.set(other, created_at=now() - timedelta(days=9000))
    assert housekeeping.run_housekeeping(
        unlimited_retention, store.database, store.files, jobs
    ) == housekeeping.HousekeepingResult(0, 0)


def test_a_client_is_not_half_deleted_when_an_analysis_is_added_meanwhile(store, jobs, ann):
    """Both orders are fine: the analysis is deleted too, or it is refused for want of a client."""
    import threading

    with store.database.session() as session:
        client = clients.create(session, ann, "Carla").id
    refused = []

    def add():
        try:
            for _ in range(10):
                store_analysis(store, ann, client)
        except Exception as error:
            refused.append(type(error).__name__)

    thread = threading.Thread(target=add)
    thread.start()
    time.sleep(0.05)
    assert deletion.delete_client(store.database, store.files, jobs, ann, client)
    thread.join()
    assert store.rows(Client) == store.rows(AnalysisRow) == 0
    assert refused in ([], ["IntegrityError"])


def store_analysis(store, owner_id, client_id):
    with store.database.session() as session:
        clip = clips.create(session, owner_id, name="a.mp4", url="clips/a")
        analyses.create(session, owner_id, clip.id, client_id=client_id)


def test_tables_that_name_an_owner_go_with_them(database):
    """A table that is added later must not outlive its owner."""
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column.table is Owner.__table__:
                assert key.ondelete == "CASCADE", table.name
    assert {table.name for table in Base.metadata.tables.values() if "owner_id" in table.columns} >= {
        ApiKey.__tablename__
    }


def test_a_client_and_an_owner_of_many_go_in_lots(store, jobs, ann, monkeypatch):
    monkeypatch.setattr(deletion, "_DELETED_PER_TRANSACTION", 2)
    before = store.all_rows()
    bob = store.owner("bob")
    for count in (4, 5):
        with store.database.session() as session:
            client = clients.create(session, bob, "Carla").id
        for _ in range(count):
            store.analysis(bob, client_id=client)
        lots = []
        monkeypatch.setattr(deletion, "remove_files", lambda *args, lots=lots: lots.append(len(args[-1].analyses)))
        assert deletion.delete_client(store.database, store.files, jobs, bob, client)
        assert lots == [2, 2] if count == 4 else [2, 2, 1]
    monkeypatch.undo()
    assert deletion.complete_deletions(store.database, store.files) == 2 * (4 + 5)
    monkeypatch.setattr(deletion, "_DELETED_PER_TRANSACTION", 2)
    for _ in range(3):
        store.analysis(bob)
    assert deletion.delete_owner(store.database, store.files, jobs, bob)
    assert store.all_rows() == before


def test_what_is_the_same_for_all_is_done_by_one(store, files_settings, jobs, ann):
    url = store.database.engine.url.render_as_string(hide_password=False)
    bind(store.database, store.files)
    store.put("results/ana_gone/r/a.csv")
    scratch = files_settings.data_dir / "scratch" / "fetch-old"
    scratch.mkdir(parents=True)
    os.utime(scratch, (0, 0))
    old = files_settings.model_copy(update={"job_time_limit_s": -1e6})  # nothing is too young
    first = open_database(url)
    try:
        assert first.try_claim_housekeeping()
        assert housekeeping.run_housekeeping(old, store.database, store.files, jobs) == housekeeping.HousekeepingResult(
            0, 1
        )
        assert store.keys() == ["results/ana_gone/r/a.csv", ID_FILE]
        assert housekeeping.run_housekeeping(old, first, store.files, jobs) == housekeeping.HousekeepingResult(0, 1)
        [trashed, id_file] = store.keys()[::-1]
        assert trashed.startswith("trash/") and trashed.endswith("/results/ana_gone/r/a.csv") and id_file == ID_FILE
    finally:
        first.close()
