"""A stand-in for the analysis of a clip, as `tests.batch.results` has one for a local batch: the same results."""

import os
import time
from pathlib import Path
from typing import Any

from analyzer.child import ClipJob
from analyzer.errors import ClipError
from analyzer.files import whole_folder
from analyzer.progress import Progress
from analyzer.result_files import FILES
from tests.api.jobs.tasks import RUNS
from tests.batch.results import BAD, hinge

SLOW = b"slow "
GATE = "gate"
"""Beside the file that notes the runs: where it is, slow clips wait no longer."""

_LONGEST_S = 120.0


def play(job: ClipJob, progress: Progress) -> dict[str, Any]:
    """A hinge; a clip that begins with BAD is refused, one that begins with SLOW waits for the gate."""
    with open(os.environ[RUNS], "a") as runs:
        runs.write(f"{job.clip.name}\n")
    progress("tracking", 0, 10)
    content = job.clip.read_bytes()
    if content.startswith(BAD):
        raise ClipError(job.clip.name, "is not there yet", "Film it again.")
    if content.startswith(SLOW):
        _wait(Path(os.environ[RUNS]).with_name(GATE))
    analysis = hinge(content, job.clip.name, variant=job.request.variant, load_kg=job.request.load_kg)
    with whole_folder(job.folder, FILES) as temporary:
        for name in ("track.npz", "angles.csv", "report.html", *(["annotated.mp4"] if job.video else [])):
            (temporary / name).write_bytes(b"of " + content)
        (temporary / "analysis.json").write_text(analysis.model_dump_json())
    return {"reps": 2}


def _wait(gate: Path) -> None:
    until_s = time.monotonic() + _LONGEST_S
    while not gate.exists() and time.monotonic() < until_s:
        time.sleep(0.05)
