from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.service import problem_of

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
