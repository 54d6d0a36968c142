"""Compute the measures of one hinge rep, judged against the variant and the person's own baseline posture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.movements.body_heights import hand_height, leg_length_px
from analyzer.movements.hinge.floor_lifts import has_set_up, is_lifted_from_floor
from analyzer.movements.hinge.measures import HingeRepMeasures
from analyzer.movements.hinge.thresholds import DRILL_VARIANTS, LIMITS, classify_style
from analyzer.movements.hip_share import hip_share, rounding_deg
from analyzer.movements.lift_reps import LiftShape
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.rep_detection import RepTimes, median_at
from analyzer.movements.set_consistency import is_dropped
from analyzer.movements.statistics import is_mostly_known, percentile, round_known

_AROUND_S = 0.15  # places at the bottom and the top are medians of so much before and after; chosen


@dataclass(frozen=True)
class _Travel:
    """Travel of hips and knees from the top to the bottom; None where standing is not visible at the top."""

    hip_knee_ratio: float | None = None
    hip_back_pct: float | None = None
    hips_lead_s: float | None = None


@dataclass(frozen=True)
class _Lockout:
    """Posture at the end of the rep against the baseline posture; None where unknown."""

    lean_back_deg: float | None = None
    short_deg: float | None = None
    lean_back: bool | None = None
    short_lockout: bool | None = None


def compute_rep_measures(
    motion: Motion, details: ClipDetails, shapes: Sequence[LiftShape], index: int
) -> HingeRepMeasures:
    """Compute the measures of rep `index` of `shapes`; what needs degrees is None in a view without them."""
    shape = shapes[index]
    rep = shape.times
    is_last = index + 1 == len(shapes)
    until_s = float(motion.times_s[-1]) if is_last else shapes[index + 1].times.start_s
    is_set_up = index == 0 and has_set_up(rep)
    top_s = round_known(until_s - rep.end_s, 2) if rep.complete and not is_last else None
    dropped = None if is_set_up else is_dropped(motion, rep)
    if not motion.allows_degrees:
        return HingeRepMeasures(top_s=top_s, dropped=dropped, set_up=is_set_up)
    is_sumo = details.variant == "sumo"
    travel = _measure_travel(motion, shape) if shape.is_standing_at_top and not is_sumo else _Travel()
    lockout = _measure_lockout(motion, rep.end_s, until_s, is_sumo) if rep.ascent_s is not None else _Lockout()
    from_floor = is_lifted_from_floor(details, shapes)
    return HingeRepMeasures(
        top_s=top_s,
        dropped=dropped,
        set_up=is_set_up,
        trunk_deg=round_known(shape.trunk_deg),
        trunk_thigh_deg=round_known(shape.fold_deg),
        knee_deg=round_known(shape.knee_deg),
        hip_knee_ratio=round_known(travel.hip_knee_ratio, 2),
        style=classify_style(travel.hip_knee_ratio),
        hip_back_pct=round_known(travel.hip_back_pct),
        shin_deg=round_known(_angle_at(motion, "shin_inclination_deg", rep.bottom_end_s)),
        hips_lead_s=round_known(travel.hips_lead_s, 2),
        hips_rise_first=_hips_rise_first(motion, rep.bottom_end_s) if from_floor else None,
        neck_deg=round_known(_standing_angle_at(motion, "neck_flexion_deg", rep.bottom_s)),
        head_back=_head_back(motion, rep.bottom_s),
        stoop_squat_index=round_known(_stoop_squat_index(motion, shape), 0),
        rounding_deg=round_known(rounding_deg(motion, rep.bottom_s)),
        hip_share=round_known(hip_share(motion, rep.start_s, rep.bottom_s), 2),
        lean_back_deg=lockout.lean_back_deg,
        short_deg=lockout.short_deg,
        lean_back=lockout.lean_back,
        short_lockout=lockout.short_lockout,
    )


def is_drill(details: ClipDetails) -> bool:
    """Return whether the variant is a hinge that starts at the top."""
    return details.variant in DRILL_VARIANTS


def _measure_travel(motion: Motion, shape: LiftShape) -> _Travel:
    return _Travel(shape.travel_ratio, _hip_back_pct(motion, shape), _hips_lead_s(motion, shape.times))


def _measure_lockout(motion: Motion, end_s: float, until_s: float, is_sumo: bool) -> _Lockout:
    """Measure how upright the rep ends; unknown where the person does not stand still before or after."""
    baseline = motion.baseline
    if baseline is None or baseline.kind != "standing" or not baseline.is_still:
        return _Lockout()
    inside = (motion.times_s >= end_s - 0.1) & (motion.times_s <= max(until_s, end_s + 0.1))

    def beyond(name: str) -> float | None:
        """Return the most upright value at the top minus that of the baseline posture."""
        tall, values = motion.baseline_deg(name), motion.degrees[name][inside]
        top = percentile(values, 10) if is_mostly_known(values) else None  # its edges alone are not the top
        return None if tall is None or top is None else top - tall

    trunk, fold, knee = (beyond(f"{name}_deg") for name in ("trunk_inclination", "trunk_thigh", "knee_flexion"))
    shorts = [value for value in (fold, knee) if value is not None]
    if trunk is None or not shorts:
        return _Lockout()
    short = None if is_sumo else max(shorts)
    return _Lockout(
        lean_back_deg=round_known(max(-trunk, 0.0)),
        short_deg=round_known(short),
        lean_back=trunk < -LIMITS.lean_back_deg or (fold is not None and fold < LIMITS.lean_fold_deg),
        short_lockout=None if short is None else short > LIMITS.short_deg,
    )


def _hips_rise_first(motion: Motion, bottom_end_s: float) -> bool | None:
    """Return whether the knees open and the trunk tips while fold and hands stay; None where unknown."""
    hand = hand_height(motion)
    times = motion.times_s
    window = (times >= bottom_end_s - LIMITS.rise_window_s) & (times <= bottom_end_s + LIMITS.rise_window_s / 3)
    known = window & np.isfinite(hand)
    if known.sum() < 3:
        return None
    low = float(hand[known].min())
    lift = int(np.flatnonzero(known & (hand <= low + LIMITS.hand_tolerance))[-1])
    before = np.flatnonzero(window & (np.arange(len(times)) <= lift))
    trunk, fold = motion.degrees["trunk_inclination_deg"], motion.degrees["trunk_thigh_deg"]
    # Plates hide knees: the thigh opens as much as the knee while the shin stays.
    knee = motion.degrees["knee_flexion_deg"]
    opens = -knee if np.isfinite(knee[[before[0], lift]]).all() else motion.degrees["thigh_inclination_deg"]
    start = before[np.isfinite(opens[before]) & np.isfinite(trunk[before]) & np.isfinite(fold[before])]
    if len(start) < 2 or not np.isfinite(opens[lift] + trunk[lift] + fold[lift]):
        return None
    first = int(start[np.argmin(opens[start])])
    return bool(
        opens[lift] - opens[first] >= LIMITS.min_knee_opening_deg
        and trunk[lift] - trunk[first] >= LIMITS.min_trunk_tip_deg
        and abs(fold[lift] - fold[first]) <= LIMITS.max_fold_change_deg
    )


def _hip_back_pct(motion: Motion, shape: LiftShape) -> float | None:
    """Return how far the hips at the bottom are behind their place at the top, percent of the leg's length."""
    leg = leg_length_px(motion)
    hip, ankle = motion.near.hip[:, 0], motion.near.ankle[:, 0]
    for x in (hip - ankle, hip):  # against the foot, since the camera may shake; where plates hide it, as it is
        low, high = _at_bottom_and_top(motion, x, shape)
        if leg is not None and low is not None and high is not None:
            return 100 * motion.forward_sign * (high - low) / leg
    return None


def _hips_lead_s(motion: Motion, rep: RepTimes) -> float | None:
    """Return the seconds by which the hips start before the knees on the way down (sources 2.2).

    Each has started where it last passes a fifth of its way to the bottom; negative where the knees start first. None
    where the knees hardly bend or the hips do not go back, and where the frames are too far apart.
    """
    if motion.fps < LIMITS.onset_fps or rep.descent_s is None:
        return None
    frames = (motion.times_s >= rep.start_s - LIMITS.onset_s) & (motion.times_s <= rep.bottom_s)
    times = motion.times_s[frames]
    knee = motion.degrees["knee_flexion_deg"][frames]
    behind_px = motion.forward_sign * (motion.near.ankle[:, 0] - motion.near.hip[:, 0])[frames]
    if not (np.isfinite(knee).all() and np.isfinite(behind_px).all()):
        return None
    bends_deg, back_px = (float(part[-1] - np.percentile(part, LIMITS.onset_pct)) for part in (knee, behind_px))
    if bends_deg < LIMITS.onset_knee_deg or back_px <= 0:
        return None
    return _onset_s(times, knee) - _onset_s(times, behind_px)


def _onset_s(times: FloatArray, values: Series) -> float:
    """Return when a series last passes a fifth of the way from the level it turned at to its last value."""
    turn = float(np.percentile(values, LIMITS.onset_pct))
    level = turn + LIMITS.onset_share * (values[-1] - turn)
    before = int(np.flatnonzero(values < level)[-1])
    return float(np.interp(level, values[before : before + 2], times[before : before + 2]))


def _stoop_squat_index(motion: Motion, shape: LiftShape) -> float | None:
    """Return 0 (squat) to 100 (stoop): share of the shoulder's way down that is not the hip's; None for a short way.

    In the spirit of the Stoop-Squat-Index (Schmid 2022, Arch Physiother 12:8: the proportion between trunk forward lean
    and leg flexion, 0 full squat to 100 full stoop). The formula of the paper was not available, so numbers of the two
    must not be mixed.
    """
    if not shape.is_standing_at_top:
        return None
    drops_px = []
    for joint in (motion.near.shoulder, motion.near.hip):
        low, high = _at_bottom_and_top(motion, joint[:, 1], shape)
        if low is None or high is None:
            return None
        drops_px.append(low - high)
    shoulder_px, hip_px = drops_px
    height_px = motion.trunk_px / LIMITS.trunk_stature_ratio
    if shoulder_px <= LIMITS.min_drop_share * height_px:
        return None
    return float(np.clip(100 * (shoulder_px - hip_px) / shoulder_px, 0.0, 100.0))


def _head_back(motion: Motion, bottom_s: float) -> bool | None:
    """Return whether the head stays up while the trunk tips: the neck extends far, the face points as it did upright.

    The neck alone does not show it: hanging arms draw the shoulder landmarks forward, which reads as an extension.
    """
    neck, gaze = (_standing_angle_at(motion, name, bottom_s) for name in ("neck_flexion_deg", "head_tilt_deg"))
    if neck is None or gaze is None:
        return None
    return neck < LIMITS.neck_extension_deg and gaze < LIMITS.max_gaze_change_deg


def _standing_angle_at(motion: Motion, name: str, at_s: float) -> float | None:
    """Return an angle that is measured from the standing baseline posture; None where there is none."""
    if motion.baseline is None or motion.baseline.kind != "standing":
        return None
    return _angle_at(motion, name, at_s)


def _angle_at(motion: Motion, name: str, at_s: float) -> float | None:
    return median_at(motion.times_s, motion.degrees[name], at_s)


def _at_bottom_and_top(motion: Motion, values: Series, shape: LiftShape) -> tuple[float | None, float | None]:
    """Return the medians of a series about the bottom of a rep and about its top."""
    low, high = (median_at(motion.times_s, values, at_s, _AROUND_S) for at_s in (shape.times.bottom_s, shape.top_s))
    return low, high
