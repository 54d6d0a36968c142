import pytest

from tests.compare.results import KNOWN_MOVEMENTS


@pytest.fixture(autouse=True)
def known_movements(monkeypatch):
    """The hand-built movements in place of those that are installed."""
    monkeypatch.setattr("analyzer.compare.side.load_movements", lambda: KNOWN_MOVEMENTS)
