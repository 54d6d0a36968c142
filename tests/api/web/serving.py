"""Run the service for tests of the page, as its own process or in this one."""

import os
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from playwright.sync_api import FloatRect, Page

from api.auth import SIGN_IN_COOKIE
from api.db import owners
from api.db.engine import open_database
from api.dependencies import Access
from api.settings import ServiceSettings
from tests import http_client
from tests.api.service import Service
from tests.servers import free_port, wait_until_up

PHONE = {"width": 360, "height": 740}


@dataclass(frozen=True)
class RunningService:
    """A running service."""

    base: str
    data: Path

    def create_key(self, owner: str) -> str:
        """Create a key of an owner, who is created if missing."""
        with self._session() as session:
            return owners.create_key(session, owner, "test")[1]

    def create_pairing_url(self, owner: str) -> str:
        """Create a link that signs a browser in once."""
        with self._session() as session:
            owner_row = owners.find_by_name(session, owner) or owners.create(session, owner)
            session.flush()
            return f"{self.base}/pair/{owners.create_pairing(session, owner_row.id)}"

    def sign_in(self, owner: str) -> str:
        """Follow a pairing link without a browser; return the sign-in cookie."""
        answer = http_client.post(self.create_pairing_url(owner))
        assert answer.status_code == 303, answer.text
        return answer.cookies[SIGN_IN_COOKIE]

    def open_api(self, owner: str) -> httpx.Client:
        """Open an HTTP client with a key of this owner."""
        return httpx.Client(
            base_url=self.base, headers={"Authorization": f"Bearer {self.create_key(owner)}"}, timeout=90
        )

    @staticmethod
    def send_clip(api: httpx.Client, clip: Path, **options: str) -> str:
        """Send a clip; return the id of its analysis."""
        answer = api.post("/v1/analyses", files={"clip": (clip.name, clip.read_bytes())}, data=options)
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    @staticmethod
    def wait_for_result(api: httpx.Client, id: str, within_s: float = 600) -> str:
        """Wait until an analysis is done; return its id."""
        until = time.monotonic() + within_s
        while (status := api.get(f"/v1/analyses/{id}", params={"wait": 30}).json())["status"] in ("queued", "running"):
            assert time.monotonic() < until, status
        assert status["status"] == "done", status
        return id

    @contextmanager
    def _session(self):
        database = open_database(ServiceSettings(data_dir=self.data).db_url)
        try:
            with database.session() as session:
                yield session
        finally:
            database.close()


@contextmanager
def run_service(data: Path) -> Iterator[RunningService]:
    """Run `analyzer serve` on an empty folder."""
    port = free_port()
    log = data.parent / "serve.log"
    command = [sys.executable, "-m", "analyzer", "serve", "--port", str(port), "--data", str(data)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, "ANALYZER_WORKERS": "1"})
        try:
            base = f"http://127.0.0.1:{port}"
            wait_until_up("the service", lambda: _answers(base), process, log, within_s=180)
            yield RunningService(base, data)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def run_in_process(folder: Path) -> Iterator[tuple[Service, str]]:
    """Run the service in this process, without sign-in and without workers; yield it with its address."""
    service = Service(folder / "data", access=Access(is_open=True), requests_per_minute=100_000)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(service.app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started)
    yield service, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(15)


def pad_clip(clip: Path, to: Path, extra_bytes: int) -> Path:
    """Copy a clip with an empty box at its end, so that sending it takes long."""
    to.write_bytes(clip.read_bytes() + struct.pack(">I4s", extra_bytes + 8, b"free") + bytes(extra_bytes))
    return to


def wait_until_drawn(page: Page) -> None:
    """Wait until the view has loaded its data."""
    page.locator(".view:not([aria-busy])").wait_for()


def find_chart_box(page: Page) -> FloatRect:
    """Scroll the chart to the middle of the screen; return where it is."""
    chart = page.get_by_role("slider")
    chart.evaluate("node => node.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = chart.bounding_box()
    assert box is not None
    return box


def wait_until(page: Page, expression: str, within_s: float = 60) -> None:
    """Wait until a JavaScript expression holds. Playwright's own wait uses eval, which the page's policy forbids."""
    end = time.monotonic() + within_s
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(40)


def wait_for(holds: Callable[[], bool], within_s: float = 60) -> None:
    """Wait until the service has what the page sends."""
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def list_loaded(page: Page) -> set[str]:
    """List the paths of everything that the page itself has loaded."""
    return set(page.evaluate("performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname)"))


def record_texts(page: Page, selector: str) -> str:
    """Record every text of an element from now on; return the JavaScript name of the list.

    A text that is shown for a second only is over before a busy machine looks at it.
    """
    page.evaluate(
        """(selector) => {
          const texts = (window.recordedTexts = []);
          const record = () => {
            const text = document.querySelector(selector)?.textContent ?? '';
            if (text !== texts.at(-1)) texts.push(text);
          };
          new MutationObserver(record).observe(document, { subtree: true, childList: true, characterData: true });
          record();
        }""",
        selector,
    )
    return "window.recordedTexts"


def _answers(base: str) -> bool:
    try:
        return http_client.get(f"{base}/readyz").status_code == 200
    except httpx.HTTPError:
        return False
