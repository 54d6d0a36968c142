"""The trainable menu: its rows, and the choice of one step."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.coaching.language_check import find_forbidden_words
from analyzer.coaching.trainable_menu import (
    LEVERS,
    MenuError,
    MenuRow,
    MenuStep,
    Readiness,
    choose_step,
    find_step,
    format_step_id,
    load_menu,
)

ROW = MenuRow(
    easier=(
        MenuStep(id="slow", name="slow", say="Slower.", by="tempo"),
        MenuStep(id="short", name="short", say="Shorter.", by="range"),
        MenuStep(id="bell", name="bell", say="Kettlebell.", by="implement"),
    ),
    now=MenuStep(id="now", name="now", say="Now."),
    later=(
        MenuStep(id="later", name="later", say="Later."),
        MenuStep(id="much_later", name="much later", say="Much later."),
    ),
)

DOMAIN_6 = {
    "hinge_pattern", "reach_to_floor", "hip_skill", "stance", "start_height", "hips_rise", "lockout", "load_path",
    "set_length", "tempo", "plank_sag", "plank_pike", "head", "squat_load", "squat_support", "overhead", "toe_touch",
    "tall_first", "ribs_down", "load_on", "carry", "steady", "film",
}  # fmt: skip


def name(**ready) -> str:
    return choose_step(ROW, Readiness(**ready)).name


@pytest.mark.parametrize(
    ("ready", "step"),
    [
        ({}, "now"),
        ({"in_own_band": True}, "now"),  # no report
        ({"reported_level": 0}, "now"),  # the shape is not known
        ({"reported_level": 0, "in_own_band": False}, "now"),
        ({"reported_level": 0, "in_own_band": True}, "later"),
        ({"reported_level": 2, "in_own_band": True}, "later"),
        ({"reported_level": 3, "in_own_band": True}, "now"),  # above the threshold, still go
        ({"reported_level": 3, "in_own_band": True, "threshold": 3}, "later"),
        ({"reported_level": 4, "in_own_band": True}, "short"),
        ({"reported_level": 4, "in_own_band": True, "threshold": 5}, "later"),
        ({"reported_level": 4, "tried_levers": ["range"]}, "bell"),
        ({"reported_level": 4, "tried_levers": ["range", "implement"]}, "slow"),
        ({"reported_level": 4, "tried_levers": ["range", "implement", "tempo"]}, "now"),
    ],
)
def test_next_step_is_up_now_or_down(ready, step):
    assert name(**ready) == step


@settings(deadline=None)
@given(
    st.none() | st.integers(0, 10),
    st.integers(0, 10),
    st.sampled_from([None, False, True]),
    st.lists(st.sampled_from(LEVERS)),
)
def test_up_only_when_comfortable_and_in_the_own_band(reported, threshold, in_own_band, tried):
    step = choose_step(ROW, Readiness(reported, threshold, in_own_band=in_own_band, tried_levers=tried))
    if ROW.direction_of(step) == "up":
        assert reported is not None and reported <= threshold and in_own_band is True
    if ROW.direction_of(step) == "down":
        assert reported is not None and reported > threshold and step.by not in tried


def test_levers_are_in_the_order_of_the_sources():
    assert LEVERS[:5] == ("range", "load_position", "implement", "stance", "tempo")


def test_every_row_of_the_table_is_covered():
    assert set(load_menu()) >= DOMAIN_6


def test_the_general_easing_goes_through_every_lever_in_order():
    row, tried = load_menu()["ease_off"], list[str]()
    while row.direction_of(step := choose_step(row, Readiness(5, tried_levers=tried))) == "down":
        tried.append(step.by)
    assert tried == list(LEVERS[:5])


def test_every_step_is_found_by_its_id():
    for name, row in load_menu().items():
        for step in row.steps:
            assert find_step(format_step_id(name, step)) == (row, step)


@pytest.mark.parametrize("step_id", ["", "load_on", "load_on.", "training_effect", "load_on.Training effect"])
def test_unknown_menu_id_finds_nothing(step_id):
    assert find_step(step_id) is None


@pytest.mark.parametrize("row", load_menu())
def test_every_text_of_the_menu_passes_the_language_check(row):
    for step in load_menu()[row].steps:
        assert (find_forbidden_words(step.say), find_forbidden_words(step.name)) == ([], [])
        assert step.say.endswith(".") and not step.name.endswith(".")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a", "is not TOML"),
        ("[a]\neasier = []", "[a] now"),
        (
            '[a]\nnow = {id = "i", name = "n", say = "s"}\neasier = [{id = "i", name = "n", say = "s"}]',
            "names what it changes",
        ),
        ('[a]\nnow = {id = "i", name = "n", say = "s", by = "luck"}', "[a] now.by"),
        ('[a]\nnow = {id = "i", name = "n", say = "s"}\nsoon = []', "[a] soon"),
        ('[a]\nnow = {name = "n", say = "s"}', "[a] now.id"),
        ('[a]\nnow = {id = "A b", name = "n", say = "s"}', "[a] now.id"),
        ('[a]\nnow = {id = "i", name = "n", say = "s"}\nlater = [{id = "i", name = "m", say = "t"}]', "have the id i"),
    ],
)
def test_an_invalid_menu_gets_one_clear_line(tmp_path, text, message):
    path = tmp_path / "my menu.toml"
    path.write_text(text)
    with pytest.raises(MenuError) as error:
        load_menu(path)
    assert str(error.value).startswith("my menu.toml") and message in str(error.value)
    assert "\n" not in str(error.value)
