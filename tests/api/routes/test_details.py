"""Details corrected after the upload: what changes, what is measured again, and what is refused."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from analyzer.movements.registry import load_movements
from analyzer.results.schema import Analysis, Stage
from api.db import analyses
from tests.api.service import problem_of
from tests.compare.results import result, three_reps


def slump() -> Analysis:
    stage = Stage(name="knee_straight", side="near", start_s=1, end_s=3)
    return result(movement="slump").model_copy(update={"stages": [stage]})


def remeasured(service) -> list[tuple]:
    return [call for call in service.jobs.calls if call[0] == "remeasure"]


def patched(who, id: str, **fields) -> dict:
    answer = who.patch(f"/v1/analyses/{id}", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_another_movement_is_measured_from_the_stored_track(service, ann, sent):
    service.finish(sent, result(*three_reps()))
    body = patched(ann, sent, movement="squat")
    assert (body["movement"], body["remeasuring"], body["status"]) == ("squat", True, "done")
    assert ann.get(f"/v1/analyses/{sent}").json() == body
    assert remeasured(service) == [("remeasure", sent, 1)]


def test_the_same_change_again_is_no_change(service, ann, sent):
    service.finish(sent, result(*three_reps()))
    first = patched(ann, sent, movement="squat", load_kg=60)
    assert patched(ann, sent, movement="squat", load_kg=60) == first
    assert {call[2] for call in remeasured(service)} == {1}  # of one revision there is one job


def test_every_detail_is_set_and_cleared(service, ann, sent):
    service.finish(sent, result(*three_reps()))
    body = patched(
        ann, sent, movement="hinge", variant="sumo", load_kg=82.5, height_cm=171, client="Kim", note="after the cue"
    )
    client = body["client"]
    assert ann.get(f"/v1/clients/{client}").json()["name"] == "Kim"
    assert (body["variant"], body["load_kg"], body["height_cm"], body["note"]) == ("sumo", 82.5, 171, "after the cue")
    assert patched(ann, sent, client=client)["client"] == client
    body = patched(ann, sent, variant=None, load_kg=None, height_cm=None, client=None, note=None)
    assert [body[name] for name in ("variant", "load_kg", "height_cm", "client", "note")] == [None] * 5


def test_client_and_note_need_no_measuring(service, ann, sent):
    service.finish(sent, result(*three_reps()))
    before = ann.get(f"/v1/analyses/{sent}").json()["revision"]
    body = patched(ann, sent, client="Kim", note="tired")
    assert (body["remeasuring"], body["note"]) == (False, "tired")
    assert body["revision"] > before  # clients that follow the analysis notice it
    assert remeasured(service) == []


def test_auto_returns_to_automatic_recognition(service, ann, sent):
    service.finish(sent, result(*three_reps()))
    patched(ann, sent, movement="squat")
    assert patched(ann, sent, movement="auto")["movement"] == "hinge"  # as found, until it is measured again
    with service.services.database.read_session() as session:
        assert session.get(analyses.AnalysisRow, sent).movement == "auto"


def test_names_that_do_not_exist_are_refused_with_those_that_do(service, ann, sent):
    service.finish(sent, result(*three_reps()))
    path = f"/v1/analyses/{sent}"
    detail = problem_of(ann.patch(path, json={"movement": "headstand"}))["detail"]
    assert all(name in detail for name in load_movements())
    detail = problem_of(ann.patch(path, json={"variant": "goblet"}))["detail"]  # of a squat; this is a hinge
    assert all(name in detail for name in load_movements()["hinge"].variants)
    detail = problem_of(ann.patch(path, json={"movement": "slump", "variant": "sumo"}))["detail"]
    assert "the movement has none" in detail
    assert remeasured(service) == []


@pytest.mark.parametrize(
    "body", [{"load_kg": -1}, {"load_kg": "much"}, {"height_cm": 3}, {"subject": "her"}, {"weight": 3}, [], None]
)
def test_what_cannot_be_used_is_refused(ann, sent, body):
    assert problem_of(ann.patch(f"/v1/analyses/{sent}", json=body))["status"] == 422


def test_variant_is_cleared_with_its_movement(service, ann, sent):
    service.finish(sent, result(*three_reps()))
    patched(ann, sent, movement="hinge", variant="sumo")
    assert patched(ann, sent, movement="squat")["variant"] is None
    assert patched(ann, sent, variant="goblet")["variant"] == "goblet"


def test_queued_analysis_accepts_every_change(service, ann, sent):
    body = patched(ann, sent, movement="squat", subject="largest")
    assert (body["status"], body["movement"], body["subject"], body["remeasuring"]) == (
        "queued", "squat", "largest", False,
    )  # fmt: skip
    assert remeasured(service) == []


def test_running_analysis_accepts_changes_but_no_other_subject(service, ann, sent):
    with service.services.database.session() as session:
        analyses.mark_started(session, sent, "worker")
    assert patched(ann, sent, movement="squat")["movement"] == "squat"
    body = problem_of(ann.patch(f"/v1/analyses/{sent}", json={"subject": "largest", "note": "x"}))
    assert (body["status"], body["type"]) == (409, "urn:problem:needs-tracking")
    assert ann.get(f"/v1/analyses/{sent}").json()["note"] is None
    assert patched(ann, sent, subject="auto")["subject"] == "auto"  # no change


def test_what_was_cancelled_has_nothing_to_measure(ann, sent):
    ann.post(f"/v1/analyses/{sent}/cancel")
    body = problem_of(ann.patch(f"/v1/analyses/{sent}", json={"movement": "squat"}))
    assert body["status"] == 409 and "cancelled" in body["detail"]
    assert patched(ann, sent, note="stopped by mistake")["note"] == "stopped by mistake"


def test_the_etag_names_the_details(service, ann, sent):
    service.finish(sent, result(*three_reps()))
    path = f"/v1/analyses/{sent}"
    etag = ann.get(path).headers["ETag"]
    ann.put(f"{path}/marks", json={"threshold": 3})
    assert ann.get(path).headers["ETag"] == etag  # of the details, and not of the marks
    elsewhere = ann.patch(path, json={"load_kg": 60}, headers={"If-Match": etag})
    assert elsewhere.status_code == 200
    refused = ann.patch(path, json={"load_kg": 80}, headers={"If-Match": etag})
    assert problem_of(refused)["status"] == 412
    assert refused.headers["ETag"] == elsewhere.headers["ETag"] == ann.get(path).headers["ETag"] != etag
    assert ann.get(path).json()["load_kg"] == 60
    assert ann.patch(path, json={"load_kg": 80}, headers={"If-Match": refused.headers["ETag"]}).status_code == 200


def test_of_two_who_change_the_same_details_one_wins(any_service, clip):
    with any_service.client(any_service.key("ann")) as ann, ThreadPoolExecutor(4) as pool:
        sent = ann.post("/v1/analyses", files={"clip": ("squat.mp4", clip)}).json()["id"]
        path = f"/v1/analyses/{sent}"
        headers = {"If-Match": ann.get(path).headers["ETag"]}
        requests = [pool.submit(ann.patch, path, json={"load_kg": n}, headers=headers) for n in range(1, 5)]
        assert sorted(one.result().status_code for one in requests) == [200, 412, 412, 412]


def test_marks_are_carried_over_to_another_movement(service, ann, sent):
    service.finish(sent, slump())
    path = f"/v1/analyses/{sent}/marks"
    stage = {"name": "slump", "start_s": 3, "end_s": 5}
    reports = [{"stage": "knee_straight", "level": 4}]
    etag = ann.put(path, json={"reports": reports, "stages": [stage], "baseline_level": 1}).headers["ETag"]
    patched(ann, sent, movement="toe_touch")
    marks = ann.get(path)
    body = marks.json()
    assert [(one["at_s"], one["stage"], one["level"]) for one in body["reports"]] == [(2.0, None, 4)]
    assert [(one["name"], one["movement"]) for one in body["stages"]] == [("slump", "slump")]
    assert body["baseline_level"] == 1
    assert marks.headers["ETag"] != etag  # clients that have the old marks fetch them again
    revision = service.jobs.calls[-1][2]
    with service.services.database.read_session() as session:
        row = session.get(analyses.AnalysisRow, sent)
        assert (row.marks_revision, row.measured_revision) == (revision, 0)


def test_reports_of_reps_stay_at_their_time_when_another_variant_counts_other_reps(service, ann, sent):
    done = result(*three_reps())
    service.finish(sent, done)
    path = f"/v1/analyses/{sent}/marks"
    patched(ann, sent, movement="hinge")
    assert ann.put(path, json={"reports": [{"rep": 2, "level": 4}]}).status_code == 200
    patched(ann, sent, variant="sumo")
    (report,) = ann.get(path).json()["reports"]
    assert (report["at_s"], report["rep"]) == (done.reps[1].bottom_s, None)


def test_marks_can_be_put_with_their_etag_after_details_changed(service, ann, sent):
    service.finish(sent, result(*three_reps()))
    path = f"/v1/analyses/{sent}/marks"
    etag = ann.put(path, json={"threshold": 3}).headers["ETag"]
    patched(ann, sent, load_kg=60)
    assert ann.get(path).headers["ETag"] == etag
    assert ann.put(path, json={"threshold": 4}, headers={"If-Match": etag}).status_code == 200


def test_of_another_owner_there_is_nothing_to_change(bob, sent):
    assert bob.patch(f"/v1/analyses/{sent}", json={"note": "mine"}).status_code == 404


def test_unknown_client_is_refused(ann, sent):
    body = problem_of(ann.patch(f"/v1/analyses/{sent}", json={"client": "cli_00000000000000000000"}))
    assert body["status"] == 404 and "client" in body["detail"]
