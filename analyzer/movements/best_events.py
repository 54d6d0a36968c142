"""The best reps or holds of a clip, by what the movement defines as better (`Movement.better`)."""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.movements.minimal_detectable_change import LIMITS, compare_means
from analyzer.movements.protocol import ComparableMeasure, ImprovementDirection, Movement
from analyzer.results.measured_reps import select_measured_reps
from analyzer.results.schema import Analysis, Hold, Rep
from analyzer.vocabulary.measures import get_measure_unit
from analyzer.vocabulary.units import get_unit


@dataclass(frozen=True)
class BetterMeasure:
    """A comparable measure with a direction of progress.

    Attributes
    ----------
    values : one for each counted rep or hold; a change of the back by its size, rounded or arched.
    differs : whether the largest and the smallest value differ by the minimal detectable change or more.
    """

    key: str
    direction: ImprovementDirection
    values: tuple[float, ...]
    differs: bool


@dataclass(frozen=True)
class BestEvents:
    """The best rep or hold, or those that share the best place.

    Attributes
    ----------
    positions : their places in `list_counted_events`; empty where they are alike or none stands out.
    measures : all that the movement counts as better and that are known of every event.
    """

    positions: tuple[int, ...]
    measures: tuple[BetterMeasure, ...]


def list_counted_events(analysis: Analysis) -> list[Rep] | list[Hold]:
    """Return the measured reps, else the holds: the events that key measures have one value for."""
    return select_measured_reps(analysis.reps) or list(analysis.holds)


def find_best_events(movement: Movement, analysis: Analysis) -> BestEvents | None:
    """Find the rep or hold with the best average place among all, over the measures that `Movement.better` lists.

    Measures in which the events do not clearly differ do not count. Values that read the same when rounded for display
    share a place. Several may share the best average; where more than half do, none stands out.

    Returns
    -------
    None where the movement defines nothing better, fewer than two events are counted, or no measure is known for each
    of them.
    """
    events = list_counted_events(analysis)
    if len(events) < 2 or not movement.better:
        return None
    known = {measure.key: measure for measure in movement.list_comparable_measures(analysis)}
    are_holds = isinstance(events[0], Hold)
    measures = tuple(
        _describe(known[key], direction, are_holds)
        for key, direction in movement.better.items()
        if key in known and len(known[key].values) == len(events)
    )
    if not measures:
        return None
    places = [_rank(measure) for measure in measures if measure.differs]
    totals = [sum(event_places) for event_places in zip(*places, strict=True)]
    leading = tuple(position for position, total in enumerate(totals) if total == min(totals))
    return BestEvents(leading if 2 * len(leading) <= len(events) else (), measures)


def _describe(measure: ComparableMeasure, direction: ImprovementDirection, are_holds: bool) -> BetterMeasure:
    values = tuple(abs(value) if measure.family == "back" else value for value in measure.values)
    return BetterMeasure(measure.key, direction, values, _differ(values, measure.family, are_holds))


def _differ(values: Sequence[float], family: str, are_holds: bool) -> bool:
    """Return whether the extremes differ clearly; values of a family without a threshold never do."""
    if family not in LIMITS.families:
        return False
    change = compare_means([min(values)], [max(values)], family, "same_clip", are_medians=are_holds)
    return change is not None and change.is_clear


def _rank(measure: BetterMeasure) -> list[int]:
    """Return how many events are better than each one, by values as they are displayed."""
    form = get_unit(get_measure_unit(measure.key.rpartition(".")[2]))
    sign = 1 if measure.direction == "more" else -1
    shown = [sign * round(form.factor * value, form.decimals) for value in measure.values]
    return [sum(other > value for other in shown) for value in shown]
