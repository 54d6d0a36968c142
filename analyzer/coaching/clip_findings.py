"""Coach one clip: turn observations, symptom reports and the coach's marks into measures and findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from analyzer.coaching.catalogue import load_catalogue
from analyzer.coaching.coaching_measures import (
    CoachingMeasures,
    ComfortableAngle,
    ComfortableRange,
    ContextMeasures,
    DirectionResult,
    ReportedSymptom,
    Tempo,
)
from analyzer.coaching.findings import build_findings
from analyzer.coaching.marks import Marks
from analyzer.coaching.screening import (
    ReferralTier,
    build_screening_result,
    format_referral,
    is_screening_complete,
    most_urgent,
    screening_tier,
)
from analyzer.coaching.symptom_direction import assess_direction, build_direction_test, results_from_history
from analyzer.coaching.symptom_reports import (
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
from analyzer.results.measured_reps import select_measured_reps
from analyzer.results.schema import Finding, Rep

_STRAIGHTENED_DEG = 15.0  # a knee that moved less from sitting was not straightened; chosen
_WHOLE_RANGE_PCT = 99.5  # a share from here on is the whole range


@dataclass(frozen=True)
class ClipCoaching:
    """Results that coaching adds, beside the movement's own measures."""

    events: Events
    measures: CoachingMeasures
    findings: list[Finding]


def coach_clip(
    movement: Movement | None,
    motion: Motion,
    details: ClipDetails,
    events: Events,
    observations: Sequence[Observation],
    marks: Marks,
) -> ClipCoaching:
    """Attach symptom reports to events, screen first where needed, and build the findings.

    A yes to a screening question, or a report that refers, replaces every finding by a referral. Without a known
    movement there are no other findings.

    Raises
    ------
    MarksError : a report of something that is not in the clip.
    """
    events, reported = attach_reports(events, marks, float(motion.times_s[-1]))
    measures = CoachingMeasures(context=build_context(movement, motion, details, events, marks))
    if reported:
        measures.reported = reported
        measures.comfortable_range = _comfortable_range(movement, motion, events, reported, marks) if movement else None
    asks_first = movement is not None and movement.asks_screening_first
    needs_screening = asks_first or any(report.level > 0 for report in reported)
    if needs_screening or marks.screen:
        measures.screen = build_screening_result(marks.screen, asks_first=asks_first)
    test = build_direction_test(movement, reported, marks.baseline_level, marks.threshold) if movement else None
    direction = assess_direction([*([test] if test else []), *results_from_history(marks.history)])
    if direction is not None:
        measures.direction = direction
    tiers = [screening_tier(marks.screen), find_referral_tier(marks.reports)]
    tier = most_urgent(tier for tier in tiers if tier is not None)
    if tier is not None:
        return ClipCoaching(events, measures, [_build_referral(tier, reported, marks)])
    if movement is None:
        return ClipCoaching(events, measures, [])
    observations = [
        *observations,
        *_comfort_observations(movement, reported, measures.comfortable_range),
    ]
    priority_observations = _report_observations(reported, direction)
    if needs_screening and not is_screening_complete(marks.screen):
        observations = [observation for observation in observations if observation.kind != "next"]
        priority_observations = [Observation("general.ask_first", "next", 1.0)]
    readiness = Readiness(
        max((report.level for report in reported), default=None),
        marks.threshold,
        marks.lights.go_to,
        tried_levers=marks.tried,
    )
    findings = build_findings(movement, observations, motion.allows_degrees, readiness, priority_observations)
    return ClipCoaching(events, measures, findings)


def build_context(
    movement: Movement | None, motion: Motion, details: ClipDetails, events: Events, marks: Marks
) -> ContextMeasures:
    """Return task, load and tempo of a clip, and what the coach writes about the client, as given."""
    return ContextMeasures(
        goal=marks.context.goal,
        history=marks.context.history,
        task=marks.context.task or (movement.name if movement else None),
        constraints=marks.context.constraints,
        note=marks.context.note,
        variant=details.variant,
        load_kg=details.load_kg,
        reps=sum(rep.complete for rep in events.reps),
        tempo=_compute_tempo(events.reps) if can_measure_tempo(motion) else None,
        threshold=marks.threshold,
        baseline_level=marks.baseline_level,
        habitual_posture=marks.habitual_posture,
        daily=marks.history,
    )


def _compute_tempo(reps: Sequence[Rep]) -> Tempo | None:
    """Compute the median times down, at the bottom and up over the measured reps; None when all are unknown."""
    measured, medians_s = select_measured_reps(reps), dict[str, float]()
    for name in Tempo.model_fields:
        times_s = [time_s for rep in measured if (time_s := getattr(rep, name)) is not None]
        if times_s:
            medians_s[name] = round(median(times_s), 1)
    return Tempo(**medians_s) if medians_s else None


def _comfortable_range(
    movement: Movement, motion: Motion, events: Events, reported: Sequence[ReportedSymptom], marks: Marks
) -> ComfortableRange:
    """Return the postures that stayed comfortable; angles only where the view allows degrees."""
    angles: dict[str, list[ComfortableAngle]] = {}
    for name in movement.get_comfort_angles() if motion.allows_degrees else ():
        postures = list_postures(events, reported, motion, name)
        comfortable = select_comfortable(postures, marks)
        deepest = find_deepest_comfortable(postures, comfortable, name, motion.baseline_deg(name))
        if deepest:
            angles[name] = deepest
    postures = list_postures(events, reported, motion, movement.main_angle)
    comfortable = select_comfortable(postures, marks)
    return ComfortableRange(
        threshold=marks.threshold,
        baseline_level=marks.baseline_level,
        comfortable=[posture.place for posture in comfortable],
        not_comfortable=[
            posture.place for posture in postures if posture.level is not None and posture not in comfortable
        ],
        angles=angles,
    )


def _report_observations(reported: Sequence[ReportedSymptom], direction: DirectionResult | None) -> list[Observation]:
    """Return what the reports alone call for; it comes before anything that was measured."""
    observations = []
    lights = {report.light for report in reported}
    evidence = {"level": max((report.level for report in reported), default=0), "reports": len(reported)}
    if "stop" in lights:
        observations.append(Observation("reported.stop", "next", 1.0, evidence))
    elif "modify" in lights:
        observations.append(Observation("reported.modify", "next", 1.0, evidence))
    if direction is not None:
        observations.append(Observation(f"direction.{direction}", "next", 0.5))
    return observations


def _comfort_observations(
    movement: Movement, reported: Sequence[ReportedSymptom], comfortable: ComfortableRange | None
) -> list[Observation]:
    """Return what stayed comfortable, as something the person can do."""
    if reported and all(report.level == 0 for report in reported):
        return [Observation("reported.nothing", "can", 0.9, {"reports": len(reported)})]
    if comfortable is None:
        return []
    observations: list[Observation] = []
    for name, sides in comfortable.angles.items():
        best = max(sides, key=lambda side: side.share_pct or 0.0)
        if name == "knee_flexion_deg" and name != movement.main_angle:  # beside the main angle: how far it straightened
            if best.from_tall_deg <= -_STRAIGHTENED_DEG:
                evidence = {"short_deg": max(best.deepest_deg, 0.0), "side": best.side}
                observations.append(Observation("reported.comfortable_knee", "can", 0.85, evidence))
        elif best.share_pct and not observations:
            is_whole = best.share_pct >= _WHOLE_RANGE_PCT
            if is_whole and comfortable.not_comfortable:
                continue  # the deepest posture by this angle, but another one was not comfortable
            share = {"share_pct": best.share_pct, "angle": name}
            id = "reported.all_comfortable" if is_whole else "reported.comfortable"
            observations.append(Observation(id, "can", 0.9, share))
    return observations


def _build_referral(tier: ReferralTier, reported: Sequence[ReportedSymptom], marks: Marks) -> Finding:
    sentences = [format_referral(tier, marks.clinician, marks.keep_doing)]
    if tier != "emergency" and any(report.light == "stop" for report in reported):
        sentences.insert(0, load_catalogue().get_entry("reported.stop").say)
    return Finding(id=f"clinician.{tier}", kind="next", text=" ".join(sentences))
