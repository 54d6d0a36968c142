"""Measures: the numbers that the movement, its load, the angle table and the back contribute to the result."""

from dataclasses import replace

import numpy as np

from analyzer.analysis.body_fit import BodyFit, get_lens
from analyzer.analysis.recognition import AnalysisContext
from analyzer.clip.probe import Clip
from analyzer.errors import AnalyzerError
from analyzer.kinematics.angle_table import AngleTable, angles_at_baseline
from analyzer.kinematics.camera_view import Z_80
from analyzer.load.load_path import LoadPath, compute_path_measures
from analyzer.movements.body_speed import measure_body_speed
from analyzer.movements.key_measures import compute_key_measures
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import Events
from analyzer.movements.speed_measures import LiftSpeedMeasures, get_rep_measures
from analyzer.movements.typed_measures import JsonObject
from analyzer.results.schema import KeyMeasure
from analyzer.vocabulary.angles import get_angle_of_sd_column, get_sd_column


def measure_movement(context: AnalysisContext, motion: Motion, events: Events) -> JsonObject:
    """Return the movement's own measures; empty without a known movement.

    Raises
    ------
    AnalyzerError : the movement returns something else than a dict.
    """
    movement = context.movement
    if movement is None:
        return {}
    measures: object = movement.compute_measures(motion, context.details, events)
    if not isinstance(measures, dict):
        raise AnalyzerError(f"{movement.name}: its compute_measures() returned {type(measures).__name__}, not a dict.")
    return measures


def measure_load(
    context: AnalysisContext, clip: Clip, body: BodyFit, motion: Motion, events: Events, load: LoadPath | None
) -> tuple[JsonObject, Events]:
    """Measure the path of the load and the speed of the ways up: of the load, else of hands or hips.

    Returns
    -------
    The measures `load_path` and `lift_speed`, each only where known, and the events with the speed of each rep.
    """
    measures: JsonObject = {}
    speed: LiftSpeedMeasures | None = None
    height_cm, movement = context.details.height_cm, context.movement
    if load is not None:
        path, speed = compute_path_measures(load, body.view, get_lens(clip), motion, events.reps, height_cm)
        measures["load_path"] = path.to_json()
    if speed is None and movement is not None and movement.body_speed_of is not None:
        speed = measure_body_speed(motion, events.reps, movement.body_speed_of, height_cm)
    if speed is None:
        return measures, events
    measures["lift_speed"] = speed.to_json()
    of_rep = get_rep_measures(speed)
    reps = [rep.model_copy(update={"measures": rep.measures | of_rep.get(rep.index, {})}) for rep in events.reps]
    return measures, replace(events, reps=reps)


def summarize_angles(table: AngleTable) -> JsonObject:
    """Return the range of each angle, the baseline posture, and the range as change from the baseline posture.

    Without a baseline posture `own_tall` and `change_from_own_tall` are None.
    """
    known = {name: values[np.isfinite(values)] for name, values in table.columns.items()}
    measures: JsonObject = {
        "range": {name: _describe_range(values) for name, values in known.items() if len(values)},
        "own_tall": None,
        "change_from_own_tall": None,
    }
    if table.baseline is None or not known["trunk_inclination_deg"].size:
        return measures
    baseline = angles_at_baseline(table.columns, table.baseline)
    baseline_deg = {name: round(value, 2) for name, value in baseline.items() if value is not None}
    measures["own_tall"] = {
        "kind": table.baseline.kind,
        "still": table.baseline.is_still,
        "start_s": round(table.baseline.start_s, 4),
        "end_s": round(table.baseline.end_s, 4),
        "angles": baseline_deg,
    }
    measures["change_from_own_tall"] = {
        name: _describe_range(known[name], value) for name, value in baseline_deg.items()
    }
    return measures


def compute_uncertainty_deg(table: AngleTable) -> dict[str, float]:
    """Compute the half width of the 80 % interval of each angle: median over the frames in which it is published."""
    return {
        get_angle_of_sd_column(name): round(Z_80 * float(np.median(values[np.isfinite(values)])), 1)
        for name, values in table.published_sd_deg.items()
        if np.isfinite(values).any()
    }


def _describe_range(values_deg: np.ndarray, baseline_deg: float = 0.0) -> dict[str, float]:
    smallest, largest = float(values_deg.min()), float(values_deg.max())
    return {"min": round(smallest - baseline_deg, 2), "max": round(largest - baseline_deg, 2)}


def measure_key_numbers(
    context: AnalysisContext, body: BodyFit, events: Events, measures: JsonObject
) -> list[KeyMeasure]:
    """Compute the key measures of the movement, each with the uncertainty of its angle at the events."""
    if context.movement is None:
        return []
    times_s, sd_deg = body.track.times_s, body.table.published_sd_deg

    def half_width_deg(angle: str, at_s: float) -> float | None:
        sd = sd_deg.get(get_sd_column(angle))
        if sd is None:
            return None
        value = float(sd[np.argmin(np.abs(times_s - at_s))])
        return Z_80 * value if np.isfinite(value) else None

    main_events = events.reps or events.holds or events.stages
    return compute_key_measures(context.movement.key_measures, main_events, measures, half_width_deg)
