"""Numbers, key measures and texts of a result on the page, run in the browser: as in the library and the report."""

import json
import random
from typing import Any

import pytest

from analyzer.coaching.language_check import find_forbidden_words
from analyzer.report.drawing.back_trail import classify_rounding
from analyzer.vocabulary.key_measures import format_verdict, format_with_interval
from analyzer.vocabulary.units import UNITS, format_number
from tests.api.web.conftest import Run


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


def test_a_clear_change_never_reads_below_its_threshold(run: Run):
    changes = [[0.13, 0.12, "s"], [-0.15, 0.15, "s"], [0.32, 0.15, "s"], [11.0, 10.8, "deg"], [0.42, 0.24, "share"]]
    expression = f"{json.dumps(changes)}.map(([x, least, unit]) => m.formatSigned(x, unit, least))"
    on_page = run_with_vocabulary(run, "core/vocabulary.js", expression)
    assert on_page == [format_verdict(change, unit, least, True, False) for change, least, unit in changes]


def test_back_line_changes_colour_where_the_report_does(run: Run):
    changes_deg = [0, 7.9, -8, 20, -20.1, 45]
    levels = run_with_vocabulary(run, "player/overlay_drawing.js", f"{changes_deg}.map(m.gradeBackChange)")
    assert levels == [classify_rounding(change) for change in changes_deg]


@pytest.mark.parametrize(("uncertain", "is_unbroken"), [([], True), ([1], False)])
def test_a_line_to_an_uncertain_point_is_dashed(run: Run, uncertain: list[int], is_unbroken: bool):
    overlay = {
        "width_px": 200, "height_px": 200, "near": [True, True], "lines": [[0, 1]],
        "points_px": [[[20, 100], [180, 100]]], "uncertain": [uncertain],
    }  # fmt: skip
    expression = f"""(() => {{
        const canvas = Object.assign(document.createElement("canvas"), {{ width: 200, height: 200 }});
        m.drawOverlay(canvas, {json.dumps(overlay)}, 0, {{ skeleton: true }});
        const row = canvas.getContext("2d").getImageData(0, 100, 200, 1).data;
        return Array.from({{ length: 200 }}, (_, x) => row[4 * x + 3] > 0);
    }})()"""
    is_drawn = run("player/overlay_drawing.js", expression)
    assert is_drawn[20] and is_drawn[180] and not is_drawn[10] and not is_drawn[190]
    assert all(is_drawn[20:181]) is is_unbroken
    assert 0.3 < sum(is_drawn[20:181]) / 161 <= 1


SET = {
    "movement": {"name": "hinge"},
    "reps": [
        {"start_s": 0, "end_s": 1, "complete": False},
        {"start_s": 1, "end_s": 2, "complete": True},
        {"start_s": 2, "end_s": 3, "complete": True},
    ],
    "key_measures": [
        {"id": "hinge.fold", "label": "Trunk-thigh", "unit": "deg", "per_rep": [90.4, 84.6]},
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
        (1, [["Trunk-thigh", "90°"], ["Back", "\N{EN DASH}"], ["Time up", "1.2\N{NO-BREAK SPACE}s"]]),
        (2, [["Trunk-thigh", "85°"], ["Back", "\N{MINUS SIGN}6°"], ["Time up", "1.3\N{NO-BREAK SPACE}s"]]),
    ],
)
def test_a_rep_has_its_own_key_measures(run: Run, place: int, values: list[list[str]]):
    assert list_event_values(run, SET, {"kind": "rep", "source": SET["reps"][place]}) == values


@pytest.mark.parametrize("way_up", [{"ascent_s": 1.2}, {"ascent_s": None, "has_ascent": True}])
def test_a_single_lift_that_ends_at_lockout_has_its_values(run: Run, way_up: dict):
    lift = SET["reps"][1] | {"complete": False} | way_up
    single = SET | {"reps": [lift], "key_measures": [SET["key_measures"][0] | {"per_rep": [90.4]}]}
    assert list_event_values(run, single, {"kind": "rep", "source": lift}) == [["Trunk-thigh", "90°"]]
    cut = lift | {"ascent_s": None, "has_ascent": False}
    assert list_event_values(run, single | {"reps": [cut]}, {"kind": "rep", "source": cut}) == []


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
    assert labels == ["Trunk-thigh", "Back"]


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


def test_numbers_in_sentences_stay_with_their_units(run: Run):
    text = "Your hips travelled back 28 % of your leg length, at 0.28 m/s. You did 2 more reps."
    expression = f"m.loadVocabulary().then(() => m.keepUnitsTogether({json.dumps(text)}))"
    gap = "\N{NO-BREAK SPACE}"
    kept = text.replace("28 %", f"28{gap}%").replace("28 m/s", f"28{gap}m/s")
    assert run("core/vocabulary.js", expression) == kept


@pytest.mark.parametrize(("done", "share"), [(0, 0), (3, 1 / 3), (9, None)])
def test_a_complete_stage_has_no_share_until_the_next_one_reports(run: Run, done: int, share: float | None):
    status = {"status": "running", "progress": {"stage": "tracking", "done": done, "total": 9}}
    assert run("views/analysis_progress.js", f"m.getStageShare({json.dumps(status)})") == share
