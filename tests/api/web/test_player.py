"""The video of a result with its lines and its chart: steps, taps, keys, and two clips side by side."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.api.web.conftest import DoneAnalyses
from tests.api.web.serving import RunningService, find_chart_box, wait_until

FRAME = "+document.querySelector('[role=slider]').ariaValueNow"
TIME_S = "document.querySelector('video').currentTime"
RENDERED_FPS = 30


def wait_for_moment(page: Page, time_s: float, within_s: float = 0.05) -> None:
    """Wait until the video rests at a time, and the chart shows the same."""
    is_there = f"Math.abs({FRAME} / {RENDERED_FPS} - {time_s}) <= {within_s}"
    wait_until(page, f"!document.querySelector('video').seeking && {is_there}")


def test_frame_steps_follow_the_frame_times(result: Page):
    times = result.evaluate(
        "fetch(`/v1/analyses/${location.hash.slice(8)}/overlay`).then((one) => one.json()).then((one) => one.times_s)"
    )
    on, back = result.get_by_label("One frame forward"), result.get_by_label("One frame back")
    for _ in range(5):
        on.click()
    back.click()
    wait_until(result, f"!document.querySelector('video').seeking && {FRAME} === 4")
    shown = result.evaluate(TIME_S)
    assert times[4] <= shown < times[5]


def test_chart_follows_slow_playback(result: Page):
    result.get_by_label("Speed").click()
    result.get_by_label("Speed").click()
    assert result.evaluate("document.querySelector('video').playbackRate") == 0.25
    result.get_by_label("Play", exact=True).click()
    wait_until(result, f"{FRAME} > 8")
    result.get_by_label("Pause", exact=True).click()
    wait_until(result, "document.querySelector('video').paused")
    wait_until(result, f"Math.abs({FRAME} / {RENDERED_FPS} - {TIME_S}) < 0.1")


def test_tap_on_a_rep_in_the_chart_goes_to_its_turn(result: Page, service: RunningService, done: DoneAnalyses):
    with service.open_api("anna") as api:
        rep = api.get(f"/v1/analyses/{done.later}/result").json()["reps"][1]
    box = find_chart_box(result)
    share = (rep["start_s"] + 0.3) / 7.77
    result.mouse.click(box["x"] + 36 + share * (box["width"] - 44), box["y"] + 12)
    wait_for_moment(result, rep["bottom_s"])
    result.get_by_label("Angle", exact=True).locator("select").select_option(label="Trunk inclination")
    expect(result.locator(".readout")).to_have_text(re.compile(r"^6\d° · 5\.\d\d\ss$"))


def test_drag_on_the_chart_moves_the_video(result: Page):
    box = find_chart_box(result)
    result.mouse.move(box["x"] + 60, box["y"] + 100)
    result.mouse.down()
    result.mouse.move(box["x"] + box["width"] - 30, box["y"] + 100, steps=4)
    result.mouse.up()
    wait_until(result, f"{TIME_S} > 6.5")


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
    expect(values.locator(".quiet")).to_have_text(["Trunk-thigh", "Trunk lean", "Back", "Knee bend"])
    fold = next(one for one in analysis["key_measures"] if one["id"] == "hinge.fold")["per_rep"][1]
    expect(values.first.locator("strong")).to_have_text(f"{fold:.0f}°")
    rep.get_by_role("button", name=re.compile("^Rep 2")).click()
    wait_for_moment(result, analysis["reps"][1]["bottom_s"])


def test_lines_are_drawn_and_can_be_hidden(result: Page):
    ink = """(() => {
      const canvas = document.querySelector('.lines');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, i) => i % 4 === 3 && value > 0).length;
    })()"""
    wait_until(result, f"{ink} > 1000")
    all_lines = result.evaluate(ink)
    result.get_by_role("button", name="Skeleton").click()
    wait_until(result, f"0 < {ink} && {ink} < {all_lines}")
    result.get_by_role("button", name="Back line").click()
    wait_until(result, f"{ink} === 0")


def test_player_works_by_keyboard_alone(result: Page):
    result.locator(".picture").focus()
    result.keyboard.press("ArrowRight")
    result.keyboard.press("ArrowRight")
    wait_until(result, f"{FRAME} === 2")
    result.get_by_role("slider").focus()
    result.keyboard.press("End")
    wait_until(result, f"{FRAME} > 200")
    result.keyboard.press("Home")
    wait_until(result, f"{FRAME} === 0")


def test_compared_clips_play_in_step(phone: Page, done: DoneAnalyses, service: RunningService):
    phone.goto(f"/#/clips/{done.later}")
    phone.get_by_role("button", name="Compare").click()
    phone.get_by_role("dialog").get_by_role("link", name="Hip hinge").click()
    expect(phone.get_by_role("heading", name="Side by side")).to_be_visible()
    expect(phone.get_by_role("heading", name="What changed")).to_be_visible()
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
    # A machine that is busy shows one of them late for a moment.
    played_s = f"[...document.querySelectorAll('video')].map((one, i) => one.currentTime - [{first}, {second}][i])"
    wait_until(phone, f"(([a, b]) => a > 0.4 && Math.abs(a - b) < 0.4)({played_s})")
