"""Carry or walk, from the side: lean of the trunk and rhythm of the steps. Sideways lean needs another view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.movements.body_heights import fill_unknown, foot_gap_px, trunk_length_px
from analyzer.movements.key_measures import KeyMeasureSpec
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import ComparableMeasure, EventKind, Events, Movement, Observation, SessionPlan
from analyzer.movements.recognition import movement_probability
from analyzer.movements.segment_features import MIN_STEP_GAP
from analyzer.movements.statistics import drop_unknown, median, round_known
from analyzer.movements.typed_measures import JsonObject, Measures
from analyzer.results.schema import Analysis, Stage
from analyzer.vocabulary.measures import MeasureLabel

WALK = "walk"


@dataclass(frozen=True)
class CarryLimits:
    """Thresholds of walking and of a steady trunk."""

    max_gap_s: float = 0.5  # longest time without visible legs across which steps are counted; chosen
    max_step_s: float = 1.2  # a longer time between two steps ends a walk; chosen
    min_steps: int = 4  # a walk has at least as many; chosen
    max_steady_sd_deg: float = 4.0  # SD of the trunk lean at most this: very repeatable; sources 2.5
    min_sway_sd_deg: float = 6.0  # SD of the trunk lean from which a quieter trunk is suggested; chosen


LIMITS = CarryLimits()


class WalkMeasures(Measures):
    """Measures of one walk; the lean is None in a view without degrees.

    Attributes
    ----------
    step_s : time of a step.
    bob_trunks : rise and fall of the hips in a step, trunk lengths.
    trunk_lean_deg, trunk_lean_sd_deg : mean and SD of the trunk inclination, the latter without slow drift.
    """

    steps: int = 0
    step_s: float | None = None
    bob_trunks: float | None = None
    trunk_lean_deg: float | None = None
    trunk_lean_sd_deg: float | None = None


class CarryMeasures(Measures):
    """Measures of the clip: sums over the walks, and means weighted by their steps."""

    steps: int = 0
    walking_s: float | None = None
    steps_per_min: float | None = None
    step_s: float | None = None
    bob_trunks: float | None = None
    trunk_lean_deg: float | None = None
    trunk_lean_sd_deg: float | None = None


@dataclass(frozen=True)
class WalkingBout:
    """One walk without a break, by the moments at which the feet change."""

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
    """Compute how much higher one foot is in the picture than the other; for any camera view.

    Returns
    -------
    (T,) trunk lengths, 0 at the median of the clip, + the foot that `foot_gap_px` takes for the higher one; NaN where
    an ankle is unknown, and everywhere where the trunk's length is.
    """
    trunk_px = trunk_length_px(motion) or np.nan
    gap = foot_gap_px(motion) / trunk_px
    middle = median(gap)
    return gap if middle is None else gap - middle


def find_walking_bouts(times_s: FloatArray, lift: Series, limits: CarryLimits = LIMITS) -> list[WalkingBout]:
    """Find walks without a break: feet that are lifted in turns.

    Parameters
    ----------
    times_s : (T,) seconds, increasing.
    lift : (T,) as of `foot_height_difference`, trunk lengths; frames with NaN are left out.
    """
    known = np.isfinite(lift)
    times, apart = times_s[known], lift[known]
    lifted = np.flatnonzero(np.abs(apart) >= MIN_STEP_GAP)
    steps: list[float] = []
    for before, after in pairwise(lifted):
        if np.sign(apart[before]) == np.sign(apart[after]) or times[after] - times[before] > limits.max_gap_s:
            continue
        fraction = apart[before] / (apart[before] - apart[after])
        steps.append(float(times[before] + fraction * (times[after] - times[before])))
    if not steps:
        return []
    breaks = np.flatnonzero(np.diff(steps) > limits.max_step_s) + 1
    return [WalkingBout(walk) for walk in np.split(np.array(steps), breaks) if len(walk) >= limits.min_steps]


def hip_oscillation(motion: Motion, walk: WalkingBout) -> float | None:
    """Compute the rise and fall of the hips in a step, trunk lengths: median over the steps, without slow drift."""
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
    measure_labels: Mapping[str, MeasureLabel] = {
        "step_s": MeasureLabel(label="Time of a step"),
        "bob_trunks": MeasureLabel(label="Rise and fall of the hips"),
        "trunk_lean_deg": MeasureLabel(label="Trunk lean"),
        "trunk_lean_sd_deg": MeasureLabel(label="Trunk swings to and fro (SD)"),
        "steps_per_min": MeasureLabel(label="Step rate"),
        "walking_s": MeasureLabel(label="Time walking"),
    }
    event_kind: EventKind = "stages"
    stage_titles: Mapping[str, str] = {WALK: "Walk"}
    unloaded_variants = frozenset({"walk"})
    session_plans: tuple[SessionPlan, ...] = ("first_look",)
    instructions = "A few steps past the camera with a weight in hand."
    key_measures = (
        KeyMeasureSpec(
            "carry.lean",
            "Trunk lean",
            "clip.trunk_lean_deg",
            angle="trunk_inclination_deg",
            comparable="carry.trunk_lean_deg",
        ),
        KeyMeasureSpec("carry.sway", "Trunk swings to and fro (SD)", "clip.trunk_lean_sd_deg"),
        KeyMeasureSpec("carry.steps", "Steps", "clip.steps_per_min", unit="per_min"),
        KeyMeasureSpec("carry.time", "Time walking", "clip.walking_s", unit="s"),
    )

    def recognise(self, motion: Motion) -> float:
        """Return the probability of the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Find the walks without a break; each is a stage."""
        walks = find_walking_bouts(motion.times_s, foot_height_difference(motion))
        return Events(stages=[_build_stage(motion, walk) for walk in walks])

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> JsonObject:
        """Compute lean and its SD, steps a minute and the hips' rise and fall; see `CarryMeasures`."""
        stages = [stage for stage in events.stages if stage.name == WALK]
        walks = [WalkMeasures.from_json(stage.measures) for stage in stages]
        step_s = _mean_by_steps([(walk.step_s, walk.steps) for walk in walks])
        typed = CarryMeasures(
            steps=sum(walk.steps for walk in walks),
            walking_s=round(sum(stage.end_s - stage.start_s for stage in stages), 2) if stages else None,
            steps_per_min=round_known(60.0 / step_s) if step_s else None,
            step_s=round_known(step_s, 3),
            bob_trunks=round_known(_mean_by_steps([(walk.bob_trunks, walk.steps) for walk in walks]), 3),
            trunk_lean_deg=round_known(_mean_by_steps([(walk.trunk_lean_deg, walk.steps) for walk in walks])),
            trunk_lean_sd_deg=round_known(_mean_by_steps([(walk.trunk_lean_sd_deg, walk.steps) for walk in walks])),
        )
        return typed.to_json()

    def list_observations(
        self, details: ClipDetails, events: Events, measures: Mapping[str, object]
    ) -> list[Observation]:
        """List the rhythm, a steady trunk, or a quieter one as the next thing to practise."""
        typed = CarryMeasures.from_json(measures)
        if not typed.steps or typed.steps_per_min is None:
            return []
        times = {"times_s": [stage.start_s for stage in events.stages]}
        rhythm = {"steps": typed.steps, "steps_per_min": typed.steps_per_min, "walking_s": typed.walking_s, **times}
        has_rhythm = Observation("carry.rhythm", "can", 0.5, rhythm)
        sway = typed.trunk_lean_sd_deg
        lean = {"trunk_lean_deg": typed.trunk_lean_deg, "trunk_lean_sd_deg": sway, **times}
        if sway is not None and sway <= LIMITS.max_steady_sd_deg:
            return [Observation("carry.steady", "can", 0.8, lean), has_rhythm]
        if sway is not None and sway >= LIMITS.min_sway_sd_deg:
            return [has_rhythm, Observation("carry.quiet_trunk", "next", 0.5, lean)]
        return [has_rhythm]

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """List lean of the trunk and time of a step, one value for each walk."""
        walks = [WalkMeasures.from_json(stage.measures) for stage in analysis.stages if stage.name == WALK]
        leans_deg, steps_s = [walk.trunk_lean_deg for walk in walks], [walk.step_s for walk in walks]
        return [
            ComparableMeasure("carry.trunk_lean_deg", "trunk", drop_unknown(leans_deg)),
            ComparableMeasure("carry.step_s", "tempo", drop_unknown(steps_s)),
        ]


def _build_stage(motion: Motion, walk: WalkingBout) -> Stage:
    start_s = max(walk.start_s, float(motion.times_s[0]))
    end_s = min(walk.end_s, float(motion.times_s[-1]))
    trunk = motion.degrees["trunk_inclination_deg"]
    known = (motion.times_s >= start_s) & (motion.times_s <= end_s) & np.isfinite(trunk)
    times_s, leans_deg = motion.times_s[known], trunk[known]
    is_measured = len(leans_deg) > 2
    measures = WalkMeasures(
        steps=len(walk.step_times_s),
        step_s=round(walk.step_s, 3),
        bob_trunks=round_known(hip_oscillation(motion, walk), 3),
        trunk_lean_deg=round(float(leans_deg.mean()), 1) if is_measured else None,
        # Whoever walks across the picture is filmed from a turning direction: that drift is no sway.
        trunk_lean_sd_deg=round(float((leans_deg - _fit_line(times_s, leans_deg)).std()), 1) if is_measured else None,
    )
    angles = {"trunk_inclination_deg": round(float(np.median(leans_deg)), 2)} if is_measured else {}
    return Stage(
        name=WALK, start_s=round(start_s, 3), end_s=round(end_s, 3), angles=angles, measures=measures.to_json()
    )


def _fit_line(times_s: FloatArray, values: Series) -> Series:
    """Return the straight line through the values, at their times; (T,)."""
    return np.polynomial.Polynomial.fit(times_s, values, 1)(times_s)


def _mean_by_steps(values: Sequence[tuple[float | None, int]]) -> float | None:
    """Return the mean of the known values, weighted by the steps beside them; None where none is known."""
    known = [(value, steps) for value, steps in values if value is not None]
    if not known:
        return None
    return float(np.average([value for value, _ in known], weights=[steps for _, steps in known]))


MOVEMENT = Carry()
