from tests.api.service import problem

MARKS = {"reports": [{"at_s": 2.5, "level": 4, "where": "back"}], "baseline_level": 1}


def test_marks_are_kept_and_measured_anew(service, ann, sent):
    service.finish(sent)
    answer = ann.put(f"/v1/analyses/{sent}/marks", json=MARKS)
    assert answer.status_code == 200, answer.text
    assert answer.json()["marks_pending"] is True
    told = ann.get(f"/v1/analyses/{sent}/marks").json()
    assert told["reports"][0]["level"] == 4
    assert told["baseline_level"] == 1
    assert ("remeasure", sent, 1) in service.jobs.told


def test_marks_of_what_is_not_done_wait_for_it(service, ann, sent):
    assert ann.put(f"/v1/analyses/{sent}/marks", json=MARKS).status_code == 200
    assert not [told for told in service.jobs.told if told[0] == "remeasure"]


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
        problem_ = problem(ann.put(f"/v1/analyses/{sent}/marks", json=marks))
        assert problem_["status"] == 422


def test_marks_of_another_owner_are_not_there(bob, sent):
    assert bob.get(f"/v1/analyses/{sent}/marks").status_code == 404
    assert bob.put(f"/v1/analyses/{sent}/marks", json=MARKS).status_code == 404
