"""Standing extension, or back bend: lean of the trunk beyond the baseline posture, and bend of the knees."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field

from analyzer.kinematics.arrays import Series
from analyzer.movements.key_measures import KeyMeasureSpec
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import BendDirection, ComparableMeasure, Events, Movement, Observation, RepPhases
from analyzer.movements.recognition import movement_probability
from analyzer.movements.rep_detection import RepTimes, build_reps, find_reps, median_at
from analyzer.movements.rep_limits import RepLimits
from analyzer.movements.statistics import drop_unknown, mean_known, median, round_known, sample_sd
from analyzer.movements.typed_measures import JsonObject, Measures, build_rep_evidence
from analyzer.results.schema import Analysis
from analyzer.vocabulary.measures import MeasureLabel


@dataclass(frozen=True)
class StandingExtensionLimits:
    """Thresholds of reps and observations."""

    range_deg: float = 10.0  # smallest lean back that is a rep: a lockout's lean back and more, sources 2.5
    min_backward_lean_deg: float = 5.0  # behind the baseline, more than the error of the trunk (4, sources 5); chosen
    max_knee_bend_deg: float = 15.0  # knees bent this much more than in the baseline contribute to the lean; chosen


LIMITS = StandingExtensionLimits()
LeanZero = Literal["vertical", "own tall"]


class ExtensionRepMeasures(Measures):
    """Measures of one rep at the furthest moment; None in a view without degrees.

    Attributes
    ----------
    lean_back_deg : lean of the trunk beyond the baseline posture; + back.
    trunk_thigh_extension_deg, knee_bend_deg : change of the trunk-thigh angle and of the knees; + open, + bent.
    """

    lean_back_deg: float | None = None
    trunk_thigh_extension_deg: float | None = None
    knee_bend_deg: float | None = None


class ExtensionMeasures(Measures):
    """Measures of the clip: those of the furthest rep, and mean and SD over all (three leans: sources 2.6).

    Attributes
    ----------
    zero : posture from which the lean is measured; "own tall" is the baseline posture.
    """

    reps: int = 0
    zero: LeanZero = Field(default="vertical", validation_alias="told_from", serialization_alias="told_from")
    lean_back_deg: float | None = None
    trunk_thigh_extension_deg: float | None = None
    knee_bend_deg: float | None = None
    lean_back_mean_deg: float | None = None
    lean_back_sd_deg: float | None = None


class StandingExtension(Movement):
    """Leaning back from standing."""

    name = "standing_extension"
    title = "Standing extension"
    main_angle = "trunk_inclination_deg"
    measure_labels: Mapping[str, MeasureLabel] = {
        "lean_back_deg": MeasureLabel(label="Trunk back, beyond tall"),
        "trunk_thigh_extension_deg": MeasureLabel(label="Hips and back open"),
        "knee_bend_deg": MeasureLabel(label="Knees bend"),
        "lean_back_mean_deg": MeasureLabel(label="Trunk back, mean of all"),
        "lean_back_sd_deg": MeasureLabel(label="Spread of the lean (SD)"),
        "told_from": MeasureLabel(label="Lean measured from"),
    }
    phases = RepPhases(top="upright", turn="furthest back", outward="back", back="up")
    can_be_loaded = False
    direction: BendDirection | None = "arching"
    instructions = "Three slow leans back from standing, as far as is comfortable."
    key_measures = (
        KeyMeasureSpec(
            "standing_extension.lean",
            "Trunk back, beyond tall",
            "measures.lean_back_deg",
            angle="trunk_inclination_deg",
            summary="max",
            comparable="standing_extension.lean_back_deg",
        ),
        KeyMeasureSpec(
            "standing_extension.hips",
            "Hips and back open",
            "measures.trunk_thigh_extension_deg",
            angle="trunk_thigh_deg",
            summary="max",
            comparable="standing_extension.trunk_thigh_extension_deg",
        ),
        KeyMeasureSpec(
            "standing_extension.knee",
            "Knees bend",
            "measures.knee_bend_deg",
            angle="knee_flexion_deg",
            comparable="standing_extension.knee_bend_deg",
        ),
    )

    def recognise(self, motion: Motion) -> float:
        """Return the probability of the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Find the leans back; the "bottom" of each is its furthest moment."""
        lean = lean_back_deg(motion, motion.angles["trunk_inclination_deg"])
        times = find_reps(motion.times_s, lean, RepLimits(range_deg=LIMITS.range_deg))
        times = [rep for rep in times if rep.depth >= LIMITS.min_backward_lean_deg]
        return Events(reps=build_reps(times, motion, [_measure_lean(motion, rep).to_json() for rep in times]))

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> JsonObject:
        """Compute the measures of the furthest lean and over all; see `ExtensionMeasures`."""
        reps = [ExtensionRepMeasures.from_json(rep.measures) for rep in events.reps]
        best = max(reps, key=lambda rep: rep.lean_back_deg or -np.inf, default=ExtensionRepMeasures())
        leans = [rep.lean_back_deg for rep in reps]
        typed = ExtensionMeasures(
            reps=len(reps),
            zero="vertical" if motion.baseline is None else "own tall",
            lean_back_deg=best.lean_back_deg,
            trunk_thigh_extension_deg=best.trunk_thigh_extension_deg,
            knee_bend_deg=best.knee_bend_deg,
            lean_back_mean_deg=round_known(mean_known(leans)),
            lean_back_sd_deg=round_known(sample_sd(leans)),
        )
        return typed.to_json()

    def list_observations(
        self, details: ClipDetails, events: Events, measures: Mapping[str, object]
    ) -> list[Observation]:
        """List how far the lean goes and whether the legs stay long under it."""
        typed = ExtensionMeasures.from_json(measures)
        if not typed.reps:
            return []
        lean = build_rep_evidence(
            events.reps,
            lean_back_deg=typed.lean_back_deg,
            lean_back_mean_deg=typed.lean_back_mean_deg,
            lean_back_sd_deg=typed.lean_back_sd_deg,
            told_from=typed.zero,
        )
        observations = [Observation("standing_extension.leans_back", "can", 0.7, lean)]
        bend = typed.knee_bend_deg
        legs = build_rep_evidence(events.reps, knee_bend_deg=bend)
        if bend is not None and bend > LIMITS.max_knee_bend_deg:
            observations.append(Observation("standing_extension.knees_join", "next", 0.4, legs))
        elif bend is not None:
            observations.append(Observation("standing_extension.long_legs", "can", 0.5, legs))
        return observations

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """List lean back, extension and knee bend, one value for each rep."""
        reps = [ExtensionRepMeasures.from_json(rep.measures) for rep in analysis.reps]
        values = [
            ("lean_back_deg", "trunk", [rep.lean_back_deg for rep in reps]),
            ("trunk_thigh_extension_deg", "trunk_thigh", [rep.trunk_thigh_extension_deg for rep in reps]),
            ("knee_bend_deg", "knee", [rep.knee_bend_deg for rep in reps]),
        ]
        return [
            ComparableMeasure(f"standing_extension.{name}", family, drop_unknown(known))
            for name, family, known in values
        ]


def lean_back_deg(motion: Motion, trunk_deg: Series) -> Series:
    """Compute how far the trunk leans behind the baseline posture, else the vertical.

    Parameters
    ----------
    trunk_deg : (T,) inclination of the trunk, degrees, + forward; NaN where unknown.

    Returns
    -------
    (T,) degrees: 0 as in the baseline posture (upright without one), + back. NaN where the inclination is.
    """
    tall_deg = median(trunk_deg[motion.baseline.frames]) if motion.baseline else None
    return (tall_deg or 0.0) - trunk_deg


def _measure_lean(motion: Motion, rep: RepTimes) -> ExtensionRepMeasures:
    def at_turn(values: np.ndarray) -> float | None:
        return median_at(motion.times_s, values, rep.bottom_s)

    def change(name: str) -> float | None:
        """Return the change from the baseline posture, from 0 where there is none; None where one is not known."""
        at_turn_deg, tall_deg = at_turn(motion.degrees[name]), motion.baseline_deg(name)
        if at_turn_deg is None or (tall_deg is None and motion.baseline is not None):
            return None
        return at_turn_deg - (tall_deg or 0.0)

    fold = change("trunk_thigh_deg")
    return ExtensionRepMeasures(
        lean_back_deg=round_known(at_turn(lean_back_deg(motion, motion.degrees["trunk_inclination_deg"]))),
        trunk_thigh_extension_deg=None if fold is None else round_known(-fold),
        knee_bend_deg=round_known(change("knee_flexion_deg")),
    )


MOVEMENT = StandingExtension()
