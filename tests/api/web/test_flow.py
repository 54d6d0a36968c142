"""One clip on a phone from upload to deletion: its result, marks, comparison, share link and files."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.api.web.conftest import DoneAnalyses, OpenSignedIn
from tests.api.web.serving import RunningService, find_chart_box, wait_until
from tests.cut_clips import cut_piece

LONG_MS = 240_000  # an analysis on a machine that is busy with other tests


@pytest.fixture
def result(phone: Page, done: DoneAnalyses) -> Page:
    """Open the result of the later hinge on the phone."""
    phone.goto(f"/#/clips/{done.later}")
    expect(phone.get_by_role("heading", name="Hip hinge")).to_be_visible()
    wait_until(phone, "document.querySelector('video').readyState >= 2")
    return phone


def read_frame_index(page: Page) -> int:
    return int(page.get_by_role("slider").get_attribute("aria-valuenow"))


def test_clip_is_chosen_uploaded_followed_and_shown(phone: Page, samples: Path, tmp_path: Path):
    clip = cut_piece(samples / "hinge_neutral.mp4", tmp_path / "hinge.mp4", 4.2)  # the first of its reps
    phone.goto("/#/")
    phone.get_by_text("Details").first.click()
    phone.get_by_label("Client", exact=True).select_option(label="New client…")
    phone.get_by_label("Name of the new client").fill("Robin")
    phone.get_by_label("Load in kg").fill("12,5")
    phone.get_by_label("Note").fill("first time")
    phone.set_input_files("input[type=file]:not([capture])", clip)
    expect(phone.get_by_role("heading", name="Looking at the clip")).to_be_visible(timeout=20_000)
    expect(phone.locator(".status")).not_to_have_text("")
    expect(phone.get_by_text(re.compile(r"^\d+ of \d+"))).to_be_visible(timeout=LONG_MS)
    expect(phone.get_by_role("heading", name="Hip hinge")).to_be_visible(timeout=LONG_MS)
    expect(phone.get_by_role("heading", name="What you can do")).to_be_visible()
    phone.get_by_text("About this clip").click()
    expect(phone.get_by_text("12.5 kg", exact=True)).to_be_visible()
    phone.goto("/#/clients")
    phone.get_by_role("link", name="Robin").click()
    expect(phone.locator(".clip-row").get_by_role("link", name="Hip hinge")).to_be_visible()
    expect(phone.get_by_role("region", name="What you can train")).to_contain_text("12.5 kg")
    expect(phone.get_by_role("heading", name="Today")).to_be_visible()


def test_what_they_can_do_comes_before_what_to_try(result: Page):
    headings = result.get_by_role("heading", level=2).all_inner_texts()
    assert headings.index("What you can do") < headings.index("One thing to try")
    assert result.locator(".lead").inner_text().splitlines()[-1] in result.locator(".can").inner_text()


def test_key_measures_stand_above_the_video_and_tell_a_rounded_from_a_flat_back(result: Page, done: DoneAnalyses):
    back = result.locator("[data-measure='hinge.back']")
    expect(back.locator("strong")).to_have_text(re.compile(r"^.?\d°$"))
    result.goto(f"/#/clips/{done.earlier}")
    expect(back.locator("strong")).to_have_text([re.compile(r"^3\d°$"), "rounded"])
    tiles, video = result.locator(".tile"), result.locator("video").bounding_box()
    boxes = [tile.bounding_box() for tile in tiles.all()]
    bar = result.locator(".transport").bounding_box()
    assert video and bar and len(boxes) == 5
    assert all(box and box["y"] + box["height"] <= video["y"] and box["height"] >= 44 for box in boxes)
    assert video["y"] + video["height"] / 2 < bar["y"]  # half of the video is in view with them


def test_key_measures_come_before_the_questions_of_a_slump(phone: Page, done: DoneAnalyses):
    phone.goto(f"/#/clips/{done.slump}")
    expect(phone.locator(".tile").first).to_be_visible()
    order = phone.locator("[data-measure='slump.trunk'], video, .questions").evaluate_all(
        "nodes => nodes.map((node) => node.className.split(' ')[0] || node.localName)"
    )
    assert order == ["tile", "video", "card"]


def test_frame_steps_follow_the_frame_times(result: Page):
    times = result.evaluate(
        "fetch(`/v1/analyses/${location.hash.slice(8)}/overlay`).then((one) => one.json()).then((one) => one.times_s)"
    )
    on, back = result.get_by_label("One frame forward"), result.get_by_label("One frame back")
    for _ in range(5):
        on.click()
    back.click()
    wait_until(result, "!document.querySelector('video').seeking")
    assert read_frame_index(result) == 4
    shown = result.evaluate("document.querySelector('video').currentTime")
    assert times[4] <= shown < times[5]


def test_chart_follows_slow_playback(result: Page):
    result.get_by_label("Speed").click()
    result.get_by_label("Speed").click()
    assert result.evaluate("document.querySelector('video').playbackRate") == 0.25
    result.get_by_label("Play", exact=True).click()
    wait_until(result, "+document.querySelector('[role=slider]').ariaValueNow > 8")
    result.get_by_label("Pause", exact=True).click()
    wait_until(result, "document.querySelector('video').paused")
    at = read_frame_index(result)
    shown_s = result.evaluate("document.querySelector('video').currentTime")
    assert abs(at / 30 - shown_s) < 0.1


def test_tap_on_a_rep_in_the_chart_goes_to_its_turn(result: Page, service: RunningService, done: DoneAnalyses):
    with service.open_api("anna") as api:
        rep = api.get(f"/v1/analyses/{done.later}/result").json()["reps"][1]
    box = find_chart_box(result)
    share = (rep["start_s"] + 0.3) / 7.77
    result.mouse.click(box["x"] + 36 + share * (box["width"] - 44), box["y"] + 12)
    assert abs(read_frame_index(result) / 30 - rep["bottom_s"]) <= 0.05
    result.get_by_label("Angle", exact=True).locator("select").select_option(label="Trunk inclination")
    expect(result.locator(".readout")).to_have_text(re.compile(r"^6\d° · 5\.\d\d\ss$"))


def test_drag_on_the_chart_moves_the_video(result: Page):
    box = find_chart_box(result)
    result.mouse.move(box["x"] + 60, box["y"] + 100)
    result.mouse.down()
    result.mouse.move(box["x"] + box["width"] - 30, box["y"] + 100, steps=4)
    result.mouse.up()
    wait_until(result, "document.querySelector('video').currentTime > 6.5")


def test_tap_on_a_key_measure_charts_its_angle_in_view(result: Page):
    tile = result.get_by_role("button", name=re.compile(r"^Trunk lean \d+° \d+ to \d+\b"))
    result.evaluate("scrollTo(0, 0)")
    tile.click()
    chart = result.get_by_role("region", name="Angle")
    expect(chart.locator("select")).to_have_value("trunk_inclination_deg")
    wait_until(result, IS_CHART_IN_VIEW)
    result.get_by_role("button", name=re.compile(r"^Time up")).click()
    expect(chart.locator("select")).to_have_value("trunk_thigh_deg")  # a time has no angle: the main one of a hinge


IS_CHART_IN_VIEW = """(() => {
  const chart = document.querySelector('.chart').getBoundingClientRect();
  const bar = document.querySelector('.transport').getBoundingClientRect();
  const top = document.querySelector('.top').getBoundingClientRect();
  return chart.top >= top.bottom - 1 && chart.bottom <= bar.top + 1;
})()"""


def test_each_rep_lists_its_key_measures_and_a_tap_shows_its_turn(
    result: Page, service: RunningService, done: DoneAnalyses
):
    with service.open_api("anna") as api:
        analysis = api.get(f"/v1/analyses/{done.later}/result").json()
    rep = result.locator(".event", has_text="Rep 2")
    values = rep.locator(".event-values > span")
    expect(values.locator(".quiet")).to_have_text(["Hip fold", "Trunk lean", "Back", "Knee bend"])
    fold = next(one for one in analysis["key_measures"] if one["id"] == "hinge.fold")["per_rep"][1]
    expect(values.first.locator("strong")).to_have_text(f"{fold:.0f}°")
    rep.get_by_role("button", name=re.compile("^Rep 2")).click()
    wait_until(result, "!document.querySelector('video').seeking")
    assert abs(read_frame_index(result) / 30 - analysis["reps"][1]["bottom_s"]) <= 0.05


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
    assert result.locator(".tile .since").count() == len(items)
    result.get_by_role("link", name="Changes since").click()
    expect(result.get_by_role("heading", name="What changed")).to_be_visible(timeout=15_000)
    row = result.locator(".key-change", has_text="Back, change from tall")
    expect(row.locator(".badge")).to_have_text(re.compile(r"°, better$"))
    expect(row.locator(".quiet")).to_have_text(re.compile(r"^.+ → .+, counts from 12°$"))


def test_the_first_clip_of_a_client_has_no_change(phone: Page, done: DoneAnalyses):
    with phone.expect_response(f"**/v1/analyses/{done.earlier}/changes"):
        phone.goto(f"/#/clips/{done.earlier}")
    expect(phone.locator(".tile").first).to_be_visible()
    assert phone.locator(".since").count() == 0


def test_lines_are_drawn_and_can_be_hidden(result: Page):
    count_ink = """() => {
      const canvas = document.querySelector('.lines');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, i) => i % 4 === 3 && value > 0).length;
    }"""
    all_lines = result.evaluate(count_ink)
    assert all_lines > 1000
    result.get_by_role("button", name="Skeleton").click()
    back_alone = result.evaluate(count_ink)
    assert 0 < back_alone < all_lines
    result.get_by_role("button", name="Back line").click()
    assert result.evaluate(count_ink) == 0


def test_player_works_by_keyboard_alone(result: Page):
    result.locator(".picture").focus()
    result.keyboard.press("ArrowRight")
    result.keyboard.press("ArrowRight")
    assert read_frame_index(result) == 2
    result.get_by_role("slider").focus()
    result.keyboard.press("End")
    assert read_frame_index(result) > 200
    result.keyboard.press("Home")
    assert read_frame_index(result) == 0


def test_symptom_report_is_marked_on_the_body_and_enters_the_result(
    result: Page, service: RunningService, done: DoneAnalyses
):
    result.get_by_role("button", name=re.compile("^Rep 1")).click()
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
        assert [one["level"] for one in api.get(path).json()["reports"]] == [2, 5]
        api.put(path, json={})


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


def test_invalid_load_is_reported_before_filming(phone: Page):
    phone.goto("/#/")
    phone.get_by_text("Details").first.click()
    phone.get_by_label("Load in kg").fill("12 kg")
    phone.get_by_role("link", name="Film").click()
    expect(phone.get_by_role("alert")).to_contain_text("number in kilograms")
    expect(phone.get_by_role("heading", name="New clip")).to_be_visible()


def test_screening_questions_come_first_until_answered(phone: Page, done: DoneAnalyses):
    phone.goto(f"/#/clips/{done.slump}")
    questions = phone.get_by_role("region", name="Questions first")
    expect(questions).to_be_visible()
    for group in questions.get_by_role("group").all():
        group.get_by_label("No", exact=True).check(force=True)
    questions.get_by_role("button", name="Save the answers").click()
    expect(phone.get_by_text("Questions before the test: answered")).to_be_visible(timeout=60_000)
    expect(questions).to_have_count(0)


def test_compared_clips_play_in_step(phone: Page, done: DoneAnalyses, service: RunningService):
    phone.goto(f"/#/clips/{done.later}")
    phone.get_by_role("button", name="Compare").click()
    phone.get_by_role("dialog").get_by_role("link", name="Hip hinge").click()
    expect(phone.get_by_role("heading", name="Side by side")).to_be_visible()
    expect(phone.get_by_role("heading", name="What changed")).to_be_visible(timeout=20_000)
    phone.goto(f"/#/compare/{done.earlier}/{done.later}")
    with service.open_api("anna") as api:
        first, second = (
            api.get(f"/v1/analyses/{id}/result").json()["reps"][1]["bottom_s"] for id in (done.earlier, done.later)
        )
    phone.get_by_role("button", name="Rep 2").click()
    wait_until(phone, "[...document.querySelectorAll('video')].every((one) => one.currentTime > 1 && !one.seeking)")
    times = phone.eval_on_selector_all("video", "all => all.map((one) => one.currentTime)")
    assert times == pytest.approx([first, second], abs=0.05)
    phone.get_by_label("Play", exact=True).click()
    wait_until(phone, f"document.querySelector('video').currentTime > {first + 0.4}")
    a, b = phone.eval_on_selector_all("video", "all => all.map((one) => one.currentTime)")
    assert abs((a - first) - (b - second)) < 0.4


def test_share_link_opens_without_sign_in_until_revoked(phone: Page, done: DoneAnalyses, browser):
    phone.goto(f"/#/clips/{done.later}")
    phone.get_by_role("button", name="Share").click()
    sheet = phone.get_by_role("dialog", name="Share with the client")
    sheet.get_by_role("button", name="Create a link").click()
    link = sheet.get_by_label("Link", exact=True).input_value()
    expect(sheet.get_by_text("Opens until").first).to_be_visible()
    stranger = browser.new_context().new_page()
    assert stranger.goto(link).status == 200
    expect(stranger.get_by_role("heading", name="What you can do")).to_be_visible()
    sheet.get_by_role("button", name="Revoke").click()
    expect(sheet.get_by_role("button", name="Revoke")).to_have_count(0)
    assert stranger.goto(link).status == 404
    stranger.context.close()


def test_files_can_be_downloaded(result: Page):
    with result.expect_download() as download:
        result.get_by_role("link", name="Angles as a table").click()
    assert download.value.suggested_filename.endswith(".csv")
    assert Path(download.value.path()).read_text().startswith("frame,time_s")
    with result.expect_popup() as popup:
        result.get_by_role("link", name="Report", exact=True).click()
    expect(popup.value.get_by_role("heading", name="For the coach")).to_be_visible()


def test_deleting_asks_first(phone: Page, service: RunningService, samples: Path, tmp_path: Path):
    with service.open_api("anna") as api:
        id = service.wait_for_result(
            api, service.send_clip(api, cut_piece(samples / "plank.mp4", tmp_path / "short.mp4", 1.2), movement="plank")
        )
    phone.goto(f"/#/clips/{id}")
    phone.get_by_role("button", name="Delete").click()
    phone.get_by_role("dialog").get_by_role("button", name="Keep it").click()
    phone.get_by_role("button", name="Delete").click()
    phone.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(phone.get_by_role("heading", name="Clips", exact=True)).to_be_visible()
    with service.open_api("anna") as api:
        assert api.get(f"/v1/analyses/{id}").status_code == 404


def test_unreadable_clip_is_explained(phone: Page, tmp_path: Path):
    text = tmp_path / "notes.mp4"
    text.write_text("ffconcat version 1.0\nfile /etc/passwd\n")
    phone.goto("/#/")
    phone.set_input_files("input[type=file]:not([capture])", text)
    alert = phone.get_by_role("alert")
    expect(alert).to_contain_text("notes.mp4", timeout=20_000)
    expect(alert).not_to_contain_text("passwd")
    phone.get_by_role("button", name="Stop sending").click()
    phone.get_by_role("dialog").get_by_role("button", name="Stop sending").click()
    expect(phone.get_by_role("heading", name="New clip")).to_be_visible()
    expect(phone.get_by_text("Still sending")).to_have_count(0)


def test_picture_is_refused_at_once(phone: Page):
    phone.goto("/#/")
    phone.set_input_files(
        "input[type=file]:not([capture])", {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": b"x"}
    )
    expect(phone.get_by_role("alert")).to_contain_text("does not look like a video")


def test_still_gif_is_refused_by_the_service(phone: Page):
    still = io.BytesIO()
    Image.new("L", (8, 8)).save(still, "GIF")
    phone.goto("/#/")
    choose = phone.locator("input[type=file]:not([capture])")
    expect(choose).to_have_attribute("accept", "video/*,image/gif")
    choose.set_input_files({"name": "me.gif", "mimeType": "image/gif", "buffer": still.getvalue()})
    expect(phone.get_by_role("alert")).to_contain_text("me.gif: is a picture, not a video", timeout=20_000)


def test_analysis_can_be_cancelled(phone: Page, service: RunningService, samples: Path):
    with service.open_api("anna") as api:
        id = service.send_clip(api, samples / "plank.mp4")
    phone.goto(f"/#/clips/{id}")
    phone.get_by_role("button", name="Cancel").click()
    phone.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(phone.get_by_role("heading", name="You stopped this one.")).to_be_visible(timeout=10_000)


def test_batch_lists_refused_files_and_has_a_summary(phone: Page, done: DoneAnalyses):
    phone.goto("/#/batches")
    phone.get_by_role("link", name="Monday group").click()
    expect(phone.get_by_role("heading", name="Monday group")).to_be_visible()
    expect(phone.get_by_text("notes.txt")).to_be_visible()
    expect(phone.get_by_text("2 clips were not read")).to_be_visible(timeout=LONG_MS)
    expect(phone.get_by_role("button", name="Stop this batch")).to_have_count(0)
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Summary").click()
    assert "empty.mp4" in Path(download.value.path()).read_text()


def test_batch_is_deleted(phone: Page, service: RunningService):
    with service.open_api("anna") as api:
        sent = api.post("/v1/batches", files={"clips": ("notes.txt", b"hello")}, data={"name": "Tuesday group"}).json()
    phone.goto(f"/#/batches/{sent['id']}")
    phone.get_by_role("button", name="Delete this batch").click()
    phone.get_by_role("dialog").get_by_role("button", name="Delete this batch").click()
    expect(phone.get_by_role("heading", name="Batches")).to_be_visible()
    expect(phone.get_by_role("link", name="Tuesday group")).to_have_count(0)


def test_filming_counts_two_seconds_of_standing_tall(open_signed_in: OpenSignedIn):
    page = open_signed_in(permissions=["camera"]).new_page()
    page.goto("/#/")
    page.get_by_role("link", name="Film").click()
    page.get_by_role("button", name="Start filming").click()
    expect(page.locator(".count")).to_contain_text("Stand tall")
    expect(page.locator(".count")).to_have_text("Go", timeout=10_000)
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Use this clip").click()
    expect(page.get_by_role("heading", name=re.compile("Looking at the clip|could not be read"))).to_be_visible(
        timeout=30_000
    )
