"""Key measures as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.results.schema import KeyMeasure
from analyzer.vocabulary.key_measures import (
    choose_change_decimals,
    format_key_measure,
    format_key_value,
    format_threshold,
    format_verdict,
    shorten_label,
)
from analyzer.vocabulary.units import UNITS


def measure(value: float, unit: str, interval: tuple[float, float] | None) -> KeyMeasure:
    return KeyMeasure(id="hinge.x", label="Trunk-thigh", value=value, unit=unit, interval_80=interval, per_rep=[])


def test_value_with_unit_and_interval():
    assert format_key_value(measure(92.86, "deg", (87.4, 98.6))) == "93° (87 to 99)"
    assert format_key_value(measure(2.1, "deg", (-5.2, 9.4))) == "2° (\N{MINUS SIGN}5 to 9)"


def test_without_an_interval_the_value_alone():
    assert format_key_value(measure(0.64, "s", None)) == "0.6\N{NO-BREAK SPACE}s"


def test_one_line_has_the_label_first():
    assert format_key_measure(measure(92.86, "deg", None)) == "Trunk-thigh: 93°"


def test_the_interval_of_a_speed_has_the_decimals_of_the_speed():
    assert format_key_value(measure(0.517, "m_s", (0.482, 0.556))) == "0.52\N{NO-BREAK SPACE}m/s (0.48 to 0.56)"


def test_a_direction_replaces_the_sign_of_the_value_and_of_its_interval():
    arched = measure(-18.2, "deg", (-27.4, -9.1)).model_copy(update={"direction": "arched"})
    assert format_key_value(arched) == "18° arched (9 to 27)"
    assert format_key_value(measure(36.4, "deg", None).model_copy(update={"direction": "rounded"})) == "36° rounded"


@pytest.mark.parametrize(
    ("change", "unit", "mdc", "is_clear", "texts"),
    [
        (0.13, "s", 0.12, True, ("+0.13\N{NO-BREAK SPACE}s", "counts from 0.12\N{NO-BREAK SPACE}s")),
        (-0.15, "s", 0.15, True, ("\N{MINUS SIGN}0.15\N{NO-BREAK SPACE}s", "counts from 0.15\N{NO-BREAK SPACE}s")),
        (0.32, "s", 0.15, True, ("+0.3\N{NO-BREAK SPACE}s", "counts from 0.15\N{NO-BREAK SPACE}s")),
        (0.1, "s", 0.15, False, ("no clear change (+0.1\N{NO-BREAK SPACE}s)", "counts from 0.15\N{NO-BREAK SPACE}s")),
        (0.16, "s", 0.17, False, ("no clear change (+0.16\N{NO-BREAK SPACE}s)", "counts from 0.17\N{NO-BREAK SPACE}s")),
        (10.6, "deg", 10.8, False, ("no clear change (+10.6°)", "counts from 10.8°")),
        (11.0, "deg", 10.8, True, ("+11°", "counts from 11°")),
    ],
)
def test_a_change_never_reads_as_the_other_side_of_its_threshold(change, unit, mdc, is_clear, texts):
    assert (format_verdict(change, unit, mdc, is_clear, False), format_threshold(change, unit, mdc, is_clear)) == texts


@given(st.integers(1, 200_000), st.integers(1, 200_000), st.sampled_from(sorted(UNITS)))
def test_written_changes_compare_with_written_thresholds_as_the_measured_ones(change, mdc, unit):
    change, mdc, factor = change / 1000, mdc / 1000, UNITS[unit].factor
    decimals = choose_change_decimals(change, unit, mdc, change >= mdc)
    written = round(factor * change, decimals[0]), round(factor * mdc, decimals[1])
    assert (written[0] >= written[1]) == (change >= mdc)


def test_a_label_is_shortened_before_its_comma_or_bracket():
    assert [shorten_label(label) for label in ("Back, change from tall", "Body line (+ piked)", "Trunk lean")] == [
        "Back",
        "Body line",
        "Trunk lean",
    ]
