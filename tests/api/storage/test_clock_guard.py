from datetime import UTC, datetime, timedelta

import pytest

from api.db import owners
from api.db.models import ApiKey
from api.storage.clock_guard import ClockGuard

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that can be set, beside time that only passes."""

    def __init__(self, at=NOON):
        self.at, self.passed_s = at, 0.0

    def wait(self, **time):
        self.at += timedelta(**time)
        self.passed_s += timedelta(**time).total_seconds()

    def guard(self, database):
        return ClockGuard(database, lambda: self.at, lambda: self.passed_s)


def test_time_that_passes_is_plausible(database):
    clock = Clock()
    guard = clock.guard(database)
    for _ in range(100):
        assert guard.find_problem() is None
        clock.wait(days=5)


@pytest.mark.parametrize("years", [10, -10])
def test_a_jump_while_the_service_runs(database, years):
    clock = Clock()
    guard = clock.guard(database)
    assert guard.find_problem() is None
    clock.at += timedelta(days=365 * years)
    assert f"jumped by {365 * years:+d} days" in guard.find_problem()
    clock.at -= timedelta(days=365 * years)
    assert guard.find_problem() is None


def test_small_jumps_add_up(database):
    clock = Clock()
    guard = clock.guard(database)
    for _ in range(3):
        assert guard.find_problem() is None
        clock.at += timedelta(hours=10)
        clock.wait(hours=1)
    assert "jumped" in guard.find_problem()


@pytest.mark.parametrize(("away", "is_plausible"), [(6, True), (8, False), (3650, False), (-0.5, True), (-2, False)])
def test_a_start_after_a_pause(database, away, is_plausible):
    assert Clock().guard(database).find_problem() is None
    later = Clock(NOON + timedelta(days=away)).guard(database)
    assert (later.find_problem() is None) == is_plausible
    if not is_plausible:
        assert "analyzer store confirm-clock" in later.find_problem()
        later.confirm()
        assert later.find_problem() is None


def test_an_operator_confirms_a_jump_from_another_process(database):
    clock = Clock()
    guard = clock.guard(database)
    assert guard.find_problem() is None
    clock.at += timedelta(days=100)
    assert guard.find_problem() is not None
    Clock(clock.at).guard(database).confirm()
    assert guard.find_problem() is None


def test_a_database_that_recorded_no_time_shows_it_by_its_rows(database):
    with database.session() as session:
        key, _ = owners.create_key(session, "ann", "phone")
        session.get_one(ApiKey, key.id).created_at = NOON
    assert "last used on 2026-06-01" in Clock(NOON + timedelta(days=3650)).guard(database).find_problem()
    assert Clock(NOON + timedelta(days=1)).guard(database).find_problem() is None
