"""Changes of key measures over HTTP: since the last clip of a client, in the timeline, and of old results."""

import json

import pytest

from analyzer.results.schema import Analysis
from tests.api.service import problem_of
from tests.compare.results import rep, result


def make_hinge(fold: float, back: float, name: str, **more) -> Analysis:
    """Three reps that are alike; what an older version stored, without key measures."""
    reps = [rep(i, trunk_thigh_deg=fold, trunk_inclination_deg=70.0) for i in (1, 2, 3)]
    measures = {"rounding_deg": back, "trunk_thigh_deg": fold}
    return result(*(one.model_copy(update={"measures": measures}) for one in reps), name=name, **more)


@pytest.fixture
def send(service, ann, clip):
    """Send a clip of a client that was filmed on a day, and store its result."""

    def send_clip(analysis=None, day="2026-11-12", client="Anna", caller=ann, content=None, **fields):
        # every file differs, or it would be the same clip sent again
        body = clip + (content or f"{len(sent)}").encode()
        data = {"recorded_at": f"{day}T10:00:00Z", **({"client": client} if client else {}), **fields}
        answer = caller.post("/v1/analyses", files={"clip": (f"{day}.mp4", body)}, data=data)
        assert answer.status_code == 202, answer.text
        sent.append(answer.json()["id"])
        if analysis is not None:
            service.finish(sent[-1], analysis)
        return sent[-1]

    sent: list[str] = []
    return send_clip


def read_changes(caller, id):
    body = caller.get(f"/v1/analyses/{id}/changes").json()
    return body, {item["id"]: item for item in body["items"]}


def test_changes_since_the_last_clip_of_the_client(ann, send):
    first = send(make_hinge(90, 37, "a"), "2026-11-12")
    second = send(make_hinge(96, 19, "b"), "2026-11-26", load_kg="40")
    last = send(make_hinge(97, 18, "c"), "2026-11-26")
    body, changes = read_changes(ann, second)
    assert body["analysis"] == second and body["setting"] == "other_day"
    assert (body["since"]["analysis"], body["since"]["filmed_at"][:10]) == (first, "2026-11-12")
    assert [item["id"] for item in body["items"]] == ["hinge.fold", "hinge.trunk", "hinge.back", "hinge.ascent"]
    fold, back = changes["hinge.fold"], changes["hinge.back"]
    assert (fold["before"], fold["after"], fold["change"], fold["mdc"], fold["clear"]) == (90, 96, 6, 11, False)
    assert (back["change"], back["mdc"], back["clear"], back["better"]) == (-18, 15, True, True)
    assert changes["hinge.trunk"]["interval_80_after"] == [67.5, 72.5]
    body, changes = read_changes(ann, last)
    assert (body["since"]["analysis"], body["setting"], body["since"]["load_kg"]) == (second, "refilmed", 40)
    assert changes["hinge.back"]["clear"] is False
    assert read_changes(ann, first)[0] == {"analysis": first, "since": None, "setting": None, "items": []}
    assert ann.get(f"/v1/analyses/{last}").json()["links"]["changes"] == f"/v1/analyses/{last}/changes"


def test_another_exercise_client_or_clip_is_no_earlier_clip(ann, send):
    send(make_hinge(90, 37, "a", variant="sumo"))
    send(make_hinge(90, 37, "b", movement="squat"))
    send(make_hinge(90, 37, "c", load_kg=0))
    send(make_hinge(90, 37, "d"), client="Ben")
    send(make_hinge(90, 37, "e"), client="")
    send(make_hinge(90, 37, "f"), "2026-11-28")
    send(make_hinge(90, 37, "g"), content="same")
    send(None)
    last = send(make_hinge(96, 19, "g", load_kg=20), "2026-11-26", content="same")
    assert read_changes(ann, last)[0]["since"] is None


def test_changes_are_the_owners_alone_and_need_a_result(ann, bob, send):
    send(make_hinge(90, 37, "a"))
    last = send(make_hinge(96, 19, "b"), "2026-11-26")
    assert problem_of(bob.get(f"/v1/analyses/{last}/changes"))["status"] == 404
    assert problem_of(ann.get("/v1/analyses/ana_x/changes"))["status"] == 404
    assert problem_of(ann.get(f"/v1/analyses/{send(None)}/changes"))["status"] == 409
    other = send(make_hinge(96, 19, "c"), "2026-11-26", caller=bob)  # a client of the same name
    assert read_changes(bob, other)[0]["since"] is None


def test_the_timeline_leads_with_key_measures(ann, send):
    send(make_hinge(90, 37, "a"), "2026-11-12")
    send(make_hinge(96, 19, "b"), "2026-11-26")
    send(make_hinge(91, 20, "c", load_kg=0), "2026-11-27")  # without load: another exercise
    client = ann.get("/v1/clients").json()["items"][0]["id"]
    lines = ann.get(f"/v1/clients/{client}/timeline").json()["lines"]
    pulled = [line for line in lines if len(line["points"]) == 2]
    assert [line["key_measure"] for line in pulled] == [
        "hinge.fold", "hinge.trunk", "hinge.back", "hinge.ascent", None,
    ]  # fmt: skip
    fold, trunk, back, *_ = pulled
    assert (fold["key"], fold["title"], fold["unit"]) == ("hinge.trunk_thigh_deg", "Trunk-thigh", "deg")
    assert [point["mean"] for point in back["points"]] == [37, 19]
    assert trunk["points"][0]["interval_80"] == [67.5, 72.5]
    assert (fold["change"], fold["threshold"], fold["change_text"]) == (6, 11, "no clear change")
    assert (back["change"], back["clear"], back["better"], back["change_text"]) == (-18, True, True, "18 degrees less")
    assert pulled[-1]["key"] == "hinge.descent_s"
    assert len({line["key"] for line in pulled}) == len(pulled)


def test_a_comparison_has_key_changes(ann, send):
    a, b = send(make_hinge(90, 37, "a")), send(make_hinge(96, 19, "b"), "2026-11-26")
    [pair] = ann.get(f"/v1/compare?a={a}&b={b}").json()["pairs"]
    assert [change["id"] for change in pair["key_changes"]] == read_ids(ann, b)
    assert pair["key_changes"][2]["better"] is True


def read_ids(caller, id):
    return [item["id"] for item in read_changes(caller, id)[0]["items"]]


def test_a_result_of_an_older_version_is_served_with_key_measures(service, ann, send):
    old = make_hinge(90, 37, "a")
    id = send(old)
    content = old.model_dump_json(exclude={"key_measures"}).encode()
    service.finish(send(None), None)
    local = service.settings.data_dir / "old"
    local.write_bytes(content)
    service.services.files.put(local, f"results/{id}/run1/analysis.json")
    answer = ann.get(f"/v1/analyses/{id}/result")
    measures = answer.json()["key_measures"]
    assert [measure["id"] for measure in measures] == ["hinge.fold", "hinge.trunk", "hinge.back", "hinge.ascent"]
    assert measures[0]["value"] == 90
    assert {**answer.json(), "key_measures": []} == {**json.loads(content), "key_measures": []}
    etag = answer.headers["etag"]
    assert ann.get(f"/v1/analyses/{id}/result", headers={"If-None-Match": etag}).status_code == 304
    assert ann.head(f"/v1/analyses/{id}/result").status_code == 200


def test_a_result_in_a_form_that_no_longer_is_known_is_served_as_it_is(service, ann, send):
    id = send(make_hinge(90, 37, "a"))
    local = service.settings.data_dir / "old"
    local.write_bytes(b'{"schema_version": "1.0"}')
    service.services.files.put(local, f"results/{id}/run1/analysis.json")
    assert ann.get(f"/v1/analyses/{id}/result").json() == {"schema_version": "1.0"}
