"""What is told: what they can do first, at most two things to try, one step each."""

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


def can(what: str, weight: float, **evidence) -> Observation:
    return Observation(f"toy.{what}", "can", weight, evidence)


def work(what: str, weight: float, **evidence) -> Observation:
    return Observation(f"toy.{what}", "next", weight, evidence)


ONE = can("one", 0.5, far_deg=38.4, reps=1)
TWO = can("two", 0.9, tall_s=2.0)


def ids(findings) -> list[str]:
    return [finding.id for finding in findings]


def test_what_they_can_do_comes_first_and_the_weightiest_first(toy):
    told = build_findings(toy, [work("a", 0.1), ONE, work("b", 0.9), TWO], True)
    assert ids(told) == ["toy.two", "toy.one", "toy.b", "toy.a"]
    assert told[1].text == "You moved 38 degrees, 1 time."
    assert told[1].evidence == {"far_deg": 38.4, "reps": 1}
    assert (told[2].cue, told[2].try_) == ("Zip up.", load_menu()["tempo"].now.say)
    assert told[2].step_id == "tempo.tempo_romanian_deadlift"
    assert (told[0].cue, told[0].try_, told[0].step_id) == (None, None, None)


def test_no_more_than_three_and_two(toy):
    told = build_findings(
        toy, [ONE, TWO, can("three", 0.3), can("four", 0.2), work("a", 0.3), work("b", 0.2), work("c", 0.1)], True
    )
    assert ids(told) == ["toy.two", "toy.one", "toy.three", "toy.a", "toy.b"]


def test_with_nothing_to_work_on_it_says_so_and_takes_the_step_of_what_they_can_do(toy):
    told = build_findings(toy, [ONE, TWO], True)
    assert ids(told) == ["toy.two", "toy.one", "general.keep_going"]
    assert told[-1].kind == "next"
    assert told[-1].try_ == load_menu()["carry"].now.say
    assert build_findings(toy, [ONE], True)[-1].try_ == load_menu()["load_on"].now.say


def test_the_step_is_further_on_only_when_asked_and_comfortable(toy):
    def tried(observations, level):
        return build_findings(toy, observations, True, Readiness(level))[-1].try_

    assert tried([TWO], 0) == load_menu()["carry"].later[0].say
    assert tried([TWO], 3) == load_menu()["carry"].now.say
    assert tried([TWO, work("a", 0.5)], 0) == load_menu()["hinge_pattern"].now.say
    assert tried([TWO, work("a", 0.5)], 4) == load_menu()["hinge_pattern"].easier[0].say


def test_without_degrees_shapes_are_told_and_filming_is_the_one_thing_to_try(toy):
    told = build_findings(toy, [ONE, TWO, work("a", 0.9)], False)
    assert ids(told) == ["toy.one", "general.refilm"]
    assert told[0].text == "You moved 1 time."
    assert told[0].evidence == {"reps": 1}
    assert told[-1].try_ == load_menu()["film"].now.say


def test_priority_observations_come_first_in_every_view(toy):
    first = [work("a", 0.0)]
    with_degrees = build_findings(toy, [ONE, work("b", 0.9), work("c", 0.8)], True, priority_observations=first)
    without = build_findings(toy, [ONE, work("b", 0.9)], False, priority_observations=first)
    assert ids(with_degrees)[1:] == ["toy.a", "toy.b"]
    assert ids(without)[1:] == ["toy.a", "general.refilm"]


@pytest.mark.parametrize(("degrees", "id"), [(True, "general.more_of_it"), (False, "general.refilm")])
def test_with_nothing_seen_it_says_how_to_film(toy, degrees, id):
    (told,) = build_findings(toy, [], degrees)
    assert (told.id, told.try_) == (id, load_menu()["film"].now.say)


@pytest.mark.parametrize("unknown", [None, float("nan")])
def test_what_is_unknown_is_not_said(toy, unknown):
    assert ids(build_findings(toy, [ONE, can("two", 0.9, tall_s=unknown)], True)) == ["toy.one", "general.keep_going"]


def test_a_next_that_cannot_be_said_is_no_reason_to_say_all_is_done(tmp_path):
    path = tmp_path / "words.toml"
    path.write_text('[toy.yes]\nsay = "Yes."\n[toy.no]\nsay = "{x:.0f}"\nmenu = "head"\n')
    seen = [Observation("toy.yes", "can", 1, {}), Observation("toy.no", "next", 1, {"x": None})]
    assert ids(build_findings(StubMovement(catalogue_path=path), seen, True)) == ["toy.yes"]


def test_an_observation_without_words_is_an_error_that_names_it(toy):
    with pytest.raises(CatalogueError, match=r"toy\.five"):
        build_findings(toy, [can("five", 1.0)], True)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["three", "four"]), st.floats(0, 1))),
    st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 1))),
    st.booleans(),
    st.none() | st.integers(0, 10),
)
def test_whatever_is_seen_the_order_and_the_caps_hold(toy, cans, works, degrees, level):
    seen = [can(what, weight) for what, weight in cans] + [work(what, weight) for what, weight in works]
    told = build_findings(toy, seen, degrees, Readiness(level))
    kinds = [finding.kind for finding in told]
    assert kinds == sorted(kinds)  # "can" before "next"
    assert kinds.count("can") <= 3 and 1 <= kinds.count("next") <= 2
    assert all(finding.try_ for finding in told if finding.kind == "next")
    assert [finding.try_ for finding in told] == [
        finding.step_id and find_step(finding.step_id)[1].say for finding in told
    ]


def test_the_words_of_the_package_are_found_without_words_of_one_s_own():
    assert "general.keep_going" in load_catalogue().entries
    assert build_findings(StubMovement(), [], True)[0].id == "general.more_of_it"
