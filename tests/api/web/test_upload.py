"""Sending a clip over a network that comes and goes, and after the tab was closed."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.api.web.conftest import OpenSignedIn
from tests.api.web.serving import RunningService, pad_clip, until

PICKER = "input[type=file]:not([capture])"
PATCHED = "**/v1/uploads/*"


@pytest.fixture(scope="module")
def large(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six pieces or so."""
    return pad_clip(samples / "hinge_neutral.mp4", tmp_path_factory.mktemp("large") / "large.mp4", 6_000_000)


@pytest.fixture
def context(signed_in: OpenSignedIn) -> BrowserContext:
    return signed_in()


class Network:
    """The page's network: slow upward, gone, or as it is."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Network.enable")

    def slow(self) -> None:
        self._set(upload_bytes_per_s=1_500_000)

    def gone(self) -> None:
        self._set(offline=True)

    def quick(self) -> None:
        self._set()

    def _set(self, *, offline: bool = False, upload_bytes_per_s: int = -1) -> None:
        self._session.send(
            "Network.emulateNetworkConditions",
            {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload_bytes_per_s},
        )


def arrived(page: Page) -> None:
    expect(page.get_by_role("heading", name="Looking at the clip")).to_be_visible(timeout=60_000)


def sent_bytes(page: Page) -> float:
    return page.evaluate("document.querySelector('progress').value") or 0


def send_part(page: Page, clip: Path) -> Network:
    """Send a clip over a slow network until a first piece is there; gives the network, which is still slow."""
    page.goto("/#/")
    network = Network(page)
    network.slow()
    page.set_input_files(PICKER, clip)
    until(page, "document.querySelector('progress')?.value > 0.2")
    return network


def same_bytes(service: RunningService, page: Page, clip: Path) -> None:
    """What arrived is the file, byte for byte: the service tells the same hash."""
    import hashlib

    id = page.evaluate("location.hash").rpartition("/")[2]
    with service.api("anna") as api:
        assert api.get(f"/v1/analyses/{id}").json()["clip"]["sha256"] == hashlib.sha256(clip.read_bytes()).hexdigest()
        api.post(f"/v1/analyses/{id}/cancel")


def test_pieces_that_are_lost_are_sent_again_from_where_it_stopped(
    context: BrowserContext, service: RunningService, large: Path
):
    page = context.new_page()
    offsets: list[int] = []
    lost: list[int] = []

    def now_and_then(route) -> None:
        if route.request.method == "PATCH":
            offset = int(route.request.headers["upload-offset"])
            if len(offsets) in (1, 2, 4):
                lost.append(offset)
                offsets.append(-1)
                route.abort("internetdisconnected")
                return
            offsets.append(offset)
        route.continue_()

    page.route(PATCHED, now_and_then)
    page.goto("/#/")
    page.set_input_files(PICKER, large)
    arrived(page)
    kept = [one for one in offsets if one >= 0]
    assert len(lost) == 3
    assert kept == sorted(set(kept))
    assert kept[0] == 0
    same_bytes(service, page, large)


def test_it_waits_out_a_lost_network(context: BrowserContext, service: RunningService, large: Path):
    page = context.new_page()
    network = send_part(page, large)
    network.gone()
    expect(page.locator(".status")).to_contain_text("No network right now", timeout=20_000)
    network.quick()
    arrived(page)
    same_bytes(service, page, large)


def test_pause_holds_it_and_go_on_goes_on(context: BrowserContext, service: RunningService, large: Path):
    page = context.new_page()
    network = send_part(page, large)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".status")).to_contain_text("Paused")
    before = sent_bytes(page)
    network.quick()
    page.wait_for_timeout(300)  # long enough for all of it
    assert sent_bytes(page) == before < 1
    page.get_by_role("button", name="Resume").click()
    arrived(page)
    same_bytes(service, page, large)


def closed_part_way(context: BrowserContext, large: Path) -> None:
    page = context.new_page()
    send_part(page, large)
    until(page, "JSON.parse(localStorage['analyzer.uploads'])[0].has_file")
    page.close()


def test_a_closed_tab_goes_on_by_itself(context: BrowserContext, service: RunningService, large: Path):
    closed_part_way(context, large)
    page = context.new_page()
    offsets: list[int] = []
    page.on("request", lambda one: offsets.append(int(one.headers["upload-offset"])) if one.method == "PATCH" else None)
    page.goto("/#/")
    page.get_by_role("link", name="large.mp4").click()
    arrived(page)
    assert offsets[0] > 0
    same_bytes(service, page, large)


def test_where_the_file_is_not_kept_the_same_one_is_asked_for(
    context: BrowserContext, service: RunningService, large: Path, samples: Path
):
    closed_part_way(context, large)
    page = context.new_page()
    page.goto("/#/clips")
    page.evaluate("new Promise((done) => { indexedDB.deleteDatabase('analyzer').onsuccess = done; })")
    page.goto("/#/")
    page.get_by_role("link", name="large.mp4").click()
    expect(page.locator(".status")).to_contain_text("Pick the same clip again")
    page.set_input_files("input[type=file]", samples / "plank.mp4")
    expect(page.get_by_role("alert")).to_contain_text("another clip")
    page.set_input_files("input[type=file]", large)
    arrived(page)
    same_bytes(service, page, large)


def test_an_upload_that_the_service_has_dropped_starts_anew(
    context: BrowserContext, service: RunningService, large: Path
):
    closed_part_way(context, large)
    page = context.new_page()
    page.goto("/#/clips")
    page.evaluate(
        """fetch(JSON.parse(localStorage['analyzer.uploads'])[0].url,
          { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' } })"""
    )
    page.goto("/#/")
    page.get_by_role("link", name="large.mp4").click()
    arrived(page)
    same_bytes(service, page, large)


def test_a_clip_larger_than_what_fits_is_told_before_a_byte_is_sent(context: BrowserContext, samples: Path):
    page = context.new_page()
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if "/uploads" in one.url else None)

    def small(route) -> None:
        answer = route.fetch()
        facts = answer.json()
        facts["limits"]["max_upload_bytes"] = 1000
        route.fulfill(response=answer, json=facts)

    page.route("**/v1/me", small)
    page.goto("/#/")
    page.set_input_files(PICKER, samples / "plank.mp4")
    expect(page.get_by_role("alert")).to_contain_text("the limit is 1 kB")
    assert sent == []
