"""Progress reporting: write the stage, the steps done and the estimated time left of a job into its row."""

import logging
import threading
import time
from collections.abc import Callable

from analyzer.progress import ProgressStage
from api.db import analyses
from api.db.engine import Database
from api.db.models import AnalysisRow

_WRITE_INTERVAL_S = 0.5  # between two writes within a stage; chosen
_CANCEL_CHECK_S = 1.0  # between two checks of the row; chosen, a cancel may take 3 s
_MIN_ESTIMATE_SHARE = 0.05  # no estimate before this share of the work is done; chosen
_STAGE_TIME_SHARES: dict[ProgressStage, float] = {
    "finding the person": 0.3,
    "tracking": 0.45,
    "video": 0.15,
    "writing the report": 0.1,
}
"""Share of the total time that each stage takes on the sample clips, in their order."""

log = logging.getLogger("api.jobs")


def estimate_time_left_s(stage: ProgressStage, done: int, total: int, elapsed_s: float) -> float | None:
    """Estimate the time left of a job from the usual shares of its stages; None while it is too early."""
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
    """Progress of one start of a job, and whether that is cancelled.

    `is_current` returns whether a row still requests this start of the job.
    """

    def __init__(
        self, database: Database, analysis_id: str, is_current: Callable[[AnalysisRow], bool], stopping: threading.Event
    ) -> None:
        self._database, self._id, self._is_current, self._stopping = database, analysis_id, is_current, stopping
        self._began_s = time.monotonic()
        self._stage, self._written_s = "", 0.0
        self._checked_s, self._is_wanted = self._began_s, True

    def progress(self, stage: ProgressStage, done: int, total: int) -> None:
        """Record progress: the first and last step of each stage, others at most every half second."""
        now_s = time.monotonic()
        if stage == self._stage and done < total and now_s < self._written_s + _WRITE_INTERVAL_S:
            return
        self._stage, self._written_s = stage, now_s
        left_s = estimate_time_left_s(stage, done, total, now_s - self._began_s)
        self._try(lambda: self._write(stage, done, total, None if left_s is None else round(left_s, 1)))

    def cancelled(self) -> bool:
        """Return whether this start is cancelled: by a cancel, a deletion, another start, or the end of the worker."""
        if self._stopping.is_set():
            return True
        now_s = time.monotonic()
        if self._is_wanted and now_s >= self._checked_s + _CANCEL_CHECK_S:
            self._checked_s = now_s
            self._is_wanted = self._try(self._check_current) is not False
        return not self._is_wanted

    def _write(self, stage: ProgressStage, done: int, total: int, left_s: float | None) -> bool:
        with self._database.session() as session:
            return analyses.update_progress(session, self._id, stage, done, total, left_s)

    def _check_current(self) -> bool:
        with self._database.read_session() as session:
            row = session.get(AnalysisRow, self._id)
            return row is not None and self._is_current(row)

    def _try(self, query: Callable[[], bool]) -> bool | None:
        """Return the answer of the database, or None while it does not answer: the job goes on meanwhile."""
        try:
            return query()
        except Exception as error:
            log.warning("progress not written: %s", error, extra={"job_id": self._id})
            return None
