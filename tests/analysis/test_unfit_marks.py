"""Marks that do not fit the clip: set aside with a warning, where nobody waits who could correct them."""

from analyzer.analysis.events import find_events
from analyzer.analysis.findings import find_findings
from analyzer.analysis.recognition import AnalysisContext, build_context
from analyzer.analysis.unfit_marks import set_aside_unfit_reports, set_aside_unfit_stages
from analyzer.movements.motion import Motion
from analyzer.movements.protocol import Events
from analyzer.movements.registry import RecognisedMovement
from analyzer.request import AnalysisRequest
from tests.coaching.people import StubMovement, motion, rep, stage


class Seated(StubMovement):
    """Two stages of the slump test; it refuses to measure a stage that is none of them."""

    def find_events(self, motion, details):
        return Events(stages=[stage("tall_sit", 0, 2), stage("slump", 2, 9)])

    def correct_stages(self, motion, placements):
        if any(placement.name == "dance" for placement in placements):
            raise ValueError("dance: not a stage")
        return [stage(placement.name, placement.start_s, placement.end_s) for placement in placements]


def make_context(**marks) -> tuple[AnalysisContext, Motion]:
    recognised = RecognisedMovement(Seated("slump", "neck_flexion_deg"), 1.0)
    angles = ("neck_flexion_deg", "trunk_inclination_deg", "back_rounding_deg", "knee_flexion_deg")
    return build_context(recognised, AnalysisRequest(movement="slump", marks=marks)), motion(**dict.fromkeys(angles, 0))


def test_a_report_of_what_the_clip_does_not_have_counts_without_its_place():
    reports = [{"rep": 7, "level": 1}, {"hold": 2, "level": 2}, {"at_s": 100, "level": 4}, {"stage": "x", "level": 3}]
    context, tracked_motion = make_context(reports=[*reports, {"rep": 2, "level": 5}])
    events = Events(reps=[rep(1, 80), rep(2, 85)])
    context = set_aside_unfit_reports(context, events, 9.9)
    assert context.warnings == [
        "a report of level 1 counts without its place: no rep 7 in this clip; it has 2",
        "a report of level 2 counts without its place: no hold 2 in this clip; it has 0",
        "a report of level 4 counts without its place: at 100 s; the clip ends at 9.9 s",
        "a report of level 3 counts without its place: no stage x in this clip; there are: none",
    ]
    reported = find_findings(context, tracked_motion, events, {}, []).measures.reported
    assert [(one.rep, one.hold, one.at_s, one.stage, one.level, one.light) for one in reported] == [
        (None, None, None, None, 1, "go"),
        (None, None, None, None, 2, "go"),
        (None, None, None, None, 4, "modify"),
        (None, None, None, None, 3, "go"),
        (2, None, None, None, 5, "modify"),
    ]


def test_a_report_without_a_place_still_leads_to_a_referral_and_is_in_no_comfortable_range():
    context, tracked_motion = make_context(reports=[{"rep": 7, "level": 7, "where": "back"}])
    context = set_aside_unfit_reports(context, Events(reps=[rep(1, 80)]), 9.9)
    coaching = find_findings(context, tracked_motion, Events(reps=[rep(1, 80)]), {}, [])
    assert [finding.id for finding in coaching.findings] == ["clinician.not_urgent"]
    comfortable = coaching.measures.comfortable_range
    assert comfortable is not None and (comfortable.comfortable, comfortable.not_comfortable) == ([], [])


def test_only_the_corrected_stages_that_the_clip_cannot_have_are_set_aside():
    stages = [
        {"name": "slump", "start_s": 3, "end_s": 7},
        {"name": "dance", "start_s": 8, "end_s": 9},
        {"name": "return", "start_s": 99, "end_s": 100},
    ]
    context, tracked_motion = make_context(stages=stages)
    context = set_aside_unfit_stages(context, tracked_motion)
    assert context.warnings == [
        "the corrected stage dance is not used: dance: not a stage. See docs/marks.md.",
        "the corrected stage return is not used: return starts at 99 s, the clip ends at 9.9 s.",
    ]
    events = find_events(context, tracked_motion)
    assert [(one.name, one.start_s, one.end_s) for one in events.stages] == [("tall_sit", 0, 2), ("slump", 3, 7)]


def test_marks_that_fit_are_used_without_a_warning():
    context, tracked_motion = make_context(
        reports=[{"stage": "slump", "level": 1}], stages=[{"name": "slump", "start_s": 3, "end_s": 7}]
    )
    after = set_aside_unfit_stages(context, tracked_motion)
    after = set_aside_unfit_reports(after, find_events(after, tracked_motion), 9.9)
    assert (after.marks, list(after.warnings)) == (context.marks, [])
