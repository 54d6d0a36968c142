"""The whole way of a batch on many machines: sent, watched, collected; the same events as a local one."""

import time
from collections.abc import Iterator, Sequence

from analyzer.batch.events import Ended, Started, Tell
from analyzer.batch.summary import ended_of
from api.batch.collecting import collect
from api.batch.sending import Desk, Wishes, send
from api.batch.watching import standing, watch, workers_alive


def run_queued(wishes: Wishes, desk: Desk, tell: Tell) -> Ended:
    """Send a folder, wait for the workers, collect.

    Raises
    ------
    ListingError, FactsError : nothing was sent.
    KeyboardInterrupt : the workers go on; the same command waits again.
    """
    began_s = time.monotonic()
    sent = send(wishes, desk)
    before = standing(desk, sent.batch_ids)
    clips = [clip.file for clip in sent.listing.clips]
    workers = workers_alive(desk)
    notes = [*sent.notes, *_advice(desk, workers if before.open else 1)]
    tell(
        Started(
            clips=len(clips),
            to_do=before.open,
            kept=before.done,
            failed_before=before.failed,
            others=sent.listing.others,
            workers=workers,
            out=wishes.out,
            notes=tuple(notes),
        )
    )
    watch(desk, sent.batch_ids, tell)
    ended = collected(desk, sent.batch_ids, wishes.out, time.monotonic() - began_s, files=clips)
    tell(ended)
    return ended


def collected(
    desk: Desk, batch_ids: Sequence[str], out: str, seconds: float = 0.0, *, files: Sequence[str] | None = None
) -> Ended:
    """Collect what there is, also while the batch goes on."""
    return ended_of(collect(desk, batch_ids, out, files=files), out, seconds)


def _advice(desk: Desk, workers: int) -> Iterator[str]:
    """What a person would otherwise wonder about while nothing happens."""
    settings = desk.settings
    if not workers:
        yield "no worker is running; on any machine: analyzer worker --queue with the same address"
    if settings.is_postgres and not settings.files_url:
        yield f"results go to {settings.files_root}; workers on other machines need ANALYZER_FILES_URL"
