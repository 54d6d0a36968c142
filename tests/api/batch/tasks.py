"""A stand-in for the analysis of a clip, as `tests.batch.results` has one for a local batch: the same results."""

from pathlib import Path
from typing import Any

from analyzer.analysis.subprocess_runner import ClipJob
from analyzer.errors import ClipError
from analyzer.progress import ProgressCallback
from tests.api.jobs.tasks import wait_for_gate
from tests.batch.results import BAD_CLIP, write_hinge_result

SLOW_CLIP = b"slow "


def play(job: ClipJob, progress: ProgressCallback, runs: Path) -> dict[str, Any]:
    """A hinge; a clip that begins with BAD is refused, one that begins with SLOW waits for the gate."""
    with runs.open("a") as file:
        file.write(f"{job.clip.name}\n")
    progress("tracking", 0, 10)
    content = job.clip.read_bytes()
    if content.startswith(BAD_CLIP):
        raise ClipError(job.clip.name, "is not there yet", "Film it again.")
    if content.startswith(SLOW_CLIP):
        wait_for_gate(runs, progress)
    write_hinge_result(job)
    return {"reps": 2}
