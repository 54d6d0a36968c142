"""The page `repeatability.html`: one file that needs no network and opens on a phone."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup

from analyzer.repeatability.bland_altman_plot import draw_bland_altman
from analyzer.repeatability.error_text import format_error, format_error_interval
from analyzer.repeatability.schema import (
    MeasureRepeatability,
    MovementRepeatability,
    Repeatability,
    describe_repeats,
)
from analyzer.report.pages.templates import load_template
from analyzer.vocabulary.terms import format_count

_TEMPLATE = load_template("repeatability.html.j2", Path(__file__).parent)
_SETTING_TEXTS = {"refilmed": "filmed again on the same day", "other_day": "filmed on different days"}


@dataclass(frozen=True)
class MeasureRow:
    """One measure as text: each number with its 95 % interval; `repeats` only where some clips lack the measure."""

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
        "key": [_describe_measure(measure, movement) for measure in movement.measures if measure.is_key],
        "other": [_describe_measure(measure, movement) for measure in movement.measures if not measure.is_key],
    }


def _describe_measure(measure: MeasureRepeatability, movement: MovementRepeatability) -> MeasureRow:
    number = partial(format_error, unit=measure.unit)
    agreement = measure.agreement
    plot = None
    bias = bias_interval = limits = ""
    if agreement is not None:
        bias, bias_interval = number(agreement.bias), format_error_interval(agreement.bias_interval_95, measure.unit)
        limits = f"{number(agreement.lower)} to {number(agreement.upper)}"
        text = f"{measure.label}: differences of {agreement.n} pairs, bias {bias}, limits of agreement {limits}"
        plot = draw_bland_altman(measure.groups, agreement, measure.unit, text)
    return MeasureRow(
        label=measure.label,
        repeats=describe_repeats(measure) if measure.clips != movement.clips else "",
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
