"""Distribution of tests among processes (pytest-xdist): how many, what stays together, and what starts first and last.

Tests of one module stay in one process, and so do all modules that share the service with its worker and its analysed
clips, which take too long to start twice.
"""

import os
from typing import Any

import pytest

_MOST_PROCESSES = 4  # each may start a service with a worker, and a browser; chosen

# Modules whose tests use the analysed clips of the session, `done`.
_ONE_SERVICE = "tests/api/web with the shared service"
_OF_ONE_SERVICE = tuple(
    f"tests/api/web/test_{name}.py"
    for name in ("flow", "marks", "owners", "player", "progress", "result", "shell", "stages", "upload", "views")
)
# The longest first, so that no process ends alone with one of them; the others by their number of tests.
_FIRST = (
    _ONE_SERVICE,
    "tests/api/worker/test_process.py",
    "tests/batch/test_command.py",
    "tests/analysis/test_pipeline.py",
    "tests/api/batch/test_run.py",
    "tests/cli/test_main.py",
    "tests/api/test_server.py",
    "tests/test_wheel.py",
    "tests/analysis/test_outputs.py",
    "tests/api/web/test_session.py",
)
# A camera that plays a film in real time drops frames of it beside other tests.
_LAST = ("tests/api/web/test_hands_free.py",)
_RANK = {unit: place for place, unit in enumerate(_FIRST)} | dict.fromkeys(_LAST, len(_FIRST) + 1)


def unit_of(nodeid: str) -> str:
    """Return the unit of a test: its module, or the modules that share the service."""
    module = nodeid.split("::", 1)[0]
    return _ONE_SERVICE if module in _OF_ONE_SERVICE else module


def choose_process_count() -> int:
    """Return one process more than there are cores: tests of the service mostly wait for other processes."""
    return min(_MOST_PROCESSES, (os.cpu_count() or 1) + 1)


class DistributionPlugin:
    """A pytest plugin."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Distribute tests by units, unless `--dist` names another way.

        With `--no-loadscope-reorder` units start in the order of collection: for runs in random order.
        """
        if config.getoption("dist") != "load":  # what `-n` alone sets
            return None
        from xdist.scheduler import LoadScopeScheduling

        class Scheduler(LoadScopeScheduling):
            def _split_scope(self, nodeid: str) -> str:
                return unit_of(nodeid)

            def _assign_work_unit(self, node: Any) -> None:
                if config.getoption("loadscopereorder"):
                    longest = min(
                        self.workqueue, key=lambda unit: (_RANK.get(unit, len(_FIRST)), -len(self.workqueue[unit]))
                    )
                    self.workqueue.move_to_end(longest, last=False)
                super()._assign_work_unit(node)

        return Scheduler(config, log)
