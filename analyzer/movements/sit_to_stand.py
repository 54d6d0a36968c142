"""Sit-to-stand: from a seat to standing tall, how the trunk leads and where the feet are as the hips leave the seat."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analyzer.movements.body_heights import (
    drop_unknown,
    hip_height,
    leg_length_px,
    median,
    percentile,
    rep_evidence,
    round_known,
    select_interval,
)
from analyzer.movements.lift_reps import depth_from_angle, find_movement_reps
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import ComparableMeasure, Events, Movement, Observation, RepPhases
from analyzer.movements.recognition import movement_probability
from analyzer.movements.rep_detection import RepTimes, build_reps, median_at
from analyzer.results.schema import Analysis


@dataclass(frozen=True)
class SitToStandLimits:
    """What counts as sitting and getting up, and what is worth saying."""

    sit_thigh_deg: float = 50.0  # thighs at least this far off the vertical; as in kinematics/reference.py
    lift: float = 0.04  # hips this much above the seat, leg lengths, have left it; chosen
    lean_s: float = 2.0  # the lean that leads begins at most this long before; chosen
    lean_deg: float = 5.0  # a trunk that leans less than this does not lead; chosen
    feet_under_pct: float = 3.0  # ankle behind the knee by less, % leg: feet in front; chosen
    chest_up_deg: float = 55.0  # trunk leaning more than this as the hips leave the seat; chosen


LIMITS = SitToStandLimits()


class SitToStand(Movement):
    """Getting up from a seat."""

    name = "sit_to_stand"
    title = "Sit-to-stand"
    main_angle = "trunk_thigh_deg"
    phases = RepPhases(top="standing", turn="seat left")
    instructions = "Three to five times up from a chair, as on any day."

    def recognise(self, motion: Motion) -> float:
        """Probability by the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Each sitting and the way up from it is a rep; its bottom is the seat. What is unlike the others is none."""
        depth = depth_from_angle(motion, -motion.angles["thigh_inclination_deg"])
        times = [rep for rep in find_movement_reps(motion, self.name, depth) if rep.complete]
        measures = [_measure_rise(motion, _find_seat_frames(motion, rep), rep.end_s) for rep in times]
        return Events(reps=build_reps(times, motion, measures))

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> dict[str, Any]:
        """Medians over the reps."""
        values = {name: [rep.measures[name] for rep in events.reps] for name in _RISE_MEASURES}
        return {"reps": len(events.reps)} | {
            name: round_known(median(np.array(drop_unknown(each))), 2 if name.endswith("_s") else 1)
            for name, each in values.items()
            if name != "seat_off_s"
        }

    def list_observations(self, details: ClipDetails, events: Events, measures: Mapping[str, Any]) -> list[Observation]:
        """That they get up, and how quickly; feet further under, or chest up, as the one thing to try."""
        if not measures["reps"] or measures["rise_s"] is None:
            return []
        evidence = rep_evidence(events, measures, "rise_s", "lean_s", "trunk_at_seat_off_deg", "feet_back_pct")
        found = [Observation("sit_to_stand.gets_up", "can", 0.7, evidence)]
        feet, trunk = measures["feet_back_pct"], measures["trunk_at_seat_off_deg"]
        if feet is not None and feet < LIMITS.feet_under_pct:
            found.append(Observation("sit_to_stand.feet_under", "next", 0.5, evidence))
        elif feet is not None:
            found.append(Observation("sit_to_stand.feet_are_under", "can", 0.4, evidence))
        if trunk is not None and trunk > LIMITS.chest_up_deg:
            found.append(Observation("sit_to_stand.chest_up", "next", 0.4, evidence))
        return found

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """Trunk and shins as the hips leave the seat, and the time to stand, one a rep."""
        return [
            ComparableMeasure(
                f"sit_to_stand.{name}", family, drop_unknown([rep.measures.get(name) for rep in analysis.reps])
            )
            for name, family in (
                ("trunk_at_seat_off_deg", "trunk"),
                ("shin_at_seat_off_deg", "shin"),
                ("rise_s", "tempo"),
            )
        ]


_RISE_MEASURES = (
    "seat_off_s",
    "lean_s",
    "rise_s",
    "trunk_at_seat_off_deg",
    "trunk_peak_deg",
    "shin_at_seat_off_deg",
    "feet_back_pct",
)


def _measure_rise(motion: Motion, seat: tuple[int, int] | None, end_s: float) -> dict[str, float | None]:
    """How the person gets up from that seat.

    Returns
    -------
    seat_off_s : when the hips leave the seat.
    lean_s : from the trunk's first lean to there, the momentum that it brings.
    rise_s : from the first lean to standing.
    trunk_at_seat_off_deg, trunk_peak_deg : trunk then, and its furthest lean on the way.
    shin_at_seat_off_deg : + knees in front of the ankles.
    feet_back_pct : how far the ankle is behind the knee then, percent of the leg.
    """
    if seat is None:
        return dict.fromkeys(_RISE_MEASURES)
    first, last = seat
    times, trunk, height = motion.times_s, motion.angles["trunk_inclination_deg"], hip_height(motion)
    level = percentile(height[first : last + 1], 25)
    if level is None:
        return dict.fromkeys(_RISE_MEASURES)
    frames = np.arange(len(times))
    off = int(frames[(height <= level + LIMITS.lift) & (frames >= first) & (times <= end_s)][-1])
    before = np.arange(first, off + 1)
    before = before[np.isfinite(trunk[before]) & (times[before] >= times[off] - LIMITS.lean_s)]
    start = off
    if len(before) and trunk[before].max() - trunk[before].min() >= LIMITS.lean_deg:
        leant = float(trunk[before[-1]])
        upright = int(before[np.argmin(trunk[before])])
        rising = before[before >= upright]
        start = int(rising[np.argmax(trunk[rising] >= trunk[upright] + 0.1 * (leant - trunk[upright]))])
    told: dict[str, float | None] = {
        "seat_off_s": round(float(times[off]), 2),
        "lean_s": round(float(times[off] - times[start]), 2),
        "rise_s": round(end_s - float(times[start]), 2),
    }
    if not motion.degrees:
        return dict.fromkeys(_RISE_MEASURES) | told
    leg = leg_length_px(motion)
    back = motion.forward * (motion.near.knee[:, 0] - motion.near.ankle[:, 0])
    behind = median_at(times, back, float(times[off]))
    return told | {
        "trunk_at_seat_off_deg": round_known(median_at(times, trunk, float(times[off]))),
        "trunk_peak_deg": round_known(percentile(select_interval(times, trunk, float(times[start]), end_s), 100)),
        "shin_at_seat_off_deg": round_known(median_at(times, motion.angles["shin_inclination_deg"], float(times[off]))),
        "feet_back_pct": None if behind is None or leg is None else round_known(100 * behind / leg),
    }


def _find_seat_frames(motion: Motion, rep: RepTimes) -> tuple[int, int] | None:
    """First and last frame of the rep in which the thighs lie as on a seat; None where they are not seen so."""
    down = motion.angles["thigh_inclination_deg"] < -LIMITS.sit_thigh_deg
    seated = np.flatnonzero(down & (motion.times_s >= rep.start_s) & (motion.times_s <= rep.end_s))
    return (int(seated[0]), int(seated[-1])) if len(seated) else None


MOVEMENT = SitToStand()
