"""Toe touch, or forward bend: how far the fold goes on near straight knees. The person's own full rounding."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analyzer.movements.body_heights import (
    drop_unknown,
    hand_height,
    mean_known,
    rep_evidence,
    round_known,
    sample_sd,
)
from analyzer.movements.hip_share import hip_share, rounding_deg
from analyzer.movements.lift_reps import find_movement_reps, lift_depth
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import (
    BendDirection,
    ComparableMeasure,
    Events,
    ImprovementDirection,
    Movement,
    MovementContrast,
    Observation,
    SessionPlan,
)
from analyzer.movements.recognition import movement_probability
from analyzer.movements.rep_detection import build_reps, median_at
from analyzer.results.schema import Analysis


@dataclass(frozen=True)
class ToeTouchLimits:
    """What is worth saying of a toe touch."""

    max_feet_pct: float = (
        16.0  # wrist over ankle, % leg: fingertips at toes or floor (hand .108 of height, ankle .039, leg
    )
    # .491: Drillis & Contini 1966)
    max_shins_pct: float = 45.0  # below it the hands are under the knees; chosen
    max_knees_pct: float = 70.0  # below it they are about at the knees (half the leg); chosen
    repeatable_deg: float = 4.0  # SD of the fold at most this: very repeatable; sources 2.5


LIMITS = ToeTouchLimits()


class ToeTouch(Movement):
    """Standing forward bend towards the toes."""

    name = "toe_touch"
    title = "Toe touch"
    main_angle = "trunk_thigh_deg"
    can_be_loaded = False
    direction: BendDirection | None = "rounding"
    better: Mapping[str, ImprovementDirection] = {
        "toe_touch.trunk_deg": "more",  # more of the person's own range; sources 7
        "toe_touch.trunk_thigh_deg": "more",  # likewise
    }
    contrasts: Mapping[str, MovementContrast] = {"hinge": "dissociation"}  # hip share of a rounded and a flat back
    session_plans: tuple[SessionPlan, ...] = ("first_look",)
    instructions = "Three slow reaches down, as far as is comfortable."

    def recognise(self, motion: Motion) -> float:
        """Probability by the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Each fold is a rep; its bottom is the deepest moment."""
        hand = hand_height(motion)
        times = find_movement_reps(motion, self.name, lift_depth(motion))
        measures: list[dict[str, Any]] = []
        for rep in times:
            height = median_at(motion.times_s, hand, rep.bottom_s) if motion.degrees else None
            told = motion.degrees
            measures.append(
                {
                    "hand_height_pct": None if height is None else round(100 * height, 1),
                    "rounding_deg": round_known(rounding_deg(motion, rep.bottom_s)) if told else None,
                    "hip_share": round_known(hip_share(motion, rep.start_s, rep.bottom_s), 2) if told else None,
                }
            )
        return Events(reps=build_reps(times, motion, measures))

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> dict[str, Any]:
        """The deepest fold and what made it up.

        `hand_height_pct` is the wrist over the ankle in percent of the leg's length: a proxy for the fingertip-to-floor
        distance, since neither fingertips nor floor are measured. `rounding_deg` is the person's own full rounding.
        """
        best = max(events.reps, key=lambda rep: rep.at_bottom.get("trunk_thigh_deg", -np.inf), default=None)
        deepest = best.at_bottom if best is not None else {}
        return {
            "reps": len(events.reps),
            "deepest_rep": best.index if best is not None and deepest else None,
            "trunk_thigh_deg": round_known(deepest.get("trunk_thigh_deg")),
            "trunk_deg": round_known(deepest.get("trunk_inclination_deg")),
            "knee_deg": round_known(deepest.get("knee_flexion_deg")),
            "rounding_deg": best.measures["rounding_deg"] if best is not None else None,
            "hip_share": round_known(mean_known([rep.measures["hip_share"] for rep in events.reps]), 2),
            "hand_height_pct": best.measures["hand_height_pct"] if best is not None else None,
            "trunk_thigh_sd_deg": round_known(sample_sd([rep.at_bottom.get("trunk_thigh_deg") for rep in events.reps])),
        }

    def list_observations(self, details: ClipDetails, events: Events, measures: Mapping[str, Any]) -> list[Observation]:
        """How far the hands and the fold went; whether every bend was like the last; the own full rounding."""
        if not measures["reps"]:
            return []
        hand, spread = measures["hand_height_pct"], measures["trunk_thigh_sd_deg"]
        how_far = rep_evidence(events, measures, "trunk_thigh_deg", "trunk_deg", "knee_deg", "hand_height_pct")
        if hand is None or hand > LIMITS.max_knees_pct:
            return [Observation("toe_touch.folds", "can", 0.7, how_far)]
        if hand <= LIMITS.max_feet_pct:
            found = [Observation("toe_touch.to_feet", "can", 0.8, how_far)]
        else:
            where = "to_shins" if hand <= LIMITS.max_shins_pct else "to_knees"
            found = [Observation(f"toe_touch.{where}", "can", 0.7, how_far)]
            found.append(Observation("toe_touch.further", "next", 0.4, how_far))
        if spread is not None and spread <= LIMITS.repeatable_deg:
            alike = rep_evidence(events, measures, "trunk_thigh_sd_deg")
            found.append(Observation("toe_touch.repeatable", "can", 0.5, alike))
        if measures["rounding_deg"] is not None:
            rounding = rep_evidence(events, measures, "rounding_deg")
            found.append(Observation("toe_touch.own_rounding", "can", 0.4, rounding))
        return found

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """Fold, trunk, knees and rounding at the bottom and the hips' share of the bend, one a rep."""
        angles = [
            ComparableMeasure(
                f"toe_touch.{name}", family, drop_unknown([rep.at_bottom.get(column) for rep in analysis.reps])
            )
            for name, column, family in (
                ("trunk_thigh_deg", "trunk_thigh_deg", "trunk_thigh"),
                ("trunk_deg", "trunk_inclination_deg", "trunk"),
                ("knee_deg", "knee_flexion_deg", "knee"),
            )
        ]
        back = [
            ComparableMeasure(
                f"toe_touch.{name}", family, drop_unknown([rep.measures.get(name) for rep in analysis.reps])
            )
            for name, family in (("rounding_deg", "back"), ("hip_share", "hip_share"))
        ]
        return [*angles, *back]


MOVEMENT = ToeTouch()
