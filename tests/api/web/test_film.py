"""The camera view: hands-free with scripted people, and without the files of the live guide."""

import time
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from playwright.sync_api import Browser, Page, Worker, expect

from tests.api.web.conftest import PHONE
from tests.api.web.live_bodies import Body
from tests.api.web.scripted_camera import FILES, draw_set, refuse_files, use_scripted_people
from tests.api.web.serving import list_loaded, record_texts, run_in_process, wait_until

LONG_MS = 120_000


@pytest.fixture
def page(browser: Browser, base: str) -> Iterator[Page]:
    """Open a page on a phone with a camera."""
    with closing(browser.new_context(viewport=PHONE, base_url=base, service_workers="block")) as context:
        context.grant_permissions(["camera"])
        yield context.new_page()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a service in this process that analyses nothing; return its address."""
    with run_in_process(tmp_path_factory.mktemp("film")) as (_, address):
        yield address


def test_hands_free_films_one_set_and_sends_it(page: Page):
    use_scripted_people(page, draw_set(reps=3))
    page.goto("/#/me")
    page.evaluate("localStorage.setItem('film-hands-free', 'on')")
    page.evaluate("""() => {
      const spoken = (window.spoken = []);
      speechSynthesis.speak = (one) => spoken.push(one.text);
      localStorage.setItem('film-speech', 'on');
    }""")
    # The set may be over before a busy machine looks at the page.
    texts = record_texts(page, "main")
    page.evaluate("location.hash = '#/film'")
    for shown in (["Hold…", "Start filming"], ["Stop", "Preview"], ["Looking at the clip"]):
        wait_until(page, f"{texts}.some((text) => {shown}.every((part) => text.includes(part)))", within_s=120)
    wait_until(page, 'window.spoken.at(-1) === "3 reps. That\'s your set!"')
    spoken = page.evaluate("window.spoken")
    assert [text for text in spoken if text.isdigit()] == ["1", "2", "3"]
    with closing(httpx.Client(base_url=page.evaluate("location.origin"), timeout=30)) as api:
        wait_until(page, "location.hash.startsWith('#/clips/')")  # the last part has arrived
        assert len(api.get("/v1/analyses").json()["items"]) == 1


def test_one_of_two_people_is_chosen_by_button_or_tap(page: Page):
    two = [Body(hip_x_px=300).draw(), Body(hip_x_px=700).draw()]
    use_scripted_people(page, [two])
    page.goto("/#/film")
    instruction = page.locator(".live-instruction")
    expect(instruction).to_contain_text("Two people", timeout=LONG_MS)
    page.get_by_role("button", name="Person on the right").click()
    expect(instruction).not_to_contain_text("Two people", timeout=LONG_MS)
    place = page.evaluate(
        """async (people) => {
      const { LiveOverlay } = await import('/live/live_overlay.js');
      const overlay = new LiveOverlay(document.querySelector('.live-overlay'));
      overlay.draw({ time_s: 0, width_px: 960, height_px: 540, brightness: 1, people }, { subject: 0, isGood: true });
      const box = overlay.canvas.getBoundingClientRect();
      const middle = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 };
      return [overlay.toPicture(middle), overlay.toPicture({ clientX: box.x + 5, clientY: box.y + 5 })];
    }""",
        two,
    )
    assert place == [{"x_px": pytest.approx(480), "y_px": pytest.approx(270)}, None], "black bars are no picture"


def test_the_guide_loads_only_in_the_camera_view(page: Page):
    use_scripted_people(page, draw_set(reps=1))
    page.goto("/#/")
    expect(page.get_by_role("link", name="Film", exact=True)).to_be_visible()
    page.wait_for_load_state("networkidle")
    before = list_loaded(page)
    assert not [path for path in before if path.startswith(("/live", "/camera"))]
    page.get_by_role("link", name="Film", exact=True).click()
    expect(page.locator(".live-instruction")).to_be_visible(timeout=LONG_MS)
    assert {"/live-guide/files.json", "/live/live_guide.js", "/camera/camera.js"} <= list_loaded(page) - before


def test_the_guide_opens_without_a_network_once_it_was_loaded(browser: Browser, base: str):
    addresses = {"bundle": "/live-guide/1/a", "loader": "/live-guide/2/b", "wasm": "/live-guide/3/c"}
    answer = {"files": {**addresses, "models": {"full": "/live-guide/4/d"}}}
    with closing(browser.new_context(base_url=base, service_workers="allow")) as context:
        context.route("**/live-guide/**", lambda route: route.fulfill(body=route.request.url.rpartition("/")[2]))
        context.route(FILES, lambda route: route.fulfill(json=answer))
        page = context.new_page()
        page.goto("/#/clients")
        page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        wait_until(page, "navigator.serviceWorker.controller !== null")
        load = """async () => {
          const { files } = await (await fetch('/live-guide/files.json')).json();
          const paths = [files.bundle, files.loader, files.wasm, files.models.full];
          return Promise.all(paths.map((path) => fetch(path).then((one) => one.text())));
        }"""
        assert page.evaluate(load) == ["a", "b", "c", "d"]
        wait_until(page, "caches.open('live-guide').then((cache) => cache.keys()).then((keys) => keys.length === 5)")
        context.unroute_all()
        context.set_offline(True)
        assert page.evaluate(load) == ["a", "b", "c", "d"]


def test_without_the_files_the_still_guide_is_there_at_once(page: Page):
    page.route(FILES, refuse_files)
    page.goto("/#/film")
    expect(page.get_by_role("button", name="Start filming")).to_be_visible()
    expect(page.locator(".guide-over")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert not list_loaded(page) & {"/live/live_guide.js", "/live/pose_worker.js"}
    expect(page.get_by_role("switch")).to_have_count(0)
    assert page.get_by_role("alert").count() == 0


@pytest.mark.parametrize(
    "worker",
    [
        "throw new Error('no module workers');",
        "onmessage = () => postMessage({ type: 'failed', message: 'no WebAssembly SIMD' });",
    ],
    ids=["does not start", "gives up"],
)
def test_a_phone_that_cannot_run_the_guide_films_as_before(page: Page, worker: str):
    files = {"bundle": "/a", "loader": "/b", "wasm": "/c", "models": {"full": "/d", "lite": "/e"}}
    page.route(FILES, lambda route: route.fulfill(json={"files": files}))
    page.route("**/live/pose_worker.js", lambda route: route.fulfill(body=worker, content_type="text/javascript"))
    started: list[Worker] = []
    page.on("worker", lambda one: started.append(one))
    page.goto("/#/film")
    until = time.monotonic() + 60
    while len(started) < 2:  # one for each model
        assert time.monotonic() < until, started
        page.wait_for_timeout(40)
    expect(page.locator(".live-overlay")).to_have_count(0)
    expect(page.locator(".guide-over")).to_be_visible()
    texts = record_texts(page, ".count")
    page.get_by_role("button", name="Start filming").click()
    wait_until(page, f"{texts}.some((text) => text.startsWith('Stand tall'))")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Film again").click()
    expect(page.get_by_role("button", name="Start filming")).to_be_visible()
    assert page.get_by_role("alert").count() == 0
