"""Folders of clips, a queue of each kind, and workers that play instead of analysing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from analyzer.batch.events import Ended, Event
from api.batch.run import run_queued
from api.batch.sending import Desk, Wishes
from tests.api.jobs.conftest import Deployment, deployment, postgres_deployment

__all__ = ["deployment", "postgres_deployment"]


@dataclass
class Queued:
    """A batch that can be sent again and again to one queue, with what it told each time."""

    deployment: Deployment
    folder: str
    out: str
    events: list[Event] = field(default_factory=list)

    def desk(self) -> Desk:
        return Desk(self.deployment.settings)

    def wishes(self, **more: Any) -> Wishes:
        return Wishes(self.folder, self.out, **more)

    def run(self, **more: Any) -> Ended:
        self.events = []
        with self.desk() as desk:
            return run_queued(self.wishes(**more), desk, self.events.append)

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
    from tests.batch.results import clips

    return lambda **contents: clips(tmp_path / "clips", **contents)


@pytest.fixture
def queued(any_deployment: Deployment, tmp_path: Path) -> Iterator[Queued]:
    """A batch over `tmp_path/clips` with results in `tmp_path/out`, on each kind of queue."""
    (tmp_path / "clips").mkdir()
    yield Queued(any_deployment, str(tmp_path / "clips"), str(tmp_path / "out"))
