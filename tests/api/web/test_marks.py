"""What a client reports, and the questions before a test, entered on the phone."""

import re

from playwright.sync_api import Page, expect

from tests.api.web.conftest import DoneAnalyses
from tests.api.web.serving import RunningService, wait_for, wait_until


def test_symptom_report_is_marked_on_the_body_and_enters_the_result(
    result: Page, service: RunningService, done: DoneAnalyses
):
    result.get_by_role("button", name=re.compile("^Rep 1")).click()
    wait_until(result, "!document.querySelector('video').seeking && document.querySelector('video').currentTime > 0.5")
    result.get_by_role("button", name="Felt here").click()
    place = result.evaluate("""async () => {
      const { locateBodyPlaces } = await import('/marks/symptom_marks.js');
      const overlay = await fetch('/v1/analyses/' + location.hash.slice(8) + '/overlay').then((r) => r.json());
      const at = locateBodyPlaces(overlay, +document.querySelector('[role=slider]').ariaValueNow).thigh;
      const box = document.querySelector('.lines').getBoundingClientRect();
      return [box.left + at[0] / overlay.width_px * box.width, box.top + at[1] / overlay.height_px * box.height];
    }""")
    result.mouse.click(*place)
    sheet = result.get_by_role("dialog", name="What was felt")
    expect(sheet.get_by_label("Thigh")).to_be_checked()
    sheet.get_by_role("button", name="Save").click()
    expect(sheet.get_by_role("alert")).to_contain_text("Choose a number")
    sheet.get_by_label("4", exact=True).check(force=True)
    sheet.get_by_label("A stretch").check(force=True)
    sheet.get_by_role("button", name="Save").click()
    line = result.get_by_role("button", name=re.compile("^4 of 10, thigh, a stretch"))
    expect(line).to_be_visible()
    with service.open_api("anna") as api:
        wait_for(lambda: len(api.get(f"/v1/analyses/{done.later}/marks").json()["reports"]) == 1)
        reports = api.get(f"/v1/analyses/{done.later}/marks").json()["reports"]
        assert [(one["level"], one["where"], one["word"]) for one in reports] == [(4, "thigh", "stretch")]
        expect(result.get_by_text("Updating the result with what was felt")).to_have_count(0, timeout=60_000)
        reported = api.get(f"/v1/analyses/{done.later}/result").json()["measures"]["reported"]
        assert [one["level"] for one in reported] == [4]
    result.get_by_role("button", name=re.compile("^Remove: 4 of 10")).click()
    expect(line).to_have_count(0)
    expect(result.get_by_text("Updating the result with what was felt")).to_have_count(0, timeout=60_000)


def test_marks_of_another_page_or_not_loaded_are_never_overwritten(
    phone: Page, service: RunningService, done: DoneAnalyses
):
    path = f"/v1/analyses/{done.earlier}/marks"
    with service.open_api("anna") as api:
        phone.route(f"**{path}", lambda route: route.abort())
        phone.goto(f"/#/clips/{done.earlier}")
        expect(phone.get_by_text("could not be loaded")).to_be_visible()
        expect(phone.get_by_role("button", name="Felt here")).to_have_count(0)
        phone.unroute(f"**{path}")
        phone.reload()
        mark = phone.get_by_role("button", name="Felt here")
        expect(mark).to_be_visible()
        elsewhere = {"at_s": 1, "level": 2, "where": "back"}
        assert api.put(path, json={"reports": [elsewhere]}).status_code == 200
        mark.click()
        phone.get_by_role("button", name="Choose from a list").click()
        phone.get_by_role("dialog").get_by_label("5", exact=True).check(force=True)
        phone.get_by_role("dialog").get_by_role("button", name="Save").click()
        expect(phone.get_by_role("button", name=re.compile("^Remove: 5 of 10"))).to_be_visible()
        wait_for(lambda: [one["level"] for one in api.get(path).json()["reports"]] == [2, 5])
        api.put(path, json={})


def test_screening_questions_come_first_until_answered(phone: Page, service: RunningService, done: DoneAnalyses):
    phone.goto(f"/#/clips/{done.slump}")
    questions = phone.get_by_role("region", name="Questions first")
    expect(questions).to_be_visible()
    for group in questions.get_by_role("group").all():
        group.get_by_label("No", exact=True).check(force=True)
    questions.get_by_role("button", name="Save the answers").click()
    expect(phone.get_by_text("Screening questions: answered")).to_be_visible(timeout=60_000)
    expect(questions).to_have_count(0)
    with service.open_api("anna") as api:  # other tests find the questions again
        assert api.put(f"/v1/analyses/{done.slump}/marks", json={}).status_code == 200
        wait_for(lambda: not api.get(f"/v1/analyses/{done.slump}").json()["remeasuring"], within_s=240)
