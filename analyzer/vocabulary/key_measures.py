"""A key measure as text, the same in the terminal, the report and the tables."""

from typing import Protocol, cast

from analyzer.vocabulary.units import UnitKey, format_number


class KeyMeasureValue(Protocol):
    """Parts of a key measure that are written; `results.schema.KeyMeasure` provides them."""

    label: str
    value: float
    unit: str
    interval_80: tuple[float, float] | None


def format_key_value(measure: KeyMeasureValue) -> str:
    """Write the value with its unit and, where it is known, its 80 % interval: "37° (29 to 45)"."""
    unit = cast(UnitKey, measure.unit)
    text = format_number(measure.value, unit)
    if measure.interval_80 is None:
        return text
    low, high = (format_number(end, None, decimals=0) for end in measure.interval_80)
    return f"{text} ({low} to {high})"


def format_key_measure(measure: KeyMeasureValue) -> str:
    """Write label and value in one line: "Hip fold: 92° (87 to 97)"."""
    return f"{measure.label}: {format_key_value(measure)}"
