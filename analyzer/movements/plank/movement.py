"""The plank (prone bridge) on forearms or hands: how long it is held, and how long in the own line."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analyzer.kinematics.angles import FloatArray, Series, arm_elevation_deg
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.plank.body_line import Drift, analyze_body_line
from analyzer.movements.plank.posture import PlankHold, find_plank_holds
from analyzer.movements.protocol import ComparableMeasure, Events, Observation, Smoothing
from analyzer.movements.recognition import movement_probability
from analyzer.movements.statistics import median
from analyzer.results.schema import Analysis, Hold


@dataclass(frozen=True)
class PlankLimits:
    """What is worth saying of a plank, and what is needed to measure it."""

    arm_vertical_deg: float = 10.0  # upper arm this close to vertical: elbow under shoulder; sources 3
    head_deg: float = 15.0  # neck further back than this from the own neutral; sources 2.5
    # a raw line within 10 is ordinary (sources 3), and 3 more is no clear change (sources 5)
    ordinary_deg: float = 13.0
    tremor_hz: tuple[float, float] = (2.0, 8.0)  # sources 3
    tremor_fps: float = 29.5  # needs 30 frames a second, 29.97 counts; sources 3
    tremor_s: float = 3.0  # of hold, unbroken; chosen
    steady_deg_10s: float = 2.0  # slower drift than this is steady; chosen


LIMITS = PlankLimits()
HOLD_ANGLES = (
    "trunk_inclination_deg",
    "trunk_thigh_deg",
    "knee_flexion_deg",
    "thigh_inclination_deg",
    "shin_inclination_deg",
    "neck_flexion_deg",
    "head_tilt_deg",
    "shoulder_flexion_deg",
    "elbow_flexion_deg",
    "back_rounding_deg",
    "body_line_deg",
)


class Plank:
    """A straight body held face down on forearms or hands."""

    name = "plank"
    title = "plank"
    variants: tuple[str, ...] = ("forearm", "high")
    main_angle = "body_line_deg"
    smoothing: Smoothing = "hold"
    words: Path | None = None

    def recognise(self, motion: Motion) -> float:
        """Probability by the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def events(self, motion: Motion, facts: ClipDetails) -> Events:
        """One hold for each time the posture is held."""
        return Events(
            holds=[_build_hold(motion, held, index) for index, held in enumerate(find_plank_holds(motion), start=1)]
        )

    def measures(self, motion: Motion, facts: ClipDetails, events: Events) -> dict[str, Any]:
        """Sums over the clip; what is measured of one hold stands with that hold."""
        if not events.holds:
            return {}
        zones = [hold.in_zone_s for hold in events.holds]
        known = [zone for zone in zones if zone is not None]
        return {
            "hold_s": round(sum(hold.duration_s for hold in events.holds), 2),
            "longest_hold_s": max(hold.duration_s for hold in events.holds),
            "quality_time_s": round(sum(known), 2) if known else None,
            "support": events.holds[0].measures["support"],
        }

    def observations(self, facts: ClipDetails, events: Events, measures: Mapping[str, Any]) -> list[Observation]:
        """What the longest hold in the own zone shows."""
        if not events.holds:
            return []
        best = max(events.holds, key=lambda hold: (hold.in_zone_s or 0.0, hold.duration_s))
        told, seen = best.measures, []
        evidence = {"hold_s": best.duration_s, "times_s": [best.start_s, best.end_s]}
        seen.append(Observation("plank.held", "can", 0.5, evidence))
        if best.in_zone_s is None:
            return seen
        evidence = {**evidence, "in_zone_s": best.in_zone_s, "zero_deg": told["own_line_deg"]}
        if best.in_zone_s >= 1.0:  # less than a second in the zone is nothing to build on; chosen
            seen.append(Observation("plank.in_zone", "can", 0.9, evidence))
        slope = told["slope_deg_10s"]
        if not told["drifts"] and slope is not None and abs(slope) < LIMITS.steady_deg_10s:
            seen.append(Observation("plank.steady", "can", 0.7, {**evidence, "slope_deg_10s": slope}))
        if told["resets"]:
            seen.append(Observation("plank.found_again", "can", 0.6, {**evidence, "resets": told["resets"]}))
        way = _drift_direction(best)
        if way is not None:
            first_s = told["first_drift_s"]
            seen.append(
                Observation(f"plank.{way}", "next", 0.9, {**evidence, "first_drift_s": first_s, **_furthest(best)})
            )
        neck = told["neck_from_start_deg"]
        if neck is not None and neck < -LIMITS.head_deg:
            seen.append(Observation("plank.head", "next", 0.4, {**evidence, "neck_from_start_deg": neck}))
        return seen

    def quantities(self, analysis: Analysis) -> list[ComparableMeasure]:
        """Time held, and the posture held."""
        found = [_quantity("hold_s", "hold_time", [hold.duration_s for hold in analysis.holds])]
        found.append(_quantity("in_zone_s", "hold_time", [hold.in_zone_s for hold in analysis.holds]))
        for name, family in (
            ("body_line_deg", "body_line"),
            ("trunk_thigh_deg", "trunk_thigh"),
            ("knee_flexion_deg", "knee"),
        ):
            found.append(_quantity(name, family, [hold.angles.get(name) for hold in analysis.holds]))
        return [quantity for quantity in found if quantity.values]


def _build_hold(motion: Motion, held: PlankHold, index: int) -> Hold:
    times_s = motion.times_s[held.frames]
    measures: dict[str, Any] = {
        "support": held.support,
        "on_knees": held.on_knees,
        "start_seen": held.start_seen,
        "ended_by": held.end,
    }
    angles, in_zone_s = {}, None
    if motion.degrees:
        angles = {name: median(motion.angles[name][held.frames]) for name in HOLD_ANGLES}
        # On the knees the ankles are off the line: shoulder, hip and knee make it.
        name = "trunk_thigh_deg" if held.on_knees else "body_line_deg"
        line_deg = motion.angles[name][held.frames]
        line = analyze_body_line(times_s, line_deg)
        in_zone_s = None if line is None else round(line.in_zone_s, 2)
        drifts = () if line is None else line.drifts
        settled = times_s - times_s[0] >= (0.0 if line is None else line.settle_s)
        arm_off = median(_arm_deg(motion, held))
        measures |= {
            "line_from": name,
            "settle_s": None if line is None else round(line.settle_s, 2),
            "own_line_deg": _tenths(line.zero_deg if line else None),
            "line_deg": _tenths(median(line_deg)),
            "first_drift_s": round(drifts[0].start_s, 2) if drifts else None,
            "drifts": [_drift(drift) for drift in drifts],
            "resets": sum(drift.recovered for drift in drifts),
            "shape_changes": sum(drift.shape_changed for drift in drifts),
            "slope_deg_10s": _tenths(line.slope_deg_10s if line else None),
            "arm_off_vertical_deg": _tenths(arm_off),
            "arm_vertical": None if arm_off is None else abs(arm_off) <= LIMITS.arm_vertical_deg,
            "neck_from_start_deg": _tenths(_change_from_start(motion.angles["neck_flexion_deg"][held.frames], settled)),
            "back_from_start_deg": _tenths(
                _change_from_start(motion.angles["back_rounding_deg"][held.frames], settled)
            ),
        }
    measures["hip_tremor_pct"] = _tremor_pct(motion, held)
    return Hold(
        index=index,
        start_s=float(times_s[0]),
        end_s=float(times_s[-1]),
        duration_s=round(float(times_s[-1] - times_s[0]), 2),
        in_zone_s=in_zone_s,
        angles={name: round(value, 2) for name, value in angles.items() if value is not None},
        measures=measures,
    )


def _arm_deg(motion: Motion, held: PlankHold) -> Series:
    """Shoulder to support off straight down, + support ahead of the shoulder: the elbow, on straight arms the hand."""
    support = motion.near.wrist if held.support == "high" else motion.near.elbow
    return arm_elevation_deg(motion.near.shoulder[held.frames], support[held.frames], motion.forward)


def _change_from_start(values: Series, settled: np.ndarray) -> float | None:
    """Last quarter of a hold after settling minus its first quarter; None where either is not known."""
    values = values[settled]
    quarter = len(values) // 4
    first, last = median(values[:quarter]), median(values[len(values) - quarter :])
    return None if first is None or last is None else last - first


def _tremor_pct(motion: Motion, held: PlankHold) -> float | None:
    """RMS of the hip's 2 to 8 Hz swing off the line shoulder to ankle, in % of the trunk's length.

    Off that line a shaking camera drops out. The track of a hold is low-passed at 4 Hz, so that faster tremor is
    mostly lost: compare it within one person and one way to film only.
    """
    from scipy.signal import butter, sosfiltfilt  # late: names and settings of movements are asked for without it

    part = held.frames
    hip, shoulder, ankle = motion.near.hip[part], motion.near.shoulder[part], motion.near.ankle[part]
    along = shoulder - ankle
    length = np.linalg.norm(along, axis=1)
    off_pct = 100.0 * (along[:, 0] * (hip - ankle)[:, 1] - along[:, 1] * (hip - ankle)[:, 0]) / length / motion.trunk_px
    times_s = motion.times_s[part]
    known = np.isfinite(off_pct)
    whole = times_s[-1] - times_s[0] >= LIMITS.tremor_s and known.all()
    if motion.fps < LIMITS.tremor_fps or not whole:
        return None
    even_s: FloatArray = np.arange(times_s[0], times_s[-1], 1.0 / motion.fps)
    even = np.interp(even_s, times_s, off_pct)
    band = butter(2, LIMITS.tremor_hz, btype="bandpass", fs=motion.fps, output="sos")
    return round(float(np.sqrt(np.mean(sosfiltfilt(band, even) ** 2))), 2)


def _drift(drift: Drift) -> dict[str, Any]:
    return {
        "start_s": round(drift.start_s, 2),
        "end_s": round(drift.end_s, 2),
        "direction": drift.direction,
        "largest_deg": round(drift.largest_deg, 1),
        "shape_changed": drift.shape_changed,
        "recovered": drift.recovered,
    }


def _drift_direction(hold: Hold) -> str | None:
    """Which way the line went: the furthest drift's, else that of a raw line that is not ordinary."""
    drifts = hold.measures["drifts"]
    if drifts:
        return str(max(drifts, key=lambda drift: abs(drift["largest_deg"]))["direction"])
    line = hold.measures["line_deg"]
    if line is None or abs(line) <= LIMITS.ordinary_deg:
        return None
    return "pike" if line > 0 else "sag"


def _furthest(hold: Hold) -> dict[str, Any]:
    furthest = [drift["largest_deg"] for drift in hold.measures["drifts"]]
    return {"line_deg": hold.measures["line_deg"], "largest_deg": max(furthest, key=abs) if furthest else None}


def _tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _quantity(key: str, family: str, values: list[float | None]) -> ComparableMeasure:
    return ComparableMeasure(key, family, tuple(value for value in values if value is not None))


MOVEMENT = Plank()
