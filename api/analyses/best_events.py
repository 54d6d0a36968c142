"""The best reps or holds of an analysis."""

from analyzer.movements.best_events import find_best_events, list_counted_events
from analyzer.movements.registry import load_movements
from analyzer.report.best_event_words import describe_best_events
from api.analyses.result_reader import find_result_ref, load_result
from api.dependencies import Services
from api.schemas.analyses import BestEventsOut


def find_best(services: Services, owner_id: str, id: str) -> BestEventsOut:
    """Find the best reps or holds by what their movement counts as better; raise Problem 404 or 409."""
    analysis = load_result(services, find_result_ref(services, owner_id, id))
    movement = load_movements().get(analysis.movement.name)
    best = find_best_events(movement, analysis) if movement is not None else None
    if movement is None or best is None:
        return BestEventsOut(analysis=id, kind=None, indices=[], reason="")
    counted = list_counted_events(analysis)
    return BestEventsOut(
        analysis=id,
        kind="rep" if analysis.reps else "hold",
        indices=[counted[position].index for position in best.positions],
        reason=describe_best_events(best, movement, analysis),
    )
