"""A stand-in for the analysis of a clip, and the folders of clips that batches of the tests run on."""

import hashlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

from analyzer.analysis.subprocess_runner import ChildLimits, ClipJob, JobOutcome
from analyzer.atomic_files import atomic_folder
from analyzer.batch.batch_events import BatchEnded, BatchEvent, BatchStarted, ClipFinished
from analyzer.batch.batch_request import BatchRequest
from analyzer.batch.run import run_batch
from analyzer.progress import ProgressCallback
from analyzer.results.file_names import ANALYSIS_FILES
from analyzer.results.schema import Analysis
from analyzer.settings import Settings
from tests.compare.results import rep, result

BAD_CLIP = b"bad "


def hinge(content: bytes, name: str, **more) -> Analysis:
    """Two reps whose fold is 80 degrees and one more for each byte of the clip."""
    fold = 80.0 + len(content)
    reps = [rep(i, trunk_thigh_deg=fold + i, trunk_inclination_deg=60.0, knee_flexion_deg=20.0) for i in (1, 2)]
    analysis = result(*reps, name=name, **more)
    return analysis.model_copy(
        update={"clip": analysis.clip.model_copy(update={"sha256": hashlib.sha256(content).hexdigest()})}
    )


def write_hinge_result(job: ClipJob, before_file: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Write the files of a hinge into the folder of a job.

    `before_file` is called before each file but the last with the files that are written, and their number.
    """
    content = job.clip.read_bytes()
    analysis = hinge(content, job.clip.name, variant=job.request.variant, load_kg=job.request.load_kg)
    names = ("track.npz", "angles.csv", "report.html", *(["annotated.mp4"] if job.video else []))
    with atomic_folder(job.folder, ANALYSIS_FILES) as temporary:
        for done, name in enumerate(names):
            before_file(done, len(names))
            (temporary / name).write_bytes(b"of " + content)
        (temporary / "analysis.json").write_text(analysis.model_dump_json())


class FakeAnalyzer:
    """Run a job at once: a clip that begins with BAD is refused, any other is a hinge.

    Attributes
    ----------
    jobs : the jobs that were requested, in order.
    before : called with each job before it is done; may raise or wait.
    cancelled : whether the job that came last is no longer wanted.
    """

    def __init__(self, before: Callable[[ClipJob], JobOutcome | None] = lambda _job: None) -> None:
        self.jobs: list[ClipJob] = []
        self.before = before
        self.cancelled: Callable[[], bool] = lambda: False
        self._lock = threading.Lock()

    def __call__(
        self,
        job: ClipJob,
        *,
        limits: ChildLimits,
        on_progress: ProgressCallback,
        cancelled: Callable[[], bool],
    ) -> JobOutcome:
        with self._lock:
            self.jobs.append(job)
            self.cancelled = cancelled
        on_progress("tracking", 0, 10)
        outcome = self.before(job)
        if outcome is not None:
            return outcome
        content = job.clip.read_bytes()
        if cancelled():
            return JobOutcome("cancelled", "cancelled", "")
        if content.startswith(BAD_CLIP):
            return JobOutcome("refused", "clip", f"{job.clip.name}: is not there yet. Film it again.")
        write_hinge_result(job)
        return JobOutcome("done", summary={"reps": 2})

    @property
    def names(self) -> list[str]:
        return [job.clip.name for job in self.jobs]


def make_clips_folder(folder: Path, **contents: bytes) -> Path:
    """A folder of clips; `anna__one=b"1"` makes anna/one.mp4."""
    for name, content in contents.items():
        path = folder / f"{name.replace('__', '/')}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


class BatchUnderTest:
    """A batch that can be run repeatedly, with the events of each run."""

    def __init__(self, folder: Path, out: Path) -> None:
        self.folder, self.out = folder, out
        self.events: list[BatchEvent] = []
        self.analyser = FakeAnalyzer()

    def run(self, *, before: Callable[[ClipJob], JobOutcome | None] = lambda _job: None, **options):
        self.events, self.analyser = [], FakeAnalyzer(before)
        settings = options.pop("settings", Settings())
        workers = options.pop("workers", None)
        request = BatchRequest(str(self.folder), str(self.out), **options)
        return run_batch(request, settings, self.events.append, workers=workers, run=self.analyser)

    @property
    def done(self) -> list[str]:
        """Return the names of the clips processed in this run."""
        return sorted(self.analyser.names)

    @property
    def statuses(self) -> dict[str, str]:
        return {event.file: event.status for event in self.events if isinstance(event, ClipFinished)}

    def tables(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.out.iterdir() if path.is_file() and path.name != ".lock"}


def change_mtime(path: Path) -> None:
    """Change the modification time of a file."""
    later_s = time.time() + 5
    import os

    os.utime(path, (later_s, later_s))


def started(batch) -> BatchStarted:
    return next(event for event in batch.events if isinstance(event, BatchStarted))


def count_outcomes(ended: BatchEnded) -> tuple[int, int, int]:
    return ended.done, ended.failed, ended.waiting
