"""Key measures: the few numbers that answer what a coach asks about a movement, with interval and value per event."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

from analyzer.movements.statistics import round_known
from analyzer.results.schema import Hold, KeyMeasure, Rep, Stage
from analyzer.vocabulary.units import UnitKey

Summary = Literal["median", "max", "sum"]
HalfWidth = Callable[[str, float], float | None]
"""Column of `angles.csv` and time in seconds -> half width of its 80 % interval in degrees, None where unknown."""


@dataclass(frozen=True)
class KeyMeasureSpec:
    """Source of a key measure.

    Attributes
    ----------
    id : its id in `analysis.json`.
    label : the name that people read, short enough for a tile.
    field : value of one event, a dotted path: `at_bottom.trunk_thigh_deg`, `measures.rounding_deg`, `ascent_s`,
        `angles.body_line_deg`; with `clip.` in front, a measure of the whole clip.
    unit : unit of the value.
    angle : column of `angles.csv` whose uncertainty is the value's; None for times and shares.
    half_width : measure of the whole clip that is half the width of the 80 % interval, a dotted path.
    instead_of : id of the key measure that is left out where this one is known.
    summary : how the values of all events become one.
    stages : of staged tests: the stages that count.
    """

    id: str
    label: str
    field: str
    unit: UnitKey = "deg"
    angle: str | None = None
    half_width: str | None = None
    instead_of: str | None = None
    summary: Summary = "median"
    stages: tuple[str, ...] = ()


def compute_key_measures(
    specs: Sequence[KeyMeasureSpec],
    events: Sequence[Rep] | Sequence[Hold] | Sequence[Stage],
    measures: Mapping[str, Any],
    half_width_deg: HalfWidth,
) -> list[KeyMeasure]:
    """Compute the key measures of a clip, in the order of `specs`; one that is unknown is left out.

    Parameters
    ----------
    specs : of the movement.
    events : reps, holds or stages. Reps that are not complete do not count.
    measures : measures of the clip.
    half_width_deg : uncertainty of an angle at a time. The interval of a key measure is the summary plus and minus the
        median half width over its events: the error of an angle is mostly an offset that all events share.
    """
    computed = [(spec, _compute_one(spec, events, measures, half_width_deg)) for spec in specs]
    replaced = {spec.instead_of for spec, measure in computed if measure is not None}
    return [
        _add_own_interval(measure, spec, measures)
        for spec, measure in computed
        if measure is not None and spec.id not in replaced
    ]


def select_events(
    spec: KeyMeasureSpec, events: Sequence[Rep] | Sequence[Hold] | Sequence[Stage]
) -> list[Rep | Hold | Stage]:
    """Return the events that a key measure counts: complete reps, holds, or its stages."""
    complete = [event for event in events if getattr(event, "complete", True)]
    return [event for event in complete if not spec.stages or getattr(event, "name", None) in spec.stages]


def get_event_moment_s(event: Rep | Hold | Stage) -> float:
    """Return the moment that an event's angles are of: the turn of a rep, the middle of a hold or stage."""
    return event.bottom_s if isinstance(event, Rep) else (event.start_s + event.end_s) / 2


def _compute_one(
    spec: KeyMeasureSpec,
    events: Sequence[Rep] | Sequence[Hold] | Sequence[Stage],
    measures: Mapping[str, Any],
    half_width_deg: HalfWidth,
) -> KeyMeasure | None:
    if spec.field.startswith("clip."):
        value, per_event = _read(measures, spec.field.removeprefix("clip.")), list[float | None]()
        times = list[float]()
    else:
        chosen = select_events(spec, events)
        per_event = [round_known(_read(event, spec.field), 2) for event in chosen]
        times = [get_event_moment_s(event) for event in chosen]
        value = _summarise([number for number in per_event if number is not None], spec.summary)
    if value is None:
        return None
    widths = [width for at_s in times if spec.angle and (width := half_width_deg(spec.angle, at_s)) is not None]
    half = median(widths) if widths else None
    return KeyMeasure(
        id=spec.id,
        label=spec.label,
        value=round(value, 2),
        unit=spec.unit,
        interval_80=None if half is None else (round(value - half, 1), round(value + half, 1)),
        per_rep=per_event,
    )


def _read(source: Any, path: str) -> float | None:
    """Read a number by a dotted path through attributes and mappings; None where a step is missing."""
    for name in path.split("."):
        source = source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)
        if source is None:
            return None
    return float(source)


def _summarise(values: Sequence[float], summary: Summary) -> float | None:
    if not values:
        return None
    if summary == "sum":
        return sum(values)
    return max(values) if summary == "max" else median(values)


def _add_own_interval(measure: KeyMeasure, spec: KeyMeasureSpec, measures: Mapping[str, Any]) -> KeyMeasure:
    """Return the key measure with the interval of its `half_width`, to the thousandth; as it is where there is none."""
    half = None if spec.half_width is None else _read(measures, spec.half_width)
    if half is None:
        return measure
    return measure.model_copy(update={"interval_80": (round(measure.value - half, 3), round(measure.value + half, 3))})
