"""The page `repeatability.html`: one file that needs no network and opens on a phone."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from markupsafe import Markup

from analyzer.repeatability.bland_altman_plot import draw_bland_altman
from analyzer.repeatability.schema import (
    Interval95,
    MeasureRepeatability,
    MovementRepeatability,
    Repeatability,
    describe_repeats,
)
from analyzer.report.pages.templates import load_template
from analyzer.vocabulary.terms import format_count
from analyzer.vocabulary.units import UnitKey, format_number, get_unit

_TEMPLATE = load_template("repeatability.html.j2", Path(__file__).parent)
_SETTING_TEXTS = {"refilmed": "filmed again on the same day", "other_day": "filmed on different days"}


@dataclass(frozen=True)
class MeasureRow:
    """One measure as text: each number with its 95 % interval."""

    label: str
    repeats: str
    sem: str
    sem_interval: str
    mdc: str
    mdc_interval: str
    least_change: str
    is_used: bool
    rep_sd: str
    bias: str
    bias_interval: str
    limits: str
    plot: Markup | None


def render_repeatability_page(repeatability: Repeatability) -> str:
    """Return the page as HTML."""
    return _TEMPLATE.render(
        repeatability=repeatability,
        setting=_SETTING_TEXTS[repeatability.setting],
        movements=[_describe_movement(movement) for movement in repeatability.movements],
    )


def _describe_movement(movement: MovementRepeatability) -> dict[str, Any]:
    return {
        "title": movement.title,
        "people": format_count(movement.people, "person", "people"),
        "clips": format_count(movement.clips, "clip"),
        "has_enough": any(measure.is_used for measure in movement.measures),
        "key": [_describe_measure(measure) for measure in movement.measures if measure.is_key],
        "other": [_describe_measure(measure) for measure in movement.measures if not measure.is_key],
    }


def _describe_measure(measure: MeasureRepeatability) -> MeasureRow:
    number = partial(format_error, unit=measure.unit)
    agreement = measure.agreement
    plot = None
    bias = bias_interval = limits = ""
    if agreement is not None:
        bias, bias_interval = number(agreement.bias), format_error_interval(agreement.bias_interval_95, measure.unit)
        limits = f"{number(agreement.lower)} to {number(agreement.upper)}"
        plot = draw_bland_altman(
            measure.groups,
            agreement,
            f"{measure.label}: differences of {agreement.n} pairs, bias {bias}, limits of agreement {limits}",
            number,
            lambda value: format_number(value, cast(UnitKey, measure.unit), decimals=_tick_decimals(measure)),
        )
    return MeasureRow(
        label=measure.label,
        repeats=describe_repeats(measure),
        sem=number(measure.sem),
        sem_interval=format_error_interval(measure.within_person_sd_interval_95, measure.unit),
        mdc=number(measure.mdc95),
        mdc_interval=format_error_interval(measure.mdc95_interval_95, measure.unit),
        least_change=number(measure.least_change),
        is_used=measure.is_used,
        rep_sd="" if measure.rep_sd is None else number(measure.rep_sd),
        bias=bias,
        bias_interval=bias_interval,
        limits=limits,
        plot=plot,
    )


def format_error(value: float, unit: str) -> str:
    """Write an error: one decimal more than values of the unit."""
    key = cast(UnitKey, unit)
    return format_number(value, key, decimals=get_unit(key).decimals + 1)


def format_error_interval(interval: Interval95, unit: str) -> str:
    """Write an interval without its unit, which stands beside the number: "1.5 to 3.1"."""
    form = get_unit(cast(UnitKey, unit))
    low, high = (format_number(form.factor * end, None, decimals=form.decimals + 1) for end in interval)
    return f"{low} to {high}"


def _tick_decimals(measure: MeasureRepeatability) -> int:
    """Return the decimals of axis ticks: fewer than those of errors, but enough for a narrow axis."""
    form = get_unit(cast(UnitKey, measure.unit))
    return form.decimals if form.factor * measure.mdc95 >= 2 else form.decimals + 1
