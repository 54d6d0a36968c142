"""What must not lose, leak or block anything: wrong databases, full disks, wrong clocks, removed and locked databases.

Each test attacks the service as it is, through its HTTP side and its hourly housekeeping.
"""

import os
import sqlite3
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest

from api.app import create_app
from api.cleanup import retention
from api.db import models
from api.uploads.resumable import sweep_uploads
from tests.api.service import DATABASE_FILE, Service, problem_of, tiny_clip
from tests.small_disk import mount_small_disk

OLD = {"job_time_limit_s": -1e6}  # nothing is too young to be removed
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return tiny_clip(tmp_path_factory.mktemp("clip") / "squat.mp4").read_bytes()


def send(caller, clip, name="squat.mp4", **fields):
    return caller.post("/v1/analyses", files={"clip": (name, clip)}, data=fields)


def filled(folder, clip, analyses=6, **settings):
    """A service with finished analyses, and the ids of these."""
    service = Service(folder, **settings)
    with service.client(service.key("ann")) as ann:
        ids = [send(ann, clip, client="Carla").json()["id"] for _ in range(analyses)]
        for id in ids:
            service.finish(id)
    return service, ids


def snapshot(service):
    """The content of every file of clips and results."""
    root = service.settings.data_dir / "files"
    found = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    return {key: content for key, content in found.items() if key.startswith(("clips/", "results/", "batches/"))}


def housekeep(service, settings=None):
    """Start the service again, as after a change of its settings, and run its housekeeping."""
    settings = settings or service.settings
    again = create_app(settings, service.jobs).state.services
    try:
        old = settings.model_copy(update=OLD | {"retention_days": 30})
        for _ in range(2):
            retention.run_housekeeping(old, again.database, again.files, service.jobs)
    finally:
        again.database.close()


# ---- The wrong database


def test_an_empty_database_deletes_no_file(tmp_path, clip):
    service, _ = filled(tmp_path / "data", clip)
    before = snapshot(service)
    service.services.database.close()
    for path in service.settings.data_dir.glob(f"{DATABASE_FILE}*"):
        path.unlink()
    housekeep(service)
    assert snapshot(service) == before and len(before) == 6 * 5


def test_a_foreign_database_deletes_no_file(tmp_path, clip):
    service, _ = filled(tmp_path / "data", clip)
    other, _ = filled(tmp_path / "other", clip, 3)
    before = snapshot(service)
    housekeep(service, service.settings.model_copy(update={"database_url": other.settings.db_url}))
    assert snapshot(service) == before


def test_an_older_database_deletes_no_file(tmp_path, clip):
    service, _ = filled(tmp_path / "data", clip, 2)
    places = (service.settings.data_dir / DATABASE_FILE, tmp_path / "back-up.sqlite")
    with closing(sqlite3.connect(places[0])) as source, closing(sqlite3.connect(places[1])) as copy:
        source.backup(copy)
    with service.client(service.key("bob")) as bob:
        for _ in range(3):
            service.finish(send(bob, clip).json()["id"])
    before = snapshot(service)
    housekeep(service, service.settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/back-up.sqlite"}))
    assert snapshot(service) == before and len(before) == 5 * 5


def test_another_folder_of_files_takes_no_clip(tmp_path, clip):
    """Such as a disk that is not mounted: the clip would be lost with it."""
    filled(tmp_path / "data", clip)
    elsewhere = Service(tmp_path / "data", files_url=str(tmp_path / "not mounted"))
    with elsewhere.client(elsewhere.key("ann")) as ann:
        answer = send(ann, clip)
        assert answer.status_code == 503 and answer.headers["Retry-After"]
        assert problem_of(answer)["type"] == "urn:problem:store-mismatch"
        ready = ann.get("/readyz")
    assert ready.status_code == 503 and "analyzer store" in ready.json()["checks"]["files"]


# ---- The disk


@pytest.fixture
def disk(tmp_path, monkeypatch):
    with mount_small_disk(tmp_path / "disk", 60, monkeypatch) as disk:
        yield disk


def test_on_a_full_disk_uploads_answer_507_and_delete_204(disk, clip):
    service, [first, second] = filled(disk.path / "data", clip, 2, min_free_bytes=5 * 2**20)
    disk.watch(service.services.database)
    with service.client(service.key("ann")) as ann:
        carla = ann.get("/v1/clients").json()["items"][0]["id"]
        upload = ann.post("/v1/uploads/", headers=TUS | {"Upload-Length": str(len(clip))}).headers["location"]
        disk.fill()
        for answer in (
            send(ann, clip),
            ann.post("/v1/batches", files=[("clips", ("a.mp4", clip))]),
            ann.post("/v1/uploads/", headers=TUS | {"Upload-Length": "9000"}),
            ann.patch(
                upload,
                content=clip,
                headers=TUS | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"},
            ),
        ):
            assert answer.status_code == 507, answer.text
            assert problem_of(answer)["type"] == "urn:problem:no-space"
        ready = ann.get("/readyz")
        assert ready.status_code == 503 and "MB are free" in ready.json()["checks"]["disk"]
        assert len(ann.get("/v1/analyses").json()["items"]) == 2
        assert ann.delete(f"/v1/analyses/{first}").status_code == 204
        disk.fill()
        assert ann.delete(f"/v1/clients/{carla}").status_code == 204
        assert ann.get(f"/v1/analyses/{second}").status_code == 404
    assert snapshot(service) == {}
    service.services.database.close()


def test_an_upload_stops_at_the_reserve_and_others_still_work(disk, clip):
    """One large body may not take the space that the database and deletion need."""
    service, _ = filled(disk.path / "data", clip, 1, min_free_bytes=20 * 2**20)
    with service.client(service.key("ann")) as ann:
        declared = send(ann, bytes(40 * 2**20))

        def endless():
            """A body of unknown length."""
            yield b'--b\r\nContent-Disposition: form-data; name="clip"; filename="a.mp4"\r\n\r\n'
            for _ in range(100):
                yield bytes(2**20)

        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        filming = ann.post("/v1/uploads/", headers=TUS | {"Upload-Defer-Length": "1"}).headers["location"]
        piece = TUS | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
        assert ann.patch(filming, content=bytes(40 * 2**20), headers=piece).status_code == 507
        assert ann.delete(filming, headers=TUS).status_code == 204
        undeclared = ann.post("/v1/analyses", content=endless(), headers=kind)
        assert (declared.status_code, undeclared.status_code) == (507, 507)
        assert list((service.settings.data_dir / "incoming").iterdir()) == []
        assert send(ann, clip).status_code == 202
    service.services.database.close()


# ---- Power cuts


def test_clip_folder_and_database_are_on_disk_before_202(tmp_path, clip, monkeypatch):
    service = Service(tmp_path / "data")
    synced, real = [], os.fsync

    def sync(descriptor):
        real(descriptor)
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))

    monkeypatch.setattr(os, "fsync", sync)
    with service.client(service.key("ann")) as ann:
        synced.clear()
        id = send(ann, clip).json()["id"]
    [stored] = [path for path in (service.settings.data_dir / "files" / "clips").rglob("*.mp4")]
    assert id and any(path.endswith(".part") for path in synced)  # the content, before it is renamed
    assert {str(stored.parent), str(stored.parent.parent), str(stored.parents[2])} <= set(synced)
    with service.services.database.session() as session:
        assert session.connection().exec_driver_sql("PRAGMA synchronous").scalar() == 2


# ---- The clock


@pytest.mark.parametrize("years", [10, -10])
def test_a_clock_that_is_ten_years_off_deletes_nothing(tmp_path, clip, monkeypatch, years):
    service, _ = filled(tmp_path / "data", clip)
    half = service.services.uploads / "own" / ("0" * 32)
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half an upload")
    orphan = service.settings.data_dir / "files" / "results" / "ana_gone" / "run"
    orphan.mkdir(parents=True)
    (orphan / "a.csv").write_bytes(b"x")
    before = snapshot(service)
    real, real_time = models.now, time.time
    for module in (
        "api.cleanup.retention",
        "api.db.models",
        "api.cleanup.orphans",
        "api.storage.clock_guard",
        "api.db.idempotency",
    ):
        monkeypatch.setattr(f"{module}.now", lambda: real() + timedelta(days=365 * years), raising=False)
    monkeypatch.setattr(time, "time", lambda: real_time() + 365 * 86400 * years)
    sweep_uploads(service.services)
    housekeep(service)
    monkeypatch.undo()
    assert snapshot(service) == before and half.exists()
    with service.client(service.key("bob")) as bob:
        assert "clock" in bob.get("/readyz").json()["checks"]["cleanup"]


# ---- A database that is removed or locked while the service runs


def test_a_removed_database_loses_no_answer(tmp_path, clip):
    service, _ = filled(tmp_path / "data", clip, 1)
    with service.client(service.key("ann")) as ann:
        (service.settings.data_dir / DATABASE_FILE).rename(tmp_path / "elsewhere.sqlite")
        for answer in (send(ann, clip), ann.post("/v1/clients", json={"name": "Dora"}), ann.get("/v1/analyses")):
            assert answer.status_code == 503, answer.text
            assert answer.headers["Retry-After"]
        ready = ann.get("/readyz")
        assert ready.status_code == 503 and "removed or replaced" in ready.json()["checks"]["database"]
        assert not (service.settings.data_dir / DATABASE_FILE).exists()  # no new one in its place
        (tmp_path / "elsewhere.sqlite").rename(service.settings.data_dir / DATABASE_FILE)
        assert send(ann, clip).status_code == 202


def test_a_locked_database_answers_503_and_readers_do_not_wait(tmp_path, clip, monkeypatch):
    wait_s = 15.0  # of a writer: longer than a request takes on a busy machine
    monkeypatch.setattr("api.app._WRITE_WAIT_S", wait_s)
    service, _ = filled(tmp_path / "data", clip, 1, requests_per_minute=100_000)
    other = sqlite3.connect(service.settings.data_dir / DATABASE_FILE, isolation_level=None)
    with service.client(service.key("ann")) as ann, ThreadPoolExecutor(60) as pool:
        other.execute("BEGIN IMMEDIATE")
        began_s = time.monotonic()
        writers = [pool.submit(ann.post, "/v1/clients", json={"name": f"client {i}"}) for i in range(60)]
        slowest_s = 0.0
        while not all(writer.done() for writer in writers):
            for path in ("/v1/analyses", "/readyz", "/v1/clients"):
                asked_s = time.monotonic()
                assert ann.get(path).status_code == (503 if path == "/readyz" else 200)  # 503: there is no worker
                slowest_s = max(slowest_s, time.monotonic() - asked_s)
        waited_s = time.monotonic() - began_s
        assert Counter(writer.result().status_code for writer in writers) == {503: 60}
        assert all(writer.result().headers["Retry-After"] for writer in writers)
        assert waited_s < 3 * wait_s and slowest_s < wait_s, (waited_s, slowest_s)
        other.execute("COMMIT")
        assert ann.post("/v1/clients", json={"name": "Dora"}).status_code == 201
    other.close()
