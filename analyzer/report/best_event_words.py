"""By what the best rep or hold of a clip is best, in one sentence for the coach."""

from collections.abc import Sequence

from analyzer.movements.best_events import BestEvents, BetterMeasure
from analyzer.movements.protocol import Movement
from analyzer.results.schema import Analysis
from analyzer.vocabulary.key_measures import shorten_label
from analyzer.vocabulary.measures import format_measure_name


def describe_best_events(best: BestEvents, movement: Movement, analysis: Analysis) -> str:
    """Describe the best events: "Best: by hips back (more) and back (less), the best place on average."."""
    kind = "reps" if analysis.reps else "holds"
    measures = [measure for measure in best.measures if measure.differs] or best.measures
    names = [f"{name[:1].lower()}{name[1:]}" for name in (name_better_measure(one, movement) for one in measures)]
    if not best.positions:
        are_alike = not any(measure.differs for measure in measures)
        return f"No best one: {f'the {kind} are alike' if are_alike else 'none leads'} in {_join(names)}."
    directed = [f"{name} ({measure.direction})" for name, measure in zip(names, measures, strict=True)]
    return f"Best: by {_join(directed)}{', the best place on average' if len(names) > 1 else ''}."


def name_better_measure(measure: BetterMeasure, movement: Movement) -> str:
    """Return the short name of a measure: that of the key measure of the same quantity, else its own."""
    spec = next((spec for spec in movement.key_measures if spec.comparable == measure.key), None)
    if spec is not None:
        return spec.short or shorten_label(spec.label)
    return shorten_label(format_measure_name(measure.key.rpartition(".")[2], movement.measure_labels))


def _join(names: Sequence[str]) -> str:
    """Return names as a list in a sentence: "hips back, fold and back"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
