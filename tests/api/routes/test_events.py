import asyncio
import json
import time

import pytest
from sqlalchemy.event import listen

from api.analysis_events import _POLL_INTERVAL_S
from api.db import analyses, owners
from tests.api.service import Service, problem_of
from tests.own_loop import in_a_loop


def read(text: str) -> list[dict]:
    events = []
    for block in text.strip().split("\n\n"):
        lines = [line.partition(": ") for line in block.splitlines() if not line.startswith(":")]
        if lines:
            events.append({name: value for name, _, value in lines})
    return events


def advance(service, id, *steps):
    with service.services.database.session() as session:
        analyses.mark_started(session, id, "worker")
        for stage, done, total in steps:
            assert analyses.update_progress(session, id, stage, done, total, None)


def test_stream_ends_after_the_final_status(service, ann, sent):
    service.finish(sent)
    answer = ann.get(f"/v1/analyses/{sent}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    [event] = read(answer.text)
    status = json.loads(event["data"])
    assert event["event"] == "status"
    assert status == ann.get(f"/v1/analyses/{sent}").json()
    assert event["id"] == str(status["revision"])


def test_unknown_id_answers_a_problem(ann):
    answer = ann.get("/v1/analyses/ana_00000000000000000000/events")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_every_change_is_streamed_in_order(service, ann, sent):
    async def follow(last_seen=None):
        with service.services.database.session() as session:
            owner = owners.find_by_name(session, "ann").id
        got = []
        async for event in service.services.events.stream_changes(owner, sent, last_seen):
            got.append(event)
            if len(got) == 1:
                await asyncio.to_thread(advance, service, sent, ("tracking", 5, 10))
            if len(got) == 2:
                await asyncio.to_thread(service.finish, sent)
        return got

    got = in_a_loop(asyncio.wait_for(follow(), 60))
    states = [event.data.status for event in got]
    assert states == ["queued", "running", "done"]
    assert got[1].data.progress.done == 5
    ids = [int(event.id) for event in got]
    assert ids == sorted(set(ids))


def test_known_revision_is_not_sent_again(service, ann, sent):
    with service.services.database.session() as session:
        owner = owners.find_by_name(session, "ann").id
        revision = analyses.get(session, owner, sent).revision

    async def first():
        async for event in service.services.events.stream_changes(owner, sent, revision):
            return event

    async def both():
        waiting = asyncio.ensure_future(first())
        await asyncio.sleep(1.0)
        assert not waiting.done()
        await asyncio.to_thread(advance, service, sent, ("tracking", 1, 10))
        return await asyncio.wait_for(waiting, 30)

    assert int(in_a_loop(both()).id) > revision


@pytest.mark.parametrize("last", ["0", "-1", "x", "9" * 19, "²"])
def test_invalid_last_event_id_is_ignored(service, ann, sent, last):
    service.finish(sent)
    answer = ann.get(f"/v1/analyses/{sent}/events", headers={"Last-Event-ID": last.encode()})
    assert answer.status_code == 200
    assert len(read(answer.text)) == 1


def test_a_stream_ends_with_its_analysis(service, ann, sent):
    with service.services.database.session() as session:
        owner = owners.find_by_name(session, "ann").id

    async def follow():
        got = []
        async for event in service.services.events.stream_changes(owner, sent):
            got.append(event.event)
            if len(got) == 1:
                await asyncio.to_thread(ann.delete, f"/v1/analyses/{sent}")
        return got

    assert in_a_loop(asyncio.wait_for(follow(), 60)) == ["status", "gone"]


def test_a_stream_ends_with_the_service(service, ann, sent):
    with service.services.database.session() as session:
        owner = owners.find_by_name(session, "ann").id

    async def follow():
        async for _ in service.services.events.stream_changes(owner, sent):
            service.services.stopping.set()

    in_a_loop(asyncio.wait_for(follow(), 30))


def test_streams_of_an_owner_are_limited(tmp_path, clip):
    service = Service(tmp_path / "data", event_streams_per_owner=2)
    ann, bob = service.client(service.key("ann")), service.client(service.key("bob"))
    ids = [each.post("/v1/analyses", files={"clip": ("a.mp4", clip)}).json()["id"] for each in (ann, bob)]
    for id in ids:
        service.finish(id)
    with service.services.database.session() as session:
        owner = owners.find_by_name(session, "ann").id
    with service.services.events.open_stream(owner), service.services.events.open_stream(owner):
        answer = ann.get(f"/v1/analyses/{ids[0]}/events")
        assert answer.status_code == 429
        assert problem_of(answer)["type"] == "urn:problem:too-many-streams"
        assert int(answer.headers["retry-after"]) > 0
        assert bob.get(f"/v1/analyses/{ids[1]}/events").status_code == 200
    for _ in range(5):  # each is counted only while it is open
        assert ann.get(f"/v1/analyses/{ids[0]}/events").status_code == 200


def test_all_streams_share_one_query(service, ann, sent):
    with service.services.database.session() as session:
        owner = owners.find_by_name(session, "ann").id
    statements = []
    listen(service.services.database._readers, "before_cursor_execute", lambda *call: statements.append(call[2]))

    async def follow(events):
        async for event in service.services.events.stream_changes(owner, sent):
            events.append(event.data.status)

    async def follow_all():
        received = [[] for _ in range(100)]
        streams = [asyncio.ensure_future(follow(events)) for events in received]
        while not all(received):
            await asyncio.sleep(0.05)
        statements.clear()
        began_s = time.monotonic()
        await asyncio.sleep(2.0)
        queries = [statement for statement in statements if "analyses" in statement]
        intervals = (time.monotonic() - began_s) / _POLL_INTERVAL_S
        assert 1 <= len(queries) <= intervals + 2  # one per interval, not one per stream and interval
        await asyncio.to_thread(service.finish, sent)
        await asyncio.wait_for(asyncio.gather(*streams), 60)
        assert {tuple(events) for events in received} == {("queued", "done")}

    in_a_loop(follow_all())
