"""Squat, with or without a load: depth, trunk, knees, heels and tempo. Compared with the own reps and clips only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analyzer.movements.body_heights import drop_unknown, leg_length_px, mean_known, round_known
from analyzer.movements.lift_reps import LiftShape, find_movement_reps, lift_depth, measure_lift_shapes
from analyzer.movements.minimal_detectable_change import compare_first_last
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import (
    ComparableMeasure,
    Events,
    ImprovementDirection,
    Movement,
    Observation,
    SessionPlan,
)
from analyzer.movements.recognition import movement_probability
from analyzer.movements.rep_detection import RepTimes, build_reps, can_measure_tempo, median_at
from analyzer.results.schema import Analysis, Rep


@dataclass(frozen=True)
class SquatLimits:
    """What is measured of a squat, and what is worth saying."""

    dropped_share: float = 0.5  # way down to way up; sources 2.5
    repeatable_deg: float = 4.0  # sources 2.5
    repeatable_pct: float = 10.0  # sources 2.5
    few: int = 3  # reps that a spread is told of; chosen
    min_drift_reps: int = 4  # reps that a drift is told of; chosen
    heel_pct: float = 4.0  # heel up by this much of the leg's length, toes down: it lifts; chosen
    min_room_deg: float = 20.0  # thighs this far short of level without a load: try one in front; chosen, no target


LIMITS = SquatLimits()
_FAMILIES = {"thigh_deg": "trunk_thigh", "trunk_deg": "trunk", "knee_deg": "knee"}


class Squat(Movement):
    """Squat on both feet."""

    name = "squat"
    title = "Squat"
    variants = ("bodyweight", "goblet", "front", "back")
    main_angle = "knee_flexion_deg"
    unloaded_variants = frozenset({"bodyweight"})
    better: Mapping[str, ImprovementDirection] = {
        "squat.thigh_deg": "more",  # deeper; sources 2.6
        "squat.knee_deg": "more",  # likewise
    }
    session_plans: tuple[SessionPlan, ...] = ("practice", "first_look")
    instructions = "Three to five reps, as deep as is comfortable."

    def recognise(self, motion: Motion) -> float:
        """Probability by the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Each way down and up is a rep; bends that are no squat are left out."""
        shapes = measure_lift_shapes(motion, find_movement_reps(motion, self.name, lift_depth(motion)))
        measures = [_rep_measures(motion, shapes, index) for index in range(len(shapes))]
        return Events(reps=build_reps([shape.times for shape in shapes], motion, measures))

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> dict[str, Any]:
        """Medians, spreads, tempo, and what changes from the first to the last reps."""
        whole = [rep for rep in events.reps if rep.complete]
        lengths = [rep.end_s - rep.start_s for rep in whole if rep.descent_s is not None]
        length_pct = 100 * float(np.std(lengths) / np.mean(lengths)) if len(lengths) >= LIMITS.few else None
        spread = {name: _spread(_values(whole, name)) for name in _FAMILIES}
        known = [value for value in spread.values() if value is not None]
        depth = _values(whole, "short_of_level_deg")
        return {
            "reps": len(whole),
            "load_kg": details.load_kg,
            "short_of_level_deg": round_known(float(np.median(depth))) if depth else None,
            "deepest_rep": _deepest(whole),
            "trunk_deg": round_known(_median(whole, "trunk_deg")),
            "knee_deg": round_known(_median(whole, "knee_deg")),
            "shin_deg": round_known(_median(whole, "shin_deg")),
            "heel_lift_pct": round_known(_median(whole, "heel_lift_pct")),
            "descent_s": round_known(mean_known([rep.descent_s for rep in whole]), 2),
            "pause_s": round_known(mean_known([rep.pause_s for rep in whole]), 2),
            "ascent_s": round_known(mean_known([rep.ascent_s for rep in whole]), 2),
            "dropped_reps": [rep.index for rep in whole if rep.measures["dropped"]],
            "bottom_sd": {name: round_known(value) for name, value in spread.items()},
            "duration_sd_pct": round_known(length_pct),
            "steady_tempo": None if length_pct is None else length_pct <= LIMITS.repeatable_pct,
            "very_repeatable": None
            if not known or length_pct is None
            else max(known) <= LIMITS.repeatable_deg and length_pct <= LIMITS.repeatable_pct,
            "drift": {name: _drift(_values(whole, name), family, motion.yaw_deg) for name, family in _FAMILIES.items()},
        }

    def list_observations(self, details: ClipDetails, events: Events, measures: Mapping[str, Any]) -> list[Observation]:
        """Depth first, as it is; then how alike the reps are, heels and tempo."""
        if not measures["reps"]:
            return []
        base = {"reps": measures["reps"], "times_s": [rep.bottom_s for rep in events.reps if rep.complete]}
        return [*_can(measures, base), *_next(details, measures, base)]

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """Depth, trunk, knees and shins at the bottom and tempo, one a rep."""
        reps = [rep for rep in analysis.reps if rep.complete]
        found = [
            ComparableMeasure(f"squat.{name}", family, drop_unknown([rep.at_bottom.get(column) for rep in reps]))
            for name, column, family in (
                ("trunk_thigh_deg", "trunk_thigh_deg", "trunk_thigh"),
                ("trunk_deg", "trunk_inclination_deg", "trunk"),
                ("knee_deg", "knee_flexion_deg", "knee"),
                ("shin_deg", "shin_inclination_deg", "shin"),
            )
        ]
        found.append(ComparableMeasure("squat.thigh_deg", "trunk_thigh", tuple(_values(reps, "thigh_deg"))))
        found.append(ComparableMeasure("squat.descent_s", "tempo", drop_unknown([rep.descent_s for rep in reps])))
        return [*found, ComparableMeasure("squat.ascent_s", "tempo", drop_unknown([rep.ascent_s for rep in reps]))]


def _rep_measures(motion: Motion, shapes: Sequence[LiftShape], index: int) -> dict[str, Any]:
    rep = shapes[index].times

    def bottom(name: str) -> float | None:
        return median_at(motion.times_s, motion.angles[name], rep.bottom_s) if motion.degrees else None

    thigh = bottom("thigh_inclination_deg")
    both = rep.descent_s is not None and rep.ascent_s is not None and can_measure_tempo(motion)
    return {
        "thigh_deg": round_known(None if thigh is None else -thigh),
        "short_of_level_deg": round_known(None if thigh is None else 90 + thigh),
        "trunk_deg": round_known(bottom("trunk_inclination_deg")),
        "knee_deg": round_known(bottom("knee_flexion_deg")),
        "shin_deg": round_known(bottom("shin_inclination_deg")),
        "heel_lift_pct": round_known(_heel_lift_pct(motion, rep)) if motion.degrees else None,
        "dropped": (rep.descent_s or 0.0) < LIMITS.dropped_share * (rep.ascent_s or 0.0) if both else None,
    }


def _heel_lift_pct(motion: Motion, rep: RepTimes) -> float | None:
    """How far the heel rises against the toes from the top to the bottom, percent of the leg's length."""
    leg, near = leg_length_px(motion), motion.near
    above = near.toe[:, 1] - near.heel[:, 1]
    low, high = (median_at(motion.times_s, above, at, 0.15) for at in (rep.bottom_s, rep.end_s))
    return None if leg is None or low is None or high is None else 100 * (low - high) / leg


def _can(m: Mapping[str, Any], base: dict[str, Any]) -> list[Observation]:
    found = [Observation("squat.reps", "can", 0.2, base)]
    short, spread = m["short_of_level_deg"], [value for value in m["bottom_sd"].values() if value is not None]
    if short is not None:
        what = "below_level" if short <= 0 else "depth"
        found.append(Observation(f"squat.{what}", "can", 0.8, base | {"short_deg": short, "below_deg": -short}))
    if m["very_repeatable"]:
        found.append(Observation("squat.repeatable", "can", 0.75, base | {"bottom_sd_deg": max(spread)}))
    elif m["steady_tempo"]:
        tempo = {"descent_s": m["descent_s"], "ascent_s": m["ascent_s"]}
        found.append(Observation("squat.steady_tempo", "can", 0.5, base | tempo))
    return found


def _next(details: ClipDetails, m: Mapping[str, Any], base: dict[str, Any]) -> list[Observation]:
    found: list[Observation] = []
    drift = m["drift"]["thigh_deg"]
    if drift is not None and drift["clear"] and drift["change_deg"] < 0:
        evidence = {"change_deg": -drift["change_deg"], "first_reps": max(1, m["reps"] // 2)}
        found.append(Observation("squat.late_set", "next", 0.7, base | evidence))
    heel, short = m["heel_lift_pct"], m["short_of_level_deg"]
    if heel is not None and heel >= LIMITS.heel_pct:
        found.append(Observation("squat.heels", "next", 0.65, base | {"heel_lift_pct": heel}))
    unloaded = not details.load_kg and details.variant in (None, "bodyweight")
    if short is not None and short >= LIMITS.min_room_deg and unloaded:
        found.append(Observation("squat.load_in_front", "next", 0.6, base | {"short_deg": short}))
    if m["dropped_reps"] and 2 * len(m["dropped_reps"]) >= m["reps"]:
        tempo = {"descent_s": m["descent_s"], "ascent_s": m["ascent_s"], "reps_that": m["dropped_reps"]}
        found.append(Observation("squat.tempo", "next", 0.45, base | tempo))
    return found


def _values(reps: Sequence[Rep], name: str) -> list[float]:
    return [float(rep.measures[name]) for rep in reps if rep.measures.get(name) is not None]


def _median(reps: Sequence[Rep], name: str) -> float | None:
    values = _values(reps, name)
    return float(np.median(values)) if values else None


def _spread(values: Sequence[float]) -> float | None:
    return float(np.std(values, ddof=1)) if len(values) >= LIMITS.few else None


def _drift(values: Sequence[float], family: str, yaw_deg: float) -> dict[str, Any] | None:
    change = compare_first_last(values, family, yaw_deg=yaw_deg) if len(values) >= LIMITS.min_drift_reps else None
    if change is None:
        return None
    return {
        "change_deg": round_known(change.change),
        "threshold_deg": round_known(change.threshold),
        "clear": change.clear,
    }


def _deepest(reps: Sequence[Rep]) -> int | None:
    known = [rep for rep in reps if rep.measures["thigh_deg"] is not None]
    return max(known, key=lambda rep: rep.measures["thigh_deg"]).index if known else None


MOVEMENT = Squat()
