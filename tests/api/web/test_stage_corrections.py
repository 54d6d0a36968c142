"""Corrections of stages on the page, run in the browser: worked out on paper, and as the library applies them."""

import json
import random
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from analyzer.coaching.marks import parse_marks
from analyzer.coaching.stage_correction import apply_stage_corrections
from analyzer.movements.protocol import Events
from analyzer.movements.slump.corrections import place_spans
from analyzer.movements.slump.movement import MOVEMENT as SLUMP
from analyzer.movements.slump.thresholds import STAGES, StageSpan
from analyzer.results.schema import Stage
from tests.api.web.conftest import Run

CORRECTIONS = "marks/stage_corrections.js"
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
