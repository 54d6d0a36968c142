"""The states of an analysis: queued, running, then done, failed or cancelled."""

from typing import Literal, get_args

Status = Literal["queued", "running", "done", "failed", "cancelled"]

STATUSES: tuple[Status, ...] = get_args(Status)
OPEN_STATUSES: tuple[Status, ...] = ("queued", "running")
ENDED_STATUSES: tuple[Status, ...] = ("done", "failed", "cancelled")
PROCESSED_STATUSES: tuple[Status, ...] = ("done", "failed")
"""A worker has finished the analysis, with a result or with a reason."""
STATUSES_WITHOUT_RESULT: tuple[Status, ...] = ("failed", "cancelled")
"""The analysis has ended and will have no result."""
