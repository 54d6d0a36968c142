"""A progress bar in the terminal: stage, frames done, frames in total, time left."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from analyzer.progress import ProgressCallback, ProgressStage


@contextmanager
def show_progress_bar(console: Console) -> Iterator[ProgressCallback]:
    """Yield a callback `progress(stage, done, total)` that draws one bar for each stage and removes all at the end."""
    columns = (TextColumn("{task.description:22s}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    tasks: dict[ProgressStage, TaskID] = {}
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:

        def show(stage: ProgressStage, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=total)

        yield show
