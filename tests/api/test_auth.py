"""Keys, sign-ins by cookie, and one-time pairing links."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from api.db import owners, sign_ins
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


def test_hsts_is_left_out_with_our_own_certificate(tmp_path):
    service = Service(tmp_path / "data", access=Access(is_lan=True, is_self_signed=True))
    assert "strict-transport-security" not in service.client(base_url="https://gym.example").get("/healthz").headers


@pytest.fixture
def clock(monkeypatch):
    """The time of sign-ins; `clock.days` are added to it."""
    moving = SimpleNamespace(days=0.0)

    def now():
        return datetime.now(UTC) + timedelta(days=moving.days)

    monkeypatch.setattr("api.db.sign_ins.now", now)
    monkeypatch.setattr("api.sign_in_lifetime.datetime", SimpleNamespace(now=lambda _: now()))
    return moving


def sign_in(service, owner="ann"):
    client = service.client()
    assert client.post("/v1/sign-ins", json={"key": service.key(owner)}).status_code == 204
    return client


def test_an_unused_phone_is_signed_out_after_a_week(service, clock):
    phone = sign_in(service)
    clock.days = 6.9
    assert phone.get("/v1/me").status_code == 200
    clock.days += 7.1
    assert phone.get("/v1/me").status_code == 401


def test_a_used_phone_stays_signed_in_and_its_cookie_is_renewed(service, clock):
    phone = sign_in(service)
    for _ in range(20):
        clock.days += 4
        answer = phone.get("/v1/me")
        assert answer.status_code == 200
        assert "max-age=604800" in answer.headers["set-cookie"].lower()
        assert "httponly" in answer.headers["set-cookie"].lower()
    assert "set-cookie" not in phone.get("/v1/me").headers  # it was renewed just now


def test_no_phone_stays_signed_in_for_longer_than_ninety_days(service, clock):
    phone = sign_in(service)
    while clock.days < 85:
        clock.days += 5
        assert phone.get("/v1/me").status_code == 200
    clock.days = 90.1
    assert phone.get("/v1/me").status_code == 401


def test_phones_are_listed_named_and_revoked(service):
    one, other, stranger = sign_in(service), sign_in(service), service.client(service.key("bob"))
    items = one.get("/v1/sign-ins").json()["items"]
    assert [item["current"] for item in items].count(True) == 1
    assert len(items) == 2
    [lost] = [item["id"] for item in items if not item["current"]]
    assert one.patch(f"/v1/sign-ins/{lost}", json={"name": "At the rack"}).json()["name"] == "At the rack"
    assert stranger.get("/v1/sign-ins").json()["items"] == []
    assert stranger.delete(f"/v1/sign-ins/{lost}").status_code == 404
    assert stranger.patch(f"/v1/sign-ins/{lost}", json={"name": "x"}).status_code == 404
    assert other.get("/v1/me").status_code == 200
    assert one.delete(f"/v1/sign-ins/{lost}").status_code == 204
    assert other.get("/v1/me").status_code == 401
    assert one.delete(f"/v1/sign-ins/{lost}").status_code == 404
    assert [item["current"] for item in one.get("/v1/sign-ins").json()["items"]] == [True]


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Mobile/15E148 Safari/604.1", "iPhone, Safari"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 8) Chrome/130.0 Mobile Safari/537.36", "Android, Chrome"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Linux, Firefox"),
        ("<script>alert(1)</script>", "Browser"),
        ("", "Browser"),
    ],
)  # fmt: skip
def test_a_phone_gets_a_first_name(agent, name):
    assert sign_ins.describe_browser(agent) == name


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


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("form", ["Token {}", "{}", "Basic {}"])
def test_a_key_in_another_form_of_header_is_refused_and_not_ignored(tmp_path, is_open, form):
    """Ignored, it would put the clips of its owner among those of the owner `local`."""
    service = Service(tmp_path / "data", access=Access(is_open=is_open))
    header = {"Authorization": form.format(service.key("ann"))}
    for answer in (
        service.client().get("/v1/me", headers=header),
        service.client().post("/v1/clients", headers=header),
    ):
        problem = problem_of(answer)
        assert (problem["status"], answer.headers["www-authenticate"]) == (401, "Bearer")
        assert "Send `Authorization: Bearer <key>` with a key from" in problem["detail"]
    assert service.client().get("/healthz", headers=header).status_code == 200


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
    service = Service(tmp_path / "data", access=Access(is_open=True))
    assert service.client(service.key("ann")).get("/v1/me").json()["owner"] == "ann"
    assert service.client().get("/v1/me").json()["owner"] == "local"
    assert service.client("mak_x_y").get("/v1/me").status_code == 401
