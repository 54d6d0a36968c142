"""Events of a batch: every display is a function of these."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal

FinishedStatus = Literal["analysed", "recomputed", "unchanged", "failed"]


@dataclass(frozen=True)
class BatchStarted:
    """Start of the batch: its clips, and how many are left to process.

    Attributes
    ----------
    unchanged, failed_before : clips that need no work: with a complete result, or failed before.
    other_files : files that are not clips.
    notes : what was left out, or may be a mistake, one line each.
    """

    clips: int
    to_do: int
    unchanged: int
    failed_before: int
    other_files: int
    workers: int
    out: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClipProgress:
    """Progress of one worker; workers are numbered from 1."""

    worker: int
    file: str
    stage: str
    done: int
    total: int


@dataclass(frozen=True)
class ClipFinished:
    """The end of one clip, with its result or the reason of its failure; `brief` is of `analysis.result_summary`."""

    worker: int
    file: str
    status: FinishedStatus
    seconds: float
    code: str = ""
    text: str = ""
    brief: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BatchEnded:
    """The end of the batch; `waiting` clips were not processed, `files` are the tables and the page."""

    clips: int
    done: int
    failed: int
    waiting: int
    seconds: float
    out: str
    files: tuple[str, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()


def strip_clip_name(file: str, reason: str) -> str:
    """Return a reason without the leading name of the clip, for displays that show the whole path."""
    return reason.removeprefix(f"{PurePosixPath(file).name}: ")


BatchEvent = BatchStarted | ClipProgress | ClipFinished | BatchEnded
EventListener = Callable[[BatchEvent], None]
