"""A stand-in for the analysis: the clip's text says what happens, and every run of it is written down."""

import ctypes
import json
import os
import time
from pathlib import Path
from typing import Any

from analyzer.analysis.subprocess_runner import ClipJob
from analyzer.atomic_files import atomic_folder
from analyzer.errors import ClipError
from analyzer.progress import ProgressCallback

RUNS = "ANALYZER_TEST_RUNS"
"""Environment variable with the file that a line is added to for each run: the clip's name."""
GATE = "gate"
"""Beside that file: where it is, nothing waits any longer."""

_LONGEST_S = 120.0


def play(job: ClipJob, progress: ProgressCallback, runs: Path) -> dict[str, Any]:
    """Do what the clip says, word by word, then write the files of a result."""
    with runs.open("a") as file:
        file.write(f"{job.clip.name}\n")
    words = job.clip.read_text().split()
    names = ("track.npz", "report.html", "analysis.json")
    with atomic_folder(job.folder, names) as temporary:
        for name in names[:-1]:
            (temporary / name).write_bytes(os.urandom(1000))
        while words:
            match words.pop(0):
                case "sleep":
                    _sleep(float(words.pop(0)), progress)
                case "wait":
                    wait_for_gate(runs, progress)
                case "crash":
                    ctypes.string_at(0)
                case "crash-once":
                    if runs.read_text().splitlines().count(job.clip.name) == 1:
                        ctypes.string_at(0)
                case "refuse":
                    raise ClipError(job.clip.name, "too dark", "Turn on a light")
        marks = job.request.marks
        if marks and marks.get("note") == "refuse":
            raise ClipError(job.clip.name, "the marks lie after its end", "Move them")
        result = {"clip": job.clip.name, "marks": marks, "from_track": job.track is not None, "pid": os.getpid()}
        result["model"] = job.request.model
        (temporary / "analysis.json").write_text(json.dumps(result))
    return {"movement": job.request.movement, "clip": job.clip.name}


def wait_for_gate(runs: Path, progress: ProgressCallback) -> None:
    """Stay in the middle of the work until the test opens the gate."""
    progress("tracking", 1, 2)
    until_s = time.monotonic() + _LONGEST_S
    while not runs.with_name(GATE).exists() and time.monotonic() < until_s:
        time.sleep(0.02)


def _sleep(time_s: float, progress: ProgressCallback) -> None:
    steps = max(1, round(time_s / 0.05))
    for done in range(steps + 1):
        progress("tracking", done, steps)
        time.sleep(time_s / steps)
