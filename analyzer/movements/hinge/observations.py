"""List what a set of hinges shows: what the person can do, and what may come next. Ids and numbers, no words."""

from collections.abc import Iterator, Sequence

from analyzer.movements.hinge.measures import HingeFault, HingeSetMeasures
from analyzer.movements.hinge.rep_measures import is_drill
from analyzer.movements.hinge.thresholds import LIMITS
from analyzer.movements.load_measures import LoadPathMeasures
from analyzer.movements.motion import ClipDetails
from analyzer.movements.protocol import Observation
from analyzer.movements.set_consistency import LIMITS as SET_LIMITS
from analyzer.movements.statistics import drop_unknown
from analyzer.movements.typed_measures import JsonObject, build_rep_evidence
from analyzer.results.measured_reps import select_measured_reps
from analyzer.results.schema import FindingKind, Rep

_Fact = tuple[str, float, JsonObject]  # last part of the id, weight and evidence of an observation


def list_hinge_observations(
    details: ClipDetails, reps: Sequence[Rep], measures: HingeSetMeasures, load: LoadPathMeasures | None
) -> list[Observation]:
    """List all observations with their weights; the heavier ones are shown first.

    Parameters
    ----------
    load : path of the load; None where none was followed.
    """
    if not measures.reps:
        return []
    base = build_rep_evidence(select_measured_reps(reps))
    drifting, lifts = _drifting_lifts(load)

    def observe(kind: FindingKind, facts: Iterator[_Fact]) -> list[Observation]:
        return [Observation(f"hinge.{name}", kind, weight, base | evidence) for name, weight, evidence in facts]

    return [
        *observe("can", _list_lifts(reps)),
        *observe("can", _list_strengths(details, measures, drifting, lifts)),
        *observe("next", _list_pattern(details, measures, drifting, lifts)),
        *observe("next", _list_faults(measures)),
    ]


def _list_lifts(reps: Sequence[Rep]) -> Iterator[_Fact]:
    """List that the reps were done, or one way up where none is whole."""
    yield ("reps" if any(rep.complete for rep in reps) else "way_up"), 0.2, {}


def _list_strengths(
    details: ClipDetails, measures: HingeSetMeasures, drifting: list[int], lifts: int
) -> Iterator[_Fact]:
    """List what the person can do."""
    back, lead_s = measures.hip_back_pct, measures.hips_lead_s
    if _is_squat_like(details, measures):
        yield "strong_legs", 0.85, {"hip_knee_ratio": measures.hip_knee_ratio}
    elif back is not None and back >= LIMITS.hip_back_pct:
        yield "hips_travel", 0.8, {"hip_back_pct": back}
    if is_drill(details) and lead_s is not None and lead_s >= LIMITS.lead_s:
        yield "hips_lead", 0.55, {"hips_lead_s": lead_s}
    if lifts >= SET_LIMITS.min_spread_reps and not drifting:
        yield "load_close", 0.65, {"lifts": lifts}
    yield from _list_consistency(measures)


def _list_consistency(measures: HingeSetMeasures) -> Iterator[_Fact]:
    """List what stays alike over the set: depth, tempo, lockouts."""
    if measures.very_repeatable:
        yield "repeatable", 0.75, {"bottom_sd_deg": max(drop_unknown(list(measures.bottom_sd.values())))}
    elif measures.steady_tempo and not _is_slower_at_the_end(measures):
        yield "steady_tempo", 0.5, {"ascent_s": measures.ascent_s, "descent_s": measures.descent_s}
    faulty = measures.reps_that
    is_known = measures.known_reps.get("lean_back") == measures.reps
    if is_known and not faulty.get("lean_back") and not faulty.get("short_lockout"):
        yield "lockouts", 0.6, {}


def _list_pattern(details: ClipDetails, measures: HingeSetMeasures, drifting: list[int], lifts: int) -> Iterator[_Fact]:
    """List what to work on in the pattern, and what changes within the set."""
    yield from _list_hip_pattern(details, measures)
    yield from _list_late_changes(measures)
    if lifts and len(drifting) >= LIMITS.min_rise_share * lifts:
        yield "load_drifts", 0.75, {"that": len(drifting), "reps_that": drifting}


def _list_hip_pattern(details: ClipDetails, measures: HingeSetMeasures) -> Iterator[_Fact]:
    """List at most one thing that would make it more of a hinge."""
    back, lead_s = measures.hip_back_pct, measures.hips_lead_s
    if _is_squat_like(details, measures):
        yield "squatty", 0.9, {"hip_knee_ratio": measures.hip_knee_ratio, "shin_deg": measures.shin_deg}
    elif back is not None and abs(back) < LIMITS.hip_back_pct:  # far in front of where they stood: the feet moved
        yield "shallow_hips", 0.65, {"hip_back_pct": max(back, 0.0)}
    elif is_drill(details) and lead_s is not None and lead_s <= -LIMITS.lead_s:
        yield "knees_lead", 0.5, {"knees_lead_s": -lead_s}


def _list_late_changes(measures: HingeSetMeasures) -> Iterator[_Fact]:
    """List the clearest change of an angle within the set; without one, a slower way up."""
    changes = [
        (abs(drift.change_deg) / drift.threshold_deg, abs(drift.change_deg), name)
        for name, drift in measures.drift.items()
        if drift is not None and drift.clear and drift.change_deg is not None and drift.threshold_deg
    ]
    if changes:
        _, change_deg, angle = max(changes, key=lambda change: change[0])
        first_reps = max(1, measures.reps // 2)
        yield "late_set", 0.7, {"change_deg": change_deg, "angle": angle, "first_reps": first_reps}
    elif _is_slower_at_the_end(measures):
        yield "slows", 0.6, {"slower_pct": measures.slower_pct}


def _is_slower_at_the_end(measures: HingeSetMeasures) -> bool:
    return measures.slower_pct is not None and measures.slower_pct > 100 * LIMITS.min_slowdown_share


def _list_faults(measures: HingeSetMeasures) -> Iterator[_Fact]:
    """List the faults that enough reps have."""
    faults: dict[HingeFault, tuple[float, JsonObject]] = {
        "hips_rise_first": (0.85, {}),
        "lean_back": (0.6, {"lean_back_deg": measures.lean_back_deg}),
        "short_lockout": (0.55, {}),
        "head_back": (0.5, {"neck_back_deg": None if measures.neck_deg is None else -measures.neck_deg}),
        "dropped": (0.45, {"descent_s": measures.descent_s, "ascent_s": measures.ascent_s}),
    }
    for name, (weight, evidence) in faults.items():
        reps = measures.reps_that.get(name, [])
        share = LIMITS.min_rise_share if name == "hips_rise_first" else LIMITS.min_rep_share
        if reps and len(reps) >= share * measures.reps:
            yield name, weight, {"that": len(reps), "reps_that": reps, **evidence}


def _drifting_lifts(load: LoadPathMeasures | None) -> tuple[list[int], int]:
    """Return the lifts with a load clearly too far forward, and the number of lifts that show it; only in cm."""
    if load is None or load.unit != "cm":
        return [], 0
    visible = [rep for rep in load.reps if rep.is_visible]
    drifting = [
        rep.rep
        for rep in visible
        if (rep.bow_forward or 0.0) > LIMITS.load_forward_cm
        or (rep.from_midfoot_most or 0.0) - load.midfoot_doubt > LIMITS.load_forward_cm
    ]
    return drifting, len(visible)


def _is_squat_like(details: ClipDetails, measures: HingeSetMeasures) -> bool:
    """Return whether hips travel less to knees than in the chosen variant, or shins come forward in a hinge drill."""
    ratio, least, shin = measures.hip_knee_ratio, measures.least_ratio, measures.shin_deg
    if ratio is None or least is None:
        return False
    return ratio < least or (is_drill(details) and shin is not None and shin >= LIMITS.shin_forward_deg)
