"""A stand-in for the analysis of a clip, as `tests.batch.results` has one for a local batch: the same results."""

import os
from pathlib import Path
from typing import Any

from analyzer.child import ClipJob
from analyzer.errors import ClipError
from analyzer.files import whole_folder
from analyzer.progress import Progress
from analyzer.result_files import FILES
from tests.api.jobs.tasks import RUNS, wait_for_gate
from tests.batch.results import BAD, hinge

SLOW = b"slow "


def play(job: ClipJob, progress: Progress) -> dict[str, Any]:
    """A hinge; a clip that begins with BAD is refused, one that begins with SLOW waits for the gate."""
    runs = Path(os.environ[RUNS])
    with runs.open("a") as file:
        file.write(f"{job.clip.name}\n")
    progress("tracking", 0, 10)
    content = job.clip.read_bytes()
    if content.startswith(BAD):
        raise ClipError(job.clip.name, "is not there yet", "Film it again.")
    if content.startswith(SLOW):
        wait_for_gate(runs, progress)
    analysis = hinge(content, job.clip.name, variant=job.request.variant, load_kg=job.request.load_kg)
    with whole_folder(job.folder, FILES) as temporary:
        for name in ("track.npz", "angles.csv", "report.html", *(["annotated.mp4"] if job.video else [])):
            (temporary / name).write_bytes(b"of " + content)
        (temporary / "analysis.json").write_text(analysis.model_dump_json())
    return {"reps": 2}
