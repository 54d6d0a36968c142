"""Fixtures: a running service, analyses in it, and signed-in browsers."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from analyzer.pose.model_store import ModelFile
from api.auth import SIGN_IN_COOKIE
from tests.api.service import tiny_clip
from tests.api.web.serving import PHONE as PHONE
from tests.api.web.serving import RunningService, run_in_process, run_service, wait_until
from tests.api.web.web_service import OpenPage, WebTestService, create_page_opener, run_web_service

expect.set_options(timeout=30_000)  # a machine that is busy with other tests takes long for what is shown at once

Run = Callable[[str, str], Any]
"""Evaluates an expression with the exports `m` of a module of the page."""

DESKTOP = {"width": 1280, "height": 800}
# Colours do not depend on the width, nor sizes on the colours: two screens show both of either.
SCREENS = pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")], ids=["phone", "dark desk"])


@dataclass(frozen=True)
class DoneAnalyses:
    """Ids of finished analyses of the owner `anna`."""

    client: str
    earlier: str
    later: str
    slump: str
    batch: str


@pytest.fixture(scope="session")
def service(
    tmp_path_factory: pytest.TempPathFactory, starts_server: None, pose_model: ModelFile
) -> Iterator[RunningService]:
    with run_service(tmp_path_factory.mktemp("service") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def modules_page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Open a page in which the page's own modules can be imported by their path, `/live/rep_counter.js`."""
    with run_in_process(tmp_path_factory.mktemp("modules")) as (_, base), closing(browser.new_page()) as page:
        page.goto(f"{base}/#/sign-in")
        yield page


@pytest.fixture
def run(modules_page: Page) -> Run:
    """Return a function that evaluates an expression with the exports `m` of a module."""
    return lambda module, expression: modules_page.evaluate(
        f"import('/{module}').then((m) => {{ return ({expression}); }})"
    )


@pytest.fixture(scope="session")
def done(service: RunningService, samples: Path, tmp_path_factory: pytest.TempPathFactory) -> DoneAnalyses:
    """Analyse two hinges of one client, a slump test, and a batch of an empty clip and a file that is no video."""
    with service.open_api("anna") as api:
        client = api.post("/v1/clients", json={"name": "Kim", "note": "after work"}).json()["id"]
        earlier = service.send_clip(api, samples / "hinge_rounded.mp4", client=client)
        later = service.send_clip(api, samples / "hinge_neutral.mp4", client=client, load_kg="20")
        slump = service.send_clip(api, samples / "slump.mp4")
        for id in (earlier, later, slump):
            service.wait_for_result(api, id)
    empty = tiny_clip(tmp_path_factory.mktemp("empty") / "empty.mp4").read_bytes()
    with service.open_api("anna") as api:
        files = [("clips", ("empty.mp4", empty)), ("clips", ("notes.txt", b"not a video"))]
        batch = api.post("/v1/batches", files=files, data={"name": "Monday group"})
        assert batch.status_code == 202, batch.text
    return DoneAnalyses(client, earlier, later, slump, batch.json()["id"])


OpenSignedIn = Callable[..., BrowserContext]


@pytest.fixture
def open_signed_in(service: RunningService, browser: Browser) -> Iterator[OpenSignedIn]:
    """Return a function that opens a new browser context in which an owner is signed in."""
    opened: list[BrowserContext] = []

    def open_context(owner: str = "anna", size: dict[str, int] = PHONE, **options) -> BrowserContext:
        options = {"service_workers": "block", "base_url": service.base} | options
        touch = {"is_mobile": True, "has_touch": True} if size["width"] < 800 else {}
        context = browser.new_context(viewport=size, **touch, **options)
        opened.append(context)
        context.add_cookies([{"name": SIGN_IN_COOKIE, "value": service.sign_in(owner), "url": service.base}])
        return context

    yield open_context
    for context in opened:
        context.close()


@pytest.fixture
def phone(open_signed_in: OpenSignedIn) -> Iterator[Page]:
    """Open a page on a phone, signed in as anna. Script errors and policy violations fail the test."""
    page = open_signed_in().new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if "Content Security" in message.text else None)
    yield page
    assert errors == []


@pytest.fixture
def result(phone: Page, done: DoneAnalyses) -> Page:
    """Open the result of the later hinge on the phone."""
    phone.goto(f"/#/clips/{done.later}")
    expect(phone.get_by_role("heading", name="Hip hinge")).to_be_visible()
    wait_until(phone, "document.querySelector('video').readyState >= 2")
    expect(phone.locator(".tile .since").first).to_be_visible()  # it moves what is below
    return phone


@pytest.fixture(scope="module")
def web_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebTestService]:
    """Run the service in this process; each module of tests that asks for it has its own."""
    with run_web_service(tmp_path_factory.mktemp("web_service")) as started:
        yield started


@pytest.fixture
def open_page(browser: Browser, web_service: WebTestService) -> Iterator[OpenPage]:
    """Return a function that opens a page of it."""
    with create_page_opener(browser, web_service) as opener:
        yield opener
