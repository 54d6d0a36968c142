"""What the client reports, put to the reps, holds and stages it belongs to, and the range that stays comfortable."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from analyzer.coaching.marks import LightThresholds, Marks, MarksError, ReportMark
from analyzer.coaching.screening import ReferralTier, most_urgent
from analyzer.coaching.stage_correction import format_stage_name, row_medians
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import Events
from analyzer.results.schema import Hold, Rep, Stage, SymptomReport

TrafficLight = Literal["go", "modify", "stop"]
Event = Rep | Hold | Stage

STRONG_LEVEL = 6  # a report from here on goes to a clinician too; sources 4
_LEG = ("thigh", "below_knee")
_LEG_ANGLES = ("knee_flexion_deg", "shin_inclination_deg", "thigh_inclination_deg", "ankle_dorsiflexion_deg")
_STRETCH = "stretch"  # a pull in the leg is an ordinary part of the slump test; sources 4
_NUMB_OR_WEAK = ("numb", "weak", "gives way", "giving way", "no feeling")
_TINGLING = ("pins", "tingl")


@dataclass(frozen=True)
class ReportLimits:
    """How postures are measured."""

    posture_margin_s: float = 0.5  # either side of a moment that is in no event; chosen
    range_deg: float = 5.0  # a smaller range has no share; the least change of an angle, sources 5


LIMITS = ReportLimits()


@dataclass(frozen=True)
class ReportedPosture:
    """One posture with its angles, and what was reported there; `level` None where nothing was."""

    place: Mapping[str, Any]
    side: str | None
    angles: Mapping[str, float]
    level: int | None = None


# ---- reports ---------------------------------------------------------------------------------------------------


def attach_reports(events: Events, marks: Marks) -> tuple[Events, list[dict[str, Any]]]:
    """The stages with their reports, and every report with the event it belongs to, as JSON values.

    Raises MarksError for a report of a stage, rep or hold that is not in the clip.
    """
    listed, by_stage = [], dict[int, SymptomReport]()
    for index, mark in enumerate(marks.reports):
        place = _locate_report(events, mark, f"reports[{index}]")
        said = {key: value for key, value in mark.model_dump(mode="json").items() if key in SymptomReport.model_fields}
        listed.append({**place, **said, "light": classify_level(mark.level, marks.lights)})
        if "stage" in place:
            number = place["stage_index"]
            if number not in by_stage or mark.level >= (by_stage[number].level or 0):
                by_stage[number] = SymptomReport(**said)
    stages = tuple(
        stage.model_copy(update={"reported": by_stage[number]}) if number in by_stage else stage
        for number, stage in enumerate(events.stages, 1)
    )
    return replace(events, stages=stages), listed


def _locate_report(events: Events, mark: ReportMark, name: str) -> dict[str, Any]:
    if mark.stage is not None:
        return _named_stage(events, mark, name)
    numbered: dict[str, tuple[int | None, Sequence[Rep | Hold]]] = {
        "rep": (mark.rep, events.reps),
        "hold": (mark.hold, events.holds),
    }
    for kind, (number, found) in numbered.items():
        if number is None:
            continue
        if number not in {one.index for one in found}:
            raise MarksError(f"marks: {name}: no {kind} {number} in this clip; it has {len(found)}. Use at_s instead.")
        return {kind: number}
    assert mark.at_s is not None  # ReportMark has seen to it
    for number, stage in enumerate(events.stages, 1):
        if stage.start_s <= mark.at_s <= stage.end_s:
            return {"at_s": mark.at_s} | _stage_place(number, stage)
    for kind, (_, found) in numbered.items():
        inside = [one.index for one in found if one.start_s <= mark.at_s <= one.end_s]
        if inside:
            return {"at_s": mark.at_s, kind: inside[0]}
    return {"at_s": mark.at_s}


def _named_stage(events: Events, mark: ReportMark, name: str) -> dict[str, Any]:
    same = [
        (number, stage)
        for number, stage in enumerate(events.stages, 1)
        if stage.name == mark.stage and mark.side in (None, stage.side)
    ]
    if not same:
        there = ", ".join(format_stage_name(stage) for stage in events.stages) or "none"
        raise MarksError(
            f"marks: {name}: no stage {mark.stage} in this clip; there are: {there}. Give it under stages."
        )
    if len({stage.side for _, stage in same}) > 1:
        raise MarksError(f"marks: {name}: {mark.stage} is there for both legs. Give its side, near or far.")
    return _stage_place(*same[0])


def _stage_place(number: int, stage: Stage) -> dict[str, Any]:
    return {"stage": stage.name, "side": stage.side, "stage_index": number}


def classify_level(level: int, lights: LightThresholds) -> TrafficLight:
    """Go, modify or stop."""
    return "go" if level <= lights.go_to else "modify" if level <= lights.modify_to else "stop"


def find_referral_tier(reports: Iterable[ReportMark]) -> ReferralTier | None:
    """How soon a clinician is to be spoken to about what is reported; None when it is not asked for.

    Any new leg symptom, numbness or weakness, whatever the number; pins and needles below the knee; 6 of 10 or more.
    A stretch in the leg is none; whether it is familiar counts as new where nobody asked (sources 4).
    """
    tiers: list[ReferralTier] = []
    for mark in reports:
        word = (mark.word or "").lower().replace("_", " ")
        new = mark.familiar is not True
        felt = mark.level > 0 and mark.where != "none"
        in_leg = felt and mark.where in _LEG and word != _STRETCH
        tingling = in_leg and mark.where == "below_knee" and any(stem in word for stem in _TINGLING)
        if new and (in_leg or any(stem in word for stem in _NUMB_OR_WEAK)):
            tiers.append("soon")
        elif tingling or mark.level >= STRONG_LEVEL:
            tiers.append("not_urgent")
    return most_urgent(tiers)


# ---- comfortable range -----------------------------------------------------------------------------------------


def list_postures(
    events: Events, reported: Sequence[Mapping[str, Any]], motion: Motion, angle: str
) -> list[ReportedPosture]:
    """Every event, and every reported moment outside of them, as a posture with the highest report there."""
    found = []
    for number, stage in enumerate(events.stages, 1):
        place = {"stage": stage.name, "side": stage.side, "time_s": stage.start_s}
        found.append(ReportedPosture(place, stage.side, stage.angles, _level(reported, "stage_index", number)))
    for rep in events.reps:
        place = {"rep": rep.index, "time_s": rep.bottom_s}
        found.append(ReportedPosture(place, None, rep.at_bottom, _level(reported, "rep", rep.index)))
    for hold in events.holds:
        place = {"hold": hold.index, "time_s": hold.start_s}
        found.append(ReportedPosture(place, None, hold.angles, _level(reported, "hold", hold.index)))
    for report in reported:
        if not {"stage", "rep", "hold"} & set(report):
            near = np.abs(motion.times_s - report["at_s"]) <= LIMITS.posture_margin_s
            angles = row_medians([angle], motion.angles[angle][near][None]) if motion.allows_degrees else {}
            found.append(ReportedPosture({"time_s": report["at_s"]}, None, angles, report["level"]))
    return found


def _level(reported: Iterable[Mapping[str, Any]], key: str, value: int) -> int | None:
    return max((report["level"] for report in reported if report.get(key) == value), default=None)


def select_comfortable(found: Sequence[ReportedPosture], marks: Marks) -> list[ReportedPosture]:
    """Those with a report that is not above the threshold, or not above what was there before (sources 4)."""
    most = max(marks.threshold, marks.baseline_level or 0)
    return [posture for posture in found if posture.level is not None and posture.level <= most]


def find_deepest_comfortable(
    found: Sequence[ReportedPosture], fine: Sequence[ReportedPosture], angle: str, tall_deg: float | None
) -> list[dict[str, Any]]:
    """The deepest comfortable posture by one angle: furthest from the own tall posture, or from the first one known.

    Returns
    -------
    One dict, or for an angle of the leg one for each side that has a stage of its own: `side`, `deepest_deg`,
    `from_tall_deg`, `share_pct` of the furthest that was reached in this clip (None where that is under 5 degrees),
    `where`. Empty where nothing comfortable has the angle.
    """
    known = [posture for posture in found if angle in posture.angles]
    if not known:
        return []
    start = known[0].angles[angle] if tall_deg is None else tall_deg
    told = []
    sides: list[str | None] = []
    if angle in _LEG_ANGLES:
        sides += sorted({posture.side for posture in known if posture.side})
    for side in sides or [None]:
        mine = [p for p in known if side is None or p.side in (None, side)]
        deep = max((p for p in fine if p in mine), key=lambda p: abs(p.angles[angle] - start), default=None)
        if deep is None:
            continue
        reached = max(abs(p.angles[angle] - start) for p in mine)
        away = deep.angles[angle] - start
        told.append(
            {
                "side": side,
                "deepest_deg": round(deep.angles[angle], 1),
                "from_tall_deg": round(away, 1),
                "share_pct": round(100 * abs(away) / reached, 1) if reached >= LIMITS.range_deg else None,
                "where": dict(deep.place),
            }
        )
    return told
