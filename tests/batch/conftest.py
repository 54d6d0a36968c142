from pathlib import Path

import pytest

from tests.batch.results import BatchUnderTest


@pytest.fixture
def batch(tmp_path: Path, monkeypatch) -> BatchUnderTest:
    """A batch over `tmp_path/clips`, without pose model and child processes."""
    monkeypatch.setattr("analyzer.batch.run.ensure_model", lambda *_: None)
    monkeypatch.setattr("analyzer.batch.run.start_fork_server", lambda: None)
    (tmp_path / "clips").mkdir()
    return BatchUnderTest(tmp_path / "clips", tmp_path / "out")
