"""Repeats that are sent to the service, their statistics, and the comparisons that use them."""

import pytest

from api.settings import ServiceSettings
from tests.api.service import Service, problem_of
from tests.repeatability.people import draw_pairs, make_hinge, make_pairs, write_batch
from tests.repeatability.test_command import call


@pytest.fixture
def send(service, ann, clip):
    """Send a clip with options, and finish it with a hinge of this fold."""
    count = iter(range(1000))

    def make(fold, variant=None, load_kg=None, **options):
        details = {"variant": variant, "load_kg": load_kg, **options}
        answer = ann.post(
            "/v1/analyses",
            files={"clip": ("hinge.mp4", clip)},
            data={name: value for name, value in details.items() if value is not None},
        )
        assert answer.status_code == 202, answer.text
        body = answer.json()
        analysis = make_hinge([fold - 1, fold, fold + 1], f"{next(count)}.mp4", variant=variant, load_kg=load_kg)
        service.finish(body["id"], analysis)
        return body

    return make


def send_pairs(send, pairs):
    for number, (fold, again) in enumerate(pairs):
        first = send(fold, client=f"client {number}")
        send(again, repeat_of=first["id"])


def test_a_repeat_takes_the_details_of_the_first_clip(service, ann, clip, send):
    details = {"movement": "hinge", "variant": "sumo", "load_kg": 60, "height_cm": 172, "client": "Kim"}
    first = send(90, **details)
    again = send(91, repeat_of=first["id"])
    third = send(92, repeat_of=again["id"], client="Kim")
    for repeat in (again, third):
        assert repeat["repeat_of"] == first["id"]
        names = ("movement", "variant", "load_kg", "height_cm", "client")
        assert [repeat[name] for name in names] == [first[name] for name in names]
    assert first["repeat_of"] is None


def test_a_recognised_movement_is_taken_too(send):
    first = send(90)
    assert first["movement"] == "auto"
    assert send(91, repeat_of=first["id"])["movement"] == "hinge"


@pytest.mark.parametrize(
    "other", [{"movement": "squat"}, {"variant": "romanian"}, {"load_kg": 40}, {"client": "Somebody else"}]
)
def test_other_details_are_no_repeat(ann, clip, send, other):
    first = send(90, movement="hinge", variant="sumo", load_kg=60, client="Kim")
    answer = ann.post("/v1/analyses", files={"clip": ("a.mp4", clip)}, data={"repeat_of": first["id"], **other})
    problem = problem_of(answer)
    assert (problem["status"], problem["type"]) == (422, "urn:problem:no-repeat")
    assert problem["errors"][0]["where"] == f"body.{next(iter(other))}"


def test_a_load_that_the_first_clip_lacks_is_refused(ann, clip, send):
    first = send(90, movement="hinge")
    answer = ann.post("/v1/analyses", files={"clip": ("a.mp4", clip)}, data={"repeat_of": first["id"], "load_kg": 40})
    assert "(not given)" in problem_of(answer)["detail"]


def test_only_own_analyses_can_be_repeated(bob, clip, send):
    first = send(90)
    answer = bob.post("/v1/analyses", files={"clip": ("a.mp4", clip)}, data={"repeat_of": first["id"]})
    assert problem_of(answer)["status"] == 404


def test_statistics_are_of_the_marked_repeats_alone(ann, bob, send):
    assert ann.get("/v1/repeatability").json()["movements"] == []
    send_pairs(send, [(90, 92), (100, 96), (80, 86)])
    send(120, client="client 0")  # the same person and movement, but no repeat
    [hinge] = ann.get("/v1/repeatability").json()["movements"]
    fold = hinge["measures"][0]
    assert (fold["key"], fold["people"], fold["clips"]) == ("hinge.fold", 3, 6)
    assert fold["within_person_sd"] == pytest.approx((56 / 6) ** 0.5, abs=1e-4)
    assert fold["is_used"] is False
    assert bob.get("/v1/repeatability").json()["movements"] == []


def test_a_repeat_whose_first_clip_is_deleted_still_repeats_the_others(ann, send):
    first = send(90, client="Kim")
    send(92, repeat_of=first["id"])
    send(95, repeat_of=first["id"])
    assert ann.delete(f"/v1/analyses/{first['id']}").status_code == 204
    [hinge] = ann.get("/v1/repeatability").json()["movements"]
    assert hinge["measures"][0]["groups"][0]["values"] == [92, 95]


def test_repeats_of_other_days_have_their_own_setting(ann, send):
    first = send(90, client="Kim", recorded_at="2026-03-01T10:00:00Z")
    send(92, repeat_of=first["id"], recorded_at="2026-03-08T10:00:00Z")
    assert ann.get("/v1/repeatability").json()["movements"] == []
    body = ann.get("/v1/repeatability?setting=other_day").json()
    assert (body["setting"], len(body["movements"])) == ("other_day", 1)


def test_comparisons_and_timelines_use_enough_own_repeats(ann, send):
    a, b = send(90, client="Eva"), send(95, client="Eva")

    def compare():
        body = ann.get(f"/v1/compare?a={a['id']}&b={b['id']}").json()
        row = {row["key"]: row for row in body["pairs"][0]["rows"]}["hinge.trunk_thigh_deg"]
        return row["clear"], row["threshold_source"], body["mdc_source"]

    assert compare() == (False, "the literature", "the literature")
    send_pairs(send, draw_pairs(12, 0.8))
    assert compare() == (True, "your own 12 pairs", "your own 12 pairs")
    timeline = ann.get(f"/v1/clients/{a['client']}/timeline").json()
    line = {line["key"]: line for line in timeline["lines"]}["hinge.trunk_thigh_deg"]
    assert (line["clear"], line["threshold_source"]) == (True, "your own 12 pairs")


def test_the_file_of_the_settings_is_used(tmp_path, clip):
    out = write_batch(tmp_path / "batch", make_pairs(draw_pairs(18, 1.0)))
    assert call("repeatability", out).exit_code == 0
    service = Service(tmp_path / "data", repeatability_file=out / "repeatability.json")
    assert isinstance(service.settings, ServiceSettings)
    with service.client(service.key("ann")) as ann:
        ids = []
        for number, fold in enumerate((90, 95)):
            ids.append(ann.post("/v1/analyses", files={"clip": ("a.mp4", clip)}).json()["id"])
            service.finish(ids[-1], make_hinge([fold - 1, fold, fold + 1], f"{number}.mp4"))
        assert ann.get(f"/v1/compare?a={ids[0]}&b={ids[1]}").json()["mdc_source"] == "your own 18 pairs"
    service.services.database.close()
