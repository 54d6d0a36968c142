"""What a batch tells while it works; every display is a function of these."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal

FinishedStatus = Literal["analysed", "measured again", "as it was", "failed"]


@dataclass(frozen=True)
class BatchStarted:
    """What there is, and what is left to do.

    Attributes
    ----------
    kept, failed_before : clips that need no work.
    others : files that are no clips.
    notes : what a person might miss, one line each.
    """

    clips: int
    to_do: int
    kept: int
    failed_before: int
    others: int
    workers: int
    out: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClipProgress:
    """How far one worker is; workers are numbered from 1."""

    worker: int
    file: str
    stage: str
    done: int
    total: int


@dataclass(frozen=True)
class ClipFinished:
    """A clip that has its result, or its reason; `brief` is of `analyzer.analysis.result_summary`."""

    worker: int
    file: str
    how: FinishedStatus
    seconds: float
    code: str = ""
    text: str = ""
    brief: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BatchEnded:
    """The end; `waiting` clips were not reached, `files` are the tables and the page."""

    clips: int
    done: int
    failed: int
    waiting: int
    seconds: float
    out: str
    files: tuple[str, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()


def strip_clip_name(file: str, reason: str) -> str:
    """A reason without the clip's name in front of it, for where the whole path is told."""
    return reason.removeprefix(f"{PurePosixPath(file).name}: ")


BatchEvent = BatchStarted | ClipProgress | ClipFinished | BatchEnded
EventListener = Callable[[BatchEvent], None]
