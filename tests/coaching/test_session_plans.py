"""Plans of a session: steps in order, with what the movements state."""

import tomllib

from analyzer.coaching.language_check import find_forbidden_words
from analyzer.coaching.session_plans import PLANS_FILE, list_plans
from analyzer.movements.registry import load_movements

MOVEMENTS = load_movements()


def test_every_practice_movement_has_a_plan_of_four_clips():
    plans = {plan.name: plan for plan in list_plans(MOVEMENTS.values()) if plan.kind == "practice"}
    assert set(plans) == {f"lift_{name}" for name, one in MOVEMENTS.items() if "practice" in one.session_plans}
    hinge = plans["lift_hinge"]
    assert hinge.title == "Hip hinge / deadlift, better today"
    assert [(step.name, step.movement, step.has_cue, step.can_be_loaded) for step in hinge.steps] == [
        ("first", "hinge", False, True),
        ("try_1", "hinge", True, True),
        ("try_2", "hinge", True, True),
        ("again", "hinge", False, True),
    ]


def test_first_look_comes_last_and_ends_with_what_is_not_filmed():
    plan = list_plans(MOVEMENTS.values())[-1]
    assert (plan.name, plan.kind) == ("first_look", "overview")
    assert [step.name for step in plan.steps] == ["hinge", "squat", "toe_touch", "overhead", "carry", "roll", "twist"]
    for step in plan.steps[:-2]:
        movement = MOVEMENTS[step.name]
        assert (step.movement, step.instructions, step.can_be_loaded) == (
            step.name, movement.instructions, movement.can_be_loaded
        )  # fmt: skip
    assert [step.movement for step in plan.steps[-2:]] == [None, None]
    assert plan.text == "What they can do: 5 movements filmed from the side, two that you write down."


def test_plans_take_half_an_hour_at_most_and_name_no_step_twice():
    for plan in list_plans(MOVEMENTS.values()):
        assert plan.minutes <= 30
        names = [step.name for step in plan.steps]
        assert len(names) == len(set(names))
        assert all(step.title and step.instructions for step in plan.steps)


def test_without_movements_there_is_no_plan():
    assert list_plans([]) == []
    assert [plan.name for plan in list_plans([MOVEMENTS["toe_touch"]])] == ["first_look"]
    assert "1 movement filmed" in list_plans([MOVEMENTS["toe_touch"]])[0].text


def test_texts_pass_the_language_check():
    assert find_forbidden_words(PLANS_FILE.read_text(encoding="utf-8")) == []
    assert set(tomllib.loads(PLANS_FILE.read_text(encoding="utf-8"))) == {"practice", "first_look"}
