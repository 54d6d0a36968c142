"""Server, workers and children killed at random over a queue of clips: each has one result, and no file is left over.

    python -m benchmarks.kills [--store sqlite|postgresql] [--clips 200] [--kills 20] [--seed 1] [--real]

The server is the real one, with its worker beside it; clips are sent over HTTP. On PostgreSQL there is a second worker
as on another machine, which is killed for good half way. Children write the files of a result without looking at the
clip, in about two seconds each, since it is the jobs that are tested; `--real` has them analyse it.
"""

import argparse
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av
import httpx
import psutil
from sqlalchemy import func, select

from analyzer.analysis import subprocess_runner as child
from analyzer.analysis.subprocess_runner import ClipJob
from analyzer.atomic_files import atomic_folder
from analyzer.package_data import find_resource
from analyzer.progress import ProgressCallback

STORES = ("sqlite", "postgresql")
JOB_S = float(os.environ.get("KILLS_JOB_S", "2"))
PAUSE_S = 4.0  # at most between what a kill waits for and the kill
FILES = ("track.npz", "angles.csv", "report.html", "analysis.json")


def write_fake_result(job: ClipJob, progress: ProgressCallback, runs_file: str) -> dict[str, Any]:
    """Write the files of a result, slowly enough to be killed at any moment of it."""
    with open(runs_file, "a") as runs:
        runs.write(f"{job.clip.name}\n")
    with atomic_folder(job.folder, FILES) as temporary:
        for done, name in enumerate(FILES):
            progress("tracking", done, len(FILES))
            (temporary / name).write_bytes(os.urandom(20_000))
            time.sleep(JOB_S / len(FILES))
    return {"movement": "hinge", "counts": {"reps": 1}}


def run_server(port: int, real: bool) -> None:
    """Run the process of the server, with a worker beside it."""
    from api import server
    from api.settings import ServiceSettings

    settings = ServiceSettings()
    beside = server._WorkerSupervisor(settings.data_dir, build_role_command("worker", real, "--with-parent"))
    beside.start()
    try:
        server.serve(settings, server.ServeAddress(port=port), lambda line: None, worker=False)
    finally:
        beside.stop()


def run_worker_role(real: bool, with_parent: bool) -> None:
    """Run the process of a worker."""
    from api.monitoring.structured_logs import configure_logging
    from api.server import exit_with_parent
    from api.settings import ServiceSettings
    from api.worker import recovery
    from api.worker.process import run_worker

    if with_parent:
        exit_with_parent()
    configure_logging(as_json=False)
    if "KILLS_RECOVERY_S" in os.environ:  # the same recovery, sooner
        recovery.MISSING_JOB_AGE_S = recovery._ROWS_INTERVAL_S = int(os.environ["KILLS_RECOVERY_S"])
    if real:
        run_worker(ServiceSettings())
    else:
        child._PRELOAD = ("benchmarks.kills",)
        run_worker(ServiceSettings(), task=partial(write_fake_result, runs_file=os.environ["KILLS_RUNS"]))


def build_role_command(role: str, real: bool, *more: str) -> list[str]:
    """Return the command that starts this module as a server or a worker."""
    return [sys.executable, "-m", "benchmarks.kills", "--role", role, *(["--real"] if real else []), *more]


@dataclass
class KillTest:
    """The deployment under test, and the processes killed so far."""

    folder: Path
    environment: dict[str, str]
    port: int
    real: bool
    two: bool
    chance: random.Random
    server: subprocess.Popen[bytes] | None = None
    other: subprocess.Popen[bytes] | None = None
    killed: Counter[str] = field(default_factory=Counter)
    last_child_s: float = 0.0

    @property
    def url(self) -> str:
        """Return the address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def start_server(self) -> None:
        """Start the server with its worker."""
        self.server = self._start(build_role_command("serve", self.real, "--port", str(self.port)), self.folder / "one")

    def start_other(self) -> None:
        """Start the second worker, as on another machine."""
        self.other = self._start(build_role_command("worker", self.real), self.folder / "two")

    def _start(self, command: list[str], data_dir: Path) -> "subprocess.Popen[bytes]":
        data_dir.mkdir(exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            env = self.environment | {"ANALYZER_DATA_DIR": str(data_dir)}
            return subprocess.Popen(command, env=env, stdout=log, stderr=log)

    def workers(self) -> list[psutil.Process]:
        """Return the worker processes that run."""
        found = [] if self.other is None or self.other.poll() is not None else [psutil.Process(self.other.pid)]
        if self.server is not None:
            with suppress(psutil.Error):
                beside = psutil.Process(self.server.pid).children()
                found += [process for process in beside if "worker" in process.cmdline()]
        return found

    def children(self) -> list[psutil.Process]:
        """Return the processes that analyse clips."""
        found = []
        for worker in self.workers():
            with suppress(psutil.Error):
                for one in worker.children():
                    if "forkserver" in " ".join(one.cmdline()):
                        found += one.children()
        return found

    def kill_one(self, kind: str) -> bool:
        """Kill one process of this kind, if there is one."""
        with suppress(psutil.Error):
            if kind == "server":
                assert self.server is not None
                self.server.kill()
                self.server.wait()
                self.start_server()
            else:
                # A clip whose child dies twice has failed by design: children are killed well apart.
                if kind == "child" and time.monotonic() < self.last_child_s + 3 * JOB_S + (20 if self.real else 0):
                    return False
                victims = self.children() if kind == "child" else self.workers()
                if not victims:
                    return False
                victim = self.chance.choice(victims)
                victim.kill()
                if kind == "child":
                    self.last_child_s = time.monotonic()
                if self.other is not None and victim.pid == self.other.pid:
                    self.other.wait()
                    self.start_other()
            self.killed[kind] += 1
            return True
        return False

    def stop(self) -> None:
        """Stop server and workers."""
        for process in (self.server, self.other):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(60)
                process.kill()


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


def send_clips(test: KillTest, clip: bytes, clips: int, ids: list[str]) -> None:
    """Send the clips as a patient client does: again, with the same key, until it is answered."""
    for number in range(clips):
        while len(ids) <= number:
            with suppress(httpx.HTTPError):
                answer = httpx.post(
                    f"{test.url}/v1/analyses",
                    files={"clip": (f"lift-{number:03}.mp4", clip)},
                    headers={"Idempotency-Key": f"clip-number-{number}"},
                    timeout=60,
                )
                if answer.status_code == 202:
                    ids.append(answer.json()["id"])
                    continue
            time.sleep(0.3)


@contextmanager
def make_database(store: str) -> Iterator[str]:
    """Yield the URL of a new database; empty for SQLite."""
    if store == "sqlite":
        yield ""
        return
    from tests.servers import run_postgres

    with run_postgres() as server:
        yield server.new_database()


def run_kill_test(
    store: str, clips: int, kills: int, seed: int, real: bool, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Run the test on one kind of store; return the row of the table."""
    from api.settings import ServiceSettings
    from tests.servers import free_port

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="analyzer-kills-")))
        environment = {
            "ANALYZER_DATABASE_URL": stack.enter_context(make_database(store)),
            "ANALYZER_FILES_URL": str(folder / "files"),
            "ANALYZER_WORKERS": "1" if real else "2",
            "ANALYZER_MAX_QUEUED_PER_OWNER": str(clips + 1),
            "ANALYZER_LOG_JSON": "false",
            "KILLS_RUNS": str(folder / "runs"),
        }
        (folder / "runs").touch()
        chance = random.Random(seed)
        test = KillTest(folder, os.environ | environment, free_port(), real, store == "postgresql", chance)
        make_short_clip(folder / "clip.mp4")
        os.environ |= environment
        settings = ServiceSettings(data_dir=folder / "one")
        stack.callback(test.stop)
        began_s = time.monotonic()
        test.start_server()
        if test.two:
            test.start_other()
        ids: list[str] = []
        content = (folder / "clip.mp4").read_bytes()
        sending = threading.Thread(target=send_clips, args=(test, content, clips, ids), daemon=True)
        sending.start()
        database = stack.enter_context(_opened(settings))
        takeover_s = kill_while_running(test, database, sending, clips, kills, lambda line: tell(f"{store}: {line}"))
        minutes = (time.monotonic() - began_s) / 60
        time.sleep(3)
        test.stop()
        return {
            "store": store,
            "clips": clips,
            "killed": ", ".join(f"{number} {kind}" for kind, number in sorted(test.killed.items())),
            **count_results(test, settings, database, ids, tell),
            "taken over in s": "-" if takeover_s is None else round(takeover_s),
            "minutes": round(minutes, 1),
        }


def kill_while_running(
    test: KillTest, database: Any, sending: threading.Thread, clips: int, kills: int, tell: Callable[[str], None]
) -> float | None:
    """Kill processes until all clips have ended; return how long the jobs of the lost worker took to be taken over."""
    takeover_s: float | None = None
    lost: list[str] = []
    lost_at_s = next_s = 0.0
    while True:
        time.sleep(0.25)
        states, is_taken_over = _read_states(database, lost)
        if lost and takeover_s is None and is_taken_over:
            takeover_s = time.monotonic() - lost_at_s
        if not sending.is_alive() and sum(states.values()) >= clips and not states["queued"] + states["running"]:
            return takeover_s
        # Spread over the whole queue, whatever the machine's speed: each waits for some more results, and a moment.
        is_due = states["done"] >= (test.killed.total() + test.chance.random()) * clips / (kills + 1)
        if test.killed.total() >= kills or not is_due or time.monotonic() <= next_s:
            continue
        if test.killed.total() == kills // 2 and test.two and not lost:
            lost, lost_at_s = _kill_for_good(test, database), time.monotonic()
            test.killed["worker"] += bool(lost)
        elif not test.kill_one(test.chance.choice(("server", "worker", "child", "child"))):
            continue
        next_s = time.monotonic() + test.chance.uniform(0, PAUSE_S)
        tell(f"{dict(test.killed)} killed, {states['done']} of {clips} done")


def _read_states(database: Any, lost: list[str]) -> tuple[Counter[str], bool]:
    """Count the analyses in each status; also return whether all `lost` ones have ended."""
    from api.db.models import AnalysisRow
    from api.db.statuses import OPEN_STATUSES

    with database.session() as session:
        states = Counter(session.scalars(select(AnalysisRow.status)))
        left = select(func.count()).where(AnalysisRow.id.in_(lost), AnalysisRow.status.in_(OPEN_STATUSES))
        return states, not session.scalar(left)


def count_results(
    test: KillTest, settings: Any, database: Any, ids: list[str], tell: Callable[[str], None]
) -> dict[str, Any]:
    """Count rows, complete and double results, and files that no row refers to, before and after the sweep."""
    from api.cleanup.orphans import purge_trash, sweep_orphans
    from api.db.models import AnalysisRow, ClipRow
    from api.storage.file_store import open_files
    from api.storage.store_identity import ID_FILE

    files = open_files(settings)
    with database.session() as session:
        rows = session.scalars(select(AnalysisRow)).all()
        known = {f"results/{row.id}/{row.run}" for row in rows} | {
            f"clips/{clip.owner_id}/{clip.id}" for clip in session.scalars(select(ClipRow))
        }
    by_folder = Counter("/".join(key.split("/")[:3]) for key in files.list("") if key != ID_FILE)
    per_result = Counter(folder.split("/")[1] for folder in by_folder if folder.startswith("results/"))
    sweep_orphans(database, files, 0, is_confirmed=True)
    purge_trash(files, -1)
    after = {"/".join(key.split("/")[:3]) for key in files.list("") if key != ID_FILE} - known
    scratch = [path for name in ("one", "two") for path in (test.folder / name / "scratch").glob("*/*")]
    unfinished = list(test.folder.rglob(".unfinished-*"))
    names = {key.rsplit("/", 1)[-1] for key in files.list("results")}
    failed = [row for row in rows if row.status != "done"]
    if failed:
        tell("\n".join(f"{row.id} {row.status} {row.error}" for row in failed))
        tell((test.folder / "log").read_text()[-5000:])
    return {
        "results": len(rows) - len(failed),
        "complete": sum(by_folder[f"results/{row.id}/{row.run}"] == len(names) for row in rows),
        "double": len(rows) - len(set(ids)) + sum(number > 1 for number in per_result.values()),
        "left in files": len(by_folder.keys() - known),
        "left in scratch": len({*scratch, *unfinished}),  # what the lost worker was working on
        "after the sweep": len(after),
        "starts": sum(row.starts for row in rows),
        "child runs": len((test.folder / "runs").read_text().splitlines()) or "-",
    }


@contextmanager
def _opened(settings: Any) -> Iterator[Any]:
    from api.db.engine import open_database

    settings.data_dir.mkdir(exist_ok=True)
    database = open_database(settings.db_url)
    database.migrate()
    try:
        yield database
    finally:
        database.close()


def _kill_for_good(test: KillTest, database: Any) -> list[str]:
    """Kill the second worker while it works, without a restart; return the analyses that it was running."""
    from api.db.models import AnalysisRow

    assert test.other is not None
    own_id = (test.folder / "two" / "workers" / "1.id").read_text().strip()
    for _ in range(200):
        with database.session() as session:
            theirs = session.scalars(
                select(AnalysisRow.id).where(AnalysisRow.worker_id == own_id, AnalysisRow.status == "running")
            ).all()
        if theirs:
            break
        time.sleep(0.1)
    test.other.kill()
    test.other.wait()
    test.other = None
    return list(theirs)


def main() -> None:
    """Print the table; exit with 1 where a result is missing, double or incomplete."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=STORES, action="append")
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--role", choices=("serve", "worker"), help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role == "serve":
        run_server(options.port, options.real)
        return
    if options.role == "worker":
        run_worker_role(options.real, options.with_parent)
        return
    logging.getLogger("alembic").setLevel(logging.WARNING)
    rows = []
    for store in options.store or STORES:
        rows.append(
            run_kill_test(
                store,
                options.clips,
                options.kills,
                options.seed,
                options.real,
                lambda line: print(line, file=sys.stderr),
            )
        )
    for name in rows[0]:
        print(f"{name:16}" + "".join(f"{row[name]!s:>40}" for row in rows))
    is_passed = all(
        row["results"] == row["complete"] == row["clips"] and row["double"] == row["after the sweep"] == 0
        for row in rows
    )
    sys.exit(0 if is_passed else 1)


if __name__ == "__main__":
    main()
