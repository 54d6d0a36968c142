"""The camera view by keyboard and for screen readers, and what interrupts it: a lost camera, a hidden page, leaving."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.api.web.conftest import PHONE
from tests.api.web.scripted_camera import FILES, draw_set, refuse_files, use_scripted_people
from tests.api.web.serving import run_in_process, wait_until

LONG_MS = 60_000
PENDING = """JSON.parse(localStorage.getItem("analyzer.uploads") ?? "[]")"""
LANDSCAPE = {"width": 740, "height": 360}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a service in this process that analyses nothing; return its address."""
    with run_in_process(tmp_path_factory.mktemp("film")) as (_, address):
        yield address


@pytest.fixture
def page(browser: Browser, base: str) -> Iterator[Page]:
    """Open a page on a phone with a camera and without the live guide's files."""
    with closing(browser.new_context(viewport=PHONE, base_url=base, service_workers="block")) as context:
        context.grant_permissions(["camera"])
        page = context.new_page()
        page.route(FILES, refuse_files)
        yield page


def find_button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def start_filming(page: Page) -> None:
    page.goto("/#/film")
    find_button(page, "Start filming").click(timeout=LONG_MS)
    expect(find_button(page, "Stop")).to_be_visible()


def test_the_camera_view_is_used_by_keyboard(page: Page):
    page.goto("/#/me")
    page.evaluate("location.hash = '#/film'")
    expect(find_button(page, "Start filming")).to_be_focused(timeout=LONG_MS)
    page.keyboard.press("Enter")
    expect(find_button(page, "Stop")).to_be_focused()
    page.keyboard.press("Escape")
    question = page.get_by_role("dialog", name="Leave without this clip?")
    expect(question).to_be_visible()
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    expect(find_button(page, "Use this clip")).to_be_focused(timeout=LONG_MS)
    page.get_by_role("link", name="Back").click()
    question.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", name="New clip")).to_be_visible(timeout=LONG_MS)
    expect(page.locator("main")).to_be_focused()
    wait_until(page, "(localStorage['analyzer.uploads'] ?? '[]') === '[]'", within_s=60)
    page.evaluate("location.hash = '#/film'")
    expect(find_button(page, "Start filming")).to_be_visible(timeout=LONG_MS)
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="New clip")).to_be_visible(timeout=LONG_MS)


def test_screen_readers_hear_one_instruction_every_few_seconds(page: Page):
    page.clock.install()
    page.goto("/#/me")
    page.evaluate("""async () => {
      const { CalmAnnouncer } = await import('/live/calm_announcer.js');
      const heard = (window.heard = []);
      const region = document.getElementById('live');
      new MutationObserver(() => heard.push(region.textContent)).observe(region, { childList: true });
      window.announcer = new CalmAnnouncer();
    }""")
    announce = "(texts) => { for (const text of texts) announcer.announce(text); }"
    page.evaluate(announce, ["Step back", "Come closer", "", "Hold"])
    assert page.evaluate("heard") == ["Step back"]
    page.clock.run_for(4100)
    assert page.evaluate("heard") == ["Step back", "Hold"]
    page.clock.run_for(4100)
    page.evaluate(announce, ["Hold", "Go!", "Hold"])
    page.evaluate("announcer.stop()")
    page.clock.run_for(4100)
    assert page.evaluate("heard") == ["Step back", "Hold", "Go!"]


def test_filming_stops_when_the_page_is_hidden_and_the_clip_stays(page: Page):
    start_filming(page)
    page.evaluate("""() => {
      Object.defineProperty(document, 'hidden', { value: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }""")
    expect(find_button(page, "Use this clip")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_role("alert")).to_contain_text("went into the background")
    find_button(page, "Film again").click()
    expect(find_button(page, "Start filming")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_back_gesture_sends_what_was_filmed(page: Page):
    page.goto("/#/clips")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    start_filming(page)
    wait_until(page, f"{PENDING}[0]?.size > 0")
    page.go_back()
    expect(page.locator("main")).to_contain_text(re.compile(r"20\d\d-\d\d-\d\d \d\d\.\d\d\.\d\d"))


def test_a_clip_that_was_left_behind_on_purpose_is_deleted(page: Page):
    page.goto("/#/clips")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    count = "fetch('/v1/analyses').then((answer) => answer.json()).then(({ items }) => items.length)"
    before = page.evaluate(count)
    start_filming(page)
    wait_until(page, f"{PENDING}[0]?.size > 0")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").get_by_role("button", name="Leave").click()
    expect(find_button(page, "Stop")).to_have_count(0)
    wait_until(page, f"{PENDING}.length === 0")
    assert page.evaluate(count) == before


def test_a_camera_that_the_phone_takes_away_is_opened_again(page: Page):
    start_filming(page)
    page.evaluate("""() => {
      for (const track of document.querySelector('video.live').srcObject.getTracks()) {
        track.stop();
        track.dispatchEvent(new Event('ended'));
      }
    }""")
    expect(find_button(page, "Use this clip")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_role("alert")).to_contain_text("closed the camera")
    find_button(page, "Film again").click()
    find_button(page, "Open the camera again").click()
    expect(find_button(page, "Start filming")).to_be_visible(timeout=LONG_MS)


def test_a_refused_camera_can_be_tried_again(page: Page):
    page.add_init_script("""
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      let count = 0;
      navigator.mediaDevices.getUserMedia = (wanted) =>
        count++ ? open(wanted) : Promise.reject(new DOMException('refused', 'NotAllowedError'));
    """)
    page.goto("/#/film")
    expect(page.get_by_role("alert")).to_contain_text("may not use the camera", timeout=LONG_MS)
    expect(page.get_by_text("Phone's own camera", exact=True)).to_be_visible()
    expect(page.locator(".filming")).to_be_hidden()
    find_button(page, "Try again").click()
    expect(find_button(page, "Start filming")).to_be_visible(timeout=LONG_MS)
    expect(page.locator(".filming")).to_be_visible()


def test_leaving_while_the_model_loads_ends_worker_and_camera(page: Page):
    files = {"bundle": "/a", "loader": "/b", "wasm": "/c", "models": {"full": "/d"}}
    page.route(FILES, lambda route: route.fulfill(json={"files": files}))
    page.route(
        "**/live/pose_worker.js",
        lambda route: route.fulfill(body="onmessage = () => {}", content_type="text/javascript"),
    )
    with page.expect_worker(timeout=LONG_MS) as started:
        page.goto("/#/film")
    page.evaluate("() => { window.track = document.querySelector('video.live').srcObject.getTracks()[0]; }")
    with started.value.expect_event("close", timeout=LONG_MS):
        page.evaluate("location.hash = '#/me'")
    wait_until(page, "track.readyState === 'ended'")


def test_a_guide_that_is_there_late_follows_the_set_under_way(page: Page):
    answers: list[Route] = []
    use_scripted_people(page, draw_set(reps=1))
    page.unroute(FILES)
    page.route(FILES, lambda route: answers.append(route))
    page.goto("/#/me")
    page.evaluate("localStorage.setItem('film-hands-free', 'on')")
    page.evaluate("location.hash = '#/film'")
    find_button(page, "Start filming").click(timeout=LONG_MS)
    expect(find_button(page, "Stop")).to_be_visible()
    states = "window.states = [document.querySelector('.filming').dataset.state]"
    page.evaluate(f"""() => {{
      {states};
      new MutationObserver(() => states.push(document.querySelector('.filming')?.dataset.state))
        .observe(document.querySelector('.filming'), {{ attributes: true }});
    }}""")
    answers[0].fulfill(json={"files": {"bundle": "/a", "loader": "/b", "wasm": "/c", "models": {"full": "/d"}}})
    wait_until(page, "states.includes('set')")
    assert page.evaluate("states.includes('good') || states.includes('notYet')") is False
    assert page.evaluate("JSON.parse(localStorage['analyzer.uploads'] ?? '[]').length") <= 1


@pytest.mark.parametrize("size", [PHONE, LANDSCAPE], ids=["portrait", "landscape"])
def test_the_camera_view_fits_the_screen(page: Page, size: dict[str, int]):
    page.set_viewport_size(size)
    page.goto("/#/film")
    expect(find_button(page, "Start filming")).to_be_in_viewport(ratio=1, timeout=LONG_MS)
    expect(find_button(page, "Use the other camera")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    picture = page.locator(".filming").bounding_box()
    assert picture is not None
    assert picture["height"] > 0.6 * size["height"]
    assert picture["width"] > 0.7 * size["width"]
