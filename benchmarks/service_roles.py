"""The processes of a service for the tests of its jobs: the server with a worker, or a worker alone.

Without `--real`, children write the files of a result without reading the clip, in KILLS_JOB_S seconds (2), and add its
name to the file KILLS_RUNS. KILLS_RECOVERY_S shortens the intervals of the recovery.
"""

import argparse
import os
import sys
import time
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av

from analyzer.analysis import subprocess_runner as child
from analyzer.analysis.subprocess_runner import ClipJob
from analyzer.atomic_files import atomic_folder
from analyzer.package_data import find_resource
from analyzer.progress import ProgressCallback

_CODE = "from benchmarks.service_roles import main; main()"
JOB_S = float(os.environ.get("KILLS_JOB_S", "2"))
RESULT_FILES = ("track.npz", "angles.csv", "report.html", "analysis.json")


def write_fake_result(job: ClipJob, progress: ProgressCallback, runs_file: str, job_s: float) -> dict[str, Any]:
    """Write the files of a result, slowly enough to be killed at any moment of it."""
    with open(runs_file, "a") as runs:
        runs.write(f"{job.clip.name}\n")
    with atomic_folder(job.folder, RESULT_FILES) as temporary:
        for done, name in enumerate(RESULT_FILES):
            progress("tracking", done, len(RESULT_FILES))
            (temporary / name).write_bytes(os.urandom(20_000))
            time.sleep(job_s / len(RESULT_FILES))
    return {"movement": "hinge", "counts": {"reps": 1}}


def build_role_command(role: str, *options: str, is_real: bool) -> list[str]:
    """Return the command that starts a server or a worker."""
    return [sys.executable, "-c", _CODE, role, *(["--real"] if is_real else []), *options]


def make_short_clip(path: Path) -> None:
    """Write nine small frames of the sample."""
    with av.open(str(find_resource("sample_videos/hinge_neutral.mp4"))) as source, av.open(str(path), "w") as out:
        film = source.streams.video[0]
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = film.width // 4 * 2, film.height // 4 * 2, "yuv420p"
        for number, frame in enumerate(source.decode(film)):
            if number == 9:
                break
            small = frame.reformat(width=stream.width, height=stream.height, format="yuv420p")
            small.pts, small.time_base = number, Fraction(1, 10)
            out.mux(stream.encode(small))
        out.mux(stream.encode())


def run_server(port: int, *, is_real: bool) -> None:
    """Run the process of the server, with a worker beside it."""
    from api import server
    from api.settings import ServiceSettings

    settings = ServiceSettings()
    worker = server._WorkerSupervisor(settings.data_dir, build_role_command("worker", "--with-parent", is_real=is_real))
    worker.start()
    try:
        server.serve(settings, server.ServeAddress(port=port), lambda line: None, worker=False)
    finally:
        worker.stop()


def run_worker_role(*, is_real: bool, ends_with_parent: bool) -> None:
    """Run the process of a worker."""
    from api.monitoring.structured_logs import configure_logging
    from api.server import exit_with_parent
    from api.settings import ServiceSettings
    from api.worker import recovery
    from api.worker.process import run_worker

    if ends_with_parent:
        exit_with_parent()
    configure_logging(as_json=False)
    if "KILLS_RECOVERY_S" in os.environ:
        recovery.MISSING_JOB_AGE_S = recovery._ROWS_INTERVAL_S = int(os.environ["KILLS_RECOVERY_S"])
    if is_real:
        run_worker(ServiceSettings())
    else:
        child._PRELOAD = ("benchmarks.service_roles",)
        run_worker(ServiceSettings(), task=partial(write_fake_result, runs_file=os.environ["KILLS_RUNS"], job_s=JOB_S))


def main() -> None:
    """Run the process that the arguments of this process name."""
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=("serve", "worker"))
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--with-parent", action="store_true")
    options = parser.parse_args()
    if options.role == "serve":
        run_server(options.port, is_real=options.real)
    else:
        run_worker_role(is_real=options.real, ends_with_parent=options.with_parent)
