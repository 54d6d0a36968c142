"""Hip hinge and deadlift: recognised, cut into reps, measured, and what is worth saying of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analyzer.movements.hinge_limits import VARIANTS
from analyzer.movements.hinge_measures import rep_measures, set_measures
from analyzer.movements.hinge_observations import observations_of
from analyzer.movements.lifts import lift_depth, lift_shapes, reps_like
from analyzer.movements.motion import Facts, Motion
from analyzer.movements.protocol import Events, Observation, Quantity, Smoothing
from analyzer.movements.recognition import chance_of
from analyzer.movements.reps import as_reps
from analyzer.movements.shapes import known_of
from analyzer.result import Analysis


class Hinge:
    """Hip hinge in all its variants, with or without a load."""

    name = "hinge"
    title = "Hip hinge / deadlift"
    variants: tuple[str, ...] = VARIANTS
    main_angle = "trunk_thigh_deg"
    smoothing: Smoothing = "lift"
    words: Path | None = None

    def recognise(self, motion: Motion) -> float:
        """Probability by the shared recogniser; see `recognition`."""
        return chance_of(self.name, motion)

    def events(self, motion: Motion, facts: Facts) -> Events:
        """Each way down and up is a rep; bends that are no hinge (set-up, picking something up) are left out."""
        shapes = lift_shapes(motion, reps_like(motion, self.name, lift_depth(motion)))
        measures = [rep_measures(motion, facts, shapes, index) for index in range(len(shapes))]
        return Events(reps=as_reps([shape.times for shape in shapes], motion, measures))

    def measures(self, motion: Motion, facts: Facts, events: Events) -> dict[str, Any]:
        """Over the set; see `hinge_measures`."""
        return set_measures(facts, events.reps, motion.yaw_deg)

    def observations(self, facts: Facts, events: Events, measures: Mapping[str, Any]) -> list[Observation]:
        """What they can do and what may come next; see `hinge_observations`."""
        return observations_of(facts, events.reps, measures)

    def quantities(self, analysis: Analysis) -> list[Quantity]:
        """Trunk in every variant; trunk-thigh, knee and shin but of sumo; hips back, tempo and rounding."""
        reps = [rep for rep in analysis.reps if rep.complete]

        def values(name: str) -> tuple[float, ...]:
            return known_of([rep.measures.get(name) for rep in reps])

        kinds = [("trunk_deg", "trunk"), ("neck_deg", "neck"), ("rounding_deg", "back"), ("hip_share", "hip_share")]
        if analysis.movement.variant != "sumo":
            kinds += [("trunk_thigh_deg", "trunk_thigh"), ("knee_deg", "knee"), ("shin_deg", "shin")]
            kinds += [("hip_back_pct", "hip_back")]
        found = [Quantity(f"hinge.{name}", family, values(name)) for name, family in kinds]
        found.append(Quantity("hinge.ascent_s", "tempo", known_of([rep.ascent_s for rep in reps])))
        descents = [rep.descent_s for rep in reps if not rep.measures.get("set_up")]
        return [*found, Quantity("hinge.descent_s", "tempo", known_of(descents))]


MOVEMENT = Hinge()
