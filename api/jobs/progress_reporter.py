"""How far a job is, for the people who wait: stage, frames and time left, written into its row now and then."""

import logging
import threading
import time
from collections.abc import Callable

from analyzer.progress import ProgressStage
from api.db import analyses
from api.db.engine import Database
from api.db.models import AnalysisRow

_WRITE_INTERVAL_S = 0.5  # how often at most within a stage; chosen
_CANCEL_CHECK_S = 1.0  # how often the row is asked whether the job is still wanted; chosen, a cancel has 3 s
_MIN_ESTIMATE_SHARE = 0.05  # no estimate before this share of the work is done; chosen
_STAGE_TIME_SHARES: dict[ProgressStage, float] = {
    "finding the person": 0.3,
    "tracking": 0.45,
    "video": 0.15,
    "writing the report": 0.1,
}
"""What part of the time the stages take on the sample clips, in their order."""

log = logging.getLogger("api.jobs")


def estimate_time_left_s(stage: ProgressStage, done: int, total: int, elapsed_s: float) -> float | None:
    """Time left of the whole job, from the time that its parts usually take; None when it cannot be told yet."""
    if stage not in _STAGE_TIME_SHARES:
        return None
    before = 0.0
    for name, share in _STAGE_TIME_SHARES.items():
        if name == stage:
            break
        before += share
    part = before + _STAGE_TIME_SHARES[stage] * (done / total if total else 0.0)
    if part < _MIN_ESTIMATE_SHARE:
        return None
    return elapsed_s * (1 - part) / part


class ProgressReporter:
    """Progress of one start of one job, and whether it is still wanted.

    `still` looks at the row and says whether this start of the job is the one that is wanted.
    """

    def __init__(
        self, database: Database, analysis_id: str, is_current: Callable[[AnalysisRow], bool], stopping: threading.Event
    ) -> None:
        self._database, self._id, self._is_current, self._stopping = database, analysis_id, is_current, stopping
        self._began_s = time.monotonic()
        self._stage, self._written_s = "", 0.0
        self._asked_s, self._wanted = self._began_s, True

    def progress(self, stage: ProgressStage, done: int, total: int) -> None:
        """Write how far it is; the first and the last of a stage always, the rest every half second."""
        now_s = time.monotonic()
        if stage == self._stage and done < total and now_s < self._written_s + _WRITE_INTERVAL_S:
            return
        self._stage, self._written_s = stage, now_s
        left_s = estimate_time_left_s(stage, done, total, now_s - self._began_s)
        self._try(lambda: self._write(stage, done, total, None if left_s is None else round(left_s, 1)))

    def cancelled(self) -> bool:
        """Whether the job is no longer wanted of this process: cancelled, deleted, or started elsewhere since."""
        if self._stopping.is_set():
            return True
        now_s = time.monotonic()
        if self._wanted and now_s >= self._asked_s + _CANCEL_CHECK_S:
            self._asked_s = now_s
            self._wanted = self._try(self._check_wanted) is not False
        return not self._wanted

    def _write(self, stage: ProgressStage, done: int, total: int, left_s: float | None) -> bool:
        with self._database.session() as session:
            return analyses.update_progress(session, self._id, stage, done, total, left_s)

    def _check_wanted(self) -> bool:
        with self._database.read_session() as session:
            row = session.get(AnalysisRow, self._id)
            return row is not None and self._is_current(row)

    def _try(self, ask: Callable[[], bool]) -> bool | None:
        """The answer, or None while the database does not answer: the work goes on meanwhile."""
        try:
            return ask()
        except Exception as error:
            log.warning("progress not written: %s", error, extra={"job_id": self._id})
            return None
