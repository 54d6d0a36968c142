"""Folders of clips, a queue of each kind, and workers that run a stand-in instead of the analysis."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from analyzer.batch.batch_events import BatchEnded, BatchEvent
from analyzer.batch.batch_request import BatchRequest
from api.batch.run import run_distributed_batch
from api.batch.submission import QueueClient
from tests.api.jobs.conftest import Deployment, deployment, postgres_deployment

__all__ = ["deployment", "postgres_deployment"]


@dataclass
class QueuedBatch:
    """A batch that can be submitted repeatedly to one queue, with the events of its last run."""

    deployment: Deployment
    folder: str
    out: str
    events: list[BatchEvent] = field(default_factory=list)

    def queue_client(self) -> QueueClient:
        return QueueClient(self.deployment.settings)

    def request(self, **more: Any) -> BatchRequest:
        return BatchRequest(self.folder, self.out, **more)

    def run(self, **more: Any) -> BatchEnded:
        self.events = []
        with self.queue_client() as queue_client:
            return run_distributed_batch(self.request(**more), queue_client, self.events.append)

    def worker(self, **environment: str) -> Any:
        return self.deployment.worker(ANALYZER_TEST_TASK="tests.api.batch.tasks", **environment)

    @property
    def runs(self) -> list[str]:
        """Names of the clips that workers had in hand so far."""
        return sorted(self.deployment.runs.read_text().splitlines())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def any_deployment(request: pytest.FixtureRequest) -> Deployment:
    """Of each kind: SQLite and a folder; PostgreSQL and an object store."""
    made: Deployment = request.getfixturevalue("deployment" if request.param == "sqlite" else "postgres_deployment")
    return made


@pytest.fixture
def clips_at(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of clips."""
    from tests.batch.results import make_clips_folder

    return lambda **contents: make_clips_folder(tmp_path / "clips", **contents)


@pytest.fixture
def queued(any_deployment: Deployment, tmp_path: Path) -> Iterator[QueuedBatch]:
    """A batch over `tmp_path/clips` with results in `tmp_path/out`, on each kind of queue."""
    (tmp_path / "clips").mkdir()
    yield QueuedBatch(any_deployment, str(tmp_path / "clips"), str(tmp_path / "out"))
