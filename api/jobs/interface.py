"""What the rest of the service knows of the job engine."""

import logging
from collections.abc import Callable
from typing import Protocol

log = logging.getLogger("api.jobs")


class JobQueue(Protocol):
    """Hands analyses to the workers.

    The rows of the database say what is wanted; a job is only the push to do it. A push that is lost is given again
    by the workers' sweep, and one that is given twice does nothing, so that no call here has to be part of a
    transaction.
    """

    def submit(self, analysis_id: str, priority: int) -> None:
        """Queue the analysis of a clip; smaller priorities go first."""

    def submit_remeasure(self, analysis_id: str, revision: int) -> None:
        """Queue the measuring anew of a done analysis, for this revision of its marks and details."""

    def cancel(self, analysis_id: str) -> None:
        """Take what waits out of the queue; what runs sees in its row that it is no longer wanted."""

    def forget(self, analysis_id: str) -> None:
        """Remove every trace of the analysis from the job store; of what runs, soon after it has ended."""

    def close(self) -> None:
        """Let go of the job store."""


def push_or_log(push: Callable[..., None], analysis_id: str, *more: int) -> None:
    """Tell the jobs what a row says already; where they cannot be reached, the workers and their sweep find the row."""
    try:
        push(analysis_id, *more)
    except Exception:
        log.exception("the job store could not be told", extra={"job_id": analysis_id})
