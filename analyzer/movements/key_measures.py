"""Key measures: the few numbers that answer what a coach asks about a movement, with interval and value per event."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from analyzer.movements.statistics import drop_unknown, round_known
from analyzer.results.measured_reps import select_measured_reps
from analyzer.results.schema import Hold, KeyMeasure, Rep, Stage
from analyzer.vocabulary.units import UnitKey, get_unit

Summary = Literal["median", "max", "sum"]
_OF_CLIP = "clip."
_BACK_DIRECTIONS = ("rounded", "arched")  # neutral words: sources 6
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
    stages : of staged tests: the stages that the value is of; `per_rep` has every stage.
    comparable : key of the `ComparableMeasure` that is the same quantity, whose family decides the minimal detectable
        change; None where no threshold is known, so that a change is shown without a verdict.
    label_field, labels : a dotted path to a word of an event, and pairs of a word and the label that replaces `label`.
    short : name above a column or in the line of one event; "": the label up to its first comma or bracket.
    chart : column of `angles.csv` that is charted with the measure; "": `angle`.
    is_back : whether it is the change of the back, about which every result says something; true of at most one.
    directions : words for values above and below 0, as in "6° sagging"; empty where the sign needs no word. Those of
        the back are the same everywhere.
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
    comparable: str | None = None
    label_field: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    short: str = ""
    chart: str = ""
    is_back: bool = False
    directions: tuple[str, str] | tuple[()] = ()

    @property
    def direction_words(self) -> tuple[str, str] | tuple[()]:
        """Return the words for values above and below 0; empty where the sign needs no word."""
        return _BACK_DIRECTIONS if self.is_back else self.directions

    @property
    def is_of_clip(self) -> bool:
        """Return whether it is a measure of the whole clip instead of its events."""
        return self.field.startswith(_OF_CLIP)

    def describe(self) -> "KeyMeasureInfo":
        """Return what pages and other programs need to show the measure."""
        return KeyMeasureInfo(
            id=self.id,
            label=self.label,
            short_label=self.short or None,
            unit=self.unit,
            chart=self.chart or self.angle,
        )


class KeyMeasureInfo(BaseModel):
    """One key measure of a movement; its values stand in `key_measures` of a result."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(examples=["hinge.back"])
    label: str = Field(description="name that people read", examples=["Back, change from tall"])
    short_label: str | None = Field(
        description="for a column or one line of a rep; null: the label up to its first comma or bracket",
        examples=["Back"],
    )
    unit: UnitKey
    chart: str | None = Field(
        description="column of angles.csv that is charted with it; null: `main_angle` of the movement",
        examples=["back_rounding_deg"],
    )


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
    events : reps, holds or stages. Of reps, those of `select_measured_reps` count.
    measures : measures of the clip.
    half_width_deg : uncertainty of an angle at a time. The interval of a key measure is the summary plus and minus the
        median half width over its events: the error of an angle is mostly an offset that all events share.
    """
    counted = select_counted(events)
    computed = [(spec, _compute_one(spec, counted, measures, half_width_deg)) for spec in specs]
    replaced = {spec.instead_of for spec, measure in computed if measure is not None}
    return [
        add_direction(_add_own_interval(measure, spec, measures), spec)
        for spec, measure in computed
        if measure is not None and spec.id not in replaced
    ]


def find_back_spec(specs: Sequence[KeyMeasureSpec]) -> KeyMeasureSpec | None:
    """Return the source of the key measure that is the change of the back; None where a movement has none."""
    return next((spec for spec in specs if spec.is_back), None)


def find_back_measure(specs: Sequence[KeyMeasureSpec], key_measures: Sequence[KeyMeasure]) -> KeyMeasure | None:
    """Return the key measure that is the change of the back; None where it was not measured.

    Parameters
    ----------
    specs : of the movement.
    key_measures : of a result.
    """
    spec = find_back_spec(specs)
    return None if spec is None else next((measure for measure in key_measures if measure.id == spec.id), None)


def add_direction(measure: KeyMeasure, spec: KeyMeasureSpec) -> KeyMeasure:
    """Return the key measure with the word for its direction; without one where its interval includes 0.

    The ends of the interval are rounded as they are shown; without an interval the value decides.
    """
    words = spec.direction_words
    if not words:
        return measure
    form = get_unit(spec.unit)
    low, high = (round(form.factor * end, form.decimals) for end in measure.interval_80 or (measure.value,) * 2)
    direction = words[0] if low > 0 else words[1] if high < 0 else None
    return measure.model_copy(update={"direction": direction})


def select_counted(events: Sequence[Rep] | Sequence[Hold] | Sequence[Stage]) -> list[Rep | Hold | Stage]:
    """Return the events that `per_rep` has a value for: measured reps, holds or all stages."""
    reps = [event for event in events if isinstance(event, Rep)]
    return list(select_measured_reps(reps) if reps else events)


def select_events(
    spec: KeyMeasureSpec, events: Sequence[Rep] | Sequence[Hold] | Sequence[Stage]
) -> list[Rep | Hold | Stage]:
    """Return the events that the value of a key measure is of: measured reps, holds, or its stages."""
    return [event for event in select_counted(events) if _is_of_value(spec, event)]


def select_values(
    spec: KeyMeasureSpec, measure: KeyMeasure, events: Sequence[Rep] | Sequence[Hold] | Sequence[Stage]
) -> KeyMeasure:
    """Return a key measure with the values of the events of `select_events` alone."""
    known = zip(measure.per_rep, select_counted(events), strict=True)
    return measure.model_copy(update={"per_rep": [value for value, event in known if _is_of_value(spec, event)]})


def get_event_moment_s(event: Rep | Hold | Stage) -> float:
    """Return the moment that an event's angles are of: the turn of a rep, the middle of a hold or stage."""
    return event.bottom_s if isinstance(event, Rep) else (event.start_s + event.end_s) / 2


def _compute_one(
    spec: KeyMeasureSpec,
    events: Sequence[Rep | Hold | Stage],
    measures: Mapping[str, Any],
    half_width_deg: HalfWidth,
) -> KeyMeasure | None:
    chosen = [event for event in events if _is_of_value(spec, event)]
    per_event: list[float | None] = []
    if spec.is_of_clip:
        value = _read_number(measures, spec.field.removeprefix(_OF_CLIP))
    else:
        per_event = [round_known(_read_number(event, spec.field), 2) for event in events]
        numbers = zip(events, per_event, strict=True)
        value = _summarise(drop_unknown([one for event, one in numbers if _is_of_value(spec, event)]), spec.summary)
    if value is None:
        return None
    times = [get_event_moment_s(event) for event in chosen] if spec.angle else []
    widths = [width for at_s in times if spec.angle and (width := half_width_deg(spec.angle, at_s)) is not None]
    half = median(widths) if widths else None
    return KeyMeasure(
        id=spec.id,
        label=_choose_label(spec, chosen),
        value=round(value, 2),
        unit=spec.unit,
        interval_80=None if half is None else (round(value - half, 1), round(value + half, 1)),
        per_rep=per_event,
    )


def _is_of_value(spec: KeyMeasureSpec, event: Rep | Hold | Stage) -> bool:
    return not spec.stages or getattr(event, "name", None) in spec.stages


def _choose_label(spec: KeyMeasureSpec, events: Sequence[Rep | Hold | Stage]) -> str:
    """Return the label for the first event that has a word at `label_field`, else that of the measure."""
    labels = dict(spec.labels)
    words = (_read(event, spec.label_field) for event in events if labels)
    return next((labels[word] for word in words if word in labels), spec.label)


def _read_number(source: Any, path: str) -> float | None:
    value = _read(source, path)
    return None if value is None else float(value)


def _read(source: Any, path: str) -> Any:
    """Read a value by a dotted path through attributes, mappings and numbered lists; None where a step is missing."""
    for name in path.split("."):
        if isinstance(source, Mapping):
            source = source.get(name)
        elif isinstance(source, list | tuple):
            source = source[int(name)] if int(name) < len(source) else None
        else:
            source = getattr(source, name, None)
        if source is None:
            return None
    return source


def _summarise(values: Sequence[float], summary: Summary) -> float | None:
    if not values:
        return None
    if summary == "sum":
        return sum(values)
    return max(values) if summary == "max" else median(values)


def _add_own_interval(measure: KeyMeasure, spec: KeyMeasureSpec, measures: Mapping[str, Any]) -> KeyMeasure:
    """Return the key measure with the interval of its `half_width`, to the thousandth; as it is where there is none."""
    half = None if spec.half_width is None else _read_number(measures, spec.half_width)
    if half is None:
        return measure
    return measure.model_copy(update={"interval_80": (round(measure.value - half, 3), round(measure.value + half, 3))})
