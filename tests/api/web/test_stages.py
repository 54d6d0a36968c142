"""Correcting the stages of a slump test, its baseline, and marks that two pages write at once."""

import re
import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from analyzer.coaching.marks import Marks
from tests.api.web.conftest import DoneAnalyses
from tests.api.web.serving import RunningService, find_chart_box, record_texts, wait_for, wait_until

MEASURED_MS = 90_000  # a new measuring on a machine that is busy with other tests
DETECTED_TITLES = [
    "Sitting tall",
    "Slumped",
    "Chin to chest",
    "Knee straight, near leg",
    "Toes up, near leg",
    "Knee let go, near leg",
    "Back to tall",
]


@pytest.fixture
def api(service: RunningService, done: DoneAnalyses) -> Iterator[httpx.Client]:
    """Open the API as anna; the marks of the slump test are empty before and after."""
    with service.open_api("anna") as client:
        store_marks(client, done, {})
        yield client
        store_marks(client, done, {})


@pytest.fixture
def result(phone: Page, done: DoneAnalyses, api: httpx.Client) -> Page:
    """Open the result of the slump test on the phone."""
    open_result(phone, done)
    wait_until(phone, "document.querySelector('video').readyState >= 2")
    return phone


def open_result(page: Page, done: DoneAnalyses) -> None:
    page.goto(f"/#/clips/{done.slump}")
    expect(page.get_by_role("heading", name="Stages")).to_be_visible()


def store_marks(api: httpx.Client, done: DoneAnalyses, marks: dict) -> None:
    """Store marks in place of those stored, and wait until they are in the result."""
    if Marks.model_validate(read_marks(api, done)) != Marks.model_validate(marks):
        assert api.put(f"/v1/analyses/{done.slump}/marks", json=marks).status_code == 200
    until_s = time.monotonic() + MEASURED_MS / 1000
    while api.get(f"/v1/analyses/{done.slump}").json()["remeasuring"]:
        assert time.monotonic() < until_s
        time.sleep(0.05)


def read_marks(api: httpx.Client, done: DoneAnalyses) -> dict:
    return api.get(f"/v1/analyses/{done.slump}/marks").json()


def read_stages(api: httpx.Client, done: DoneAnalyses) -> list[tuple]:
    stages = api.get(f"/v1/analyses/{done.slump}/result").json()["stages"]
    return [(one["name"], one["side"], one["start_s"], one["end_s"]) for one in stages]


def expect_titles(page: Page, titles: list[str]) -> None:
    expect(page.locator("[aria-labelledby=events-title] .event-title")).to_have_text(titles)


def go_to_frame(page: Page, frame: int) -> None:
    chart = page.get_by_role("slider")
    chart.focus()
    chart.press("Home")
    for _ in range(frame // 10):
        chart.press("PageUp")
    expect(chart).to_have_attribute("aria-valuenow", str(frame))


def open_panel(page: Page, name: str) -> Locator:
    """Open the panel of a stage by a button of the list."""
    page.get_by_role("button", name=name, exact=True).click()
    opened = page.locator(".stage-panel")
    expect(opened.get_by_role("heading")).to_be_focused()
    return opened


def save(page: Page, button: Locator) -> None:
    """Press a button that stores a change, and wait until it is in the result."""
    waiting = "Measuring the stages again"
    texts = record_texts(page, "main")
    button.click()
    wait_until(page, f"{texts}.some((text) => text.includes('{waiting}'))")
    expect(page.get_by_text(waiting)).to_have_count(0, timeout=MEASURED_MS)


def test_start_and_end_are_set_from_the_video(result: Page, api: httpx.Client, done: DoneAnalyses):
    ends_s = read_stages(api, done)[1][3]
    go_to_frame(result, 30)
    correct = open_panel(result, "Change Slumped")
    correct.get_by_role("button", name="From here").click()
    expect(correct.get_by_role("button", name="From here")).to_contain_text("starts at 1.00 s")
    correct.get_by_role("button", name="Start one frame later").click()
    expect(correct.get_by_role("button", name="From here")).to_contain_text("starts at 1.03 s")
    expect(correct.get_by_text("video at 1.03 s")).to_be_visible()
    save(result, correct.get_by_role("button", name="Save"))
    expect(result.get_by_role("button", name="Change Slumped")).to_be_focused()
    tall, slump = read_marks(api, done)["stages"]
    assert tall == {"name": "tall_sit", "start_s": 0, "end_s": 1.033, "side": None, "movement": "slump"}
    assert slump == {"name": "slump", "start_s": 1.033, "end_s": ends_s, "side": None, "movement": "slump"}
    measured = read_stages(api, done)
    assert measured[:2] == [("tall_sit", None, 0, 1.033), ("slump", None, 1.033, ends_s)]
    expect_titles(result, DETECTED_TITLES)
    row = result.get_by_role("button", name=re.compile("^Slumped"))
    expect(row).to_contain_text(f"from 1.0 s, {ends_s - 1.033:.1f} s long · set by you")


def test_chart_shows_new_bounds_without_a_reload(result: Page):
    go_to_frame(result, 30)
    correct = open_panel(result, "Change Slumped")
    correct.get_by_role("button", name="From here").click()
    save(result, correct.get_by_role("button", name="Save"))
    box = find_chart_box(result)
    result.mouse.click(box["x"] + 36 + 0.8 / 8.07 * (box["width"] - 44), box["y"] + 12)  # in "Sitting tall", 0 to 1 s
    expect(result.get_by_role("slider")).to_have_attribute("aria-valuenow", "15")


def test_stages_are_added_removed_and_restored(result: Page, api: httpx.Client, done: DoneAnalyses):
    detected = read_stages(api, done)
    go_to_frame(result, 150)
    correct = open_panel(result, "Add one at this moment")
    expect(correct.get_by_role("button", name="From here")).to_contain_text("starts at 5.00 s")
    correct.get_by_role("button", name="Save").click()
    expect(correct.get_by_role("alert")).to_have_text("Choose a stage first.")
    correct.get_by_label("Stage").select_option(label="Toes let go")
    correct.get_by_role("button", name="Save").click()
    expect(correct.get_by_role("alert")).to_contain_text("Choose the leg")
    correct.get_by_label("Leg", exact=True).select_option(label="Near leg")
    save(result, correct.get_by_role("button", name="Save"))
    added = [*DETECTED_TITLES[:5], "Toes let go, near leg", *DETECTED_TITLES[5:]]
    expect_titles(result, added)
    toes_up, new = read_stages(api, done)[4:6]
    assert (toes_up[3], new) == (5.0, ("toes_release", "near", 5.0, detected[4][3]))

    correct = open_panel(result, "Change Chin to chest")
    expect(correct.get_by_text("its time goes to “Slumped”")).to_be_visible()
    save(result, correct.get_by_role("button", name="Remove"))
    expect_titles(result, [one for one in added if one != "Chin to chest"])
    assert read_stages(api, done)[1] == ("slump", None, detected[1][2], detected[2][3])

    save(result, result.get_by_role("button", name="Undo"))
    expect_titles(result, added)
    expect(result.get_by_role("button", name="Undo")).to_have_count(0)

    save(result, result.get_by_role("button", name="Back to detected"))
    expect_titles(result, DETECTED_TITLES)
    assert (read_marks(api, done)["stages"], read_stages(api, done)) == ([], detected)
    expect(result.get_by_role("button", name="Back to detected")).to_have_count(0)


def test_stage_gets_another_name_and_leg(result: Page, api: httpx.Client, done: DoneAnalyses):
    detected = read_stages(api, done)
    correct = open_panel(result, "Change Toes up, near leg")
    correct.get_by_label("Stage").select_option(label="Toes let go")
    correct.get_by_label("Leg", exact=True).select_option(label="Far leg")
    save(result, correct.get_by_role("button", name="Save"))
    assert read_stages(api, done)[4] == ("toes_release", "far", *detected[4][2:])
    assert len(read_stages(api, done)) == len(detected)


def test_impossible_correction_is_explained_and_the_draft_stays(result: Page, api: httpx.Client, done: DoneAnalyses):
    go_to_frame(result, 10)
    correct = open_panel(result, "Change Slumped")
    correct.get_by_role("button", name="To here").click()
    correct.get_by_role("button", name="Save").click()
    expect(correct.get_by_role("alert")).to_contain_text("“Slumped” ends before it starts")
    expect(correct.get_by_role("button", name="To here")).to_contain_text("ends at 0.33 s")
    assert read_marks(api, done)["stages"] == []
    result.keyboard.press("Escape")
    expect(result.get_by_role("button", name="Change Slumped")).to_be_focused()
    expect_titles(result, DETECTED_TITLES)


def test_stage_with_a_report_cannot_be_removed(phone: Page, api: httpx.Client, done: DoneAnalyses):
    store_marks(api, done, {"reports": [{"stage": "chin_to_chest", "level": 3}]})
    open_result(phone, done)
    correct = open_panel(phone, "Change Chin to chest")
    correct.get_by_role("button", name="Remove").click()
    expect(correct.get_by_role("alert")).to_contain_text("Something is marked as felt in “Chin to chest”")
    assert read_marks(api, done)["stages"] == []


def test_stages_that_cannot_be_measured_are_stored_and_the_reason_is_shown(
    result: Page, api: httpx.Client, done: DoneAnalyses
):
    def fail(route: Route) -> None:
        status = route.fetch().json()
        error = {"code": "too_long", "text": "the analysis took longer than 30 minutes."}
        route.fulfill(json=status | ({} if status["remeasuring"] else {"remeasure_error": error}))

    result.route(f"**/v1/analyses/{done.slump}/events", lambda route: route.abort())  # so that the page asks
    result.route(f"**/v1/analyses/{done.slump}", fail)
    open_panel(result, "Change Chin to chest").get_by_role("button", name="Remove").click()
    shown = result.get_by_role("status").filter(has_text="the stages are saved. the analysis took longer")
    expect(shown).to_be_visible(timeout=MEASURED_MS)
    assert [one["name"] for one in read_marks(api, done)["stages"]] == ["slump"]


def test_stage_is_corrected_by_keyboard_alone(result: Page, api: httpx.Client, done: DoneAnalyses):
    a_frame_later_s = (int(read_stages(api, done)[1][2] * 30 + 0.01) + 1) / 30
    change = result.get_by_role("button", name="Change Slumped")
    change.focus()
    result.keyboard.press("Enter")
    expect(result.locator(".stage-panel").get_by_role("heading")).to_be_focused()
    for name in ("Close", "Start one frame earlier", "From here", "Start one frame later"):
        result.keyboard.press("Tab")
        expect(result.locator(".stage-panel").get_by_role("button", name=name)).to_be_focused()
    result.keyboard.press("Enter")
    expect(result.locator("#live")).to_have_text(f"starts at {a_frame_later_s:.2f} s")
    save(result, result.locator(".stage-panel").get_by_role("button", name="Save"))
    assert read_stages(api, done)[1][2] == pytest.approx(a_frame_later_s, abs=0.001)


def test_baseline_is_stored_beside_other_marks(result: Page, api: httpx.Client, done: DoneAnalyses):
    card = result.locator("details", has_text="Before the test").filter(has=result.get_by_label("Fine up to"))
    card.get_by_text("Before the test").click()
    expect(card.get_by_label("Fine up to")).to_have_value("2")
    store_marks(api, done, {"clinician": "Dr Lee", "reports": [{"at_s": 1, "level": 2}]})  # another page, meanwhile
    card.get_by_label("Before it starts").select_option("3")
    card.get_by_label("What they can keep doing").fill(" walks ")
    card.get_by_role("button", name="Save").click()
    expect(card.get_by_text("3 of 10 before it starts")).to_be_visible()
    wait_for(lambda: read_marks(api, done)["baseline_level"] == 3)
    marks = read_marks(api, done)
    assert {name: marks[name] for name in ("baseline_level", "threshold", "clinician", "keep_doing")} == {
        "baseline_level": 3,
        "threshold": 2,
        "clinician": "Dr Lee",
        "keep_doing": "walks",
    }
    assert len(marks["reports"]) == 1
    card.get_by_label("Before it starts").select_option(label="Not asked")
    card.get_by_role("button", name="Save").click()
    expect(card.get_by_text("3 of 10 before it starts")).to_have_count(0)
    wait_for(lambda: read_marks(api, done)["baseline_level"] is None)


def add_report(page: Page, level: int) -> None:
    """Add a symptom report of this level at the current frame."""
    page.get_by_role("button", name="Felt here").click()
    page.get_by_role("button", name="Choose from a list").click()
    page.get_by_role("dialog").get_by_label(str(level), exact=True).check(force=True)
    page.get_by_role("dialog").get_by_role("button", name="Save").click()


def test_two_pages_that_write_at_once_lose_nothing(result: Page, api: httpx.Client, done: DoneAnalyses):
    path = f"/v1/analyses/{done.slump}/marks"
    elsewhere = [{"at_s": 1, "level": 1}, {"at_s": 1, "level": 2}]

    def interfere(route: Route) -> None:
        """Store marks of another page, twice, between the read and the write of this one."""
        if route.request.method == "PUT" and elsewhere:
            now = api.get(path).json()
            reports = [*now["reports"], elsewhere.pop()]
            assert api.put(path, json=now | {"reports": reports}).status_code == 200
        route.continue_()

    result.route(f"**{path}", interfere)
    add_report(result, 5)
    expect(result.get_by_role("button", name=re.compile("^Remove: 5 of 10"))).to_be_visible()
    wait_for(lambda: sorted(one["level"] for one in read_marks(api, done)["reports"]) == [1, 2, 5])


def test_page_that_always_conflicts_says_so_and_keeps_the_draft(result: Page, api: httpx.Client, done: DoneAnalyses):
    path = f"/v1/analyses/{done.slump}/marks"
    etags = []

    def interfere(route: Route) -> None:
        if route.request.method == "PUT":
            etags.append(route.request.headers["if-match"])
            route.fulfill(status=412, content_type="application/problem+json", body='{"detail": "If-Match"}')
        else:
            route.continue_()

    result.route(f"**{path}", interfere)
    add_report(result, 5)
    expect(result.get_by_role("dialog").get_by_role("alert").last).to_contain_text("try again")
    assert 2 <= len(etags) <= 10
    expect(result.get_by_role("dialog").get_by_label("5", exact=True)).to_be_checked()
    result.unroute(f"**{path}")
    result.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(result.get_by_role("button", name=re.compile("^Remove: 5 of 10"))).to_be_visible()
