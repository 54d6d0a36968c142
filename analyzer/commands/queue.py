"""`analyzer batch status | collect | cancel`: a batch that workers on many machines work off."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from analyzer.errors import AnalyzerError

if TYPE_CHECKING:
    from api.batch.sending import Desk

_EXIT_SOME_FAILED, _EXIT_USAGE = 1, 2

Queue = Annotated[
    str,
    typer.Option("--queue", metavar="URL", envvar="ANALYZER_DATABASE_URL", help="Its queue: postgresql://..."),
]
Which = Annotated[str, typer.Argument(metavar="BATCH", help="Its id, or the folder of its results.")]


class QueueError(AnalyzerError):
    """A queue that cannot be reached."""


def status(batch: Which, queue: Queue) -> None:
    """Say how far a batch is."""
    from api.batch.watching import standing, workers_alive

    with desk_of(queue) as desk:
        ids = _ids(desk, batch)
        now, workers = standing(desk, ids), workers_alive(desk)
    typer.echo(
        f"{now.total} clips: {now.done} done, {now.failed} not analysed, {now.running} being analysed, "
        f"{now.queued + now.unfed} waiting, {now.cancelled} cancelled"
    )
    typer.echo(f"{workers} worker{'' if workers == 1 else 's'} at work; batch {ids[-1]}")


def collect(
    batch: Which,
    queue: Queue,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder or address for the results; default BATCH.")
    ] = None,
) -> None:
    """Copy the results that are there, and write the tables; also while the batch goes on."""
    from analyzer.batch import displays
    from api.batch.run import collected

    if out is None and batch.startswith("bat_"):
        _usage("--out: say where the results shall go")
    with desk_of(queue) as desk:
        ended = collected(desk, _ids(desk, batch), out or batch)
    for line in displays.ended_lines(ended):
        typer.echo(line)
    raise typer.Exit(_EXIT_SOME_FAILED if ended.failed else 0)


def cancel(batch: Which, queue: Queue) -> None:
    """End a batch: what is done stays, the rest is no longer wanted."""
    from api.batch.sending import end

    with desk_of(queue) as desk:
        ended = end(desk, _ids(desk, batch))
    typer.echo(f"{ended} clips are no longer wanted; what is done stays")


@contextmanager
def desk_of(queue: str) -> "Iterator[Desk]":
    """The service that this queue belongs to; the rest of its settings come from the environment.

    Raises QueueError.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from analyzer.commands.serve import service_settings
    from api.batch.sending import Desk

    try:
        with Desk(service_settings(None, queue)) as desk:
            yield desk
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise QueueError(f"the queue cannot be reached ({why}). Check --queue, and that the database runs.") from None


def _ids(desk: "Desk", batch: str) -> Sequence[str]:
    from api.batch.sending import batches_of, begun

    ids = begun(desk, [batch] if batch.startswith("bat_") else batches_of(desk, batch))
    if not ids:
        _usage(f"{batch}: there is no such batch in this queue. Give its id, or the folder of its results")
    return ids


def _usage(line: str) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(_EXIT_USAGE)
