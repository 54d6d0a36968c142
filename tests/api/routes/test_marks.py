from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.service import problem_of

MARKS = {"reports": [{"at_s": 2.5, "level": 4, "where": "back"}], "baseline_level": 1}


def test_marks_are_kept_and_measured_anew(service, ann, sent):
    service.finish(sent)
    answer = ann.put(f"/v1/analyses/{sent}/marks", json=MARKS)
    assert answer.status_code == 200, answer.text
    assert answer.json()["marks_pending"] is True
    told = ann.get(f"/v1/analyses/{sent}/marks").json()
    assert told["reports"][0]["level"] == 4
    assert told["baseline_level"] == 1
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
        [],
    ):
        problem_ = problem_of(ann.put(f"/v1/analyses/{sent}/marks", json=marks))
        assert problem_["status"] == 422


def test_marks_have_an_etag_that_changes_with_them(ann, sent):
    path = f"/v1/analyses/{sent}/marks"
    none = ann.get(path).headers["ETag"]
    put = ann.put(path, json=MARKS).headers["ETag"]
    assert ann.get(path).headers["ETag"] == put != none
    assert ann.put(path, json=MARKS).headers["ETag"] != put  # put anew, though they say the same


def test_marks_that_others_were_put_over_meanwhile_are_refused_and_change_nothing(service, ann, sent):
    service.finish(sent)
    path = f"/v1/analyses/{sent}/marks"
    seen = ann.get(path).headers["ETag"]
    elsewhere = ann.put(path, json=MARKS, headers={"If-Match": seen})
    assert elsewhere.status_code == 200
    told = len(service.jobs.calls)
    answer = ann.put(path, json={"threshold": 5}, headers={"If-Match": seen})
    assert problem_of(answer)["status"] == 412
    assert "Get them again" in answer.json()["detail"]
    assert answer.headers["ETag"] == elsewhere.headers["ETag"]
    now = ann.get(path)
    assert (now.json()["threshold"], now.json()["baseline_level"]) == (2, 1)
    assert now.headers["ETag"] == elsewhere.headers["ETag"]
    assert len(service.jobs.calls) == told
    assert ann.put(path, json={"threshold": 5}, headers={"If-Match": now.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("told", ['"7", "0"', 'W/"0"', "*", None])
def test_marks_are_put_where_the_etag_fits_or_none_is_asked_for(ann, sent, told):
    headers = {} if told is None else {"If-Match": told}
    assert ann.put(f"/v1/analyses/{sent}/marks", json=MARKS, headers=headers).status_code == 200


def test_of_two_who_put_over_the_same_marks_one_wins(any_service, clip):
    with any_service.client(any_service.key("ann")) as ann, ThreadPoolExecutor(4) as pool:
        sent = ann.post("/v1/analyses", files={"clip": ("squat.mp4", clip)}).json()["id"]
        path = f"/v1/analyses/{sent}/marks"
        seen = ann.get(path).headers["ETag"]
        asked = [pool.submit(ann.put, path, json={"threshold": n}, headers={"If-Match": seen}) for n in range(4)]
        assert sorted(one.result().status_code for one in asked) == [200, 412, 412, 412]


def test_marks_of_another_owner_are_not_there(bob, sent):
    assert bob.get(f"/v1/analyses/{sent}/marks").status_code == 404
    assert bob.put(f"/v1/analyses/{sent}/marks", json=MARKS).status_code == 404
