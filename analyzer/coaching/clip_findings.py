"""One clip's story: what was observed, what the client reports and what the coach adds, as measures and findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from analyzer.coaching import screening as clinician
from analyzer.coaching.catalogue import load_catalogue
from analyzer.coaching.directional_preference import assess_direction, build_direction_test, results_from_history
from analyzer.coaching.findings import build_findings
from analyzer.coaching.marks import Marks, MarksError
from analyzer.coaching.screening import ReferralTier
from analyzer.coaching.symptom_reports import (
    TrafficLight,
    attach_reports,
    find_deepest_comfortable,
    find_referral_tier,
    list_postures,
    select_comfortable,
)
from analyzer.coaching.trainable_menu import Readiness
from analyzer.movements.motion import ClipDetails, Motion
from analyzer.movements.protocol import Events, Movement, Observation
from analyzer.movements.rep_detection import can_measure_tempo
from analyzer.results.schema import Finding

_STRAIGHTENED_DEG = 15.0  # a knee that moved less from sitting was not straightened; chosen
_LATE_S = 0.5  # a report this long after the last frame is one at the end; chosen
_ALL_PCT = 99.5  # from here on it is all of the range


@dataclass(frozen=True)
class ClipCoaching:
    """What goes into the result beside the movement's own measures."""

    events: Events
    measures: dict[str, Any]
    findings: list[Finding]


def coach_clip(
    movement: Movement | None,
    motion: Motion,
    facts: ClipDetails,
    events: Events,
    observations: Sequence[Observation],
    marks: Marks,
) -> ClipCoaching:
    """Put reports to their events, ask first where that is called for, and tell what follows.

    Without a known movement nothing is told but, where that is called for, to speak to a clinician.

    Raises MarksError for a report of something that is not in the clip.
    """
    _check_report_times(marks, float(motion.times_s[-1]))
    events, reported = attach_reports(events, marks)
    name = movement.name if movement else None
    measures: dict[str, Any] = {"context": build_context(name, motion, facts, events, marks)}
    comfort = _comfortable_range(movement, motion, events, reported, marks) if movement and reported else None
    if reported:
        measures |= {"reported": reported, "comfortable_range": comfort}
    asks_first = movement is not None and movement.asks_screening_first
    needed = asks_first or any(one["level"] > 0 for one in reported)
    if needed or marks.screen:
        measures["screen"] = clinician.build_screening_result(marks.screen)
    test = build_direction_test(movement, reported, marks.baseline_level, marks.threshold) if movement else None
    seen = assess_direction([*([test] if test else []), *results_from_history(marks.history)])
    if seen is not None:
        measures["direction"] = seen
    refer = clinician.most_urgent(
        filter(None, [clinician.screening_tier(marks.screen), find_referral_tier(marks.reports)])
    )
    if refer is not None:
        return ClipCoaching(events, measures, [_referral_finding(refer, reported, marks)])
    if movement is None:
        return ClipCoaching(events, measures, [])
    said = [*observations, *_comfort_observations(movement, reported, comfort)]
    first = _report_observations(reported, seen)
    if needed and not clinician.is_screening_complete(marks.screen):
        said = [one for one in said if one.kind == "can"]
        first = [Observation("general.ask_first", "next", 1.0)]
    worst = max((one["level"] for one in reported), default=None)
    ready = Readiness(worst, marks.threshold, marks.lights.go_to, tried=marks.tried)
    return ClipCoaching(events, measures, build_findings(movement, said, motion.allows_degrees, ready, first))


def _check_report_times(marks: Marks, end_s: float) -> None:
    """Raises MarksError for a report at a time after the clip."""
    for index, report in enumerate(marks.reports):
        if report.at_s is not None and report.at_s > end_s + _LATE_S:
            raise MarksError(f"marks: reports[{index}]: at {report.at_s:g} s; the clip ends at {end_s:.1f} s.")


def build_context(name: str | None, motion: Motion, facts: ClipDetails, events: Events, marks: Marks) -> dict[str, Any]:
    """Task, load and tempo, which travel with every result, and what the coach says of the client, as given."""
    return {
        **marks.context.model_dump(mode="json"),
        "task": marks.context.task or name,
        "variant": facts.variant,
        "load_kg": facts.load_kg,
        "reps": sum(rep.complete for rep in events.reps),
        "tempo": _tempo(events) if can_measure_tempo(motion) else None,
        "threshold": marks.threshold,
        "baseline_level": marks.baseline_level,
        "habitual_posture": marks.habitual_posture,
        "daily": marks.history.model_dump(mode="json"),
    }


def _tempo(events: Events) -> dict[str, float] | None:
    """Median time down, at the bottom and up over the reps."""
    told = {}
    for name in ("descent_s", "pause_s", "ascent_s"):
        times = [time for rep in events.reps if rep.complete and (time := getattr(rep, name)) is not None]
        if times:
            told[name] = round(median(times), 1)
    return told or None


def _comfortable_range(
    movement: Movement, motion: Motion, events: Events, reported: Sequence[Mapping[str, Any]], marks: Marks
) -> dict[str, Any]:
    """The deepest postures that stayed comfortable; angles only where the view allows degrees."""
    angles: dict[str, Any] = {}
    found = list_postures(events, reported, motion, movement.main_angle)
    fine = select_comfortable(found, marks)
    for name in movement.get_comfort_angles():
        found_here = list_postures(events, reported, motion, name)
        told = find_deepest_comfortable(
            found_here, select_comfortable(found_here, marks), name, motion.baseline_deg(name)
        )
        if motion.allows_degrees and told:
            angles[name] = told
    return {
        "threshold": marks.threshold,
        "baseline_level": marks.baseline_level,
        "comfortable": [dict(posture.place) for posture in fine],
        "not_comfortable": [dict(p.place) for p in found if p.level is not None and p not in fine],
        "angles": angles,
    }


def _report_observations(reported: Sequence[Mapping[str, Any]], seen: str | None) -> list[Observation]:
    """What the reports alone ask for; it comes before anything that is seen."""
    told = []
    lights: set[TrafficLight] = {one["light"] for one in reported}
    evidence = {"level": max((one["level"] for one in reported), default=0), "reports": len(reported)}
    if "stop" in lights:
        told.append(Observation("reported.stop", "next", 1.0, evidence))
    elif "modify" in lights:
        told.append(Observation("reported.modify", "next", 1.0, evidence))
    if seen is not None:
        told.append(Observation(f"direction.{seen}", "next", 0.5))
    return told


def _comfort_observations(
    movement: Movement, reported: Sequence[Mapping[str, Any]], comfort: Mapping[str, Any] | None
) -> list[Observation]:
    """What stayed comfortable, as something the person can do."""
    if reported and all(one["level"] == 0 for one in reported):
        return [Observation("reported.nothing", "can", 0.9, {"reports": len(reported)})]
    told: list[Observation] = []
    angles: Mapping[str, Any] = comfort["angles"] if comfort else {}
    for name, sides in angles.items():
        best = max(sides, key=lambda one: one["share_pct"] or 0.0)
        share = {"share_pct": best["share_pct"], "angle": name}
        if name == "knee_flexion_deg" and name != movement.main_angle:  # beside the main angle: how far it straightened
            if best["from_tall_deg"] > -_STRAIGHTENED_DEG:
                continue
            evidence = {"short_deg": max(best["deepest_deg"], 0.0), "side": best["side"]}
            told.append(Observation("reported.comfortable_knee", "can", 0.85, evidence))
        elif best["share_pct"] and not told:
            every = best["share_pct"] >= _ALL_PCT
            if every and comfort and comfort["not_comfortable"]:
                continue  # it went furthest by this angle, but something else was not comfortable
            told.append(Observation("reported.all_comfortable" if every else "reported.comfortable", "can", 0.9, share))
    return told


def _referral_finding(tier: ReferralTier, reported: Sequence[Mapping[str, Any]], marks: Marks) -> Finding:
    said = [clinician.format_referral(tier, marks.clinician, marks.keep_doing)]
    if tier != "emergency" and any(one["light"] == "stop" for one in reported):
        said.insert(0, load_catalogue().entry("reported.stop").say)
    return Finding(id=f"clinician.{tier}", kind="next", text=" ".join(said))
