"""`analyzer batch status | collect | cancel`: a batch that workers on many machines work off."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from analyzer.errors import AnalyzerError

if TYPE_CHECKING:
    from api.batch.submission import QueueClient

_EXIT_SOME_FAILED, _EXIT_USAGE = 1, 2

QueueOption = Annotated[
    str,
    typer.Option("--queue", metavar="URL", envvar="ANALYZER_DATABASE_URL", help="Its queue: postgresql://..."),
]
BatchArgument = Annotated[str, typer.Argument(metavar="BATCH", help="Its id, or the folder of its results.")]


class QueueUnreachableError(AnalyzerError):
    """A queue that cannot be reached."""


def status(batch: BatchArgument, queue: QueueOption) -> None:
    """Say how far a batch is."""
    from api.batch.batch_progress import count_clips, count_live_workers

    with open_queue_client(queue) as queue_client:
        ids = _resolve_batch_ids(queue_client, batch)
        now, workers = count_clips(queue_client, ids), count_live_workers(queue_client)
    typer.echo(
        f"{now.total} clips: {now.done} done, {now.failed} not analysed, {now.running} being analysed, "
        f"{now.queued + now.not_queued} waiting, {now.cancelled} cancelled"
    )
    typer.echo(f"{workers} worker{'' if workers == 1 else 's'} at work; batch {ids[-1]}")


def collect(
    batch: BatchArgument,
    queue: QueueOption,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder or address for the results; default BATCH.")
    ] = None,
) -> None:
    """Copy the results that are there, and write the tables; also while the batch goes on."""
    from analyzer.batch import progress_display as displays
    from api.batch.run import collect_and_summarize

    if out is None and batch.startswith("bat_"):
        _exit_usage_error("--out: say where the results shall go")
    with open_queue_client(queue) as queue_client:
        ended = collect_and_summarize(queue_client, _resolve_batch_ids(queue_client, batch), out or batch)
    for line in displays.describe_batch_end(ended):
        typer.echo(line)
    raise typer.Exit(_EXIT_SOME_FAILED if ended.failed else 0)


def cancel(batch: BatchArgument, queue: QueueOption) -> None:
    """End a batch: what is done stays, the rest is no longer wanted."""
    from api.batch.submission import cancel_batches

    with open_queue_client(queue) as queue_client:
        ended = cancel_batches(queue_client, _resolve_batch_ids(queue_client, batch))
    typer.echo(f"{ended} clips are no longer wanted; what is done stays")


@contextmanager
def open_queue_client(queue: str) -> "Iterator[QueueClient]":
    """The service that this queue belongs to; the rest of its settings come from the environment.

    Raises QueueUnreachableError.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from analyzer.cli.serve import build_service_settings
    from api.batch.submission import QueueClient

    try:
        with QueueClient(build_service_settings(None, queue)) as queue_client:
            yield queue_client
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise QueueUnreachableError(
            f"the queue cannot be reached ({why}). Check --queue, and that the database runs."
        ) from None


def _resolve_batch_ids(queue_client: "QueueClient", batch: str) -> Sequence[str]:
    from api.batch.submission import read_batch_ids, select_submitted_batches

    ids = select_submitted_batches(
        queue_client, [batch] if batch.startswith("bat_") else read_batch_ids(queue_client, batch)
    )
    if not ids:
        _exit_usage_error(f"{batch}: there is no such batch in this queue. Give its id, or the folder of its results")
    return ids


def _exit_usage_error(line: str) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(_EXIT_USAGE)
