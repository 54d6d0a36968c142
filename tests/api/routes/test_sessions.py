"""Sessions: plan, steps with clips, cues and notes, and the card."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest

from analyzer.results.schema import Finding
from api.cleanup import deletion, retention
from api.db import sessions
from api.db.models import CoachingSession, IdempotentResponse, SessionStep, now
from tests.api.service import problem_of
from tests.compare.results import KNOWN_MOVEMENTS, result, three_reps


@pytest.fixture(autouse=True)
def known_movements(monkeypatch):
    monkeypatch.setattr("analyzer.compare.side.load_movements", lambda: KNOWN_MOVEMENTS)


@pytest.fixture
def kim(ann):
    """The id of a client of ann's."""
    return ann.post("/v1/clients", json={"name": "Kim"}).json()["id"]


@pytest.fixture
def started(ann, kim):
    """A session of Kim's that practises the hinge."""
    return start(ann, kim)


def start(caller, client, plan="lift_hinge", **fields):
    answer = caller.post("/v1/sessions", json={"client": client, "plan": plan, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def send(service, caller, clip, client, analysis=None, **fields):
    """Send a clip of a client, finish it with a result if one is given, and return its id."""
    answer = caller.post("/v1/analyses", files={"clip": ("a.mp4", clip)}, data={"client": client, **fields})
    if analysis is not None:
        service.finish(answer.json()["id"], analysis)
    return answer.json()["id"]


def change(caller, session, *steps, **fields):
    answer = caller.patch(session["links"]["self"], json={**fields, **({"steps": list(steps)} if steps else {})})
    assert answer.status_code == 200, answer.text
    return answer.json()


def make_result(can, name="a.mp4", *, fold=80.0, level=None, referral=False):
    """Build a result with three reps, what they can do, one thing to try, and a report if a level is given."""
    measures = {} if level is None else {"reported": [{"rep": 1, "level": level, "light": "go"}]}
    next_id = "clinician.soon" if referral else "general.next"
    findings = [
        Finding(id="general.can", kind="can", text=can),
        Finding(id=next_id, kind="next", text=f"Try after {can}", cue=None if referral else "Reach back."),
    ]
    analysis = result(*three_reps(fold=fold), name=name, measures=measures)
    return analysis.model_copy(update={"findings": findings})


def test_session_has_the_steps_of_its_plan(ann, kim):
    plans = {plan["name"]: plan for plan in ann.get("/v1/session-plans").json()["items"]}
    made = start(ann, kim, "first_look")
    assert (made["client"], made["title"], made["kind"], made["finished_at"]) == (kim, "A first look", "overview", None)
    planned = plans["first_look"]["steps"]
    assert [{name: step[name] for name in planned[0]} for step in made["steps"]] == planned
    assert all((step["analysis"], step["cue"], step["note"]) == (None, "", "") for step in made["steps"])
    assert ann.get(made["links"]["self"]).json() == made


def test_a_new_name_creates_the_client(ann):
    made = start(ann, "Robin")
    assert ann.get(made["links"]["client"]).json()["name"] == "Robin"


def test_steps_change_field_by_field(service, ann, clip, kim, started):
    sent = send(service, ann, clip, kim)
    change(ann, started, {"name": "first", "analysis": sent, "load_kg": 20}, {"name": "try_1", "cue": "Reach back."})
    changed = change(ann, started, {"name": "try_1", "skipped": True}, {"name": "first", "redo": True})
    first, try_1, *rest = changed["steps"]
    assert (first["analysis"], first["load_kg"], first["redo"]) == (sent, 20, True)
    assert (try_1["cue"], try_1["skipped"]) == ("Reach back.", True)
    assert [step["cue"] for step in rest] == ["", ""]
    assert change(ann, started, {"name": "first", "analysis": None, "load_kg": None})["steps"][0]["load_kg"] is None


def test_session_is_finished_and_reopened(ann, started):
    assert change(ann, started, finished_at="2026-03-01T10:00:00Z")["finished_at"] == "2026-03-01T10:00:00Z"
    assert change(ann, started, {"name": "try_1", "cue": "x"})["finished_at"] is not None
    assert change(ann, started, finished_at=None)["finished_at"] is None


def test_sessions_are_listed_newest_first_and_filtered(ann, kim):
    robin = ann.post("/v1/clients", json={"name": "Robin"}).json()["id"]
    first, second = start(ann, kim), start(ann, kim, finished_at="2026-03-01T10:00:00Z")
    other = start(ann, robin)

    def listed(**query):
        return [one["id"] for one in ann.get("/v1/sessions", params=query).json()["items"]]

    assert listed() == [other["id"], second["id"], first["id"]]
    assert listed(client=kim) == [second["id"], first["id"]]
    assert listed(client=kim, open=True) == [first["id"]]
    assert listed(open=False) == [second["id"]]
    page = ann.get("/v1/sessions", params={"limit": 2})
    assert 'rel="next"' in page.headers["Link"]
    assert listed(cursor=page.json()["next_cursor"]) == [first["id"]]


def test_sessions_of_other_owners_do_not_exist(service, ann, bob, clip, kim, started):
    own = started["links"]["self"]
    for answer in (
        bob.get(own),
        bob.patch(own, json={"finished_at": None}),
        bob.delete(own),
        bob.get(started["links"]["card"]),
        bob.post("/v1/sessions", json={"client": kim, "plan": "lift_hinge"}),
    ):
        assert problem_of(answer)["status"] == 404
    assert bob.get("/v1/sessions").json()["items"] == []
    assert bob.get("/v1/sessions", params={"client": kim}).json()["items"] == []
    bobs = start(bob, "Bea")
    sent = send(service, ann, clip, kim)
    answer = bob.patch(bobs["links"]["self"], json={"steps": [{"name": "first", "analysis": sent}]})
    assert problem_of(answer)["status"] == 404
    assert ann.get(own).json() == started


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"plan": "lift_moon"}, "body.plan"),
        ({"steps": [{"name": "second"}]}, "body.steps.0.name"),
        ({"steps": [{"name": "first", "cue": "x" * 201}]}, "body.steps.0.cue"),
        ({"steps": [{"name": "first", "note": "x" * 2001}]}, "body.steps.0.note"),
        ({"steps": [{"name": "first"}] * 51}, "body.steps"),
        ({"steps": [{"name": "first", "load_kg": -1}]}, "body.steps.0.load_kg"),
        ({"steps": [{"name": "first", "colour": "red"}]}, "body.steps.0.colour"),
        ({"steps": [{"name": "first", "note": "a\x00b"}]}, "body.steps.0.note"),
        ({"started_at": "1600-01-01"}, "body.started_at"),
        ({"client": ""}, "body.client"),
    ],
)
def test_bodies_are_checked(ann, kim, body, where):
    answer = ann.post("/v1/sessions", json={"client": kim, "plan": "lift_hinge"} | body)
    assert problem_of(answer)["status"] == 422
    assert answer.json()["errors"][0]["where"] == where
    assert ann.get("/v1/sessions").json()["items"] == []


def test_the_number_of_sessions_of_a_client_is_limited(ann, kim, monkeypatch):
    monkeypatch.setattr("api.sessions.changes.MAX_SESSIONS_PER_CLIENT", 1)
    start(ann, kim)
    answer = ann.post("/v1/sessions", json={"client": kim, "plan": "lift_hinge"})
    assert problem_of(answer)["status"] == 409
    start(ann, "Robin")


def test_a_clip_of_another_client_is_refused_and_a_moved_one_leaves_the_session(service, ann, clip, kim, started):
    other = send(service, ann, clip, "Robin")
    patch = {"steps": [{"name": "first", "analysis": other}]}
    assert "another client" in problem_of(ann.patch(started["links"]["self"], json=patch))["detail"]
    sent = send(service, ann, clip, kim, make_result("You folded."))
    change(ann, started, {"name": "first", "analysis": sent})
    ann.patch(f"/v1/analyses/{sent}", json={"client": "Robin"})
    assert ann.get(started["links"]["self"]).json()["steps"][0]["analysis"] is None
    card = ann.get(started["links"]["card"]).json()
    assert (card["can"], card["clips"]) == ([], [])
    ann.patch(f"/v1/analyses/{sent}", json={"client": kim})
    assert ann.get(started["links"]["self"]).json()["steps"][0]["analysis"] == sent


def test_a_change_names_the_version_that_it_knows(ann, started):
    own = started["links"]["self"]
    tag = ann.get(own).headers["ETag"]
    patch = {"steps": [{"name": "try_1", "cue": "One."}]}
    done = ann.patch(own, json=patch, headers={"If-Match": tag})
    assert done.status_code == 200 and done.headers["ETag"] == ann.get(own).headers["ETag"] != tag
    late = ann.patch(own, json={"finished_at": "2026-03-01T10:00:00Z"}, headers={"If-Match": tag})
    assert problem_of(late)["status"] == 412 and late.headers["ETag"] == done.headers["ETag"]
    assert problem_of(ann.delete(own, headers={"If-Match": tag}))["status"] == 412
    assert ann.patch(own, json=patch).headers["ETag"] == done.headers["ETag"]
    assert ann.delete(own, headers={"If-Match": done.headers["ETag"]}).status_code == 204


def test_a_repeated_request_starts_one_session(service, ann, bob, kim):
    body, headers = {"client": kim, "plan": "lift_hinge"}, {"Idempotency-Key": "k1"}
    first = ann.post("/v1/sessions", json=body, headers=headers)
    change(ann, first.json(), {"name": "try_1", "cue": "One."})
    again = ann.post("/v1/sessions", json=body, headers=headers)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.json()["id"] == first.json()["id"] and again.json()["steps"][1]["cue"] == "One."
    other = ann.post("/v1/sessions", json={"client": kim, "plan": "first_look"}, headers=headers)
    assert problem_of(other)["status"] == 422
    assert len(ann.get("/v1/sessions").json()["items"]) == 1
    bob.post("/v1/sessions", json={"client": "Bea", "plan": "lift_hinge"}, headers=headers)
    assert ann.delete(first.json()["links"]["self"]).status_code == 204
    with service.services.database.read_session() as session:
        assert {row.body["id"] for row in session.query(IdempotentResponse)} == {
            bob.get("/v1/sessions").json()["items"][0]["id"]
        }


def test_a_deleted_session_leaves_its_clips(service, ann, clip, kim, started):
    sent = send(service, ann, clip, kim)
    change(ann, started, {"name": "first", "analysis": sent})
    assert ann.delete(started["links"]["self"]).status_code == 204
    assert ann.get(started["links"]["self"]).status_code == 404
    assert ann.get(f"/v1/analyses/{sent}").status_code == 200
    assert ann.delete(started["links"]["self"]).status_code == 404
    assert rows(service) == (0, 0)


def rows(service):
    with service.services.database.read_session() as session:
        return session.query(CoachingSession).count(), session.query(SessionStep).count()


def test_a_deleted_clip_leaves_its_step_empty(service, ann, clip, kim, started):
    sent = send(service, ann, clip, kim)
    change(ann, started, {"name": "first", "analysis": sent, "cue": "One."})
    before = ann.get(started["links"]["self"]).headers["ETag"]
    assert ann.delete(f"/v1/analyses/{sent}").status_code == 204
    left = ann.get(started["links"]["self"])
    assert (left.json()["steps"][0]["analysis"], left.json()["steps"][0]["cue"]) == (None, "One.")
    assert left.headers["ETag"] != before
    assert ann.get(started["links"]["card"]).json()["clips"] == []


def test_deleting_a_client_deletes_their_sessions(service, ann, clip, kim, started):
    start(ann, "Robin")
    change(ann, started, {"name": "first", "analysis": send(service, ann, clip, kim)})
    assert ann.delete(f"/v1/clients/{kim}").status_code == 204
    assert ann.get(started["links"]["self"]).status_code == 404
    assert rows(service) == (1, 4)


def test_everything_of_sessions_goes_with_client_clip_and_owner(any_service, clip):
    """On a database of each kind, since the database itself deletes them."""
    service = any_service
    services = service.services
    with service.client(service.key("ann")) as ann:
        made = [start(ann, name) for name in ("Kim", "Robin")]
        for one in made:
            change(ann, one, {"name": "first", "analysis": send(service, ann, clip, one["client"])})
        sent = change(ann, made[0])["steps"][0]["analysis"]
        assert ann.delete(f"/v1/analyses/{sent}").status_code == 204
        assert change(ann, made[0])["steps"][0]["analysis"] is None
        assert ann.delete(f"/v1/clients/{made[0]['client']}").status_code == 204
        assert rows(service) == (1, 4)
    with services.database.read_session() as session:
        owner_id = session.query(CoachingSession).one().owner_id
    assert deletion.delete_owner(services.database, services.files, services.jobs, owner_id)
    assert rows(service) == (0, 0)


def test_retention_deletes_old_sessions(service, ann, kim, started):
    old = start(ann, kim, started_at=(now() - timedelta(days=31)).isoformat())
    services = service.services
    retention.apply_retention(services.database, services.files, services.jobs, 30)
    assert [one["id"] for one in ann.get("/v1/sessions").json()["items"]] == [started["id"]]
    with services.database.session() as session:
        session.get_one(CoachingSession, started["id"]).created_at = now() - timedelta(days=31)
        assert sessions.delete_older(session, now() - timedelta(days=30)) == 1
    assert old["id"] != started["id"] and rows(service) == (0, 0)


def test_export_holds_the_sessions_of_the_client(service, ann, clip, kim, started):
    sent = send(service, ann, clip, kim)
    change(ann, started, {"name": "first", "analysis": sent, "load_kg": 20}, {"name": "try_1", "cue": "=Reach"})
    start(ann, "Robin")
    with zipfile.ZipFile(io.BytesIO(ann.get(f"/v1/clients/{kim}/export").content)) as opened:
        [session] = json.loads(opened.read("client.json"))["sessions"]
        table = list(csv.DictReader(io.StringIO(opened.read("sessions.csv").decode())))
    assert (session["id"], session["plan"]) == (started["id"], "lift_hinge")
    assert [(step["name"], step["analysis_id"]) for step in session["steps"]][:2] == [("first", sent), ("try_1", None)]
    assert [(row["step"], row["load_kg"], row["cue"]) for row in table][:2] == [
        ("First clip", "20.0", ""),
        ("Try 1", "", "'=Reach"),
    ]
    assert "owner_id" not in session


def test_card_of_a_practice_session(service, ann, clip, kim, started):
    first = send(service, ann, clip, kim, make_result("You folded.", "1.mp4", fold=80, level=4))
    tried = send(service, ann, clip, kim, make_result("You folded more.", "2.mp4", fold=85, level=1))
    again = send(service, ann, clip, kim)
    change(
        ann, started,
        {"name": "first", "analysis": first},
        {"name": "try_1", "analysis": tried, "cue": "Reach back."},
        {"name": "again", "analysis": again},
    )  # fmt: skip
    card = ann.get(started["links"]["card"]).json()
    assert (card["client"], card["kind"], card["waiting"], card["took_minutes"]) == ("Kim", "practice", 1, None)
    assert [line["text"] for line in card["can"]] == ["You folded more."]
    assert card["changes"]["intro"] == "From A, “First clip”, to B, “Try 1”"
    service.finish(again, make_result("You folded all the way.", "3.mp4", fold=110))
    end = now() + timedelta(minutes=24)
    change(ann, started, finished_at=end.isoformat())
    card = ann.get(started["links"]["card"]).json()
    assert (card["waiting"], card["message"], card["took_minutes"]) == (0, None, 24)
    assert [(line["step"], line["text"]) for line in card["can"]] == [("again", "You folded all the way.")]
    assert (card["changes"]["before"], card["changes"]["after"]) == (first, again)
    assert "30 degrees" in card["changes"]["texts"][0] and len(card["changes"]["texts"]) <= 2
    assert card["felt_better"] == "Try 1 felt better: up to 1 of 10, and up to 4 of 10 in “First clip”."
    assert card["next"]["text"] == "Try after You folded all the way."
    assert [(one["step"], one["cue"], one["analysis"]["id"]) for one in card["clips"]] == [
        ("first", "", first), ("try_1", "Reach back.", tried), ("again", "", again)
    ]  # fmt: skip
    change(ann, started, finished_at=(end + timedelta(hours=5)).isoformat())
    assert ann.get(started["links"]["card"]).json()["took_minutes"] is None


def test_each_clip_of_the_card_has_its_key_measures_and_changes_since_the_first(service, ann, clip, kim):
    started = start(ann, kim)
    ids = {}
    for name, ascent_s in (("first", 1.0), ("again", 2.0)):
        ids[name] = send(service, ann, clip, kim, result(*three_reps(ascent_s=ascent_s), name=f"{name}.mp4"))
    change(ann, started, *({"name": name, "analysis": id} for name, id in ids.items()))
    first, again = ann.get(started["links"]["card"]).json()["clips"]
    assert [(one["id"], one["value"]) for one in first["key_measures"]] == [("hinge.ascent", 1.0)]
    assert first["key_changes"] == []
    [up] = again["key_changes"]
    assert (up["before"], up["after"], up["change"], up["clear"]) == (1.0, 2.0, 1.0, True)


def test_card_of_a_first_look_has_notes_and_the_referral_first(service, ann, clip, kim):
    look = start(ann, kim, "first_look")
    hinge = send(service, ann, clip, kim, make_result("You hinged."))
    squat = send(service, ann, clip, kim, make_result("You squatted.", referral=True))
    change(
        ann, look, {"name": "hinge", "analysis": hinge}, {"name": "squat", "analysis": squat},
        {"name": "roll", "note": "Smooth.", "noted": True}, {"name": "twist", "skipped": True, "note": "x"},
    )  # fmt: skip
    card = ann.get(look["links"]["card"]).json()
    assert [(line["step"], line["text"]) for line in card["can"]] == [
        ("hinge", "You hinged."), ("squat", "You squatted.")
    ]  # fmt: skip
    assert card["next"]["id"] == "clinician.soon"
    assert [(line["title"], line["text"]) for line in card["notes"]] == [("Rolls", "Smooth.")]
    assert card["changes"] is None and card["felt_better"] is None


def test_card_without_results_states_why(service, ann, clip, kim, started):
    assert ann.get(started["links"]["card"]).json()["message"] == "No clip of this session is ready yet."
    sent = send(service, ann, clip, kim)
    change(ann, started, {"name": "first", "analysis": sent})
    assert ann.get(started["links"]["card"]).json()["message"] is None
    service.finish(sent, **{"analysis.json": b'{"schema_version": "0.1"}'})  # of an older version
    card = ann.get(started["links"]["card"]).json()
    assert (card["waiting"], card["message"]) == (0, "No clip of this session is ready yet.")
