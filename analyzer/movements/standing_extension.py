"""Standing extension, or back bend: how far the trunk leans back beyond the own tall posture, and what the knees do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analyzer.movements.body_heights import (
    drop_unknown,
    mean_known,
    rep_evidence,
    round_known,
    sample_sd,
)
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import BendDirection, ComparableMeasure, Events, Movement, Observation, RepPhases
from analyzer.movements.recognition import movement_probability
from analyzer.movements.rep_detection import RepLimits, build_reps, find_reps, median_at
from analyzer.results.schema import Analysis


@dataclass(frozen=True)
class StandingExtensionLimits:
    """What counts as a lean back, and what is worth saying."""

    range_deg: float = 10.0  # smallest lean back that is a rep: a lockout's lean back and more, sources 2.5
    min_backward_lean_deg: float = (
        5.0  # and so far behind tall, more than a clip tells apart (trunk 4, sources 5); chosen
    )
    max_knee_bend_deg: float = 15.0  # knees bend this much more than tall: they make part of the lean; chosen


LIMITS = StandingExtensionLimits()


class StandingExtension(Movement):
    """Leaning back from standing."""

    name = "standing_extension"
    title = "Standing extension"
    main_angle = "trunk_inclination_deg"
    phases = RepPhases(top="upright", turn="furthest back", outward="back", back="up")
    can_be_loaded = False
    direction: BendDirection | None = "arching"
    instructions = "Three slow leans back from standing, as far as is comfortable."

    def recognise(self, motion: Motion) -> float:
        """Probability by the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Each lean back is a rep; its "bottom" is the furthest moment."""
        fold, knee = motion.angles["trunk_thigh_deg"], motion.angles["knee_flexion_deg"]
        tall_fold, tall_knee = motion.tall_deg("trunk_thigh_deg") or 0.0, motion.tall_deg("knee_flexion_deg") or 0.0
        lean = lean_back_deg(motion)
        times = find_reps(motion.times_s, lean, RepLimits(range_deg=LIMITS.range_deg))
        times = [rep for rep in times if rep.depth >= LIMITS.min_backward_lean_deg]
        measures: list[dict[str, Any]] = []
        for rep in times:
            there: dict[str, float | None] = dict.fromkeys(_REP_MEASURES)
            if motion.degrees:
                folded, bent = (median_at(motion.times_s, series, rep.bottom_s) for series in (fold, knee))
                there = {
                    "lean_back_deg": round_known(median_at(motion.times_s, lean, rep.bottom_s)),
                    "trunk_thigh_extension_deg": None if folded is None else round_known(tall_fold - folded),
                    "knee_bend_deg": None if bent is None else round_known(bent - tall_knee),
                }
            measures.append(there)
        return Events(reps=build_reps(times, motion, measures))

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> dict[str, Any]:
        """The furthest lean, and the mean of all: one lean back says little, three say more (sources 2.6)."""
        leans = [rep.measures["lean_back_deg"] for rep in events.reps]
        best = max(events.reps, key=lambda rep: rep.measures["lean_back_deg"] or -np.inf, default=None)
        return {
            "reps": len(events.reps),
            "told_from": "vertical" if motion.reference is None else "own tall",
            **{name: best.measures[name] if best is not None else None for name in _REP_MEASURES},
            "lean_back_mean_deg": round_known(mean_known(leans)),
            "lean_back_sd_deg": round_known(sample_sd(leans)),
        }

    def list_observations(self, details: ClipDetails, events: Events, measures: Mapping[str, Any]) -> list[Observation]:
        """How far it went; whether the legs stayed long under it."""
        if not measures["reps"]:
            return []
        lean = rep_evidence(events, measures, "lean_back_deg", "lean_back_mean_deg", "lean_back_sd_deg", "told_from")
        found = [Observation("standing_extension.leans_back", "can", 0.7, lean)]
        legs = rep_evidence(events, measures, "knee_bend_deg")
        bend = measures["knee_bend_deg"]
        if bend is not None and bend > LIMITS.max_knee_bend_deg:
            return [*found, Observation("standing_extension.knees_join", "next", 0.4, legs)]
        if bend is not None:
            found.append(Observation("standing_extension.long_legs", "can", 0.5, legs))
        return found

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """Lean back, extension and knee bend, one a rep."""
        return [
            ComparableMeasure(
                f"standing_extension.{name}", family, drop_unknown([rep.measures.get(name) for rep in analysis.reps])
            )
            for name, family in (
                ("lean_back_deg", "trunk"),
                ("trunk_thigh_extension_deg", "trunk_thigh"),
                ("knee_bend_deg", "knee"),
            )
        ]


def lean_back_deg(motion: Motion) -> np.ndarray:
    """(T,) how far the trunk leans back beyond the own tall posture, without one from the vertical; + back."""
    return (motion.tall_deg("trunk_inclination_deg") or 0.0) - motion.angles["trunk_inclination_deg"]


_REP_MEASURES = ("lean_back_deg", "trunk_thigh_extension_deg", "knee_bend_deg")

MOVEMENT = StandingExtension()
