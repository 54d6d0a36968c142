"""What is worth saying of a hinge: what the person can do, and what may come next. Numbers only; words elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analyzer.movements.hinge.measures import is_drill
from analyzer.movements.hinge.thresholds import LIMITS
from analyzer.movements.motion import ClipDetails
from analyzer.movements.protocol import Observation
from analyzer.results.schema import Rep


def list_hinge_observations(facts: ClipDetails, reps: Sequence[Rep], measures: Mapping[str, Any]) -> list[Observation]:
    """All that is worth saying, with its weight; the larger ones are told first."""
    if not measures["reps"]:
        return []
    base = {"reps": measures["reps"], "times_s": [rep.bottom_s for rep in reps if rep.complete]}
    return [*_can(facts, measures, base), *_next(facts, measures, base)]


def _can(facts: ClipDetails, m: Mapping[str, Any], base: dict[str, Any]) -> list[Observation]:
    found = [Observation("hinge.reps", "can", 0.2, base)]

    def add(what: str, weight: float, **evidence: Any) -> None:
        found.append(Observation(f"hinge.{what}", "can", weight, base | evidence))

    back, sd = m["hip_back_pct"], m["bottom_sd"]
    if _is_squat_like(facts, m):
        add("strong_legs", 0.85, hip_knee_ratio=m["hip_knee_ratio"])
    elif back is not None and back >= LIMITS.hip_back_pct:
        add("hips_travel", 0.8, hip_back_pct=back)
    lead = m["hips_lead_s"]
    if is_drill(facts) and lead is not None and lead >= LIMITS.lead_s:
        add("hips_lead", 0.55, hips_lead_s=lead)
    drift, lifts = _load_drift(m)
    if lifts >= LIMITS.few and not drift:
        add("load_close", 0.65, lifts=lifts)
    if m["very_repeatable"]:
        add("repeatable", 0.75, bottom_sd_deg=max(value for value in sd.values() if value is not None))
    elif m["steady_tempo"]:
        add("steady_tempo", 0.5, ascent_s=m["ascent_s"], descent_s=m["descent_s"])
    known = m["known_reps"]
    if known["lean_back"] == m["reps"] and not m["reps_that"]["lean_back"] and not m["reps_that"]["short_lockout"]:
        add("lockouts", 0.6)
    rounding = m["rounding"]
    if rounding is not None and rounding["reps"] >= LIMITS.few and rounding["span_deg"] <= LIMITS.rounding_deg:
        add("keeps_shape", 0.9, rounding_span_deg=rounding["span_deg"])
    return found


def _next(facts: ClipDetails, m: Mapping[str, Any], base: dict[str, Any]) -> list[Observation]:
    found: list[Observation] = []

    def add(what: str, weight: float, **evidence: Any) -> None:
        found.append(Observation(f"hinge.{what}", "next", weight, base | evidence))

    rounding = m["rounding"]
    if rounding is not None and rounding["growth_deg"] is not None and rounding["growth_deg"] > LIMITS.rounding_deg:
        add("rounding_grows", 0.95, growth_deg=rounding["growth_deg"])
    for what, weight, evidence in _pattern(facts, m):
        add(what, weight, **evidence)
    drifts = {name: drift for name, drift in m["drift"].items() if drift and drift["clear"]}
    if drifts:
        name, drift = max(drifts.items(), key=lambda item: abs(item[1]["change_deg"]) / item[1]["threshold_deg"])
        add("late_set", 0.7, change_deg=abs(drift["change_deg"]), angle=name, first_reps=max(1, m["reps"] // 2))
    elif m["slower_pct"] is not None and m["slower_pct"] > 100 * LIMITS.min_slowdown_share:
        add("slows", 0.6, slower_pct=m["slower_pct"])
    far, lifts = _load_drift(m)
    if lifts and len(far) >= LIMITS.min_rise_share * lifts:
        add("load_drifts", 0.75, that=len(far), reps_that=far)
    told = {
        "hips_rise_first": (0.85, {}),
        "lean_back": (0.6, {"lean_back_deg": m["lean_back_deg"]}),
        "short_lockout": (0.55, {}),
        "head_back": (0.5, {"neck_back_deg": None if m["neck_deg"] is None else -m["neck_deg"]}),
        "dropped": (0.45, {"descent_s": m["descent_s"], "ascent_s": m["ascent_s"]}),
    }
    for what, (weight, evidence) in told.items():
        reps = m["reps_that"][what]
        share = LIMITS.min_rise_share if what == "hips_rise_first" else LIMITS.min_rep_share
        if reps and len(reps) >= share * m["reps"]:
            add(what, weight, that=len(reps), reps_that=reps, **evidence)
    return found


def _pattern(facts: ClipDetails, m: Mapping[str, Any]) -> Iterator[tuple[str, float, dict[str, Any]]]:
    """The first thing that would make it more of a hinge."""
    back, lead_s = m["hip_back_pct"], m["hips_lead_s"]
    if _is_squat_like(facts, m):
        yield "squatty", 0.9, {"hip_knee_ratio": m["hip_knee_ratio"], "shin_deg": m["shin_deg"]}
    elif back is not None and abs(back) < LIMITS.hip_back_pct:  # far in front of where they stood: the feet moved
        yield "shallow_hips", 0.65, {"hip_back_pct": max(back, 0.0)}
    elif is_drill(facts) and lead_s is not None and lead_s <= -LIMITS.lead_s:
        yield "knees_lead", 0.5, {"knees_lead_s": -lead_s}


def _load_drift(m: Mapping[str, Any]) -> tuple[list[int], int]:
    """The lifts whose load goes clearly forward, and in how many that could be seen; only where it is known in cm."""
    path = m.get("load_path")
    if not path or path["unit"] != "cm":
        return [], 0
    seen = [rep for rep in path["reps"] if rep["seen"]]
    far = [
        rep["rep"]
        for rep in seen
        if rep["bow_forward"] > LIMITS.load_forward_cm
        or (rep["from_midfoot_most"] or 0.0) - path["midfoot_doubt"] > LIMITS.load_forward_cm
    ]
    return far, len(seen)


def _is_squat_like(facts: ClipDetails, m: Mapping[str, Any]) -> bool:
    """Less trunk-thigh to knee travel than the chosen variant has, or shins that come forward in a hinge drill."""
    ratio, least = m["hip_knee_ratio"], m["least_ratio"]
    if ratio is None or least is None:
        return False
    forward = is_drill(facts) and m["shin_deg"] is not None and m["shin_deg"] >= LIMITS.shin_forward_deg
    return bool(ratio < least or forward)
