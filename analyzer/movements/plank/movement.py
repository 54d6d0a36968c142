"""The plank (prone bridge) on forearms or hands: time held, and time in the zone about the own body line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.angles import arm_elevation_deg
from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.movements.frame_runs import FrameMask
from analyzer.movements.key_measures import KeyMeasureSpec
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.plank.body_line import LIMITS as LINE_LIMITS
from analyzer.movements.plank.body_line import BodyLine, Drift, LineDirection, analyze_body_line
from analyzer.movements.plank.measures import PLANK_LABELS, DriftMeasures, LineAngle, PlankHoldMeasures, PlankMeasures
from analyzer.movements.plank.posture import PlankHold, find_plank_holds
from analyzer.movements.protocol import (
    BackTask,
    ComparableMeasure,
    EventKind,
    Events,
    ImprovementDirection,
    Movement,
    Observation,
    Smoothing,
)
from analyzer.movements.recognition import movement_probability
from analyzer.movements.statistics import drop_unknown, is_mostly_known, median, round_known
from analyzer.movements.typed_measures import JsonObject
from analyzer.results.schema import Analysis, Hold


@dataclass(frozen=True)
class PlankLimits:
    """Thresholds of measures and observations."""

    arm_vertical_deg: float = 10.0  # upper arm this close to vertical: elbow under shoulder; sources 3
    head_deg: float = 15.0  # neck further back than this from the own neutral; sources 2.5
    # a line within 10 is ordinary (sources 3), and 3 more is no clear change (sources 5)
    max_ordinary_line_deg: float = 13.0
    tremor_hz: tuple[float, float] = (2.0, 8.0)  # sources 3
    tremor_fps: float = 29.5  # needs 30 frames a second, 29.97 counts; sources 3
    tremor_s: float = 3.0  # of hold, unbroken; chosen
    min_zone_s: float = 1.0  # less time in the zone is nothing to build on; chosen
    steady_deg_10s: float = 2.0  # slower drift than this is steady; chosen
    min_back_change_s: float = 2.0  # a change of the back counts if it lasts this long, as a drift does; sources 3
    back_step_s: float = 0.5  # it is looked for every so often; chosen


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


class Plank(Movement):
    """A straight body held face down on forearms or hands."""

    name = "plank"
    title = "Plank"
    variants = ("forearm", "high")
    main_angle = "body_line_deg"
    smoothing: Smoothing = "hold"
    event_kind: EventKind = "holds"
    better: Mapping[str, ImprovementDirection] = {
        "hold_s": "more",  # sources 3
        "in_zone_s": "more",  # sources 3: quality time
    }
    measure_labels = PLANK_LABELS
    instructions = "One plank on forearms or hands, for as long as it feels steady."
    key_measures = (
        KeyMeasureSpec(
            "plank.line",
            "Body line, off straight",
            "measures.line_deg",
            angle="trunk_thigh_deg",
            comparable="body_line_deg",
            chart="body_line_deg",
            directions=("piked", "sagging"),
        ),
        KeyMeasureSpec(
            "plank.zone",
            "Time in your own line",
            "in_zone_s",
            unit="s",
            summary="sum",
            comparable="in_zone_s",
            short="In line",
        ),
        KeyMeasureSpec(
            "plank.gives",
            "Until the line first gives",
            "measures.first_drift_s",
            unit="s",
            label_field="measures.drifts.0.direction",
            labels=(("sag", "Until the hips first sag"), ("pike", "Until the hips first lift")),
            short="First gives",
        ),
        KeyMeasureSpec(
            "plank.hold", "Longest hold", "duration_s", unit="s", summary="max", comparable="hold_s", short="Held"
        ),
        KeyMeasureSpec(
            "plank.back",
            "Back, change from own line",
            "measures.back_from_line_deg",
            angle="back_rounding_deg",
            comparable="back_from_line_deg",
            is_back=True,
        ),
    )
    back_task: BackTask | None = "hold"

    def recognise(self, motion: Motion) -> float:
        """Return the probability of the shared recogniser; see `recognition`."""
        return movement_probability(self.name, motion)

    def find_events(self, motion: Motion, details: ClipDetails) -> Events:
        """Find the times in which the posture is held."""
        return Events(
            holds=[_build_hold(motion, hold, index) for index, hold in enumerate(find_plank_holds(motion), start=1)]
        )

    def compute_measures(self, motion: Motion, details: ClipDetails, events: Events) -> JsonObject:
        """Compute the sums over the clip; empty without a hold."""
        if not events.holds:
            return {}
        in_zone_s = drop_unknown([hold.in_zone_s for hold in events.holds])
        typed = PlankMeasures(
            hold_s=round(sum(hold.duration_s for hold in events.holds), 2),
            longest_hold_s=max(hold.duration_s for hold in events.holds),
            quality_time_s=round(sum(in_zone_s), 2) if in_zone_s else None,
            support=PlankHoldMeasures.from_json(events.holds[0].measures).support,
        )
        return typed.to_json()

    def list_observations(
        self, details: ClipDetails, events: Events, measures: Mapping[str, object]
    ) -> list[Observation]:
        """List how long the longest hold was, and what the one with the longest time in the zone shows."""
        if not events.holds:
            return []
        best = max(events.holds, key=lambda hold: (hold.in_zone_s or 0.0, hold.duration_s))
        longest_s = max(hold.duration_s for hold in events.holds)
        return list(_list_hold_observations(best, PlankHoldMeasures.from_json(best.measures), longest_s))

    def list_comparable_measures(self, analysis: Analysis) -> list[ComparableMeasure]:
        """List time held, time in the zone, the posture and the back, one value for each hold.

        The times are minima where the clip ends before the last hold does.
        """
        holds = analysis.holds
        values: list[tuple[str, str, list[float | None]]] = [
            ("hold_s", "hold_time", [hold.duration_s for hold in holds]),
            ("in_zone_s", "hold_time", [hold.in_zone_s for hold in holds]),
            ("body_line_deg", "body_line", [hold.angles.get("body_line_deg") for hold in holds]),
            ("trunk_thigh_deg", "trunk_thigh", [hold.angles.get("trunk_thigh_deg") for hold in holds]),
            ("knee_flexion_deg", "knee", [hold.angles.get("knee_flexion_deg") for hold in holds]),
            ("back_from_line_deg", "back", [hold.measures.get("back_from_line_deg") for hold in holds]),
        ]
        goes_on = any(hold.measures.get("ended_by") == "clip_end" for hold in holds)
        measures = [
            ComparableMeasure(name, family, drop_unknown(known), is_at_least=goes_on and family == "hold_time")
            for name, family, known in values
        ]
        return [measure for measure in measures if measure.values]


def _list_hold_observations(hold: Hold, measures: PlankHoldMeasures, longest_s: float) -> Iterator[Observation]:
    evidence: JsonObject = {"hold_s": hold.duration_s, "times_s": [hold.start_s, hold.end_s]}
    yield Observation("plank.held", "can", 0.5, evidence | {"hold_s": longest_s})
    if hold.in_zone_s is None:
        return
    evidence = {**evidence, "in_zone_s": hold.in_zone_s, "zero_deg": measures.own_line_deg}
    if hold.in_zone_s >= LIMITS.min_zone_s:
        yield Observation("plank.in_zone", "can", 0.9, evidence)
    slope = measures.slope_deg_10s
    if not measures.drifts and slope is not None and abs(slope) < LIMITS.steady_deg_10s:
        yield Observation("plank.steady", "can", 0.7, {**evidence, "slope_deg_10s": slope})
    if measures.resets:
        yield Observation("plank.found_again", "can", 0.6, {**evidence, "resets": measures.resets})
    direction = _line_direction(measures)
    if direction is not None:
        furthest_deg = max((drift.largest_deg for drift in measures.drifts), key=abs, default=None)
        drift = {
            "first_drift_s": measures.first_drift_s,
            "line_deg": measures.line_deg,
            "largest_deg": furthest_deg,
        }
        yield Observation(f"plank.{direction}", "next", 0.9, {**evidence, **drift})
    neck = measures.neck_from_start_deg
    if neck is not None and neck < -LIMITS.head_deg:
        yield Observation("plank.head", "next", 0.4, {**evidence, "neck_from_start_deg": neck})


def _line_direction(measures: PlankHoldMeasures) -> LineDirection | None:
    """Return the direction of the furthest drift, else that of a line that is not ordinary."""
    if measures.drifts:
        return max(measures.drifts, key=lambda drift: abs(drift.largest_deg)).direction
    line = measures.line_deg
    if line is None or abs(line) <= LIMITS.max_ordinary_line_deg:
        return None
    return "pike" if line > 0 else "sag"


def _build_hold(motion: Motion, hold: PlankHold, index: int) -> Hold:
    times_s = motion.times_s[hold.frames]
    angles: dict[str, float] = {}
    in_zone_s = None
    if motion.allows_degrees:
        medians = {name: median(motion.degrees[name][hold.frames]) for name in HOLD_ANGLES}
        angles = {name: round(value, 2) for name, value in medians.items() if value is not None}
        # On the knees the ankles are off the line: shoulder, hip and knee make it.
        line_from: LineAngle = "trunk_thigh_deg" if hold.on_knees else "body_line_deg"
        # All frames: one that is too uncertain for a number has not left the line. But most must be certain.
        is_line_known = is_mostly_known(motion.degrees[line_from][hold.frames])
        line = analyze_body_line(times_s, motion.angles[line_from][hold.frames]) if is_line_known else None
        held_s = float(times_s[-1] - times_s[0])
        in_zone_s = None if line is None else round(min(line.in_zone_s, held_s), 2)
        measures = _measure_line(motion, hold, line_from, line)
    else:
        measures = PlankHoldMeasures(
            support=hold.support,
            on_knees=hold.on_knees,
            is_start_visible=hold.is_start_visible,
            ended_by=hold.end_reason,
            hip_tremor_pct=_tremor_pct(motion, hold),
        )
    return Hold(
        index=index,
        start_s=float(times_s[0]),
        end_s=float(times_s[-1]),
        duration_s=round(float(times_s[-1] - times_s[0]), 2),
        in_zone_s=in_zone_s,
        angles=angles,
        measures=measures.to_json(skip_unset=True),
    )


def _measure_line(motion: Motion, hold: PlankHold, line_from: LineAngle, line: BodyLine | None) -> PlankHoldMeasures:
    """Measure the posture of a hold; `line` is its body line, None where it is never known."""
    times_s = motion.times_s[hold.frames]
    drifts = () if line is None else line.drifts
    settled = times_s - times_s[0] >= (0.0 if line is None else line.settle_s)
    arm_off = median(_arm_deg(motion, hold))

    def change_from_start(name: str) -> float | None:
        return round_known(_change_from_start(motion.degrees[name][hold.frames], settled))

    return PlankHoldMeasures(
        support=hold.support,
        on_knees=hold.on_knees,
        is_start_visible=hold.is_start_visible,
        ended_by=hold.end_reason,
        line_from=line_from,
        settle_s=None if line is None else round(line.settle_s, 2),
        own_line_deg=None if line is None else round_known(line.zero_deg),
        line_deg=round_known(median(motion.degrees[line_from][hold.frames])),
        first_drift_s=round(drifts[0].start_s, 2) if drifts else None,
        drifts=tuple(_round_drift(drift) for drift in drifts),
        resets=sum(drift.recovered for drift in drifts),
        shape_changes=sum(drift.shape_changed for drift in drifts),
        slope_deg_10s=None if line is None else round_known(line.slope_deg_10s),
        arm_off_vertical_deg=round_known(arm_off),
        arm_vertical=None if arm_off is None else abs(arm_off) <= LIMITS.arm_vertical_deg,
        neck_from_start_deg=change_from_start("neck_flexion_deg"),
        back_from_start_deg=change_from_start("back_rounding_deg"),
        back_from_line_deg=round_known(_back_from_line_deg(motion, hold, 0.0 if line is None else line.settle_s)),
        hip_tremor_pct=_tremor_pct(motion, hold),
    )


def _round_drift(drift: Drift) -> DriftMeasures:
    return DriftMeasures(
        start_s=round(drift.start_s, 2),
        end_s=round(drift.end_s, 2),
        direction=drift.direction,
        largest_deg=round(drift.largest_deg, 1),
        shape_changed=drift.shape_changed,
        recovered=drift.recovered,
    )


def _arm_deg(motion: Motion, hold: PlankHold) -> Series:
    """Compute shoulder to support off straight down, (T,) degrees, + support ahead of the shoulder.

    The support is the elbow, on straight arms the hand.
    """
    support = motion.near.wrist if hold.support == "high" else motion.near.elbow
    return arm_elevation_deg(motion.near.shoulder[hold.frames], support[hold.frames], motion.forward_sign)


def _change_from_start(values: Series, settled: FrameMask) -> float | None:
    """Return the last quarter of a hold after settling minus its first quarter; None where either is not known."""
    values = values[settled]
    quarter = len(values) // 4
    first, last = median(values[:quarter]), median(values[len(values) - quarter :])
    return None if first is None or last is None else last - first


def _back_from_line_deg(motion: Motion, hold: PlankHold, settle_s: float) -> float | None:
    """Return the furthest change of the back from its own shape, as the median over a time that counts; None: unknown.

    The column is 0 in the own line if that is the baseline posture of the clip; otherwise the shape in the seconds
    after settling is the person's own.
    """
    back_deg, since_s = motion.degrees["back_rounding_deg"][hold.frames], motion.times_s[hold.frames]
    since_s = since_s - since_s[0]
    own_deg: float | None = 0.0
    if motion.baseline is None or motion.baseline.kind != "lying":
        own_deg = median(back_deg[(since_s >= settle_s) & (since_s <= settle_s + LINE_LIMITS.zone_s)])
    half_s = LIMITS.min_back_change_s / 2
    centres_s = np.arange(half_s, max(since_s[-1] - half_s, half_s) + 1e-9, LIMITS.back_step_s)
    lasting = drop_unknown([median(back_deg[np.abs(since_s - centre_s) <= half_s]) for centre_s in centres_s])
    if own_deg is None or not lasting:
        return None
    return max((value - own_deg for value in lasting), key=abs)


def _tremor_pct(motion: Motion, hold: PlankHold) -> float | None:
    """Return the RMS of the hip's 2 to 8 Hz swing off the line from shoulder to ankle, percent of the trunk's length.

    Off that line a shaking camera drops out. The track of a hold is low-passed at 4 Hz, so that most of a faster tremor
    is lost: compare it within one person and one way to film only.
    """
    from scipy.signal import butter, sosfiltfilt  # late: names and settings of movements are read without it

    part = hold.frames
    hip, shoulder, ankle = motion.near.hip[part], motion.near.shoulder[part], motion.near.ankle[part]
    along = shoulder - ankle
    length = np.linalg.norm(along, axis=1)
    off_pct = 100.0 * (along[:, 0] * (hip - ankle)[:, 1] - along[:, 1] * (hip - ankle)[:, 0]) / length / motion.trunk_px
    times_s = motion.times_s[part]
    is_unbroken = times_s[-1] - times_s[0] >= LIMITS.tremor_s and np.isfinite(off_pct).all()
    if motion.fps < LIMITS.tremor_fps or not is_unbroken:
        return None
    even_s: FloatArray = np.arange(times_s[0], times_s[-1], 1.0 / motion.fps)
    even = np.interp(even_s, times_s, off_pct)
    band = butter(2, LIMITS.tremor_hz, btype="bandpass", fs=motion.fps, output="sos")
    return round(float(np.sqrt(np.mean(sosfiltfilt(band, even) ** 2))), 2)


MOVEMENT = Plank()
