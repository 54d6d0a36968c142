"""Sit-to-stand: how the trunk leads, and where the feet are as the hips leave the seat."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analyzer.movements.body_heights import hip_height, leg_length_px
from analyzer.movements.key_measures import KeyMeasureSpec
from analyzer.movements.lift_reps import depth_from_angle, find_movement_reps
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import ComparableMeasure, Events, Movement, Observation, RepPhases
from analyzer.movements.recognition import movement_probability
from analyzer.movements.rep_detection import RepTimes, build_reps, median_at
from analyzer.movements.statistics import drop_unknown, median_known, percentile, round_known, select_interval
from analyzer.movements.typed_measures import JsonObject, Measures, build_rep_evidence
from analyzer.results.schema import Analysis
from analyzer.vocabulary.measures import MeasureLabel


@dataclass(frozen=True)
class SitToStandLimits:
    """Thresholds of sitting, getting up and observations."""

    sit_thigh_deg: float = 50.0  # thighs at least this far off the vertical; as in kinematics/baseline_posture.py
    min_seat_off_rise: float = 0.04  # hips this much above the seat, leg lengths, have left it; chosen
    lean_s: float = 2.0  # the leading lean begins at most this long before; chosen
    lean_deg: float = 5.0  # a trunk that leans less than this does not lead; chosen
    feet_under_pct: float = 3.0  # ankle behind the knee by less, % leg: feet in front; chosen
    chest_up_deg: float = 55.0  # trunk leaning more than this as the hips leave the seat; chosen


LIMITS = SitToStandLimits()


class RiseMeasures(Measures):
    """Measures of one rise; angles and shares are None in a view without degrees.

    Attributes
    ----------
    seat_off_s : when the hips leave the seat.
    lean_s : from the trunk's first lean to there, the momentum that it brings.
    rise_s : from the first lean to standing.
    trunk_at_seat_off_deg, trunk_peak_deg : trunk then, and its furthest lean on the way.
    shin_at_seat_off_deg : + knees in front of the ankles.
    feet_back_pct : distance of the ankle behind the knee then, percent of the leg's length.
    """

    seat_off_s: float | None = None
    lean_s: float | None = None
    rise_s: float | None = None
    trunk_at_seat_off_deg: float | None = None
    trunk_peak_deg: float | None = None
    shin_at_seat_off_deg: float | None = None
    feet_back_pct: float | None = None


class SitToStandMeasures(Measures):
    """Medians over the rises of the clip."""

    reps: int = 0
    lean_s: float | None = None
    rise_s: float | None = None
    trunk_at_seat_off_deg: float | None = None
    trunk_peak_deg: float | None = None
    shin_at_seat_off_deg: float | None = None
    feet_back_pct: float | None = None


class SitToStand(Movement):
    """Getting up from a seat."""

    name = "sit_to_stand"
    title = "Sit-to-stand"
    main_angle = "trunk_thigh_deg"
    measure_labels: Mapping[str, MeasureLabel] = {
        "seat_off_s": MeasureLabel(label="Seat left at"),
        "lean_s": MeasureLabel(label="Leaning before the seat is left"),
        "rise_s": MeasureLabel(label="Time to stand up"),
        "trunk_at_seat_off_deg": MeasureLabel(label="Trunk lean as the seat is left"),
        "trunk_peak_deg": MeasureLabel(label="Largest trunk lean"),
        "shin_at_seat_off_deg": MeasureLabel(label="Shin as the seat is left"),
        "feet_back_pct": MeasureLabel(label="Feet behind the knees, of leg length"),
    }
    phases = RepPhases(top="standing", turn="seat left")
    instructions = "Three to five times up from a chair, as on any day."
    key_measures = (
        KeyMeasureSpec(
            "sit_to_stand.rise",
            "Time to stand up",
            "measures.rise_s",
            unit="s",
            comparable="sit_to_stand.rise_s",
            short="Rise",
        ),
        KeyMeasureSpec(
            "sit_to_stand.lean",
            "Leaning before the seat is left",
            "measures.lean_s",
            unit="s",
            comparable="sit_to_stand.lean_s",
            short="Lean before",
        ),
        KeyMeasureSpec(
            "sit_to_stand.trunk",
            "Trunk lean as the seat is left",
            "measures.trunk_at_seat_off_deg",
            angle="trunk_inclination_deg",
            comparable="sit_to_stand.trunk_at_seat_off_deg",
            short="Trunk lean",
        ),
        KeyMeasureSpec(
            "sit_to_stand.shin",
            "Shin as the seat is left",
            "measures.shin_at_seat_off_deg",
            comparable="sit_to_stand.shin_at_seat_off_deg",
            short="Shin",
            chart="shin_inclination_deg",
        ),
        KeyMeasureSpec(
            "sit_to_stand.feet",
            "Feet behind the knees, of leg length",
            "measures.feet_back_pct",
            unit="pct",
            short="Feet back",
        ),
    )

    def recognise(self, motion: Motion) -> float:
        """Return the probability of the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Find each sitting with the way up from it; its bottom is the seat. Reps unlike the others are left out."""
        depth = depth_from_angle(motion, -motion.angles["thigh_inclination_deg"])
        times = [rep for rep in find_movement_reps(motion, self.name, depth) if rep.complete]
        measures = [_measure_rise(motion, _find_seat_frames(motion, rep), rep.end_s).to_json() for rep in times]
        return Events(reps=build_reps(times, motion, measures))

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> JsonObject:
        """Compute the medians over the reps; see `SitToStandMeasures`."""
        rises = [RiseMeasures.from_json(rep.measures) for rep in events.reps]
        typed = SitToStandMeasures(
            reps=len(rises),
            lean_s=round_known(median_known([rise.lean_s for rise in rises]), 2),
            rise_s=round_known(median_known([rise.rise_s for rise in rises]), 2),
            trunk_at_seat_off_deg=round_known(median_known([rise.trunk_at_seat_off_deg for rise in rises])),
            trunk_peak_deg=round_known(median_known([rise.trunk_peak_deg for rise in rises])),
            shin_at_seat_off_deg=round_known(median_known([rise.shin_at_seat_off_deg for rise in rises])),
            feet_back_pct=round_known(median_known([rise.feet_back_pct for rise in rises])),
        )
        return typed.to_json()

    def list_observations(
        self, details: ClipDetails, events: Events, measures: Mapping[str, object]
    ) -> list[Observation]:
        """List that the person gets up, and how quickly; feet further under, or chest up, as the next thing to try."""
        typed = SitToStandMeasures.from_json(measures)
        if not typed.reps or typed.rise_s is None:
            return []
        feet, trunk = typed.feet_back_pct, typed.trunk_at_seat_off_deg
        evidence = build_rep_evidence(
            events.reps, rise_s=typed.rise_s, lean_s=typed.lean_s, trunk_at_seat_off_deg=trunk, feet_back_pct=feet
        )
        observations = [Observation("sit_to_stand.gets_up", "can", 0.7, evidence)]
        if feet is not None and feet < LIMITS.feet_under_pct:
            observations.append(Observation("sit_to_stand.feet_under", "next", 0.5, evidence))
        elif feet is not None:
            observations.append(Observation("sit_to_stand.feet_are_under", "can", 0.4, evidence))
        if trunk is not None and trunk > LIMITS.chest_up_deg:
            observations.append(Observation("sit_to_stand.chest_up", "next", 0.4, evidence))
        return observations

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """List trunk and shins as the hips leave the seat, and the time to stand, one value for each rep."""
        rises = [RiseMeasures.from_json(rep.measures) for rep in analysis.reps]
        values = [
            ("trunk_at_seat_off_deg", "trunk", [rise.trunk_at_seat_off_deg for rise in rises]),
            ("shin_at_seat_off_deg", "shin", [rise.shin_at_seat_off_deg for rise in rises]),
            ("rise_s", "tempo", [rise.rise_s for rise in rises]),
            ("lean_s", "tempo", [rise.lean_s for rise in rises]),
        ]
        return [
            ComparableMeasure(f"sit_to_stand.{name}", family, drop_unknown(known)) for name, family, known in values
        ]


def _measure_rise(motion: Motion, seat: tuple[int, int] | None, end_s: float) -> RiseMeasures:
    """Measure how the person gets up; `seat` are the first and last frame on it, None where unknown."""
    if seat is None:
        return RiseMeasures()
    times, trunk, height = motion.times_s, motion.degrees["trunk_inclination_deg"], hip_height(motion)
    level = percentile(height[seat[0] : seat[1] + 1], 25)
    if level is None:
        return RiseMeasures()
    frames = np.arange(len(times))
    low = height <= level + LIMITS.min_seat_off_rise
    off = int(frames[low & (frames >= seat[0]) & (times <= end_s)][-1])
    off_s, start_s = float(times[off]), float(times[_find_lean_frame(motion, seat[0], off)])
    timing = RiseMeasures(
        seat_off_s=round(off_s, 2), lean_s=round(off_s - start_s, 2), rise_s=round(end_s - start_s, 2)
    )
    if not motion.allows_degrees:
        return timing
    leg, shin = leg_length_px(motion), median_at(times, motion.degrees["shin_inclination_deg"], off_s)
    behind = median_at(times, motion.forward_sign * (motion.near.knee[:, 0] - motion.near.ankle[:, 0]), off_s)
    return RiseMeasures(
        seat_off_s=timing.seat_off_s,
        lean_s=timing.lean_s,
        rise_s=timing.rise_s,
        trunk_at_seat_off_deg=round_known(median_at(times, trunk, off_s)),
        trunk_peak_deg=round_known(percentile(select_interval(times, trunk, start_s, end_s), 100)),
        shin_at_seat_off_deg=round_known(shin),
        feet_back_pct=None if behind is None or leg is None or shin is None else round_known(100 * behind / leg),
    )


def _find_lean_frame(motion: Motion, first: int, off: int) -> int:
    """Return the frame in which the trunk starts to lean before the hips leave the seat; `off` where it does not."""
    times, trunk = motion.times_s, motion.angles["trunk_inclination_deg"]
    before = np.arange(first, off + 1)
    before = before[np.isfinite(trunk[before]) & (times[before] >= times[off] - LIMITS.lean_s)]
    if not len(before) or trunk[before].max() - trunk[before].min() < LIMITS.lean_deg:
        return off
    leant, upright = float(trunk[before[-1]]), int(before[np.argmin(trunk[before])])
    rising = before[before >= upright]
    return int(rising[np.argmax(trunk[rising] >= trunk[upright] + 0.1 * (leant - trunk[upright]))])


def _find_seat_frames(motion: Motion, rep: RepTimes) -> tuple[int, int] | None:
    """Return the first and last frame of the rep with the thighs as on a seat; None where there is none."""
    down = motion.angles["thigh_inclination_deg"] < -LIMITS.sit_thigh_deg
    seated = np.flatnonzero(down & (motion.times_s >= rep.start_s) & (motion.times_s <= rep.end_s))
    return (int(seated[0]), int(seated[-1])) if len(seated) else None


MOVEMENT = SitToStand()
