"""Keys, sign-ins by cookie, and one-time pairing links."""

import pytest

from api.db import owners
from api.dependencies import Access
from tests.api.service import Service, problem_of


@pytest.fixture
def service(tmp_path):
    return Service(tmp_path / "data")


def test_key_gives_access_to_its_owners_data(service):
    body = service.client(service.key("ann")).get("/v1/me").json()
    assert (body["owner"], body["auth"]) == ("ann", "key")


@pytest.mark.parametrize(
    "change", [lambda key: key[:-1], lambda key: key + "x", lambda key: key.upper(), lambda _: "x"]
)
def test_changed_key_is_refused(service, change):
    answer = service.client(change(service.key("ann"))).get("/v1/me")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "analyzer keys create" in problem_of(answer)["detail"]


def test_the_id_of_a_key_is_not_enough(service):
    one, other = service.key("ann"), service.key("bob")
    mixed = "_".join([*one.split("_", 2)[:2], other.split("_", 2)[2]])
    assert service.client(mixed).get("/v1/me").status_code == 401


def test_revoked_key_is_refused(service):
    client = service.client(service.key("ann"))
    assert client.get("/v1/me").status_code == 200
    with service.services.database.session() as session:
        [(key, _)] = owners.list_keys(session)
        assert owners.revoke_key(session, key.id)
    assert client.get("/v1/me").status_code == 401


def test_secrets_are_not_stored(service):
    key = service.key("ann")
    for path in service.settings.data_dir.rglob("*"):
        if path.is_file():
            assert key.split("_", 2)[2].encode() not in path.read_bytes(), path


def test_key_is_exchanged_for_a_cookie(service):
    client = service.client()
    answer = client.post("/v1/sign-ins", json={"key": service.key("ann")})
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    assert "secure" not in cookie
    body = client.get("/v1/me").json()
    assert (body["owner"], body["auth"]) == ("ann", "sign_in")
    assert client.post("/v1/clients", json={"name": "x"}).status_code == 201


def test_over_tls_the_cookie_is_secure(tmp_path):
    """Ours, or a proxy's that is trusted: the server in front tells it as the scheme."""
    service = Service(tmp_path / "data")
    browser = service.client(base_url="https://gym.example")
    answer = browser.post("/v1/sign-ins", json={"key": service.key("ann")})
    assert "secure" in answer.headers["set-cookie"].lower()
    assert "max-age" in answer.headers["strict-transport-security"]
    assert browser.get("/v1/me").json()["tls"] is True
    assert "secure" in browser.delete("/v1/sign-ins/current").headers["set-cookie"].lower()
    plain = service.client(service.key("ann")).get("/v1/me")
    assert plain.json()["tls"] is False
    assert "strict-transport-security" not in plain.headers


def test_wrong_key_is_not_exchanged(service):
    answer = service.client().post("/v1/sign-ins", json={"key": "mak_x_y"})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    problem_of(answer)


def test_signing_out_ends_the_cookie(service):
    client = service.client()
    client.post("/v1/sign-ins", json={"key": service.key("ann")})
    cookie = client.cookies["analyzer_sign_in"]
    assert client.delete("/v1/sign-ins/current").status_code == 204
    assert client.get("/v1/me", headers={"Cookie": f"analyzer_sign_in={cookie}"}).status_code == 401


def test_wrong_key_is_refused_even_with_a_cookie(service):
    client = service.client()
    client.post("/v1/sign-ins", json={"key": service.key("ann")})
    assert client.get("/v1/me", headers={"Authorization": "Bearer x"}).status_code == 401


def test_pairing_link_works_once_and_a_preview_does_not_use_it(service):
    service.key("ann")
    with service.services.database.session() as session:
        plain = owners.create_pairing(session, owners.find_by_name(session, "ann").id)
    for _ in range(3):  # a preview of the link
        shown = service.client().get(f"/pair/{plain}")
        assert shown.status_code == 200
        assert '<form method="post">' in shown.text
        assert "set-cookie" not in shown.headers
    phone = service.client()
    answer = phone.post(f"/pair/{plain}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert phone.get("/v1/me").json()["owner"] == "ann"
    another = service.client().post(f"/pair/{plain}", follow_redirects=False)
    assert another.status_code == 404
    assert "set-cookie" not in another.headers


def test_a_signed_in_device_pairs_another(service):
    ann = service.client(service.key("ann"))
    body = ann.post("/v1/pairings").json()
    phone = service.client()
    assert phone.post("/pair/" + body["url"].rpartition("/")[2], follow_redirects=False).status_code == 303
    assert phone.get("/v1/me").json()["owner"] == "ann"


@pytest.mark.parametrize("token", ["x", "prg_00000000000000000000_x", "x" * 300, "%00", "a_b_c_d"])
def test_invalid_link_is_refused(service, token):
    answer = service.client().post(f"/pair/{token}", follow_redirects=False)
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


def test_key_in_open_mode_identifies_its_owner(tmp_path):
    service = Service(tmp_path / "data", access=Access(open=True))
    assert service.client(service.key("ann")).get("/v1/me").json()["owner"] == "ann"
    assert service.client().get("/v1/me").json()["owner"] == "local"
    assert service.client("mak_x_y").get("/v1/me").status_code == 401
