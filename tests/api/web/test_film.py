"""The camera view: hands-free with the live guide up to the result, and without the guide's files."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Worker, expect

from analyzer.pose.browser_pose_files import BrowserPoseFiles
from api.auth import SIGN_IN_COOKIE
from tests.api.web.conftest import PHONE
from tests.api.web.fake_camera import open_browser_filming, write_film
from tests.api.web.live_bodies import Body
from tests.api.web.scripted_camera import FILES, draw_set, refuse_files, use_scripted_people
from tests.api.web.serving import RunningService, record_texts, run_in_process, wait_until

AXE = Axe()
LONG_MS = 120_000


@contextmanager
def open_camera(browser: Browser, service: RunningService, film: Path) -> Iterator[Page]:
    """Open a page on a phone whose camera shows the film, signed in. Script errors and policy violations fail."""
    with open_browser_filming(browser, film) as filming:
        context = filming.new_context(
            viewport=PHONE, is_mobile=True, has_touch=True, base_url=service.base, service_workers="block"
        )
        context.grant_permissions(["camera"])
        context.add_cookies([{"name": SIGN_IN_COOKIE, "value": service.sign_in("anna"), "url": service.base}])
        page, errors = context.new_page(), []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if "Content Security" in message.text else None)
        yield page
        assert errors == []


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


# Records the count and what was shown beside it: a set may be over before a busy machine looks at the page.
RECORD_SET = """() => {
  window.shown = 0;
  window.states = [];
  const record = () => {
    const picture = document.querySelector('.filming');
    if (!picture) return;
    window.shown = Math.max(window.shown, Number(picture.querySelector('.live-count strong')?.textContent ?? 0));
    window.states.push(`${picture.dataset.state} ${document.querySelector('.actions').textContent}`);
  };
  new MutationObserver(record)
    .observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
}"""


def list_loaded(page: Page) -> set[str]:
    """List the paths of everything that the page itself has loaded."""
    return set(page.evaluate("performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname)"))


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


# The camera's film plays in real time: beside other tests a slow machine drops frames of it, and with them a rep.
@pytest.mark.flaky(reruns=3, reruns_delay=30)
def test_hands_free_from_the_tall_stance_to_the_result(
    browser: Browser,
    service: RunningService,
    live_guide: BrowserPoseFiles,
    samples: Path,
    tmp_path: Path,
    record_property,
):
    film = write_film(samples / "hinge_neutral.mp4", tmp_path / "film.mjpeg", still_before_s=3, still_after_s=5)
    with open_camera(browser, service, film) as page:
        page.goto("/#/")
        expect(page.get_by_role("link", name="Film", exact=True)).to_be_visible()
        assert not [path for path in list_loaded(page) if path.startswith(("/live", "/camera"))], (
            "not before the camera"
        )
        page.evaluate(RECORD_SET)
        page.evaluate("localStorage.setItem('film-hands-free', 'on')")
        page.get_by_role("link", name="Film", exact=True).click()
        instruction = page.locator(".live-instruction")
        expect(instruction).to_be_visible(timeout=LONG_MS)
        expect(page.get_by_role("switch", name="Hands-free")).to_be_checked()
        violations = AXE.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        assert [f"{one['id']} {one['nodes'][0]['target']}" for one in violations] == []
        # The film may be anywhere when the guide has loaded: it goes on to the next stance.
        expect(page.get_by_role("heading", name="What you can do")).to_be_visible(timeout=2 * LONG_MS)
        assert page.evaluate("window.states.includes('set Stop')")
        live_reps = page.evaluate("window.shown")
        id = page.evaluate("location.hash.split('/').pop()")
        with service.open_api("anna") as api:
            result = api.get(f"/v1/analyses/{id}/result").json()
        record_property("live_reps", live_reps)
        assert live_reps == sum(rep["complete"] for rep in result["reps"]) == 2
        assert result["reps"][0]["start_s"] > 1, "the clip begins with the tall stance"


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
