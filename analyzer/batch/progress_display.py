"""Displays of a batch: live progress in a terminal, plain lines elsewhere, JSON lines for programs."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from analyzer.batch.batch_events import (
    BatchEnded,
    BatchEvent,
    BatchStarted,
    ClipFinished,
    ClipProgress,
    EventListener,
    strip_clip_name,
)
from analyzer.vocabulary.terms import format_count

_SHOWN_LINES = 10  # chosen
_JSON_EVERY_S = 1.0  # shortest time between two progress events of a worker within one stage; chosen
_SETTLED = 2  # clips after which the remaining time is estimated; chosen


@dataclass
class BatchCounters:
    """Counters of the work done and its speed: the numbers of every display."""

    clock: Callable[[], float] = time.monotonic
    started: BatchStarted | None = None
    began_s: float = 0.0
    finished: int = 0
    failed: int = 0
    running_clips: dict[int, ClipProgress] = field(default_factory=dict)

    def record_event(self, event: BatchEvent) -> None:
        """Update the numbers by an event."""
        if isinstance(event, BatchStarted):
            self.started, self.began_s, self.failed = event, self.clock(), event.failed_before
        elif isinstance(event, ClipProgress):
            self.running_clips[event.worker] = event
        elif isinstance(event, ClipFinished):
            self.running_clips.pop(event.worker, None)
            self.finished += 1
            self.failed += event.status == "failed"

    @property
    def clips_per_minute(self) -> float | None:
        """Return clips a minute; None before the first."""
        passed_s = self.clock() - self.began_s
        return 60 * self.finished / passed_s if self.finished and passed_s > 0 else None

    @property
    def remaining_s(self) -> float | None:
        """Return the estimated seconds left; None before there is an estimate."""
        if self.started is None or self.finished < _SETTLED or not self.clips_per_minute:
            return None
        return 60 * (self.started.to_do - self.finished) / self.clips_per_minute


def json_event_writer(write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> EventListener:
    """Return a listener that writes one JSON object a line: started, progress, done, failed and summary."""
    names = {BatchStarted: "started", ClipProgress: "progress", BatchEnded: "summary"}
    last: dict[int, tuple[str, str, float]] = {}

    def on_event(event: BatchEvent) -> None:
        if isinstance(event, ClipProgress):
            file, stage, at_s = last.get(event.worker, ("", "", 0.0))
            if (file, stage) == (event.file, event.stage) and clock() < at_s + _JSON_EVERY_S:
                return
            last[event.worker] = event.file, event.stage, clock()
        fields = asdict(event)
        if isinstance(event, ClipFinished):
            name = "failed" if event.status == "failed" else "done"
            fields["seconds"] = round(event.seconds, 2)
            fields = {key: value for key, value in fields.items() if value not in ("", {})}
        else:
            name = names[type(event)]
        if isinstance(event, BatchEnded):
            fields["seconds"] = round(event.seconds, 2)
            fields["failures"] = [{"file": file, "reason": reason} for file, reason in event.failures]
        write(json.dumps({"event": name, **fields}, ensure_ascii=False))

    return on_event


def log_event_writer(write: Callable[[str], None]) -> EventListener:
    """Return a listener that writes one line a clip, for logs."""
    counters = BatchCounters()

    def on_event(event: BatchEvent) -> None:
        counters.record_event(event)
        if isinstance(event, BatchStarted):
            for line in describe_batch_start(event):
                write(line)
        elif isinstance(event, ClipFinished) and counters.started is not None:
            what = (
                strip_clip_name(event.file, event.text)
                if event.status == "failed"
                else f"{event.status} in {event.seconds:.1f} s"
            )
            write(f"[{counters.finished}/{counters.started.to_do}] {event.file}: {what}")

    return on_event


def ignore_event(_event: BatchEvent) -> None:
    """Do nothing: the command prints the end of the batch."""


@contextmanager
def show_live_progress(console: Console) -> Iterator[EventListener]:
    """Yield a listener that shows a bar over all clips, a line for each worker and the failures."""
    counters = BatchCounters()

    with Live(console=console, refresh_per_second=4, transient=True, get_renderable=lambda: _render(counters)) as live:

        def on_event(event: BatchEvent) -> None:
            counters.record_event(event)
            if isinstance(event, BatchStarted):
                for line in describe_batch_start(event):
                    live.console.print(line, markup=False, highlight=False)
            elif isinstance(event, ClipFinished) and event.status == "failed":
                text = f"Not analysed: {event.file}: {strip_clip_name(event.file, event.text)}"
                live.console.print(text, markup=False, highlight=False)

        yield on_event


def describe_batch_start(event: BatchStarted) -> Iterator[str]:
    """Yield the lines about what there is to do, and the notes."""
    parts = [f"{format_count(event.clips, 'clip')} in all"]
    parts += [f"{event.unchanged} done before"] if event.unchanged else []
    parts += [f"{event.failed_before} not analysed before (--retry-failed tries again)"] if event.failed_before else []
    parts += [f"{event.to_do} to do with {format_count(event.workers, 'worker')}"]
    yield ", ".join(parts)
    if event.other_files:
        are = "is" if event.other_files == 1 else "are"
        yield f"Left out: {format_count(event.other_files, 'file')} that {are} no video"
    yield from (f"Note: {note}" for note in event.notes[:_SHOWN_LINES])
    if len(event.notes) > _SHOWN_LINES:
        yield f"Note: and {len(event.notes) - _SHOWN_LINES} more like these"


def describe_batch_end(event: BatchEnded) -> Iterator[str]:
    """Yield the lines about how many clips are done, which failed and why, and which file to open."""
    parts = [f"{format_count(event.done, 'clip')} done"]
    parts += [f"{event.failed} not analysed"] if event.failed else []
    parts += [f"{event.waiting} still to do"] if event.waiting else []
    yield ", ".join(parts)
    for file, reason in event.failures[:_SHOWN_LINES]:
        yield f"  {file}: {strip_clip_name(file, reason)}"
    if len(event.failures) > _SHOWN_LINES:
        yield f"  and {len(event.failures) - _SHOWN_LINES} more: see summary.csv"
    if event.files:
        yield f"Open: {event.files[-1]}"


def _render(counters: BatchCounters) -> Group:
    if counters.started is None:
        return Group(Text("Looking through the folder"))
    to_do = counters.started.to_do
    head = Table.grid(padding=(0, 1))
    numbers = [f"{counters.finished}/{to_do} clips"]
    numbers += [f"{counters.clips_per_minute:.1f} a minute"] if counters.clips_per_minute else []
    numbers += [f"{_clock(counters.remaining_s)} left"] if counters.remaining_s is not None else []
    numbers += [f"{counters.failed} not analysed"] if counters.failed else []
    head.add_row(ProgressBar(total=max(to_do, 1), completed=counters.finished, width=30), Text(", ".join(numbers)))
    workers = Table.grid(padding=(0, 1))
    for number in range(1, counters.started.workers + 1):
        progress = counters.running_clips.get(number)
        if progress is None:
            workers.add_row(Text(f"{number}"), Text("-"))
            continue
        share = f"{100 * progress.done // progress.total} %" if progress.total > 1 else ""
        workers.add_row(
            Text(f"{number}"),
            ProgressBar(total=max(progress.total, 1), completed=progress.done, width=12),
            Text(f"{progress.stage} {share}".strip(), no_wrap=True, overflow="ellipsis"),
            Text(progress.file, no_wrap=True, overflow="ellipsis", style="bold"),
        )
    return Group(head, workers)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
