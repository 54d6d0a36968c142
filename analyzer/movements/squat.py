"""Squat, with or without a load: depth, trunk, knees, heels and tempo. Compared with the own reps and clips only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from analyzer.movements.body_heights import leg_length_px
from analyzer.movements.key_measures import KeyMeasureSpec
from analyzer.movements.lift_reps import LiftShape, find_movement_reps, lift_depth, measure_lift_shapes
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import (
    BackTask,
    ComparableMeasure,
    Events,
    ImprovementDirection,
    Movement,
    Observation,
    SessionPlan,
)
from analyzer.movements.recognition import movement_probability
from analyzer.movements.rep_detection import RepTimes, build_reps, median_at
from analyzer.movements.set_consistency import compute_mean_tempo, is_dropped, measure_drift, measure_set_consistency
from analyzer.movements.statistics import drop_unknown, median_known, round_known
from analyzer.movements.typed_measures import (
    JsonObject,
    MeasuredRep,
    Measures,
    build_rep_evidence,
    read_measured_reps,
)
from analyzer.results.measured_reps import select_measured_reps
from analyzer.results.schema import Analysis
from analyzer.vocabulary.measures import MeasureLabel

SquatAngle = Literal["thigh_deg", "trunk_deg", "knee_deg"]


@dataclass(frozen=True)
class SquatLimits:
    """Thresholds of observations."""

    heel_pct: float = 4.0  # heel up by this much of the leg's length, toes down: it lifts; chosen
    min_room_deg: float = 20.0  # thighs this far short of level without a load: try one in front; chosen, no target


LIMITS = SquatLimits()
_FAMILIES: dict[SquatAngle, str] = {"thigh_deg": "trunk_thigh", "trunk_deg": "trunk", "knee_deg": "knee"}


class SquatRepMeasures(Measures):
    """Measures of one rep: angles at the bottom; None in a view without degrees.

    Attributes
    ----------
    thigh_deg : thigh off the vertical; 90 level, more below it.
    short_of_level_deg : degrees that the thigh is short of level; negative below it.
    heel_lift_pct : rise of the heel against the toes, percent of the leg's length.
    dropped : whether the way down is much quicker than the way up.
    """

    thigh_deg: float | None = None
    short_of_level_deg: float | None = None
    trunk_deg: float | None = None
    knee_deg: float | None = None
    shin_deg: float | None = None
    heel_lift_pct: float | None = None
    dropped: bool | None = None


class SquatDrift(Measures):
    """Change of an angle from the first reps to the last ones."""

    change_deg: float | None = None
    threshold_deg: float | None = None
    clear: bool = False


class SquatSetMeasures(Measures):
    """Measures of the set: medians over the measured reps, tempo, spread, and changes within the set."""

    reps: int = 0
    load_kg: float | None = None
    short_of_level_deg: float | None = None
    deepest_rep: int | None = None
    trunk_deg: float | None = None
    knee_deg: float | None = None
    shin_deg: float | None = None
    heel_lift_pct: float | None = None
    descent_s: float | None = None
    pause_s: float | None = None
    ascent_s: float | None = None
    dropped_reps: list[int] = Field(default_factory=list)
    bottom_sd: dict[SquatAngle, float | None] = Field(default_factory=dict)
    duration_sd_pct: float | None = None
    steady_tempo: bool | None = None
    very_repeatable: bool | None = None
    drift: dict[SquatAngle, SquatDrift | None] = Field(default_factory=dict)


class Squat(Movement):
    """Squat on both feet."""

    name = "squat"
    title = "Squat"
    variants = ("bodyweight", "goblet", "front", "back")
    main_angle = "knee_flexion_deg"
    measure_labels: Mapping[str, MeasureLabel] = {
        "short_of_level_deg": MeasureLabel(label="Thigh short of level"),
        "below_deg": MeasureLabel(label="Thigh below level"),
        "heel_lift_pct": MeasureLabel(label="Heel lift, of leg length"),
        "dropped_reps": MeasureLabel(label="Reps much quicker down than up"),
    }
    unloaded_variants = frozenset({"bodyweight"})
    better: Mapping[str, ImprovementDirection] = {
        "squat.thigh_deg": "more",  # deeper; sources 2.6
        "squat.knee_deg": "more",  # likewise
    }
    body_speed_of = "hips"
    session_plans: tuple[SessionPlan, ...] = ("practice", "first_look")
    instructions = "Three to five reps, as deep as is comfortable."
    back_task: BackTask | None = "squat"
    key_measures = (
        KeyMeasureSpec(
            "squat.depth",
            "Thigh from upright (90° is level)",
            "measures.thigh_deg",
            angle="trunk_thigh_deg",
            comparable="squat.thigh_deg",
            short="Thigh",
            chart="thigh_inclination_deg",
        ),
        KeyMeasureSpec(
            "squat.trunk",
            "Trunk lean",
            "at_bottom.trunk_inclination_deg",
            angle="trunk_inclination_deg",
            comparable="squat.trunk_deg",
        ),
        KeyMeasureSpec(
            "squat.knee",
            "Knee bend",
            "at_bottom.knee_flexion_deg",
            angle="knee_flexion_deg",
            comparable="squat.knee_deg",
        ),
        KeyMeasureSpec(
            "squat.back",
            "Back, change from tall",
            "at_bottom.back_rounding_deg",
            angle="back_rounding_deg",
            comparable="squat.rounding_deg",
            is_back=True,
        ),
        KeyMeasureSpec("squat.ascent", "Time up", "ascent_s", unit="s", comparable="squat.ascent_s"),
    )

    def recognise(self, motion: Motion) -> float:
        """Return the probability of the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Find each way down and up; bends that are no squat are left out."""
        shapes = measure_lift_shapes(motion, find_movement_reps(motion, self.name, lift_depth(motion)))
        measures = [_compute_rep_measures(motion, shape).to_json() for shape in shapes]
        return Events(reps=build_reps([shape.times for shape in shapes], motion, measures))

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> JsonObject:
        """Compute the measures of the set; see `SquatSetMeasures`."""
        measured = read_measured_reps(events.reps, SquatRepMeasures)
        return _compute_set_measures(measured, details.load_kg, motion.yaw_deg).to_json()

    def list_observations(
        self, details: ClipDetails, events: Events, measures: Mapping[str, object]
    ) -> list[Observation]:
        """List the depth, as it is; then how alike the reps are, heels and tempo."""
        typed = SquatSetMeasures.from_json(measures)
        if not typed.reps:
            return []
        evidence = build_rep_evidence(select_measured_reps(events.reps))
        heels_up = _have_heels_up([each.measures for each in read_measured_reps(events.reps, SquatRepMeasures)])
        return [*_list_strengths(typed, evidence), *_list_next(details, typed, evidence, heels_up=heels_up)]

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """List depth, trunk, knees and shins at the bottom and tempo, one value for each rep."""
        measured = read_measured_reps(analysis.reps, SquatRepMeasures)
        reps = [each.rep for each in measured]
        values = [
            (name, family, [rep.at_bottom.get(column) for rep in reps])
            for name, column, family in (
                ("trunk_thigh_deg", "trunk_thigh_deg", "trunk_thigh"),
                ("trunk_deg", "trunk_inclination_deg", "trunk"),
                ("knee_deg", "knee_flexion_deg", "knee"),
                ("shin_deg", "shin_inclination_deg", "shin"),
                ("rounding_deg", "back_rounding_deg", "back"),
            )
        ]
        values += [
            ("thigh_deg", "trunk_thigh", [each.measures.thigh_deg for each in measured]),
            ("descent_s", "tempo", [rep.descent_s for rep in reps]),
            ("ascent_s", "tempo", [rep.ascent_s for rep in reps]),
        ]
        return [ComparableMeasure(f"squat.{name}", family, drop_unknown(known)) for name, family, known in values]


def _compute_rep_measures(motion: Motion, shape: LiftShape) -> SquatRepMeasures:
    rep = shape.times
    dropped = is_dropped(motion, rep)
    if not motion.allows_degrees:
        return SquatRepMeasures(dropped=dropped)

    def at_bottom(name: str) -> float | None:
        return median_at(motion.times_s, motion.degrees[name], rep.bottom_s)

    thigh = at_bottom("thigh_inclination_deg")
    return SquatRepMeasures(
        thigh_deg=round_known(None if thigh is None else -thigh),
        short_of_level_deg=round_known(None if thigh is None else 90 + thigh),
        trunk_deg=round_known(at_bottom("trunk_inclination_deg")),
        knee_deg=round_known(at_bottom("knee_flexion_deg")),
        shin_deg=round_known(at_bottom("shin_inclination_deg")),
        heel_lift_pct=round_known(_heel_lift_pct(motion, rep)),
        dropped=dropped,
    )


def _compute_set_measures(
    measured: Sequence[MeasuredRep[SquatRepMeasures]], load_kg: float | None, yaw_deg: float
) -> SquatSetMeasures:
    reps, measures = [each.rep for each in measured], [each.measures for each in measured]
    bottom_deg: dict[SquatAngle, list[float | None]] = {
        "thigh_deg": [rep.thigh_deg for rep in measures],
        "trunk_deg": [rep.trunk_deg for rep in measures],
        "knee_deg": [rep.knee_deg for rep in measures],
    }
    durations_s = [rep.end_s - rep.start_s for rep in reps if rep.descent_s is not None]
    consistency = measure_set_consistency(bottom_deg, durations_s)
    tempo = compute_mean_tempo(reps, reps)
    return SquatSetMeasures(
        reps=len(measured),
        load_kg=load_kg,
        short_of_level_deg=round_known(median_known([rep.short_of_level_deg for rep in measures])),
        deepest_rep=_deepest_rep(measured),
        trunk_deg=round_known(median_known(bottom_deg["trunk_deg"])),
        knee_deg=round_known(median_known(bottom_deg["knee_deg"])),
        shin_deg=round_known(median_known([rep.shin_deg for rep in measures])),
        heel_lift_pct=round_known(median_known([rep.heel_lift_pct for rep in measures])),
        descent_s=tempo.descent_s,
        pause_s=tempo.pause_s,
        ascent_s=tempo.ascent_s,
        dropped_reps=[each.rep.index for each in measured if each.measures.dropped],
        bottom_sd=consistency.bottom_sd,
        duration_sd_pct=consistency.duration_sd_pct,
        steady_tempo=consistency.has_steady_tempo,
        very_repeatable=consistency.is_very_repeatable,
        drift={name: _measure_angle_drift(bottom_deg[name], family, yaw_deg) for name, family in _FAMILIES.items()},
    )


def _heel_lift_pct(motion: Motion, rep: RepTimes) -> float | None:
    """Return the rise of the heel against the toes from the top to the bottom, percent of the leg's length."""
    leg, near = leg_length_px(motion), motion.near
    above = near.toe[:, 1] - near.heel[:, 1]
    low, high = (median_at(motion.times_s, above, at_s, 0.15) for at_s in (rep.bottom_s, rep.end_s))
    return None if leg is None or low is None or high is None else 100 * (low - high) / leg


def _measure_angle_drift(values: Sequence[float | None], family: str, yaw_deg: float) -> SquatDrift | None:
    change = measure_drift(values, family, yaw_deg)
    if change is None:
        return None
    return SquatDrift(
        change_deg=round_known(change.change), threshold_deg=round_known(change.threshold), clear=change.is_clear
    )


def _deepest_rep(measured: Sequence[MeasuredRep[SquatRepMeasures]]) -> int | None:
    """Return the index of the first of the deepest reps; None where no thigh is known."""
    depths = [(each.measures.thigh_deg, each.rep.index) for each in measured if each.measures.thigh_deg is not None]
    return max(depths, key=lambda depth: depth[0])[1] if depths else None


def _list_strengths(measures: SquatSetMeasures, base: JsonObject) -> Iterator[Observation]:
    """List what the person can do."""
    yield Observation("squat.reps", "can", 0.2, base)
    short = measures.short_of_level_deg
    if short is not None:
        name = "below_level" if short <= 0 else "depth"
        yield Observation(f"squat.{name}", "can", 0.8, base | {"short_deg": short, "below_deg": -short})
    if measures.very_repeatable:
        largest = max(drop_unknown(list(measures.bottom_sd.values())))
        yield Observation("squat.repeatable", "can", 0.75, base | {"bottom_sd_deg": largest})
    elif measures.steady_tempo:
        tempo = {"descent_s": measures.descent_s, "ascent_s": measures.ascent_s}
        yield Observation("squat.steady_tempo", "can", 0.5, base | tempo)


def _have_heels_up(reps: Sequence[SquatRepMeasures]) -> bool:
    """Return whether the heels come up in more than half of the reps: the median of two reps hides that they differ."""
    lifts_pct = drop_unknown([rep.heel_lift_pct for rep in reps])
    return 2 * sum(lift_pct >= LIMITS.heel_pct for lift_pct in lifts_pct) > len(lifts_pct)


def _list_next(
    details: ClipDetails, measures: SquatSetMeasures, base: JsonObject, *, heels_up: bool
) -> Iterator[Observation]:
    """List what may come next."""
    drift = measures.drift.get("thigh_deg")
    if drift is not None and drift.clear and drift.change_deg is not None and drift.change_deg < 0:
        evidence = {"change_deg": -drift.change_deg, "first_reps": max(1, measures.reps // 2)}
        yield Observation("squat.late_set", "next", 0.7, base | evidence)
    heel, short = measures.heel_lift_pct, measures.short_of_level_deg
    if heel is not None and heel >= LIMITS.heel_pct and heels_up:
        yield Observation("squat.heels", "next", 0.65, base | {"heel_lift_pct": heel})
    is_unloaded = not details.load_kg and details.variant in (None, "bodyweight")
    if short is not None and short >= LIMITS.min_room_deg and is_unloaded:
        yield Observation("squat.load_in_front", "next", 0.6, base | {"short_deg": short})
    dropped = measures.dropped_reps
    if dropped and 2 * len(dropped) >= measures.reps:
        tempo = {"descent_s": measures.descent_s, "ascent_s": measures.ascent_s, "reps_that": dropped}
        yield Observation("squat.tempo", "next", 0.45, base | tempo)


MOVEMENT = Squat()
