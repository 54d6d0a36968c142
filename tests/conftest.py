"""Fixtures that many tests share."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from analyzer.pose.browser_pose_files import BrowserPoseFiles, ensure_browser_pose_files
from analyzer.pose.model_store import ModelFile, ensure_model
from analyzer.settings import Settings
from tests import command
from tests.distribution import DistributionPlugin, choose_process_count
from tests.parts import find_browser
from tests.selection import SelectionPlugin

# Background processes start with Ctrl-C ignored, and so would commands that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples every time, however slow the machine is; with EXPLORE=1 others, to find more faults.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("explore" if os.environ.get("EXPLORE") else "steady")

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Mark tests by the parts that they need, deselect those of missing parts, and distribute tests among processes."""
    config.pluginmanager.register(SelectionPlugin(config), "selection")
    config.pluginmanager.register(DistributionPlugin(), "distribution")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return the number of processes of `-n auto`."""
    return choose_process_count()


@pytest.fixture(scope="session")
def samples() -> Path:
    """Return the folder of sample clips and their true angles."""
    return ROOT / "sample_videos"


@pytest.fixture(scope="session")
def pose_model() -> ModelFile:
    """Return the real pose model, from the checkout or the user's cache. Without it these tests are deselected."""
    return ensure_model("full", Settings())


@pytest.fixture(scope="session")
def live_guide(pose_model: ModelFile) -> BrowserPoseFiles:
    """Return the real files that run the pose model in a browser, from the user's cache."""
    return ensure_browser_pose_files(Settings())


@pytest.fixture
def run_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> command.RunCommand:
    """Return the command line, run in this process."""
    return command.make_runner(monkeypatch, capsys)


@pytest.fixture(scope="session")
def starts_server() -> None:
    """Requested by fixtures that start the service or a worker: tests that use them are marked `server`."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield a real browser with a simulated camera, one for all tests: Playwright runs once in a process."""
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", *camera])
        yield opened
        opened.close()
