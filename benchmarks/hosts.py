"""Two hosts at one queue, one killed for good and the other cut off for a while: every clip has one result.

    python -m benchmarks.hosts [--clips 24] [--job-s 2] [--cut-s 30]

Needs root and `ip` of iproute2. Each host is a network namespace with a worker and a data folder of its own; a bridge
leads to one PostgreSQL and one S3 server, which is all that the hosts share. Clips lie in the S3 server and are done by
a stand-in, since it is the queue that is tested. As soon as both hosts have finished some, the first is killed with
kill -9 and never comes back, and the other's link is down for `--cut-s`. Then everything is collected, and the table
says what there is of each clip: rows, results in the store, files that nothing refers to.
"""

import argparse
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import fsspec
from sqlalchemy import select

from analyzer.analysis.subprocess_runner import ClipJob
from analyzer.batch.batch_request import BatchRequest
from analyzer.progress import ProgressCallback
from api.batch.batch_progress import BatchState, count_clips
from api.batch.run import collect_and_summarize
from api.batch.submission import QueueClient, submit_batch
from api.db.models import AnalysisRow, Worker
from api.settings import ServiceSettings
from tests.servers import run_postgres, run_s3

ROOT = Path(__file__).parents[1]
RUNS, JOB_S = "BENCHMARK_RUNS", "BENCHMARK_JOB_S"
BRIDGE = "10.213.77.1"  # a network that is hardly in use
TIME_LIMIT_S = 300


def write_fake_result(job: ClipJob, progress: ProgressCallback, runs_file: str, job_s: float) -> dict[str, Any]:
    """Write whole result files, slowly enough to be stopped in the middle."""
    from tests.batch.results import write_hinge_result

    def wait(done: int, total: int) -> None:
        """Report the progress, then sleep for a share of the job's duration."""
        progress("tracking", done, total)
        time.sleep(job_s / total)

    with open(runs_file, "a") as runs:
        runs.write(f"{job.clip.name}\n")
    write_hinge_result(job, before_file=wait)
    return {"movement": "hinge", "counts": {"reps": 2}}


def run_fake_worker() -> None:
    """Run the process of a worker."""
    from analyzer.analysis import subprocess_runner as child
    from api.worker.process import run_worker
    from benchmarks import hosts

    child._PRELOAD = ("benchmarks.hosts", "tests.batch.results")
    task = partial(hosts.write_fake_result, runs_file=os.environ[RUNS], job_s=float(os.environ[JOB_S]))
    run_worker(ServiceSettings(), task=task, ready=lambda id: print(id, flush=True))


# ---- The network


def run_ip(*words: str) -> None:
    """Run a command of iproute2."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextmanager
def create_bridge() -> Iterator[str]:
    """Create a bridge with the address of the servers; yield its name."""
    name = f"br{os.getpid()}"
    run_ip("link", "add", name, "type", "bridge")
    try:
        run_ip("addr", "add", f"{BRIDGE}/24", "dev", name)
        run_ip("link", "set", name, "up")
        yield name
    finally:
        run_ip("link", "del", name)


@contextmanager
def create_host(number: int, at: str) -> Iterator[str]:
    """Create a namespace with its own address at the bridge; yield its name, which is also that of its link."""
    name = f"h{number}-{os.getpid()}"
    run_ip("netns", "add", name)
    try:
        run_ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        run_ip("link", "set", name, "master", at, "up")
        inside = ("-n", name)
        run_ip(*inside, "addr", "add", f"{BRIDGE.rpartition('.')[0]}.{number + 1}/24", "dev", "eth0")
        run_ip(*inside, "link", "set", "eth0", "up")
        run_ip(*inside, "link", "set", "lo", "up")
        yield name
    finally:
        run_ip("netns", "del", name)


@contextmanager
def start_worker(namespace: str, folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run a worker in a namespace, with its own data folder."""
    command = [
        "ip",
        "netns",
        "exec",
        namespace,
        sys.executable,
        "-c",
        "from benchmarks.hosts import run_fake_worker; run_fake_worker()",
    ]
    own = os.environ | environment | {"ANALYZER_DATA_DIR": str(folder / namespace)}
    with open(folder / f"{namespace}.log", "w") as log:
        process = subprocess.Popen(command, env=own, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


# ---- Figures


def wait_until(queue_client: QueueClient, ids: list[str], what: Any) -> BatchState:
    """Wait for a state of the batch; return it."""
    until_s = time.monotonic() + TIME_LIMIT_S
    while not what(now := count_clips(queue_client, ids)):
        if time.monotonic() > until_s:
            raise SystemExit(f"not within {TIME_LIMIT_S} s: {now}")
        time.sleep(0.2)
    return now


def count_done_by_worker(queue_client: QueueClient) -> Counter[str]:
    """Count the finished analyses of each worker."""
    with queue_client.database.session() as session:
        query = select(AnalysisRow.worker_id).where(AnalysisRow.status == "done")
        return Counter(id or "" for id in session.scalars(query))


def check_stored_runs(queue_client: QueueClient) -> tuple[int, int, int]:
    """Count analyses with exactly their current run in the store, those without, and all stored runs."""
    with queue_client.database.session() as session:
        counts = {row.id: row.run for row in session.scalars(select(AnalysisRow))}
    runs: dict[str, set[str]] = {id: set() for id in counts}
    for key in queue_client.files.list("results"):
        _, id, run, _ = key.split("/", 3)
        runs.setdefault(id, set()).add(run)
    exact = sum(runs[id] == {run} for id, run in counts.items())
    return exact, len(runs) - exact, sum(map(len, runs.values()))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=24)
    parser.add_argument("--job-s", type=float, default=2.0)
    parser.add_argument("--cut-s", type=float, default=30.0)
    options = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # the S3 server logs every request
    folder = Path(tempfile.mkdtemp(prefix="analyzer-hosts-"))
    try:
        with ExitStack() as stack:
            figures = run_hosts(stack, folder, options)
    except BaseException:
        for log in folder.glob("*.log"):
            print(log.name, *log.read_text().splitlines()[-20:], sep="\n  ", file=sys.stderr)
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for name, value in figures:
        print(f"{name:50s} {value}")


def run_hosts(  # long: one scenario in the order of its events, and its table
    stack: ExitStack, folder: Path, options: argparse.Namespace
) -> list[tuple[str, object]]:
    """Run both hosts, kill one, cut the other off, and collect; return the lines of the table."""
    at = stack.enter_context(create_bridge())
    postgres = stack.enter_context(run_postgres(BRIDGE))
    s3 = stack.enter_context(run_s3(BRIDGE))
    bucket = s3.new_bucket()
    settings = ServiceSettings(
        data_dir=folder / "client",
        database_url=postgres.new_database(),
        files_url=f"{bucket}/service",
        files_options=s3.options,
    )
    (folder / "runs").touch()
    environment = {
        "ANALYZER_DATABASE_URL": settings.database_url,
        "ANALYZER_FILES_URL": settings.files_url,
        "ANALYZER_FILES_OPTIONS": str(settings.files_options).replace("'", '"'),
        "ANALYZER_WORKERS": "2",
        RUNS: str(folder / "runs"),
        JOB_S: str(options.job_s),
    }
    queue_client = stack.enter_context(QueueClient(settings))
    names = [stack.enter_context(create_host(number, at)) for number in (1, 2)]
    first, second = (stack.enter_context(start_worker(name, folder, environment)) for name in names)
    assert first.stdout is not None and second.stdout is not None
    workers = [first.stdout.readline().strip(), second.stdout.readline().strip()]
    store = fsspec.filesystem("s3", **s3.options)
    for number in range(options.clips):
        store.pipe(f"{bucket.removeprefix('s3://')}/season/{number:03d}.mp4", b"%03d" % number)

    began_s = time.monotonic()
    ids = list(submit_batch(BatchRequest(f"{bucket}/season", f"{bucket}/out"), queue_client).batch_ids)

    def begun() -> int:
        """Return how many jobs have begun."""
        return len((folder / "runs").read_text().splitlines())

    def both_in_the_middle(now: BatchState) -> bool:
        """Return whether both workers run two jobs each and have finished some."""
        return (
            now.running == 4
            and begun() == now.done + 4
            and all(count_done_by_worker(queue_client)[id] for id in workers)
        )

    wait_until(queue_client, ids, both_in_the_middle)
    first.kill()
    killed = count_clips(queue_client, ids)
    killed_s = time.monotonic() - began_s
    run_ip("link", "set", names[1], "down")
    time.sleep(options.cut_s)
    cut = count_clips(queue_client, ids)
    run_ip("link", "set", names[1], "up")
    up_s = time.monotonic() - began_s
    wait_until(queue_client, ids, lambda now: now.done > cut.done)
    again_s = time.monotonic() - began_s - up_s
    ended = wait_until(queue_client, ids, lambda now: not now.open)
    seconds = time.monotonic() - began_s
    time.sleep(3)  # what does not count is removed after the row says so
    exact, not_exact, runs = check_stored_runs(queue_client)
    summary = collect_and_summarize(queue_client, ids, f"{bucket}/out")
    by, lines = count_done_by_worker(queue_client), (folder / "runs").read_text().splitlines()
    with queue_client.database.session() as session:
        known = len(session.scalars(select(Worker)).all())
    return [
        ("cores, load", f"{os.cpu_count()}, {os.getloadavg()[0]:.0f}"),
        ("clips, seconds each, two at once on each host", f"{options.clips}, {options.job_s}"),
        ("done when the first was killed", f"{killed.done} after {killed_s:.0f} s, {killed.running} in hand"),
        ("the other's link was down for", f"{options.cut_s:.0f} s; {cut.done - killed.done} clips were done meanwhile"),
        ("its first result after that", f"{again_s:.1f} s"),
        ("rows: done, failed, open", f"{ended.done}, {ended.failed}, {ended.open}"),
        ("done by the first, the other", ", ".join(str(by[id]) for id in workers)),
        ("workers known in the end", known),
        ("analyses with exactly one result in the store", exact),
        ("analyses with none or several; results in all", f"{not_exact}; {runs}"),
        ("collected: clips, done, failed, waiting",
         f"{summary.clips}, {summary.done}, {summary.failed}, {summary.waiting}"),
        ("work begun in all, of it for the second time", f"{len(lines)}, {len(lines) - len(set(lines))}"),
        ("seconds in all", f"{seconds:.0f}"),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
