"""The card of a session: rules with answers known from hand-built results."""

import pytest

from analyzer.coaching.language_check import find_forbidden_words
from analyzer.coaching.session_card import (
    TEXTS_FILE,
    CardStep,
    choose_can_lines,
    choose_comparison,
    choose_next_finding,
    describe_better_try,
    describe_comparison,
    describe_missing_findings,
    find_better_try,
    list_notes,
)
from analyzer.results.schema import Finding
from tests.compare.results import result, three_reps

TITLES = {"first": "First clip", "try_1": "Try 1", "try_2": "Try 2", "again": "The same again"}


def make_step(name: str, *can: str, next_id: str = "general.next", cue: str | None = "Reach back.", level=None):
    """Build a step whose clip has these findings, one thing to try, and a report of this level."""
    measures = {} if level is None else {"reported": [{"rep": 1, "level": level, "light": "go"}]}
    findings = [Finding(id="general.can", kind="can", text=text) for text in can]
    findings.append(Finding(id=next_id, kind="next", text=f"Next after {name}.", cue=cue))
    analysis = result(*three_reps(), measures=measures).model_copy(update={"findings": findings})
    return CardStep(name, TITLES.get(name, name), is_filmed=True, result=analysis)


def without_result(name: str, **fields) -> CardStep:
    return CardStep(name, TITLES.get(name, name), is_filmed=True, **fields)


def test_practice_card_shows_three_findings_of_the_last_clip_that_has_any():
    steps = [
        make_step("first", "A"),
        make_step("try_1", "B", "C", "D", "E"),
        make_step("try_2"),
        without_result("again"),
    ]
    assert [(line.step, line.text) for line in choose_can_lines("practice", steps)] == [
        ("try_1", "B"), ("try_1", "C"), ("try_1", "D")
    ]  # fmt: skip
    assert choose_can_lines("practice", [without_result("first")]) == []


def test_overview_card_shows_the_first_finding_of_each_clip():
    steps = [make_step("hinge", "A", "B"), make_step("squat"), make_step("carry", "C")]
    assert [(line.title, line.text) for line in choose_can_lines("overview", steps)] == [("hinge", "A"), ("carry", "C")]


def test_a_referral_comes_before_any_cue():
    steps = [make_step("hinge"), make_step("squat", next_id="clinician.soon", cue=None)]
    for kind in ("overview", "practice"):
        renamed = steps if kind == "overview" else [make_step("again"), make_step("first", next_id="clinician.soon")]
        assert choose_next_finding(kind, renamed).id == "clinician.soon"


def test_thing_to_try_is_of_the_last_clip_and_in_an_overview_one_with_a_cue():
    steps = [make_step("first"), make_step("again", cue=None), make_step("try_2")]
    assert choose_next_finding("practice", steps).text == "Next after again."
    assert (
        choose_next_finding("overview", [make_step("hinge", cue=None), make_step("squat")]).text == "Next after squat."
    )
    assert choose_next_finding("overview", [make_step("hinge", cue=None)]).text == "Next after hinge."
    assert choose_next_finding("practice", []) is None


@pytest.mark.parametrize(
    ("filmed", "pair"),
    [
        (("first", "try_1", "again"), ("first", "again")),
        (("first", "try_1", "try_2"), ("first", "try_2")),
        (("first", "try_1"), ("first", "try_1")),
        (("first",), None),
        (("try_1", "again"), None),
    ],
)
def test_first_clip_is_compared_with_the_latest(filmed, pair):
    steps = [make_step(name) if name in filmed else without_result(name) for name in TITLES]
    chosen = choose_comparison("practice", steps)
    assert (chosen and tuple(step.name for step in chosen)) == pair
    assert choose_comparison("overview", steps) is None


@pytest.mark.parametrize(
    ("levels", "better"),
    [
        ({"first": 4, "try_1": 3, "try_2": 1}, ("try_2", 1, "first", 4)),
        ({"first": 4, "try_1": 1}, ("try_1", 1, "first", 4)),
        ({"try_1": 3, "try_2": 2}, ("try_2", 2, "try_1", 3)),
        ({"first": 4, "again": 0}, None),  # the last clip repeats the first: it is no try
        ({"first": 1, "try_1": 3}, None),
        ({"first": 4, "try_1": 2, "try_2": 2}, None),
        ({"try_1": 2}, None),
        ({}, None),
    ],
)
def test_try_with_the_lowest_reports_felt_better(levels, better):
    steps = [make_step(name, level=levels.get(name)) for name in TITLES]
    found = find_better_try(steps)
    assert (found and (found.step.name, found.level, found.other.name, found.other_level)) == better


def test_sentences_name_the_clips():
    first, second = make_step("first", level=4), make_step("try_2", level=1)
    assert describe_comparison(first, second) == "From A, “First clip”, to B, “Try 2”"
    found = find_better_try([first, second])
    assert describe_better_try(found) == "Try 2 felt better: up to 1 of 10, and up to 4 of 10 in “First clip”."


def test_a_card_without_findings_states_why():
    assert describe_missing_findings([make_step("first")], 0) == "Here is what the clips show."
    assert describe_missing_findings([without_result("first")], 0) == "No clip of this session is ready yet."
    assert describe_missing_findings([without_result("first")], 2) is None


def test_notes_are_those_of_steps_that_are_not_filmed():
    steps = [
        CardStep("roll", "Rolls", is_filmed=False, note=" Smooth. "),
        CardStep("twist", "Twists", is_filmed=False, is_skipped=True, note="Stiff"),
        CardStep("hinge", "Hinge", is_filmed=True, note="Not shown"),
        CardStep("spin", "Spins", is_filmed=False, note="  "),
    ]
    assert [(line.title, line.text) for line in list_notes(steps)] == [("Rolls", "Smooth.")]


def test_sentences_pass_the_language_check():
    assert find_forbidden_words(TEXTS_FILE.read_text(encoding="utf-8")) == []
