"""A stand-in for the analysis of a clip, as `tests.batch.results` has one for a local batch: the same results."""

import os
from pathlib import Path
from typing import Any

from analyzer.analysis.subprocess_runner import ClipJob
from analyzer.atomic_files import atomic_folder
from analyzer.errors import ClipError
from analyzer.progress import ProgressCallback
from analyzer.results.file_names import ANALYSIS_FILES
from tests.api.jobs.tasks import RUNS, wait_for_gate
from tests.batch.results import BAD_CLIP, hinge

SLOW_CLIP = b"slow "


def play(job: ClipJob, progress: ProgressCallback) -> dict[str, Any]:
    """A hinge; a clip that begins with BAD is refused, one that begins with SLOW waits for the gate."""
    runs = Path(os.environ[RUNS])
    with runs.open("a") as file:
        file.write(f"{job.clip.name}\n")
    progress("tracking", 0, 10)
    content = job.clip.read_bytes()
    if content.startswith(BAD_CLIP):
        raise ClipError(job.clip.name, "is not there yet", "Film it again.")
    if content.startswith(SLOW_CLIP):
        wait_for_gate(runs, progress)
    analysis = hinge(content, job.clip.name, variant=job.request.variant, load_kg=job.request.load_kg)
    with atomic_folder(job.folder, ANALYSIS_FILES) as temporary:
        for name in ("track.npz", "angles.csv", "report.html", *(["annotated.mp4"] if job.video else [])):
            (temporary / name).write_bytes(b"of " + content)
        (temporary / "analysis.json").write_text(analysis.model_dump_json())
    return {"reps": 2}
