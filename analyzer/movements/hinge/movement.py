"""Hip hinge and deadlift: recognised, cut into reps, measured, and what is worth saying of it."""

from collections.abc import Mapping
from typing import Any

from analyzer.movements.body_heights import drop_unknown
from analyzer.movements.hinge.measures import compute_rep_measures, compute_set_measures
from analyzer.movements.hinge.observations import list_hinge_observations
from analyzer.movements.hinge.thresholds import HINGE_VARIANTS
from analyzer.movements.lift_reps import find_movement_reps, lift_depth, measure_lift_shapes
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
from analyzer.movements.rep_detection import build_reps
from analyzer.results.schema import Analysis


class Hinge(Movement):
    """Hip hinge in all its variants, with or without a load."""

    name = "hinge"
    title = "Hip hinge / deadlift"
    variants = HINGE_VARIANTS
    main_angle = "trunk_thigh_deg"
    tracks_load = True
    unloaded_variants = frozenset({"bodyweight"})
    wide_stance_variants = frozenset({"sumo"})
    better: Mapping[str, ImprovementDirection] = {
        "hinge.hip_back_pct": "more",  # sources 2.5
        "hinge.hip_share": "more",  # sources 2.4
        "hinge.rounding_deg": "less",  # "no more back rounding", sources 7
    }
    session_plans: tuple[SessionPlan, ...] = ("practice", "first_look")
    instructions = "Three to five reps: hips back, hands along the thighs."

    def recognise(self, motion: Motion) -> float:
        """Probability by the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Each way down and up is a rep; bends that are no hinge (set-up, picking something up) are left out."""
        shapes = measure_lift_shapes(motion, find_movement_reps(motion, self.name, lift_depth(motion)))
        measures = [compute_rep_measures(motion, details, shapes, index) for index in range(len(shapes))]
        return Events(reps=build_reps([shape.times for shape in shapes], motion, measures))

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> dict[str, Any]:
        """Over the set; see `hinge_measures`."""
        return compute_set_measures(details, events.reps, motion.yaw_deg)

    def list_observations(self, details: ClipDetails, events: Events, measures: Mapping[str, Any]) -> list[Observation]:
        """What they can do and what may come next; see `hinge_observations`."""
        return list_hinge_observations(details, events.reps, measures)

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """Trunk in every variant; trunk-thigh, knee and shin but of sumo; hips back, tempo and rounding."""
        reps = [rep for rep in analysis.reps if rep.complete]

        def values(name: str) -> tuple[float, ...]:
            return drop_unknown([rep.measures.get(name) for rep in reps])

        kinds = [("trunk_deg", "trunk"), ("neck_deg", "neck"), ("rounding_deg", "back"), ("hip_share", "hip_share")]
        if analysis.movement.variant != "sumo":
            kinds += [("trunk_thigh_deg", "trunk_thigh"), ("knee_deg", "knee"), ("shin_deg", "shin")]
            kinds += [("hip_back_pct", "hip_back")]
        found = [ComparableMeasure(f"hinge.{name}", family, values(name)) for name, family in kinds]
        found.append(ComparableMeasure("hinge.ascent_s", "tempo", drop_unknown([rep.ascent_s for rep in reps])))
        descents = [rep.descent_s for rep in reps if not rep.measures.get("set_up")]
        return [*found, ComparableMeasure("hinge.descent_s", "tempo", drop_unknown(descents))]


MOVEMENT = Hinge()
