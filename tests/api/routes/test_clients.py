import io
import zipfile

import pytest

from tests.api.service import problem
from tests.compare.results import KNOWN, result, three


@pytest.fixture(autouse=True)
def known_movements(monkeypatch):
    monkeypatch.setattr("analyzer.compare.side.movements", lambda: KNOWN)


def made(ann, name="Ann B", note=None):
    answer = ann.post("/v1/clients", json={"name": name, "note": note})
    assert answer.status_code == 201
    return answer.json()


def sent_on(service, ann, clip, client, day, analysis=None, **fields):
    data = {"client": client, "recorded_at": f"{day}T10:00:00Z", **fields}
    id = ann.post("/v1/analyses", files={"clip": ("a.mp4", clip)}, data=data).json()["id"]
    if analysis is not None:
        service.finish(id, analysis)
    return id


def test_a_client_is_kept_changed_and_deleted(ann):
    client = made(ann, note="desk job")
    assert ann.get(client["links"]["self"]).json() == client
    changed = ann.patch(client["links"]["self"], json={"name": "Ann C"}).json()
    assert (changed["name"], changed["note"]) == ("Ann C", "desk job")
    assert ann.patch(client["links"]["self"], json={"note": None}).json()["note"] is None
    assert ann.delete(client["links"]["self"]).status_code == 204
    assert ann.get(client["links"]["self"]).status_code == 404


def test_deleting_a_client_deletes_their_clips(service, ann, clip):
    client = made(ann)
    id = sent_on(service, ann, clip, client["id"], "2026-03-01", result(*three()))
    other = ann.post("/v1/analyses", files={"clip": ("b.mp4", clip)}).json()["id"]
    assert ann.delete(client["links"]["self"]).status_code == 204
    assert ann.get(f"/v1/analyses/{id}").status_code == 404
    assert ann.get(f"/v1/analyses/{other}").status_code == 200
    assert not any(id in path for path in service.left_behind())
    assert ("forget", id) in service.jobs.told


def test_names_are_checked(ann):
    for name in ("", " ", "x" * 121, "a\x00b", None):
        assert problem(ann.post("/v1/clients", json={"name": name}))["status"] == 422
    assert problem(ann.post("/v1/clients", json={"name": "A", "nmae": "B"}))["status"] == 422


def test_a_timeline_tells_days_and_clear_changes_alone(service, ann, clip):
    client = made(ann)["id"]
    sent_on(service, ann, clip, client, "2026-03-01", result(*three(trunk=40, fold=90), name="a.mp4"))
    sent_on(service, ann, clip, client, "2026-03-08", result(*three(trunk=42, fold=95), name="b.mp4"))
    sent_on(service, ann, clip, client, "2026-03-08", result(*three(trunk=43, fold=115), name="c.mp4"))
    sent_on(service, ann, clip, client, "2026-03-09")
    body = ann.get(f"/v1/clients/{client}/timeline").json()
    assert [day["date"] for day in body["days"]] == ["2026-03-09", "2026-03-08", "2026-03-01"]
    assert [len(day["analyses"]) for day in body["days"]] == [1, 2, 1]
    lines = {line["key"]: line for line in body["lines"]}
    trunk, fold = lines["hinge.trunk_deg"], lines["hinge.fold_deg"]
    assert [point["mean"] for point in trunk["points"]] == [40, 42, 43]
    assert (trunk["change"], trunk["clear"], trunk["told"]) == (3, False, "no clear change")
    # 25 degrees from one day to another, 3 reps against 3: beyond the 11 of domain 5
    assert (fold["change"], fold["clear"], fold["told"]) == (25, True, "25 degrees more")
    assert fold["threshold"] >= 11


def test_one_clip_is_no_change(service, ann, clip):
    client = made(ann)["id"]
    sent_on(service, ann, clip, client, "2026-03-01", result(*three()))
    [line, *_] = ann.get(f"/v1/clients/{client}/timeline").json()["lines"]
    assert (line["change"], line["told"]) == (None, "no clear change")


def test_an_export_holds_everything_of_the_client(service, ann, clip):
    client = made(ann)["id"]
    id = sent_on(service, ann, clip, client, "2026-03-01", result(*three()))
    answer = ann.get(f"/v1/clients/{client}/export")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
    assert any(name.endswith("analysis.json") for name in names)
    assert any(name.endswith(".mp4") for name in names)
    assert all(not name.startswith("/") and ".." not in name for name in names)
    assert id
    assert list(service.services.incoming.glob("*")) == []


def test_an_unknown_client_is_told(ann, clip):
    answer = ann.post("/v1/analyses", files={"clip": ("a.mp4", clip)}, data={"client": "cli_00000000000000000000"})
    assert problem(answer)["status"] == 404
