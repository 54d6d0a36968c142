"""Bland-Altman plot of one measure, as inline SVG that takes its colours from the page."""

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import cast

import numpy as np
from markupsafe import Markup

from analyzer.repeatability.error_text import format_error
from analyzer.repeatability.schema import Agreement, RepeatedValue
from analyzer.vocabulary.units import MINUS_SIGN, UnitKey, drop_sign_of_zero, get_unit

_WIDE, _HIGH = 340, 230  # in its own units, near the pixels of a phone; chosen
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 70, 10, 36  # margins for the ticks and the names of the lines; chosen
_MAX_TICKS = 5  # of an axis; chosen
_MIN_LINE_GAP = 13  # between the names of two lines; chosen

Scale = Callable[[float], float]
"""Value -> its place in the drawing."""

Tick = tuple[float, str]


def draw_bland_altman(groups: Sequence[RepeatedValue], agreement: Agreement, unit: str, label: str) -> Markup:
    """Draw the difference of each person's first two clips over their mean, with bias and limits of agreement.

    Parameters
    ----------
    label : the same in words, for screen readers.
    """
    form = get_unit(cast(UnitKey, unit))
    number = partial(format_error, unit=unit)
    first, second = (np.array([group.values[index] for group in groups]) for index in (0, 1))
    means, differences = (first + second) / 2, second - first
    lines = (
        ("high", "+1.96 SD", agreement.upper, agreement.upper_interval_95),
        ("bias", "bias", agreement.bias, agreement.bias_interval_95),
        ("low", "\N{MINUS SIGN}1.96 SD", agreement.lower, agreement.lower_interval_95),
    )
    edges = [0.0, *differences, agreement.upper_interval_95[1], agreement.lower_interval_95[0]]
    low, high = _pad(min(edges), max(edges))
    left, right = _pad(float(means.min()), float(means.max()))

    def x(value: float) -> float:
        return _LEFT + (_WIDE - _LEFT - _RIGHT) * (value - left) / (right - left)

    def y(value: float) -> float:
        return _TOP + (_HIGH - _TOP - _BOTTOM) * (high - value) / (high - low)

    end = _WIDE - _RIGHT
    parts = [
        f'<rect class="{kind} interval" x="{_LEFT}" y="{y(interval[1]):.1f}" width="{end - _LEFT}" '
        f'height="{y(interval[0]) - y(interval[1]):.1f}"/>'
        for kind, _, _, interval in lines
    ]
    parts.append(f'<line class="zero" x1="{_LEFT}" y1="{y(0):.1f}" x2="{end}" y2="{y(0):.1f}"/>')
    parts += _draw_axes(_ticks(left, right, form.factor), _ticks(low, high, form.factor), x, y)
    names_y = _spread_apart([y(value) for _, _, value, _ in lines])
    for (kind, name, value, _), name_y in zip(lines, names_y, strict=True):
        parts.append(f'<line class="{kind}" x1="{_LEFT}" y1="{y(value):.1f}" x2="{end}" y2="{y(value):.1f}"/>')
        parts.append(f'<text class="name" x="{end + 5}" y="{name_y:.1f}">{escape(name)}</text>')
        parts.append(f'<text class="value" x="{end + 5}" y="{name_y + 12:.1f}">{escape(number(value))}</text>')
    for group, mean, difference in zip(groups, means, differences, strict=True):
        title = f"{group.client}: {number(group.values[0])}, {number(group.values[1])}"
        place = f'cx="{x(mean):.1f}" cy="{y(difference):.1f}" r="4"'
        parts.append(f'<circle class="dot" {place}><title>{escape(title)}</title></circle>')
    middle_x, middle_y, symbol = (_LEFT + end) / 2, (_TOP + _HIGH - _BOTTOM) / 2, escape(form.symbol)
    parts.append(
        f'<text class="axis" x="{middle_x}" y="{_HIGH - 4}" text-anchor="middle">mean of both clips, {symbol}</text>'
    )
    parts.append(
        f'<text class="axis" x="11" y="{middle_y}" text-anchor="middle" transform="rotate(-90 11 {middle_y})">'
        f"second {MINUS_SIGN} first, {symbol}</text>"
    )
    return Markup(
        f'<svg class="agreement" viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )


def _draw_axes(x_ticks: Sequence[Tick], y_ticks: Sequence[Tick], x: Scale, y: Scale) -> list[str]:
    bottom = _HIGH - _BOTTOM
    parts = [f'<path class="frame" d="M{_LEFT} {_TOP}V{bottom}H{_WIDE - _RIGHT}"/>']
    for value, text in x_ticks:
        parts.append(f'<text class="tick" x="{x(value):.1f}" y="{bottom + 14}" text-anchor="middle">{text}</text>')
    for value, text in y_ticks:
        parts.append(f'<text class="tick" x="{_LEFT - 4}" y="{y(value) + 4:.1f}" text-anchor="end">{text}</text>')
    return parts


def _pad(low: float, high: float) -> tuple[float, float]:
    """Return the range of an axis with room at both ends; a range of one value gets a width."""
    room = 0.06 * (high - low) or max(abs(high), 1.0) * 0.1
    return low - room, high + room


def _ticks(low: float, high: float, factor: float) -> list[Tick]:
    """Return round numbers within an axis with their texts; texts are of the values times `factor`."""
    low, high = factor * low, factor * high
    rough = (high - low) / _MAX_TICKS
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(float(nice * power) for nice in (1, 2, 5, 10) if nice * power >= rough)
    decimals = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    values = [number * step for number in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]
    texts = (drop_sign_of_zero(f"{value:.{decimals}f}").replace("-", MINUS_SIGN) for value in values)
    return [(value / factor, text) for value, text in zip(values, texts, strict=True)]


def _spread_apart(tops: Sequence[float]) -> list[float]:
    """Move the names of lines apart that would overlap, the middle one staying; each has two rows of text."""
    upper, middle, lower = tops
    gap = 2 * _MIN_LINE_GAP
    return [min(upper, middle - gap), middle, max(lower, middle + gap)]
