import csv
import io
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from openpyxl import load_workbook

from api.batch import summary_table as table
from api.db import analyses
from api.db.models import AnalysisRow, Batch
from api.untrusted_files import zip_intake as zips
from api.uploads import batch_intake
from api.uploads.clip_intake import accept_clip
from tests.api.service import Service, problem_of
from tests.compare.results import rep, result


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", method) as opened:
        for name, content in members:
            opened.writestr(name, content)
    return body.getvalue()


def send(caller, *files, headers=None, **fields):
    return caller.post("/v1/batches", files=[("clips", file) for file in files], data=fields, headers=headers)


def test_several_clips_are_one_batch(service, ann, clip):
    answer = send(ann, ("a.mp4", clip), ("b.mp4", clip), ("notes.txt", b"hello"), name="monday", movement="squat")
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert (body["name"], body["total"], body["counts"]["queued"]) == ("monday", 3, 2)
    [refused] = body["refused"]
    assert refused["file"] == "notes.txt"
    assert refused["text"].startswith("notes.txt: is a text file")
    assert body["counts"]["refused"] == 1
    assert sum(body["counts"].values()) == body["total"]
    first = analyses.BATCH_PRIORITY
    assert [call[2] for call in service.jobs.calls] == [first, first + 1]
    rows = ann.get(body["links"]["analyses"]).json()["items"]
    assert {row["clip"]["name"] for row in rows} == {"a.mp4", "b.mp4"}
    assert {row["movement"] for row in rows} == {"squat"}
    assert ann.get(body["links"]["self"]).json() == body
    assert [one["id"] for one in ann.get("/v1/batches").json()["items"]] == [body["id"]]


def test_a_batch_of_a_variant_that_the_movement_does_not_have_is_refused(service, ann, clip):
    problem = problem_of(send(ann, ("a.mp4", clip), movement="plank", variant="sumo"))
    assert (problem["status"], problem["type"]) == (422, "urn:problem:unknown-variant")
    assert ann.get("/v1/batches").json()["items"] == [] == service.list_leftover_files()


def test_a_zip_is_a_batch(service, ann, clip):
    packed = zipped(
        ("one/a.mp4", clip), ("../../b.mp4", clip), ("__MACOSX/._a.mp4", b"x"), (".DS_Store", b"x"), ("c/", b"")
    )
    body = send(ann, ("clips.zip", packed)).json()
    assert (body["total"], body["refused"]) == (2, [])
    names = {row["clip"]["name"] for row in ann.get(body["links"]["analyses"]).json()["items"]}
    assert names == {"a.mp4", "b.mp4"}
    assert all(file.startswith("files/clips/") for file in service.list_leftover_files())


def assert_all_refused(service, ann, answer):
    """The errors of the answer, by which nothing was accepted and no batch is left."""
    problem = problem_of(answer)
    assert (problem["status"], problem["type"]) == (422, "urn:problem:clips-refused")
    assert ann.get("/v1/batches").json()["items"] == []
    with service.services.database.session() as session:
        assert session.query(Batch).all() == []
    assert service.list_leftover_files() == []
    return problem["errors"]


def test_a_batch_without_any_clip_is_refused_with_the_reasons(service, ann, clip):
    files = ("notes.txt", b"hello"), ("a.zip", zipped(("b.txt", b"hello")))
    answer = send(ann, *files, headers={"Idempotency-Key": "k"})
    assert problem_of(answer)["detail"].startswith("No file was accepted. notes.txt: is a text file")
    notes, packed = assert_all_refused(service, ann, answer)
    assert notes["where"] == "body.clips.notes.txt"
    assert notes["what"].startswith("notes.txt: is a text file")
    assert packed["where"] == "body.clips.b.txt"
    assert send(ann, ("a.mp4", clip), headers={"Idempotency-Key": "k"}).status_code == 202  # the key is free again


def test_zip_bomb_is_refused(tmp_path):
    service = Service(tmp_path / "data")
    with service.client(service.key("ann")) as ann:
        bomb = zipped(("a.mp4", b"\x00" * 60_000_000))
        assert len(bomb) < 100_000
        [error] = assert_all_refused(service, ann, send(ann, ("bomb.zip", bomb)))
        assert error["what"].startswith("bomb.zip: a.mp4: The body is larger than")


def test_a_zip_in_a_zip_is_no_clip(service, ann, clip):
    answer = send(ann, ("a.zip", zipped(("b.zip", zipped(("a.mp4", clip))))))
    assert len(assert_all_refused(service, ann, answer)) == 1


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x05\x06" + b"\x00" * 18, b"PK\x03\x04" + b"x" * 1000])
def test_a_damaged_zip_is_refused(service, ann, content):
    [error] = assert_all_refused(service, ann, send(ann, ("a.zip", content)))
    assert error["what"].startswith("a.zip: The zip ")


def test_entries_that_share_bytes_are_refused(service, ann, clip):
    with warnings.catch_warnings(action="ignore"):
        packed = bytearray(zipped(("a.mp4", clip), ("a.mp4", clip)))
    second = packed.rindex(b"PK\x01\x02")
    packed[second + 42 : second + 46] = bytes(4)  # the list puts the second file where the first one is
    [error] = assert_all_refused(service, ann, send(ann, ("a.zip", bytes(packed))))
    assert "share the same bytes" in error["what"]


def test_a_zip_of_too_many_is_refused(tmp_path, clip):
    service = Service(tmp_path / "data", max_batch_clips=2)
    with service.client(service.key("ann")) as ann:
        answer = send(ann, ("a.zip", zipped(*((f"{i}.mp4", clip) for i in range(3)))))
        [error] = assert_all_refused(service, ann, answer)
        assert "at most 2" in error["what"]


def test_the_same_batch_twice_is_one(ann, clip):
    first, again = (send(ann, ("a.mp4", clip), headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json() == again.json()
    assert len(ann.get("/v1/batches").json()["items"]) == 1


def test_the_same_batch_at_the_same_time_is_one(ann, clip):
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: send(ann, ("a.mp4", clip), headers={"Idempotency-Key": "k"}), range(4)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 202}) == 1
    assert len(ann.get("/v1/batches").json()["items"]) == 1
    assert len(ann.get("/v1/analyses").json()["items"]) == 1


def test_a_batch_of_an_unknown_client_is_refused(service, ann, clip):
    answer = send(ann, ("a.mp4", clip), client="cli_00000000000000000000")
    assert problem_of(answer)["status"] == 404
    assert ann.get("/v1/batches").json()["items"] == []
    assert service.list_leftover_files() == []


def test_a_batch_is_cancelled(service, ann, clip):
    body = send(ann, ("a.mp4", clip), ("b.mp4", clip)).json()
    after = ann.post(body["links"]["cancel"]).json()
    assert after["counts"]["cancelled"] == 2
    assert after["cancelled_at"]
    assert len([call for call in service.jobs.calls if call[0] == "cancel"]) == 2


def test_the_summary_has_a_row_a_clip_and_no_formulas(ann, clip):
    body = send(ann, ("=HYPERLINK(1).mp4", clip), ("b.mp4", clip), note="@note").json()
    answer = ann.get(body["links"]["summary"])
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["file"] for row in rows] == ["'=HYPERLINK(1).mp4", "b.mp4"]
    assert {row["note"] for row in rows} == {"'@note"}
    assert {row["state"] for row in rows} == {"waiting"}
    assert rows[1]["same_content_as"] == "'=HYPERLINK(1).mp4"


def test_the_summary_has_the_columns_of_a_local_batch(service, ann, clip):
    from analyzer.batch.summary_tables import SUMMARY_COLUMNS

    body = send(ann, ("a.mp4", clip), ("b.mp4", clip), movement="hinge", load_kg="60").json()
    rows = ann.get(body["links"]["analyses"]).json()["items"]
    [done] = [row["id"] for row in rows if row["clip"]["name"] == "a.mp4"]
    reps = [rep(n, trunk_thigh_deg=80.0 + n, trunk_inclination_deg=60.0, knee_flexion_deg=20.0) for n in (1, 2, 3)]
    service.finish(done, result(*reps, name="a.mp4"))
    with service.services.database.session() as session:
        [other] = [row["id"] for row in rows if row["id"] != done]
        assert analyses.mark_failed(session, other, "clip", "b.mp4: is too dark. Turn on a light")
    table = csv.reader(io.StringIO(ann.get(body["links"]["summary"]).text))
    columns, first, second = table
    assert tuple(columns) == SUMMARY_COLUMNS
    row = dict(zip(columns, first, strict=True))
    assert (row["state"], row["reps"], row["load_kg"], row["main_angle_deg"]) == ("done", "3", "60.0", "82.0")
    assert row["result"] == f"/v1/analyses/{done}"
    row = dict(zip(columns, second, strict=True))
    assert (row["state"], row["reason"]) == ("failed", "b.mp4: is too dark. Turn on a light")
    book = load_workbook(io.BytesIO(ann.get(body["links"]["book"]).content))
    assert book.sheetnames[:3] == ["summary", "key_measures", "reps"]
    assert book["reps"].max_row == 4


def test_the_summary_has_a_row_for_each_refused_file(service, ann, clip):
    body = send(ann, ("c.mp4", clip), ("b.txt", b"hello"), ("a.mp4", clip)).json()
    rows = list(csv.DictReader(io.StringIO(ann.get(body["links"]["summary"]).text)))
    assert [(row["file"], row["state"]) for row in rows] == [
        ("a.mp4", "waiting"),
        ("b.txt", "failed"),
        ("c.mp4", "waiting"),
    ]
    assert (rows[1]["code"], rows[1]["reason"]) == ("clip-refused", body["refused"][0]["text"])


def test_refused_files_of_an_older_version_are_shown(service, ann, clip):
    body = send(ann, ("a.mp4", clip), ("b.txt", b"hello")).json()
    with service.services.database.session() as session:
        row = session.get(Batch, body["id"])
        row.options = {**row.options, "refused": [{"code": "clip-refused", "text": "b.txt: is a text file"}]}
    [refused] = ann.get(body["links"]["self"]).json()["refused"]
    assert refused == {"code": "clip-refused", "text": "b.txt: is a text file", "file": None}
    rows = csv.DictReader(io.StringIO(ann.get(body["links"]["summary"]).text))
    assert [row["reason"] for row in rows] == ["b.txt: is a text file", ""]


def test_the_summary_of_another_owner_is_not_found(ann, bob, clip):
    body = send(ann, ("a.mp4", clip)).json()
    assert problem_of(bob.get(body["links"]["summary"]))["status"] == 404
    assert problem_of(bob.get(body["links"]["book"]))["status"] == 404


def test_the_summary_of_very_many_clips_is_for_the_command_line(tmp_path, clip):
    service = Service(tmp_path / "data", max_batch_clips=1)
    with service.client(service.key("ann")) as ann:
        body = send(ann, ("a.mp4", clip), ("b.mp4", clip)).json()
        assert "analyzer batch collect bat_" in problem_of(ann.get(body["links"]["summary"]))["detail"]


def test_interrupted_batch_can_be_sent_again(any_service, clip, monkeypatch):
    taken = []

    def once(*given, **more):
        if taken:
            raise ConnectionError("the database")
        taken.append(accept_clip(*given, **more))
        return taken[0]

    monkeypatch.setattr(batch_intake, "accept_clip", once)
    with any_service.client(any_service.key("ann")) as ann:
        files = ("a.mp4", clip), ("b.mp4", clip)
        assert problem_of(send(ann, *files, headers={"Idempotency-Key": "k"}))["status"] == 500
        [cut_off] = ann.get("/v1/batches").json()["items"]
        assert (cut_off["total"], cut_off["counts"]["queued"]) == (1, 1)
        monkeypatch.undo()
        again = send(ann, *files, headers={"Idempotency-Key": "k"})
        assert again.status_code == 202
        assert (again.json()["total"], again.json()["counts"]["queued"]) == (2, 2)
        assert send(ann, *files, headers={"Idempotency-Key": "k"}).json() == again.json()


def test_a_batch_ends_where_the_storage_does(tmp_path, clip):
    service = Service(tmp_path / "data", max_storage_bytes_per_owner=len(clip) + 1)
    with service.client(service.key("ann")) as ann:
        body = send(ann, *((f"{i}.mp4", clip) for i in range(4))).json()
        assert (body["total"], body["counts"]["queued"]) == (4, 2)
        assert [one["code"] for one in body["refused"]] == ["storage-full"] * 2


def test_refused_members_of_a_zip_are_listed_and_the_others_accepted(service, ann, clip):
    packed = bytearray(zipped(("a.mp4", b"damaged" * 9), ("b.mp4", b"\0" * 60_000_000), ("c.mp4", clip)))
    packed[packed.index(b"a.mp4") + 5] ^= 0xFF
    body = send(ann, ("clips.zip", bytes(packed))).json()
    assert (body["total"], body["counts"]["queued"]) == (3, 1)
    assert [one["code"] for one in body["refused"]] == ["damaged-zip", "too-large"]
    assert [one["text"].partition(": ")[2][:5] for one in body["refused"]] == ["a.mp4", "b.mp4"]
    assert [one["file"] for one in body["refused"]] == ["a.mp4", "b.mp4"]
    assert [row["clip"]["name"] for row in ann.get(body["links"]["analyses"]).json()["items"]] == ["c.mp4"]
    assert len(service.list_leftover_files()) == 1


def test_zip_with_too_long_a_file_list_is_refused_before_it_is_listed(service, ann, monkeypatch):
    monkeypatch.setattr(zips, "_LIST_BYTES", 1000)
    packed = zipped(*((f"__MACOSX/{i}", b"") for i in range(100)))
    [error] = assert_all_refused(service, ann, send(ann, ("clips.zip", packed)))
    assert "too many files" in error["what"]
    monkeypatch.undo()
    [error] = assert_all_refused(service, ann, send(ann, ("clips.zip", packed)))
    assert error["what"] == "clips.zip: The zip holds no files. Put the clips into it."


def test_a_result_that_is_exchanged_while_the_summary_is_written_counts(service, ann, clip, monkeypatch):
    body = send(ann, ("a.mp4", clip)).json()
    [id] = [row["id"] for row in ann.get(body["links"]["analyses"]).json()["items"]]
    service.finish(id, result(rep(1, trunk_thigh_deg=80.0), name="a.mp4"))
    analysis = result(rep(1, trunk_thigh_deg=80.0), rep(2, trunk_thigh_deg=81.0), name="a.mp4")
    rows = table._rows

    def remeasured_meanwhile(*given):
        table_rows = rows(*given)
        (service.settings.data_dir / "made").write_text(analysis.model_dump_json())
        service.services.files.put(service.settings.data_dir / "made", f"results/{id}/run2/analysis.json")
        service.services.files.delete_tree(f"results/{id}/run1")
        with service.services.database.session() as session:
            session.get_one(AnalysisRow, id).run = "run2"
        return table_rows

    monkeypatch.setattr(table, "_rows", remeasured_meanwhile)
    [row] = csv.DictReader(io.StringIO(ann.get(body["links"]["summary"]).text))
    assert (row["state"], row["reps"]) == ("done", "2")


def test_a_result_that_cannot_be_read_any_more_is_waited_for(service, ann, clip):
    body = send(ann, ("a.mp4", clip), ("b.mp4", clip)).json()
    for row in ann.get(body["links"]["analyses"]).json()["items"]:
        older = {"analysis.json": b"{}"} if row["clip"]["name"] == "a.mp4" else {}
        service.finish(row["id"], **older)
    rows = csv.DictReader(io.StringIO(ann.get(body["links"]["summary"]).text))
    assert [row["state"] for row in rows] == ["waiting", "waiting"]


def test_an_empty_batch_is_refused(ann):
    answer = ann.post("/v1/batches", files={"name": (None, "x")})
    assert problem_of(answer)["status"] == 422


def test_a_deleted_batch_is_gone_and_its_analyses_stay(service, ann, clip):
    batch = send(ann, ("a.mp4", clip), ("b.mp4", clip), ("notes.txt", b"hello"), name="monday").json()
    done, waiting = (row["id"] for row in ann.get(batch["links"]["analyses"]).json()["items"])
    service.finish(done)
    own = batch["links"]["self"]
    assert service.client(service.key("bob")).delete(own).status_code == 404
    assert ann.delete(own).status_code == 204
    for answer in (ann.get(own), ann.delete(own), ann.post(f"{own}/cancel"), ann.get(f"{own}/summary.csv")):
        assert answer.status_code == 404
    assert ann.get("/v1/batches").json()["items"] == []
    assert ann.get(f"/v1/analyses/{done}").json()["status"] == "done"
    assert ann.get(f"/v1/analyses/{waiting}").json()["status"] == "cancelled"
    assert service.jobs.cancelled == [waiting]
    for id in (done, waiting):
        assert ann.delete(f"/v1/analyses/{id}").status_code == 204
    with service.services.database.session() as session:
        assert session.query(Batch).all() == []


def test_options_that_analyses_need_outlast_the_batch(service, ann, clip):
    batch = send(ann, ("a.mp4", clip), ("notes.txt", b"hello")).json()
    with service.services.database.session() as session:
        row = session.get(Batch, batch["id"])
        row.options = {**row.options, "blur_faces": True, "video": False}
    assert ann.delete(batch["links"]["self"]).status_code == 204
    with service.services.database.session() as session:
        assert session.get(Batch, batch["id"]).options == {"blur_faces": True, "video": False}
