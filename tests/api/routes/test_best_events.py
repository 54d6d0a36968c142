"""The best reps of an analysis over HTTP."""

from analyzer.results.schema import Analysis
from tests.api.service import problem_of
from tests.compare.results import rep, result


def make_hinge(*backs_deg: float) -> Analysis:
    reps = [rep(i, trunk_thigh_deg=90.0) for i in range(1, len(backs_deg) + 1)]
    return result(
        *(one.model_copy(update={"measures": {"rounding_deg": deg}}) for one, deg in zip(reps, backs_deg, strict=True))
    )


def send(service, caller, clip: bytes, analysis: Analysis | None) -> str:
    id = caller.post("/v1/analyses", files={"clip": ("a.mp4", clip)}).json()["id"]
    if analysis is not None:
        service.finish(id, analysis)
    return id


def test_the_rep_with_the_least_change_of_the_back_is_the_best_hinge(service, ann, clip):
    id = send(service, ann, clip, make_hinge(30, 5, 32))
    links = ann.get(f"/v1/analyses/{id}").json()["links"]
    assert ann.get(links["best_events"]).json() == {
        "analysis": id, "kind": "rep", "indices": [2], "reason": "Best: by back (less).",
    }  # fmt: skip


def test_reps_that_are_alike_have_no_best_one(service, ann, clip):
    body = ann.get(f"/v1/analyses/{send(service, ann, clip, make_hinge(10, 12, 11))}/best-events").json()
    assert (body["indices"], body["reason"]) == ([], "No best one: the reps are alike in back.")


def test_a_movement_that_defines_nothing_better_has_none(service, ann, clip):
    id = send(service, ann, clip, result(rep(1), rep(2), movement="unknown"))
    assert ann.get(f"/v1/analyses/{id}/best-events").json() == {
        "analysis": id, "kind": None, "indices": [], "reason": "",
    }  # fmt: skip


def test_only_the_owner_gets_them_and_only_of_a_result(service, ann, bob, clip):
    id = send(service, ann, clip, None)
    assert problem_of(ann.get(f"/v1/analyses/{id}/best-events"))["status"] == 409
    assert problem_of(bob.get(f"/v1/analyses/{id}/best-events"))["status"] == 404
