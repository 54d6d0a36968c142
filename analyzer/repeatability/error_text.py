"""Errors of measurement as text: one decimal more than values of the unit, zeros included."""

from typing import cast

from analyzer.vocabulary.units import MINUS_SIGN, UnitKey, drop_sign_of_zero, get_unit

_GAP = "\N{NO-BREAK SPACE}"


def format_error(value: float, unit: str) -> str:
    """Write an error with its unit: "2.0\N{DEGREE SIGN}"."""
    form = get_unit(cast(UnitKey, unit))
    return _format_plain(value, unit) + (_GAP if form.has_space else "") + form.symbol


def format_error_interval(interval: tuple[float, float], unit: str) -> str:
    """Write an interval without its unit, which stands beside the number: "1.5 to 3.1"."""
    return " to ".join(_format_plain(end, unit) for end in interval)


def _format_plain(value: float, unit: str) -> str:
    form = get_unit(cast(UnitKey, unit))
    return drop_sign_of_zero(f"{form.factor * value:.{form.decimals + 1}f}").replace("-", MINUS_SIGN)
