from pathlib import Path

import pytest

from tests.batch.results import Batch


@pytest.fixture
def batch(tmp_path: Path, monkeypatch) -> Batch:
    """A batch over `tmp_path/clips`, without pose model and child processes."""
    monkeypatch.setattr("analyzer.batch.run.ensure_model", lambda *_: None)
    monkeypatch.setattr("analyzer.batch.run.warm_up", lambda: None)
    (tmp_path / "clips").mkdir()
    return Batch(tmp_path / "clips", tmp_path / "out")
