"""Every query, the same on SQLite and on PostgreSQL."""

import base64
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from api.db import analyses, batches, clients, clips, owners, shares, sign_ins, workers
from api.db import idempotency as remembered
from api.db.engine import open_database
from api.db.models import AnalysisMarks, AnalysisRow, Pairing, ShareLink, SignIn, now
from api.db.pagination import InvalidCursorError
from api.sign_in_lifetime import SignInLifetime


def cursor(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


LIFETIME = SignInLifetime(idle_days=7, max_days=90)
PAST, FUTURE = cursor("0001-01-01T00:00:00+05:00|ana_x"), cursor("9999-12-31T23:59:59-05:00|ana_x")
NUL = cursor("2026-03-01T00:00:00+00:00|ana_\0")


def queued(database, owner_id, **options):
    with database.session() as session:
        clip = clips.create(session, owner_id, name="a.mp4", url="clips/a", size_bytes=5)
        return analyses.create(session, owner_id, clip.id, **options).id


def row_of(database, id):
    with database.session() as session:
        return session.get(AnalysisRow, id)


class TestWaysIn:
    def test_a_key_opens_until_it_is_revoked(self, database):
        with database.session() as session:
            key, plain = owners.create_key(session, "ann", "phone")
        with database.session() as session:
            assert owners.check_key(session, plain) == key.owner_id
            assert plain.rsplit("_", 1)[-1] not in key.secret_hash
            assert owners.has_active_keys(session)
        with database.session() as session:
            assert owners.revoke_key(session, key.id)
        with database.session() as session:
            assert owners.check_key(session, plain) is None
            assert not owners.has_active_keys(session)

    @pytest.mark.parametrize(
        "spoil", [lambda p: p + "a", lambda p: p[:-1], lambda p: "", lambda p: "mak_", lambda p: p.upper()]
    )
    def test_nothing_else_opens(self, database, spoil):
        with database.session() as session:
            _, plain = owners.create_key(session, "ann", "phone")
        with database.session() as session:
            assert owners.check_key(session, spoil(plain)) is None

    def test_a_pairing_link_signs_in_once(self, database, ann):
        with database.session() as session:
            link = owners.create_pairing(session, ann)
        with database.session() as session:
            cookie = owners.use_pairing(session, link, "phone", LIFETIME)
            assert sign_ins.find(session, cookie).owner_id == ann
        with database.session() as session:
            assert owners.use_pairing(session, link, "other phone", LIFETIME) is None
            assert owners.check_key(session, cookie) is None

    def test_of_many_that_open_a_link_at_once_one_is_signed_in(self, database, ann):
        with database.session() as session:
            link = owners.create_pairing(session, ann)
        cookies = []

        def use():
            with database.session() as session:
                cookies.append(owners.use_pairing(session, link, "phone", LIFETIME))

        threads = [threading.Thread(target=use) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(cookies) == 8 and sum(cookie is not None for cookie in cookies) == 1

    def test_an_old_link_and_an_old_cookie_open_nothing(self, database, ann):
        with database.session() as session:
            link = owners.create_pairing(session, ann)
            cookie = sign_ins.create(session, ann, "phone", LIFETIME)
        with database.session() as session:
            for table in (Pairing, SignIn):
                for row in session.scalars(select(table)):
                    row.expires_at = now() - timedelta(seconds=1)
        with database.session() as session:
            assert owners.use_pairing(session, link, "phone", LIFETIME) is None
            assert sign_ins.find(session, cookie) is None

    def test_revoking_a_key_signs_its_owners_browsers_out(self, database, ann):
        with database.session() as session:
            key, _ = owners.create_key(session, "ann", "phone")
            cookie = sign_ins.create(session, ann, "phone", LIFETIME)
            owners.revoke_key(session, key.id)
        with database.session() as session:
            assert sign_ins.find(session, cookie) is None

    def test_revoking_a_key_ends_its_owners_pairing_links(self, database, ann, bob):
        with database.session() as session:
            key, _ = owners.create_key(session, "ann", "phone")
            link, others = owners.create_pairing(session, ann), owners.create_pairing(session, bob)
            owners.revoke_key(session, key.id)
        with database.session() as session:
            assert owners.use_pairing(session, link, "phone", LIFETIME) is None
            assert owners.use_pairing(session, others, "phone", LIFETIME) is not None

    def test_only_a_use_after_a_while_is_written_down(self, database, ann):
        with database.session() as session:
            key, plain = owners.create_key(session, "ann", "phone")
            assert owners.is_last_use_stale(key)
            owners.check_key(session, plain)
            assert not owners.is_last_use_stale(key)

    def test_a_browser_signs_out(self, database, ann):
        with database.session() as session:
            cookie = sign_ins.create(session, ann, "phone", LIFETIME)
            assert sign_ins.revoke(session, sign_ins.find(session, cookie).id)
            assert sign_ins.find(session, cookie) is None


class TestOwnersApart:
    def test_nothing_of_another_owner_is_found(self, database, ann, bob):
        id = queued(database, ann)
        with database.session() as session:
            client = clients.create(session, ann, "Carla")
            batch = batches.create(session, ann, "spring", total=1)
            share, _ = shares.create(session, ann, id, 1)
            analyses.set_marks(session, ann, id, {"reports": []})
        with database.session() as session:
            clip_id = session.get(AnalysisRow, id).clip_id
            assert analyses.get(session, bob, id) is None
            assert analyses.cancel(session, bob, id) is None
            assert analyses.delete(session, bob, id) is None
            assert analyses.get_marks(session, bob, id) is None
            assert analyses.list_page(session, bob)[0] == []
            assert list(analyses.list_for_client(session, bob, client.id)) == []
            assert clips.get(session, bob, clip_id) is None
            assert clips.sum_stored_bytes(session, bob) == 0
            assert clients.get(session, bob, client.id) is None
            assert clients.find_by_name(session, bob, "Carla") is None
            assert batches.get(session, bob, batch.id) is None
            assert batches.cancel(session, bob, batch.id) is None
            assert list(shares.list(session, bob, id)) == []
            assert not shares.revoke(session, bob, share.id)
            with pytest.raises(LookupError):
                analyses.set_marks(session, bob, id, {})
        assert row_of(database, id).status == "queued"


class TestStates:
    def test_states_of_a_job_in_order(self, database, ann):
        id = queued(database, ann)
        with database.session() as session:
            assert analyses.mark_started(session, id, "wrk_1").starts == 1
            assert analyses.update_progress(session, id, "tracking", 3, 10, 4.5)
        row = row_of(database, id)
        assert (row.status, row.stage, row.done, row.total, row.eta_s) == ("running", "tracking", 3, 10, 4.5)
        with database.session() as session:
            assert analyses.mark_done(session, id, "run1", {"movement": "hinge"})
        after = row_of(database, id)
        assert (after.status, after.run, after.summary) == ("done", "run1", {"movement": "hinge"})
        assert after.revision > row.revision
        assert after.finished_at is not None

    def test_only_the_first_of_two_runs_counts(self, database, ann):
        id = queued(database, ann)
        counted = []

        def finish(run):
            with database.session() as session:
                analyses.mark_started(session, id, run)
            with database.session() as session:
                if analyses.mark_done(session, id, run, {}):
                    counted.append(run)

        threads = [threading.Thread(target=finish, args=(f"run{i}",)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(counted) == 1
        assert row_of(database, id).run == counted[0]

    def test_what_was_cancelled_is_not_started_nor_finished(self, database, ann):
        id = queued(database, ann)
        with database.session() as session:
            assert analyses.cancel(session, ann, id).status == "cancelled"
        with database.session() as session:
            assert analyses.mark_started(session, id, "w") is None
            assert not analyses.update_progress(session, id, "tracking", 1, 2, None)
            assert not analyses.mark_done(session, id, "run", {})
            assert not analyses.mark_failed(session, id, "died", "it died")
        assert row_of(database, id).status == "cancelled"

    def test_requeued_analysis_waits_again(self, database, ann):
        id = queued(database, ann)
        others = queued(database, ann)
        with database.session() as session:
            analyses.mark_started(session, id, "w1")
            analyses.mark_started(session, others, "w2")
        with database.session() as session:
            analyses.requeue_for_worker(session, "w1")
            analyses.cancel(session, ann, others)
            assert [row.id for row in analyses.list_unfinished(session, -1)] == [id]
            assert analyses.list_unfinished(session, 60) == []
        with database.session() as session:
            assert (session.get_one(AnalysisRow, id).status, session.get_one(AnalysisRow, id).worker_id) == (
                "queued",
                None,
            )
            assert analyses.mark_started(session, id, "w2").starts == 1, "its end says nothing against the clip"

    def test_what_is_done_stays_done(self, database, ann):
        id = queued(database, ann)
        with database.session() as session:
            analyses.mark_done(session, id, "run", {})
            assert analyses.cancel(session, ann, id).status == "done"
            assert not analyses.mark_failed(session, id, "died", "it died")

    def test_deleting_takes_marks_and_links_along(self, database, ann):
        id = queued(database, ann)
        with database.session() as session:
            analyses.set_marks(session, ann, id, {"reports": []})
            shares.create(session, ann, id, 3)
        with database.session() as session:
            assert analyses.delete(session, ann, id).id == id
        with database.session() as session:
            assert session.scalars(select(AnalysisMarks)).all() == []
            assert session.scalars(select(ShareLink)).all() == []

    def test_marks_are_replaced_and_counted(self, database, ann):
        id = queued(database, ann)
        with database.session() as session:
            assert analyses.set_marks(session, ann, id, {"a": 1}) == 1
        with database.session() as session:
            assert analyses.set_marks(session, ann, id, {"a": 2}) == 2
        with database.session() as session:
            assert analyses.get_marks(session, ann, id).body == {"a": 2}
        assert row_of(database, id).marks_revision == 2

    def test_a_batch_is_cancelled_with_what_waits_in_it(self, database, ann):
        with database.session() as session:
            batch = batches.create(session, ann, "spring", total=3).id
        ids = [queued(database, ann, batch_id=batch) for _ in range(3)]
        with database.session() as session:
            analyses.mark_done(session, ids[0], "run", {})
        with database.session() as session:
            assert set(batches.cancel(session, ann, batch)) == set(ids[1:])
        with database.session() as session:
            assert batches.count_by_status(session, batch) == {
                "queued": 0,
                "running": 0,
                "done": 1,
                "failed": 0,
                "cancelled": 2,
            }
            assert analyses.count_queued(session, ann) == 0


class TestPages:
    def test_every_row_comes_once_also_when_new_ones_come_between(self, database, ann):
        ids = [queued(database, ann) for _ in range(7)]
        found_ids, after = [], None
        while True:
            with database.session() as session:
                rows, after = analyses.list_page(session, ann, after=after, limit=3)
            found_ids += [row.id for row in rows]
            queued(database, ann)
            if after is None:
                break
        assert found_ids == ids[::-1]

    def test_by_client_movement_and_state(self, database, ann):
        with database.session() as session:
            carla = clients.create(session, ann, "Carla").id
        hinge_id = queued(database, ann, client_id=carla)
        plank_id = queued(database, ann, movement="plank")
        with database.session() as session:
            analyses.mark_done(session, hinge_id, "r", {"movement": "hinge"})
        with database.session() as session:

            def page(**which: str) -> list[str]:
                return [row.id for row in analyses.list_page(session, ann, **which)[0]]

            assert page(client_id=carla) == [hinge_id]
            assert page(movement="hinge") == [hinge_id]
            assert page(movement="plank") == [plank_id]
            assert page(status="queued") == [plank_id]

    @pytest.mark.parametrize("cursor", ["x", "%%%", "bm90IGEgdGltZXxh", "é", PAST, FUTURE, NUL])
    def test_invalid_cursor_raises(self, database, ann, cursor):
        with pytest.raises(InvalidCursorError), database.session() as session:
            analyses.list_page(session, ann, after=cursor, limit=3)


def test_links_open_until_they_are_revoked_or_old(database, ann):
    id = queued(database, ann)
    with database.session() as session:
        _, plain = shares.create(session, ann, id, 1)
        old, old_plain = shares.create(session, ann, id, 1)
        revoked, revoked_plain = shares.create(session, ann, id, 1)
        old.expires_at = now() - timedelta(seconds=1)
        shares.revoke(session, ann, revoked.id)
    with database.session() as session:
        assert shares.find_shared_analysis(session, plain).id == id
        assert shares.find_shared_analysis(session, old_plain) is None
        assert shares.find_shared_analysis(session, revoked_plain) is None
        assert shares.find_shared_analysis(session, plain + "x") is None


def test_an_answer_is_remembered_for_a_while(database, ann):
    with database.session() as session:
        remembered.save_response(session, ann, "k", "print", 202, {"id": "a"})
    with database.session() as session:
        assert remembered.find_response(session, ann, "k").body == {"id": "a"}
        remembered.find_response(session, ann, "k").created_at = now() - remembered.RETENTION - timedelta(seconds=1)
    with database.session() as session:
        remembered.delete_expired(session)
        assert remembered.find_response(session, ann, "k") is None


def test_workers_are_silent_after_a_while(database):
    with database.session() as session:
        workers.record_heartbeat(session, "w1", "here", 1)
        workers.record_heartbeat(session, "w1", "here", 2)
        assert list(workers.list_silent(session, 60)) == []
        assert workers.count_alive(session, 60) == 1
        assert list(workers.list_silent(session, -1)) == ["w1"]
        workers.delete_worker(session, "w1")
        assert workers.count_alive(session, 60) == 0


def test_many_writers_at_once_lose_nothing(database, ann):
    id = queued(database, ann)

    def write():
        for _ in range(20):
            with database.session() as session:
                analyses.set_marks(session, ann, id, {"x": 1})

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert row_of(database, id).marks_revision == 120


def test_read_sessions_wait_for_no_writer(database, ann):
    id = queued(database, ann)
    with database.session() as writer:
        analyses.mark_started(writer, id, "w")
        with database.read_session() as reader:  # would wait half a minute, and fail, if it were a writer
            assert reader.get(AnalysisRow, id).status == "queued"


def test_who_only_reads_cannot_write_and_the_next_can(database, ann):
    id = queued(database, ann)
    for _ in range(3):
        with pytest.raises(DBAPIError), database.read_session() as reader:
            analyses.mark_started(reader, id, "w")
        with database.session() as session:
            owners.create_key(session, "ann", "phone")
    assert row_of(database, id).status == "queued"


def test_who_only_reads_sees_one_moment(database, ann):
    with database.read_session() as reader:
        assert list(reader.scalars(text("SELECT name FROM owners"))) == ["ann"]
        with database.session() as session:
            owners.create(session, "bob")
        assert list(reader.scalars(text("SELECT name FROM owners"))) == ["ann"]


@pytest.mark.parametrize("url_with_tables", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_marks_put_at_the_same_time_are_both_counted(database, ann):
    """One is put between another's look at the row and its writing; SQLite allows no other writer then."""
    id = queued(database, ann)
    with database.session() as slow:
        assert analyses.get(slow, ann, id).marks_revision == 0
        with database.session() as quick:
            assert analyses.set_marks(quick, ann, id, {"a": 1}) == 1
        assert analyses.set_marks(slow, ann, id, {"a": 2}) == 2
    assert row_of(database, id).marks_revision == 2


def test_of_several_that_name_a_new_client_one_makes_it(database, ann):
    client_ids = []

    def name():
        with database.session() as session:
            client_ids.append(clients.get_or_create(session, ann, "Carla").id)

    other = threading.Thread(target=name)
    with database.session() as session:
        first = clients.get_or_create(session, ann, "Carla").id
        other.start()
        time.sleep(0.3)
    other.join(30)
    assert client_ids == [first]


def test_one_process_of_all_keeps_house(database):
    other = open_database(database.engine.url.render_as_string(hide_password=False))
    try:
        assert [
            database.try_claim_housekeeping(),
            database.try_claim_housekeeping(),
            other.try_claim_housekeeping(),
            other.try_claim_housekeeping(),
        ] == [True, True, False, False]
        database.close()
        deadline_s = time.monotonic() + 30  # PostgreSQL ends the closed connection, and its lock, some time later
        while not other.try_claim_housekeeping() and time.monotonic() < deadline_s:
            time.sleep(0.01)
        assert other.try_claim_housekeeping()
        assert not database.try_claim_housekeeping()
    finally:
        other.close()


def test_a_batch_whose_sender_went_down_is_counted_after_a_while(database, ann):
    with database.session() as session:
        cut_off, empty, fresh = (batches.create(session, ann, name, total=None) for name in "abc")
        fresh.created_at = now() + timedelta(hours=1)
    for id in (cut_off.id, cut_off.id, fresh.id):
        queued(database, ann, batch_id=id)
    with database.session() as session:
        batches.settle_abandoned(session, now())
    with database.session() as session:
        assert [batches.get(session, ann, row.id).total for row in (cut_off, empty, fresh)] == [2, None, None]
