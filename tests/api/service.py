"""A service in this process for tests of its HTTP side: real database and files, and a job queue that records calls."""

import atexit
import json
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import av
import numpy as np
from fastapi.testclient import TestClient

from analyzer.results.schema import Analysis
from api.app import create_app
from api.db import analyses, owners
from api.db.engine import open_database
from api.dependencies import Access, Services
from api.settings import ServiceSettings
from api.storage.store_identity import ID_FILE
from api.untrusted_files.clip_probing import ClipProber

RUN_ID = "run1"
METRICS_KEY = "the-operators-key"
DATABASE_FILE = "analyzer.sqlite"
_PROBERS: dict[str, ClipProber] = {}


@cache
def sqlite_with_tables() -> Path:
    """A SQLite file with the tables, to be copied; it goes with this process."""
    folder = Path(tempfile.mkdtemp(prefix="analyzer-tables-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    database = open_database(f"sqlite:///{folder / DATABASE_FILE}")
    database.migrate()
    database.close()
    return folder / DATABASE_FILE


@dataclass
class RecordingJobQueue:
    """A job queue that records its calls and runs nothing; a broken one fails to cancel."""

    calls: list[tuple] = field(default_factory=list)
    broken: bool = False

    def submit(self, analysis_id, priority):
        self.calls.append(("submit", analysis_id, priority))

    def submit_remeasure(self, analysis_id, revision):
        self.calls.append(("remeasure", analysis_id, revision))

    def cancel(self, analysis_id):
        if self.broken:
            raise ConnectionError("the job store does not answer")
        self.calls.append(("cancel", analysis_id))

    def forget(self, analysis_id):
        self.calls.append(("forget", analysis_id))

    def close(self):
        self.calls.append(("close",))

    @property
    def cancelled(self):
        return [id for call, id, *_ in self.calls if call == "cancel"]

    @property
    def forgotten(self):
        return [id for call, id, *_ in self.calls if call == "forget"]


class Service:
    """The application, and what tests do behind its back."""

    def __init__(self, folder: Path, *, access: Access | None = None, **settings) -> None:
        self.jobs = RecordingJobQueue()
        self.settings = ServiceSettings(data_dir=folder, **settings)
        if not self.settings.database_url and not (folder / DATABASE_FILE).exists():
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(sqlite_with_tables(), folder / DATABASE_FILE)  # making them takes as long as a test
        self.app = create_app(self.settings, self.jobs, access=access)
        self.services: Services = self.app.state.services
        # One process that looks at clips for all tests, as far as they ask for the same limits. It may read all that
        # tests write: the service's own is confined to the folders of its data, and so to those of one test.
        limits = self.settings.clip_settings()
        if limits.model_dump_json() not in _PROBERS:
            _PROBERS[limits.model_dump_json()] = ClipProber(limits, (Path(tempfile.gettempdir()),))
        prober = _PROBERS[limits.model_dump_json()]
        prober.close = lambda: None
        object.__setattr__(self.services, "prober", prober)

    def key(self, owner: str) -> str:
        with self.services.database.session() as session:
            return owners.create_key(session, owner, "test")[1]

    def client(self, key: str | None = None, **options) -> TestClient:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        options = {"base_url": "http://localhost", "raise_server_exceptions": True} | options
        return TestClient(self.app, headers=headers, **options)

    def finish(self, id: str, result: Analysis | None = None, run: str = RUN_ID, **files: bytes) -> None:
        """As a worker does it: the files, then the row."""
        contents = {"client.html": b"<!doctype html><p>You can</p>", "report.html": b"<!doctype html><p>Report</p>",
                "annotated.mp4": bytes(range(256)) * 40, "angles.csv": b"frame,time_s\n0,0.0\n"}  # fmt: skip
        if result is not None:
            contents["analysis.json"] = result.model_dump_json().encode()
        for name, content in (contents | files).items():
            local = self.settings.data_dir / "made"
            local.write_bytes(content)
            self.services.files.put(local, f"results/{id}/{run}/{name}")
        movement = result.movement.name if result is not None else "hinge"
        with self.services.database.session() as session:
            analyses.mark_started(session, id, "worker")
            assert analyses.mark_done(session, id, run, {"movement": movement, "counts": {"reps": 3}})

    def list_leftover_files(self) -> list[str]:
        """Every file of clips, uploads and bodies that is stored."""
        places = ("incoming", "uploads", "files", "scratch")
        return [
            str(path.relative_to(self.settings.data_dir))
            for place in places
            for path in (self.settings.data_dir / place).rglob("*")
            if path.is_file() and path.name != ID_FILE
        ]


def tiny_clip(path: Path, frames: int = 5, size: tuple[int, int] = (64, 48)) -> Path:
    """A clip that opens; no person is in it."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for i in range(frames):
            image = np.full((size[1], size[0], 3), 40 * i % 255, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path


def problem_of(answer) -> dict:
    """The problem that an answer holds; the answer is one."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = json.loads(answer.text)
    assert body["status"] == answer.status_code
    assert {"type", "title", "status", "detail"} <= body.keys()
    return body
