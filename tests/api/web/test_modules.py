"""The page's functions, run in the browser: answers worked out on paper, and the same rules as in the library."""

import json
import random
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from analyzer.coaching.language_check import find_forbidden_words
from analyzer.coaching.marks import parse_marks
from analyzer.coaching.stage_correction import apply_stage_corrections
from analyzer.movements.protocol import Events
from analyzer.movements.slump.corrections import place_spans
from analyzer.movements.slump.movement import MOVEMENT as SLUMP
from analyzer.movements.slump.thresholds import STAGES, StageSpan
from analyzer.report.drawing.back_trail import classify_rounding
from analyzer.results.schema import Stage
from analyzer.vocabulary.key_measures import format_with_interval
from analyzer.vocabulary.units import UNITS, format_number

Run = Callable[[str, str], Any]

CORRECTIONS = "marks/stage_corrections.js"
MARKS = "marks/symptom_marks.js"
PLAYBACK = "player/synced_playback.js"


@pytest.fixture
def run(modules_page: Page) -> Run:
    """Return a function that evaluates an expression with the exports `m` of a module."""
    return lambda module, expression: modules_page.evaluate(
        f"import('/{module}').then((m) => {{ return ({expression}); }})"
    )


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


STAGES_JS = """[
  { name: "tall_sit", start_s: 0, end_s: 1 }, { name: "slump", start_s: 1, end_s: 3 },
  { name: "knee_straight", side: "near", start_s: 3, end_s: 5 }, { name: "return", start_s: 5, end_s: 6 },
]"""
DETECTED = f"m.mergeCorrections({STAGES_JS}, [])"
END_S = 6.0


def apply_edit(run: Run, old: int | None, change: str | None) -> list[tuple]:
    """Apply one correction to the detected stages: `change` to the stage at an index; None removes or adds one."""
    at = "null" if old is None else f"list[{old}]"
    to = "null" if change is None else f"{{ ...{at}, {change} }}"
    corrected = run(
        CORRECTIONS,
        f"((list) => m.applyCorrection(list, {at}, {to}))({DETECTED})",
    )
    return [(one["name"], one["start_s"], one["end_s"], one["side"], one["isCorrected"]) for one in corrected]


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
def test_correction_moves_neighbouring_stages(run: Run, old: int | None, change: str | None, is_now: list[tuple]):
    corrected = apply_edit(run, old, change)
    assert corrected[: len(is_now)] == is_now
    assert corrected[-1] == ("return", 5, 6, None, False)


def test_only_corrections_are_stored_in_the_format_of_the_marks_file(run: Run):
    expression = "m.toStoredStages(m.applyCorrection(list, list[2], { ...list[2], side: 'far', start_s: 2.50049 }))"
    stages = run(CORRECTIONS, f"((list) => {expression})({DETECTED})")
    assert stages == [
        {"name": "slump", "start_s": 1, "end_s": 2.5},
        {"name": "knee_straight", "start_s": 2.5, "end_s": 5, "side": "far"},
    ]
    assert len(parse_marks({"stages": stages}).stages) == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("name: ''", "name"),
        ("end_s: 1", "order"),
        ("name: 'toes_up'", "leg"),
        ("name: 'toes_up', side: 'far'", None),
        ("end_s: 1.001", None),
    ],
)
def test_impossible_correction_has_a_reason(run: Run, change: str, reason: str | None):
    list_ = DETECTED
    assert (
        run(
            CORRECTIONS,
            f"((list) => m.checkCorrection(list, list[1], {{ ...list[1], {change} }}, ['toes_up']))({list_})",
        )
        == reason
    )


def test_correction_moves_the_chosen_one_of_equal_stages(run: Run):
    names = ("tall_sit", "slump", "tall_sit", "slump", "tall_sit")
    detected = [{"name": name, "start_s": i, "end_s": i + 1} for i, name in enumerate(names)]
    changed = "m.applyCorrection(list, list[3], { ...list[3], start_s: 2.5 })"
    corrected = run(CORRECTIONS, f"((list) => {changed})(m.mergeCorrections({json.dumps(detected)}, []))")
    assert [(one["start_s"], one["end_s"]) for one in corrected] == [(0, 1), (1, 2), (2, 2.5), (2.5, 4), (4, 5)]
    stages = run(CORRECTIONS, f"m.toStoredStages({json.dumps(corrected)})")
    assert round_stages(corrected) == correct_in_library([{"side": None, **one} for one in detected], stages)
    assert round_stages(
        run(CORRECTIONS, f"m.mergeCorrections({json.dumps(detected)}, {json.dumps(stages)})")
    ) == round_stages(corrected)


def test_only_stage_can_be_removed_only_if_it_was_added(run: Run):
    only = "[{ name: 'slump', start_s: 0, end_s: 1 }]"
    for list_, reason in ((f"m.mergeCorrections({only}, [])", "alone"), (f"m.mergeCorrections([], {only})", None)):
        assert run(CORRECTIONS, f"((list) => m.checkCorrection(list, list[0], null))({list_})") == reason


def test_report_protects_the_stage_that_it_names(run: Run):
    reports = "[{ at_s: 1, level: 2 }, { stage: 'slump', level: 3 }]"
    expression = (
        f"((list) => m.findOrphanedReport({reports}, list, m.applyCorrection(list, list[1], null)))({DETECTED})"
    )
    assert run(CORRECTIONS, expression) == {"stage": "slump", "level": 3}
    expression = (
        f"((list) => m.findOrphanedReport({reports}, list, m.applyCorrection(list, list[2], null)))({DETECTED})"
    )
    assert run(CORRECTIONS, expression) is None


def test_library_applies_random_corrections_as_the_page_does(run: Run):
    """Draw random corrections, each applied to the result of the one before."""
    one_leg_stages = sorted(SLUMP.one_leg_stages)
    generator = random.Random(7)
    cases = [
        {"detected": detected, "shown": detected, "stages": []}
        for detected in (draw_stages(generator) for _ in range(120))
    ]
    corrected = 0
    for turn in range(4):
        for case in cases:
            case["at"] = generator.randrange(7)
            start_s, length_s = generator.randrange(55) / 10, generator.randrange(1, 30) / 10
            to = {"name": generator.choice((None, *STAGES)), "side": generator.choice((None, "near", "far")),
                  "start_s": start_s, "end_s": min(END_S, start_s + length_s)}  # fmt: skip
            case["to"] = None if generator.random() < 0.25 else to
        answers = run(
            CORRECTIONS,
            f"""{json.dumps(cases)}.map(({{ shown, stages, at, to }}) => {{
              const list = m.mergeCorrections(shown, stages);
              const old = list[at] ?? null;
              const next = to && {{ ...to, name: to.name ?? old?.name ?? "" }};
              if ((!old && !next) || m.checkCorrection(list, old, next, {one_leg_stages})) return null;
              const corrected = m.applyCorrection(list, old, next);
              return {{ corrected, stages: m.toStoredStages(corrected) }};
            }})""",
        )
        for case, answer in zip(cases, answers, strict=True):
            if answer is None:
                continue
            corrected += 1
            page, library = round_stages(answer["corrected"]), correct_in_library(case["detected"], answer["stages"])
            assert turn or page == library, case
            # Later on, one that was detected may come back as it was, but only where no posture is.
            assert set(round_stages([one for one in answer["corrected"] if one["isCorrected"]])) <= set(library), case
            assert all(any(is_within(one, other) for other in library) for one in page), case
            case["stages"] = answer["stages"]
            case["shown"] = [dict(zip(("name", "side", "start_s", "end_s"), one, strict=True)) for one in library]
    assert corrected > 300


def is_within(one: tuple, other: tuple) -> bool:
    return one[:2] == other[:2] and other[2] <= one[2] and one[3] <= other[3]


def draw_stages(generator: random.Random) -> list[dict[str, Any]]:
    """Draw six stages, one after another; neighbours differ."""
    names = [generator.choice(STAGES)]
    while len(names) < 6:
        names.append(generator.choice([name for name in STAGES if name != names[-1]]))
    bounds = [0, *sorted(generator.sample(range(1, 60), 5)), 60]
    return [
        {"name": name, "start_s": a / 10, "end_s": b / 10, "side": "near" if "knee" in name else None}
        for name, (a, b) in zip(names, pairwise(bounds), strict=True)
    ]


def round_stages(stages: list[dict[str, Any]]) -> list[tuple]:
    return [(one["name"], one["side"], round(one["start_s"], 3), round(one["end_s"], 3)) for one in stages]


def correct_in_library(detected: list[dict[str, Any]], stages: list[dict[str, Any]]) -> list[tuple]:
    """Apply stored corrections to detected stages with the library."""

    def of(spans: Any) -> tuple[Stage, ...]:
        return tuple(Stage(name=one.name, start_s=one.start_s, end_s=one.end_s, side=one.side) for one in spans)

    spans = [StageSpan(one["name"], one["start_s"], one["start_s"], one["end_s"], one["side"]) for one in detected]
    movement = SimpleNamespace(correct_stages=lambda _, placements: of(place_spans(spans, placements)))
    motion = SimpleNamespace(times_s=np.array([0.0, END_S]))
    marks = parse_marks({"stages": stages})
    events = apply_stage_corrections(movement, Events(stages=of(spans)), marks.stages, motion)  # type: ignore[arg-type]
    return round_stages([one.model_dump() for one in events.stages])


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(61.6, "deg", "62°"), (0.78, "s", "0.8\N{NO-BREAK SPACE}s"), (27.4, "pct", "27\N{NO-BREAK SPACE}%"),
     (1.06, "share", "106\N{NO-BREAK SPACE}%"), (-4.7, "deg", "\N{MINUS SIGN}5°")],
)  # fmt: skip
def test_numbers_have_their_unit(run: Run, value: float, unit: str, text: str):
    assert format_on_page(run, [[value, unit]]) == [text]


def format_on_page(run: Run, numbers: list[list]) -> list[str]:
    """Format numbers, each with its unit, by the formatter of the page."""
    expression = f"m.loadVocabulary().then(() => {json.dumps(numbers)}.map(([x, unit]) => m.formatNumber(x, unit)))"
    return run("core/vocabulary.js", expression)


def test_page_formats_numbers_as_the_report_does(run: Run):
    generator = random.Random(3)
    values = [
        None,
        0.0,
        -0.0,
        0.5,
        1.5,
        2.5,
        -2.5,
        62.5,
        0.25,
        0.75,
        0.05,
        0.004,
        0.0009,
        0.96,
        1.15,
        1.005,
        -0.04,
        12.0,
    ]
    values += [round(generator.uniform(-200, 200), generator.randrange(4)) for _ in range(200)]
    numbers = [[value, unit] for unit in (None, *UNITS) for value in values]
    assert format_on_page(run, numbers) == [format_number(value, unit) for value, unit in numbers]


def run_with_vocabulary(run: Run, module: str, expression: str) -> Any:
    """Evaluate an expression with the exports `m` of a module once the vocabulary is loaded."""
    return run(module, f"import('/core/vocabulary.js').then((v) => v.loadVocabulary()).then(() => {expression})")


def test_back_line_changes_colour_where_the_report_does(run: Run):
    changes_deg = [0, 7.9, -8, 20, -20.1, 45]
    levels = run_with_vocabulary(run, "player/overlay_drawing.js", f"{changes_deg}.map(m.gradeBackChange)")
    assert levels == [classify_rounding(change) for change in changes_deg]


SET = {
    "movement": {"name": "hinge"},
    "reps": [
        {"start_s": 0, "end_s": 1, "complete": False},
        {"start_s": 1, "end_s": 2, "complete": True},
        {"start_s": 2, "end_s": 3, "complete": True},
    ],
    "key_measures": [
        {"id": "hinge.fold", "label": "Hip fold", "unit": "deg", "per_rep": [90.4, 84.6]},
        {"id": "hinge.back", "label": "Back, change from tall", "unit": "deg", "per_rep": [None, -6.2]},
        {"id": "hinge.ascent", "label": "Time up", "unit": "s", "per_rep": [1.2, 1.31]},
        {"id": "carry.time", "label": "Time walking", "unit": "s", "per_rep": []},
    ],
}


def list_event_values(run: Run, result: dict, event: dict, times: list[float] | None = None) -> list[list[str]]:
    expression = (
        f"m.listEventValues({json.dumps(result)}, {json.dumps(event)}, {times or []}).map((v) => [v.label, v.text])"
    )
    return run_with_vocabulary(run, "views/result/key_measures.js", expression)


@pytest.mark.parametrize(
    ("place", "values"),
    [
        (0, []),  # a part of a rep does not count
        (1, [["Hip fold", "90°"], ["Back", "\N{EN DASH}"], ["Time up", "1.2\N{NO-BREAK SPACE}s"]]),
        (2, [["Hip fold", "85°"], ["Back", "\N{MINUS SIGN}6°"], ["Time up", "1.3\N{NO-BREAK SPACE}s"]]),
    ],
)
def test_a_rep_has_its_own_key_measures(run: Run, place: int, values: list[list[str]]):
    assert list_event_values(run, SET, {"kind": "rep", "source": SET["reps"][place]}) == values


@pytest.mark.parametrize("kinds", [["can", "note"], ["note"]])
def test_plain_facts_stand_apart_from_what_the_client_can_do(run: Run, kinds: list[str]):
    found = {
        "findings": [{"id": kind, "kind": kind, "text": f"A {kind}."} for kind in kinds],
        "movement": {"name": "hinge"},
        "view": {"grade": "good"},
    }
    cards = run(
        "views/result/findings.js", f"m.buildFindings({json.dumps(found)}, {{}}).map((n) => n && n.textContent)"
    )
    assert [card for card in cards if card and "A note." in card] == ["What the clip showsA note."]


def test_the_direction_of_the_back_is_part_of_its_name_in_a_rep(run: Run):
    back = {"id": "hinge.back", "label": "Back, change from tall", "unit": "deg", "per_rep": [-18.2, 2.1]}
    arched = {**SET, "key_measures": [back | {"value": -8, "direction": "arched"}]}
    values = [list_event_values(run, arched, {"kind": "rep", "source": rep}) for rep in SET["reps"][1:]]
    assert values == [[["Back, arched", "18°"]], [["Back, arched", "\N{MINUS SIGN}2°"]]]


def test_a_value_with_its_direction_and_interval_reads_as_in_the_library(run: Run):
    for value, interval, direction in ((-18.2, [-27.4, -9.1], "arched"), (36.4, None, "rounded"), (2.1, [-5, 9], None)):
        arguments = json.dumps([value, "deg", interval, direction])
        text = run_with_vocabulary(run, "core/vocabulary.js", f"m.formatWithInterval(...{arguments})")
        assert text == format_with_interval(value, "deg", interval, direction)


def test_a_refused_view_promises_no_numbers_before_what_to_try(run: Run):
    refused = {"findings": [], "movement": {"name": "hinge"}, "view": {"grade": "refused"}}
    cards = run("views/result/findings.js", f"m.buildFindings({json.dumps(refused)}, {{}}).map((n) => n?.textContent)")
    assert next(card for card in cards if card).startswith("One thing to try")


def test_a_time_that_the_line_shows_is_not_repeated(run: Run):
    labels = [label for label, _ in list_event_values(run, SET, {"kind": "rep", "source": SET["reps"][1]}, [0.8, 1.2])]
    assert labels == ["Hip fold", "Back"]


def test_holds_and_stages_have_theirs_and_an_old_result_has_none(run: Run):
    stage = {"name": "slump", "side": None, "start_s": 1.0004, "end_s": 2}
    stages = {
        "movement": {"name": "slump"},
        "stages": [{"name": "tall_sit", "start_s": 0, "end_s": 1}, {"name": "slump", "start_s": 1, "end_s": 2}],
        "key_measures": [{"id": "slump.neck", "label": "Neck, change from tall", "unit": "deg", "per_rep": [0, 31]}],
    }
    assert list_event_values(run, stages, {"kind": "stage", "source": stage}) == [["Neck", "31°"]]
    added = stage | {"start_s": 1.4}
    assert list_event_values(run, stages, {"kind": "stage", "source": added}) == []
    hold = {"index": 1, "start_s": 0, "end_s": 8}
    measure = {"id": "plank.line", "label": "Body line (+ piked)", "unit": "deg", "per_rep": [4.2]}
    plank = {"movement": {"name": "plank"}, "holds": [hold], "key_measures": [measure]}
    assert list_event_values(run, plank, {"kind": "hold", "source": hold}) == [["Body line", "4°"]]
    assert list_event_values(run, {**plank, "key_measures": None}, {"kind": "hold", "source": hold}) == []


def test_crop_contains_the_person_at_three_to_four(run: Run):
    crop = run("views/comparison.js", "m.computeCrop([100, 100, 200, 300], { width_px: 960, height_px: 540 })")
    assert crop["width"] / crop["height"] == pytest.approx(0.75)
    assert crop["x"] <= 100 and crop["x"] + crop["width"] >= 200
    assert crop["y"] <= 100 and crop["y"] + crop["height"] >= 300


def test_texts_use_no_forbidden_words(run: Run):
    collect = """(() => {
      const out = [];
      const phases = { outward: "down", back: "up", toString: () => "6" };
      const walk = (value) => {
        if (typeof value === "string") out.push(value);
        else if (typeof value === "function") walk(value("3", "4", "5", phases));
        else if (value instanceof Set) value.forEach(walk);
        else if (value) Object.values(value).forEach(walk);
      };
      walk(%s);
      return out;
    })()"""
    texts = run("text/messages.js", collect % "m.messages")
    assert len(texts) > 200
    assert [(text, str(hit)) for text in texts for hit in find_forbidden_words(text)] == []
    assert [text for text in texts if "undefined" in text or "[object" in text] == []


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
