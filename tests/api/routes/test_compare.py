import pytest

from tests.api.service import problem_of
from tests.compare.results import KNOWN_MOVEMENTS, result, three_reps


@pytest.fixture(autouse=True)
def known_movements(monkeypatch):
    monkeypatch.setattr("analyzer.compare.side.load_movements", lambda: KNOWN_MOVEMENTS)


@pytest.fixture
def finished(service, ann, clip):
    def make(analysis, day="2026-03-01"):
        data = {"recorded_at": f"{day}T10:00:00Z"}
        id = ann.post("/v1/analyses", files={"clip": ("a.mp4", clip)}, data=data).json()["id"]
        if analysis is not None:
            service.finish(id, analysis)
        return id

    return make


def test_clear_change_is_reported(ann, finished):
    a, b = finished(result(*three_reps(fold=90), name="a")), finished(result(*three_reps(fold=110), name="b"))
    body = ann.get(f"/v1/compare?a={a}&b={b}").json()
    rows = {row["key"]: row for row in body["pairs"][0]["rows"]}
    assert body["setting"] == "refilmed"
    assert (rows["hinge.fold_deg"]["change"], rows["hinge.fold_deg"]["clear"]) == (20, True)
    assert (rows["hinge.trunk_deg"]["change"], rows["hinge.trunk_deg"]["clear"]) == (0, False)


def test_clips_of_different_days_need_a_larger_change(ann, finished):
    a = finished(result(*three_reps(fold=90), name="a"))
    b = finished(result(*three_reps(fold=100), name="b"), "2026-03-02")
    same_day = finished(result(*three_reps(fold=100), name="c"))
    rows = [
        {row["key"]: row for row in ann.get(f"/v1/compare?a={a}&b={other}").json()["pairs"][0]["rows"]}[
            "hinge.fold_deg"
        ]
        for other in (b, same_day)
    ]
    assert [row["clear"] for row in rows] == [False, True]  # 11 and 8 degrees count


def test_reps_of_one_clip_are_compared(ann, finished):
    a = finished(result(*three_reps(fold=90)))
    body = ann.get(f"/v1/compare?a={a}@1&b={a}@3").json()
    assert body["setting"] == "same_clip"
    assert problem_of(ann.get(f"/v1/compare?a={a}&b={a}"))["type"] == "urn:problem:not-comparable"
    assert problem_of(ann.get(f"/v1/compare?a={a}@1&b={a}@9"))["status"] == 422


def test_different_movements_are_not(ann, finished):
    a, b = finished(result(*three_reps(), name="a")), finished(result(*three_reps(), name="b", movement="squat"))
    assert "same movement" in problem_of(ann.get(f"/v1/compare?a={a}&b={b}"))["detail"]


def test_both_have_to_be_there_and_done(ann, bob, finished):
    a, b = finished(result(*three_reps(), name="a")), finished(None)
    assert problem_of(ann.get(f"/v1/compare?a={a}&b={b}"))["status"] == 409
    assert problem_of(ann.get(f"/v1/compare?a={a}&b=ana_x"))["status"] == 404
    assert problem_of(bob.get(f"/v1/compare?a={a}&b={a}@1"))["status"] == 404
    assert problem_of(ann.get(f"/v1/compare?a={a}"))["status"] == 422


def test_a_result_whose_file_is_missing_is_not_called_old(service, ann, finished):
    a, b = finished(result(*three_reps(), name="a")), finished(result(*three_reps(), name="b"))
    service.services.files.delete_tree(f"results/{b}")
    problem = problem_of(ann.get(f"/v1/compare?a={a}&b={b}"))
    assert problem["status"] == 404 and "the file of its result is missing" in problem["detail"]
