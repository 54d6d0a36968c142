"""The catalogue: fill in texts, load files, and one clear line for an invalid file."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.coaching.catalogue import (
    Catalogue,
    CatalogueEntry,
    CatalogueError,
    fill_template,
    load_catalogue,
    read_catalogue_file,
)
from analyzer.movements.statistics import sample_sd


@pytest.mark.parametrize(
    ("template", "evidence", "text"),
    [
        ("{reps:n time|times}", {"reps": 1}, "1 time"),
        ("{reps:n time|times}", {"reps": 0}, "0 times"),
        ("{reps:n time|times}", {"reps": 2.0}, "2 times"),
        ("{held_s:n second|seconds}", {"held_s": 0.6}, "1 second"),
        ("{held_s:n full second|full seconds}", {"held_s": 12.4}, "12 full seconds"),
        ("{a_pct:.0f} % of {b:.1f}", {"a_pct": 37.6, "b": 2.25}, "38 % of 2.2"),
        ("{a_deg:.0f} degrees", {"a_deg": -0.2}, "0 degrees"),
        ("{a_deg:.0f} degrees", {"a_deg": -7.6}, "-8 degrees"),
        ("the {side} leg", {"side": "near", "unused": 1}, "the near leg"),
        ("{{braces}}", {}, "{braces}"),
    ],
)
def test_a_text_is_filled_in(template, evidence, text):
    assert fill_template(template, evidence, "a.b") == text


@pytest.mark.parametrize("unknown", [None, math.nan, math.inf])
def test_a_text_with_an_unknown_number_is_left_out(unknown):
    assert fill_template("{a:.0f} of {b}", {"a": unknown, "b": 3}, "a.b") is None


def test_a_field_that_the_evidence_lacks_is_an_error():
    with pytest.raises(CatalogueError, match=r"\[a\.b\] needs c: the evidence has d"):
        fill_template("{c}", {"d": 1}, "a.b")


def test_a_format_that_does_not_fit_the_value_is_an_error():
    with pytest.raises(CatalogueError, match=r"\[a\.b\]"):
        fill_template("{c:.0f}", {"c": "near"}, "a.b")


@settings(deadline=None)
@given(st.integers(-1000, 1000))
def test_one_is_singular_and_other_numbers_are_plural(count):
    assert fill_template("{n:n rep|reps}", {"n": count}, "a.b") == f"{count} {'rep' if count == 1 else 'reps'}"


def test_without_degrees_the_text_for_shapes_is_used_or_none():
    words = Catalogue(
        {
            "a.b": CatalogueEntry(say="{x_deg:.0f} degrees", say_shapes="As before"),
            "a.c": CatalogueEntry(say="Only so."),
        }
    )
    assert words.render_sentence("a.b", {"x_deg": 9.6}, allows_degrees=True) == "10 degrees"
    assert words.render_sentence("a.b", {"x_deg": 9.6}, allows_degrees=False) == "As before"
    assert words.render_sentence("a.c", {}, allows_degrees=False) is None


def test_further_sentences_follow_where_their_values_are_known():
    entry = CatalogueEntry(say="You did {reps:d}.", also=("Most in rep {most:d}.", "Alike."), say_shapes="You did it.")
    words = Catalogue({"a.b": entry})
    known, unknown = {"reps": 3, "most": 2}, {"reps": 3, "most": None}
    assert words.render_sentence("a.b", known, allows_degrees=True) == "You did 3. Most in rep 2. Alike."
    assert words.render_sentence("a.b", unknown, allows_degrees=True) == "You did 3. Alike."
    assert words.render_sentence("a.b", known, allows_degrees=False) == "You did it."
    assert words.render_sentence("a.b", known | {"reps": None}, allows_degrees=True) is None


def test_a_reason_is_the_short_form_or_the_sentence_itself():
    words = Catalogue(
        {"a.b": CatalogueEntry(say="Long.", reason="Short {x:d}"), "a.c": CatalogueEntry(say="Long {x:d}!")}
    )
    assert words.render_reason("a.b", {"x": 1}) == "Short 1"
    assert words.render_reason("a.c", {"x": 1}) == "Long 1"
    assert words.render_reason("a.c", {"x": None}) is None


def test_an_id_without_a_text_is_an_error():
    with pytest.raises(CatalogueError, match=r"no table \[a\.b\]"):
        load_catalogue().get_entry("a.b")


def test_texts_of_a_movement_take_priority(tmp_path):
    own = tmp_path / "words.toml"
    own.write_text(
        '[statue.still]\nsay = "You stood still."\n[general.keep_going]\nsay = "On you go."\nmenu = "carry"\n'
    )
    words = load_catalogue(own)
    assert words.get_entry("statue.still").say == "You stood still."
    assert words.get_entry("general.keep_going").say == "On you go."
    assert words.get_entry("general.refilm") == load_catalogue().get_entry("general.refilm")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("say = 3", "[say]: expected tables named [say.something]"),
        ('[hinge]\nsay = "Here."', "[hinge]: expected tables named [hinge.something]"),
        ("[hinge.x]", "[hinge.x] say: Field required"),
        ('[hinge.x]\nsay = " "', "[hinge.x] say:"),
        ('[hinge.x]\nsay = "Yes."\ncues = "No"', "[hinge.x] cues:"),
        ('[hinge.x]\nsay = "{"', "[hinge.x] say:"),
        ('[hinge.x]\nsay = "{0}"', "{0} is not the name"),
        ('[hinge.x]\nsay = "{}"', "{} is not the name"),
        ('[hinge.x]\nsay = "{a.b}"', "{a.b} is not the name"),
        ('[hinge.x]\nsay = "Yes."\nsay_shapes = "{hip_deg:.0f}"', "hip_deg is not known without degrees"),
        ('[hinge.x]\nsay = "Yes."\nmenu = "pizza"', "menu.toml has no row pizza"),
        ('[hinge.x]\nsay = "A perfect hinge."', '[hinge.x] say: "perfect" is not for a client'),
        ('[hinge.x]\nsay = "Yes."\ncue = "Never round."', '[hinge.x] cue: "Never"'),
        ('[hinge.x]\nsay = "Yes."\nalso = ["A perfect hinge."]', '[hinge.x] also: "perfect"'),
        ('[hinge.x]\nsay = "Yes."\nreason = "Never"', '[hinge.x] reason: "Never"'),
        ("[hinge.x\n", "is not TOML"),
    ],
)
def test_an_invalid_file_gets_one_clear_line(tmp_path, text, message):
    path = tmp_path / "my words.toml"
    path.write_text(text)
    with pytest.raises(CatalogueError) as error:
        read_catalogue_file(path)
    assert str(error.value).startswith("my words.toml") and message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_back_that_keeps_its_shape_is_said_without_a_count_of_reps():
    """Measured reps may be in part, as a single lift that ends at lockout, while the count of complete ones is 0."""
    catalogue = load_catalogue()
    for id in ("back.keeps_shape", "back.keeps_shape_squat"):
        assert catalogue.render_reason(id, {"reps": 1}) == "Your back kept its shape"


def test_the_spread_of_the_bottoms_is_said_from_their_average():
    """Deviations from 96.8 are 1.2, 0.8, 2.2, 1.8 and 0.8, squares 10.8, SD 1.6; the reps differ by up to 4 degrees."""
    sd_deg = sample_sd([98, 96, 99, 95, 96])
    assert sd_deg == pytest.approx(math.sqrt(10.8 / 4))
    text = load_catalogue().render_sentence("squat.repeatable", {"bottom_sd_deg": sd_deg}, allows_degrees=True)
    assert text == "Very repeatable: at the bottom your squats typically came within 2 degrees of their average."


def test_a_missing_file_gets_one_clear_line(tmp_path):
    with pytest.raises(CatalogueError, match=r"gone\.toml: No such file"):
        read_catalogue_file(tmp_path / "gone.toml")
