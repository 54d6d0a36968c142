"""A deployment for the jobs: database, files and job store, and worker processes that may be killed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from api.db import analyses, clips, owners
from api.db.engine import Database, open_database
from api.db.models import AnalysisRow
from api.db.statuses import ENDED_STATUSES
from api.jobs.dbos_queue import DbosJobQueue, open_jobs
from api.settings import ServiceSettings
from api.storage.file_store import FileStore, open_files
from api.storage.store_identity import StoreGuard
from tests.api.jobs.tasks import GATE, RUNS
from tests.servers import PostgresServer, S3Server

ROOT = Path(__file__).resolve().parents[3]


class WorkerProcess(subprocess.Popen[str]):
    """A worker, and the id that it gave itself."""

    worker_id: str


class Deployment:
    """What the API process would hold, and the workers beside it."""

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings
        self.database: Database = open_database(settings.db_url)
        self.database.migrate()
        self.files: FileStore = open_files(settings)
        StoreGuard(self.database, self.files).start()
        self.jobs: DbosJobQueue = open_jobs(settings)
        self.runs = settings.data_dir / "runs.txt"
        self.runs.touch()
        self.workers: list[WorkerProcess] = []
        with self.database.session() as session:
            self.owner_id = owners.create(session, "ann").id

    def clip(self, does: str | Path, name: str) -> str:
        """An uploaded clip: a film, or what the stand-in is to do."""
        incoming = self.settings.data_dir / "incoming" / name
        incoming.parent.mkdir(exist_ok=True, parents=True)
        incoming.write_bytes(does.read_bytes() if isinstance(does, Path) else does.encode())
        size = incoming.stat().st_size
        key = f"clips/{self.owner_id}/{name.replace('.', '')}/{name}"
        self.files.put(incoming, key)
        with self.database.session() as session:
            return clips.create(
                session, self.owner_id, name=name, sha256="0" * 64, size_bytes=size, url=key, managed=True
            ).id

    def add(self, does: str | Path, name: str, *, priority: int = 1, submit: bool = True, **options: Any) -> str:
        """Queue the analysis of a clip and return its id."""
        clip_id = self.clip(does, name)
        with self.database.session() as session:
            id = analyses.create(session, self.owner_id, clip_id, priority=priority, **options).id
        if submit:
            self.jobs.submit(id, priority)
        return id

    def worker(self, data_dir: Path | None = None, **environment: str) -> WorkerProcess:
        """A worker process that takes jobs by now; its id is `.worker_id`."""
        env = os.environ | self.environment(data_dir) | environment
        command = [sys.executable, "-m", "tests.api.jobs.worker_process"]
        with open(self.settings.data_dir / f"worker-{len(self.workers)}.log", "w") as log:
            process = WorkerProcess(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=log, text=True)
        self.workers.append(process)
        assert process.stdout is not None
        process.worker_id = process.stdout.readline().strip()
        assert process.worker_id, self.log()
        return process

    def environment(self, data_dir: Path | None = None) -> dict[str, str]:
        given = {
            "DATA_DIR": str(data_dir or self.settings.data_dir),
            "DATABASE_URL": self.settings.db_url,
            "JOBS_URL": self.settings.queue_url,
            "FILES_URL": str(self.settings.files_root),
            "FILES_OPTIONS": json.dumps(self.settings.files_options),
            "WORKERS": str(self.settings.workers),
        }
        return {f"ANALYZER_{name}": value for name, value in given.items()} | {RUNS: str(self.runs)}

    def row(self, id: str) -> AnalysisRow:
        with self.database.read_session() as session:  # asked often: it must not wait for writers, nor hold them up
            row = session.get_one(AnalysisRow, id)
            session.expunge(row)
            return row

    def open_gate(self) -> None:
        """Let what waits in the middle of its work go on."""
        self.runs.with_name(GATE).touch()

    def wait_until(self, what: Callable[[], bool], within_s: float = 90) -> float:
        """Wait for it; returns how long it took."""
        began_s = time.monotonic()
        while not what():
            assert time.monotonic() - began_s < within_s, self.log()
            time.sleep(0.05)
        return time.monotonic() - began_s

    def ended(self, *ids: str) -> bool:
        return all(self.row(id).status in ENDED_STATUSES for id in ids)

    def results(self, id: str) -> dict[str, list[str]]:
        """Names of the files that lie there, by run."""
        names_by_run: dict[str, list[str]] = {}
        for key in self.files.list(f"results/{id}/"):
            run, name = key.split("/")[2:]
            names_by_run.setdefault(run, []).append(name)
        return {run: sorted(names) for run, names in names_by_run.items()}

    def read_result_json(self, id: str) -> dict[str, Any]:
        """`analysis.json` of the run that counts."""
        with self.files.open(f"results/{id}/{self.row(id).run}/analysis.json") as file:
            result: dict[str, Any] = json.load(file)
            return result

    def files_of_only_run(self, id: str) -> list[str]:
        """Wait until the runs that are not current are deleted, which is after the commit; return the files left."""
        run = self.row(id).run
        self.wait_until(lambda: set(self.results(id)) <= {run}, within_s=30)
        return self.results(id).get(run or "", [])

    def assert_complete(self, id: str) -> bool:
        """Whether the row is done and, once those of runs before are removed, exactly its files are there."""
        row = self.row(id)
        assert row.status == "done", f"{row.status}: {row.error}\n{self.log()}"
        assert self.files_of_only_run(id) == ["analysis.json", "report.html", "track.npz"]
        return True

    def runs_of(self, name: str) -> int:
        return self.runs.read_text().splitlines().count(name)

    def log(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.settings.data_dir.glob("worker-*.log")))

    def stop(self) -> None:
        for process in self.workers:
            if process.poll() is None:
                process.terminate()
        for process in self.workers:
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()
        self.jobs.close()
        self.database.close()


def find_analysis_processes(worker: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes that analyse clips for a worker."""
    for _ in range(100):
        with suppress(psutil.NoSuchProcess):  # one that ended between two looks
            family = psutil.Process(worker.pid).children(recursive=True)
            servers = [process for process in family if "forkserver" in " ".join(process.cmdline())]
            return [child for server in servers for child in server.children()]
    return []


def kill_worker(worker: subprocess.Popen[str]) -> None:
    worker.kill()
    worker.wait()


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """On SQLite and a folder."""
    with stop_afterwards(Deployment(ServiceSettings(data_dir=tmp_path, workers=2))) as deployment:
        yield deployment


@pytest.fixture
def postgres_deployment(tmp_path: Path, postgres_server: PostgresServer, s3_server: S3Server) -> Iterator[Deployment]:
    """On PostgreSQL and an object store."""
    url = postgres_server.new_database()
    settings = ServiceSettings(
        data_dir=tmp_path,
        database_url=url,
        files_url=f"{s3_server.new_bucket()}/clips",
        files_options=s3_server.options,
        workers=2,
    )
    with stop_afterwards(Deployment(settings)) as deployment:
        yield deployment
    postgres_server.drop(url)


@contextmanager
def stop_afterwards(deployment: Deployment) -> Iterator[Deployment]:
    try:
        yield deployment
    finally:
        deployment.stop()
