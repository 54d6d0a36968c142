"""Findings: strengths first, at most two next steps, one step each."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.coaching.catalogue import CatalogueError, load_catalogue
from analyzer.coaching.findings import build_findings
from analyzer.coaching.trainable_menu import Readiness, find_step, load_menu
from analyzer.movements.protocol import Observation
from tests.coaching.people import StubMovement

WORDS = """
[toy.one]
say = "You moved {far_deg:.0f} degrees, {reps:n time|times}."
say_shapes = "You moved {reps:n time|times}."
[toy.two]
say = "You stood {tall_s:.0f} s."
reason = "You stood tall"
menu = "carry"
[toy.three]
say = "Three."
[toy.four]
say = "Four."
[toy.a]
say = "Next: a."
say_shapes = "Next: a."
cue = "Tap the wall."
menu = "hinge_pattern"
[toy.b]
say = "Next: b."
cue = "Zip up."
menu = "tempo"
[toy.c]
say = "Next: c."
menu = "head"
"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> StubMovement:
    path: Path = tmp_path_factory.mktemp("words") / "words.toml"
    path.write_text(WORDS)
    return StubMovement("toy", catalogue_path=path)


def can(name: str, weight: float, **evidence) -> Observation:
    return Observation(f"toy.{name}", "can", weight, evidence)


def work(name: str, weight: float, **evidence) -> Observation:
    return Observation(f"toy.{name}", "next", weight, evidence)


ONE = can("one", 0.5, far_deg=38.4, reps=1)
TWO = can("two", 0.9, tall_s=2.0)


def list_ids(findings) -> list[str]:
    return [finding.id for finding in findings]


def test_strengths_come_first_by_weight(toy):
    findings = build_findings(toy, [work("a", 0.1), ONE, work("b", 0.9), TWO], True)
    assert list_ids(findings) == ["toy.two", "toy.one", "toy.b", "toy.a"]
    assert findings[1].text == "You moved 38 degrees, 1 time."
    assert findings[1].evidence == {"far_deg": 38.4, "reps": 1}
    assert (findings[2].cue, findings[2].try_) == ("Zip up.", load_menu()["tempo"].now.say)
    assert findings[2].step_id == "tempo.tempo_romanian_deadlift"
    assert (findings[0].cue, findings[0].try_, findings[0].step_id) == (None, None, None)


def test_at_most_three_strengths_and_two_next_steps(toy):
    findings = build_findings(
        toy, [ONE, TWO, can("three", 0.3), can("four", 0.2), work("a", 0.3), work("b", 0.2), work("c", 0.1)], True
    )
    assert list_ids(findings) == ["toy.two", "toy.one", "toy.three", "toy.a", "toy.b"]


def test_without_next_steps_the_step_comes_from_a_strength(toy):
    findings = build_findings(toy, [ONE, TWO], True)
    assert list_ids(findings) == ["toy.two", "toy.one", "general.keep_going"]
    assert findings[-1].kind == "next"
    assert findings[-1].try_ == load_menu()["carry"].now.say
    assert build_findings(toy, [ONE], True)[-1].try_ == load_menu()["load_on"].now.say


def test_the_next_step_states_the_strength_it_comes_from(toy):
    """The first one with a row of the menu; without a short form, its own sentence without the full stop."""
    step = build_findings(toy, [ONE, TWO], True)[-1]
    assert step.text == "You stood tall: a base for the next step."
    assert step.evidence == TWO.evidence
    assert build_findings(toy, [can("three", 0.9), ONE, TWO], True)[-1].text == step.text
    alone = build_findings(toy, [can("three", 0.9)], True)[-1]
    assert (alone.text, alone.step_id) == ("Three: a base for the next step.", "load_on.training_effect")


def test_something_to_work_on_of_weight_0_is_used_only_alone(toy):
    assert list_ids(build_findings(toy, [ONE, work("a", 0.0), work("b", 0.1)], True)) == ["toy.one", "toy.b"]
    assert list_ids(build_findings(toy, [ONE, work("a", 0.0)], True)) == ["toy.one", "toy.a"]
    first = build_findings(toy, [ONE, work("a", 0.0)], True, priority_observations=[work("b", 0.0)])
    assert list_ids(first) == ["toy.one", "toy.b"]


def test_the_back_is_never_left_out(toy):
    """Three strengths and two facts have more weight; the back takes the place of the last of them."""
    evidence = {
        "back_deg": 6,
        "low_deg": 2,
        "high_deg": 10,
        "likely": "2 to 10",
        "measured_from": "from tall",
        "from_short": "from tall",
        "reps": 3,
    }
    others = [ONE, TWO, can("three", 0.99)]
    kept = Observation("back.keeps_shape", "can", 0.1, evidence | {"toe_touch_pct": None})
    assert list_ids(build_findings(toy, [*others, kept], True))[:-1] == ["toy.three", "toy.two", "back.keeps_shape"]
    facts = [Observation(f"toy.{name}", "note", 0.9) for name in ("three", "four", "three")]
    measured = Observation("back.measured", "note", 0.1, evidence)
    notes = [one.id for one in build_findings(toy, [*facts, measured], True) if one.kind == "note"]
    assert notes == ["toy.three", "back.measured"]


def test_a_later_step_needs_a_comfortable_report(toy):
    def tried(observations, level):
        return build_findings(toy, observations, True, Readiness(level))[-1].try_

    assert tried([TWO], 0) == load_menu()["carry"].later[0].say
    assert tried([TWO], 3) == load_menu()["carry"].now.say
    assert tried([TWO, work("a", 0.5)], 0) == load_menu()["hinge_pattern"].now.say
    assert tried([TWO, work("a", 0.5)], 4) == load_menu()["hinge_pattern"].easier[0].say


def test_without_degrees_findings_describe_shapes_and_how_to_film(toy):
    findings = build_findings(toy, [ONE, TWO, work("a", 0.9)], False)
    assert list_ids(findings) == ["toy.one", "general.refilm"]
    assert findings[0].text == "You moved 1 time."
    assert findings[0].evidence == {"reps": 1}
    assert findings[-1].try_ == load_menu()["film"].now.say


def test_priority_observations_come_first_in_every_view(toy):
    first = [work("a", 0.0)]
    with_degrees = build_findings(toy, [ONE, work("b", 0.9), work("c", 0.8)], True, priority_observations=first)
    without = build_findings(toy, [ONE, work("b", 0.9)], False, priority_observations=first)
    assert list_ids(with_degrees)[1:] == ["toy.a", "toy.b"]
    assert list_ids(without)[1:] == ["toy.a", "general.refilm"]


@pytest.mark.parametrize(("degrees", "id"), [(True, "general.more_of_it"), (False, "general.refilm")])
def test_without_observations_the_step_is_about_filming(toy, degrees, id):
    (findings,) = build_findings(toy, [], degrees)
    assert (findings.id, findings.try_) == (id, load_menu()["film"].now.say)


@pytest.mark.parametrize("unknown", [None, float("nan")])
def test_an_observation_with_an_unknown_value_is_left_out(toy, unknown):
    assert list_ids(build_findings(toy, [ONE, can("two", 0.9, tall_s=unknown)], True)) == [
        "toy.one",
        "general.keep_going",
    ]


def test_a_next_step_that_cannot_be_rendered_still_counts_as_one(tmp_path):
    path = tmp_path / "words.toml"
    path.write_text('[toy.yes]\nsay = "Yes."\n[toy.no]\nsay = "{x:.0f}"\nmenu = "head"\n')
    observations = [Observation("toy.yes", "can", 1, {}), Observation("toy.no", "next", 1, {"x": None})]
    assert list_ids(build_findings(StubMovement(catalogue_path=path), observations, True)) == ["toy.yes"]


def test_the_error_for_an_observation_without_a_text_names_it(toy):
    with pytest.raises(CatalogueError, match=r"toy\.five"):
        build_findings(toy, [can("five", 1.0)], True)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["three", "four"]), st.floats(0, 1))),
    st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 1))),
    st.booleans(),
    st.none() | st.integers(0, 10),
)
def test_order_and_limits_hold_for_any_observations(toy, cans, works, degrees, level):
    observations = [can(what, weight) for what, weight in cans] + [work(what, weight) for what, weight in works]
    findings = build_findings(toy, observations, degrees, Readiness(level))
    kinds = [finding.kind for finding in findings]
    assert kinds == sorted(kinds)  # "can" before "next"
    assert kinds.count("can") <= 3 and 1 <= kinds.count("next") <= 2
    assert all(finding.try_ for finding in findings if finding.kind == "next")
    assert [finding.try_ for finding in findings] == [
        finding.step_id and find_step(finding.step_id)[1].say for finding in findings
    ]


def test_a_movement_without_catalogue_uses_the_built_in_one():
    assert "general.keep_going" in load_catalogue().entries
    assert build_findings(StubMovement(), [], True)[0].id == "general.more_of_it"


def test_a_fact_alone_is_no_reason_for_a_next_step():
    fact = Observation("back.not_measured", "note", 0.2, {"reason": "an arm lies over it"})
    findings = build_findings(StubMovement(), [fact], True)
    assert [finding.id for finding in findings] == ["back.not_measured", "general.more_of_it"]
