"""Summarize a result in the few values that lists of analyses show."""

from statistics import median
from typing import Any

from analyzer.movements.key_measures import find_back_measure
from analyzer.movements.registry import load_movements
from analyzer.report.movement_words import get_movement_words
from analyzer.results.measured_reps import select_measured_reps
from analyzer.results.schema import Analysis

_MAX_FINDINGS = 3  # findings that a list shows of each analysis; chosen


def summarize_analysis(analysis: Analysis) -> dict[str, Any]:
    """Return movement, counts, view, main angle and the first findings as JSON values.

    `main_angle` holds the name of the angle and its median in degrees: at the bottom of the measured reps, or else in
    the holds, or else in the stages; None without degrees. `back_deg` is the change of the back, None where unknown.
    """
    complete = [rep for rep in analysis.reps if rep.complete]
    movement = load_movements().get(analysis.movement.name)
    back = find_back_measure(movement.key_measures, analysis.key_measures) if movement is not None else None
    return {
        "movement": analysis.movement.name,
        "variant": analysis.movement.variant,
        "confidence": analysis.movement.confidence,
        "counts": {"reps": len(complete), "holds": len(analysis.holds), "stages": len(analysis.stages)},
        "held_s": round(sum(hold.duration_s for hold in analysis.holds), 2),
        "facing": analysis.view.facing,
        "view": analysis.view.grade,
        "tracked_fraction": analysis.quality.tracked_fraction,
        "duration_s": analysis.clip.duration_s,
        "frames": analysis.clip.frames,
        "main_angle": _main_angle(analysis),
        "back_deg": back.value if back is not None else None,
        "findings": [{"id": f.id, "kind": f.kind, "text": f.text} for f in analysis.findings[:_MAX_FINDINGS]],
        "warnings": len(analysis.quality.warnings),
    }


def _main_angle(analysis: Analysis) -> dict[str, Any]:
    name = get_movement_words(analysis.movement.name).main_angle
    events = [rep.at_bottom for rep in select_measured_reps(analysis.reps)]
    events = events or [hold.angles for hold in analysis.holds] or [stage.angles for stage in analysis.stages]
    values = [angles[name] for angles in events if name in angles]
    return {"name": name, "median_deg": round(median(values), 1) if values else None}
