"""What the queue itself costs: thousands of short jobs through PostgreSQL, with nothing to analyse in them.

    python -m benchmarks.queue [--jobs 2200] [--workers 2] [--at-once 4] [--job-s 0.05]

A list of made-up clips is sent as one batch to a PostgreSQL of its own. Real worker processes feed it and take the
jobs; each is done by a stand-in in a child process, which waits `--job-s` and writes a small but whole result. Then
all is collected. Prints one table: jobs a second, how many rows were open at most (the feeding window), how large the
database has become for each job, what the job store keeps at most and in the end, and what collecting costs.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text

from analyzer.analysis.subprocess_runner import ClipJob
from analyzer.batch.clip_facts import FactsRow
from analyzer.progress import ProgressCallback
from api.batch.batch_progress import count_clips
from api.batch.clip_manifest import ManifestLine, write_manifest
from api.batch.queue_feeder import MAX_OPEN_CLIPS
from api.batch.result_collection import collect_results
from api.batch.submission import QueueClient
from api.db import batches
from api.db.models import Batch
from api.settings import ServiceSettings
from tests.servers import run_postgres

JOB_S = "BENCHMARK_JOB_S"
SAMPLE_INTERVAL_S = 0.5
TIME_LIMIT_S = 900


def write_fake_result(job: ClipJob, progress: ProgressCallback, job_s: float) -> dict[str, Any]:
    """Wait, then write a whole result."""
    from tests.batch.results import write_hinge_result

    progress("tracking", 0, 1)
    time.sleep(job_s)
    write_hinge_result(job)
    return {"movement": "hinge", "counts": {"reps": 2}}


def run_fake_worker() -> None:
    """Run a worker; it is ready when it prints its id."""
    from analyzer.analysis import subprocess_runner as child
    from api.worker.process import run_worker
    from benchmarks import queue

    child._PRELOAD = ("benchmarks.queue", "tests.batch.results")
    task = partial(queue.write_fake_result, job_s=float(os.environ[JOB_S]))  # children do not get the environment
    run_worker(ServiceSettings(), task=task, ready=lambda id: print(id, flush=True))


@dataclass
class QueueLoad:
    """What was measured while the workers ran."""

    seconds: float = 0.0
    most_open: int = 0
    most_jobs: int = 0
    most_connections: int = 0


def send_batch(queue_client: QueueClient, clip: Path, count: int) -> str:
    """Submit one batch of `count` lines that all refer to one small file; return its id."""
    with queue_client.database.session() as session:
        id = batches.create(session, queue_client.owner_id, "many", total=None).id
    lines = [ManifestLine(f"{n:07d}.mp4", f"file://{clip}", 1, "1", "hinge", FactsRow()) for n in range(count)]
    place = write_manifest(queue_client.files, id, lines, queue_client.settings.data_dir / "scratch")
    with queue_client.database.session() as session:
        row = session.get_one(Batch, id)
        row.manifest_url, row.total = place, count
    return id


def wait_until_done(queue_client: QueueClient, id: str) -> QueueLoad:
    """Measure the load until every job has ended."""
    load, began_s = QueueLoad(), time.monotonic()
    while True:
        now = count_clips(queue_client, [id])
        passed_s = time.monotonic() - began_s
        load.most_open = max(load.most_open, now.queued + now.running)
        load.most_jobs = max(load.most_jobs, query_number(queue_client, "SELECT count(*) FROM dbos.workflow_status"))
        connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        load.most_connections = max(load.most_connections, query_number(queue_client, connections))
        load.seconds = passed_s
        if not now.open:
            return load
        if passed_s > TIME_LIMIT_S:
            raise SystemExit(f"not done after {TIME_LIMIT_S} s: {now}")
        time.sleep(SAMPLE_INTERVAL_S)


def query_number(queue_client: QueueClient, query: str) -> int:
    """Return the number that a query gives."""
    with queue_client.database.session() as session:
        return int(session.scalar(text(query)) or 0)


def query_table_bytes(queue_client: QueueClient) -> dict[str, int]:
    """Return the bytes of our own tables with their indexes, and of the job store's."""
    of = "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    tables = f"{of} WHERE c.relkind = 'r' AND n.nspname = "
    return {
        "analyses": query_number(queue_client, "SELECT pg_total_relation_size('analyses')"),
        "clips": query_number(queue_client, "SELECT pg_total_relation_size('clips')"),
        "job store": query_number(queue_client, f"{tables} 'dbos'"),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--job-s", type=float, default=0.05)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="analyzer-queue-"))
    processes: list[subprocess.Popen[str]] = []
    try:
        with run_postgres() as server:
            url = server.new_database()
            settings = ServiceSettings(data_dir=folder, database_url=url, files_url=str(folder / "files"))
            environment = os.environ | {
                "ANALYZER_DATA_DIR": str(folder),
                "ANALYZER_DATABASE_URL": url,
                "ANALYZER_FILES_URL": str(folder / "files"),
                "ANALYZER_WORKERS": str(options.at_once),
                JOB_S: str(options.job_s),
            }
            with QueueClient(settings) as queue_client:
                clip = folder / "clip.mp4"
                clip.write_bytes(b"x")
                before = query_table_bytes(queue_client)
                for _ in range(options.workers):
                    command = [sys.executable, "-c", "from benchmarks.queue import run_fake_worker; run_fake_worker()"]
                    processes.append(
                        subprocess.Popen(
                            command,
                            env=environment,
                            stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL,
                            text=True,
                            cwd=Path(__file__).parents[1],
                        )
                    )
                for process in processes:
                    assert process.stdout is not None and process.stdout.readline()
                id = send_batch(queue_client, clip, options.jobs)
                load = wait_until_done(queue_client, id)
                print_figures(queue_client, id, load, before, options)
                for process in processes:
                    process.terminate()
                    process.wait(30)
    finally:
        for process in processes:
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def print_figures(
    queue_client: QueueClient, id: str, load: QueueLoad, before: dict[str, int], options: argparse.Namespace
) -> None:
    """Print the table."""
    now, after = count_clips(queue_client, [id]), query_table_bytes(queue_client)
    if not now.done:
        with queue_client.database.session() as session:
            raise SystemExit(f"no job was done: {session.scalar(text('SELECT max(error) FROM analyses'))}")
    starts = query_number(queue_client, "SELECT sum(starts) FROM analyses")
    rows = {name: query_number(queue_client, f"SELECT count(*) FROM {name}") for name in ("analyses", "clips")}
    began_s = time.monotonic()
    tables = collect_results(queue_client, [id], str(queue_client.settings.data_dir / "out"))
    collect_s = time.monotonic() - began_s
    bare = len(json.dumps([dict(row) for row in tables.summary[:1]]))
    figures = [
        ("workers, clips at once of each, job", f"{options.workers}, {options.at_once}, {options.job_s} s"),
        ("cores, load", f"{os.cpu_count()}, {os.getloadavg()[0]:.0f}"),
        ("jobs done / failed / started", f"{now.done} / {now.failed} / {starts}"),
        ("seconds", f"{load.seconds:.1f}"),
        ("jobs a second", f"{now.done / load.seconds:.1f}"),
        (f"rows open at most (window {MAX_OPEN_CLIPS})", f"{load.most_open}"),
        ("rows: analyses, clips", f"{rows['analyses']}, {rows['clips']}"),
        *((f"bytes a job: {name}", f"{(after[name] - before[name]) / now.done:.0f}") for name in ("analyses", "clips")),
        ("job store: most rows, bytes in the end", f"{load.most_jobs}, {after['job store']}"),
        ("connections at most, with those of this command", f"{load.most_connections}"),
        ("collecting, seconds for 1,000 clips", f"{1000 * collect_s / now.done:.1f}"),
        ("bytes of a row of the summary, as JSON", f"{bare}"),
    ]
    for name, value in figures:
        print(f"{name:50s} {value}")


if __name__ == "__main__":
    main()
