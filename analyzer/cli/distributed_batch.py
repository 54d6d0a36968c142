"""`analyzer batch status | collect | cancel`: the verbs of a distributed batch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.exits import ExitCode, exit_usage_error
from analyzer.cli.repeatability import RepeatabilityOption, load_own_mdc
from analyzer.cli.service_extra import require_service
from analyzer.errors import AnalyzerError

if TYPE_CHECKING:
    from api.batch.submission import QueueClient

QueueOption = Annotated[
    str,
    typer.Option("--queue", metavar="URL", envvar="ANALYZER_DATABASE_URL", help="Queue of the batch: postgresql://..."),
]
BatchArgument = Annotated[str, typer.Argument(metavar="BATCH", help="Id of the batch, or the folder of its results.")]


class QueueUnreachableError(AnalyzerError):
    """A queue that cannot be reached."""


def status(batch: BatchArgument, queue: QueueOption) -> None:
    """Print how many clips of a batch are done."""
    require_service("analyzer batch status")
    from analyzer.vocabulary.terms import format_count
    from api.batch.batch_progress import count_clips, count_live_workers

    with open_queue_client(queue) as queue_client:
        ids = _resolve_batch_ids(queue_client, batch)
        clips, workers = count_clips(queue_client, ids), count_live_workers(queue_client)
    typer.echo(
        f"{format_count(clips.total, 'clip')}: {clips.done} done, {clips.failed} not analysed, "
        f"{clips.running} being analysed, "
        f"{clips.queued + clips.not_queued} waiting, {clips.cancelled} cancelled"
    )
    typer.echo(f"{format_count(workers, 'worker')} at work; batch {ids[-1]}")


def collect(
    batch: BatchArgument,
    queue: QueueOption,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder or URL for the results. By default BATCH.")
    ] = None,
    repeatability: RepeatabilityOption = None,
) -> None:
    """Copy the results that are there and write the tables, also while the batch is running."""
    require_service("analyzer batch collect")
    from analyzer.batch.progress_display import describe_batch_end
    from api.batch.run import collect_and_summarize

    if out is None and batch.startswith("bat_"):
        exit_usage_error("--out: required where BATCH is an id. Give a folder for the results")
    with open_queue_client(queue) as queue_client:
        ids = _resolve_batch_ids(queue_client, batch)
        ended = collect_and_summarize(queue_client, ids, out or batch, own_mdc=load_own_mdc(repeatability))
    for line in describe_batch_end(ended):
        typer.echo(line)
    raise typer.Exit(ExitCode.FAILED if ended.failed else ExitCode.OK)


def cancel(batch: BatchArgument, queue: QueueOption) -> None:
    """Cancel a batch: its remaining clips are not analysed, finished results remain."""
    require_service("analyzer batch cancel")
    from analyzer.vocabulary.terms import format_count
    from api.batch.submission import cancel_batches

    with open_queue_client(queue) as queue_client:
        cancelled = cancel_batches(queue_client, _resolve_batch_ids(queue_client, batch))
    typer.echo(f"{format_count(cancelled, 'clip')} cancelled; finished results remain")


@contextmanager
def open_queue_client(queue: str) -> "Iterator[QueueClient]":
    """Open the service that a queue belongs to; its other settings come from the environment.

    Raises
    ------
    QueueUnreachableError : the database cannot be reached.
    """
    require_service("analyzer batch --queue")
    from sqlalchemy.exc import SQLAlchemyError

    from analyzer.cli.serve import build_service_settings
    from api.batch.submission import QueueClient
    from api.db.engine import DatabaseUnusableError

    try:
        with QueueClient(build_service_settings(None, queue)) as queue_client:
            yield queue_client
    except (SQLAlchemyError, DatabaseUnusableError) as error:
        cause = error.__cause__ or error
        reason = str(getattr(cause, "orig", None) or cause).strip().splitlines()[0]
        raise QueueUnreachableError(
            f"The queue cannot be reached ({reason}). Check --queue, and that the database runs."
        ) from None


def _resolve_batch_ids(queue_client: "QueueClient", batch: str) -> Sequence[str]:
    from api.batch.submission import read_batch_ids, select_submitted_batches

    ids = select_submitted_batches(
        queue_client, [batch] if batch.startswith("bat_") else read_batch_ids(queue_client, batch)
    )
    if not ids:
        exit_usage_error(f"{batch}: there is no such batch in this queue. Give its id or the folder of its results.")
    return ids
