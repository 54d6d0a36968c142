"""Units of measurement, and the formatting of numbers with their unit."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

UnitKey = Literal[
    "deg", "s", "pct", "share", "cm", "m", "m_s", "kg", "hz", "px", "trunks", "per_min",
    "deg_s", "deg_per_10s", "deg_10s", "of_10",
]  # fmt: skip
"""Ending of a measure's name; `share` is a fraction of 1 that is written in percent."""

MINUS_SIGN = "\N{MINUS SIGN}"
NO_VALUE = "\N{EN DASH}"
"""Stands in a table where a value is unknown."""
_GAP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class UnitFormat:
    """Number format of one unit.

    Attributes
    ----------
    symbol : follows the number, such as "°" or "cm".
    words : follows the number in a sentence, such as "degrees".
    decimals : at most this many: as many as a phone clip supports.
    has_space : whether a no-break space stands between number and symbol.
    keeps_zeros : whether trailing zeros of the decimals are written ("2.0 s", but "60 kg").
    factor : the number is multiplied by it first.
    """

    symbol: str
    words: str
    decimals: int = 2
    has_space: bool = True
    keeps_zeros: bool = False
    factor: float = 1.0


UNITS: Mapping[UnitKey, UnitFormat] = {
    "deg": UnitFormat("°", "degrees", decimals=0, has_space=False),
    "s": UnitFormat("s", "seconds", decimals=1, keeps_zeros=True),
    "pct": UnitFormat("%", "%", decimals=0),
    "share": UnitFormat("%", "%", decimals=0, factor=100.0),
    "cm": UnitFormat("cm", "cm", decimals=0),
    "m": UnitFormat("m", "m"),
    "m_s": UnitFormat("m/s", "m/s", keeps_zeros=True),
    "kg": UnitFormat("kg", "kg"),
    "hz": UnitFormat("Hz", "Hz"),
    "px": UnitFormat("pixels", "pixels", decimals=0),
    "trunks": UnitFormat("trunk lengths", "trunk lengths"),
    "per_min": UnitFormat("a minute", "a minute", decimals=0),
    "deg_s": UnitFormat("°/s", "degrees a second", has_space=False),
    "deg_per_10s": UnitFormat("° in 10 s", "degrees in 10 seconds", has_space=False),
    "deg_10s": UnitFormat("° in 10 s", "degrees in 10 seconds", has_space=False),
    "of_10": UnitFormat("of 10", "of 10", decimals=0),
}
_NO_UNIT = UnitFormat("", "", has_space=False)
_SUFFIXES = sorted((key for key in UNITS if key != "share"), key=len, reverse=True)
_SPACED_SYMBOLS = "|".join(re.escape(unit.symbol) for unit in UNITS.values() if unit.has_space)
_NUMBER_AND_UNIT = re.compile(rf"(\d) ((?:{_SPACED_SYMBOLS})(?!\w))")


def get_unit(key: UnitKey | None) -> UnitFormat:
    """Return how numbers of a unit are written; without a unit: up to two decimals and no symbol."""
    return _NO_UNIT if key is None else UNITS[key]


def split_unit(name: str) -> tuple[str, UnitKey | None]:
    """Split the name of a measure into stem and unit: "hip_back_pct" into "hip_back" and "pct".

    The unit is None where the name ends in none. `share` is never split off: "hip_share" is a ratio of 0 to 1.
    """
    for unit in _SUFFIXES:
        if name.endswith(f"_{unit}") and len(name) > len(unit) + 1:
            return name[: -len(unit) - 1], unit
    return name, None


def format_number(
    value: float | None, unit: UnitKey | None = "deg", *, signed: bool = False, decimals: int | None = None
) -> str:
    """Write a number with its unit: whole degrees and percent, tenths of a second.

    Parameters
    ----------
    value : in `unit`; None or not finite gives `NO_VALUE`.
    unit : None for a bare number of up to two decimals.
    signed : write "+" before a number above 0.
    decimals : in place of those of the unit.

    Returns
    -------
    Text with a minus sign in place of a hyphen and a no-break space before the unit. What rounds to zero has no sign.
    A percentage below 1 has one significant digit.
    """
    if value is None or not math.isfinite(value):
        return NO_VALUE
    form = get_unit(unit)
    scaled = form.factor * value
    places = form.decimals if decimals is None else decimals
    text = f"{scaled:.1g}" if form.symbol == "%" and 0.001 < abs(scaled) < 1 else f"{scaled:.{places}f}"
    if not form.keeps_zeros and places > 0 and "." in text:
        text = text.rstrip("0").rstrip(".")
    text = drop_sign_of_zero(text)
    sign = "+" if signed and scaled > 0 and float(text) != 0 else ""
    suffix = f" {form.symbol}" if form.has_space else form.symbol
    return sign + text.replace("-", MINUS_SIGN) + suffix.replace(" ", _GAP, 1)


def format_about(value: float | None, unit: UnitKey | None = "deg") -> str:
    """Write a number that is less certain than the others: "about 60°"."""
    text = format_number(value, unit)
    return text if text == NO_VALUE else f"about {text}"


def format_plus_minus(value: float | None, unit: UnitKey | None = "deg", *, decimals: int | None = None) -> str:
    """Write the half width of an interval or a spread: "±5°"; `decimals` in place of those of the unit."""
    text = format_number(value, unit, decimals=decimals)
    return text if text == NO_VALUE else f"±{text}"


def format_difference_in_words(value: float, unit: UnitKey, of: str = "", *, decimals: int | None = None) -> str:
    """Write a difference for the middle of a sentence: "12 degrees", "1.5 seconds", "4 % of leg length".

    Two shares differ by percentage points. `of` is what a percentage is a part of; it is written after percentages
    only. `decimals` replace those of the unit.
    """
    form = UNITS[unit]
    places = form.decimals if decimals is None else decimals
    number = drop_sign_of_zero(f"{form.factor * value:.{places}f}")
    words = "percentage points" if unit == "share" else form.words
    return f"{number} {words} of {of}" if of and unit == "pct" else f"{number} {words}"


def drop_sign_of_zero(text: str) -> str:
    """Return a formatted number without its minus sign where it reads as zero: "-0.0" as "0.0"."""
    return text[1:] if text.startswith("-") and not text.strip("-0.%") else text


def keep_units_together(text: str) -> str:
    """Put no-break spaces between numbers and their units in a sentence, so that a line never ends between them."""
    return _NUMBER_AND_UNIT.sub(rf"\1{_GAP}\2", text)
