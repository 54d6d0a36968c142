"""Hip hinge and deadlift: recognised, cut into reps, measured, and what is worth saying of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analyzer.movements.hinge_limits import LIMITS, VARIANTS
from analyzer.movements.hinge_measures import rep_measures, set_measures
from analyzer.movements.hinge_observations import observations_of
from analyzer.movements.lifts import (
    LiftShape,
    lift_reps,
    lift_shapes,
    on_feet,
    squatted,
    sureness,
    unless_unknown,
)
from analyzer.movements.motion import Facts, Motion
from analyzer.movements.protocol import Events, Observation, Quantity, Smoothing
from analyzer.movements.reps import as_reps
from analyzer.movements.shapes import known_of, ramp
from analyzer.movements.toe_touch import MOVEMENT as TOE_TOUCH
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
        """From standing the trunk tips far over while the knees bend little, and back, on feet that stay."""
        found = sureness(motion, lift_reps(motion), likeness)
        return found * ramp(TOE_TOUCH.recognise(motion), *LIMITS.other) if found else 0.0

    def events(self, motion: Motion, facts: Facts) -> Events:
        """Each way down and up is a rep; bends that are no hinge (set-up, picking something up) are left out."""
        shapes = lift_shapes(motion, lift_reps(motion))
        alike = [shape for shape in shapes if _style(shape) >= LIMITS.rep]
        # Whoever asks for a hinge gets the bends that there are, but no step or squat in which the trunk stays.
        shapes = alike or [shape for shape in shapes if not motion.degrees or _tips(shape)]
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


def likeness(shape: LiftShape) -> float:
    """How sure it is, 0 to 1, that one rep is a hinge."""
    return _style(shape) * on_feet(shape)


def _tips(shape: LiftShape) -> bool:
    """Whether the trunk goes as far as in any hinge, or it is not known."""
    return shape.trunk_travel_deg is None or shape.trunk_travel_deg >= LIMITS.trunk_travel_deg[0]


def _style(shape: LiftShape) -> float:
    """How much more the trunk tips than the knees bend, 0 to 1; squatted lifts count by low hands, tipped trunk.

    Knees bent deep while the hands stay high are a squat, however far the trunk tips.
    """
    low_hands = ramp(shape.trunk_deg, *LIMITS.low_trunk_deg) * unless_unknown(shape.hand, *LIMITS.low_hand)
    tips = ramp(shape.trunk_travel_deg, *LIMITS.trunk_travel_deg) * ramp(shape.trunk_deg, *LIMITS.trunk_deg)
    hinged = ramp(shape.ratio, *LIMITS.ratio) if shape.ratio is not None else _by_thigh(shape)
    return tips * max(hinged * (1.0 - squatted(shape)), low_hands)


def _by_thigh(shape: LiftShape) -> float:
    """Where the knee is hidden: how little of the fold is the thigh's, 0 to 1."""
    return ramp(shape.thigh_share, *LIMITS.thigh_share)


MOVEMENT = Hinge()
