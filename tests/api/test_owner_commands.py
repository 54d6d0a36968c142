"""`analyzer owners` and `analyzer clients`, beside a service that runs."""

import re

import pytest

from api.db import analyses, clients, owners
from tests.api.service import Service, tiny_clip


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def service(data):
    service = Service(data)
    yield service
    service.services.database.close()


@pytest.fixture
def command(run_here, data):
    """Run a command on the data folder of the service."""
    return lambda *arguments: run_here(*arguments, "--data", str(data))


def fill(client, tmp_path):
    """Store a client with a finished session and a clip; return the id of the client."""
    id = client.post("/v1/clients", json={"name": "Kim"}).json()["id"]
    clip = tiny_clip(tmp_path / "a.mp4").read_bytes()
    sent = client.post("/v1/analyses", files={"clip": ("a.mp4", clip)}, data={"client": id}).json()["id"]
    session = client.post("/v1/sessions", json={"client": id, "plan": "lift_hinge"}).json()
    change = {"steps": [{"name": "first", "analysis": sent}]}
    assert client.patch(session["links"]["self"], json=change).status_code == 200
    return id


def test_owner_is_deleted_with_everything_beside_a_running_service(service, command, tmp_path, data):
    ann, bob = service.key("ann"), service.key("bob")
    with service.client(ann) as one, service.client(bob) as other:
        fill(one, tmp_path)
        before = service.list_leftover_files()
        rows = command("owners", "list").stdout
        bobs = fill(other, tmp_path)
        done = command("owners", "delete", "bob", "--yes")
        assert (done.returncode, done.stdout) == (0, "bob deleted (clients: 1, analyses: 1, keys: 1)\n")
        assert other.get("/v1/me").status_code == 401
        assert other.get(f"/v1/clients/{bobs}").status_code == 401
        assert service.list_leftover_files() == before
        assert len(one.get("/v1/sessions").json()["items"]) == 1
        after = command("owners", "list").stdout
        assert re.search(r"^ann +clients: 1, analyses: 1, keys: 1 ", after, re.MULTILINE)
        assert "bob" in rows and "bob" not in after
    assert command("owners", "delete", "bob", "--yes").returncode == 2


def test_owner_is_not_deleted_without_consent(service, command):
    service.key("ann")
    assert command("owners", "delete", "ann").returncode != 0
    with service.services.database.read_session() as session:
        assert owners.find_by_name(session, "ann") is not None


def test_the_owner_of_this_machine_can_go_while_the_service_runs(data, run_here, tmp_path):
    from api.dependencies import Access

    service = Service(data, access=Access(is_open=True))
    with service.client() as local:
        id = fill(local, tmp_path)
        assert run_here("owners", "delete", "local", "--yes", "--data", str(data)).returncode == 0
        assert local.get(f"/v1/clients/{id}").status_code == 404
        fill(local, tmp_path)  # the owner exists again, with nothing of before
        assert len(local.get("/v1/clients").json()["items"]) == 1
    with service.services.database.read_session() as session:
        assert analyses.count_by_status(session) == {"queued": 1}


def test_client_is_renamed_by_name_or_id(service, command):
    with service.client(service.key("ann")) as ann, service.client(service.key("bob")) as bob:
        kim = ann.post("/v1/clients", json={"name": "Kim"}).json()
        other = bob.post("/v1/clients", json={"name": "Kim"}).json()
        assert kim["id"] in command("clients", "list", "--owner", "ann").stdout
        assert command("clients", "rename", "Kim", " Kim Stone ", "--owner", "ann").returncode == 0
        assert ann.get(kim["links"]["self"]).json()["name"] == "Kim Stone"
        assert bob.get(other["links"]["self"]).json()["name"] == "Kim"
        assert command("clients", "rename", kim["id"], "Kim", "--owner", "bob").returncode == 2
        assert command("clients", "rename", kim["id"], "Kim", "--owner", "ann").returncode == 0
        with service.services.database.session() as session:  # as versions before made it
            clients.create(session, owners.find_by_name(session, "ann").id, "Kim")
        refused = command("clients", "rename", "Kim", "Kai", "--owner", "ann")
        assert refused.returncode == 2 and kim["id"] in refused.stderr
        ann.post("/v1/clients", json={"name": "Robin"})
        refused = command("clients", "rename", kim["id"], "robin", "--owner", "ann")
        assert refused.returncode == 2 and "has a client of this name already: cli_" in refused.stderr
        for name in ("", "x" * 121, "a\x00b"):
            assert command("clients", "rename", kim["id"], name, "--owner", "ann").returncode == 2
        assert command("clients", "rename", "Kim", "Kai", "--owner", "nobody").returncode == 2
