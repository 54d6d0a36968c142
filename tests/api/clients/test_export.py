"""The zip of everything of one client."""

import csv
import io
import json
import os
import time
import zipfile

import pytest

from api.clients import export as client_zip
from api.db import analyses, clients, clips
from api.db.models import now
from tests.api.service import Service
from tests.api.store import MARKS, ann, jobs, store

__all__ = ["ann", "jobs", "store"]


class TestExport:
    @pytest.fixture
    def carla(self, store, ann):
        with store.database.session() as session:
            return clients.create(session, ann, "Carla", "desk job").id

    def opened(self, store, owner_id, id):
        path = client_zip.write_client_zip(store.database, store.files, owner_id, id, store.folder / "out")
        assert list((store.folder / "out").iterdir()) == [path]
        with zipfile.ZipFile(path) as packed:
            assert packed.testzip() is None
            return {name: packed.read(name) for name in packed.namelist()}

    def test_it_contains_all_data_of_the_client_and_nothing_else(self, store, ann, carla):
        first = store.analysis(ann, client_id=carla, note="=1+1", load_kg=60)
        second = store.analysis(ann, client_id=carla, done=False)
        other = store.analysis(ann)
        day = now().date()
        files = self.opened(store, ann, carla)
        result = {f"{day}_{first}/{name}" for name in ("analysis.json", "angles.csv", "report.html", "marks.json")}
        films = {f"{day}_{id}/clip/deadlift.mp4" for id in (first, second)}
        assert set(files) == {"client.json", "analyses.csv", "can_train.json"} | result | films
        assert files[f"{day}_{first}/angles.csv"] == f"{first} angles.csv".encode()
        assert files[f"{day}_{first}/clip/deadlift.mp4"] == b"film"
        assert json.loads(files[f"{day}_{first}/marks.json"]) == MARKS
        record = json.loads(files["client.json"])
        assert (record["client"]["name"], record["client"]["note"]) == ("Carla", "desk job")
        assert [row["id"] for row in record["analyses"]] == [first, second]
        assert (record["analyses"][0]["load_kg"], record["analyses"][0]["marks"]) == (60, MARKS)
        assert len(record["analyses"][0]["links"]) == 1
        everything = b"".join(files.values())
        assert other.encode() not in everything
        assert b"secret" not in everything and b"owner_id" not in everything

    def test_its_table_opens_in_a_spreadsheet_without_formulas(self, store, ann, carla):
        store.analysis(ann, client_id=carla, note="=1+1", load_kg=60)
        [row] = csv.DictReader(io.StringIO(self.opened(store, ann, carla)["analyses.csv"].decode()))
        assert (row["clip"], row["movement"], row["load_kg"], row["note"]) == ("deadlift.mp4", "hinge", "60.0", "'=1+1")

    def test_a_client_without_analyses_has_one_too(self, store, ann, carla):
        assert set(self.opened(store, ann, carla)) == {"client.json", "analyses.csv", "can_train.json"}

    def test_clip_outside_the_service_is_listed_but_not_copied(self, store, ann, carla):
        with store.database.session() as session:
            clip = clips.create(session, ann, name="a.mp4", url="s3://gym/a.mp4", managed=False)
            analyses.create(session, ann, clip.id, client_id=carla)
        files = self.opened(store, ann, carla)
        assert set(files) == {"client.json", "analyses.csv", "can_train.json"}
        assert json.loads(files["client.json"])["analyses"][0]["clip"]["url"] == "s3://gym/a.mp4"

    def test_result_replaced_meanwhile_is_read_again(self, store, ann, carla, monkeypatch):
        id = store.analysis(ann, client_id=carla)
        add, times = client_zip._add, []

        def exchanged(packed, files, key, name):
            if "run1/report" in key and not times:
                times.append(key)
                for file in ("analysis.json", "report.html"):
                    store.put(f"results/{id}/run2/{file}", b"new")
                store.set(id, run="run2")
                store.files.delete_tree(f"results/{id}/run1")
            add(packed, files, key, name)

        monkeypatch.setattr(client_zip, "_add", exchanged)
        files = self.opened(store, ann, carla)
        assert times
        assert {name.split("/")[1]: body for name, body in files.items() if id in name and "/clip/" not in name} == {
            "analysis.json": b"new", "report.html": b"new", "marks.json": json.dumps(MARKS, indent=2).encode()
        }  # fmt: skip

    def test_missing_clip_is_listed_as_missing(self, store, ann, carla):
        id = store.analysis(ann, client_id=carla)
        store.files.delete_tree(f"clips/{ann}")
        files = self.opened(store, ann, carla)
        assert f"{now().date()}_{id}/analysis.json" in files
        assert not [name for name in files if "/clip/" in name]
        assert json.loads(files["client.json"])["analyses"][0]["clip"]["missing"] is True
        [row] = csv.DictReader(io.StringIO(files["analyses.csv"].decode()))
        assert row["clip"] == "deadlift.mp4 (missing)"

    def test_one_that_fails_leaves_no_file(self, store, ann, carla, monkeypatch):
        store.analysis(ann, client_id=carla)
        monkeypatch.setattr(client_zip, "_add", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            client_zip.write_client_zip(store.database, store.files, ann, carla, store.folder / "out")
        assert list((store.folder / "out").iterdir()) == []


def test_exports_that_an_ended_process_left_are_removed(tmp_path):
    """At the start, when they have not grown for a minute, and with their client."""
    service = Service(tmp_path / "data")
    folder = service.services.incoming
    left, growing = folder / "client-cli_1-aa.zip", folder / "client-cli_2-bb.zip"
    left.write_bytes(b"half")
    growing.write_bytes(b"half")
    os.utime(left, (time.time() - 120,) * 2)
    with service.client(service.key("ann")) as caller:
        until_s = time.monotonic() + 30
        while left.exists():
            assert time.monotonic() < until_s
            time.sleep(0.02)
        assert growing.exists()
        id = caller.post("/v1/clients", json={"name": "Carla"}).json()["id"]
        half = folder / f"client-{id}-cc.zip"
        half.write_bytes(b"half")
        assert caller.delete(f"/v1/clients/{id}").status_code == 204
        assert [path.name for path in folder.iterdir()] == [growing.name]
