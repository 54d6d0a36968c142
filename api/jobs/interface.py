"""Interface of the job queue, as the rest of the service uses it."""

import logging
from collections.abc import Callable
from typing import Protocol

log = logging.getLogger("api.jobs")


class JobQueue(Protocol):
    """Hands analyses to the workers.

    The rows of the database say what is requested; a job only triggers it. A lost job is submitted again by the
    workers' recovery, and a duplicate does nothing, so that no call here has to be part of a transaction.
    """

    def submit(self, analysis_id: str, priority: int) -> None:
        """Queue the analysis of a clip; smaller priorities go first."""

    def submit_remeasure(self, analysis_id: str, revision: int) -> None:
        """Queue measuring a finished analysis again, for this revision of its marks and details."""

    def cancel(self, analysis_id: str) -> None:
        """Remove waiting jobs from the queue; a running one learns from its row that it is cancelled."""

    def forget(self, analysis_id: str) -> None:
        """Remove all records of the analysis from the job store; those of a running job soon after it has ended."""

    def close(self) -> None:
        """Close the job store."""


def push_or_log(push: Callable[..., None], analysis_id: str, *more: int) -> None:
    """Call the job queue after a row was written; on failure only log: the recovery of the workers finds the row."""
    try:
        push(analysis_id, *more)
    except Exception:
        log.exception("the job store does not answer", extra={"job_id": analysis_id})
