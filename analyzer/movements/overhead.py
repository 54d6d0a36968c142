"""Overhead reach or press: how far the arms go up, and what of it the shoulders do and what leaning back does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analyzer.movements.body_heights import drop_unknown, hand_rise, rep_evidence, round_known, sample_sd
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import (
    ComparableMeasure,
    Events,
    ImprovementDirection,
    Movement,
    Observation,
    RepPhases,
    SessionPlan,
)
from analyzer.movements.recognition import movement_probability
from analyzer.movements.rep_detection import RepLimits, RepTimes, build_reps, find_reps, median_at
from analyzer.results.schema import Analysis


@dataclass(frozen=True)
class OverheadLimits:
    """What counts as an overhead reach or press. Hand heights: over the shoulder, in arm lengths (-1 hanging, 1 up)."""

    raised: float = 0.0  # hands at least as high as the shoulder at the top, or it is no reach; chosen
    range_deg: float = 40.0  # smallest way of the hands that is a rep, 180 from hanging to straight up; chosen
    min_lean_back_deg: float = 10.0  # trunk back of tall by this: leaning back helps the arms, sources 2.5 lockout 8-10
    repeatable_deg: float = 4.0  # SD of the highest reach at most this: very repeatable; sources 2.5


LIMITS = OverheadLimits()


class Overhead(Movement):
    """Arms overhead and down again, standing."""

    name = "overhead"
    title = "Overhead reach or press"
    variants = ("reach", "press")
    main_angle = "shoulder_flexion_deg"
    phases = RepPhases(top="arms lowest", turn="arms highest", outward="up", back="down")
    better: Mapping[str, ImprovementDirection] = {
        "overhead.arm_deg": "more",  # sources 6
        "overhead.shoulder_deg": "more",  # likewise
    }
    session_plans: tuple[SessionPlan, ...] = ("first_look",)
    instructions = "Three slow reaches up with both arms."

    def recognise(self, motion: Motion) -> float:
        """Probability by the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Each way up and down is a rep; its "bottom" is the highest moment."""
        rise = 90.0 * (
            1.0 + hand_rise(motion)
        )  # 0 hanging, 90 level, 180 straight up, like the angle of a straight arm
        times = find_reps(motion.times_s, rise, RepLimits(range_deg=LIMITS.range_deg))
        times = [rep for rep in times if rep.depth >= 90.0 * (1.0 + LIMITS.raised)]
        return Events(reps=build_reps(times, motion, [_measure_top(motion, rep) for rep in times]))

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> dict[str, Any]:
        """The highest reach, and what the shoulders and what leaning back gave of it."""
        best = max(events.reps, key=lambda rep: rep.measures["arm_deg"] or -np.inf, default=None)
        top = best.measures if best is not None else dict.fromkeys(_TOP_MEASURES)
        return {
            "reps": len(events.reps),
            "highest_rep": best.index if best is not None and top["arm_deg"] is not None else None,
            **{name: top[name] for name in _TOP_MEASURES},
            "arm_sd_deg": round_known(sample_sd([rep.measures["arm_deg"] for rep in events.reps])),
        }

    def list_observations(self, details: ClipDetails, events: Events, measures: Mapping[str, Any]) -> list[Observation]:
        """How high; how much of it comes from leaning back; whether every one was like the last."""
        if not measures["reps"]:
            return []
        evidence = rep_evidence(
            events, measures, "arm_deg", "shoulder_deg", "lean_back_deg", "trunk_change_deg", "arm_sd_deg"
        )
        change, spread = measures["trunk_change_deg"], measures["arm_sd_deg"]
        if measures["arm_deg"] is None:
            return [Observation("overhead.reaches", "can", 0.7, evidence)]
        found = []
        if change is not None and change <= -LIMITS.min_lean_back_deg and measures["lean_back_deg"] > 0:
            found.append(Observation("overhead.reaches_with_back", "can", 0.7, evidence))
            found.append(Observation("overhead.back_helps", "next", 0.6, evidence))
        else:
            found.append(Observation("overhead.reaches", "can", 0.7, evidence))
        if spread is not None and spread <= LIMITS.repeatable_deg:
            found.append(Observation("overhead.repeatable", "can", 0.5, evidence))
        return found

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """Arms to gravity and to the trunk, and the trunk, at the top, one a rep."""
        return [
            ComparableMeasure(
                f"overhead.{name}", family, drop_unknown([rep.measures.get(name) for rep in analysis.reps])
            )
            for name, family in (("arm_deg", "arm"), ("shoulder_deg", "arm"), ("trunk_change_deg", "trunk"))
        ]


_TOP_MEASURES = ("arm_deg", "shoulder_deg", "lean_back_deg", "trunk_change_deg", "rounding_change_deg", "elbow_deg")


def _measure_top(motion: Motion, rep: RepTimes) -> dict[str, float | None]:
    """Arms at the highest moment: to gravity, to the trunk, and the difference, which leaning back gives."""
    if not motion.degrees:
        return dict.fromkeys(_TOP_MEASURES)

    def there(name: str) -> float | None:
        return median_at(motion.times_s, motion.angles[name], rep.bottom_s)

    def change(name: str) -> float | None:
        value, tall = there(name), motion.tall_deg(name)
        return None if value is None or tall is None else round_known(value - tall)

    shoulder, trunk = there("shoulder_flexion_deg"), there("trunk_inclination_deg")
    return {
        "arm_deg": None if shoulder is None or trunk is None else round_known(shoulder - trunk),
        "shoulder_deg": round_known(shoulder),
        "lean_back_deg": None if trunk is None else round_known(-trunk),
        "trunk_change_deg": change("trunk_inclination_deg"),
        "rounding_change_deg": change("back_rounding_deg"),
        "elbow_deg": round_known(there("elbow_flexion_deg")),
    }


MOVEMENT = Overhead()
