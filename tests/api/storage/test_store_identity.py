import json
from datetime import timedelta

import pytest

from api.cleanup import orphans
from api.cleanup import retention as housekeeping
from api.cleanup.deletion import complete_deletions, delete_analysis
from api.db import service_state
from api.db.models import now
from api.storage.store_identity import ID_FILE, StoreGuard, bind, check_age, check_store, read_ids, write_record
from tests.api.store import ann, jobs, store

__all__ = ["ann", "jobs", "store"]


def test_a_new_database_and_new_files_get_one_id(store):
    assert check_store(store.database, store.files) is None
    ids = read_ids(store.database, store.files)
    assert ids.database == ids.files and len(ids.database) == 16
    assert check_store(store.database, store.files) is None
    assert read_ids(store.database, store.files) == ids


def test_an_older_service_gets_an_id_when_its_files_are_there(store, ann):
    store.analysis(ann)
    assert check_store(store.database, store.files) is None
    assert read_ids(store.database, store.files).files is not None


def test_files_without_the_database_that_knows_them_are_another_services(store):
    store.put("clips/own_1/clp_1/a.mp4")
    problem = check_store(store.database, store.files)
    assert "nothing that the database refers to" in problem and "analyzer store status" in problem
    assert not StoreGuard(store.database, store.files).is_trusted()
    assert read_ids(store.database, store.files).files is None


def test_a_database_without_its_files_is_on_the_wrong_disk(store, ann):
    store.analysis(ann)
    bind(store.database, store.files)
    store.files.delete_tree("clips")
    store.files.delete_tree("results")
    store.files.delete_tree(ID_FILE)
    assert "the database, but not the files," in check_store(store.database, store.files)


def test_files_that_do_not_answer_are_one_line_at_the_start(store, monkeypatch, caplog):
    def fail(key):
        raise OSError('Could not connect to the endpoint URL: "http://files/store.json"')

    monkeypatch.setattr(store.files, "read_text", fail)
    StoreGuard(store.database, store.files).start()
    [record] = caplog.records
    assert record.getMessage().startswith("database and files cannot be compared: Could not connect to the endpoint")
    assert record.exc_info is None


def test_two_ids_are_a_mismatch_until_the_operator_adopts(store, ann):
    store.analysis(ann)
    bind(store.database, store.files)
    guard = StoreGuard(store.database, store.files)
    store.files.write_text(ID_FILE, json.dumps({"store_id": "of another"}))
    assert "of another" in guard.find_problem() and not guard.is_trusted()
    bind(store.database, store.files, "of another")
    assert guard.is_trusted() and check_store(store.database, store.files) is None


def test_a_restored_older_database_is_noticed(store, files_settings, jobs, ann):
    bind(store.database, store.files)
    with store.database.session() as session:
        service_state.put(session, "clock_seen_at", now().isoformat())
    write_record(store.database, store.files)
    with store.database.session() as session:
        service_state.put(session, "clock_seen_at", (now() - timedelta(hours=5)).isoformat())
    assert check_age(store.database, store.files) is None  # a back-up takes its time
    with store.database.session() as session:
        service_state.put(session, "clock_seen_at", (now() - timedelta(days=2)).isoformat())
    assert "an older database was restored" in check_age(store.database, store.files)


def test_many_unreferenced_folders_stay_until_an_operator_confirms(store, files_settings, jobs, ann):
    settings = files_settings.model_copy(update={"job_time_limit_s": -1e6})
    store.analysis(ann)
    for number in range(3):
        store.put(f"results/ana_gone{number}/run1/angles.csv")
    before = store.keys()
    result = housekeeping.run_housekeeping(settings, store.database, store.files, jobs)
    assert result.orphans == 0 and "3 of 5 folders" in result.on_hold
    assert [key for key in store.files.list("") if key != ID_FILE] == before
    with store.database.read_session() as session:
        assert service_state.get(session, "cleanup_on_hold") == result.on_hold
    swept = orphans.sweep_orphans(store.database, store.files, -1, is_confirmed=True)
    assert swept.moved == 3
    assert housekeeping.run_housekeeping(settings, store.database, store.files, jobs).on_hold is None
    with store.database.read_session() as session:
        assert service_state.get(session, "cleanup_on_hold") is None


def test_the_trash_is_restored_or_removed_after_days(store, ann, monkeypatch):
    store.analysis(ann)
    store.put("results/ana_gone/run1/angles.csv", b"angles")
    before = store.keys()
    assert orphans.sweep_orphans(store.database, store.files, -1).moved == 1
    assert orphans.purge_trash(store.files, 7) == 0
    assert orphans.restore_trash(store.files) == 1
    assert store.keys() == before
    assert orphans.sweep_orphans(store.database, store.files, -1).moved == 1
    later = now() + timedelta(days=7.1)
    monkeypatch.setattr(orphans, "now", lambda: later)
    assert orphans.purge_trash(store.files, 7) == 1
    assert [key for key in store.files.list("") if "gone" in key] == []


def test_deletion_also_removes_what_is_in_the_trash(store, jobs, ann):
    id = store.analysis(ann)
    store.put(f"results/{id}/earlier/angles.csv")
    assert orphans.sweep_orphans(store.database, store.files, -1).moved == 1
    assert any(key.startswith("trash/") for key in store.files.list(""))
    assert delete_analysis(store.database, store.files, jobs, ann, id)
    assert store.keys() == []


@pytest.mark.parametrize("files_settings", ["folder"], indirect=True)
def test_an_interrupted_deletion_is_completed(store, jobs, ann, monkeypatch):
    id = store.analysis(ann)
    monkeypatch.setattr(
        "api.cleanup.deletion.delete_everywhere", lambda *_: (_ for _ in ()).throw(ConnectionError("cut off"))
    )
    with pytest.raises(ConnectionError):
        delete_analysis(store.database, store.files, jobs, ann, id)
    monkeypatch.undo()
    assert len(store.keys()) == 4
    assert complete_deletions(store.database, store.files) == 2
    assert store.keys() == [] and complete_deletions(store.database, store.files) == 0
