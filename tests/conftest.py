"""Fixtures that many tests share."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from analyzer.pose.model_store import ModelFile, ensure_model
from analyzer.settings import Settings
from tests import command
from tests.distribution import DistributionPlugin
from tests.parts import find_browser
from tests.selection import SelectionPlugin

# What runs in the background starts with Ctrl-C ignored, and so would every command that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples are tried every time, however slow the machine is; with EXPLORE=1 others, to find more.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("explore" if os.environ.get("EXPLORE") else "steady")

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Mark tests by what they need, leave out those whose part is missing, and share them out among processes."""
    config.pluginmanager.register(SelectionPlugin(config), "selection")
    config.pluginmanager.register(DistributionPlugin(), "distribution")


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of sample clips and their true angles."""
    return ROOT / "sample_videos"


@pytest.fixture(scope="session")
def pose_model() -> ModelFile:
    """The real pose model, from the checkout or the user's cache. Where it is missing its tests are left out."""
    return ensure_model("full", Settings())


@pytest.fixture
def run_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> command.RunCommand:
    """The command line, in this process."""
    return command.make_runner(monkeypatch, capsys)


@pytest.fixture(scope="session")
def starts_server() -> None:
    """Requested by a fixture that starts the service or a worker: whatever test uses it is marked `server`."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser, one for all tests: Playwright runs once in a process. Its camera is a made-up one."""
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", *camera])
        yield opened
        opened.close()
