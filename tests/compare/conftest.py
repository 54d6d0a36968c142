import pytest

from tests.compare.results import KNOWN_MOVEMENTS


@pytest.fixture(autouse=True)
def known_movements(monkeypatch):
    """Replace the installed movements by the hand-built ones."""
    monkeypatch.setattr("analyzer.compare.side.load_movements", lambda: KNOWN_MOVEMENTS)
