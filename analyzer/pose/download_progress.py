"""Progress bar in the terminal for the download of the pose model."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from analyzer.pose.model_download import DownloadProgress


@contextmanager
def show_download_bar(console: Console | None = None) -> Iterator[DownloadProgress]:
    """Yield a `progress` for `ensure_model`; the bar appears with the first download and disappears at the end.

    Parameters
    ----------
    console : where to draw; standard error unless given.
    """
    columns = (TextColumn("getting {task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console or Console(stderr=True), transient=True) as bar:

        def show(name: str, done: int, total: int | None) -> None:
            if name not in tasks:
                for task in tasks.values():
                    bar.remove_task(task)
                tasks.clear()
                tasks[name] = bar.add_task(name, total=total)
            bar.update(tasks[name], completed=done, total=total)

        yield show
