"""Carry or walk, from the side: how the trunk leans and how even the rhythm is. Sideways lean needs another view."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from analyzer.kinematics.angles import FloatArray, Series
from analyzer.movements.body_heights import (
    drop_unknown,
    fill_unknown,
    foot_gap_px,
    median,
    round_known,
    select_interval,
    trunk_length_px,
)
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import ComparableMeasure, EventKind, Events, Movement, Observation, SessionPlan
from analyzer.movements.recognition import movement_probability
from analyzer.movements.segment_features import MIN_STEP_GAP
from analyzer.results.schema import Analysis, Stage

WALK = "walk"


@dataclass(frozen=True)
class CarryLimits:
    """What counts as walking, and what as steady."""

    bridge_s: float = 0.5  # longest gap in what is seen of the legs that is bridged, to count steps; chosen
    max_step_s: float = 1.2  # a longer time between two steps ends a walk; chosen
    min_steps: int = 4  # a walk has at least as many; chosen
    max_steady_sd_deg: float = 4.0  # SD of the trunk lean at most this: very repeatable; sources 2.5
    min_sway_sd_deg: float = (
        6.0  # SD of the trunk lean from which there is something to try: a clear step beyond; chosen
    )


LIMITS = CarryLimits()


@dataclass(frozen=True)
class WalkingBout:
    """One walk without a break: the moments at which the feet change."""

    step_times_s: FloatArray

    @property
    def step_s(self) -> float:
        """Time of a step: half the median stride, so that a limp or a biased angle does not matter."""
        return float(np.median(self.step_times_s[2:] - self.step_times_s[:-2])) / 2

    @property
    def start_s(self) -> float:
        """Half a step before the legs first pass."""
        return float(self.step_times_s[0]) - self.step_s / 2

    @property
    def end_s(self) -> float:
        """Half a step after the legs last pass."""
        return float(self.step_times_s[-1]) + self.step_s / 2


def foot_height_difference(motion: Motion) -> Series:
    """How much higher one foot is than the other, in trunk lengths about its median: steps from any side."""
    trunk_px = trunk_length_px(motion) or np.nan
    gap = foot_gap_px(motion) / trunk_px
    middle = median(gap)
    return gap if middle is None else gap - middle


def find_walking_bouts(times_s: FloatArray, lift: Series, limits: CarryLimits = LIMITS) -> list[WalkingBout]:
    """Walks: one foot is lifted and then the other, again and again.

    Parameters
    ----------
    times_s : (T,) seconds, increasing.
    lift : (T,) as of `foot_height_difference`.
    """
    known = np.isfinite(lift)
    times, apart = times_s[known], lift[known]
    out = np.flatnonzero(np.abs(apart) >= MIN_STEP_GAP)
    steps: list[float] = []
    for before, after in pairwise(out):
        if np.sign(apart[before]) == np.sign(apart[after]) or times[after] - times[before] > limits.bridge_s:
            continue
        fraction = apart[before] / (apart[before] - apart[after])
        steps.append(float(times[before] + fraction * (times[after] - times[before])))
    if not steps:
        return []
    breaks = np.flatnonzero(np.diff(steps) > limits.max_step_s) + 1
    return [WalkingBout(walk) for walk in np.split(np.array(steps), breaks) if len(walk) >= limits.min_steps]


def hip_oscillation(motion: Motion, walk: WalkingBout) -> float | None:
    """Rise and fall of the hips within a step, in trunk lengths: median over the steps, slow drift taken out."""
    near, far = motion.near.hip[:, 1], motion.far.hip[:, 1]
    hip_y = (fill_unknown(near, far) + fill_unknown(far, near)) / 2
    heights = []
    for start, middle, end in zip(walk.step_times_s[:-2], walk.step_times_s[1:-1], walk.step_times_s[2:], strict=True):
        inside = (motion.times_s >= start) & (motion.times_s <= end) & np.isfinite(hip_y)
        if inside.sum() < 6:
            continue
        times = motion.times_s[inside]
        rest = hip_y[inside] - _fit_line(times, hip_y[inside])
        for part in (times <= middle, times > middle):
            if part.any():
                heights.append(float(np.ptp(rest[part])) / motion.trunk_px)
    return median(np.array(heights))


class Carry(Movement):
    """Walking with or without a load."""

    name = "carry"
    title = "Carry or walk"
    variants = ("walk", "farmer", "suitcase")
    main_angle = "trunk_inclination_deg"
    event_kind: EventKind = "stages"
    stage_titles: Mapping[str, str] = {WALK: "Walk"}
    unloaded_variants = frozenset({"walk"})
    session_plans: tuple[SessionPlan, ...] = ("first_look",)
    instructions = "A few steps past the camera with a weight in hand."

    def recognise(self, motion: Motion) -> float:
        """Probability by the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Each walk without a break is a stage."""
        trunk = motion.angles["trunk_inclination_deg"]
        stages = []
        for walk in find_walking_bouts(motion.times_s, foot_height_difference(motion)):
            start_s = max(walk.start_s, float(motion.times_s[0]))
            end_s = min(walk.end_s, float(motion.times_s[-1]))
            leans = select_interval(motion.times_s, trunk, start_s, end_s)
            when = select_interval(motion.times_s, np.where(np.isfinite(trunk), motion.times_s, np.nan), start_s, end_s)
            measures: dict[str, Any] = {
                "steps": len(walk.step_times_s),
                "step_s": round(walk.step_s, 3),
                "bob_trunks": round_known(hip_oscillation(motion, walk), 3),
                "trunk_lean_deg": None,
                "trunk_lean_sd_deg": None,
            }
            angles = {}
            if motion.degrees and len(leans) > 2:
                angles["trunk_inclination_deg"] = round(float(np.median(leans)), 2)
                measures["trunk_lean_deg"] = round(float(leans.mean()), 1)
                # Whoever walks across the picture is seen from a turning direction: that drift is no sway.
                measures["trunk_lean_sd_deg"] = round(float((leans - _fit_line(when, leans)).std()), 1)
            stages.append(
                Stage(name=WALK, start_s=round(start_s, 3), end_s=round(end_s, 3), angles=angles, measures=measures)
            )
        return Events(stages=stages)

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> dict[str, Any]:
        """Lean and its SD, steps a minute and the hips' rise and fall, each walk counted by its steps."""
        stages = [stage for stage in events.stages if stage.name == WALK]
        if not stages:
            return {"steps": 0, "walking_s": 0.0, "steps_per_min": None, "step_s": None, "bob_trunks": None} | {
                "trunk_lean_deg": None,
                "trunk_lean_sd_deg": None,
            }
        step_s = _mean_by_steps(stages, "step_s")
        return {
            "steps": sum(stage.measures["steps"] for stage in stages),
            "walking_s": round(sum(stage.end_s - stage.start_s for stage in stages), 2),
            "steps_per_min": round_known(60.0 / step_s) if step_s else None,
            "step_s": round_known(step_s, 3),
            "bob_trunks": round_known(_mean_by_steps(stages, "bob_trunks"), 3),
            "trunk_lean_deg": round_known(_mean_by_steps(stages, "trunk_lean_deg")),
            "trunk_lean_sd_deg": round_known(_mean_by_steps(stages, "trunk_lean_sd_deg")),
        }

    def list_observations(self, details: ClipDetails, events: Events, measures: Mapping[str, Any]) -> list[Observation]:
        """Rhythm; a steady trunk where it is one, and what to carry or to practise next."""
        steps, pace = measures["steps"], measures["steps_per_min"]
        if not steps or pace is None:
            return []
        times = {"times_s": [stage.start_s for stage in events.stages]}
        rhythm = {"steps": steps, "steps_per_min": pace, "walking_s": measures["walking_s"], **times}
        found = [Observation("carry.rhythm", "can", 0.5, rhythm)]
        sway = measures["trunk_lean_sd_deg"]
        lean = {"trunk_lean_deg": measures["trunk_lean_deg"], "trunk_lean_sd_deg": sway, **times}
        if sway is None:
            return found
        if sway <= LIMITS.max_steady_sd_deg:
            return [Observation("carry.steady", "can", 0.8, lean), *found]
        if sway < LIMITS.min_sway_sd_deg:
            return found
        return [*found, Observation("carry.quiet_trunk", "next", 0.5, lean)]

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """Lean of the trunk and time of a step, one a walk."""
        stages = [stage for stage in analysis.stages if stage.name == WALK]
        return [
            ComparableMeasure(
                "carry.trunk_lean_deg", "trunk", drop_unknown([s.measures.get("trunk_lean_deg") for s in stages])
            ),
            ComparableMeasure("carry.step_s", "tempo", drop_unknown([s.measures.get("step_s") for s in stages])),
        ]


def _fit_line(times_s: FloatArray, values: Series) -> Series:
    """The straight line through the values, at their times."""
    return np.polynomial.Polynomial.fit(times_s, values, 1)(times_s)


def _mean_by_steps(stages: list[Stage], name: str) -> float | None:
    """Mean of a measure over the walks, weighted by their steps; None where no walk has it."""
    known = [(stage.measures[name], stage.measures["steps"]) for stage in stages if stage.measures[name] is not None]
    if not known:
        return None
    values, weights = zip(*known, strict=True)
    return float(np.average(values, weights=weights))


MOVEMENT = Carry()
