import hashlib
import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from api.db import owners
from tests.api.service import METRICS_KEY, Service, problem_of
from tests.own_loop import in_a_loop


def send(caller, clip, name="squat.mp4", headers=None, **fields):
    return caller.post("/v1/analyses", files={"clip": (name, clip)}, data=fields, headers=headers)


def test_one_file_is_enough(service, ann, clip):
    answer = send(ann, clip)
    assert answer.status_code == 202
    body = answer.json()
    assert body["status"] == "queued"
    assert body["movement"] == "auto"
    assert body["clip"] == {
        "name": "squat.mp4", "sha256": hashlib.sha256(clip).hexdigest(), "size_bytes": len(clip), "duration_s": None,
        "recorded_at": None,
    }  # fmt: skip
    assert answer.headers["location"] == f"/v1/analyses/{body['id']}" == body["links"]["self"]
    assert service.jobs.calls == [("submit", body["id"], 1)]
    assert ann.get(body["links"]["self"]).json() == body
    [stored] = service.list_leftover_files()
    assert stored.startswith("files/clips/own_")


def test_all_fields_are_stored(ann, clip):
    fields = {"movement": "hinge", "variant": "sumo", "load_kg": "60", "height_cm": "178", "client": "Ann B",
              "note": "after the cue", "recorded_at": "2026-03-01T10:00:00Z", "subject": "320,240"}  # fmt: skip
    body = send(ann, clip, **fields).json()
    assert (body["movement"], body["variant"], body["load_kg"], body["height_cm"]) == ("hinge", "sumo", 60, 178)
    assert body["note"] == "after the cue"
    assert body["subject"] == "320,240"
    assert body["clip"]["recorded_at"].startswith("2026-03-01T10:00:00")
    [client] = ann.get("/v1/clients").json()["items"]
    assert (client["id"], client["name"]) == (body["client"], "Ann B")
    assert send(ann, clip, client="Ann B").json()["client"] == client["id"]
    assert len(ann.get("/v1/clients").json()["items"]) == 1


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"movement": "moonwalk"}, "body.movement"),
        ({"load_kg": "-1"}, "body.load_kg"),
        ({"load_kg": "nan"}, "body.load_kg"),
        ({"subject": "her"}, "body.subject"),
        ({"movment": "hinge"}, "body.movment"),
        ({"note": "a\x00b"}, "body.note"),
        ({"movement": "plank", "variant": "sumo"}, "body.variant"),
        ({"variant": "blah"}, "body.variant"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(service, ann, clip, fields, where):
    answer = send(ann, clip, **fields)
    assert answer.status_code == 422
    assert problem_of(answer)["errors"][0]["where"] == where
    assert service.list_leftover_files() == []


def test_a_variant_that_the_movement_does_not_have_is_refused_with_its_choices(ann, clip):
    problem = problem_of(send(ann, clip, movement="plank", variant="sumo"))
    assert (problem["status"], problem["type"]) == (422, "urn:problem:unknown-variant")
    assert problem["detail"] == "body.variant: is not a variant of plank; choose forearm, high."
    assert send(ann, clip, variant="sumo").status_code == 202  # the movement is recognised later


def test_other_files_are_refused_with_a_reason_and_not_stored(service, ann):
    answer = send(ann, b"ffconcat version 1.0\nfile /etc/passwd\n", "clip.mp4")
    assert answer.status_code == 422
    assert "clip.mp4: is a playlist that names other files" in problem_of(answer)["detail"]
    assert service.list_leftover_files() == []
    assert ann.get("/v1/analyses").json()["items"] == []


def test_an_animated_gif_is_a_clip_and_a_still_one_is_not(service, ann):
    images = [Image.new("L", (8, 8), level) for level in (0, 255)]
    still, film = io.BytesIO(), io.BytesIO()
    images[0].save(still, "GIF")
    images[0].save(film, "GIF", save_all=True, append_images=images[1:], duration=100)
    answer = send(ann, still.getvalue(), "me.gif")
    assert answer.status_code == 422
    assert "me.gif: is a picture, not a video" in problem_of(answer)["detail"]
    assert service.list_leftover_files() == []
    assert send(ann, film.getvalue(), "me.mp4").status_code == 202
    [stored] = service.list_leftover_files()
    assert stored.endswith(".gif")


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..\\..\\boot.ini", "a/b/c.mp4", "x" * 500 + ".mp4", ".", "", 'a"b\r\n.mp4', "клип.mp4"],
)
def test_a_name_leads_nowhere(service, ann, clip, name):
    answer = send(ann, clip, name or "clip.mp4")
    shown = answer.json()["clip"]["name"]
    assert shown
    assert len(shown) <= 120
    assert not set(shown) & set('/\\"\r\n')
    [stored] = service.list_leftover_files()
    assert stored.startswith("files/clips/own_")
    assert ".." not in stored


def test_a_clip_that_is_too_large_is_refused_as_soon_as_it_is(tmp_path, clip):
    service = Service(tmp_path / "small", max_upload_bytes=1000)
    with service.client(service.key("ann")) as ann:
        answer = send(ann, clip)
        assert answer.status_code == 413
        assert "shorter clip" in problem_of(answer)["detail"]
        assert service.list_leftover_files() == []


def test_other_bodies_are_small(tmp_path):
    service = Service(tmp_path / "data")
    with service.client(service.key("ann")) as ann:
        for url in ("/v1/clients", "/v1/analyses"):
            body = b"{" + b" " * 1_100_000
            answer = ann.post(url, content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code == 413
            assert problem_of(answer)["type"] == "urn:problem:too-large"


@pytest.mark.parametrize("cut", [10, 200, -10])
def test_a_body_that_is_cut_leaves_nothing(service, ann, clip, cut):
    whole = b'--b\r\nContent-Disposition: form-data; name="clip"; filename="a.mp4"\r\n\r\n' + clip + b"\r\n--b--\r\n"
    answer = ann.post("/v1/analyses", content=whole[:cut], headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code in (400, 422)
    problem_of(answer)
    assert service.list_leftover_files() == []


def test_the_same_key_and_body_are_one_analysis(service, ann, clip):
    first = send(ann, clip, headers={"Idempotency-Key": "k1"}, load_kg="60")
    again = send(ann, clip, headers={"Idempotency-Key": "k1"}, load_kg="60")
    assert again.status_code == 202
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert len(service.jobs.calls) == 1
    assert len(service.list_leftover_files()) == 1


def test_the_same_key_with_another_body_is_refused(ann, bob, clip):
    send(ann, clip, headers={"Idempotency-Key": "k1"})
    answer = send(ann, clip, headers={"Idempotency-Key": "k1"}, load_kg="60")
    assert answer.status_code == 422
    assert problem_of(answer)["type"] == "urn:problem:key-used"
    assert send(bob, clip, headers={"Idempotency-Key": "k1"}).status_code == 202


def test_the_same_key_at_the_same_time_is_one_analysis(service, ann, clip):
    """What a phone does that asks again before it was answered."""
    headers = {"Idempotency-Key": "k1"}
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: send(ann, clip, headers=headers), range(6)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(service.jobs.calls) == 1
    assert len(service.list_leftover_files()) == 1


def test_the_queue_of_an_owner_has_an_end(tmp_path, clip):
    service = Service(tmp_path / "data", max_queued_per_owner=2)
    with service.client(service.key("ann")) as ann:
        assert [send(ann, clip).status_code for _ in range(3)] == [202, 202, 429]
        answer = send(ann, clip)
        assert int(answer.headers["retry-after"]) > 0
        assert problem_of(answer)["type"] == "urn:problem:queue-full"
        assert send(service.client(service.key("bob")), clip).status_code == 202


def test_lists_go_on_by_cursor(ann, clip):
    ids = [send(ann, clip).json()["id"] for _ in range(5)]
    listed, url = [], "/v1/analyses?limit=2"
    while url:
        answer = ann.get(url)
        listed += [one["id"] for one in answer.json()["items"]]
        assert len(answer.json()["items"]) <= 2
        url = answer.links.get("next", {}).get("url")
    assert listed == ids[::-1]
    assert ann.get("/v1/analyses?status=done").json()["items"] == []
    assert len(ann.get("/v1/analyses?status=queued&movement=auto").json()["items"]) == 5


def test_invalid_cursor_is_refused(ann):
    for cursor in ("!!!", "x", "%00", "AAAA", "a" * 200):
        assert problem_of(ann.get(f"/v1/analyses?cursor={cursor}"))["status"] == 422


def test_waiting_ends_with_the_analysis(service, ann, sent):
    def later():
        time.sleep(0.6)
        service.finish(sent)

    began = time.monotonic()
    threading.Thread(target=later).start()
    answer = ann.get(f"/v1/analyses/{sent}?wait=20")
    assert answer.json()["status"] == "done"
    assert 0.5 < time.monotonic() - began < 15
    assert ann.get(f"/v1/analyses/{sent}?wait=61").status_code == 422


def test_waiting_ends_with_the_time(ann, clip):
    began = time.monotonic()
    answer = ann.post("/v1/analyses?wait=0.7", files={"clip": ("a.mp4", clip)})
    assert answer.json()["status"] == "queued"
    assert 0.6 < time.monotonic() - began < 60


def test_cancel_reaches_the_job_queue(service, ann, sent):
    assert ann.post(f"/v1/analyses/{sent}/cancel").json()["status"] == "cancelled"
    assert ("cancel", sent) in service.jobs.calls
    assert ann.post(f"/v1/analyses/{sent}/cancel").json()["status"] == "cancelled"


def test_what_is_done_is_not_cancelled(service, ann, sent):
    service.finish(sent)
    assert problem_of(ann.post(f"/v1/analyses/{sent}/cancel"))["status"] == 409


def test_deleting_leaves_nothing(service, ann, sent):
    service.finish(sent)
    assert ann.delete(f"/v1/analyses/{sent}").status_code == 204
    assert ann.get(f"/v1/analyses/{sent}").status_code == 404
    assert service.list_leftover_files() == []
    assert ("forget", sent) in service.jobs.calls
    assert ann.delete(f"/v1/analyses/{sent}").status_code == 404


def test_other_bodies_are_not_taken(ann):
    answer = ann.post("/v1/analyses", content=b"x", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    problem_of(answer)
    answer = ann.post("/v1/analyses", files={"video": ("a.mp4", b"x")})
    assert answer.status_code == 422
    assert "clip" in problem_of(answer)["detail"]


@pytest.mark.parametrize("url", ["/v1/clients", "/v1/sign-ins", "/v1/analyses/x/marks"])
def test_what_is_read_into_memory_is_small_whatever_it_says_it_is(tmp_path, url):
    service = Service(tmp_path / "data")
    ann = service.client(service.key("ann"))
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    method = "PUT" if url.endswith("marks") else "POST"
    for body in (b"x" * 1_100_000, iter([b"x" * 600_000] * 2)):  # with its length, and without
        answer = ann.request(method, url, content=body, headers=headers)
        assert answer.status_code == 413, answer.text
        assert problem_of(answer)["type"] == "urn:problem:too-large"


@pytest.mark.parametrize("url", ["/v1/clients", "/v1/analyses", "/v1/uploads/x", "/nothing"])
def test_the_body_of_a_stranger_is_not_read(tmp_path, url):
    headers = {"Content-Length": "900", "Content-Type": "application/json"}
    service = Service(tmp_path / "data")
    messages = []

    async def receive():
        pytest.fail("the body was read")

    async def send(message):
        messages.append(message)

    scope = {"type": "http", "method": "POST", "path": url, "raw_path": url.encode(), "query_string": b"",
             "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
             "client": ("192.0.2.7", 1), "server": ("localhost", 80), "scheme": "http",
             "http_version": "1.1"}  # fmt: skip
    in_a_loop(service.app(scope, receive, send))
    assert messages[0]["status"] == 401
    assert (b"connection", b"close") in messages[0]["headers"]


@pytest.mark.parametrize(
    ("given", "stored"),
    [("2026-03-01T10:00:00", "2026-03-01T10:00:00Z"), ("2026-03-01T01:00:00+02:00", "2026-02-28T23:00:00Z")],
)
def test_filming_time_is_stored_in_utc(any_service, clip, given, stored):
    with any_service.client(any_service.key("ann")) as ann:
        answer = send(ann, clip, recorded_at=given)
        assert answer.status_code == 202, answer.text
        assert ann.get(answer.headers["location"]).json()["clip"]["recorded_at"] == stored


def test_clip_that_came_as_text_is_explained(ann):
    for path, name in (("analyses", "clip"), ("batches", "clips")):
        problem = problem_of(ann.post(f"/v1/{path}", files={name: (None, "squat.mp4")}))
        assert (problem["status"], problem["type"]) == (422, "urn:problem:no-clip")
        assert "has to be a file" in problem["detail"]
        assert f"curl -F {name}=@squat.mp4" in problem["detail"]


@pytest.mark.parametrize("kind", [None, "application/x-www-form-urlencoded", "text/plain"])
def test_body_that_is_not_declared_as_json_is_refused(ann, sent, kind):
    headers = {"Content-Type": kind} if kind else {}
    for method, path in (("PATCH", f"analyses/{sent}"), ("POST", "clients")):
        problem = problem_of(ann.request(method, f"/v1/{path}", content=b'{"name": "Ann"}', headers=headers))
        assert (problem["status"], problem["type"]) == (415, "urn:problem:unsupported-media-type")
        assert "Content-Type: application/json" in problem["detail"]


def test_body_that_is_declared_as_json_is_read(ann, sent):
    for kind in ("application/json; charset=utf-8", "application/merge-patch+json"):
        headers = {"Content-Type": kind}
        assert ann.patch(f"/v1/analyses/{sent}", content=b'{"note": "x"}', headers=headers).status_code == 200
        problem = problem_of(ann.patch(f"/v1/analyses/{sent}", content=b"[]", headers=headers))
        assert (problem["status"], problem["errors"][0]["where"]) == (422, "body")
    assert problem_of(ann.patch(f"/v1/analyses/{sent}"))["status"] == 422  # there is no body


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("analyses?client=Anna", "query.client: is not an id; give the id of a client (cli_...), from GET /v1/clients"),
        ("analyses?client=cli_zz", "query.client: is not an id"),
        ("analyses?client=", "query.client: is not an id"),
        ("sessions?client=Anna", "query.client: is not an id"),
        ("analyses?batch=bat_zz", "query.batch: is not an id; give the id of a batch (bat_...), from GET /v1/batches"),
        ("analyses?batch=cli_00000000000000000000", "query.batch: is not an id"),
        ("analyses?movement=foo", "query.movement: is not a known movement; choose auto or one of "),
    ],
)
def test_filter_that_can_find_nothing_is_refused(ann, query, detail):
    problem = problem_of(ann.get(f"/v1/{query}"))
    assert problem["status"] == 422
    assert problem["detail"].startswith(detail)


def test_filters_of_what_may_exist_are_answered(ann):
    for query in (
        "analyses?client=cli_00000000000000000000",
        "sessions?client=cli_00000000000000000000",
        "analyses?batch=bat_00000000000000000000",
        "analyses?movement=plank",
        "analyses?movement=unknown",
        "analyses?movement=auto",
    ):
        assert ann.get(f"/v1/{query}").json()["items"] == []


@pytest.mark.parametrize("given", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "0001-01-02T00:00:00Z"])
def test_a_time_that_no_clip_is_from_is_refused(any_service, clip, given):
    with any_service.client(any_service.key("ann")) as ann:
        answer = send(ann, clip, recorded_at=given)
        assert problem_of(answer)["errors"][0]["where"] == "body.recorded_at"
        assert any_service.list_leftover_files() == []


def test_what_no_database_takes_is_refused(any_service, clip):
    with any_service.client(any_service.key("ann")) as ann:
        for field in ("variant", "note", "client"):
            assert problem_of(send(ann, clip, **{field: "a\x00b"}))["errors"][0]["where"] == f"body.{field}"
        for url in ("/v1/analyses/a%00", "/v1/analyses/a%00/result", "/v1/clients/a%00/timeline", "/v1/batches/%00"):
            assert problem_of(ann.get(url))["status"] == 404
        for url in ("/v1/analyses?client=a%00", "/v1/analyses?batch=%00", "/v1/analyses?movement=%00",
                    "/v1/compare?a=a%00&b=b"):  # fmt: skip
            assert problem_of(ann.get(url))["status"] == 422
        for key in ("mak_a\0_b", "mak_\ud800_b"):
            body = json.dumps({"key": key}).encode()
            answer = ann.post("/v1/sign-ins", content=body, headers={"Content-Type": "application/json"})
            assert problem_of(answer)["status"] == 422
        assert problem_of(ann.get("/v1/analyses?client=a%2500"))["status"] == 422


def test_unreachable_job_store_does_not_block_requests(service, ann, clip, monkeypatch):
    def away(*_):
        raise ConnectionError("the job store")

    for call in ("submit", "submit_remeasure", "cancel", "forget"):
        monkeypatch.setattr(service.jobs, call, away)
    first, second = (send(ann, clip).json()["links"] for _ in range(2))
    batch = ann.post("/v1/batches", files={"clips": ("a.mp4", clip)}).json()
    assert ann.post(first["cancel"]).json()["status"] == "cancelled"
    assert ann.post(batch["links"]["cancel"]).json()["counts"]["cancelled"] == 1
    service.finish(second["self"].rpartition("/")[2])
    assert ann.put(second["marks"], json={"baseline_level": 1}).json()["marks_pending"] is True
    assert ann.delete(first["self"]).status_code == 204


def test_a_client_who_is_deleted_meanwhile_is_not_found(any_service, clip, monkeypatch):
    with any_service.client(any_service.key("ann")) as ann:
        client = ann.post("/v1/clients", json={"name": "Carla"}).json()
        put = any_service.services.files.put

        def put_and_delete(local, key):
            put(local, key)
            assert ann.delete(client["links"]["self"]).status_code == 204

        monkeypatch.setattr(any_service.services.files, "put", put_and_delete)
        assert problem_of(send(ann, clip, client=client["id"]))["status"] == 404
        assert any_service.list_leftover_files() == []


def test_readers_do_not_wait_for_writers(service, ann, clip, sent):
    """SQLite lets one write at a time: what only reads must not queue up there."""
    service.finish(sent)
    client = ann.post("/v1/clients", json={"name": "Carla"}).json()["links"]
    batch = ann.post("/v1/batches", files={"clips": ("a.mp4", clip)}).json()["links"]
    shared = ann.post(f"/v1/analyses/{sent}/shares").json()["url"]
    own = f"/v1/analyses/{sent}"
    urls = ["/v1/me", "/v1/analyses", own, f"{own}/marks", f"{own}/shares", f"{own}/report", "/v1/clients",
            client["self"], client["timeline"], client["export"], "/v1/batches", batch["self"], batch["summary"],
            "/readyz", "/s/" + shared.rpartition("/")[2]]  # fmt: skip
    with service.services.database.session() as writer:
        owners.create(writer, "bob")
        began = time.monotonic()
        for url in urls:
            assert ann.get(url).status_code == (503 if url == "/readyz" else 200), url
        assert service.client(METRICS_KEY).get("/metrics").status_code == 200
        stranger = service.client("mak_00000000000000000000_x")
        assert stranger.get("/v1/me").status_code == 401
        assert stranger.post("/v1/sign-ins", json={"key": "mak_0_x"}).status_code == 401
        assert time.monotonic() - began < 28
