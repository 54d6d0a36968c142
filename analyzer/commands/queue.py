"""`analyzer batch status | collect | cancel`: a batch that other machines work off."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from api.batch.sending import Desk

_EXIT_SOME_FAILED, _EXIT_USAGE = 1, 2

Queue = Annotated[str, typer.Option("--queue", help="Database of the service: postgresql://...")]
Which = Annotated[str, typer.Argument(metavar="BATCH", help="Its id, or the folder of its results.")]


def status(batch: Which, queue: Queue) -> None:
    """Say how far a batch is."""
    from api.batch.watching import standing

    with desk_of(queue) as desk:
        now = standing(desk, _ids(desk, batch))
    typer.echo(
        f"{now.total} clips: {now.done} done, {now.failed} failed, {now.running} running, "
        f"{now.queued + now.unfed} waiting, {now.cancelled} cancelled"
    )


def collect(
    batch: Which,
    queue: Queue,
    out: Annotated[str | None, typer.Option(help="Folder or address for the results; default BATCH.")] = None,
) -> None:
    """Copy the results that are there, and write the tables; also while the batch goes on."""
    from analyzer.batch import displays
    from api.batch.run import collected

    with desk_of(queue) as desk:
        ids = _ids(desk, batch)
        if out is None and batch.startswith("bat_"):
            _usage("--out: say where the results shall go")
        ended = collected(desk, ids, out or batch)
    for line in displays.ended_lines(ended):
        typer.echo(line)
    raise typer.Exit(_EXIT_SOME_FAILED if ended.failed else 0)


def cancel(batch: Which, queue: Queue) -> None:
    """End a batch: what is done stays, the rest is no longer wanted."""
    from api.db import batches

    with desk_of(queue) as desk:
        ids = _ids(desk, batch)
        stopped: list[str] = []
        for id in ids:
            with desk.database.session() as session:
                stopped += batches.cancel(session, desk.owner_id, id) or ()
        for analysis_id in stopped:
            with suppress(Exception):  # the job finds its row cancelled anyhow
                desk.jobs.cancel(analysis_id)
    typer.echo(f"{len(stopped)} clips are no longer wanted; what is done stays")


def desk_of(queue: str) -> "Desk":
    """The service that this queue belongs to; the rest of its settings come from the environment."""
    from analyzer.commands.serve import service_settings
    from api.batch.sending import Desk

    return Desk(service_settings(None, queue))


def _ids(desk: "Desk", batch: str) -> Sequence[str]:
    from api.batch.sending import batches_of, begun

    ids = begun(desk, [batch] if batch.startswith("bat_") else batches_of(desk.place(batch)))
    if not ids:
        _usage(f"{batch}: there is no such batch in this queue. Give its id, or the folder of its results")
    return ids


def _usage(line: str) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(_EXIT_USAGE)
