"""Numbers with their unit: known answers, and laws that hold for any number."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.vocabulary.units import (
    NO_VALUE,
    UNITS,
    format_about,
    format_difference_in_words,
    format_number,
    format_plus_minus,
    keep_units_together,
    split_unit,
)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (62.4, "deg", "62°"),
        (-12.6, "deg", "−13°"),
        (-0.4, "deg", "0°"),
        (2.04, "s", "2.0 s"),
        (-0.04, "s", "0.0 s"),
        (0.42, "share", "42 %"),
        (0.042, "pct", "0.04 %"),
        (60.0, "kg", "60 kg"),
        (22.75, "kg", "22.75 kg"),
        (0.4, "m_s", "0.40 m/s"),
        (1.083, "trunks", "1.08 trunk lengths"),
        (3.0, "deg_per_10s", "3° in 10 s"),
        (2.456, None, "2.46"),
        (None, "deg", NO_VALUE),
        (float("nan"), "s", NO_VALUE),
    ],
)
def test_a_number_has_its_unit_and_no_more_decimals_than_a_phone_clip_supports(value, unit, text):
    assert format_number(value, unit).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(("value", "text"), [(12.4, "+12°"), (-12.4, "−12°"), (0.4, "0°"), (-0.4, "0°")])
def test_a_signed_number_has_a_sign_unless_it_reads_as_zero(value, text):
    assert format_number(value, signed=True) == text


def test_less_certain_numbers_and_half_widths_have_their_word_or_sign():
    assert format_about(61.7) == "about 62°" and format_about(None) == NO_VALUE
    assert format_plus_minus(5.6) == "±6°" and format_plus_minus(float("nan")) == NO_VALUE


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12.2, "deg", "12 degrees"),
        (1.25, "s", "1.2 seconds"),
        (0.42, "share", "42 percentage points"),
        (4.0, "pct", "4 % of leg length"),
        (-0.01, "deg", "0 degrees"),
    ],
)
def test_in_a_sentence_the_unit_of_a_difference_is_a_word(value, unit, text):
    assert format_difference_in_words(value, unit, of="leg length") == text


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("hip_back_pct", ("hip_back", "pct")),
        ("mean_speed_m_s", ("mean_speed", "m_s")),
        ("slope_deg_10s", ("slope", "deg_10s")),
        ("hip_share", ("hip_share", None)),
        ("deg", ("deg", None)),
        ("style", ("style", None)),
    ],
)
def test_the_unit_of_a_measure_is_the_ending_of_its_name(name, parts):
    assert split_unit(name) == parts


def test_a_line_never_ends_between_a_number_and_its_unit():
    text = keep_units_together("2.5 s slower, 4 % further with 60 kg, 3 sets, 12 cm")
    assert text.replace("\N{NO-BREAK SPACE}", "~") == "2.5~s slower, 4~% further with 60~kg, 3 sets, 12~cm"


@given(st.floats(-1e6, 1e6), st.sampled_from(sorted(UNITS)))
def test_any_number_has_a_true_minus_and_a_no_break_space_before_its_unit(value, unit):
    text = format_number(value, unit)
    assert re.match("[−+]?[0-9]", text)
    assert "-" not in re.split("[°%a-zA-Z]", text)[0] and " " not in text[: len(text) - len(UNITS[unit].symbol)]
    assert not re.match("−0[.0]*(?![.0-9])", text)
