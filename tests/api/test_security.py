"""Two owners apart on every route there is, and what a browser and a stranger are refused."""

import asyncio
import json
import logging
import secrets

import pytest
from fastapi.routing import iter_route_contexts

from api.access import rate_limits
from api.db import owners, sign_ins
from api.dependencies import Access
from api.monitoring.structured_logs import JsonFormatter, PlainFormatter, RequestLogMiddleware, redact_secrets
from api.sign_in_lifetime import SignInLifetime
from tests.api.service import Service, problem_of, tiny_clip
from tests.compare.results import result, three_reps
from tests.own_loop import in_a_loop

PUBLIC = {
    ("GET", "/healthz"), ("GET", "/readyz"), ("POST", "/v1/sign-ins"), ("GET", "/pair/{token}"),
    ("POST", "/pair/{token}"), ("GET", "/s/{token}"), ("GET", "/openapi.json"), ("GET", "/docs"),
    ("GET", "/docs/{name}"), ("GET", "/live-guide/files.json"), ("GET", "/live-guide/{hash}/{name}"),
}  # fmt: skip
BODIES = {
    ("PATCH", "/v1/analyses/{id}"): {"json": {"movement": "squat"}},
    ("POST", "/v1/clients"): {"json": {"name": "x"}},
    ("PATCH", "/v1/clients/{id}"): {"json": {"name": "taken over"}},
    ("POST", "/v1/sessions"): {"json": {"client": "x", "plan": "lift_hinge"}},
    ("PATCH", "/v1/sessions/{id}"): {"json": {"steps": [{"name": "first", "cue": "taken over"}]}},
    ("PATCH", "/v1/sign-ins/{id}"): {"json": {"name": "taken over"}},
    ("PUT", "/v1/analyses/{id}/marks"): {"json": {"baseline_level": 1}},
    ("PATCH", "/v1/uploads/{uuid}"): {"content": b"x", "headers": {"Upload-Offset": "0"}},
}
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


def routes(app):
    """(method, path) of everything that answers, whether it is documented or not."""
    for context in iter_route_contexts(app.routes):
        for method in sorted(context.methods or ()):
            if (method, context.path) != ("HEAD", "/openapi.json"):
                yield method, context.path


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A service with one of everything of ann's, and the ids of it by path."""
    service = Service(tmp_path_factory.mktemp("two") / "data", requests_per_minute=100_000)
    clip = tiny_clip(tmp_path_factory.mktemp("clip") / "squat.mp4").read_bytes()
    with service.client(service.key("ann")) as ann:
        client = ann.post("/v1/clients", json={"name": "Client"}).json()["id"]
        sent = ann.post("/v1/analyses", files={"clip": ("secret.mp4", clip)}, data={"client": client}).json()["id"]
        service.finish(sent, result(*three_reps()))
        share = ann.post(f"/v1/analyses/{sent}/shares").json()
        batch = ann.post("/v1/batches", files={"clips": ("secret.mp4", clip)}).json()["id"]
        steps = [{"name": "first", "analysis": sent, "note": "secret.mp4"}]
        body = {"client": client, "plan": "lift_hinge", "steps": steps}
        session = ann.post("/v1/sessions", json=body).json()["id"]
        upload = ann.post("/v1/uploads/", headers=TUS | {"Upload-Length": "10", "Content-Type": ""})
        upload_id = upload.headers["location"].rpartition("/")[2]
        with service.services.database.session() as opened:
            sign_ins.create(opened, owners.find_by_name(opened, "ann").id, "phone", SignInLifetime(7, 90))
        phone = ann.get("/v1/sign-ins").json()["items"][0]["id"]
        ids = {
            "/v1/analyses/{id}": {"id": sent, "share": share["id"]},
            "/v1/clients/{id}": {"id": client},
            "/v1/batches/{id}": {"id": batch},
            "/v1/sessions/{id}": {"id": session},
            "/v1/uploads/{uuid}": {"uuid": upload_id},
            "/v1/sign-ins/{id}": {"id": phone},
        }
        yield service, ann, service.client(service.key("bob")), ids


def filled(path, ids):
    """The path with ann's ids in it; a route of a new kind has to be added to `two`."""
    for start, values in ids.items():
        if path.startswith(start):
            return path.format(**values)
    raise AssertionError(f"{path}: no ids for it in this test; add one of ann's things and its ids")


def request(client, method, path, url):
    options = BODIES.get((method, path), {})
    headers = (TUS if "uploads" in path else {}) | options.get("headers", {})
    return client.request(method, url, **(options | {"headers": headers}))


def everything_of_ann(ann, ids):
    """What ann sees; must not change whatever others try."""
    analysis, client, batch, session = (
        ids[f"/v1/{noun}/{{id}}"]["id"] for noun in ("analyses", "clients", "batches", "sessions")
    )
    urls = [f"/v1/analyses/{analysis}", f"/v1/analyses/{analysis}/shares", f"/v1/analyses/{analysis}/marks",
            f"/v1/clients/{client}", f"/v1/batches/{batch}", f"/v1/sessions/{session}", "/v1/analyses",
            "/v1/clients", "/v1/batches", "/v1/sessions", "/v1/sign-ins"]  # fmt: skip
    head = ann.head(f"/v1/uploads/{ids['/v1/uploads/{uuid}']['uuid']}", headers={"Tus-Resumable": "1.0.0"})
    return [ann.get(url).json() for url in urls], head.headers["upload-offset"]


def test_there_are_routes_to_check(two):
    service, *_ = two
    assert len(list(routes(service.app))) > 45


def test_without_a_sign_in_nothing_but_the_public_is_answered(two, monkeypatch):
    service, _, _, ids = two
    stranger = service.client()
    # There are more routes than a stranger may try in a minute.
    monkeypatch.setattr(service.services.per_address, "take", lambda name: None)
    for method, path in routes(service.app):
        if (method, path) in PUBLIC:
            continue
        url = filled(path, ids) if "{" in path else path
        answer = request(stranger, method, path, url)
        assert answer.status_code == 401, (method, path, answer.status_code)


def test_other_owners_data_is_not_found_on_any_route(two):
    service, ann, bob, ids = two
    before = everything_of_ann(ann, ids)
    checked = 0
    for method, path in routes(service.app):
        if "{" not in path or (method, path) in PUBLIC:
            continue
        answer = request(bob, method, path, filled(path, ids))
        assert answer.status_code == 404, (method, path, answer.status_code, answer.text[:200])
        if method != "HEAD":
            problem_of(answer)
        checked += 1
    assert checked > 25
    assert everything_of_ann(ann, ids) == before


def test_other_owners_data_is_in_no_list_and_no_query(two):
    service, ann, bob, ids = two
    analysis, client, batch = (ids[f"/v1/{noun}/{{id}}"]["id"] for noun in ("analyses", "clients", "batches"))
    for method, path in routes(service.app):
        if method == "GET" and "{" not in path and (method, path) not in PUBLIC and path.startswith("/v1"):
            text = bob.get(path, params={"a": analysis, "b": analysis, "client": client, "batch": batch}).text
            assert not any(secret in text for secret in ("secret.mp4", "own_ann")), path
    assert bob.get("/v1/analyses", params={"client": client}).json()["items"] == []
    assert bob.get("/v1/analyses", params={"batch": batch}).json()["items"] == []
    assert problem_of(bob.get("/v1/compare", params={"a": analysis, "b": analysis}))["status"] == 404
    assert ann.get("/v1/analyses", params={"batch": batch}).json()["items"]


def test_a_cursor_of_another_owner_leads_to_nothing_of_theirs(two):
    _, ann, bob, _ = two
    cursor = ann.get("/v1/analyses?limit=1").json()["next_cursor"]
    assert cursor
    assert bob.get("/v1/analyses", params={"cursor": cursor}).json()["items"] == []


def test_public_routes_are_named_here(two):
    service, *_ = two
    assert set(routes(service.app)) >= PUBLIC


@pytest.mark.parametrize("path", ["/v1/me", "/healthz", "/nothing", "/v1/analyses/x", "/", "/pair/x", "/s/x"])
def test_every_answer_has_the_headers(two, path):
    _, ann, _, _ = two
    headers = ann.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors" in headers["content-security-policy"]
    assert headers["referrer-policy"]
    assert "camera=(self)" in headers["permissions-policy"]
    assert headers["x-request-id"]
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


def test_answers_of_the_api_are_not_stored(two):
    _, ann, _, _ = two
    assert ann.get("/v1/me").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_sites_change_nothing(two, headers):
    _, ann, _, _ = two
    for method, url in (("POST", "/v1/clients"), ("DELETE", "/v1/clients/x"), ("PUT", "/v1/analyses/x/marks"),
                        ("PATCH", "/v1/clients/x"), ("POST", "/pair/x"), ("POST", "/v1/uploads/")):  # fmt: skip
        answer = ann.request(method, url, headers=headers)
        assert answer.status_code == 403, (method, url)
        assert problem_of(answer)["type"] == "urn:problem:other-site"
    preflight = ann.options("/v1/clients", headers=headers | {"Access-Control-Request-Method": "POST"})
    assert "access-control-allow-origin" not in preflight.headers


@pytest.mark.parametrize("origin", ["http://localhost", "http://localhost:80", "http://LOCALHOST"])
def test_our_own_page_may(two, origin):
    _, ann, _, _ = two
    answer = ann.post("/v1/clients", json={"name": secrets.token_hex(4)}, headers={"Origin": origin})
    assert answer.status_code == 201


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.168.1.5:8000", "", "localhost@evil"])
def test_in_open_mode_only_local_names_are_answered(tmp_path, host):
    service = Service(tmp_path / "data", access=Access(is_open=True))
    answer = service.client().get("/v1/me", headers={"Host": host})
    assert answer.status_code == 421
    problem_of(answer)


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:1", "[::1]:8000", "LOCALHOST"])
def test_in_open_mode_this_machine_is_the_owner_local(tmp_path, host):
    service = Service(tmp_path / "data", access=Access(is_open=True))
    body = service.client().get("/v1/me", headers={"Host": host}).json()
    assert (body["owner"], body["auth"]) == ("local", "open")


def test_open_mode_is_not_served_through_a_proxy(tmp_path):
    service = Service(tmp_path / "data", access=Access(is_open=True))
    for header in ("X-Forwarded-For", "Forwarded", "X-Forwarded-Host"):
        assert service.client().get("/v1/me", headers={header: "1.2.3.4"}).status_code == 421


def test_requests_have_a_rate(tmp_path, monkeypatch):
    monkeypatch.setattr(rate_limits, "monotonic", lambda: 1000.0)
    service = Service(tmp_path / "data", requests_per_minute=5)
    ann, bob = service.client(service.key("ann")), service.client(service.key("bob"))
    assert [ann.get("/v1/me").status_code for _ in range(6)] == [200] * 5 + [429]
    answer = ann.get("/v1/me")
    assert int(answer.headers["retry-after"]) >= 1
    problem_of(answer)
    assert bob.get("/v1/me").status_code == 200


def test_wrong_keys_are_slowed_down(tmp_path, monkeypatch):
    monkeypatch.setattr(rate_limits, "monotonic", lambda: 1000.0)  # no refill while a slow machine sends its requests
    service = Service(tmp_path / "data")
    stranger = service.client()
    codes = [stranger.get("/v1/me", headers={"Authorization": f"Bearer mak_key_{i}_x"}).status_code for i in range(80)]
    assert codes[0] == 401
    assert codes[-1] == 429


def test_no_secret_is_logged(tmp_path, caplog):
    service = Service(tmp_path / "data")
    key = service.key("ann")
    lines = []

    class Keep(logging.Handler):
        def emit(self, record):
            if record.name != "httpx":  # of the test itself
                lines.append(JsonFormatter().format(record))

    keep = Keep(level=logging.DEBUG)
    logging.getLogger().addHandler(keep)
    caplog.set_level(logging.DEBUG)
    try:
        with service.client(key) as ann:
            ann.get("/v1/me?token=query-secret")
            ann.get("/s/share_00000000000000000000_link-secret")
            ann.get("/pair/pair_00000000000000000000_pair-secret")
            ann.post("/v1/sign-ins", json={"key": key})
            cookie = ann.cookies["analyzer_sign_in"]
    finally:
        logging.getLogger().removeHandler(keep)
    log_text = "\n".join(lines)
    assert '"path": "/v1/me"' in log_text
    for secret in (key, key.split("_", 2)[2], cookie, "query-secret", "link-secret", "pair-secret"):
        assert secret not in log_text


def test_log_lines_are_json_with_the_request(tmp_path, caplog):
    service = Service(tmp_path / "data")
    caplog.set_level(logging.INFO)
    with service.client(service.key("ann")) as ann:
        id = ann.get("/v1/me", headers={"X-Request-ID": "from-a-proxy-1"}).headers["x-request-id"]
    [record] = [one for one in caplog.records if one.name == "api.requests" and getattr(one, "path", "") == "/v1/me"]
    line = json.loads(JsonFormatter().format(record))
    assert id == "from-a-proxy-1"
    assert (line["method"], line["status"]) == ("GET", 200)
    assert line["owner"].startswith("own_")


def test_invalid_request_id_is_replaced(two):
    _, ann, _, _ = two
    for request_id in ("x", "a b c d e f g h", "é" * 10, "x" * 65):
        assert ann.get("/healthz", headers={"X-Request-ID": request_id.encode()}).headers["x-request-id"] != request_id


def test_passwords_in_addresses_are_hidden():
    assert redact_secrets("postgresql://me:hunter2@db/x") == "postgresql://me:***@db/x"
    assert redact_secrets("GET /s/share_1_abc") == "GET /s/***"
    assert "abc" not in redact_secrets("Authorization: Bearer abc")
    assert "abc" not in redact_secrets("got Bearer abc from")


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [("GET", "/nothing", 404), ("GET", "/v1/nothing", 404), ("PUT", "/v1/analyses", 405),
     ("POST", "/v1/movements", 405), ("GET", "/../../etc/passwd", 404), ("GET", "/%2e%2e/%2e%2e/etc/passwd", 404)],
)  # fmt: skip
def test_the_frameworks_own_errors_are_problems(two, method, url, status):
    _, ann, _, _ = two
    answer = ann.request(method, url)
    assert answer.status_code == status
    problem_of(answer)
    if status == 405:
        assert answer.headers["allow"]


def test_uncaught_error_is_a_problem_without_details(tmp_path, monkeypatch):
    service = Service(tmp_path / "data")
    monkeypatch.setattr("api.routes.account.load_movements", lambda: 1 / 0)
    with service.client(service.key("ann")) as ann:
        answer = ann.get("/v1/movements")
    assert answer.status_code == 500
    problem = problem_of(answer)
    assert problem["instance"] == answer.headers["x-request-id"]
    assert "division" not in answer.text


def test_control_characters_are_escaped_in_logs():
    record = logging.LogRecord("api", logging.WARNING, "", 0, "a\x9b31mb\x1b[2Jc\u202ed", None, None)
    line = JsonFormatter().format(record)
    assert json.loads(line)["message"] == "a\x9b31mb\x1b[2Jc\u202ed"
    for text in (line, PlainFormatter("%(message)s").format(record)):
        assert not any(c in text for c in "\x9b\x1b\u202e")


async def _cut_off(scope, receive, send):
    raise asyncio.CancelledError


def test_a_request_that_the_shutdown_cuts_off_is_a_problem():
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/analyses", "headers": [], "query_string": b""}
    with pytest.raises(asyncio.CancelledError):
        in_a_loop(RequestLogMiddleware(_cut_off)(scope, lambda: None, send))
    assert sent[0]["status"] == 503
    assert (b"retry-after", b"5") in sent[0]["headers"]
    assert json.loads(sent[1]["body"])["type"] == "urn:problem:restarting"
