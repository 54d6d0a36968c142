"""Key measures of a stored result, from its events: where it has none, or where only some reps are looked at."""

from collections.abc import Callable, Sequence

from analyzer.movements.key_measures import KeyMeasureSpec, add_direction, compute_key_measures
from analyzer.movements.registry import load_movements
from analyzer.results.schema import Analysis, KeyMeasure

AngleWidth = Callable[[str], float | None]


def complete_key_measures(analysis: Analysis) -> Analysis:
    """Return the result with every key measure of its movement.

    Those that it holds are returned with the word for their direction. The others are computed from its events, with
    `quality.uncertainty_deg` as half width of their intervals: results of older versions have none, or lack one that
    was added later.
    """
    movement = load_movements().get(analysis.movement.name)
    if movement is None:
        return analysis
    specs = {spec.id: spec for spec in movement.key_measures}
    stored = [
        add_direction(measure, specs[measure.id]) if measure.id in specs else measure
        for measure in analysis.key_measures
    ]
    known = {measure.id: measure for measure in stored}
    computed = _compute_from_events(movement.key_measures, analysis, analysis.quality.uncertainty_deg.get)
    missing = {measure.id: measure for measure in computed if measure.id not in known}
    if not missing and stored == analysis.key_measures:
        return analysis
    known |= missing
    replaced = {spec.instead_of for spec in movement.key_measures if spec.id in known}
    order = {spec.id: place for place, spec in enumerate(movement.key_measures)}
    shown = [measure for measure in known.values() if measure.id not in replaced]
    ordered = sorted(shown, key=lambda measure: order.get(measure.id, len(order)))
    return analysis.model_copy(update={"key_measures": ordered})


def compute_part_key_measures(part: Analysis, whole: Analysis) -> list[KeyMeasure]:
    """Compute the key measures of some reps or holds of a result.

    Parameters
    ----------
    part : the result with only those reps or holds.
    whole : the result with all of them, whose intervals hold for the part too. Measures of the whole clip are left out.
    """
    movement = load_movements().get(part.movement.name)
    if movement is None:
        return []
    specs = [spec for spec in movement.key_measures if not spec.is_of_clip]
    angles = {spec.id: spec.angle for spec in specs if spec.angle}
    widths_deg = dict(whole.quality.uncertainty_deg)
    for measure in whole.key_measures:
        if measure.id in angles and measure.interval_80 is not None:
            widths_deg[angles[measure.id]] = (measure.interval_80[1] - measure.interval_80[0]) / 2
    return _compute_from_events(specs, part, widths_deg.get)


def _compute_from_events(
    specs: Sequence[KeyMeasureSpec], analysis: Analysis, width_deg: AngleWidth
) -> list[KeyMeasure]:
    events = analysis.reps or analysis.holds or analysis.stages
    return compute_key_measures(specs, events, analysis.measures, lambda angle, at_s: width_deg(angle))
