"""Key measures and their changes as text, the same in the terminal, the report and the tables."""

import re
from typing import Protocol, cast

from analyzer.vocabulary.units import UnitKey, format_number, get_unit

NO_CLEAR_CHANGE = "no clear change"
_MAX_MORE_DECIMALS = 3  # changes are stored in thousandths


class KeyMeasureValue(Protocol):
    """Parts of a key measure that are written; `results.schema.KeyMeasure` provides them."""

    label: str
    value: float
    unit: str
    interval_80: tuple[float, float] | None
    direction: str | None


class KeyMeasureChange(Protocol):
    """Parts of a change that are written; `compare.schema.KeyChange` provides them."""

    label: str
    unit: str
    before: float
    after: float
    interval_80_before: tuple[float, float] | None
    interval_80_after: tuple[float, float] | None
    direction_before: str | None
    direction_after: str | None
    change: float
    mdc: float | None
    clear: bool
    better: bool


def format_key_value(measure: KeyMeasureValue) -> str:
    """Write the value with unit and, where they are known, direction and interval: "37° rounded (29 to 45)"."""
    return format_with_interval(measure.value, measure.unit, measure.interval_80, measure.direction)


def format_key_measure(measure: KeyMeasureValue) -> str:
    """Write label and value in one line: "Trunk-thigh: 92° (87 to 97)"."""
    return f"{measure.label}: {format_key_value(measure)}"


def format_directed(value: float, unit: str, direction: str | None) -> str:
    """Write a value with its unit; with a word for its direction, which then replaces its sign: "18° arched"."""
    text = format_number(abs(value) if direction else value, cast(UnitKey, unit))
    return f"{text} {direction}" if direction else text


def format_with_interval(
    value: float, unit: str, interval_80: tuple[float, float] | None, direction: str | None = None
) -> str:
    """Write a value with its unit and, where they are known, direction and 80 % interval: "37° rounded (29 to 45)"."""
    text = format_directed(value, unit, direction)
    return text if interval_80 is None else f"{text} ({format_interval(interval_80, unit, direction)})"


def format_interval(interval_80: tuple[float, float], unit: str = "deg", direction: str | None = None) -> str:
    """Write the ends of an interval without their unit, with its decimals: "29 to 45".

    With a word for the direction of the value, they are the ends of its size, the smaller first.
    """
    decimals = get_unit(cast(UnitKey, unit)).decimals
    ends = sorted(map(abs, interval_80)) if direction else interval_80
    low, high = (format_number(end, None, decimals=decimals) for end in ends)
    return f"{low} to {high}"


def format_change(change: KeyMeasureChange) -> str:
    """Write a change and its verdict: "+12°", "−18°, better" or "no clear change (+6°)".

    Without a minimal detectable change there is no verdict: "+3 %".
    """
    return format_verdict(change.change, change.unit, change.mdc, change.clear, change.better)


def format_verdict(change: float, unit: str, mdc: float | None, is_clear: bool | None, is_better: bool) -> str:
    """Write a change of a number and its verdict as `format_change` does; without `mdc` there is no verdict."""
    if mdc is None:
        return format_number(change, cast(UnitKey, unit), signed=True)
    text = format_amount(change, unit, mdc, bool(is_clear))
    if not is_clear:
        return f"{NO_CLEAR_CHANGE} ({text})"
    return f"{text}, better" if is_better else text


def format_mdc(change: KeyMeasureChange) -> str:
    """Write the minimal detectable change: "counts from 11°"; empty where none is known."""
    return "" if change.mdc is None else format_threshold(change.change, change.unit, change.mdc, change.clear)


def format_amount(change: float, unit: str, mdc: float, is_clear: bool) -> str:
    """Write a change that stands beside its minimal detectable change: "+12°"."""
    decimals, _ = choose_change_decimals(change, unit, mdc, is_clear)
    return format_number(change, cast(UnitKey, unit), signed=True, decimals=decimals)


def format_threshold(change: float, unit: str, mdc: float, is_clear: bool) -> str:
    """Write the smallest change that counts, beside the change: "counts from 11°"."""
    _, decimals = choose_change_decimals(change, unit, mdc, is_clear)
    return f"counts from {format_number(mdc, cast(UnitKey, unit), decimals=decimals)}"


def choose_change_decimals(change: float, unit: str, mdc: float, is_clear: bool) -> tuple[int, int]:
    """Choose the decimals of a change and of its minimal detectable change, which stand beside each other.

    As many as their units have, hundredths of a second for a threshold below one; more where the written change would
    else read below the written threshold although it counts, or reach it although it does not.
    """
    form = get_unit(cast(UnitKey, unit))
    change_decimals = form.decimals
    mdc_decimals = 2 if unit == "s" and mdc < 1 else form.decimals
    for _ in range(_MAX_MORE_DECIMALS):
        written = round(abs(form.factor * change), change_decimals), round(form.factor * mdc, mdc_decimals)
        if (written[0] >= written[1]) == is_clear:
            break
        is_level = change_decimals == mdc_decimals
        change_decimals = mdc_decimals = max(change_decimals, mdc_decimals) + is_level
    return change_decimals, mdc_decimals


def format_change_line(change: KeyMeasureChange) -> str:
    """Write a change in one line: "Trunk-thigh: 92° (87 to 97) → 104° (99 to 109): +12°, counts from 11°"."""
    before = format_with_interval(change.before, change.unit, change.interval_80_before, change.direction_before)
    after = format_with_interval(change.after, change.unit, change.interval_80_after, change.direction_after)
    mdc = format_mdc(change)
    return f"{change.label}: {before} → {after}: {format_change(change)}{f', {mdc}' if mdc else ''}"


def shorten_label(label: str) -> str:
    """Return a label up to its first comma or bracket: "Back, change from tall" as "Back"."""
    return re.split(r"[,(]", label, maxsplit=1)[0].strip() or label
