"""The page's own arithmetic with answers worked out by hand, and the words it speaks; in the browser that runs it."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser

from analyzer.coaching.language_check import find_forbidden_words
from analyzer.coaching.marks import parse_marks
from analyzer.coaching.stage_correction import apply_stage_corrections
from analyzer.movements.protocol import Events
from analyzer.movements.slump.corrections import place_spans
from analyzer.movements.slump.thresholds import STAGES, StageSpan
from analyzer.results.schema import Stage
from tests.api.web.serving import run_in_process

Run = Callable[[str, str], Any]

CORRECTIONS = "marks/stage_corrections.js"
MARKS = "marks/symptom_marks.js"
PLAYBACK = "player/synced_playback.js"


@pytest.fixture(scope="module")
def run(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Evaluate an expression with everything that a module exports."""
    with run_in_process(tmp_path_factory.mktemp("modules")) as (_, base), closing(browser.new_page()) as page:
        page.goto(f"{base}/#/sign-in")

        def evaluate(module: str, expression: str) -> Any:
            return page.evaluate(f"import('/{module}').then((m) => {{ return ({expression}); }})")

        yield evaluate


@pytest.mark.parametrize(("time", "frame"), [(-1, 0), (0, 0), (0.09, 0), (0.1, 1), (0.35, 1), (0.4, 2), (9, 2)])
def test_the_frame_on_screen_is_the_last_that_has_begun(run: Run, time: float, frame: int):
    assert run("player/frame_player.js", f"m.findFrame([0, 0.1, 0.4], {time})") == frame


def test_a_seek_lands_well_within_its_frame_also_where_only_every_fourth_frame_is_told(run: Run):
    times = [0, 4 / 240, 8 / 240]
    for index in range(3):
        assert times[index] < run("player/frame_player.js", f"m.getSeekTime({times}, {index})") < times[index] + 1 / 240


@pytest.mark.parametrize(
    ("time", "other", "slope"), [(0.5, 1.5, 1), (2, 3.5, 1.5), (3, 5, 1.5), (4, 5.5, 0.5), (6, 7, 1)]
)
def test_clips_are_tied_at_start_turn_and_end(run: Run, time: float, other: float, slope: float):
    pairs = run(PLAYBACK, "m.pairAnchors([[1, 3, 5]], [[2, 5, 6]])")
    assert pairs == [[1, 2], [3, 5], [5, 6]]
    got = run(PLAYBACK, f"m.mapTime({pairs}, {time})")
    assert (got["time"], got["slope"]) == pytest.approx((other, slope))


def test_reps_that_one_clip_lacks_are_left_out(run: Run):
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
def test_the_scale_holds_every_value_and_ends_on_round_numbers(run: Run, values: str, low: int, high: int):
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
def test_a_tap_means_the_nearest_part_of_the_near_side(run: Run, at: list[int], part: str | None):
    assert run(MARKS, f"m.findBodyPlace({BODY}, 0, {at})") == part


def test_a_tap_on_a_frame_where_nobody_was_seen_means_no_part(run: Run):
    assert run(MARKS, f"m.findBodyPlace({BODY}, 1, [200, 200])") is None


def test_a_report_is_one_that_the_marks_file_knows(run: Run):
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


def test_fields_of_marks_are_changed_and_taken_out_and_the_rest_stays(run: Run):
    marks = {"threshold": 3, "clinician": "Dr Lee", "reports": []}
    changed = run(MARKS, f"m.setFields({marks}, {{ baseline_level: 1, clinician: null }})")
    assert changed == {"threshold": 3, "reports": [], "baseline_level": 1}
    assert run(MARKS, "m.setCorrectedStages({ threshold: 3, stages: [1] }, [])") == {"threshold": 3}


def test_corrected_stages_are_those_of_one_movement_and_the_others_stay(run: Run):
    here, there = {"name": "slump", "movement": "slump"}, {"name": "down", "movement": "toe_touch"}
    marks = json.dumps({"stages": [here, there, {"name": "tall"}]})
    assert run(MARKS, f"m.getCorrectedStages({marks}, 'slump')") == [here, {"name": "tall"}]
    changed = run(MARKS, f"m.setCorrectedStages({marks}, [{{ name: 'return' }}], 'slump')")
    assert changed == {"stages": [there, {"name": "return", "movement": "slump"}]}
    assert run(MARKS, f"m.setCorrectedStages({marks}, [], 'slump')") == {"stages": [there]}


def test_only_details_that_differ_are_sent(run: Run):
    now = "{ client: null, load_kg: 20, note: 'tired' }"
    wanted = "{ client: null, load_kg: 25, note: null, variant: null }"
    assert run("views/result/clip_details.js", f"m.getChangedFields({now}, {wanted})") == {"load_kg": 25, "note": None}


FOUND = """[
  { name: "tall_sit", start_s: 0, end_s: 1 }, { name: "slump", start_s: 1, end_s: 3 },
  { name: "knee_straight", side: "near", start_s: 3, end_s: 5 }, { name: "return", start_s: 5, end_s: 6 },
]"""
DETECTED = f"m.mergeCorrections({FOUND}, [])"
END_S = 6.0


def edited(run: Run, old: int | None, change: str | None) -> list[tuple]:
    """The list after one correction: of the stage at an index, to itself with `change`."""
    at = "null" if old is None else f"list[{old}]"
    to = "null" if change is None else f"{{ ...{at}, {change} }}"
    made = run(
        CORRECTIONS,
        f"((list) => m.applyCorrection(list, {at}, {to}))({DETECTED})",
    )
    return [(one["name"], one["start_s"], one["end_s"], one["side"], one["isCorrected"]) for one in made]


@pytest.mark.parametrize(
    ("old", "change", "is_now"),
    [
        # A later start: the posture before it lasts until then.
        (1, "start_s: 1.5", [("tall_sit", 0, 1.5, None, True), ("slump", 1.5, 3, None, True)]),
        # An earlier one takes from it.
        (1, "start_s: 0.5", [("tall_sit", 0, 0.5, None, True), ("slump", 0.5, 3, None, True)]),
        # What it covers goes.
        (1, "start_s: 0", [("slump", 0, 3, None, True)]),
        # Another name, and an earlier end, which the posture after it takes.
        (
            1,
            "name: 'chin_to_chest', end_s: 2",
            [("tall_sit", 0, 1, None, False), ("chin_to_chest", 1, 2, None, True),
             ("knee_straight", 2, 5, "near", True)],
        ),
        # Removed: its time goes to the one before it.
        (1, None, [("tall_sit", 0, 3, None, True)]),
        (0, None, [("slump", 0, 3, None, True)]),
        # A new one splits what is there.
        (
            None,
            "name: 'toes_up', side: 'near', start_s: 4, end_s: 5",
            [("tall_sit", 0, 1, None, False), ("slump", 1, 3, None, False), ("knee_straight", 3, 4, "near", True),
             ("toes_up", 4, 5, "near", True)],
        ),
    ],
)  # fmt: skip
def test_a_correction_moves_the_postures_beside_it(run: Run, old: int | None, change: str | None, is_now: list[tuple]):
    made = edited(run, old, change)
    assert made[: len(is_now)] == is_now
    assert made[-1] == ("return", 5, 6, None, False)


def test_what_is_stored_are_the_corrections_alone_in_the_form_the_marks_file_has(run: Run):
    asked = "m.toStoredStages(m.applyCorrection(list, list[2], { ...list[2], side: 'far', start_s: 2.50049 }))"
    stages = run(CORRECTIONS, f"((list) => {asked})({DETECTED})")
    assert stages == [
        {"name": "slump", "start_s": 1, "end_s": 2.5},
        {"name": "knee_straight", "start_s": 2.5, "end_s": 5, "side": "far"},
    ]
    assert len(parse_marks({"stages": stages}).stages) == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("name: ''", "name"),
        ("end_s: 1", "order"),
        ("name: 'toes_up'", "leg"),
        ("name: 'toes_up', side: 'far'", None),
        ("end_s: 1.001", None),
    ],
)
def test_a_correction_that_cannot_be_made_is_told_why(run: Run, change: str, why: str | None):
    list_ = DETECTED
    assert (
        run(
            CORRECTIONS,
            f"((list) => m.checkCorrection(list, list[1], {{ ...list[1], {change} }}))({list_})",
        )
        == why
    )


def test_of_several_slumps_the_one_that_is_meant_moves(run: Run):
    names = ("tall_sit", "slump", "tall_sit", "slump", "tall_sit")
    found = [{"name": name, "start_s": i, "end_s": i + 1} for i, name in enumerate(names)]
    changed = "m.applyCorrection(list, list[3], { ...list[3], start_s: 2.5 })"
    made = run(CORRECTIONS, f"((list) => {changed})(m.mergeCorrections({json.dumps(found)}, []))")
    assert [(one["start_s"], one["end_s"]) for one in made] == [(0, 1), (1, 2), (2, 2.5), (2.5, 4), (4, 5)]
    stages = run(CORRECTIONS, f"m.toStoredStages({json.dumps(made)})")
    assert rounded(made) == measured([{"side": None, **one} for one in found], stages)
    assert rounded(run(CORRECTIONS, f"m.mergeCorrections({json.dumps(found)}, {json.dumps(stages)})")) == rounded(made)


def test_the_only_posture_cannot_be_removed_unless_the_coach_added_it(run: Run):
    only = "[{ name: 'slump', start_s: 0, end_s: 1 }]"
    for list_, why in ((f"m.mergeCorrections({only}, [])", "alone"), (f"m.mergeCorrections([], {only})", None)):
        assert run(CORRECTIONS, f"((list) => m.checkCorrection(list, list[0], null))({list_})") == why


def test_a_report_keeps_the_posture_that_it_names(run: Run):
    reports = "[{ at_s: 1, level: 2 }, { stage: 'slump', level: 3 }]"
    asked = f"((list) => m.findOrphanedReport({reports}, list, m.applyCorrection(list, list[1], null)))({DETECTED})"
    assert run(CORRECTIONS, asked) == {"stage": "slump", "level": 3}
    asked = f"((list) => m.findOrphanedReport({reports}, list, m.applyCorrection(list, list[2], null)))({DETECTED})"
    assert run(CORRECTIONS, asked) is None


def test_the_library_makes_of_what_is_stored_what_the_page_shows(run: Run):
    """Corrections by chance, each on what the one before was measured as."""
    chance = random.Random(7)
    cases = [{"found": found, "shown": found, "stages": []} for found in (by_chance(chance) for _ in range(120))]
    made = 0
    for turn in range(4):
        for case in cases:
            case["at"] = chance.randrange(7)
            start_s, length_s = chance.randrange(55) / 10, chance.randrange(1, 30) / 10
            to = {"name": chance.choice((None, *STAGES)), "side": chance.choice((None, "near", "far")),
                  "start_s": start_s, "end_s": min(END_S, start_s + length_s)}  # fmt: skip
            case["to"] = None if chance.random() < 0.25 else to
        answers = run(
            CORRECTIONS,
            f"""{json.dumps(cases)}.map(({{ shown, stages, at, to }}) => {{
              const list = m.mergeCorrections(shown, stages);
              const old = list[at] ?? null;
              const next = to && {{ ...to, name: to.name ?? old?.name ?? "" }};
              if ((!old && !next) || m.checkCorrection(list, old, next)) return null;
              const made = m.applyCorrection(list, old, next);
              return {{ made, stages: m.toStoredStages(made) }};
            }})""",
        )
        for case, answer in zip(cases, answers, strict=True):
            if answer is None:
                continue
            made += 1
            page, library = rounded(answer["made"]), measured(case["found"], answer["stages"])
            assert turn or page == library, case
            # Later on, one that was found may come back as it was, but only where no posture is.
            assert set(rounded([one for one in answer["made"] if one["isCorrected"]])) <= set(library), case
            assert all(any(within(one, other) for other in library) for one in page), case
            case["stages"] = answer["stages"]
            case["shown"] = [dict(zip(("name", "side", "start_s", "end_s"), one, strict=True)) for one in library]
    assert made > 300


def within(one: tuple, other: tuple) -> bool:
    return one[:2] == other[:2] and other[2] <= one[2] and one[3] <= other[3]


def by_chance(chance: random.Random) -> list[dict[str, Any]]:
    """Six stages, one after another; no two neighbours are the same."""
    names = [chance.choice(STAGES)]
    while len(names) < 6:
        names.append(chance.choice([name for name in STAGES if name != names[-1]]))
    bounds = [0, *sorted(chance.sample(range(1, 60), 5)), 60]
    return [
        {"name": name, "start_s": a / 10, "end_s": b / 10, "side": "near" if "knee" in name else None}
        for name, (a, b) in zip(names, pairwise(bounds), strict=True)
    ]


def rounded(stages: list[dict[str, Any]]) -> list[tuple]:
    return [(one["name"], one["side"], round(one["start_s"], 3), round(one["end_s"], 3)) for one in stages]


def measured(found: list[dict[str, Any]], stages: list[dict[str, Any]]) -> list[tuple]:
    """What the library makes of stages that were found and those in the marks file."""

    def of(spans: Any) -> tuple[Stage, ...]:
        return tuple(Stage(name=one.name, start_s=one.start_s, end_s=one.end_s, side=one.side) for one in spans)

    spans = [StageSpan(one["name"], one["start_s"], one["start_s"], one["end_s"], one["side"]) for one in found]
    movement = SimpleNamespace(correct_stages=lambda _, placements: of(place_spans(spans, placements)))
    motion = SimpleNamespace(times_s=np.array([0.0, END_S]))
    marks = parse_marks({"stages": stages})
    events = apply_stage_corrections(movement, Events(stages=of(spans)), marks.stages, motion)  # type: ignore[arg-type]
    return rounded([one.model_dump() for one in events.stages])


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(61.6, "deg", "62°"), (0.78, "s", "0.8 s"), (27.4, "pct", "27 %"), (1.06, "share", "106 %")],
)
def test_means_are_told_with_their_unit(run: Run, value: float, unit: str, text: str):
    assert run("text/vocabulary.js", f"m.formatValue({value}, '{unit}')") == text


def test_the_crop_holds_the_person_in_a_three_to_four_frame(run: Run):
    crop = run("views/comparison.js", "m.computeCrop([100, 100, 200, 300], { width_px: 960, height_px: 540 })")
    assert crop["width"] / crop["height"] == pytest.approx(0.75)
    assert crop["x"] <= 100 and crop["x"] + crop["width"] >= 200
    assert crop["y"] <= 100 and crop["y"] + crop["height"] >= 300


def test_every_word_is_warm_enough_for_a_client_who_looks_on(run: Run):
    collect = """(() => {
      const out = [];
      const turn = { out: "down", back: "up", toString: () => "6" };
      const walk = (value) => {
        if (typeof value === "string") out.push(value);
        else if (typeof value === "function") walk(value("3", "4", "5", turn));
        else if (value instanceof Set) value.forEach(walk);
        else if (value) Object.values(value).forEach(walk);
      };
      walk(%s);
      return out;
    })()"""
    texts = run("text/messages.js", collect % "m.messages") + run("text/vocabulary.js", collect % "m")
    assert len(texts) > 200
    assert [(text, str(hit)) for text in texts for hit in find_forbidden_words(text)] == []
    assert [text for text in texts if "undefined" in text or "[object" in text] == []


def test_files_are_told_apart_by_what_is_in_them(run: Run):
    same, other = (
        run(
            "upload/pending_uploads.js",
            f"Promise.all(['abc', '{content}'].map((one) => m.computeFingerprint(new File([one], 'a'))))",
        )
        for content in ("abc", "abd")
    )
    assert same[0] == same[1]
    assert other[0] != other[1]
