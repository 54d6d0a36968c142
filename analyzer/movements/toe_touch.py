"""Toe touch, or forward bend: depth of the fold on near straight knees, and the person's own full rounding."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analyzer.movements.body_heights import hand_height
from analyzer.movements.hip_share import hip_share, rounding_deg
from analyzer.movements.key_measures import KeyMeasureSpec
from analyzer.movements.lift_reps import find_movement_reps, lift_depth
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import (
    BackTask,
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
from analyzer.movements.rep_detection import RepTimes, build_reps, median_at
from analyzer.movements.statistics import drop_unknown, mean_known, round_known, sample_sd
from analyzer.movements.typed_measures import JsonObject, Measures, build_rep_evidence
from analyzer.results.schema import Analysis
from analyzer.vocabulary.measures import MeasureLabel


@dataclass(frozen=True)
class ToeTouchLimits:
    """Thresholds of observations."""

    # Wrist over ankle, % leg: fingertips at toes or floor (hand .108 of height, ankle .039, leg .491: Drillis & Contini
    # 1966)
    max_feet_pct: float = 16.0
    max_shins_pct: float = 45.0  # below it the hands are under the knees; chosen
    max_knees_pct: float = 70.0  # below it they are about at the knees (half the leg); chosen
    repeatable_deg: float = 4.0  # SD of the fold at most this: very repeatable; sources 2.5


LIMITS = ToeTouchLimits()


class ToeTouchRepMeasures(Measures):
    """Measures of one rep; None in a view without degrees.

    Attributes
    ----------
    hand_height_pct : wrist over the ankle at the bottom, percent of the leg's length.
    rounding_deg : back rounding at the bottom.
    hip_share : share of the bend that comes from the hips, 0 to 1.
    """

    hand_height_pct: float | None = None
    rounding_deg: float | None = None
    hip_share: float | None = None


class ToeTouchMeasures(Measures):
    """Measures of the clip: those of the deepest rep, the mean hip share, and the SD of the fold.

    `hand_height_pct` is a proxy for the fingertip-to-floor distance, since neither fingertips nor floor are measured.
    `rounding_deg` is the person's own full rounding.
    """

    reps: int = 0
    deepest_rep: int | None = None
    trunk_thigh_deg: float | None = None
    trunk_deg: float | None = None
    knee_deg: float | None = None
    rounding_deg: float | None = None
    hip_share: float | None = None
    hand_height_pct: float | None = None
    trunk_thigh_sd_deg: float | None = None


class ToeTouch(Movement):
    """Standing forward bend towards the toes."""

    name = "toe_touch"
    title = "Toe touch"
    main_angle = "trunk_thigh_deg"
    measure_labels: Mapping[str, MeasureLabel] = {
        "hand_height_pct": MeasureLabel(label="Hands above the ankles, of leg length"),
        "trunk_thigh_sd_deg": MeasureLabel(label="Spread of the fold (SD)"),
    }
    can_be_loaded = False
    back_task: BackTask | None = "full_range"
    direction: BendDirection | None = "rounding"
    better: Mapping[str, ImprovementDirection] = {
        "toe_touch.trunk_deg": "more",  # more of the person's own range; sources 7
        "toe_touch.trunk_thigh_deg": "more",  # likewise
    }
    contrasts: Mapping[str, MovementContrast] = {"hinge": "dissociation"}  # hip share of a rounded and a flat back
    session_plans: tuple[SessionPlan, ...] = ("first_look",)
    instructions = "Three slow reaches down, as far as is comfortable."
    key_measures = (
        KeyMeasureSpec(
            "toe_touch.fold",
            "Trunk-thigh",
            "at_bottom.trunk_thigh_deg",
            angle="trunk_thigh_deg",
            comparable="toe_touch.trunk_thigh_deg",
        ),
        KeyMeasureSpec(
            "toe_touch.trunk",
            "Trunk lean",
            "at_bottom.trunk_inclination_deg",
            angle="trunk_inclination_deg",
            comparable="toe_touch.trunk_deg",
        ),
        KeyMeasureSpec(
            "toe_touch.back",
            "Back, change from tall",
            "measures.rounding_deg",
            angle="back_rounding_deg",
            comparable="toe_touch.rounding_deg",
            is_back=True,
        ),
        KeyMeasureSpec(
            "toe_touch.knee",
            "Knee bend",
            "at_bottom.knee_flexion_deg",
            angle="knee_flexion_deg",
            comparable="toe_touch.knee_deg",
        ),
        KeyMeasureSpec(
            "toe_touch.hands",
            "Hands above the ankles, of leg length",
            "measures.hand_height_pct",
            unit="pct",
            short="Hands",
        ),
    )

    def recognise(self, motion: Motion) -> float:
        """Return the probability of the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Find the folds; the bottom of each is its deepest moment."""
        times = find_movement_reps(motion, self.name, lift_depth(motion))
        measures = [_measure_fold(motion, rep).to_json() for rep in times]
        return Events(reps=build_reps(times, motion, measures))

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> JsonObject:
        """Compute the measures of the deepest fold; see `ToeTouchMeasures`."""
        best = max(events.reps, key=lambda rep: rep.at_bottom.get("trunk_thigh_deg", -np.inf), default=None)
        if best is None:
            return ToeTouchMeasures().to_json()
        shares = [ToeTouchRepMeasures.from_json(rep.measures).hip_share for rep in events.reps]
        deepest = ToeTouchRepMeasures.from_json(best.measures)
        typed = ToeTouchMeasures(
            reps=len(events.reps),
            deepest_rep=best.index if best.at_bottom else None,
            trunk_thigh_deg=round_known(best.at_bottom.get("trunk_thigh_deg")),
            trunk_deg=round_known(best.at_bottom.get("trunk_inclination_deg")),
            knee_deg=round_known(best.at_bottom.get("knee_flexion_deg")),
            rounding_deg=deepest.rounding_deg,
            hip_share=round_known(mean_known(shares), 2),
            hand_height_pct=deepest.hand_height_pct,
            trunk_thigh_sd_deg=round_known(sample_sd([rep.at_bottom.get("trunk_thigh_deg") for rep in events.reps])),
        )
        return typed.to_json()

    def list_observations(
        self, details: ClipDetails, events: Events, measures: Mapping[str, object]
    ) -> list[Observation]:
        """List how far hands and fold go, and whether the bends are alike."""
        typed = ToeTouchMeasures.from_json(measures)
        if not typed.reps:
            return []
        hand, spread = typed.hand_height_pct, typed.trunk_thigh_sd_deg
        depth = build_rep_evidence(
            events.reps,
            trunk_thigh_deg=typed.trunk_thigh_deg,
            trunk_deg=typed.trunk_deg,
            knee_deg=typed.knee_deg,
            hand_height_pct=hand,
        )
        if hand is None or hand > LIMITS.max_knees_pct:
            return [Observation("toe_touch.folds", "can", 0.7, depth)]
        if hand <= LIMITS.max_feet_pct:
            observations = [Observation("toe_touch.to_feet", "can", 0.8, depth)]
        else:
            place = "to_shins" if hand <= LIMITS.max_shins_pct else "to_knees"
            observations = [Observation(f"toe_touch.{place}", "can", 0.7, depth)]
            observations.append(Observation("toe_touch.further", "next", 0.4, depth))
        if spread is not None and spread <= LIMITS.repeatable_deg:
            alike = build_rep_evidence(events.reps, trunk_thigh_sd_deg=spread)
            observations.append(Observation("toe_touch.repeatable", "can", 0.5, alike))
        return observations

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """List fold, trunk, knees and rounding at the bottom and the hip share, one value for each rep."""
        reps = [ToeTouchRepMeasures.from_json(rep.measures) for rep in analysis.reps]
        values = [
            (name, family, [rep.at_bottom.get(column) for rep in analysis.reps])
            for name, column, family in (
                ("trunk_thigh_deg", "trunk_thigh_deg", "trunk_thigh"),
                ("trunk_deg", "trunk_inclination_deg", "trunk"),
                ("knee_deg", "knee_flexion_deg", "knee"),
            )
        ]
        values += [
            ("rounding_deg", "back", [rep.rounding_deg for rep in reps]),
            ("hip_share", "hip_share", [rep.hip_share for rep in reps]),
        ]
        return [ComparableMeasure(f"toe_touch.{name}", family, drop_unknown(known)) for name, family, known in values]


def _measure_fold(motion: Motion, rep: RepTimes) -> ToeTouchRepMeasures:
    if not motion.allows_degrees:
        return ToeTouchRepMeasures()
    height = median_at(motion.times_s, hand_height(motion), rep.bottom_s)
    return ToeTouchRepMeasures(
        hand_height_pct=None if height is None else round(100 * height, 1),
        rounding_deg=round_known(rounding_deg(motion, rep.bottom_s)),
        hip_share=round_known(hip_share(motion, rep.start_s, rep.bottom_s), 2),
    )


MOVEMENT = ToeTouch()
