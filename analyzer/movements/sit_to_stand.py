"""Sit-to-stand: from a seat to standing tall, how the trunk leads and where the feet are as the hips leave the seat."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.movements.motion import Facts, Motion
from analyzer.movements.protocol import Events, Observation, Quantity, Smoothing
from analyzer.movements.reps import as_reps, find_reps, value_at
from analyzer.movements.shapes import (
    backing,
    during,
    hip_height,
    known_of,
    leg_px,
    median,
    percentile,
    ramp,
    rounded,
    weight_ahead,
)
from analyzer.result import Analysis


@dataclass(frozen=True)
class SitLimits:
    """What counts as sitting, standing and getting up."""

    sit_thigh_deg: float = 50.0  # thighs at least this far off the vertical; as in kinematics/reference.py
    behind: float = -0.25  # weight this far behind the ankle, trunks: a seat carries it (heels reach to -.1); chosen
    sit_s: float = 0.3  # shorter sitting is none; chosen
    risen_thigh_deg: float = 45.0  # half-way up: from here the feet carry the weight, or it is a lunge; chosen
    over: float = -0.2  # weight at most this far behind the ankle, trunks, half-way up; chosen
    stand_thigh_deg: float = 25.0  # thighs at most this far off the vertical; as in kinematics/reference.py
    stand_knee_deg: float = 35.0  # knees at most this bent; chosen, reference.py has 30
    rise_s: float = 5.0  # longest way from the seat to standing; chosen
    lift: float = 0.04  # hips this much above the seat, leg lengths, have left it; chosen
    lean_s: float = 2.0  # the lean that leads begins at most this long before; chosen
    lean_deg: float = 5.0  # a trunk that leans less than this does not lead; chosen
    feet_under_pct: float = 3.0  # ankle behind the knee by less, % leg: feet in front; chosen
    chest_up_deg: float = 55.0  # trunk leaning more than this as the hips leave the seat; chosen
    long_sit_s: tuple[float, float] = (25.0, 12.0)  # longest sitting: something else is shown, surely not; chosen
    once: float = 0.75  # how sure it is after one rise; twice is surely; chosen


LIMITS = SitLimits()


class SitToStand:
    """Getting up from a seat."""

    name = "sit_to_stand"
    title = "Sit-to-stand"
    variants: tuple[str, ...] = ()
    main_angle = "trunk_thigh_deg"
    smoothing: Smoothing = "lift"
    words: Path | None = None

    def recognise(self, motion: Motion) -> float:
        """Sits on something (the weight is behind the feet) and then stands, mostly again and again."""
        limits = LIMITS
        seats = sittings(motion)
        rises = [seat for seat in seats if stands_after(motion, seat)]
        if not rises:
            return 0.0
        longest = max(float(motion.times_s[last] - motion.times_s[first]) for first, last in seats)
        return (1.0 if len(rises) > 1 else limits.once) * ramp(longest, *limits.long_sit_s)

    def events(self, motion: Motion, facts: Facts) -> Events:
        """Each sitting and the way up from it is a rep; its bottom is the seat. Squats in between are none."""
        seats = [seat for seat in sittings(motion) if stands_after(motion, seat)]
        times, measures = [], []
        for rep in find_reps(motion.times_s, -motion.angles["thigh_inclination_deg"]):
            inside = [s for s in seats if rep.start_s <= motion.times_s[s[1]] and motion.times_s[s[0]] <= rep.end_s]
            if inside and rep.complete:
                times.append(rep)
                measures.append(_getting_up(motion, inside[-1], rep.end_s))
        return Events(reps=as_reps(times, motion, measures))

    def measures(self, motion: Motion, facts: Facts, events: Events) -> dict[str, Any]:
        """Medians over the reps."""
        values = {name: [rep.measures[name] for rep in events.reps] for name in _UP}
        return {"reps": len(events.reps)} | {
            name: rounded(median(np.array(known_of(each))), 2 if name.endswith("_s") else 1)
            for name, each in values.items()
            if name != "seat_off_s"
        }

    def observations(self, facts: Facts, events: Events, measures: Mapping[str, Any]) -> list[Observation]:
        """That they get up, and how quickly; feet further under, or chest up, as the one thing to try."""
        if not measures["reps"] or measures["rise_s"] is None:
            return []
        evidence = backing(events, measures, "rise_s", "lean_s", "trunk_at_seat_off_deg", "feet_back_pct")
        found = [Observation("sit_to_stand.gets_up", "can", 0.7, evidence)]
        feet, trunk = measures["feet_back_pct"], measures["trunk_at_seat_off_deg"]
        if feet is not None and feet < LIMITS.feet_under_pct:
            found.append(Observation("sit_to_stand.feet_under", "next", 0.5, evidence))
        elif feet is not None:
            found.append(Observation("sit_to_stand.feet_are_under", "can", 0.4, evidence))
        if trunk is not None and trunk > LIMITS.chest_up_deg:
            found.append(Observation("sit_to_stand.chest_up", "next", 0.4, evidence))
        return found

    def quantities(self, analysis: Analysis) -> list[Quantity]:
        """Trunk and shins as the hips leave the seat, and the time to stand, one a rep."""
        return [
            Quantity(f"sit_to_stand.{name}", family, known_of([rep.measures.get(name) for rep in analysis.reps]))
            for name, family in (
                ("trunk_at_seat_off_deg", "trunk"),
                ("shin_at_seat_off_deg", "shin"),
                ("rise_s", "tempo"),
            )
        ]


_UP = (
    "seat_off_s",
    "lean_s",
    "rise_s",
    "trunk_at_seat_off_deg",
    "trunk_peak_deg",
    "shin_at_seat_off_deg",
    "feet_back_pct",
)


def _getting_up(motion: Motion, seat: tuple[int, int], end_s: float) -> dict[str, float | None]:
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
    first, last = seat
    times, trunk, height = motion.times_s, motion.angles["trunk_inclination_deg"], hip_height(motion)
    level = percentile(height[first : last + 1], 25)
    if level is None:
        return dict.fromkeys(_UP)
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
        return dict.fromkeys(_UP) | told
    leg = leg_px(motion)
    back = motion.forward * (motion.near.knee[:, 0] - motion.near.ankle[:, 0])
    behind = value_at(times, back, float(times[off]))
    return told | {
        "trunk_at_seat_off_deg": rounded(value_at(times, trunk, float(times[off]))),
        "trunk_peak_deg": rounded(percentile(during(times, trunk, float(times[start]), end_s), 100)),
        "shin_at_seat_off_deg": rounded(value_at(times, motion.angles["shin_inclination_deg"], float(times[off]))),
        "feet_back_pct": None if behind is None or leg is None else rounded(100 * behind / leg),
    }


def sittings(motion: Motion) -> list[tuple[int, int]]:
    """First and last frame of each time on a seat; while the hips are down and up again it is one."""
    thigh = motion.angles["thigh_inclination_deg"]
    down = thigh < -LIMITS.sit_thigh_deg
    carried = down & (weight_ahead(motion) < LIMITS.behind)
    found = []
    for first, last in _runs(down | ~np.isfinite(thigh)):
        seated = np.flatnonzero(carried[first : last + 1]) + first
        if len(seated) and len(seated) / motion.fps >= LIMITS.sit_s:
            found.append((int(seated[0]), int(seated[-1])))
    return found


def stands_after(motion: Motion, seat: tuple[int, int]) -> bool:
    """Whether the person stands soon after that seat, with the weight over the feet from half-way up."""
    last = seat[1]
    after = (np.arange(len(motion.times_s)) > last) & (motion.times_s <= motion.times_s[last] + LIMITS.rise_s)
    stood = np.flatnonzero(standing(motion) & after)
    if not len(stood):
        return False
    rising = slice(last, int(stood[0]) + 1)
    half_up = motion.angles["thigh_inclination_deg"][rising] > -LIMITS.risen_thigh_deg
    ahead = median(weight_ahead(motion)[rising][half_up])
    return ahead is not None and ahead > LIMITS.over


def standing(motion: Motion) -> np.ndarray:
    """(T,) True where the legs are near straight and upright."""
    angles = motion.angles
    return (np.abs(angles["thigh_inclination_deg"]) < LIMITS.stand_thigh_deg) & (
        angles["knee_flexion_deg"] < LIMITS.stand_knee_deg
    )


def _runs(frames: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], frames.astype(int), [0]])))
    return [(int(first), int(last) - 1) for first, last in edges.reshape(-1, 2)]


MOVEMENT = SitToStand()
