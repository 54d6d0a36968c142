import pytest

from analyzer.vocabulary.measures import MeasureLabel, format_measure, format_measure_name, format_measure_rows


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("descent_s", "Down"),
        ("hip_back_pct", "Hip back"),
        ("trunk_thigh_deg", "Trunk-thigh"),
        ("longest_hold_s", "Longest hold"),
        ("style", "Style"),
    ],
)
def test_keys_read_as_words(key, name):
    assert format_measure_name(key) == name


def test_words_and_unit_of_a_movement_come_before_the_shared_ones():
    own = {"descent_s": MeasureLabel(label="Way out"), "grace": MeasureLabel(label="Grace", unit="pct")}
    assert list(format_measure_rows({"descent_s": 1.25, "grace": 80, "pause_s": 0.5}, own)) == [
        ("Way out", "1.2\N{NO-BREAK SPACE}s"),
        ("Grace", "80\N{NO-BREAK SPACE}%"),
        ("Pause", "0.5\N{NO-BREAK SPACE}s"),
    ]


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
def test_values_have_their_unit_and_no_more_decimals_than_a_phone_clip_supports(key, value, text):
    assert format_measure(key, value).replace("\N{NO-BREAK SPACE}", " ") == text


def test_nested_measures_take_the_unit_of_what_holds_them_and_long_lists_are_left_out():
    measures = {
        "largest_deg": {"trunk": 12.2, "other_s": 1.0},
        "line_deg": list(range(50)),
        "gone": None,
        "excluded": 1,
    }
    assert list(format_measure_rows(measures, exclude=["excluded"])) == [
        ("Largest: trunk", "12°"),
        ("Largest: other", "1.0\N{NO-BREAK SPACE}s"),
    ]
