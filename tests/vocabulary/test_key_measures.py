"""Key measures as text."""

from analyzer.results.schema import KeyMeasure
from analyzer.vocabulary.key_measures import format_key_measure, format_key_value, shorten_label


def measure(value: float, unit: str, interval: tuple[float, float] | None) -> KeyMeasure:
    return KeyMeasure(
        id="hinge.x", label="Fold of hips and back", value=value, unit=unit, interval_80=interval, per_rep=[]
    )


def test_value_with_unit_and_interval():
    assert format_key_value(measure(92.86, "deg", (87.4, 98.6))) == "93° (87 to 99)"
    assert format_key_value(measure(2.1, "deg", (-5.2, 9.4))) == "2° (\N{MINUS SIGN}5 to 9)"


def test_without_an_interval_the_value_alone():
    assert format_key_value(measure(0.64, "s", None)) == "0.6\N{NO-BREAK SPACE}s"


def test_one_line_has_the_label_first():
    assert format_key_measure(measure(92.86, "deg", None)) == "Fold of hips and back: 93°"


def test_the_interval_of_a_speed_has_the_decimals_of_the_speed():
    assert format_key_value(measure(0.517, "m_s", (0.482, 0.556))) == "0.52\N{NO-BREAK SPACE}m/s (0.48 to 0.56)"


def test_a_direction_replaces_the_sign_of_the_value_and_of_its_interval():
    arched = measure(-18.2, "deg", (-27.4, -9.1)).model_copy(update={"direction": "arched"})
    assert format_key_value(arched) == "18° arched (9 to 27)"
    assert format_key_value(measure(36.4, "deg", None).model_copy(update={"direction": "rounded"})) == "36° rounded"


def test_a_label_is_shortened_before_its_comma_or_bracket():
    assert [shorten_label(label) for label in ("Back, change from tall", "Body line (+ piked)", "Trunk lean")] == [
        "Back",
        "Body line",
        "Trunk lean",
    ]
