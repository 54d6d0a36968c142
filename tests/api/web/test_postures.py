"""The coach corrects the postures of a slump test on the page, says what was before it, and loses nothing to others."""

import re
import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from analyzer.coaching.marks import Marks
from tests.api.web.conftest import DoneAnalyses
from tests.api.web.serving import RunningService, until

MEASURED_MS = 90_000  # a new measuring on a machine that is busy with other tests
AS_FOUND = [
    "Sitting tall",
    "Slumped",
    "Chin to chest",
    "Knee straight (near leg)",
    "Toes up (near leg)",
    "Knee let go (near leg)",
    "Back to tall",
]


@pytest.fixture
def api(service: RunningService, done: DoneAnalyses) -> Iterator[httpx.Client]:
    """Anna's own way to the marks of the slump test, which are empty again afterwards."""
    with service.api("anna") as client:
        put(client, done, {})
        yield client
        put(client, done, {})


@pytest.fixture
def result(phone: Page, done: DoneAnalyses, api: httpx.Client) -> Page:
    """The slump test, open on the phone."""
    opened(phone, done)
    until(phone, "document.querySelector('video').readyState >= 2")
    return phone


def opened(page: Page, done: DoneAnalyses) -> None:
    page.goto(f"/#/clips/{done.slump}")
    expect(page.get_by_role("heading", name="Postures")).to_be_visible()


def put(api: httpx.Client, done: DoneAnalyses, marks: dict) -> None:
    """Put marks where others are, and wait until the result is measured with them."""
    if Marks.model_validate(parse_marks(api, done)) != Marks.model_validate(marks):
        assert api.put(f"/v1/analyses/{done.slump}/marks", json=marks).status_code == 200
    until_s = time.monotonic() + MEASURED_MS / 1000
    while api.get(f"/v1/analyses/{done.slump}").json()["remeasuring"]:
        assert time.monotonic() < until_s
        time.sleep(0.05)


def parse_marks(api: httpx.Client, done: DoneAnalyses) -> dict:
    return api.get(f"/v1/analyses/{done.slump}/marks").json()


def stages_of(api: httpx.Client, done: DoneAnalyses) -> list[tuple]:
    stages = api.get(f"/v1/analyses/{done.slump}/result").json()["stages"]
    return [(one["name"], one["side"], one["start_s"], one["end_s"]) for one in stages]


def listed(page: Page) -> list[str]:
    return page.locator("[aria-labelledby=events-title] .line-link span:first-child").all_inner_texts()


def to_frame(page: Page, frame: int) -> None:
    chart = page.get_by_role("slider")
    chart.focus()
    chart.press("Home")
    for _ in range(frame // 10):
        chart.press("PageUp")
    expect(chart).to_have_attribute("aria-valuenow", str(frame))


def panel(page: Page, name: str) -> Locator:
    """The panel of a posture, opened from the list."""
    page.get_by_role("button", name=name, exact=True).click()
    opened = page.locator(".stage-panel")
    expect(opened.get_by_role("heading")).to_be_focused()
    return opened


def saved(page: Page, button: Locator) -> None:
    """Press what stores a change, and wait until the result has it."""
    button.click()
    waiting = page.get_by_text("Measuring the postures again")
    expect(waiting).to_be_visible()
    expect(waiting).to_have_count(0, timeout=MEASURED_MS)


def test_start_and_end_are_taken_from_the_video(result: Page, api: httpx.Client, done: DoneAnalyses):
    ends_s = stages_of(api, done)[1][3]
    to_frame(result, 30)
    correct = panel(result, "Change Slumped")
    correct.get_by_role("button", name="From here").click()
    expect(correct.get_by_role("button", name="From here")).to_contain_text("starts at 1.00 s")
    correct.get_by_role("button", name="Start one frame later").click()
    expect(correct.get_by_role("button", name="From here")).to_contain_text("starts at 1.03 s")
    expect(correct.get_by_text("video at 1.03 s")).to_be_visible()
    saved(result, correct.get_by_role("button", name="Save"))
    expect(result.get_by_role("button", name="Change Slumped")).to_be_focused()
    tall, slump = parse_marks(api, done)["stages"]
    assert tall == {"name": "tall_sit", "start_s": 0, "end_s": 1.033, "side": None, "movement": "slump"}
    assert slump == {"name": "slump", "start_s": 1.033, "end_s": ends_s, "side": None, "movement": "slump"}
    measured = stages_of(api, done)
    assert measured[:2] == [("tall_sit", None, 0, 1.033), ("slump", None, 1.033, ends_s)]
    assert listed(result) == AS_FOUND
    row = result.get_by_role("button", name=re.compile("^Slumped"))
    expect(row).to_contain_text(f"from 1.0 s, {ends_s - 1.033:.1f} s long · set by you")


def test_the_chart_shows_the_new_bounds_without_a_reload(result: Page):
    to_frame(result, 30)
    correct = panel(result, "Change Slumped")
    correct.get_by_role("button", name="From here").click()
    saved(result, correct.get_by_role("button", name="Save"))
    result.get_by_role("slider").scroll_into_view_if_needed()
    box = result.get_by_role("slider").bounding_box()
    result.mouse.click(box["x"] + 36 + 0.8 / 8.07 * (box["width"] - 44), box["y"] + 12)  # in "Sitting tall", 0 to 1 s
    expect(result.get_by_role("slider")).to_have_attribute("aria-valuenow", "15")


def test_postures_are_added_removed_and_undone(result: Page, api: httpx.Client, done: DoneAnalyses):
    found = stages_of(api, done)
    to_frame(result, 150)
    correct = panel(result, "Add one at this moment")
    expect(correct.get_by_role("button", name="From here")).to_contain_text("starts at 5.00 s")
    correct.get_by_role("button", name="Save").click()
    expect(correct.get_by_role("alert")).to_have_text("Choose a posture first.")
    correct.get_by_label("Posture").select_option(label="Toes let go")
    correct.get_by_role("button", name="Save").click()
    expect(correct.get_by_role("alert")).to_contain_text("Choose the leg")
    correct.get_by_label("Leg", exact=True).select_option(label="Near leg")
    saved(result, correct.get_by_role("button", name="Save"))
    added = [*AS_FOUND[:5], "Toes let go (near leg)", *AS_FOUND[5:]]
    assert listed(result) == added
    toes_up, new = stages_of(api, done)[4:6]
    assert (toes_up[3], new) == (5.0, ("toes_release", "near", 5.0, found[4][3]))

    correct = panel(result, "Change Chin to chest")
    expect(correct.get_by_text("its time goes to “Slumped”")).to_be_visible()
    saved(result, correct.get_by_role("button", name="Remove"))
    assert listed(result) == [one for one in added if one != "Chin to chest"]
    assert stages_of(api, done)[1] == ("slump", None, found[1][2], found[2][3])

    saved(result, result.get_by_role("button", name="Undo"))
    assert listed(result) == added
    expect(result.get_by_role("button", name="Undo")).to_have_count(0)

    saved(result, result.get_by_role("button", name="Back to detected"))
    assert listed(result) == AS_FOUND
    assert (parse_marks(api, done)["stages"], stages_of(api, done)) == ([], found)
    expect(result.get_by_role("button", name="Back to detected")).to_have_count(0)


def test_a_posture_gets_another_name_and_leg(result: Page, api: httpx.Client, done: DoneAnalyses):
    found = stages_of(api, done)
    correct = panel(result, "Change Toes up (near leg)")
    correct.get_by_label("Posture").select_option(label="Toes let go")
    correct.get_by_label("Leg", exact=True).select_option(label="Far leg")
    saved(result, correct.get_by_role("button", name="Save"))
    assert stages_of(api, done)[4] == ("toes_release", "far", *found[4][2:])
    assert len(stages_of(api, done)) == len(found)


def test_what_cannot_be_is_told_in_a_line_and_what_was_set_stays(result: Page, api: httpx.Client, done: DoneAnalyses):
    to_frame(result, 10)
    correct = panel(result, "Change Slumped")
    correct.get_by_role("button", name="To here").click()
    correct.get_by_role("button", name="Save").click()
    expect(correct.get_by_role("alert")).to_contain_text("“Slumped” ends before it starts")
    expect(correct.get_by_role("button", name="To here")).to_contain_text("ends at 0.33 s")
    assert parse_marks(api, done)["stages"] == []
    result.keyboard.press("Escape")
    expect(result.get_by_role("button", name="Change Slumped")).to_be_focused()
    assert listed(result) == AS_FOUND


def test_a_posture_that_a_report_names_stays(phone: Page, api: httpx.Client, done: DoneAnalyses):
    put(api, done, {"reports": [{"stage": "chin_to_chest", "level": 3}]})
    opened(phone, done)
    correct = panel(phone, "Change Chin to chest")
    correct.get_by_role("button", name="Remove").click()
    expect(correct.get_by_role("alert")).to_contain_text("Something is marked as felt in “Chin to chest”")
    assert parse_marks(api, done)["stages"] == []


def test_postures_that_do_not_fit_the_clip_are_told_and_kept(phone: Page, api: httpx.Client, done: DoneAnalyses):
    put(api, done, {"reports": [{"stage": "no such stage", "level": 3}]})
    opened(phone, done)
    correct = panel(phone, "Change Chin to chest")
    correct.get_by_role("button", name="Remove").click()
    expect(phone.get_by_role("status").filter(has_text="no such stage")).to_be_visible(timeout=MEASURED_MS)
    assert [one["name"] for one in parse_marks(api, done)["stages"]] == ["slump"]


def test_the_keyboard_alone_corrects_a_posture(result: Page, api: httpx.Client, done: DoneAnalyses):
    a_frame_later_s = (int(stages_of(api, done)[1][2] * 30 + 0.01) + 1) / 30
    change = result.get_by_role("button", name="Change Slumped")
    change.focus()
    result.keyboard.press("Enter")
    expect(result.locator(".stage-panel").get_by_role("heading")).to_be_focused()
    for name in ("Close", "Start one frame earlier", "From here", "Start one frame later"):
        result.keyboard.press("Tab")
        expect(result.locator(".stage-panel").get_by_role("button", name=name)).to_be_focused()
    result.keyboard.press("Enter")
    expect(result.locator("#live")).to_have_text(f"starts at {a_frame_later_s:.2f} s")
    saved(result, result.locator(".stage-panel").get_by_role("button", name="Save"))
    assert stages_of(api, done)[1][2] == pytest.approx(a_frame_later_s, abs=0.001)


def test_what_was_before_the_test_is_kept_beside_the_rest(result: Page, api: httpx.Client, done: DoneAnalyses):
    card = result.locator("details", has_text="Before the test").filter(has=result.get_by_label("Fine up to"))
    card.get_by_text("Before the test").click()
    expect(card.get_by_label("Fine up to")).to_have_value("2")
    put(api, done, {"clinician": "Dr Lee", "reports": [{"at_s": 1, "level": 2}]})  # another page, meanwhile
    card.get_by_label("Before it starts").select_option("3")
    card.get_by_label("What they can keep doing").fill(" walks ")
    card.get_by_role("button", name="Save").click()
    expect(card.get_by_text("3 of 10 before it starts")).to_be_visible()
    marks = parse_marks(api, done)
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
    assert parse_marks(api, done)["baseline_level"] is None


def felt(page: Page, level: int) -> None:
    """Mark something felt, up to the press that saves it."""
    page.get_by_role("button", name="Felt here").click()
    page.get_by_role("button", name="Choose from a list").click()
    page.get_by_role("dialog").get_by_label(str(level), exact=True).check(force=True)
    page.get_by_role("dialog").get_by_role("button", name="Save").click()


def test_two_pages_that_write_at_once_lose_nothing(result: Page, api: httpx.Client, done: DoneAnalyses):
    path = f"/v1/analyses/{done.slump}/marks"
    elsewhere = [{"at_s": 1, "level": 1}, {"at_s": 1, "level": 2}]

    def late(route: Route) -> None:
        """Twice another page puts its marks after this one has read them, and before it puts its own."""
        if route.request.method == "PUT" and elsewhere:
            now = api.get(path).json()
            reports = [*now["reports"], elsewhere.pop()]
            assert api.put(path, json=now | {"reports": reports}).status_code == 200
        route.continue_()

    result.route(f"**{path}", late)
    felt(result, 5)
    expect(result.get_by_role("button", name=re.compile("^Remove: 5 of 10"))).to_be_visible()
    assert sorted(one["level"] for one in parse_marks(api, done)["reports"]) == [1, 2, 5]


def test_a_page_that_is_always_too_late_says_so_and_keeps_what_was_chosen(
    result: Page, api: httpx.Client, done: DoneAnalyses
):
    path = f"/v1/analyses/{done.slump}/marks"
    tried = []

    def late(route: Route) -> None:
        if route.request.method == "PUT":
            tried.append(route.request.headers["if-match"])
            route.fulfill(status=412, content_type="application/problem+json", body='{"detail": "If-Match"}')
        else:
            route.continue_()

    result.route(f"**{path}", late)
    felt(result, 5)
    expect(result.get_by_role("dialog").get_by_role("alert").last).to_contain_text("try again")
    assert 2 <= len(tried) <= 10
    expect(result.get_by_role("dialog").get_by_label("5", exact=True)).to_be_checked()
    result.unroute(f"**{path}")
    result.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(result.get_by_role("button", name=re.compile("^Remove: 5 of 10"))).to_be_visible()
