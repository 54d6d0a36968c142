"""Attach the client's symptom reports to stages, reps and holds, and find the range that stays comfortable."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analyzer.coaching.coaching_measures import ComfortableAngle, EventPlace, ReportedSymptom, TrafficLight
from analyzer.coaching.marks import LightThresholds, Marks, MarksError, ReportMark
from analyzer.coaching.screening import ReferralTier, most_urgent
from analyzer.coaching.stage_correction import format_stage_name, row_medians
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import Events
from analyzer.results.schema import BodySide, Hold, Rep, Stage, SymptomReport

STRONG_LEVEL = 6  # a report from here on goes to a clinician too; sources 4
_LEG = ("thigh", "below_knee")
_LEG_ANGLES = ("knee_flexion_deg", "shin_inclination_deg", "thigh_inclination_deg", "ankle_dorsiflexion_deg")
_STRETCH = "stretch"  # a pull in the leg is an ordinary part of the slump test; sources 4
_NUMB_OR_WEAK = ("numb", "weak", "gives way", "giving way", "no feeling")
_TINGLING = ("pins", "tingl")


@dataclass(frozen=True)
class ReportLimits:
    """Limits for the measurement of postures."""

    posture_margin_s: float = 0.5  # either side of a moment outside all events; chosen
    range_deg: float = 5.0  # a smaller range has no share; the smallest change of an angle, sources 5
    late_s: float = 0.5  # a report this long after the last frame belongs to the end of the clip; chosen


LIMITS = ReportLimits()


@dataclass(frozen=True)
class ReportedPosture:
    """One posture with its angles in degrees, and the highest report there; `level` is None without a report."""

    place: EventPlace
    side: BodySide | None
    angles: Mapping[str, float]
    level: int | None = None


# ---- reports ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnfitReport:
    """A report whose place is not in the clip: its index in the marks, what is wrong, and what to do."""

    index: int
    what: str
    advice: str


def find_unfit_reports(events: Events, marks: Marks, end_s: float = math.inf) -> list[UnfitReport]:
    """List the reports of a stage, rep, hold or time that the clip does not have.

    Parameters
    ----------
    events : of the clip, with the corrected stages of the marks.
    end_s : end of the clip, seconds.
    """
    problems = (_find_place_problem(events, marks, mark, end_s) for mark in marks.reports)
    return [UnfitReport(index, *problem) for index, problem in enumerate(problems) if problem is not None]


def attach_reports(events: Events, marks: Marks, end_s: float = math.inf) -> tuple[Events, list[ReportedSymptom]]:
    """Attach reports to the events of a clip. A report without a place belongs to none of them.

    Returns
    -------
    The events, with the highest report at each stage; and all reports in the order of the marks, each with its event.

    Raises
    ------
    MarksError : a report of a stage, rep, hold or time that is not in the clip.
    """
    for unfit in find_unfit_reports(events, marks, end_s):
        raise MarksError(f"marks: reports[{unfit.index}]: {unfit.what}. {unfit.advice}")
    reported: list[ReportedSymptom] = []
    by_stage: dict[int, SymptomReport] = {}
    for mark in marks.reports:
        symptom = mark.model_dump(include=set(SymptomReport.model_fields))
        light = classify_level(mark.level, marks.lights)
        report = _locate_report(events, mark)
        reported.append(ReportedSymptom.model_validate({**report, **symptom, "light": light}))
        number = reported[-1].stage_index
        if number is not None and (number not in by_stage or mark.level >= (by_stage[number].level or 0)):
            by_stage[number] = SymptomReport(**symptom)
    stages = tuple(
        stage.model_copy(update={"reported": by_stage[number]}) if number in by_stage else stage
        for number, stage in enumerate(events.stages, 1)
    )
    return replace(events, stages=stages), reported


def _find_place_problem(events: Events, marks: Marks, mark: ReportMark, end_s: float) -> tuple[str, str] | None:
    """Return what is wrong with the place of a report, and what to do; None where it fits."""
    if mark.stage is not None:
        return _find_stage_problem(events, marks, mark)
    for kind, number, known in (("rep", mark.rep, events.reps), ("hold", mark.hold, events.holds)):
        if number is not None and number not in {event.index for event in known}:
            return f"no {kind} {number} in this clip; it has {len(known)}", "Use at_s instead."
    if mark.at_s is not None and mark.at_s > end_s + LIMITS.late_s:
        return f"at {mark.at_s:g} s; the clip ends at {end_s:.1f} s", "Give a time inside the clip."
    return None


def _find_stage_problem(events: Events, marks: Marks, mark: ReportMark) -> tuple[str, str] | None:
    namesakes = [stage for stage in events.stages if _is_named_by(mark, stage)]
    if not namesakes:
        known = ", ".join(format_stage_name(stage) for stage in events.stages) or "none"
        given = {stage.name for stage in marks.stages}
        if events.stages and given.issuperset(stage.name for stage in events.stages):
            known = f"none but {known}, given under stages"
        others = [kind for kind, found in (("rep", events.reps), ("hold", events.holds)) if found]
        instead = " or ".join([*others, "at_s"])
        return (
            f"no stage {mark.stage} in this clip; there are: {known}",
            f"Use {instead}, or give the stage under stages.",
        )
    if len({stage.side for stage in namesakes}) > 1:
        return f"{mark.stage} is there for both legs", "Give its side, near or far."
    return None


def _is_named_by(mark: ReportMark, stage: Stage) -> bool:
    return stage.name == mark.stage and mark.side in (None, stage.side)


def _locate_report(events: Events, mark: ReportMark) -> dict[str, float | str | None]:
    """Return the fields of `ReportedSymptom` that say where a report that fits belongs; empty without a place."""
    if mark.rep is not None:
        return {"rep": mark.rep}
    if mark.hold is not None:
        return {"hold": mark.hold}
    for number, stage in enumerate(events.stages, 1):
        if _is_named_by(mark, stage):
            return _stage_fields(number, stage)
    if mark.at_s is None:
        return {}
    for number, stage in enumerate(events.stages, 1):
        if stage.start_s <= mark.at_s <= stage.end_s:
            return {"at_s": mark.at_s} | _stage_fields(number, stage)
    numbered: dict[str, Sequence[Rep | Hold]] = {"rep": events.reps, "hold": events.holds}
    for kind, known in numbered.items():
        inside = [event.index for event in known if event.start_s <= mark.at_s <= event.end_s]
        if inside:
            return {"at_s": mark.at_s, kind: inside[0]}
    return {"at_s": mark.at_s}


def _stage_fields(number: int, stage: Stage) -> dict[str, float | str | None]:
    return {"stage": stage.name, "side": stage.side, "stage_index": number}


def classify_level(level: int, lights: LightThresholds) -> TrafficLight:
    """Return what a reported level means for training."""
    return "go" if level <= lights.go_to else "modify" if level <= lights.modify_to else "stop"


def find_referral_tier(reports: Iterable[ReportMark]) -> ReferralTier | None:
    """Return how soon the client should speak to a clinician about what is reported; None where not needed.

    Any new leg symptom, numbness or weakness, whatever the number; pins and needles below the knee; 6 of 10 or more.
    A stretch in the leg is none of them. A symptom counts as new where the client did not answer (sources 4).
    """
    tiers: list[ReferralTier] = []
    for mark in reports:
        word = (mark.word or "").lower().replace("_", " ")
        is_new = mark.familiar is not True
        is_felt = mark.level > 0 and mark.where != "none"
        in_leg = is_felt and mark.where in _LEG and word != _STRETCH
        is_tingling = in_leg and mark.where == "below_knee" and any(stem in word for stem in _TINGLING)
        if is_new and (in_leg or any(stem in word for stem in _NUMB_OR_WEAK)):
            tiers.append("soon")
        elif is_tingling or mark.level >= STRONG_LEVEL:
            tiers.append("not_urgent")
    return most_urgent(tiers)


# ---- comfortable range -----------------------------------------------------------------------------------------


def list_postures(
    events: Events, reported: Sequence[ReportedSymptom], motion: Motion, angle: str
) -> list[ReportedPosture]:
    """List every event, and every reported moment outside all events, as a posture with the highest report there."""
    postures = []
    for number, stage in enumerate(events.stages, 1):
        place = EventPlace(stage=stage.name, side=stage.side, time_s=stage.start_s)
        level = _highest_level(report for report in reported if report.stage_index == number)
        postures.append(ReportedPosture(place, stage.side, stage.angles, level))
    for rep in events.reps:
        level = _highest_level(report for report in reported if report.rep == rep.index)
        postures.append(ReportedPosture(EventPlace(rep=rep.index, time_s=rep.bottom_s), None, rep.at_bottom, level))
    for hold in events.holds:
        level = _highest_level(report for report in reported if report.hold == hold.index)
        postures.append(ReportedPosture(EventPlace(hold=hold.index, time_s=hold.start_s), None, hold.angles, level))
    for report in reported:
        if not report.has_event and report.at_s is not None:
            near = np.abs(motion.times_s - report.at_s) <= LIMITS.posture_margin_s
            angles = row_medians([angle], motion.degrees[angle][near][None]) if motion.allows_degrees else {}
            postures.append(ReportedPosture(EventPlace(time_s=report.at_s), None, angles, report.level))
    return postures


def _highest_level(reports: Iterable[ReportedSymptom]) -> int | None:
    return max((report.level for report in reports), default=None)


def select_comfortable(postures: Sequence[ReportedPosture], marks: Marks) -> list[ReportedPosture]:
    """Select postures with a report up to the threshold, or up to the level before the clip (sources 4)."""
    highest = max(marks.threshold, marks.baseline_level or 0)
    return [posture for posture in postures if posture.level is not None and posture.level <= highest]


def find_deepest_comfortable(
    postures: Sequence[ReportedPosture], comfortable: Sequence[ReportedPosture], angle: str, tall_deg: float | None
) -> list[ComfortableAngle]:
    """Find the deepest comfortable posture by one angle.

    Parameters
    ----------
    postures : all of the clip, in order of time within each kind of event.
    comfortable : those of them that are comfortable.
    angle : name of the angle.
    tall_deg : the angle in the baseline posture, degrees, from which depth is measured; None: the first posture, if
        it is a stage. The first of several reps or holds is no tall posture.

    Returns
    -------
    One entry, or for an angle of the leg one for each leg that has a stage of its own; none where no comfortable
    posture has the angle, or it is not known from where to measure.
    """
    known = [posture for posture in postures if angle in posture.angles]
    if not known or (tall_deg is None and known[0].place.stage is None):
        return []
    start_deg = known[0].angles[angle] if tall_deg is None else tall_deg
    sides: list[BodySide | None] = []
    if angle in _LEG_ANGLES:
        sides += sorted({posture.side for posture in known if posture.side})
    deepest = []
    for side in sides or [None]:
        of_side = [posture for posture in known if side is None or posture.side in (None, side)]
        candidates = [posture for posture in comfortable if posture in of_side]
        if not candidates:
            continue
        furthest_deg = max(abs(posture.angles[angle] - start_deg) for posture in of_side)
        deep = max(candidates, key=lambda posture: abs(posture.angles[angle] - start_deg))
        away_deg = deep.angles[angle] - start_deg
        deepest.append(
            ComfortableAngle(
                side=side,
                deepest_deg=round(deep.angles[angle], 1),
                from_tall_deg=round(away_deg, 1),
                share_pct=round(100 * abs(away_deg) / furthest_deg, 1) if furthest_deg >= LIMITS.range_deg else None,
                where=deep.place,
            )
        )
    return deepest
