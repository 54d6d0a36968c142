"""Choose how the progress of a batch is shown on the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich.console import Console

if TYPE_CHECKING:
    from analyzer.batch.batch_events import EventListener


@contextmanager
def open_display(*, quiet: bool = False, jsonl: bool = False) -> "Iterator[EventListener]":
    """Open a live display on a terminal, else one line an event on standard error; JSON lines go to standard output."""
    from analyzer.batch import progress_display

    errors = Console(stderr=True)
    if jsonl:
        yield progress_display.json_event_writer(typer.echo)
    elif quiet:
        yield progress_display.ignore_event
    elif errors.is_terminal:
        with progress_display.show_live_progress(errors) as on_event:
            yield on_event
    else:
        yield progress_display.log_event_writer(lambda line: typer.echo(line, err=True))
