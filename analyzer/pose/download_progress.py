"""A progress bar in the terminal for the one download the analyzer needs."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from analyzer.pose import model_download as fetch


@contextmanager
def show_download_bar(console: Console | None = None) -> Iterator[fetch.DownloadProgress]:
    """Give a `progress` for `ensure_model`; the bar shows once something is downloaded, and goes when it is done.

    Parameters
    ----------
    console : where to draw; standard error unless given.
    """
    columns = (TextColumn("getting {task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console or Console(stderr=True), transient=True) as bar:

        def show(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                for task in tasks.values():
                    bar.remove_task(task)
                tasks.clear()
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield show
