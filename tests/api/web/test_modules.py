"""Functions of the page, run in the browser: answers worked out on paper."""

import json

import pytest

from analyzer.coaching.marks import parse_marks
from tests.api.web.conftest import Run

MARKS = "marks/symptom_marks.js"
PLAYBACK = "player/synced_playback.js"


@pytest.mark.parametrize(("time", "frame"), [(-1, 0), (0, 0), (0.09, 0), (0.1, 1), (0.35, 1), (0.4, 2), (9, 2)])
def test_frame_on_screen_is_the_last_that_has_begun(run: Run, time: float, frame: int):
    assert run("player/frame_player.js", f"m.findFrame([0, 0.1, 0.4], {time})") == frame


def test_seek_lands_within_its_frame_even_if_only_every_fourth_frame_is_listed(run: Run):
    times = [0, 4 / 240, 8 / 240]
    for index in range(3):
        assert times[index] < run("player/frame_player.js", f"m.getSeekTime({times}, {index})") < times[index] + 1 / 240


@pytest.mark.parametrize(
    ("time", "other", "slope"), [(0.5, 1.5, 1), (2, 3.5, 1.5), (3, 5, 1.5), (4, 5.5, 0.5), (6, 7, 1)]
)
def test_clips_are_synchronised_at_start_turn_and_end(run: Run, time: float, other: float, slope: float):
    pairs = run(PLAYBACK, "m.pairAnchors([[1, 3, 5]], [[2, 5, 6]])")
    assert pairs == [[1, 2], [3, 5], [5, 6]]
    got = run(PLAYBACK, f"m.mapTime({pairs}, {time})")
    assert (got["time"], got["slope"]) == pytest.approx((other, slope))


def test_reps_missing_in_one_clip_are_left_out(run: Run):
    assert run(PLAYBACK, "m.pairAnchors([[1, 2, 3], [4, 5, 6]], [[1, 2, 3]])") == [
        [1, 1],
        [2, 2],
        [3, 3],
    ]
    assert run(PLAYBACK, "m.pairAnchors([], [[1, 2, 3]])") == []


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [("[0, 82, null]", 0, 90), ("[-3, 2]", -20, 10), ("[5, 5]", -10, 20), ("[-90, 180]", -90, 180)],
)
def test_chart_scale_contains_all_values_and_ends_on_round_numbers(run: Run, values: str, low: int, high: int):
    scale = run("player/angle_chart.js", f"m.computeScale({values})")
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
def test_tap_selects_the_nearest_place_of_the_near_side(run: Run, at: list[int], part: str | None):
    assert run(MARKS, f"m.findBodyPlace({BODY}, 0, {at})") == part


def test_tap_on_a_frame_without_landmarks_selects_no_place(run: Run):
    assert run(MARKS, f"m.findBodyPlace({BODY}, 1, [200, 200])") is None


def test_symptom_report_has_the_format_of_the_marks_file(run: Run):
    marks = run(
        MARKS,
        """m.addReport({ threshold: 3 }, m.createReport({
          moment: { at_s: 2.5 }, level: 4, where: 'thigh', word: '', familiar: false, on_release: null,
        }))""",
    )
    assert marks == {"threshold": 3, "reports": [{"at_s": 2.5, "level": 4, "where": "thigh", "familiar": False}]}
    assert parse_marks(marks).reports[0].level == 4
    assert run(MARKS, "m.removeReport({ reports: [{ level: 1 }, { level: 2 }] }, { level: 1, where: null })") == {
        "reports": [{"level": 2}]
    }


def test_setting_and_removing_fields_of_marks_keeps_the_rest(run: Run):
    marks = {"threshold": 3, "clinician": "Dr Lee", "reports": []}
    changed = run(MARKS, f"m.setFields({marks}, {{ baseline_level: 1, clinician: null }})")
    assert changed == {"threshold": 3, "reports": [], "baseline_level": 1}
    assert run(MARKS, "m.setCorrectedStages({ threshold: 3, stages: [1] }, [])") == {"threshold": 3}


def test_corrected_stages_of_other_movements_stay(run: Run):
    here, there = {"name": "slump", "movement": "slump"}, {"name": "down", "movement": "toe_touch"}
    marks = json.dumps({"stages": [here, there, {"name": "tall"}]})
    assert run(MARKS, f"m.getCorrectedStages({marks}, 'slump')") == [here, {"name": "tall"}]
    changed = run(MARKS, f"m.setCorrectedStages({marks}, [{{ name: 'return' }}], 'slump')")
    assert changed == {"stages": [there, {"name": "return", "movement": "slump"}]}
    assert run(MARKS, f"m.setCorrectedStages({marks}, [], 'slump')") == {"stages": [there]}


def test_only_changed_details_are_sent(run: Run):
    now = "{ client: null, load_kg: 20, note: 'tired' }"
    wanted = "{ client: null, load_kg: 25, note: null, variant: null }"
    assert run("views/result/clip_details.js", f"m.getChangedFields({now}, {wanted})") == {"load_kg": 25, "note": None}


def test_crop_contains_the_person_at_three_to_four(run: Run):
    crop = run("views/comparison.js", "m.computeCrop([100, 100, 200, 300], { width_px: 960, height_px: 540 })")
    assert crop["width"] / crop["height"] == pytest.approx(0.75)
    assert crop["x"] <= 100 and crop["x"] + crop["width"] >= 200
    assert crop["y"] <= 100 and crop["y"] + crop["height"] >= 300


def test_fingerprint_depends_on_the_content(run: Run):
    same, other = (
        run(
            "upload/pending_uploads.js",
            f"Promise.all(['abc', '{content}'].map((one) => m.computeFingerprint(new File([one], 'a'))))",
        )
        for content in ("abc", "abd")
    )
    assert same[0] == same[1]
    assert other[0] != other[1]
