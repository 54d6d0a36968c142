import io
import json
import zipfile

import pytest

from api.db import clients
from api.db.models import Client
from tests.api.service import problem_of
from tests.coaching.client_history import make_comfort_row, make_filmed_clip
from tests.compare.results import KNOWN_MOVEMENTS, result, three_reps


@pytest.fixture(autouse=True)
def known_movements(monkeypatch):
    monkeypatch.setattr("analyzer.compare.side.load_movements", lambda: KNOWN_MOVEMENTS)


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


def test_client_is_created_changed_and_deleted(ann):
    client = made(ann, note="desk job")
    assert ann.get(client["links"]["self"]).json() == client
    changed = ann.patch(client["links"]["self"], json={"name": "Ann C"}).json()
    assert (changed["name"], changed["note"]) == ("Ann C", "desk job")
    assert ann.patch(client["links"]["self"], json={"note": None}).json()["note"] is None
    assert ann.delete(client["links"]["self"]).status_code == 204
    assert ann.get(client["links"]["self"]).status_code == 404


@pytest.mark.parametrize("name", ["Ann B", " ann b ", "ANN B"])
def test_name_of_another_client_is_refused(ann, bob, name):
    client = made(ann)
    problem = problem_of(ann.post("/v1/clients", json={"name": name}))
    assert (problem["status"], problem["type"]) == (409, "urn:problem:client-exists")
    assert problem["detail"].startswith(f"The client {client['id']} is already named Ann B. Use this id, or ")
    other = made(ann, "Robin")
    problem = problem_of(ann.patch(other["links"]["self"], json={"name": name, "note": "x"}))
    assert problem["status"] == 409
    assert client["id"] in problem["detail"]
    assert ann.get(other["links"]["self"]).json() == other
    assert made(bob, name)["name"] == name.strip()


def test_case_of_an_own_name_can_change(ann):
    client = made(ann, "ann straße")
    changed = ann.patch(client["links"]["self"], json={"name": "Ann STRASSE"})
    assert changed.json()["name"] == "Ann STRASSE"


def test_clients_of_one_name_that_exist_already_can_be_changed(service, ann, clip):
    first = made(ann)
    with service.services.database.session() as session:
        row = session.get(Client, first["id"])
        newer = clients.create(session, row.owner_id, "Ann B").id
    for id in (first["id"], newer):
        answer = ann.patch(f"/v1/clients/{id}", json={"name": "Ann B", "note": "desk job"})
        assert (answer.status_code, answer.json()["note"]) == (200, "desk job")
    sent = ann.post("/v1/analyses", files={"clip": ("a.mp4", clip)}, data={"client": "Ann B"}).json()
    assert sent["client"] == newer
    assert ann.patch(first["links"]["self"], json={"name": "Ann C"}).status_code == 200


def test_clip_of_a_known_name_is_of_that_client_in_any_case(ann, clip):
    client = made(ann)
    sent = ann.post("/v1/analyses", files={"clip": ("a.mp4", clip)}, data={"client": "ann b"}).json()
    assert sent["client"] == client["id"]
    assert len(ann.get("/v1/clients").json()["items"]) == 1


def test_deleting_a_client_deletes_their_clips(service, ann, clip):
    client = made(ann)
    id = sent_on(service, ann, clip, client["id"], "2026-03-01", result(*three_reps()))
    other = ann.post("/v1/analyses", files={"clip": ("b.mp4", clip)}).json()["id"]
    assert ann.delete(client["links"]["self"]).status_code == 204
    assert ann.get(f"/v1/analyses/{id}").status_code == 404
    assert ann.get(f"/v1/analyses/{other}").status_code == 200
    assert not any(id in path for path in service.list_leftover_files())
    assert ("forget", id) in service.jobs.calls


def test_names_are_checked(ann):
    for name in ("", " ", "x" * 121, "a\x00b", None):
        assert problem_of(ann.post("/v1/clients", json={"name": name}))["status"] == 422
    assert problem_of(ann.post("/v1/clients", json={"name": "A", "nmae": "B"}))["status"] == 422


def test_timeline_has_days_and_only_clear_changes(service, ann, clip):
    client = made(ann)["id"]
    sent_on(service, ann, clip, client, "2026-03-01", result(*three_reps(trunk=40, fold=90), name="a.mp4"))
    sent_on(service, ann, clip, client, "2026-03-08", result(*three_reps(trunk=42, fold=95), name="b.mp4"))
    sent_on(service, ann, clip, client, "2026-03-08", result(*three_reps(trunk=43, fold=115), name="c.mp4"))
    sent_on(service, ann, clip, client, "2026-03-09")
    body = ann.get(f"/v1/clients/{client}/timeline").json()
    assert [day["date"] for day in body["days"]] == ["2026-03-09", "2026-03-08", "2026-03-01"]
    assert [len(day["analyses"]) for day in body["days"]] == [1, 2, 1]
    lines = {line["key"]: line for line in body["lines"]}
    trunk, fold = lines["hinge.trunk_deg"], lines["hinge.fold_deg"]
    assert [point["mean"] for point in trunk["points"]] == [40, 42, 43]
    assert (trunk["change"], trunk["clear"], trunk["change_text"]) == (3, False, "no clear change")
    # 25 degrees from one day to another, 3 reps against 3: beyond the 11 of sources 5
    assert (fold["change"], fold["clear"], fold["change_text"]) == (25, True, "25 degrees more")
    assert fold["threshold"] >= 11


def test_one_clip_is_no_change(service, ann, clip):
    client = made(ann)["id"]
    sent_on(service, ann, clip, client, "2026-03-01", result(*three_reps()))
    [line, *_] = ann.get(f"/v1/clients/{client}/timeline").json()["lines"]
    assert (line["change"], line["change_text"]) == (None, "no clear change")


def test_timeline_lists_what_the_client_can_train(service, ann, clip):
    client = made(ann)["id"]
    stop = make_filmed_clip(2, movement="squat", lights=["stop"])
    first, last = (
        make_filmed_clip(
            day,
            *three_reps(),
            lights=["go"],
            comfortable={"trunk_thigh_deg": [make_comfort_row(deg)]},
            load_kg=load_kg,
            next=("general.keep_going", "load_on.a_little_more"),
        )
        for day, deg, load_kg in ((1, 50, 20), (8, 70, 40))
    )
    ids = [sent_on(service, ann, clip, client, one.at.date(), one.analysis) for one in (stop, last, first)]
    body = ann.get(f"/v1/clients/{client}/timeline").json()
    assert body["referral"] is None
    hinge, squat = body["can_train"]
    assert (hinge["movement"], hinge["analysis"], hinge["load_kg"], hinge["reps"]) == ("hinge", ids[1], 40, 3)
    assert [(one["analysis"], one["load_kg"]) for one in hinge["loads"]] == [(ids[2], 20), (ids[1], 40)]
    [line] = hinge["comfortable"]
    # 20 degrees from one rep to one of another day: 1.96 * sqrt(9 + 9 + 2 * 3.5^2) = 12.8
    assert (line["change_deg"], line["threshold_deg"], line["change_text"]) == (20, 12.8, "20 degrees more")
    assert [(one["analysis"], one["at"][:10], one["deepest_deg"]) for one in line["points"]] == [
        (ids[2], "2026-03-01", 50),
        (ids[1], "2026-03-08", 70),
    ]
    assert (hinge["light"], hinge["next"]["way"], hinge["leave"]) == ("go", "up", None)
    assert (squat["light"], squat["next"]) == ("stop", None)
    assert squat["leave"] == "Leave this one for now and come back to it."


def test_a_referral_comes_before_what_can_be_trained(service, ann, clip):
    client = made(ann)["id"]
    step = ("general.keep_going", "load_on.training_effect")
    refers = make_filmed_clip(8, screen=("answered", "soon"), next=("clinician.soon", None))
    for one in (make_filmed_clip(1, movement="squat", next=step), refers):
        sent_on(service, ann, clip, client, one.at.date(), one.analysis)
    body = ann.get(f"/v1/clients/{client}/timeline").json()
    assert body["referral"] == "Said of clinician.soon."
    assert [one["next"] for one in body["can_train"]] == [None, None]


def test_result_of_an_older_version_is_left_out_of_what_can_be_trained(service, ann, clip):
    client = made(ann)["id"]
    sent_on(service, ann, clip, client, "2026-03-01", make_filmed_clip(1, load_kg=20).analysis)
    old = sent_on(service, ann, clip, client, "2026-03-08")
    service.finish(old, **{"analysis.json": b'{"schema_version": "0.1"}'})
    body = ann.get(f"/v1/clients/{client}/timeline").json()
    assert [day["date"] for day in body["days"]] == ["2026-03-08", "2026-03-01"]
    assert [(one["at"][:10], one["load_kg"]) for one in body["can_train"]] == [("2026-03-01", 20)]
    with zipfile.ZipFile(io.BytesIO(ann.get(f"/v1/clients/{client}/export").content)) as opened:
        assert [one["load_kg"] for one in json.loads(opened.read("can_train.json"))["can_train"]] == [20]


def test_what_clients_of_other_owners_can_train_is_hidden(service, ann, bob, clip):
    client, other = made(ann)["id"], made(bob, name="Bea")["id"]
    sent_on(service, ann, clip, client, "2026-03-01", make_filmed_clip(1).analysis)
    assert problem_of(bob.get(f"/v1/clients/{client}/timeline"))["status"] == 404
    assert bob.get(f"/v1/clients/{other}/timeline").json()["can_train"] == []
    assert len(ann.get(f"/v1/clients/{client}/timeline").json()["can_train"]) == 1


def test_the_export_holds_the_same_list_as_the_timeline(service, ann, clip):
    client = made(ann)["id"]
    for day, load_kg in ((8, 40), (1, 20)):
        sent_on(
            service,
            ann,
            clip,
            client,
            f"2026-03-0{day}",
            make_filmed_clip(day, load_kg=load_kg, lights=["go"]).analysis,
        )
    timeline = ann.get(f"/v1/clients/{client}/timeline").json()
    with zipfile.ZipFile(io.BytesIO(ann.get(f"/v1/clients/{client}/export").content)) as opened:
        packed = json.loads(opened.read("can_train.json"))
    assert [one["load_kg"] for one in packed["can_train"][0]["loads"]] == [20, 40]
    assert packed == {"referral": timeline["referral"], "can_train": timeline["can_train"]}


def test_an_export_holds_everything_of_the_client(service, ann, clip):
    client = made(ann)["id"]
    id = sent_on(service, ann, clip, client, "2026-03-01", result(*three_reps()))
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


def test_unknown_client_answers_404(ann, clip):
    answer = ann.post("/v1/analyses", files={"clip": ("a.mp4", clip)}, data={"client": "cli_00000000000000000000"})
    assert problem_of(answer)["status"] == 404
