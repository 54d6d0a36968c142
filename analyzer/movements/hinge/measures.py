"""What a coach looks at in a hinge: of each rep, and over the set. Judged against the variant and the own reps only."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analyzer.kinematics.arrays import FloatArray, Series
from analyzer.movements.body_heights import hand_height, leg_length_px, mean_known, percentile, round_known
from analyzer.movements.hinge.thresholds import DRILL_VARIANTS, FLOOR_VARIANTS, LIMITS, MIN_TRAVEL_RATIO, classify_style
from analyzer.movements.hip_share import hip_share, rounding_deg
from analyzer.movements.lift_reps import LiftShape
from analyzer.movements.minimal_detectable_change import compare_first_last
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.rep_detection import RepTimes, can_measure_tempo, median_at
from analyzer.results.schema import Rep

_BOTTOM_FAMILIES = {
    "trunk_deg": "trunk",
    "trunk_thigh_deg": "trunk_thigh",
    "knee_deg": "knee",
}  # and the family of each
_SUMO_ONLY = ("trunk_deg",)  # what turned-out thighs leave readable from the side; sources 1.5


def compute_rep_measures(motion: Motion, facts: ClipDetails, shapes: Sequence[LiftShape], index: int) -> dict[str, Any]:
    """One rep's measures; what needs degrees is None in a view without them."""
    shape = shapes[index]
    rep = shape.times
    until = shapes[index + 1].times.start_s if index + 1 < len(shapes) else float(motion.times_s[-1])
    top_s = until - rep.end_s if rep.complete and index + 1 < len(shapes) else None
    setup = index == 0 and (rep.pause_s or 0.0) > LIMITS.setup_pause_s
    measures: dict[str, Any] = {
        "top_s": round_known(top_s, 2),
        "dropped": None
        if setup or rep.descent_s is None or rep.ascent_s is None or not can_measure_tempo(motion)
        else rep.descent_s < LIMITS.dropped_share * rep.ascent_s,
        "set_up": setup,
    }
    sumo = facts.variant == "sumo"
    tell = motion.degrees
    travels = tell and not sumo and shape.stands
    ratio = shape.ratio if travels else None
    measures |= {
        "trunk_deg": round_known(shape.trunk_deg) if tell else None,
        "trunk_thigh_deg": round_known(shape.fold_deg) if tell else None,
        "knee_deg": round_known(shape.knee_deg) if tell else None,
        "hip_knee_ratio": round_known(ratio, 2),
        "style": classify_style(ratio),
        "hip_back_pct": round_known(_hip_back_pct(motion, rep.bottom_s, shape.top_s)) if travels else None,
        "shin_deg": round_known(_at(motion, "shin_inclination_deg", rep.off_s)) if tell else None,
        "hips_lead_s": round_known(_hips_lead_s(motion, rep), 2) if travels else None,
        "hips_rise_first": _hips_rise_first(motion, rep.off_s)
        if tell and is_lifted_from_floor(facts, shapes)
        else None,
        "neck_deg": round_known(_from_baseline(motion, "neck_flexion_deg", rep.bottom_s)) if tell else None,
        "head_back": _head_back(motion, rep.bottom_s) if tell else None,
        "stoop_squat_index": round_known(_stoop_squat_index(motion, rep.bottom_s, shape.top_s), 0)
        if tell and shape.stands
        else None,
        "rounding_deg": round_known(rounding_deg(motion, rep.bottom_s)) if tell else None,
        "hip_share": round_known(hip_share(motion, rep.start_s, rep.bottom_s), 2) if tell else None,
    }
    return measures | (_lockout(motion, rep.end_s, until, sumo) if tell and rep.complete else _NO_LOCKOUT)


def compute_set_measures(facts: ClipDetails, reps: Sequence[Rep], yaw_deg: float) -> dict[str, Any]:
    """Over the set: what is typical, how alike the reps are, and what changes from the first to the last."""
    whole = [rep for rep in reps if rep.complete]
    seen = [rep.measures for rep in whole]
    sumo = facts.variant == "sumo"
    lengths = [r.end_s - r.start_s for r in whole if r.descent_s is not None and not r.measures["set_up"]]
    measures: dict[str, Any] = {
        "reps": len(whole),
        "hip_knee_ratio": round_known(_median(seen, "hip_knee_ratio"), 2),
        "style": classify_style(_median(seen, "hip_knee_ratio")),
        "hip_back_pct": round_known(_median(seen, "hip_back_pct")),
        "hips_lead_s": round_known(_median(seen, "hips_lead_s", LIMITS.lead_reps), 2),
        "shin_deg": round_known(_median(seen, "shin_deg")),
        "stoop_squat_index": round_known(_median(seen, "stoop_squat_index"), 0),
        "hip_share": round_known(_median(seen, "hip_share"), 2),
        "lean_back_deg": round_known(_median(seen, "lean_back_deg")),
        "neck_deg": round_known(_median(seen, "neck_deg")),
        "descent_s": round_known(mean_known([r.descent_s for r in whole if not r.measures["set_up"]]), 2),
        "pause_s": round_known(mean_known([r.pause_s for r in whole if not r.measures["set_up"]]), 2),
        "ascent_s": round_known(mean_known([r.ascent_s for r in whole]), 2),
        "top_s": round_known(mean_known([m["top_s"] for m in seen]), 2),
        "reps_that": {name: _reps_with(whole, name) for name in _COUNTED_EVENTS},
        "known_reps": {name: sum(m.get(name) is not None for m in seen) for name in _COUNTED_EVENTS},
        "least_ratio": MIN_TRAVEL_RATIO.get(facts.variant),
        "note": "sumo: thighs turned out read low from the side; only the trunk is judged" if sumo else None,
    }
    spread = {name: _spread(seen, name) for name in _BOTTOM_FAMILIES if not sumo or name in _SUMO_ONLY}
    length_pct = 100 * float(np.std(lengths) / np.mean(lengths)) if len(lengths) >= LIMITS.few else None
    known = [value for value in spread.values() if value is not None]
    measures["bottom_sd"] = {name: round_known(value) for name, value in spread.items()}
    measures["duration_sd_pct"] = round_known(length_pct)
    measures["steady_tempo"] = None if length_pct is None else length_pct <= LIMITS.repeatable_pct
    measures["very_repeatable"] = (
        None
        if not known or length_pct is None
        else max(known) <= LIMITS.repeatable_deg and length_pct <= LIMITS.repeatable_pct
    )
    measures["drift"] = {
        name: _drift(seen, name, family, yaw_deg)
        for name, family in _BOTTOM_FAMILIES.items()
        if not sumo or name in _SUMO_ONLY
    }
    measures["slower_pct"] = round_known(_slower_pct(whole))
    measures["rounding"] = _rounding_change(seen)
    return measures


def is_lifted_from_floor(facts: ClipDetails, shapes: Sequence[LiftShape]) -> bool:
    """Whether it is lifted from the floor: the variant says so, or the clip starts at the bottom with low hands."""
    if facts.variant is not None:
        return facts.variant in FLOOR_VARIANTS
    first = shapes[0]
    return first.times.pause_s is None and first.hand is not None and first.hand < LIMITS.max_floor_hand_height


def is_drill(facts: ClipDetails) -> bool:
    """Whether the variant is a hinge that starts at the top."""
    return facts.variant in DRILL_VARIANTS


_COUNTED_EVENTS = ("dropped", "hips_rise_first", "lean_back", "short_lockout", "head_back")
_NO_LOCKOUT: dict[str, Any] = {"lean_back_deg": None, "short_deg": None, "lean_back": None, "short_lockout": None}


def _lockout(motion: Motion, end_s: float, until_s: float, sumo: bool) -> dict[str, Any]:
    """How tall the rep is finished, against the own tall stance; unknown where nobody stands still before or after."""
    reference = motion.reference
    if reference is None or reference.kind != "standing" or not reference.is_still:
        return _NO_LOCKOUT
    inside = (motion.times_s >= end_s - 0.1) & (motion.times_s <= max(until_s, end_s + 0.1))

    def beyond(name: str) -> float | None:
        """The most upright value at the top minus the own tall one."""
        tall, top = motion.tall_deg(name), percentile(motion.angles[name][inside], 10)
        return None if tall is None or top is None else top - tall

    trunk, fold, knee = (beyond(f"{name}_deg") for name in ("trunk_inclination", "trunk_thigh", "knee_flexion"))
    if trunk is None:
        return _NO_LOCKOUT
    leans = trunk < -LIMITS.lean_back_deg or (fold is not None and fold < LIMITS.lean_fold_deg)
    shorts = [value for value in (fold, knee) if value is not None]
    short = max(shorts) if shorts and not sumo else None
    return {
        "lean_back_deg": round_known(max(-trunk, 0.0)),
        "short_deg": round_known(short),
        "lean_back": leans,
        "short_lockout": None if short is None else short > LIMITS.short_deg,
    }


def _hips_rise_first(motion: Motion, off_s: float) -> bool | None:
    """Whether the knees open and the trunk tips while the fold and the hands stay; None where that is not seen."""
    hand = hand_height(motion)
    times = motion.times_s
    window = (times >= off_s - LIMITS.rise_s) & (times <= off_s + LIMITS.rise_s / 3)
    known = window & np.isfinite(hand)
    if known.sum() < 3:
        return None
    low = float(hand[known].min())
    still = np.flatnonzero(known & (hand <= low + LIMITS.hand_tolerance))
    lift = int(still[-1])
    before = np.flatnonzero(window & (np.arange(len(times)) <= lift))
    trunk, fold = motion.angles["trunk_inclination_deg"], motion.angles["trunk_thigh_deg"]
    # Plates hide knees: the thigh opens as much as the knee while the shin stays.
    thigh = motion.angles["thigh_inclination_deg"]
    knee = motion.angles["knee_flexion_deg"]
    opens = -knee if np.isfinite(knee[[before[0], lift]]).all() else thigh
    start = before[np.isfinite(opens[before]) & np.isfinite(trunk[before]) & np.isfinite(fold[before])]
    if len(start) < 2 or not np.isfinite(opens[lift] + trunk[lift] + fold[lift]):
        return None
    first = int(start[np.argmin(opens[start])])
    return bool(
        opens[lift] - opens[first] >= LIMITS.min_knee_opening_deg
        and trunk[lift] - trunk[first] >= LIMITS.min_trunk_tip_deg
        and abs(fold[lift] - fold[first]) <= LIMITS.max_fold_change_deg
    )


def _hip_back_pct(motion: Motion, bottom_s: float, top_s: float) -> float | None:
    """How far behind their place at the top the hips are at the bottom, percent of the leg's length."""
    leg = leg_length_px(motion)
    hip, ankle = motion.near.hip[:, 0], motion.near.ankle[:, 0]
    for x in (hip - ankle, hip):  # against the foot, since the camera may shake; where plates hide it, as it is
        low, high = (median_at(motion.times_s, x, at, 0.15) for at in (bottom_s, top_s))
        if leg is not None and low is not None and high is not None:
            return 100 * motion.forward * (high - low) / leg
    return None


def _hips_lead_s(motion: Motion, rep: RepTimes) -> float | None:
    """Seconds that the hips set off before the knees on the way down; negative where the knees do first (sources 2.2).

    Each has set off once it has gone a fifth of its way to the bottom. None where the knees hardly bend or the hips do
    not go back, and where the frames are too far apart.
    """
    if motion.fps < LIMITS.onset_fps or rep.descent_s is None:
        return None
    frames = (motion.times_s >= rep.start_s - LIMITS.onset_s) & (motion.times_s <= rep.bottom_s)
    times = motion.times_s[frames]
    knee = motion.angles["knee_flexion_deg"][frames]
    behind_px = motion.forward * (motion.near.ankle[:, 0] - motion.near.hip[:, 0])[frames]
    if not (np.isfinite(knee).all() and np.isfinite(behind_px).all()):
        return None
    bends_deg, back_px = (float(one[-1] - np.percentile(one, LIMITS.onset_pct)) for one in (knee, behind_px))
    if bends_deg < LIMITS.onset_knee_deg or back_px <= 0:
        return None
    return _onset_s(times, knee) - _onset_s(times, behind_px)


def _onset_s(times: FloatArray, values: Series) -> float:
    """When a series that ends at its far end has for good gone a fifth of its way there from the level it turned at."""
    turn = float(np.percentile(values, LIMITS.onset_pct))
    level = turn + LIMITS.onset_share * (values[-1] - turn)
    before = int(np.flatnonzero(values < level)[-1])
    return float(np.interp(level, values[before : before + 2], times[before : before + 2]))


def _stoop_squat_index(motion: Motion, bottom_s: float, top_s: float) -> float | None:
    """0 squat to 100 stoop: share of the shoulder's way down that is not the hip's; None for a short way.

    In the spirit of the Stoop-Squat-Index (Schmid 2022, Arch Physiother 12:8: the proportion between trunk forward lean
    and leg flexion, 0 full squat to 100 full stoop). The formula of the paper was not seen, so numbers of the two are
    not to be mixed.
    """
    near, times = motion.near, motion.times_s
    downs = []
    for joint in (near.shoulder, near.hip):
        low, high = (median_at(times, joint[:, 1], at, 0.15) for at in (bottom_s, top_s))
        if low is None or high is None:
            return None
        downs.append(low - high)
    height_px = motion.trunk_px / LIMITS.trunk_stature_ratio
    if downs[0] <= LIMITS.min_drop_share * height_px:
        return None
    return float(np.clip(100 * (downs[0] - downs[1]) / downs[0], 0.0, 100.0))


def _head_back(motion: Motion, bottom_s: float) -> bool | None:
    """Whether the head stays up while the trunk tips: the neck opens far, and the face looks where it did when tall.

    The neck alone does not tell: hanging arms draw the shoulder landmarks forward, and it reads as if it opened.
    """
    neck, gaze = (_from_baseline(motion, name, bottom_s) for name in ("neck_flexion_deg", "head_tilt_deg"))
    return None if neck is None or gaze is None else neck < LIMITS.head_deg and gaze < LIMITS.max_gaze_change_deg


def _from_baseline(motion: Motion, name: str, at_s: float) -> float | None:
    """An angle that the table tells from the own tall stance; None where that is not known."""
    if motion.reference is None or motion.reference.kind != "standing":
        return None
    return _at(motion, name, at_s)


def _at(motion: Motion, name: str, at_s: float) -> float | None:
    values: Series = motion.angles[name]
    return median_at(motion.times_s, values, at_s)


def _values(seen: Sequence[Mapping[str, Any]], name: str) -> list[float]:
    return [float(m[name]) for m in seen if m.get(name) is not None]


def _median(seen: Sequence[Mapping[str, Any]], name: str, least: int = 1) -> float | None:
    values = _values(seen, name)
    return float(np.median(values)) if len(values) >= least else None


def _spread(seen: Sequence[Mapping[str, Any]], name: str) -> float | None:
    values = _values(seen, name)
    return float(np.std(values, ddof=1)) if len(values) >= LIMITS.few else None


def _drift(seen: Sequence[Mapping[str, Any]], name: str, family: str, yaw_deg: float) -> dict[str, Any] | None:
    """First reps against last ones, and the Theil-Sen slope a rep."""
    from scipy.stats import theilslopes  # late: names and settings of movements are asked for without it

    values = _values(seen, name)
    change = compare_first_last(values, family, yaw_deg=yaw_deg) if len(values) >= LIMITS.min_drift_reps else None
    if change is None:
        return None
    slope = float(theilslopes(values)[0])
    return {
        "change_deg": round_known(change.change),
        "threshold_deg": round_known(change.threshold),
        "slope_deg_rep": round_known(slope, 2),
        "clear": change.clear,
    }


def _slower_pct(whole: Sequence[Rep]) -> float | None:
    """How much longer the last ways up take than the first, percent."""
    values = [rep.ascent_s for rep in whole if rep.ascent_s is not None]
    if len(values) < LIMITS.min_drift_reps:
        return None
    few = min(LIMITS.few, len(values) // 2)
    first, last = float(np.mean(values[:few])), float(np.mean(values[-few:]))
    return 100 * (last / first - 1) if first > 0 else None


def _rounding_change(seen: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Rounding at the bottom over the set; None where the back's line is not measured."""
    values = _values(seen, "rounding_deg")
    if not values:
        return None
    growth = values[-1] - values[0] if len(values) > 1 else None
    return {
        "median_deg": round_known(float(np.median(values))),
        "growth_deg": round_known(growth),
        "span_deg": round_known(float(np.ptp(values))),
        "reps": len(values),
    }


def _reps_with(whole: Sequence[Rep], name: str) -> list[int]:
    """Numbers of the reps of which something is so."""
    return [rep.index for rep in whole if rep.measures.get(name)]
