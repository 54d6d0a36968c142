"""Markers by the fixtures that a test uses, and tests deselected for a missing part: counted, never hidden.

How many, why, and the command that installs the part is stated before the first test and again at the very end, also
where pytest-xdist runs the tests in several processes.
"""

import json
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.parts import PARTS, describe_required, find_missing, required_parts

# What a test is marked with when it uses a fixture, itself or through another fixture.
MARKERS_OF_FIXTURES = {
    "browser": ("browser",),
    "pose_model": ("pose_model",),
    "live_guide": ("live_guide",),
    "postgres_server": ("postgresql", "server"),
    "s3_server": ("server",),
    "starts_server": ("server",),
    "opensim": ("opensim",),
}
# What a marker brings along: PostgreSQL is a server too, and a browser needs one to open.
IMPLIED_MARKERS = {"postgresql": "server", "browser": "server"}


class SelectionPlugin:
    """A pytest plugin; one per session."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._worker: dict[str, Any] | None = getattr(config, "workerinput", None)
        self._left_out: list[tuple[int, str]] = []
        self._stated = False
        self._note = Path()
        if self._worker is None:
            self._folder = tempfile.TemporaryDirectory(prefix="analyzer-left-out-")
            self._note = Path(self._folder.name) / "left_out.json"
            check_required()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None]:
        """Add the markers, let `-m` and `-k` select, then deselect what cannot run here."""
        for item in items:
            add_markers(item)
        yield
        self._leave_out(items)

    def _leave_out(self, items: list[pytest.Item]) -> None:
        missing = {
            missing_part.part.name: missing_part
            for missing_part in find_missing({name for item in items for name in parts_of(item)})
        }
        left_out: dict[str, list[pytest.Item]] = {}
        for item in items:
            if lacking := [name for name in parts_of(item) if name in missing]:
                left_out.setdefault(lacking[0], []).append(item)
        if not left_out:
            return
        self._left_out = [(len(left_out[name]), str(missing[name])) for name in missing if name in left_out]
        deselected = {id(item) for tests in left_out.values() for item in tests}
        self._config.hook.pytest_deselected(items=[item for item in items if id(item) in deselected])
        items[:] = [item for item in items if id(item) not in deselected]
        if self._worker is not None and self._worker["workerid"] == "gw0":
            Path(self._worker["left_out"]).write_text(json.dumps(self._left_out), encoding="utf-8")

    def pytest_report_collectionfinish(self) -> list[str]:
        """State what is left out before the first test."""
        return self._lines()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None]:
        """State it again in the last lines."""
        yield
        for line in self._lines():
            terminalreporter.write_line(line, yellow=True)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """With pytest-xdist: name the file in which the first process records what it left out."""
        node.workerinput["left_out"] = str(self._note)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any) -> None:
        """With pytest-xdist: state it as soon as the first process knows."""
        if self._stated or not self._note.is_file():
            return
        self._stated = True
        self._left_out = json.loads(self._note.read_text(encoding="utf-8"))
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        for line in self._lines():
            reporter.write_line(line, yellow=True)

    def _lines(self) -> list[str]:
        if not self._left_out:
            return []
        total = sum(number for number, _ in self._left_out)
        lines = [
            f"LEFT OUT: {total} tests, because parts are missing on this machine (REQUIRE=all makes that an error)"
        ]
        return lines + [
            f"{number:6d} test{' needs' if number == 1 else 's need'} {what}" for number, what in self._left_out
        ]


def check_required() -> None:
    """End the run before it starts if a required part is missing."""
    try:
        message = describe_required(find_missing(required_parts()))
    except ValueError as error:
        message = f"REQUIRE: {error}"
    if message:
        raise pytest.UsageError(message)


def add_markers(item: pytest.Item) -> None:
    """Mark a test by the fixtures that it uses."""
    for fixture in getattr(item, "fixturenames", ()):
        for marker in MARKERS_OF_FIXTURES.get(fixture, ()):
            item.add_marker(marker)
    for marker, implied in IMPLIED_MARKERS.items():
        if item.get_closest_marker(marker):
            item.add_marker(implied)
    if item.get_closest_marker("server"):
        item.add_marker(pytest.mark.flaky(reruns=1))  # real processes on a busy machine; listed as RERUN at the end


def parts_of(item: pytest.Item) -> list[str]:
    """Return the names of the parts that a test needs."""
    return [name for name in PARTS if item.get_closest_marker(name)]
