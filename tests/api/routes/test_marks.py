from concurrent.futures import ThreadPoolExecutor

import pytest

from analyzer.results.schema import Stage
from tests.api.service import problem_of
from tests.compare.results import result, three_reps

MARKS = {"reports": [{"at_s": 2.5, "level": 4, "where": "back"}], "baseline_level": 1}


def test_marks_are_stored_and_measured_again(service, ann, sent):
    service.finish(sent)
    answer = ann.put(f"/v1/analyses/{sent}/marks", json=MARKS)
    assert answer.status_code == 200, answer.text
    assert answer.json()["marks_pending"] is True
    body = ann.get(f"/v1/analyses/{sent}/marks").json()
    assert body["reports"][0]["level"] == 4
    assert body["baseline_level"] == 1
    assert ("remeasure", sent, 1) in service.jobs.calls


def test_marks_of_what_is_not_done_wait_for_it(service, ann, sent):
    assert ann.put(f"/v1/analyses/{sent}/marks", json=MARKS).status_code == 200
    assert not [call for call in service.jobs.calls if call[0] == "remeasure"]


def test_without_marks_there_are_none(ann, sent):
    assert ann.get(f"/v1/analyses/{sent}/marks").json()["reports"] == []


def test_marks_that_cannot_be_used_are_refused(ann, sent):
    for marks in (
        {"reports": [{"at_s": 2.5, "level": 11}]},
        {"reports": [{"level": 3}]},
        {"reports": [{"at_s": -1, "level": 3}]},
        {"sore": True},
        {"clinician": "Dr. \x00 No"},
        [],
    ):
        problem_ = problem_of(ann.put(f"/v1/analyses/{sent}/marks", json=marks))
        assert problem_["status"] == 422


def finish_as_hinge(service, ann, sent) -> str:
    """A hinge of three reps in 30 s; returns the address of its marks."""
    service.finish(sent, result(*three_reps()))
    ann.patch(f"/v1/analyses/{sent}", json={"movement": "hinge"})
    return f"/v1/analyses/{sent}/marks"


@pytest.mark.parametrize(
    ("marks", "where", "what"),
    [
        ({"reports": [{"rep": 7, "level": 1}]}, "body.reports.0", "no rep 7 in this clip; it has 3. Use at_s instead."),
        ({"reports": [{"hold": 1, "level": 1}]}, "body.reports.0", "no hold 1 in this clip; it has 0. Use at_s"),
        ({"reports": [{"at_s": 1, "level": 1}, {"at_s": 100, "level": 1}]}, "body.reports.1", "ends at 30.0 s. Give a"),
        ({"reports": [{"stage": "chin", "level": 1}]}, "body.reports.0", "no stage chin in this clip; there are: none"),
        ({"stages": [{"name": "up", "start_s": 31, "end_s": 32}]}, "body.stages.0", "up starts at 31 s; the clip ends"),
    ],
)
def test_marks_of_what_the_clip_does_not_have_are_refused(service, ann, sent, marks, where, what):
    path = finish_as_hinge(service, ann, sent)
    calls = len(service.jobs.calls)
    problem = problem_of(ann.put(path, json=marks))
    assert (problem["status"], problem["type"]) == (422, "urn:problem:marks-do-not-fit")
    assert problem["detail"].startswith(f"{where}: ") and what in problem["detail"]
    assert [error["where"] for error in problem["errors"]] == [where]
    assert ann.get(path).json()["reports"] == [] == service.jobs.calls[calls:]  # nothing is stored or measured


def test_the_refusal_of_a_stage_lists_those_of_the_clip(service, ann, sent):
    stages = [Stage(name="tall_sit", start_s=0, end_s=1), Stage(name="slump", side="near", start_s=1, end_s=3)]
    service.finish(sent, result(movement="slump").model_copy(update={"stages": stages}))
    ann.patch(f"/v1/analyses/{sent}", json={"movement": "slump"})
    path = f"/v1/analyses/{sent}/marks"
    given = [{"name": "return", "start_s": 4, "end_s": 5}]
    problem = problem_of(ann.put(path, json={"reports": [{"stage": "chin", "level": 1}], "stages": given}))
    assert "there are: tall_sit, slump (near), return." in problem["detail"]
    assert ann.put(path, json={"reports": [{"stage": "return", "level": 1}], "stages": given}).status_code == 200
    problem = problem_of(ann.put(path, json={"stages": [{"name": "dance", "start_s": 4, "end_s": 5}]}))
    assert "body.stages.0: dance is not a stage of slump; choose one of tall_sit, slump" in problem["detail"]


def test_marks_that_no_longer_fit_do_not_stop_others_from_being_added(service, ann, sent):
    """Marks of a clip that is not done yet cannot be checked."""
    path, unfit = f"/v1/analyses/{sent}/marks", {"rep": 7, "level": 1}
    assert ann.put(path, json={"reports": [unfit]}).status_code == 200
    finish_as_hinge(service, ann, sent)
    assert ann.put(path, json={"reports": [unfit, {"rep": 3, "level": 2}]}).status_code == 200
    assert (
        "reports.1: no rep 8" in problem_of(ann.put(path, json={"reports": [unfit, {"rep": 8, "level": 2}]}))["detail"]
    )


def test_reps_of_a_movement_that_is_not_measured_yet_are_not_checked(service, ann, sent):
    path = finish_as_hinge(service, ann, sent)
    ann.patch(f"/v1/analyses/{sent}", json={"movement": "squat"})
    assert ann.put(path, json={"reports": [{"rep": 7, "level": 1}]}).status_code == 200
    assert problem_of(ann.put(path, json={"reports": [{"at_s": 100, "level": 1}]}))["status"] == 422


def test_marks_have_an_etag_that_changes_with_them(ann, sent):
    path = f"/v1/analyses/{sent}/marks"
    none = ann.get(path).headers["ETag"]
    put = ann.put(path, json=MARKS).headers["ETag"]
    assert ann.get(path).headers["ETag"] == put != none
    assert ann.put(path, json=MARKS).headers["ETag"] != put  # a new version, though they say the same


def test_marks_changed_by_others_meanwhile_are_not_overwritten(service, ann, sent):
    service.finish(sent)
    path = f"/v1/analyses/{sent}/marks"
    etag = ann.get(path).headers["ETag"]
    elsewhere = ann.put(path, json=MARKS, headers={"If-Match": etag})
    assert elsewhere.status_code == 200
    calls = len(service.jobs.calls)
    answer = ann.put(path, json={"threshold": 5}, headers={"If-Match": etag})
    assert problem_of(answer)["status"] == 412
    assert "Get them again" in answer.json()["detail"]
    assert answer.headers["ETag"] == elsewhere.headers["ETag"]
    now = ann.get(path)
    assert (now.json()["threshold"], now.json()["baseline_level"]) == (2, 1)
    assert now.headers["ETag"] == elsewhere.headers["ETag"]
    assert len(service.jobs.calls) == calls
    assert ann.put(path, json={"threshold": 5}, headers={"If-Match": now.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("if_match", ['"7", "0"', 'W/"0"', "*", None])
def test_marks_are_put_if_the_etag_matches_or_none_is_given(ann, sent, if_match):
    headers = {} if if_match is None else {"If-Match": if_match}
    assert ann.put(f"/v1/analyses/{sent}/marks", json=MARKS, headers=headers).status_code == 200


def test_of_two_who_put_over_the_same_marks_one_wins(any_service, clip):
    with any_service.client(any_service.key("ann")) as ann, ThreadPoolExecutor(4) as pool:
        sent = ann.post("/v1/analyses", files={"clip": ("squat.mp4", clip)}).json()["id"]
        path = f"/v1/analyses/{sent}/marks"
        etag = ann.get(path).headers["ETag"]
        requests = [pool.submit(ann.put, path, json={"threshold": n}, headers={"If-Match": etag}) for n in range(4)]
        assert sorted(one.result().status_code for one in requests) == [200, 412, 412, 412]


def test_marks_of_another_owner_are_not_there(bob, sent):
    assert bob.get(f"/v1/analyses/{sent}/marks").status_code == 404
    assert bob.put(f"/v1/analyses/{sent}/marks", json=MARKS).status_code == 404
