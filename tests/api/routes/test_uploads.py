import base64
import json

import pytest

from api.uploads.resumable import repair_upload, uploads_folder
from tests.api.service import Service, problem_of

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = TUS | {"Content-Type": "application/offset+octet-stream"}


def start(client, size, name="squat.mp4", **headers):
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    return client.post(
        "/v1/uploads/", headers=TUS | {"Upload-Length": str(size), "Upload-Metadata": metadata} | headers
    )


def put(client, url, offset, data):
    return client.patch(url, content=data, headers=PIECE | {"Upload-Offset": str(offset)})


@pytest.fixture
def uploaded(ann, clip):
    url = start(ann, len(clip)).headers["location"]
    assert put(ann, url, 0, clip).status_code == 204
    return url.rpartition("/")[2]


def test_interrupted_upload_continues(service, ann, clip):
    answer = start(ann, len(clip))
    assert answer.status_code == 201
    url = answer.headers["location"]
    assert url.startswith("/v1/uploads/")
    assert put(ann, url, 0, clip[:100]).headers["upload-offset"] == "100"
    answer = ann.head(url, headers=TUS)
    assert (answer.headers["upload-offset"], answer.headers["upload-length"]) == ("100", str(len(clip)))
    assert put(ann, url, 100, clip[100:]).status_code == 204
    answer = ann.post("/v1/analyses", json={"upload": url.rpartition("/")[2], "movement": "squat", "load_kg": 60})
    assert answer.status_code == 202, answer.text
    assert answer.json()["clip"]["name"] == "squat.mp4"
    assert answer.json()["load_kg"] == 60
    assert [file for file in service.list_leftover_files() if not file.startswith("files/clips/")] == []


def test_a_variant_that_the_movement_does_not_have_is_refused_before_the_upload_is_used(ann, uploaded):
    body = {"upload": uploaded, "movement": "plank"}
    problem = problem_of(ann.post("/v1/analyses", json=body | {"variant": "sumo"}))
    assert (problem["status"], problem["type"]) == (422, "urn:problem:unknown-variant")
    assert ann.post("/v1/analyses", json=body | {"variant": "high"}).status_code == 202


def test_upload_is_used_once(ann, uploaded):
    headers = {"Idempotency-Key": "k"}
    first = ann.post("/v1/analyses", json={"upload": uploaded}, headers=headers)
    again = ann.post("/v1/analyses", json={"upload": uploaded}, headers=headers)
    assert again.json() == first.json()
    assert ann.post("/v1/analyses", json={"upload": uploaded}).status_code == 404


def test_an_upload_that_is_no_clip_is_removed(service, ann):
    url = start(ann, 5).headers["location"]
    put(ann, url, 0, b"hello")
    answer = ann.post("/v1/analyses", json={"upload": url.rpartition("/")[2]})
    assert problem_of(answer)["type"] == "urn:problem:clip-refused"
    assert service.list_leftover_files() == []


def test_half_an_upload_is_not_taken(ann, clip):
    url = start(ann, len(clip)).headers["location"]
    put(ann, url, 0, clip[:10])
    answer = ann.post("/v1/analyses", json={"upload": url.rpartition("/")[2]})
    assert answer.status_code == 409
    assert f"10 of {len(clip)}" in problem_of(answer)["detail"]


def test_a_refusal_for_other_reasons_keeps_the_upload(ann, uploaded):
    assert ann.post("/v1/analyses", json={"upload": uploaded, "client": "cli_00000000000000000000"}).status_code == 404
    assert ann.post("/v1/analyses", json={"upload": uploaded}).status_code == 202


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
def test_an_upload_of_another_owner_is_not_there(service, ann, bob, clip, method):
    url = start(ann, len(clip)).headers["location"]
    headers = PIECE | {"Upload-Offset": "0"}
    assert bob.request(method, url, headers=headers, content=b"x" if method == "PATCH" else None).status_code == 404
    assert service.client().request(method, url, headers=headers).status_code == 401
    assert ann.head(url, headers=TUS).headers["upload-offset"] == "0"
    assert bob.post("/v1/analyses", json={"upload": url.rpartition("/")[2]}).status_code == 404


@pytest.mark.parametrize(
    "id", ["..%2f..%2fanalyzer.sqlite", "%2e%2e", ".locks", "x.info", "0" * 31, "0" * 33, "0" * 32 + ".info", "A" * 32]
)
@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
def test_an_id_leads_nowhere(ann, id, method):
    answer = ann.request(method, f"/v1/uploads/{id}", headers=PIECE | {"Upload-Offset": "0"})
    assert answer.status_code in (404, 405)


def test_sizes_have_limits(tmp_path):
    service = Service(tmp_path / "data", max_upload_bytes=1000)
    with service.client(service.key("ann")) as ann:
        assert problem_of(start(ann, 1001))["status"] == 413
        assert problem_of(start(ann, 0))["status"] == 422
        assert problem_of(start(ann, -5))["status"] == 422
        assert problem_of(ann.post("/v1/uploads/", headers=TUS))["status"] == 400
        url = start(ann, 10).headers["location"]
        assert put(ann, url, 0, b"x" * 11).status_code == 400
        assert put(ann, url, 0, b"x" * 10).status_code == 204
        for _ in range(30):
            answer = start(ann, 10)
        assert problem_of(answer)["type"] == "urn:problem:too-many-uploads"


def test_unsupported_extensions_are_refused(ann):
    assert problem_of(start(ann, 5, **{"Upload-Concat": "partial"}))["type"] == "urn:problem:not-offered"
    assert problem_of(ann.post("/v1/uploads/", headers=TUS | {"Upload-Length": "5"}, content=b"hello"))["status"] == 400
    answer = ann.options("/v1/uploads/", headers=TUS)
    assert answer.headers["tus-extension"] == "creation,creation-defer-length,expiration,termination"
    assert ann.post("/v1/uploads/", headers={"Upload-Length": "5"}).status_code == 412


def test_method_override_headers_are_ignored(ann, clip):
    url = start(ann, len(clip)).headers["location"]
    assert ann.get(url, headers=TUS | {"X-HTTP-Method-Override": "DELETE"}).status_code in (404, 405)
    assert ann.head(url, headers=TUS).status_code == 200


def test_a_piece_at_another_place_is_refused(ann, clip):
    url = start(ann, len(clip)).headers["location"]
    put(ann, url, 0, clip[:50])
    problem = problem_of(put(ann, url, 10, clip[10:]))
    assert (problem["status"], problem["type"]) == (409, "urn:problem:offset-mismatch")
    assert problem["detail"] == "50 bytes have arrived. Continue from there."
    assert put(ann, url, 50, clip[50:]).status_code == 204


@pytest.mark.parametrize("offset", [None, "", "-1", "+0", "x"])
@pytest.mark.parametrize("is_deferred", [False, True])
def test_a_piece_without_a_valid_offset_is_refused(ann, is_deferred, offset):
    url = start_deferred(ann) if is_deferred else start(ann, 100).headers["location"]
    headers = PIECE | ({} if offset is None else {"Upload-Offset": offset})
    problem = problem_of(ann.patch(url, content=b"hello", headers=headers))
    assert (problem["status"], problem["detail"]) == (400, "Upload-Offset: send the offset that HEAD returns.")
    assert ann.head(url, headers=TUS).headers["upload-offset"] == "0"


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Content-Type", "application/json", 415),
        ("Content-Type", "application/offset+octet-stream; charset=utf-8", 415),
        ("Content-Type", None, 415),
        ("Tus-Resumable", "0.2.2", 412),
        ("Tus-Resumable", None, 412),
    ],
)
@pytest.mark.parametrize("is_deferred", [False, True])
def test_a_piece_of_another_type_or_version_is_not_stored(ann, is_deferred, header, value, status):
    url = start_deferred(ann) if is_deferred else start(ann, 100_000).headers["location"]
    put(ann, url, 0, b"x" * 5)
    headers = PIECE | {"Upload-Offset": "5"} | ({"Upload-Length": "25"} if is_deferred else {})
    del headers[header]
    answer = ann.patch(url, content=b"x" * 20, headers=headers | ({header: value} if value else {}))
    assert problem_of(answer)["status"] == status
    assert PIECE[header] in problem_of(answer)["detail"]
    head = ann.head(url, headers=TUS).headers
    assert (head["upload-offset"], head.get("upload-length")) == ("5", None if is_deferred else "100000")


def test_after_a_crash_the_offset_is_what_is_on_disk(service, ann, clip):
    """The bytes of a piece are written before they are recorded; a kill between the two must not double them."""
    url = start(ann, len(clip)).headers["location"]
    id = url.rpartition("/")[2]
    put(ann, url, 0, clip[:50])
    [folder] = service.services.uploads.iterdir()
    with (folder / id).open("ab") as file:
        file.write(clip[50:80])
    assert ann.head(url, headers=TUS).headers["upload-offset"] == "80"
    assert put(ann, url, 80, clip[80:]).status_code == 204
    assert (folder / id).read_bytes() == clip


def test_repair_truncates_bytes_beyond_the_end(tmp_path):
    id = "0" * 32
    (tmp_path / id).write_bytes(b"0123456789")
    (tmp_path / f"{id}.info").write_text(json.dumps({"size": 6, "offset": 3, "metadata": {}}))
    repair_upload(tmp_path, id)
    assert (tmp_path / id).read_bytes() == b"012345"
    assert json.loads((tmp_path / f"{id}.info").read_text())["offset"] == 6


def test_old_uploads_go(service, ann, clip):
    import os
    import time

    from api.uploads.resumable import sweep_uploads

    old, new = (start(ann, len(clip)).headers["location"].rpartition("/")[2] for _ in range(2))
    [folder] = service.services.uploads.iterdir()
    for path in folder.glob(f"{old}*"):
        os.utime(path, (time.time() - 6 * 86400,) * 2)
    sweep_uploads(service.services)
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == [new, f"{new}.info"]
    assert uploads_folder(service.services, folder.name) == folder


def test_deleting_an_upload_removes_all_its_files(service, ann, clip):
    url = start(ann, len(clip)).headers["location"]
    assert ann.delete(url, headers=TUS).status_code == 204
    assert service.list_leftover_files() == []
    assert ann.head(url, headers=TUS).status_code == 404


def test_a_piece_cannot_change_the_size(service, ann):
    url = start(ann, 5).headers["location"]
    answer = ann.patch(url, content=b"hello world", headers=PIECE | {"Upload-Offset": "0", "Upload-Length": "500000"})
    assert problem_of(answer)["status"] == 400
    assert ann.head(url, headers=TUS).headers["upload-length"] == "5"


def start_deferred(client, **headers):
    metadata = f"filename {base64.b64encode(b'squat.mp4').decode()}"
    answer = client.post(
        "/v1/uploads/", headers=TUS | {"Upload-Defer-Length": "1", "Upload-Metadata": metadata} | headers
    )
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def put_last(client, url, offset, data, length):
    headers = PIECE | {"Upload-Offset": str(offset), "Upload-Length": str(length)}
    return client.patch(url, content=data, headers=headers)


def test_the_length_may_come_with_the_last_piece(service, ann, clip):
    url = start_deferred(ann)
    id = url.rpartition("/")[2]
    assert put(ann, url, 0, clip[:100]).status_code == 204
    head = ann.head(url, headers=TUS)
    assert (head.headers["upload-offset"], head.headers["upload-defer-length"]) == ("100", "1")
    assert "upload-length" not in head.headers
    answer = ann.post("/v1/analyses", json={"upload": id})
    assert answer.status_code == 409
    assert "100 bytes have arrived" in problem_of(answer)["detail"]
    assert put_last(ann, url, 100, clip[100:], len(clip)).status_code == 204
    head = ann.head(url, headers=TUS)
    assert (head.headers["upload-offset"], head.headers["upload-length"]) == (str(len(clip)),) * 2
    assert "upload-defer-length" not in head.headers
    answer = ann.post("/v1/analyses", json={"upload": id})
    assert answer.status_code == 202, answer.text
    assert answer.json()["clip"]["size_bytes"] == len(clip)


def test_the_length_may_come_without_bytes_and_again(ann, clip):
    url = start_deferred(ann)
    assert put(ann, url, 0, clip).status_code == 204
    for _ in range(2):  # the answer to the first may be lost
        assert put_last(ann, url, len(clip), b"", len(clip)).status_code == 204
    assert ann.post("/v1/analyses", json={"upload": url.rpartition("/")[2]}).status_code == 202


def test_the_length_may_come_without_a_body_and_its_length_header(ann, clip):
    url = start_deferred(ann)
    assert put(ann, url, 0, clip).status_code == 204
    headers = PIECE | {"Upload-Offset": str(len(clip)), "Upload-Length": str(len(clip))}
    request = ann.build_request("PATCH", url, headers=headers)
    del request.headers["Content-Length"]  # as curl -X PATCH sends it
    answer = ann.send(request)
    assert answer.status_code == 204, answer.text
    assert ann.head(url, headers=TUS).headers["upload-length"] == str(len(clip))


def test_a_piece_may_come_without_its_length(ann):
    url = start(ann, 10).headers["location"]
    assert put(ann, url, 0, iter([b"hel", b"lo"])).status_code == 204
    assert put(ann, url, 5, iter([b"hello!"])).status_code == 400
    assert ann.head(url, headers=TUS).headers["upload-offset"] == "5"


@pytest.mark.parametrize(
    ("length", "status"),
    [("9", 422), ("0", 422), ("1001", 413), ("-5", 400), ("+12", 400), ("1e2", 400), ("", 400), ("9" * 400, 400)],
)
def test_a_deferred_length_is_checked_before_bytes_are_written(tmp_path, length, status):
    service = Service(tmp_path / "data", max_upload_bytes=1000)
    with service.client(service.key("ann")) as ann:
        url = start_deferred(ann)
        put(ann, url, 0, b"x" * 10)
        assert problem_of(put_last(ann, url, 10, b"y" * 5, length))["status"] == status
        head = ann.head(url, headers=TUS)
        assert (head.headers["upload-offset"], head.headers.get("upload-defer-length")) == ("10", "1")


def test_a_deferred_length_is_set_once_and_then_limits_the_upload(ann):
    url = start_deferred(ann)
    put(ann, url, 0, b"hello")
    assert put_last(ann, url, 3, b"", 8).status_code == 409  # at another offset
    assert "upload-length" not in ann.head(url, headers=TUS).headers
    assert put_last(ann, url, 5, b" w", 8).status_code == 204
    for length in (7, 9, 500_000):
        assert problem_of(put_last(ann, url, 7, b"o", length))["type"] == "urn:problem:not-offered"
    assert put(ann, url, 7, b"orld").status_code == 400
    assert ann.head(url, headers=TUS).headers["upload-length"] == "8"


def test_a_first_piece_longer_than_its_length_is_refused(ann):
    url = start_deferred(ann)
    problem = problem_of(put_last(ann, url, 0, b"x" * 50, 10))
    assert (problem["status"], problem["detail"]) == (
        400,
        "0 of 10 bytes have arrived, and this piece has 50. Send at most the rest.",
    )
    head = ann.head(url, headers=TUS).headers
    assert (head["upload-offset"], head.get("upload-length")) == ("0", None)


def test_limits_hold_while_bytes_of_a_deferred_upload_arrive(tmp_path):
    service = Service(tmp_path / "data", max_upload_bytes=1000, max_storage_bytes_per_owner=1500)
    with service.client(service.key("ann")) as ann:
        url = start_deferred(ann)
        assert put(ann, url, 0, b"x" * 900).status_code == 204
        assert put(ann, url, 900, b"x" * 101).status_code == 413
        assert int(ann.head(url, headers=TUS).headers["upload-offset"]) <= 1000


def test_the_owners_limit_holds_while_bytes_of_a_deferred_upload_arrive(tmp_path):
    service = Service(tmp_path / "data", max_storage_bytes_per_owner=100)
    with service.client(service.key("ann")) as ann:
        url = start_deferred(ann)
        assert put(ann, url, 0, b"x" * 100).status_code == 204
        assert problem_of(put(ann, url, 100, b"x"))["type"] == "urn:problem:storage-full"


@pytest.mark.parametrize(
    "headers", [{"Upload-Length": "5"}, {"Upload-Defer-Length": "0"}, {"Upload-Defer-Length": "x"}], ids=str
)
def test_a_length_is_given_or_deferred_not_both(ann, headers):
    answer = ann.post("/v1/uploads/", headers=TUS | {"Upload-Defer-Length": "1"} | headers)
    assert answer.status_code in (400, 422), answer.text


def test_old_deferred_uploads_go_and_count_as_unfinished(service, ann):
    import os
    import time

    from api.uploads.resumable import sweep_uploads

    for _ in range(20):
        url = start_deferred(ann)
    assert ann.post("/v1/uploads/", headers=TUS | {"Upload-Defer-Length": "1"}).status_code == 429
    put(ann, url, 0, b"hello")
    [folder] = service.services.uploads.iterdir()
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - 6 * 86400,) * 2)
    sweep_uploads(service.services)
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert ann.head(url, headers=TUS).status_code == 404
