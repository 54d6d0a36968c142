"""Overhead reach or press: how far the arms go up, and the parts that shoulders and leaning back have in it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analyzer.movements.body_heights import hand_rise
from analyzer.movements.key_measures import KeyMeasureSpec
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
from analyzer.movements.rep_detection import RepTimes, build_reps, find_reps, median_at
from analyzer.movements.rep_limits import RepLimits
from analyzer.movements.statistics import drop_unknown, round_known, sample_sd
from analyzer.movements.typed_measures import JsonObject, Measures, build_rep_evidence
from analyzer.results.schema import Analysis
from analyzer.vocabulary.measures import MeasureLabel


@dataclass(frozen=True)
class OverheadLimits:
    """Thresholds of reps and observations. Hand rise: over the shoulder, in arm lengths (-1 hanging, 1 up)."""

    min_hand_rise: float = 0.0  # hands at least as high as the shoulder at the top, or it is no reach; chosen
    range_deg: float = 40.0  # smallest travel of the hands in a rep, 180 from hanging to straight up; chosen
    min_lean_back_deg: float = 10.0  # trunk back of tall by this: leaning back helps the arms, sources 2.5 lockout 8-10
    repeatable_deg: float = 4.0  # SD of the highest reach at most this: very repeatable; sources 2.5


LIMITS = OverheadLimits()


class OverheadRepMeasures(Measures):
    """Measures of one rep at its highest moment; None in a view without degrees.

    Attributes
    ----------
    arm_deg, shoulder_deg : arms to gravity and to the trunk.
    lean_back_deg : trunk behind the vertical.
    trunk_change_deg, rounding_change_deg : from the baseline posture.
    """

    arm_deg: float | None = None
    shoulder_deg: float | None = None
    lean_back_deg: float | None = None
    trunk_change_deg: float | None = None
    rounding_change_deg: float | None = None
    elbow_deg: float | None = None


class OverheadMeasures(Measures):
    """Measures of the clip: those of the highest rep, and the SD of the arms over all."""

    reps: int = 0
    highest_rep: int | None = None
    arm_deg: float | None = None
    shoulder_deg: float | None = None
    lean_back_deg: float | None = None
    trunk_change_deg: float | None = None
    rounding_change_deg: float | None = None
    elbow_deg: float | None = None
    arm_sd_deg: float | None = None


class Overhead(Movement):
    """Arms overhead and down again, standing."""

    name = "overhead"
    title = "Overhead reach or press"
    variants = ("reach", "press")
    main_angle = "shoulder_flexion_deg"
    measure_labels: Mapping[str, MeasureLabel] = {
        "arm_deg": MeasureLabel(label="Arms, from hanging"),
        "shoulder_deg": MeasureLabel(label="Arms to the trunk"),
        "lean_back_deg": MeasureLabel(label="Trunk leans back"),
        "trunk_change_deg": MeasureLabel(label="Trunk, change from tall"),
        "rounding_change_deg": MeasureLabel(label="Back, change from tall"),
        "elbow_deg": MeasureLabel(label="Elbow bend"),
        "arm_sd_deg": MeasureLabel(label="Spread of the arms (SD)"),
    }
    phases = RepPhases(top="arms lowest", turn="arms highest", outward="up", back="down")
    better: Mapping[str, ImprovementDirection] = {
        "overhead.arm_deg": "more",  # sources 6
        "overhead.shoulder_deg": "more",  # likewise
    }
    session_plans: tuple[SessionPlan, ...] = ("first_look",)
    instructions = "Three slow reaches up with both arms."
    key_measures = (
        KeyMeasureSpec(
            "overhead.arm",
            "Arms, from hanging",
            "measures.arm_deg",
            comparable="overhead.arm_deg",
            chart="shoulder_flexion_deg",
        ),
        KeyMeasureSpec(
            "overhead.shoulder",
            "Arms to the trunk",
            "measures.shoulder_deg",
            comparable="overhead.shoulder_deg",
            chart="shoulder_flexion_deg",
        ),
        KeyMeasureSpec(
            "overhead.lean",
            "Trunk leans back",
            "measures.lean_back_deg",
            angle="trunk_inclination_deg",
            comparable="overhead.lean_back_deg",
        ),
        KeyMeasureSpec(
            "overhead.back",
            "Back, change from tall",
            "measures.rounding_change_deg",
            angle="back_rounding_deg",
            comparable="overhead.rounding_change_deg",
            is_back=True,
        ),
    )

    def recognise(self, motion: Motion) -> float:
        """Return the probability of the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Find each way up and down; its "bottom" is the highest moment."""
        # 0 hanging, 90 level, 180 straight up, like the angle of a straight arm
        rise = 90.0 * (1.0 + hand_rise(motion))
        times = find_reps(motion.times_s, rise, RepLimits(range_deg=LIMITS.range_deg))
        times = [rep for rep in times if rep.depth >= 90.0 * (1.0 + LIMITS.min_hand_rise)]
        return Events(reps=build_reps(times, motion, [_measure_top(motion, rep).to_json() for rep in times]))

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> JsonObject:
        """Compute the measures of the highest reach; see `OverheadMeasures`."""
        reps = [(rep.index, OverheadRepMeasures.from_json(rep.measures)) for rep in events.reps]
        index, top = max(reps, key=lambda rep: rep[1].arm_deg or -np.inf, default=(None, OverheadRepMeasures()))
        typed = OverheadMeasures(
            reps=len(reps),
            highest_rep=None if top.arm_deg is None else index,
            arm_deg=top.arm_deg,
            shoulder_deg=top.shoulder_deg,
            lean_back_deg=top.lean_back_deg,
            trunk_change_deg=top.trunk_change_deg,
            rounding_change_deg=top.rounding_change_deg,
            elbow_deg=top.elbow_deg,
            arm_sd_deg=round_known(sample_sd([rep.arm_deg for _, rep in reps])),
        )
        return typed.to_json()

    def list_observations(
        self, details: ClipDetails, events: Events, measures: Mapping[str, object]
    ) -> list[Observation]:
        """List how high the arms go, whether leaning back helps, and whether the reps are alike."""
        typed = OverheadMeasures.from_json(measures)
        if not typed.reps:
            return []
        evidence = build_rep_evidence(
            events.reps,
            arm_deg=typed.arm_deg,
            shoulder_deg=typed.shoulder_deg,
            lean_back_deg=typed.lean_back_deg,
            trunk_change_deg=typed.trunk_change_deg,
            arm_sd_deg=typed.arm_sd_deg,
        )
        reaches = Observation("overhead.reaches", "can", 0.7, evidence)
        if typed.arm_deg is None:
            return [reaches]
        observations = [reaches]
        change, spread = typed.trunk_change_deg, typed.arm_sd_deg
        if change is not None and change <= -LIMITS.min_lean_back_deg and (typed.lean_back_deg or 0.0) > 0:
            observations = [
                Observation("overhead.reaches_with_back", "can", 0.7, evidence),
                Observation("overhead.back_helps", "next", 0.6, evidence),
            ]
        if spread is not None and spread <= LIMITS.repeatable_deg:
            observations.append(Observation("overhead.repeatable", "can", 0.5, evidence))
        return observations

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """List arms to gravity and to the trunk, the trunk and the back at the top, one value for each rep."""
        reps = [OverheadRepMeasures.from_json(rep.measures) for rep in analysis.reps]
        values = [
            ("arm_deg", "arm", [rep.arm_deg for rep in reps]),
            ("shoulder_deg", "arm", [rep.shoulder_deg for rep in reps]),
            ("lean_back_deg", "trunk", [rep.lean_back_deg for rep in reps]),
            ("rounding_change_deg", "back", [rep.rounding_change_deg for rep in reps]),
        ]
        return [ComparableMeasure(f"overhead.{name}", family, drop_unknown(known)) for name, family, known in values]


def _measure_top(motion: Motion, rep: RepTimes) -> OverheadRepMeasures:
    """Measure the arms at the highest moment: to gravity, to the trunk, and the trunk itself."""

    def at_top(name: str) -> float | None:
        return median_at(motion.times_s, motion.degrees[name], rep.bottom_s)

    def change(name: str) -> float | None:
        value, baseline = at_top(name), motion.baseline_deg(name)
        return None if value is None or baseline is None else round_known(value - baseline)

    shoulder, trunk = at_top("shoulder_flexion_deg"), at_top("trunk_inclination_deg")
    return OverheadRepMeasures(
        arm_deg=None if shoulder is None or trunk is None else round_known(shoulder - trunk),
        shoulder_deg=round_known(shoulder),
        lean_back_deg=None if trunk is None else round_known(-trunk),
        trunk_change_deg=change("trunk_inclination_deg"),
        rounding_change_deg=change("back_rounding_deg"),
        elbow_deg=round_known(at_top("elbow_flexion_deg")),
    )


MOVEMENT = Overhead()
