"""The trainable menu: its rows, and which one step is chosen."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.coaching.language_check import find_forbidden_words
from analyzer.coaching.trainable_menu import LEVERS, MenuError, MenuRow, MenuStep, Readiness, choose_step, load_menu

ROW = MenuRow(
    easier=(
        MenuStep(name="slow", say="Slower.", by="tempo"),
        MenuStep(name="short", say="Shorter.", by="range"),
        MenuStep(name="bell", say="Kettlebell.", by="implement"),
    ),
    now=MenuStep(name="now", say="Now."),
    later=(MenuStep(name="later", say="Later."), MenuStep(name="much later", say="Much later.")),
)

DOMAIN_6 = {
    "hinge_pattern", "reach_to_floor", "hip_skill", "stance", "start_height", "hips_rise", "lockout", "load_path",
    "set_length", "tempo", "plank_sag", "plank_pike", "head", "squat_load", "squat_support", "overhead", "toe_touch",
    "tall_first", "ribs_down", "load_on", "carry", "steady", "film",
}  # fmt: skip


def name(**ready) -> str:
    return choose_step(ROW, Readiness(**ready)).step.name


@pytest.mark.parametrize(
    ("ready", "step"),
    [
        ({}, "now"),
        ({"in_own_band": True}, "now"),  # nobody asked how it felt
        ({"reported": 0}, "now"),  # the shape is not known
        ({"reported": 0, "in_own_band": False}, "now"),
        ({"reported": 0, "in_own_band": True}, "later"),
        ({"reported": 2, "in_own_band": True}, "later"),
        ({"reported": 3, "in_own_band": True}, "now"),  # above the threshold, still go
        ({"reported": 3, "in_own_band": True, "threshold": 3}, "later"),
        ({"reported": 4, "in_own_band": True}, "short"),
        ({"reported": 4, "in_own_band": True, "threshold": 5}, "later"),
        ({"reported": 4, "tried": ["range"]}, "bell"),
        ({"reported": 4, "tried": ["range", "implement"]}, "slow"),
        ({"reported": 4, "tried": ["range", "implement", "tempo"]}, "now"),
    ],
)
def test_one_step_up_now_or_down(ready, step):
    assert name(**ready) == step


@settings(deadline=None)
@given(
    st.none() | st.integers(0, 10),
    st.integers(0, 10),
    st.sampled_from([None, False, True]),
    st.lists(st.sampled_from(LEVERS)),
)
def test_up_only_when_comfortable_and_in_the_own_band(reported, threshold, in_own_band, tried):
    chosen = choose_step(ROW, Readiness(reported, threshold, in_own_band=in_own_band, tried=tried))
    if chosen.way == "up":
        assert reported is not None and reported <= threshold and in_own_band is True
    if chosen.way == "down":
        assert reported is not None and reported > threshold and chosen.step.by not in tried


def test_the_order_is_the_domain_s():
    assert LEVERS[:5] == ("range", "load_position", "implement", "stance", "tempo")


def test_every_row_of_the_table_is_there():
    assert set(load_menu()) >= DOMAIN_6


def test_the_general_easing_goes_through_every_lever_in_order():
    tried: list[str] = []
    while (chosen := choose_step(load_menu()["ease_off"], Readiness(5, tried=tried))).way == "down":
        tried.append(chosen.step.by)
    assert tried == list(LEVERS[:5])


@pytest.mark.parametrize("row", load_menu())
def test_every_text_of_the_menu_passes_the_language_check(row):
    for step in load_menu()[row].steps:
        assert (find_forbidden_words(step.say), find_forbidden_words(step.name)) == ([], [])
        assert step.say.endswith(".") and not step.name.endswith(".")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[a", "is not TOML"),
        ("[a]\neasier = []", "[a] now"),
        ('[a]\nnow = {name = "n", say = "s"}\neasier = [{name = "n", say = "s"}]', "names what it changes"),
        ('[a]\nnow = {name = "n", say = "s", by = "luck"}', "[a] now.by"),
        ('[a]\nnow = {name = "n", say = "s"}\nsoon = []', "[a] soon"),
    ],
)
def test_a_menu_that_is_none_gets_one_clear_line(tmp_path, text, told):
    path = tmp_path / "my menu.toml"
    path.write_text(text)
    with pytest.raises(MenuError) as error:
        load_menu(path)
    assert str(error.value).startswith("my menu.toml") and told in str(error.value)
    assert "\n" not in str(error.value)
