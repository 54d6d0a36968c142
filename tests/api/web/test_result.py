"""The result of a clip on a phone: what they can do, key measures, changes and files."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.api.web.conftest import DoneAnalyses
from tests.api.web.serving import RunningService


def test_what_they_can_do_comes_before_what_to_try(result: Page):
    expect(result.locator(".lead")).to_be_visible()
    headings = result.get_by_role("heading", level=2).all_inner_texts()
    assert headings.index("What you can do") < headings.index("One thing to try")
    assert result.locator(".lead").inner_text().splitlines()[-1] in result.locator(".can").inner_text()


def test_key_measures_stand_above_the_video_and_tell_a_rounded_from_a_flat_back(result: Page, done: DoneAnalyses):
    back = result.locator("[data-measure='hinge.back']")
    expect(back.locator("strong")).to_have_text(re.compile(r"^.?\d°$"))
    result.goto(f"/#/clips/{done.earlier}")
    expect(back.locator("strong")).to_have_text([re.compile(r"^3\d°$"), "rounded"])
    # All at one moment: what is loaded later moves them.
    boxes = result.evaluate(
        """['.tile', 'video', '.transport'].map((selector) => [...document.querySelectorAll(selector)].map((node) => {
          const { y, height } = node.getBoundingClientRect();
          return { y, height };
        }))"""
    )
    tiles, [video], [bar] = boxes
    assert len(tiles) == 5
    assert all(tile["y"] + tile["height"] <= video["y"] and tile["height"] >= 44 for tile in tiles)
    assert video["y"] + video["height"] / 2 < bar["y"]  # half of the video is in view with them


def test_key_measures_come_before_the_questions_of_a_slump(phone: Page, done: DoneAnalyses):
    phone.goto(f"/#/clips/{done.slump}")
    expect(phone.locator(".tile").first).to_be_visible()
    order = phone.locator("[data-measure='slump.trunk'], video, .questions").evaluate_all(
        "nodes => nodes.map((node) => node.className.split(' ')[0] || node.localName)"
    )
    assert order == ["tile", "video", "card"]


def test_the_best_rep_is_marked_with_its_reason(result: Page, service: RunningService, done: DoneAnalyses):
    with service.open_api("anna") as api:
        best = api.get(f"/v1/analyses/{done.later}/best-events").json()
    assert best["kind"] == "rep" and best["reason"]
    titles = [f"Rep {index} best" for index in best["indices"]]
    expect(result.locator(".event-title", has_text="best")).to_have_text(titles)
    expect(result.get_by_text(best["reason"])).to_be_visible()


def test_result_stored_without_key_measures_is_shown(phone: Page, done: DoneAnalyses):
    def remove_key_measures(route) -> None:
        answer = route.fetch()
        body = answer.json()
        del body["key_measures"]
        route.fulfill(response=answer, json=body)

    phone.route(f"**/v1/analyses/{done.later}/result", remove_key_measures)
    phone.goto(f"/#/clips/{done.later}")
    expect(phone.locator(".event", has_text="Rep 2")).to_contain_text("down")
    expect(phone.locator(".tile")).to_have_count(0)
    expect(phone.get_by_role("heading", name="What you can do")).to_be_visible()


def test_tiles_state_the_change_since_the_last_clip_of_the_client(
    result: Page, service: RunningService, done: DoneAnalyses
):
    with service.open_api("anna") as api:
        body = api.get(f"/v1/analyses/{done.later}/changes").json()
    assert body["since"]["analysis"] == done.earlier
    items = {item["id"]: item for item in body["items"]}
    # rendered with a rounded back, then with a flat one; sent on one day, when 12 degrees count
    back = items["hinge.back"]
    assert back["change"] < -back["mdc"] == -12
    change = result.locator("[data-measure='hinge.back'] .since")
    expect(change).to_have_text(re.compile(f"^[^0-9]{abs(back['change']):.0f}°, better since "))
    assert items["hinge.knee"]["clear"] is False
    expect(result.locator("[data-measure='hinge.knee'] .since")).to_have_text(re.compile("^no clear change since "))
    expect(result.locator(".tile .since")).to_have_count(len(items))
    result.get_by_role("link", name="Changes since").click()
    expect(result.get_by_role("heading", name="What changed")).to_be_visible()
    row = result.locator(".key-change", has_text="Back, change from tall")
    expect(row.locator(".badge")).to_have_text(re.compile(r"°, better$"))
    expect(row.locator(".quiet")).to_have_text(re.compile(r"^.+ → .+, counts from 12°$"))


def test_the_first_clip_of_a_client_has_no_change(phone: Page, done: DoneAnalyses):
    with phone.expect_response(f"**/v1/analyses/{done.earlier}/changes"):
        phone.goto(f"/#/clips/{done.earlier}")
    expect(phone.locator(".tile").first).to_be_visible()
    assert phone.locator(".since").count() == 0


def test_result_that_cannot_be_loaded_shows_an_error(phone: Page, done: DoneAnalyses):
    path = f"**/v1/analyses/{done.earlier}"

    def return_running(route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"status": "running"})

    phone.route(path, return_running, times=1)
    phone.route(f"{path}/events", lambda route: route.fulfill(status=404))
    phone.route(f"{path}/result", lambda route: route.abort(), times=1)
    phone.goto(f"/#/clips/{done.earlier}")
    expect(phone.get_by_role("heading", name="That did not work yet")).to_be_visible()
    phone.get_by_role("button", name="Try again").click()
    expect(phone.get_by_role("heading", name="Hip hinge")).to_be_visible()


def test_files_can_be_downloaded(result: Page):
    with result.expect_download() as download:
        result.get_by_role("link", name="Angles as a table").click()
    assert download.value.suggested_filename.endswith(".csv")
    assert Path(download.value.path()).read_text().startswith("frame,time_s")
    with result.expect_popup() as popup:
        result.get_by_role("link", name="Report", exact=True).click()
    expect(popup.value.get_by_role("heading", name="For the coach")).to_be_visible()
