import pytest

from analyzer.vocabulary.measures import format_measure, format_measure_name, format_measure_rows


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("hip_back_pct", "Hips back, of leg length"),
        ("trunk_thigh_deg", "Trunk-thigh (hip hinge)"),
        ("longest_hold_s", "Longest hold"),
        ("style", "Style"),
    ],
)
def test_keys_read_as_words(key, name):
    assert format_measure_name(key) == name


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("trunk_deg", -0.4, "0°"),
        ("trunk_deg", -12.6, "−13°"),
        ("hold_s", 2.04, "2.0 s"),
        ("tremor_pct", 0.042, "0.04 %"),
        ("share_pct", 21.5, "22 %"),
        ("load_kg", 60.0, "60 kg"),
        ("ratio", 2.456, "2.46"),
        ("steps", 12, "12"),
        ("style", "squat_style", "squat style"),
        ("set_up", False, "no"),
        ("trunk_deg", None, "–"),
        ("trunk_deg", float("nan"), "–"),
        ("times_s", [0.5, 2], "0.5 s, 2.0 s"),
    ],
)
def test_values_have_their_unit_and_no_more_decimals_than_a_phone_bears(key, value, text):
    assert format_measure(key, value).replace("\N{NO-BREAK SPACE}", " ") == text


def test_nested_measures_take_the_unit_of_what_holds_them_and_long_lists_are_left_out():
    measures = {"largest_deg": {"trunk": 12.2, "other_s": 1.0}, "line_deg": list(range(50)), "gone": None, "kept": 1}
    assert list(format_measure_rows(measures, exclude=["kept"])) == [
        ("Largest: trunk", "12°"),
        ("Largest: other", "1.0\N{NO-BREAK SPACE}s"),
    ]
