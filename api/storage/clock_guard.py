"""Whether the clock of this machine can be trusted: a wrong one would make everything look old enough to delete."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from api.db import service_state
from api.db.engine import Database
from api.db.models import now

_MAX_GAP = timedelta(days=7)  # a service that was off for longer asks the operator; chosen
_MAX_BACK = timedelta(days=1)  # a zone that was set wrong and corrected is no jump; chosen
_MAX_DRIFT_S = 86_400.0  # between the clock and the time since the start of the machine; chosen


def running_s() -> float:
    """Return the seconds since the machine started, with those that it slept where the system counts them."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(clock) if clock is not None else time.monotonic()


class ClockGuard:
    """Compares the clock with the latest time that the database has recorded, and with the time that has passed.

    Parameters
    ----------
    clock : current time, with its zone.
    steady_s : seconds that pass whatever is done to the clock.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime] | None = None,
        steady_s: Callable[[], float] = running_s,
    ) -> None:
        self._database, self._clock, self._steady_s = database, clock or _read_clock, steady_s
        self._began, self._began_s = self._clock(), steady_s()
        self._recorded: datetime | None = None  # by this guard

    def find_problem(self) -> str | None:
        """Return why the clock is not plausible, or None; the time is then recorded as the latest one."""
        current = self._clock()
        drift_s = (current - self._began).total_seconds() - (self._steady_s() - self._began_s)
        if abs(drift_s) > _MAX_DRIFT_S and not self._is_confirmed(current):
            return _describe(f"it jumped by {drift_s / 86_400:+.0f} days while the service was running")
        with self._database.session() as session:
            seen = self._read_seen(session)
            if seen is not None and current < seen - _MAX_BACK:
                return _describe(f"it says {current:%Y-%m-%d}, but the service was already used on {seen:%Y-%m-%d}")
            if seen is not None and current > seen + _MAX_GAP:
                return _describe(f"it says {current:%Y-%m-%d}, and the service was last used on {seen:%Y-%m-%d}")
            if seen is None or current > seen:
                service_state.put(session, "clock_seen_at", current.isoformat())
                self._recorded = current
        return None

    def confirm(self) -> datetime:
        """Record the current time as correct, as an operator says; return it."""
        current = self._clock()
        with self._database.session() as session:
            service_state.put(session, "clock_seen_at", current.isoformat())
        return current

    def _is_confirmed(self, current: datetime) -> bool:
        """Return whether an operator, or a process that was started since, has recorded the new time."""
        with self._database.read_session() as session:
            seen = self._read_seen(session)
        if seen is None or seen == self._recorded or abs(current - seen) > _MAX_BACK / 2:
            return False
        self._began, self._began_s = current, self._steady_s()
        return True

    @staticmethod
    def _read_seen(session: Session) -> datetime | None:
        recorded = service_state.get(session, "clock_seen_at")
        return datetime.fromisoformat(recorded) if recorded is not None else service_state.find_latest_time(session)


def _read_clock() -> datetime:
    return now()


def _describe(what: str) -> str:
    return (
        f"the clock of this machine is not plausible: {what}. Nothing is deleted by age. "
        "Correct the clock or, if it is right, run: analyzer store confirm-clock"
    )
