"""Clips that are sent while they are filmed: nothing is lost with the network, the tab or the page."""

import hashlib
import json
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.api.web.conftest import OpenSignedIn
from tests.api.web.serving import RunningService, wait_until, wait_until_drawn

PATCHED = "**/v1/uploads/*"
PARTS = 8
RECORDER = """
  import('/upload/recording_upload.js').then(async ({ RecordingUpload }) => {
    const clip = await (await fetch('/test-clip')).blob();
    const recording = new RecordingUpload();
    const step = Math.ceil(clip.size / PARTS);
    const film = { clip, recording, next: 0 };
    film.append = (count) => {
      for (const end = film.next + count; film.next < end; film.next++)
        recording.append(clip.slice(film.next * step, (film.next + 1) * step));
    };
    film.finish = async () => {
      const entry = await recording.finish(clip);
      location.hash = `#/send/${entry.id}`;
    };
    window.film = film;
    recording.start('video/mp4;codecs=avc1.42E01E', { movement: 'hinge' });
  })
""".replace("PARTS", str(PARTS))
# What was sent has not arrived yet: the service answers with what it has of the clip.
COUNT_RECEIVED = """
  (() => {
    const { send } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.send = function (body) {
      this.addEventListener('load', () => {
        const offset = this.status === 204 && this.getResponseHeader('Upload-Offset');
        if (offset) window.receivedBytes = Number(offset);
      });
      send.call(this, body);
    };
  })()
"""


@pytest.fixture
def context(open_signed_in: OpenSignedIn, clip: Path) -> BrowserContext:
    context = open_signed_in()
    context.add_init_script(COUNT_RECEIVED)
    context.route("**/test-clip", lambda route: route.fulfill(path=clip, content_type="video/mp4"))
    return context


@pytest.fixture(scope="module")
def clip(samples: Path) -> Path:
    return samples / "hinge_neutral.mp4"


def start_filming(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto("/#/clips")
    expect(page.get_by_role("heading", name="Clips", exact=True)).to_be_visible()
    page.evaluate(RECORDER)
    return page


def read_entry(page: Page) -> dict | None:
    [*entries] = json.loads(page.evaluate("localStorage['analyzer.uploads'] ?? '[]'"))
    return entries[-1] if entries else None


def wait_until_sent(page: Page, parts: int, clip: Path) -> None:
    """Wait until all bytes of so many parts have arrived."""
    size = min(parts * -(-clip.stat().st_size // PARTS), clip.stat().st_size)
    wait_until(page, f"JSON.parse(localStorage['analyzer.uploads']).at(-1).sent === {size}")
    wait_until(page, f"window.receivedBytes === {size}")


def expect_same_bytes(service: RunningService, page: Page, clip: Path) -> None:
    """Check that the service has stored the same bytes, and has taken over the options."""
    expect(page.get_by_role("heading", name="Looking at the clip")).to_be_visible(timeout=60_000)
    id = page.evaluate("location.hash").rpartition("/")[2]
    with service.open_api("anna") as api:
        status = api.get(f"/v1/analyses/{id}").json()
        assert status["clip"]["sha256"] == hashlib.sha256(clip.read_bytes()).hexdigest()
        assert status["movement"] == "hinge"
        api.post(f"/v1/analyses/{id}/cancel")
    wait_until(page, "localStorage['analyzer.uploads'] === '[]'")
    stored = """new Promise((done) => { const opening = indexedDB.open('analyzer', 1);
      opening.onsuccess = () => { const keys = opening.result.transaction('files').objectStore('files').getAllKeys();
        keys.onsuccess = () => { opening.result.close(); done(keys.result.length); }; }; })"""
    wait_until(page, f"{stored}.then((count) => count === 0)")


def test_parts_are_sent_while_filming_and_the_length_comes_last(
    context: BrowserContext, service: RunningService, clip: Path
):
    page = start_filming(context)
    lengths: list[str | None] = []
    page.on(
        "request",
        lambda one: lengths.append(one.headers.get("upload-length")) if one.method in ("POST", "PATCH") else None,
    )
    for part in range(1, PARTS + 1):
        page.evaluate("film.append(1)")
        wait_until_sent(page, part, clip)
    assert lengths == [None] * len(lengths)
    page.evaluate("film.finish()")
    expect_same_bytes(service, page, clip)
    assert [length for length in lengths if length] == [str(clip.stat().st_size)]


def test_a_network_lost_while_filming_loses_nothing(context: BrowserContext, service: RunningService, clip: Path):
    page = start_filming(context)
    page.evaluate("film.append(2)")
    wait_until_sent(page, 2, clip)
    context.set_offline(True)
    page.evaluate("film.append(6)")
    page.evaluate("film.finish()")
    expect(page.locator(".status")).to_contain_text("No network right now")
    context.set_offline(False)
    expect_same_bytes(service, page, clip)


def test_filming_without_a_network_sends_later(context: BrowserContext, service: RunningService, clip: Path):
    page = context.new_page()
    page.goto("/#/clips")
    page.evaluate("fetch('/test-clip').then(() => import('/upload/recording_upload.js')).then(() => null)")
    page.route("**/v1/uploads/**", lambda route: route.abort("internetdisconnected"))
    page.evaluate(RECORDER)
    page.evaluate("film.append(8)")
    page.evaluate("film.finish()")
    expect(page.locator(".status")).to_contain_text("No network right now")
    page.unroute("**/v1/uploads/**")
    expect_same_bytes(service, page, clip)


def test_an_answer_to_the_last_piece_that_is_lost_is_no_problem(
    context: BrowserContext, service: RunningService, clip: Path
):
    page = start_filming(context)
    page.evaluate("film.append(8)")
    wait_until_sent(page, PARTS, clip)
    lost: list[str] = []

    def lose_answer(route) -> None:
        if route.request.method != "PATCH" or lost:
            return route.continue_()
        lost.append(route.request.headers["upload-length"])
        route.fetch()
        return route.abort("internetdisconnected")

    page.route(PATCHED, lose_answer)
    page.evaluate("film.finish()")
    expect_same_bytes(service, page, clip)
    assert lost == [str(clip.stat().st_size)]


def test_a_finished_recording_of_a_closed_tab_is_sent_later(
    context: BrowserContext, service: RunningService, clip: Path
):
    page = start_filming(context)
    page.evaluate("film.append(3)")
    wait_until_sent(page, 3, clip)
    context.set_offline(True)
    page.evaluate("film.append(5)")
    page.evaluate("film.finish()")
    expect(page.locator(".status")).to_contain_text("No network right now")
    name = read_entry(page)["name"]
    page.close()
    context.set_offline(False)
    page = context.new_page()
    offsets: list[int] = []
    page.on("request", lambda one: offsets.append(int(one.headers["upload-offset"])) if one.method == "PATCH" else None)
    page.goto("/#/")
    page.get_by_role("link", name=name).click()
    expect_same_bytes(service, page, clip)
    assert offsets[0] > 0


@pytest.mark.parametrize("is_sent", [True, False], ids=["sent so far", "nothing sent"])
def test_a_page_closed_while_filming_sends_what_was_filmed(
    context: BrowserContext, service: RunningService, clip: Path, is_sent: bool
):
    page = context.new_page()
    if not is_sent:
        page.route("**/v1/uploads/**", lambda route: route.abort("internetdisconnected"))
    page.goto("/#/clips")
    page.evaluate(RECORDER)
    page.evaluate("film.append(8)")
    page.evaluate("Promise.all(film.recording.stored)")
    if is_sent:
        wait_until_sent(page, PARTS, clip)
    entry = read_entry(page)
    assert entry["is_recording"]
    page.close()
    page = context.new_page()
    page.goto("/#/")
    page.get_by_role("link", name=entry["name"]).click()
    expect_same_bytes(service, page, clip)


def test_a_recording_under_way_is_left_alone_by_another_tab(
    context: BrowserContext, service: RunningService, clip: Path
):
    page = start_filming(context)
    page.evaluate("film.append(4)")
    wait_until_sent(page, 4, clip)
    other = context.new_page()
    other.goto(f"/#/send/{read_entry(page)['id']}")
    expect(other.locator(".status")).to_contain_text("being filmed in another window")
    page.evaluate("film.append(4)")
    page.evaluate("film.finish()")
    expect_same_bytes(service, page, clip)


def test_an_upload_that_another_tab_starts_appears_and_leaves_when_it_is_discarded(context: BrowserContext):
    other = context.new_page()
    other.goto("/#/")
    wait_until_drawn(other)
    page = start_filming(context)
    page.evaluate("film.append(4)")
    link = other.get_by_role("link", name=read_entry(page)["name"])
    expect(link).to_be_visible()
    page.evaluate("film.recording.discard()")
    expect(link).to_have_count(0)


def test_a_discarded_recording_leaves_nothing(context: BrowserContext, service: RunningService, clip: Path):
    page = start_filming(context)
    page.evaluate("film.append(4)")
    wait_until_sent(page, 4, clip)
    url = read_entry(page)["url"]
    page.evaluate("film.recording.discard()")
    assert read_entry(page) is None
    with service.open_api("anna") as api:
        assert api.head(url, headers={"Tus-Resumable": "1.0.0"}).status_code == 404


def test_a_file_with_more_than_its_parts_is_sent_whole(context: BrowserContext, service: RunningService, clip: Path):
    page = start_filming(context)
    page.evaluate("film.append(4)")
    page.evaluate("film.finish()")
    expect_same_bytes(service, page, clip)
