"""The page's own arithmetic with answers worked out by hand, and the words it speaks; in the browser that runs it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from analyzer.coaching.language import check
from analyzer.coaching.marks import marks_of
from tests.api.web.serving import Serving

Run = Callable[[str, str], Any]


@pytest.fixture(scope="module")
def run(browser: Browser, service: Serving) -> Iterator[Run]:
    """Evaluate an expression with everything that a module exports."""
    page = browser.new_page()
    page.goto(service.base + "/#/sign-in")

    def evaluate(module: str, expression: str) -> Any:
        return page.evaluate(f"import('/{module}').then((m) => {{ return ({expression}); }})")

    yield evaluate
    page.close()


@pytest.mark.parametrize(("time", "frame"), [(-1, 0), (0, 0), (0.09, 0), (0.1, 1), (0.35, 1), (0.4, 2), (9, 2)])
def test_the_frame_on_screen_is_the_last_that_has_begun(run: Run, time: float, frame: int):
    assert run("player.js", f"m.frameAt([0, 0.1, 0.4], {time})") == frame


def test_a_seek_lands_well_within_its_frame_also_where_only_every_fourth_frame_is_told(run: Run):
    times = [0, 4 / 240, 8 / 240]
    for index in range(3):
        assert times[index] < run("player.js", f"m.within({times}, {index})") < times[index] + 1 / 240


@pytest.mark.parametrize(
    ("time", "other", "slope"), [(0.5, 1.5, 1), (2, 3.5, 1.5), (3, 5, 1.5), (4, 5.5, 0.5), (6, 7, 1)]
)
def test_clips_are_tied_at_start_turn_and_end(run: Run, time: float, other: float, slope: float):
    pairs = run("instep.js", "m.pairsOf([[1, 3, 5]], [[2, 5, 6]])")
    assert pairs == [[1, 2], [3, 5], [5, 6]]
    got = run("instep.js", f"m.across({pairs}, {time})")
    assert (got["time"], got["slope"]) == pytest.approx((other, slope))


def test_reps_that_one_clip_lacks_are_left_out(run: Run):
    assert run("instep.js", "m.pairsOf([[1, 2, 3], [4, 5, 6]], [[1, 2, 3]])") == [[1, 1], [2, 2], [3, 3]]
    assert run("instep.js", "m.pairsOf([], [[1, 2, 3]])") == []


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [("[0, 82, null]", 0, 90), ("[-3, 2]", -20, 10), ("[5, 5]", -10, 20), ("[-90, 180]", -90, 180)],
)
def test_the_scale_holds_every_value_and_ends_on_round_numbers(run: Run, values: str, low: int, high: int):
    scale = run("chart.js", f"m.scaleOf({values})")
    assert (scale["low"], scale["high"]) == (low, high)
    assert 2 <= len(scale["ticks"]) <= 6


BODY = """{
  width_px: 400, height_px: 400, times_s: [0, 1], back: null,
  names: ["near_shoulder", "near_hip", "near_knee", "near_ankle", "far_hip"],
  near: [true, true, true, true, false],
  points_px: [[[200, 100], [200, 200], [200, 280], [200, 360], [90, 90]], [null, null, null, null, null]],
}"""


@pytest.mark.parametrize(
    ("at", "part"),
    [
        ([195, 150], "back"),
        ([205, 203], "buttock"),
        ([210, 240], "thigh"),
        ([200, 330], "below_knee"),
        ([390, 20], None),
    ],
)
def test_a_tap_means_the_nearest_part_of_the_near_side(run: Run, at: list[int], part: str | None):
    assert run("marks.js", f"m.partAt({BODY}, 0, {at})") == part


def test_a_tap_on_a_frame_where_nobody_was_seen_means_no_part(run: Run):
    assert run("marks.js", f"m.partAt({BODY}, 1, [200, 200])") is None


def test_a_report_is_one_that_the_marks_file_knows(run: Run):
    marks = run(
        "marks.js",
        """m.withReport({ threshold: 3 }, m.reportOf({
          place: { at_s: 2.5 }, level: 4, where: 'thigh', word: '', familiar: false, on_release: null,
        }))""",
    )
    assert marks == {"threshold": 3, "reports": [{"at_s": 2.5, "level": 4, "where": "thigh", "familiar": False}]}
    assert marks_of(marks).reports[0].level == 4
    assert run("marks.js", "m.withoutReport({ reports: [{ level: 1 }, { level: 2 }] }, { level: 1, where: null })") == {
        "reports": [{"level": 2}]
    }


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(61.6, "deg", "62°"), (0.78, "s", "0.8 s"), (27.4, "pct", "27 %"), (1.06, "share", "106 %")],
)
def test_means_are_told_with_their_unit(run: Run, value: float, unit: str, text: str):
    assert run("views/lines.js", f"m.valueText({value}, '{unit}')") == text


def test_the_crop_holds_the_person_in_a_three_to_four_frame(run: Run):
    crop = run("views/compare.js", "m.cropOf([100, 100, 200, 300], { width_px: 960, height_px: 540 })")
    assert crop["width"] / crop["height"] == pytest.approx(0.75)
    assert crop["x"] <= 100 and crop["x"] + crop["width"] >= 200
    assert crop["y"] <= 100 and crop["y"] + crop["height"] >= 300


def test_every_word_is_warm_enough_for_a_client_who_looks_on(run: Run):
    texts = run(
        "words.js",
        """(() => {
      const out = [];
      const walk = (value) => {
        if (typeof value === "string") out.push(value);
        else if (typeof value === "function") out.push(String(value("3", "4", "5", ["down", "up"])));
        else Object.values(value).forEach(walk);
      };
      walk(m.words);
      return out;
    })()""",
    )
    assert len(texts) > 200
    assert [(text, str(hit)) for text in texts for hit in check(text)] == []
    assert [text for text in texts if "undefined" in text or "[object" in text] == []


def test_files_are_told_apart_by_what_is_in_them(run: Run):
    same, other = (
        run(
            "pending.js",
            f"Promise.all([m.fingerprint(new File(['abc'], 'a')), m.fingerprint(new File(['{text}'], 'b'))])",
        )
        for text in ("abc", "abd")
    )
    assert same[0] == same[1]
    assert other[0] != other[1]
