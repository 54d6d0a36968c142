"""Uploads over an unreliable network, and after the tab was closed."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.api.web.conftest import OpenSignedIn
from tests.api.web.serving import RunningService, pad_clip, wait_until

PICKER = "input[type=file]:not([capture])"
PATCHED = "**/v1/uploads/*"


@pytest.fixture(scope="module")
def large(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a clip of about six chunks."""
    return pad_clip(samples / "hinge_neutral.mp4", tmp_path_factory.mktemp("large") / "large.mp4", 6_000_000)


@pytest.fixture
def context(open_signed_in: OpenSignedIn) -> BrowserContext:
    return open_signed_in()


class Network:
    """The network conditions of a page."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Network.enable")

    def slow_down(self) -> None:
        self._set(upload_bytes_per_s=400_000)

    def go_offline(self) -> None:
        self._set(offline=True)

    def restore(self) -> None:
        self._set()

    def _set(self, *, offline: bool = False, upload_bytes_per_s: int = -1) -> None:
        self._session.send(
            "Network.emulateNetworkConditions",
            {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload_bytes_per_s},
        )


def expect_arrival(page: Page) -> None:
    expect(page.get_by_role("heading", name="Looking at the clip")).to_be_visible(timeout=60_000)


def read_sent_share(page: Page) -> float:
    return page.evaluate("document.querySelector('progress').value") or 0


def send_part(page: Page, clip: Path) -> Network:
    """Send a clip over a slow network until a first chunk has arrived; return the network, still slow."""
    page.goto("/#/")
    network = Network(page)
    network.slow_down()
    page.set_input_files(PICKER, clip)
    wait_until(page, "document.querySelector('progress')?.value > 0.2")
    return network


def expect_same_bytes(service: RunningService, page: Page, clip: Path) -> None:
    """Check that the service has stored the same bytes, by their hash."""
    import hashlib

    id = page.evaluate("location.hash").rpartition("/")[2]
    with service.open_api("anna") as api:
        assert api.get(f"/v1/analyses/{id}").json()["clip"]["sha256"] == hashlib.sha256(clip.read_bytes()).hexdigest()
        api.post(f"/v1/analyses/{id}/cancel")


def test_lost_chunks_are_sent_again(context: BrowserContext, service: RunningService, large: Path):
    page = context.new_page()
    offsets: list[int] = []
    lost: list[int] = []

    def drop_some_chunks(route) -> None:
        if route.request.method == "PATCH":
            offset = int(route.request.headers["upload-offset"])
            if len(offsets) in (1, 2, 4):
                lost.append(offset)
                offsets.append(-1)
                route.abort("internetdisconnected")
                return
            offsets.append(offset)
        route.continue_()

    page.route(PATCHED, drop_some_chunks)
    page.goto("/#/")
    page.set_input_files(PICKER, large)
    expect_arrival(page)
    received = [one for one in offsets if one >= 0]
    assert len(lost) == 3
    assert received == sorted(set(received))
    assert received[0] == 0
    expect_same_bytes(service, page, large)


def test_upload_resumes_after_a_lost_network(context: BrowserContext, service: RunningService, large: Path):
    page = context.new_page()
    network = send_part(page, large)
    network.go_offline()
    expect(page.locator(".status")).to_contain_text("No network right now")
    network.restore()
    expect_arrival(page)
    expect_same_bytes(service, page, large)


def test_upload_can_be_paused_and_resumed(context: BrowserContext, service: RunningService, large: Path):
    page = context.new_page()
    network = send_part(page, large)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".status")).to_contain_text("Paused")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.method == "PATCH" else None)
    network.restore()
    for _ in range(5):  # the network works, but nothing of the clip is sent
        page.evaluate("fetch('/v1/me').then((one) => one.text())")
    assert sent == []
    assert read_sent_share(page) < 1
    page.get_by_role("button", name="Resume").click()
    expect_arrival(page)
    expect_same_bytes(service, page, large)


def close_part_way(context: BrowserContext, large: Path) -> None:
    page = context.new_page()
    send_part(page, large)
    wait_until(page, "JSON.parse(localStorage['analyzer.uploads'])[0].has_file")
    page.close()


def test_upload_of_a_closed_tab_resumes_by_itself(context: BrowserContext, service: RunningService, large: Path):
    close_part_way(context, large)
    page = context.new_page()
    offsets: list[int] = []
    page.on("request", lambda one: offsets.append(int(one.headers["upload-offset"])) if one.method == "PATCH" else None)
    page.goto("/#/")
    page.get_by_role("link", name="large.mp4").click()
    expect_arrival(page)
    assert offsets[0] > 0
    expect_same_bytes(service, page, large)


def test_page_asks_for_the_same_file_if_it_was_not_stored(
    context: BrowserContext, service: RunningService, large: Path, samples: Path
):
    close_part_way(context, large)
    page = context.new_page()
    page.goto("/#/clips")
    page.evaluate("new Promise((done) => { indexedDB.deleteDatabase('analyzer').onsuccess = done; })")
    page.goto("/#/")
    page.get_by_role("link", name="large.mp4").click()
    expect(page.locator(".status")).to_contain_text("Pick the same clip again")
    page.set_input_files("input[type=file]", samples / "plank.mp4")
    expect(page.get_by_role("alert")).to_contain_text("another clip")
    page.set_input_files("input[type=file]", large)
    expect_arrival(page)
    expect_same_bytes(service, page, large)


def test_upload_deleted_on_the_service_starts_over(context: BrowserContext, service: RunningService, large: Path):
    close_part_way(context, large)
    page = context.new_page()
    page.goto("/#/clips")
    page.evaluate(
        """fetch(JSON.parse(localStorage['analyzer.uploads'])[0].url,
          { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' } })"""
    )
    page.goto("/#/")
    page.get_by_role("link", name="large.mp4").click()
    expect_arrival(page)
    expect_same_bytes(service, page, large)


def test_too_large_clip_is_refused_before_sending(context: BrowserContext, samples: Path):
    page = context.new_page()
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if "/uploads" in one.url else None)

    def lower_limit(route) -> None:
        answer = route.fetch()
        user = answer.json()
        user["limits"]["max_upload_bytes"] = 1000
        route.fulfill(response=answer, json=user)

    page.route("**/v1/me", lower_limit)
    page.goto("/#/")
    page.set_input_files(PICKER, samples / "plank.mp4")
    expect(page.get_by_role("alert")).to_contain_text("the limit is 1 kB")
    assert sent == []
