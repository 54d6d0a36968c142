"""Run a distributed batch: submit, watch, collect; with the same events as a local one."""

import time
from collections.abc import Iterator, Sequence

from analyzer.batch.batch_events import BatchEnded, BatchStarted, EventListener
from analyzer.batch.batch_request import BatchRequest
from analyzer.batch.summary_files import summarize_batch
from analyzer.movements.minimal_detectable_change import NO_OWN_MDC, MdcTable
from api.batch.batch_progress import count_clips, count_live_workers, watch_batches
from api.batch.result_collection import collect_results
from api.batch.submission import QueueClient, submit_batch


def run_distributed_batch(request: BatchRequest, queue_client: QueueClient, on_event: EventListener) -> BatchEnded:
    """Submit a folder, wait for the workers, and collect the results.

    Raises
    ------
    ListingError, FactsError : nothing was submitted.
    KeyboardInterrupt : the workers go on; the same command waits again.
    """
    began_s = time.monotonic()
    submission = submit_batch(request, queue_client)
    before = count_clips(queue_client, submission.batch_ids)
    clips = [clip.file for clip in submission.listing.clips]
    workers = count_live_workers(queue_client)
    notes = [*submission.notes, *_setup_warnings(queue_client, workers if before.open else 1)]
    on_event(
        BatchStarted(
            clips=len(clips),
            to_do=before.open,
            unchanged=before.done,
            failed_before=before.failed,
            other_files=submission.listing.others,
            workers=workers,
            out=request.out,
            notes=tuple(notes),
        )
    )
    watch_batches(queue_client, submission.batch_ids, on_event)
    ended = collect_and_summarize(
        queue_client,
        submission.batch_ids,
        request.out,
        time.monotonic() - began_s,
        files=clips,
        own_mdc=request.own_mdc,
    )
    on_event(ended)
    return ended


def collect_and_summarize(
    queue_client: QueueClient,
    batch_ids: Sequence[str],
    out: str,
    seconds: float = 0.0,
    *,
    files: Sequence[str] | None = None,
    own_mdc: MdcTable = NO_OWN_MDC,
) -> BatchEnded:
    """Collect the results that there are, also while the batch runs."""
    tables = collect_results(queue_client, batch_ids, out, files=files, own_mdc=own_mdc)
    return summarize_batch(tables, out, seconds)


def _setup_warnings(queue_client: QueueClient, workers: int) -> Iterator[str]:
    """Yield warnings about a setup in which nothing would happen."""
    settings = queue_client.settings
    if not workers:
        yield "no worker is running; start one on any machine: analyzer worker --queue with the same address"
    if settings.is_postgres and not settings.files_url:
        yield f"results go to {settings.files_root}; workers on other machines need ANALYZER_FILES_URL"
