"""Server, workers and children killed at random over a queue of clips: each has one result, and no file is left over.

    python -m benchmarks.kills [--store sqlite|postgresql] [--clips 200] [--kills 20] [--seed 1] [--real]

The server is the real one, with its worker beside it; clips are sent over HTTP. On PostgreSQL there is a second worker
as on another machine, which is killed without a restart half way. Children write the files of a result without reading
the clip, in about two seconds each, since it is the jobs that are tested; `--real` has them analyse it.
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
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psutil
from sqlalchemy import func, select

from benchmarks.service_roles import JOB_S, build_role_command, make_short_clip

if TYPE_CHECKING:
    from api.db.engine import Database
    from api.settings import ServiceSettings

STORES = ("sqlite", "postgresql")
PAUSE_S = 4.0  # at most between what a kill waits for and the kill


@dataclass(frozen=True)
class KillPlan:
    """How many clips are sent and how many processes killed; `is_real`: children analyse the clips."""

    clips: int
    kills: int
    seed: int
    is_real: bool


@dataclass
class KillTest:
    """The deployment under test, and the processes killed so far."""

    folder: Path
    environment: dict[str, str]
    port: int
    plan: KillPlan
    has_second_worker: bool
    rng: random.Random
    server: subprocess.Popen[bytes] | None = None
    second_worker: subprocess.Popen[bytes] | None = None
    killed: Counter[str] = field(default_factory=Counter)
    last_child_s: float = 0.0

    @property
    def url(self) -> str:
        """Return the address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def start_server(self) -> None:
        """Start the server with its worker."""
        command = build_role_command("serve", "--port", str(self.port), is_real=self.plan.is_real)
        self.server = self._start(command, self.folder / "one")

    def start_second_worker(self) -> None:
        """Start the second worker, as on another machine."""
        command = build_role_command("worker", is_real=self.plan.is_real)
        self.second_worker = self._start(command, self.folder / "two")

    def _start(self, command: list[str], data_dir: Path) -> "subprocess.Popen[bytes]":
        data_dir.mkdir(exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            env = self.environment | {"ANALYZER_DATA_DIR": str(data_dir)}
            return subprocess.Popen(command, env=env, stdout=log, stderr=log)

    def list_workers(self) -> list[psutil.Process]:
        """List the worker processes that run."""
        workers = []
        if self.second_worker is not None and self.second_worker.poll() is None:
            workers.append(psutil.Process(self.second_worker.pid))
        if self.server is not None:
            with suppress(psutil.Error):
                children = psutil.Process(self.server.pid).children()
                workers += [process for process in children if "worker" in process.cmdline()]
        return workers

    def list_children(self) -> list[psutil.Process]:
        """List the processes that analyse clips."""
        children = []
        for worker in self.list_workers():
            with suppress(psutil.Error):
                for process in worker.children():
                    if "forkserver" in " ".join(process.cmdline()):
                        children += process.children()
        return children

    def kill_one(self, kind: str) -> bool:
        """Kill one process of this kind; return whether there was one."""
        with suppress(psutil.Error):
            is_killed = self._kill_server() if kind == "server" else self._kill_random(kind)
            if is_killed:
                self.killed[kind] += 1
            return is_killed
        return False

    def _kill_server(self) -> bool:
        assert self.server is not None
        self.server.kill()
        self.server.wait()
        self.start_server()
        return True

    def _kill_random(self, kind: str) -> bool:
        # A clip whose child dies twice has failed by design: children are killed well apart.
        if kind == "child" and time.monotonic() < self.last_child_s + 3 * JOB_S + (20 if self.plan.is_real else 0):
            return False
        processes = self.list_children() if kind == "child" else self.list_workers()
        if not processes:
            return False
        process = self.rng.choice(processes)
        process.kill()
        if kind == "child":
            self.last_child_s = time.monotonic()
        if self.second_worker is not None and process.pid == self.second_worker.pid:
            self.second_worker.wait()
            self.start_second_worker()
        return True

    def stop(self) -> None:
        """Stop server and workers."""
        for process in (self.server, self.second_worker):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(60)
                process.kill()


def send_clips(test: KillTest, clip: bytes, ids: list[str]) -> None:
    """Send the clips as a patient client does: again, with the same key, until it is answered."""
    for number in range(test.plan.clips):
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


def run_kill_test(store: str, plan: KillPlan) -> dict[str, Any]:
    """Run the test on one kind of store; return the row of the table."""
    from api.settings import ServiceSettings
    from tests.servers import free_port

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="analyzer-kills-")))
        environment = {
            "ANALYZER_DATABASE_URL": stack.enter_context(make_database(store)),
            "ANALYZER_FILES_URL": str(folder / "files"),
            "ANALYZER_WORKERS": "1" if plan.is_real else "2",
            "ANALYZER_MAX_QUEUED_PER_OWNER": str(plan.clips + 1),
            "ANALYZER_LOG_JSON": "false",
            "KILLS_RUNS": str(folder / "runs"),
        }
        (folder / "runs").touch()
        rng = random.Random(plan.seed)
        test = KillTest(folder, os.environ | environment, free_port(), plan, store == "postgresql", rng)
        make_short_clip(folder / "clip.mp4")
        os.environ |= environment
        settings = ServiceSettings(data_dir=folder / "one")
        stack.callback(test.stop)
        began_s = time.monotonic()
        test.start_server()
        if test.has_second_worker:
            test.start_second_worker()
        ids: list[str] = []
        content = (folder / "clip.mp4").read_bytes()
        sending = threading.Thread(target=send_clips, args=(test, content, ids), daemon=True)
        sending.start()
        database = stack.enter_context(_open_database(settings))
        takeover_s = kill_while_running(test, database, sending)
        minutes = (time.monotonic() - began_s) / 60
        time.sleep(3)
        test.stop()
        return {
            "store": store,
            "clips": plan.clips,
            "killed": ", ".join(f"{number} {kind}" for kind, number in sorted(test.killed.items())),
            **count_results(test, settings, database, ids),
            "taken over in s": "-" if takeover_s is None else round(takeover_s),
            "minutes": round(minutes, 1),
        }


def kill_while_running(test: KillTest, database: "Database", sending: threading.Thread) -> float | None:
    """Kill processes until all clips have ended; return how long the jobs of the lost worker took to be taken over."""
    clips, kills = test.plan.clips, test.plan.kills
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
        is_due = states["done"] >= (test.killed.total() + test.rng.random()) * clips / (kills + 1)
        if test.killed.total() >= kills or not is_due or time.monotonic() <= next_s:
            continue
        if test.killed.total() == kills // 2 and test.has_second_worker and not lost:
            lost, lost_at_s = _remove_second_worker(test, database), time.monotonic()
            test.killed["worker"] += bool(lost)
        elif not test.kill_one(test.rng.choice(("server", "worker", "child", "child"))):
            continue
        next_s = time.monotonic() + test.rng.uniform(0, PAUSE_S)
        print(f"{dict(test.killed)} killed, {states['done']} of {clips} done", file=sys.stderr)


def _read_states(database: "Database", lost: list[str]) -> tuple[Counter[str], bool]:
    """Count the analyses in each status; also return whether all `lost` ones have ended."""
    from api.db.models import AnalysisRow
    from api.db.statuses import OPEN_STATUSES

    with database.session() as session:
        states = Counter(session.scalars(select(AnalysisRow.status)))
        open_lost = select(func.count()).where(AnalysisRow.id.in_(lost), AnalysisRow.status.in_(OPEN_STATUSES))
        return states, not session.scalar(open_lost)


def count_results(test: KillTest, settings: "ServiceSettings", database: "Database", ids: list[str]) -> dict[str, Any]:
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
        print("\n".join(f"{row.id} {row.status} {row.error}" for row in failed), file=sys.stderr)
        print((test.folder / "log").read_text()[-5000:], file=sys.stderr)
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
def _open_database(settings: "ServiceSettings") -> Iterator["Database"]:
    from api.db.engine import open_database

    settings.data_dir.mkdir(exist_ok=True)
    database = open_database(settings.db_url)
    database.migrate()
    try:
        yield database
    finally:
        database.close()


def _remove_second_worker(test: KillTest, database: "Database") -> list[str]:
    """Kill the second worker while it works, without a restart; return the analyses that it was running."""
    from api.db.models import AnalysisRow

    assert test.second_worker is not None
    worker_id = (test.folder / "two" / "workers" / "1.id").read_text().strip()
    for _ in range(200):
        with database.session() as session:
            running = session.scalars(
                select(AnalysisRow.id).where(AnalysisRow.worker_id == worker_id, AnalysisRow.status == "running")
            ).all()
        if running:
            break
        time.sleep(0.1)
    test.second_worker.kill()
    test.second_worker.wait()
    test.second_worker = None
    return list(running)


def main() -> None:
    """Print the table; exit with 1 where a result is missing, double or incomplete."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=STORES, action="append")
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", action="store_true")
    options = parser.parse_args()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    plan = KillPlan(options.clips, options.kills, options.seed, options.real)
    rows = [run_kill_test(store, plan) for store in options.store or STORES]
    for name in rows[0]:
        print(f"{name:16}" + "".join(f"{row[name]!s:>40}" for row in rows))
    is_passed = all(
        row["results"] == row["complete"] == row["clips"] and row["double"] == row["after the sweep"] == 0
        for row in rows
    )
    sys.exit(0 if is_passed else 1)


if __name__ == "__main__":
    main()
