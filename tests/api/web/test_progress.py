"""Progress in the list of clips, and notices of results while another view is open."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.api.web.conftest import SCREENS, DoneAnalyses, OpenSignedIn
from tests.api.web.serving import RunningService, wait_until, wait_until_drawn

AXE = Axe()
RESULT_MS = 240_000  # an analysis on a machine that is busy with other tests
# A notice is shown for ten seconds, which may be over before a busy machine looks at it.
SHOW_NOTICES_FOR_LONG = """
  (() => {
    const { setTimeout } = window;
    window.setTimeout = (call, ms, ...rest) => setTimeout(call, ms === 10_000 ? 600_000 : ms, ...rest);
  })()
"""


class Queue:
    """Answers for the clips of a page: `sent` of them, of which some are running or queued."""

    def __init__(self, page: Page, done: dict[str, Any]) -> None:
        self._done = done
        self.statuses: list[dict[str, Any]] = []
        self.requests = 0
        page.route("**/v1/analyses?*", self._list)
        page.route("**/v1/analyses/ana_0*", self._get)

    def set(self, *states: tuple[str, int]) -> None:
        """Set the statuses, oldest first: name of the status, and frames done of 200."""
        self.statuses = [
            self._done
            | {"id": f"ana_{index:020}", "status": status}
            | {"progress": {"stage": "tracking", "done": frames, "total": 200, "eta_s": None}}
            for index, (status, frames) in enumerate(states)
        ][::-1]

    def _list(self, route: Route) -> None:
        self.requests += 1
        only = route.request.url.partition("status=")[2].partition("&")[0]
        items = [one for one in self.statuses if only in ("", one["status"])]
        route.fulfill(json={"items": items, "next_cursor": None})

    def _get(self, route: Route) -> None:
        id = route.request.url.rpartition("/")[2]
        if found := [one for one in self.statuses if one["id"] == id]:
            route.fulfill(json=found[0])
        else:
            route.fulfill(status=404, json={"type": "urn:problem:not-found"})


@pytest.fixture
def finished(service: RunningService, done: DoneAnalyses) -> dict[str, Any]:
    with service.open_api("anna") as api:
        return api.get(f"/v1/analyses/{done.later}").json()


@SCREENS
def test_list_shows_the_progress_of_each_clip(open_signed_in: OpenSignedIn, finished: dict[str, Any], size, scheme):
    page = open_signed_in(size=size, color_scheme=scheme).new_page()
    queue = Queue(page, finished)
    queue.set(("running", 40), ("queued", 0), ("queued", 0))
    page.goto("/#/clips")
    rows = page.locator(".clip-row .progress-text")
    expect(rows.nth(2)).to_have_text("Following the body, 20 %")
    expect(rows.nth(1)).to_have_text("Waiting: 1 clip before it")
    expect(rows.nth(0)).to_have_text("Waiting: 2 clips before it")
    bars = "[...document.querySelectorAll('.clip-row progress')].map((one) => one.hidden || one.value).join()"
    wait_until(page, f"{bars} === 'true,true,0.2'")
    results = AXE.run(page, options={"resultTypes": ["violations"]})
    assert results.violations_count == 0, results.generate_report()
    page.locator(".clip-row a").last.focus()
    queue.set(("done", 200), ("running", 100), ("queued", 0))
    expect(rows).to_have_text(["Waiting: 1 clip before it", "Following the body, 50 %"])
    expect(page.locator(".clip-row").last.locator("img")).to_be_visible()
    wait_until(page, f"document.activeElement.getAttribute('href') === '#/clips/ana_{0:020}'")
    queue.set(("done", 200), ("failed", 100), ("cancelled", 0))
    expect(rows).to_have_count(0)
    expect(page.locator(".clip-row").nth(1)).to_contain_text("not read")
    expect(page.locator(".clip-row").nth(0)).to_contain_text("stopped")


def test_list_asks_only_while_a_clip_is_unfinished(open_signed_in: OpenSignedIn, finished: dict[str, Any]):
    page = open_signed_in().new_page()
    queue = Queue(page, finished)
    queue.set(("done", 200), ("done", 200))
    page.goto("/#/clips")
    wait_until_drawn(page)
    before = queue.requests
    page.clock.install()
    page.clock.run_for(60_000)
    assert queue.requests == before


def store_awaited(page: Page, id: str) -> None:
    entry = {"id": id, "owner": "anna", "path": f"clips/{id}"}
    page.evaluate(
        "(one) => { localStorage['analyzer.awaited'] = JSON.stringify([{ ...one, created: Date.now() }]); }", entry
    )


def test_another_view_says_that_the_result_is_there(open_signed_in: OpenSignedIn, done: DoneAnalyses):
    page = open_signed_in().new_page()
    page.add_init_script(
        "window.badges = []; navigator.setAppBadge = async (n) => badges.push(n);"
        "navigator.clearAppBadge = async () => badges.push(0);"
    )
    page.add_init_script(SHOW_NOTICES_FOR_LONG)
    page.goto("/#/clients")
    wait_until_drawn(page)
    store_awaited(page, done.later)
    page.reload()
    expect(page.locator("#toast")).to_contain_text("Hip hinge")
    expect(page.locator("#toast")).to_contain_text("the result is there")
    expect(page).to_have_title("(1) Clients · Movement analyzer")
    wait_until(page, "badges.join() === '1'")
    results = AXE.run(page, options={"resultTypes": ["violations"]})
    assert results.violations_count == 0, results.generate_report()
    page.get_by_role("link", name="You", exact=True).click()
    expect(page).to_have_title("(1) You · Movement analyzer")
    page.locator("#toast").get_by_role("link", name="Show it").click()
    expect(page.get_by_role("heading", name="What you can do")).to_be_visible()
    expect(page.locator("#toast")).to_be_hidden()
    expect(page).not_to_have_title(re.compile(r"^\("))
    wait_until(page, "badges.at(-1) === 0")
    wait_until(page, "localStorage['analyzer.awaited'] === undefined")


def test_the_list_of_clips_counts_as_seen_and_a_deleted_clip_is_forgotten(
    open_signed_in: OpenSignedIn, done: DoneAnalyses
):
    page = open_signed_in().new_page()
    page.goto("/#/clients")
    wait_until_drawn(page)
    gone = {"id": "ana_00000000000000000000", "owner": "anna", "path": "clips/x"}
    page.evaluate(
        """([gone, id]) => { localStorage['analyzer.awaited'] = JSON.stringify([gone, { ...gone, id }]
          .map((one) => ({ ...one, created: Date.now() }))); }""",
        [gone, done.later],
    )
    page.reload()
    expect(page).to_have_title("(1) Clients · Movement analyzer")
    page.get_by_role("link", name="Clips", exact=True).click()
    expect(page).to_have_title("Clips · Movement analyzer")


def test_a_clip_is_sent_and_its_result_announced(
    open_signed_in: OpenSignedIn, samples: Path, service: RunningService, done: DoneAnalyses
):
    page = open_signed_in().new_page()
    page.add_init_script(SHOW_NOTICES_FOR_LONG)
    page.goto("/#/")
    page.set_input_files("input[type=file]:not([capture])", samples / "hinge_neutral.mp4")
    expect(page.get_by_role("heading", name="Looking at the clip")).to_be_visible(timeout=60_000)
    id = page.evaluate("location.hash").rpartition("/")[2]
    page.goto("/#/clips")
    row = page.locator(f"[data-analysis={id}]")
    expect(row.locator(".progress-text")).to_be_visible()
    page.get_by_role("link", name="Clients", exact=True).click()
    expect(page.locator("#toast")).to_contain_text("the result is there", timeout=RESULT_MS)
    wait_until(page, "(localStorage['analyzer.awaited'] ?? '[]') === '[]'")
    page.locator("#toast a").click()
    expect(page.get_by_role("heading", name="What you can do")).to_be_visible()
    assert page.evaluate("location.hash") == f"#/clips/{id}"
