"""Standing extension, or back bend: how far the trunk leans back beyond the own tall posture, and what the knees do."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.movements.motion import Facts, Motion
from analyzer.movements.protocol import Events, Observation, Quantity, Smoothing
from analyzer.movements.reps import RepLimits, as_reps, find_reps, value_at
from analyzer.movements.shapes import (
    backing,
    feet_travel,
    hand_rise,
    known_of,
    mean_of,
    median,
    percentile,
    ramp,
    rounded,
    spread_of,
)
from analyzer.result import Analysis


@dataclass(frozen=True)
class ExtensionLimits:
    """What counts as a standing extension."""

    lean_deg: tuple[float, float] = (12.0, 20.0)  # back beyond tall, furthest: above a lockout's 8-10, domain 2.5
    reach_lean_deg: tuple[float, float] = (20.0, 30.0)  # the same with the arms overhead, where some is usual; chosen
    forward_deg: tuple[float, float] = (35.0, 20.0)  # forward of tall: a lift, surely none; chosen
    knee_deg: tuple[float, float] = (60.0, 40.0)  # most bent: a squat or a fall, standing; chosen
    thigh_deg: tuple[float, float] = (45.0, 30.0)  # furthest off the vertical: sits or lies, stands; chosen
    feet: tuple[float, float] = (0.7, 0.4)  # travel of the feet, trunks: walks, stays; chosen
    tall_share: tuple[float, float] = (0.05, 0.12)  # of the time near tall: hangs back, comes from standing; chosen
    tall_deg: float = 7.0  # trunk this near to tall; chosen
    range_deg: float = 10.0  # smallest lean back that is a rep: a lockout's lean back and more, domain 2.5
    leans_deg: float = 5.0  # and so far behind tall, more than a clip tells apart (trunk 4, domain 5); chosen
    knees_join_deg: float = 15.0  # knees bend this much more than tall: they make part of the lean; chosen
    overhead: float = 0.5  # hand over the shoulder, arm lengths: overhead; chosen


LIMITS = ExtensionLimits()


class StandingExtension:
    """Leaning back from standing."""

    name = "standing_extension"
    title = "Standing extension"
    variants: tuple[str, ...] = ()
    main_angle = "trunk_inclination_deg"
    smoothing: Smoothing = "lift"
    words: Path | None = None

    def recognise(self, motion: Motion) -> float:
        """The trunk leans back beyond tall and returns; legs stay under it and nothing bends forward."""
        limits, angles = LIMITS, motion.angles
        lean = lean_back_deg(motion)
        furthest, forward = percentile(lean, 98), percentile(-lean, 98)
        if furthest is None or forward is None or motion.reference is None or motion.reference.kind != "standing":
            return 0.0
        leaning = lean > limits.lean_deg[0]
        overhead = (median(hand_rise(motion)[leaning]) or 0.0) > limits.overhead
        return (
            ramp(furthest, *(limits.reach_lean_deg if overhead else limits.lean_deg))
            * ramp(forward, *limits.forward_deg)
            * ramp(percentile(angles["knee_flexion_deg"], 98), *limits.knee_deg)
            * ramp(percentile(np.abs(angles["thigh_inclination_deg"]), 98), *limits.thigh_deg)
            * ramp(feet_travel(motion), *limits.feet)
            * ramp(float(np.mean(np.abs(lean[np.isfinite(lean)]) < limits.tall_deg)), *limits.tall_share)
        )

    def events(self, motion: Motion, facts: Facts) -> Events:
        """Each lean back is a rep; its "bottom" is the furthest moment."""
        fold, knee = motion.angles["trunk_thigh_deg"], motion.angles["knee_flexion_deg"]
        tall_fold, tall_knee = motion.tall_deg("trunk_thigh_deg") or 0.0, motion.tall_deg("knee_flexion_deg") or 0.0
        lean = lean_back_deg(motion)
        times = find_reps(motion.times_s, lean, RepLimits(range_deg=LIMITS.range_deg))
        times = [rep for rep in times if rep.depth >= LIMITS.leans_deg]
        measures: list[dict[str, Any]] = []
        for rep in times:
            there: dict[str, float | None] = dict.fromkeys(_FURTHEST)
            if motion.degrees:
                folded, bent = (value_at(motion.times_s, series, rep.bottom_s) for series in (fold, knee))
                there = {
                    "lean_back_deg": rounded(value_at(motion.times_s, lean, rep.bottom_s)),
                    "trunk_thigh_extension_deg": None if folded is None else rounded(tall_fold - folded),
                    "knee_bend_deg": None if bent is None else rounded(bent - tall_knee),
                }
            measures.append(there)
        return Events(reps=as_reps(times, motion, measures))

    def measures(self, motion: Motion, facts: Facts, events: Events) -> dict[str, Any]:
        """The furthest lean, and the mean of all: one lean back says little, three say more (domain 2.6)."""
        leans = [rep.measures["lean_back_deg"] for rep in events.reps]
        best = max(events.reps, key=lambda rep: rep.measures["lean_back_deg"] or -np.inf, default=None)
        return {
            "reps": len(events.reps),
            "told_from": "vertical" if motion.reference is None else "own tall",
            **{name: best.measures[name] if best is not None else None for name in _FURTHEST},
            "lean_back_mean_deg": rounded(mean_of(leans)),
            "lean_back_sd_deg": rounded(spread_of(leans)),
        }

    def observations(self, facts: Facts, events: Events, measures: Mapping[str, Any]) -> list[Observation]:
        """How far it went; whether the legs stayed long under it."""
        if not measures["reps"]:
            return []
        lean = backing(events, measures, "lean_back_deg", "lean_back_mean_deg", "lean_back_sd_deg", "told_from")
        found = [Observation("standing_extension.leans_back", "can", 0.7, lean)]
        legs = backing(events, measures, "knee_bend_deg")
        bend = measures["knee_bend_deg"]
        if bend is not None and bend > LIMITS.knees_join_deg:
            return [*found, Observation("standing_extension.knees_join", "next", 0.4, legs)]
        if bend is not None:
            found.append(Observation("standing_extension.long_legs", "can", 0.5, legs))
        return found

    def quantities(self, analysis: Analysis) -> list[Quantity]:
        """Lean back, extension and knee bend, one a rep."""
        return [
            Quantity(f"standing_extension.{name}", family, known_of([rep.measures.get(name) for rep in analysis.reps]))
            for name, family in (
                ("lean_back_deg", "trunk"),
                ("trunk_thigh_extension_deg", "trunk_thigh"),
                ("knee_bend_deg", "knee"),
            )
        ]


def lean_back_deg(motion: Motion) -> np.ndarray:
    """(T,) how far the trunk leans back beyond the own tall posture, without one from the vertical; + back."""
    return (motion.tall_deg("trunk_inclination_deg") or 0.0) - motion.angles["trunk_inclination_deg"]


_FURTHEST = ("lean_back_deg", "trunk_thigh_extension_deg", "knee_bend_deg")

MOVEMENT = StandingExtension()
