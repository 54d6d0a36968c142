"""After DELETE no byte of a person's data is left: files, database, its log, job store, temporary files, logs."""

import base64
import logging
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path

import psycopg
import pytest

from api.cleanup.deletion import delete_owner
from api.db import analyses
from api.db.engine import open_database
from api.db.models import AnalysisRow
from api.jobs.dbos_queue import open_jobs
from api.monitoring.structured_logs import JsonFormatter
from tests.api.service import Service, tiny_clip

TUS = {"Tus-Resumable": "1.0.0"}
CANARY = "zqcanary"  # every personal value contains it


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return tiny_clip(tmp_path_factory.mktemp("clip") / "squat.mp4").read_bytes()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def service(request, tmp_path, monkeypatch):
    """With the real job store, all logs in a file, and temporary files in a folder of its own."""
    settings = {}
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        settings["database_url"] = server.new_database(like=request.getfixturevalue("postgres_with_tables"))
    folder = tmp_path / "temporary"
    folder.mkdir()
    handler = logging.FileHandler(tmp_path / "service.log")
    handler.setFormatter(JsonFormatter())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    service = Service(tmp_path / "data", **settings)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    object.__setattr__(service.services, "jobs", open_jobs(service.settings))
    service.search = lambda *words: [*places_of(tmp_path, words or (CANARY,)), *rows_with(service, words or (CANARY,))]
    yield service
    service.services.jobs.close()
    service.services.database.close()
    if settings:
        server.drop(settings["database_url"])
    root.removeHandler(handler)
    root.setLevel(level)
    handler.close()


def encode(words):
    """These words in their usual encodings."""
    patterns = set()
    for word in words:
        patterns |= {word.encode(), word.encode("utf-16-le"), word.encode().hex().encode()}
        patterns |= {base64.b64encode(b"x" * shift + word.encode())[4:-4] for shift in range(3)}
    return [pattern for pattern in patterns if len(pattern) > 4]


def places_of(folder, words=(CANARY,)):
    """Where any of these words are found: in names of files and in all bytes."""
    patterns, found = encode(words), []
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        if any(pattern in str(path).encode() or pattern in content for pattern in patterns):
            found.append(str(path.relative_to(folder)))
    return found


def rows_with(service, words):
    """The tables of PostgreSQL, of the service and of its job store, with any of these words in a row."""
    if not service.settings.database_url:
        return []
    likes = [f"%{pattern.decode()}%" for pattern in encode(words) if b"\0" not in pattern]
    with psycopg.connect(service.settings.database_url) as connection:
        own = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND \
               table_schema NOT IN ('pg_catalog', 'information_schema')"
        tables = connection.execute(own).fetchall()
        query = 'SELECT count(*) FROM "{}"."{}" AS one WHERE one::text LIKE ANY(%s)'
        return [name for schema, name in tables
                if connection.execute(query.format(schema, name), (likes,)).fetchone()[0]]  # fmt: skip


def fill(service, ann, clip, number):
    """An analysis with a canary in every field that a person can set; gives its id and that of its client."""
    mark = f"{CANARY}-{number}"
    fields = {"client": f"{mark} client", "note": f"{mark} note", "movement": "slump"}
    headers = {"Idempotency-Key": f"{mark}-key"}
    answer = ann.post("/v1/analyses", files={"clip": (f"{mark}.mp4", clip)}, data=fields, headers=headers)
    assert answer.status_code == 202, answer.text
    id, client = answer.json()["id"], answer.json()["client"]
    assert ann.patch(f"/v1/analyses/{id}", json={"note": f"{mark} second note"}).status_code == 200
    assert (
        ann.patch(f"/v1/clients/{client}", json={"name": f"{mark} renamed", "note": f"{mark} of client"}).status_code
        == 200
    )
    report = {"at_s": 0.1, "level": 4, "where": "back", "word": f"{mark} word"}
    marked = ann.put(f"/v1/analyses/{id}/marks", json={"reports": [report]})
    assert marked.status_code == 200, marked.text
    ann.post(f"/v1/analyses/{id}/shares", json={})
    service.finish(id, **{"angles.csv": f"{mark} angle".encode(), "track.npz": f"{mark} track".encode()})
    return id, client


def upload(ann, clip, name):
    """An upload by tus, which is analysed."""
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    url = ann.post("/v1/uploads/", headers=TUS | {"Upload-Length": str(len(clip)), "Upload-Metadata": metadata})
    piece = TUS | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    assert ann.patch(url.headers["location"], content=clip, headers=piece).status_code == 204
    answer = ann.post("/v1/analyses", json={"upload": url.headers["location"].rpartition("/")[2], "note": name})
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def batch(ann, clip):
    """A zip with a clip and a file that is refused."""
    body = BytesIO()
    with zipfile.ZipFile(body, "w") as packed:
        packed.writestr(f"{CANARY} in zip.mp4", clip)
        packed.writestr(f"{CANARY} refused.txt", b"hello")
    fields = {"name": f"{CANARY} batch", "note": f"{CANARY} of batch", "client": f"{CANARY} of batch"}
    headers = {"Idempotency-Key": f"{CANARY}-batch"}
    answer = ann.post(
        "/v1/batches", files=[("clips", (f"{CANARY}.zip", body.getvalue()))], data=fields, headers=headers
    )
    assert answer.status_code == 202, answer.text
    [row] = ann.get(answer.json()["links"]["analyses"]).json()["items"]
    return row["id"], row["client"]


def test_after_delete_a_byte_search_finds_nothing(service, tmp_path, clip):
    with service.client(service.key("ann")) as ann:
        ids = dict(fill(service, ann, clip, number) for number in range(3))
        uploaded = upload(ann, clip, f"{CANARY} by tus.mp4")
        in_batch, client_of_batch = batch(ann, clip)
        kept = ann.post("/v1/analyses", files={"clip": ("other.mp4", clip)}, data={"note": "stays"}).json()["id"]
        with service.services.database.session() as session:
            analyses.mark_failed(session, uploaded, "clip", f"{CANARY} by tus.mp4: nobody is in view")
        assert len(service.search()) > 10  # the search finds what is there
        [one, two, three] = ids
        for id in (one, uploaded, in_batch):
            assert ann.delete(f"/v1/analyses/{id}").status_code == 204
        for client in (ids[one], ids[two], ids[three], client_of_batch):
            assert ann.delete(f"/v1/clients/{client}").status_code == 204
        assert service.search() == []
        assert ann.get(f"/v1/analyses/{kept}").json()["note"] == "stays"
    assert service.search(one, uploaded) in ([], ["service.log"])  # logs have ids, no names


def test_a_deleted_batch_leaves_neither_its_name_nor_those_of_refused_files(service, tmp_path, clip):
    with service.client(service.key("ann")) as ann:
        files = [("clips", ("clip.mp4", clip)), ("clips", (f"{CANARY} refused.txt", b"hello"))]
        headers = {"Idempotency-Key": f"{CANARY}-batch"}
        sent = ann.post("/v1/batches", files=files, data={"name": f"{CANARY} batch"}, headers=headers).json()
        assert CANARY in sent["refused"][0]["text"]
        assert service.search()
        assert ann.delete(sent["links"]["self"]).status_code == 204
        assert service.search() == []
        assert len(ann.get("/v1/analyses").json()["items"]) == 1


def test_a_deleted_owner_leaves_nothing(service, tmp_path, clip):
    with service.client(service.key(f"{CANARY} owner")) as ann:
        ann.post("/v1/uploads/", headers=TUS | {"Upload-Length": "9", "Upload-Metadata": "filename " + encoded()})
        fill(service, ann, clip, 1)
        batch(ann, clip)
        services = service.services
        owner_id = ann.get("/v1/analyses").json()["items"] and _owner_id(services)
        assert delete_owner(services.database, services.files, services.jobs, owner_id, services.uploads)
        assert service.search() == []


def test_a_phone_that_signs_out_leaves_no_name(service, tmp_path):
    with service.client(service.key("ann")) as ann:
        key = ann.headers["authorization"].partition(" ")[2]
        ann.post("/v1/sign-ins", json={"key": key}, headers={"User-Agent": f"{CANARY} browser"})
        [phone] = ann.get("/v1/sign-ins").json()["items"]
        renamed = ann.patch(f"/v1/sign-ins/{phone['id']}", json={"name": f"{CANARY}'s phone"})
        assert renamed.status_code == 200, renamed.text
        assert service.search()
        assert ann.delete(f"/v1/sign-ins/{phone['id']}").status_code == 204
        assert service.search() == []


def test_a_deleted_client_leaves_no_answer_that_started_a_session(service, tmp_path):
    with service.client(service.key("ann")) as ann:
        plan = ann.get("/v1/session-plans").json()["items"][0]["name"]
        body = {"client": f"{CANARY} client", "plan": plan}
        begun = ann.post("/v1/sessions", json=body, headers={"Idempotency-Key": f"{CANARY}-session"})
        assert begun.status_code == 201, begun.text
        assert service.search()
        assert ann.delete(f"/v1/clients/{begun.json()['client']}").status_code == 204
        assert service.search() == []


def encoded():
    return base64.b64encode(f"{CANARY} half.mp4".encode()).decode()


def _owner_id(services):
    with services.database.read_session() as session:
        return session.query(AnalysisRow).first().owner_id


@pytest.mark.postgresql
@pytest.mark.parametrize("service", ["postgresql"], indirect=True)
def test_vacuum_full_leaves_no_byte_in_the_tables_of_postgresql(service, clip):
    """The log of PostgreSQL has them until it is recycled."""
    with (
        service.client(service.key("ann")) as ann,
        psycopg.connect(service.settings.database_url, autocommit=True) as connection,
    ):
        id, client = fill(service, ann, clip, 1)
        query = "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
        folder, oid = connection.execute(query).fetchone()
        connection.execute("CHECKPOINT")
        tables = Path(folder) / "base" / str(oid)
        assert places_of(tables)
        assert ann.delete(f"/v1/analyses/{id}").status_code == 204
        assert ann.delete(f"/v1/clients/{client}").status_code == 204
        service.services.database.engine.dispose()
        connection.execute("VACUUM FULL")
        connection.execute("CHECKPOINT")
        assert places_of(tables) == []


@pytest.mark.parametrize("service", ["sqlite"], indirect=True)
def test_a_reader_delays_the_erasure_and_the_next_one_completes_it(service, tmp_path, clip, monkeypatch):
    monkeypatch.setattr("api.db.engine._ERASE_WAIT_S", 0.2)
    with service.client(service.key("ann")) as ann:
        id, client = fill(service, ann, clip, 1)
        other = open_database(service.settings.db_url)
        with other.read_session() as session:
            session.query(AnalysisRow).all()
            assert ann.delete(f"/v1/analyses/{id}").status_code == 204
            assert ann.delete(f"/v1/clients/{client}").status_code == 204
        assert service.services.database.erase_deleted()
        assert service.search() == []
        other.close()
