"""Symptom reports at their events, and the range that stays comfortable."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.coaching.marks import LightThresholds, MarksError, ReportMark, parse_marks
from analyzer.coaching.symptom_reports import (
    attach_reports,
    classify_level,
    find_deepest_comfortable,
    find_referral_tier,
    list_postures,
    select_comfortable,
)
from analyzer.movements.protocol import Events
from tests.coaching.people import hold, motion, rep, stage

KNEE = "knee_flexion_deg"
SLUMP = Events(
    stages=(
        stage("tall", 0, 2, **{KNEE: 90}),
        stage("slump", 2, 4, **{KNEE: 88}),
        stage("knee", 4, 6, "near", **{KNEE: 25}),
        stage("toes", 6, 8, "near", **{KNEE: 15}),
        stage("knee", 8, 10, "far", **{KNEE: 40}),
    )
)


def make_reports(*given, **marks):
    return parse_marks({"reports": list(given), **marks})


# ---- reports ---------------------------------------------------------------------------------------------------


def test_a_report_goes_to_its_stage_by_name_and_by_time():
    events, reported = attach_reports(
        SLUMP, make_reports({"stage": "slump", "level": 1, "where": "back"}, {"at_s": 7, "level": 5})
    )
    assert [one.reported and one.reported.level for one in events.stages] == [None, 1, None, 5, None]
    assert events.stages[1].reported.where == "back"
    assert [(one.stage, one.side, one.light) for one in reported] == [
        ("slump", None, "go"),
        ("toes", "near", "modify"),
    ]


def test_a_stage_has_the_higher_of_two_reports_and_the_list_has_both():
    for levels in ([4, 1], [1, 4]):
        events, reported = attach_reports(
            SLUMP, make_reports(*({"stage": "slump", "level": level} for level in levels))
        )
        assert events.stages[1].reported.level == 4
        assert [one.level for one in reported] == levels


def test_a_stage_of_both_legs_needs_its_side():
    with pytest.raises(MarksError, match=r"marks: reports\[0\]: knee is there for both legs"):
        attach_reports(SLUMP, make_reports({"stage": "knee", "level": 1}))
    events, _ = attach_reports(SLUMP, make_reports({"stage": "knee", "side": "far", "level": 1}))
    assert [one.reported is not None for one in events.stages] == [False] * 4 + [True]


def test_an_unknown_stage_is_an_error_that_lists_the_known_ones():
    with pytest.raises(
        MarksError, match=r"no stage chin in this clip; there are: tall, slump, knee \(near\), toes \(near\)"
    ):
        attach_reports(SLUMP, make_reports({"stage": "chin", "level": 1}))


def test_stages_of_the_marks_alone_are_not_listed_as_those_of_the_clip():
    """A hinge has no stages: the one that the same file gives is no proof that there are others."""
    given = {"name": "slump", "start_s": 1, "end_s": 2}
    events = Events(reps=[rep(1, 80)], stages=[stage("slump", 1, 2)])
    with pytest.raises(
        MarksError,
        match=r"no stage tall_sit in this clip; there are: none but slump, given under stages\. Use rep or at_s",
    ):
        attach_reports(events, make_reports({"stage": "tall_sit", "level": 1}, stages=[given]))


def test_reports_of_reps_holds_and_moments():
    events = Events(reps=[rep(1, 80), rep(2, 85)], holds=[hold(1, 5, 7, {})])
    _, reported = attach_reports(
        events,
        make_reports({"rep": 2, "level": 1}, {"hold": 1, "level": 2}, {"at_s": 1, "level": 3}, {"at_s": 9, "level": 0}),
    )
    keys = ("rep", "hold", "at_s", "level")
    as_json = [one.model_dump() for one in reported]
    assert [{key: one[key] for key in keys if key in one} for one in as_json] == [
        {"rep": 2, "level": 1},
        {"hold": 1, "level": 2},
        {"rep": 1, "at_s": 1, "level": 3},
        {"at_s": 9, "level": 0},
    ]
    with pytest.raises(MarksError, match=r"no rep 3 in this clip; it has 2"):
        attach_reports(events, make_reports({"rep": 3, "level": 1}))
    with pytest.raises(MarksError, match=r"no hold 2 in this clip; it has 1"):
        attach_reports(events, make_reports({"hold": 2, "level": 1}))


@pytest.mark.parametrize(
    ("level", "colour"), [(0, "go"), (3, "go"), (4, "modify"), (5, "modify"), (6, "stop"), (10, "stop")]
)
def test_traffic_lights_follow_the_sources(level, colour):
    assert classify_level(level, LightThresholds()) == colour


def test_a_coach_may_move_the_lights():
    assert [classify_level(level, LightThresholds(go_to=1, modify_to=2)) for level in (1, 2, 3)] == [
        "go",
        "modify",
        "stop",
    ]


@pytest.mark.parametrize(
    ("report", "tier"),
    [
        ({"level": 1, "where": "thigh", "word": "stretch"}, None),
        ({"level": 3, "where": "below_knee", "word": "Stretch", "familiar": False}, None),
        ({"level": 1, "where": "thigh", "word": "ache", "familiar": False}, "soon"),
        ({"level": 1, "where": "below_knee", "word": "ache"}, "soon"),  # no answer whether it is new
        ({"level": 1, "where": "thigh", "word": "ache", "familiar": True}, None),
        ({"level": 0, "where": "thigh", "familiar": False}, None),
        ({"level": 2, "where": "back", "word": "ache", "familiar": False}, None),
        ({"level": 0, "where": "back", "word": "a bit numb"}, "soon"),
        ({"level": 2, "where": "buttock", "word": "leg feels weak", "familiar": False}, "soon"),
        ({"level": 2, "where": "below_knee", "word": "pins_and_needles", "familiar": True}, "not_urgent"),
        ({"level": 2, "where": "thigh", "word": "pins_and_needles", "familiar": True}, None),
        ({"level": 5, "where": "back", "familiar": True}, None),
        ({"level": 6, "where": "back", "familiar": True}, "not_urgent"),
        ({"level": 9, "where": "below_knee", "word": "sharp", "familiar": False}, "soon"),
    ],
)
def test_reports_that_need_a_clinician(report, tier):
    assert find_referral_tier([ReportMark(at_s=1, **report)]) == tier


def test_the_most_urgent_report_is_used():
    mild = ReportMark(at_s=1, level=7, where="back", familiar=True)
    assert find_referral_tier([mild, ReportMark(at_s=2, level=1, where="thigh", familiar=False)]) == "soon"
    assert find_referral_tier([]) is None


# ---- comfortable range -----------------------------------------------------------------------------------------


def find_comfort(events: Events, marks, angle: str, tall_deg: float | None, tracked_motion=None):
    events, reported = attach_reports(events, marks)
    postures = list_postures(events, reported, tracked_motion or motion(**{angle: 0.0}), angle)
    return find_deepest_comfortable(postures, select_comfortable(postures, marks), angle, tall_deg)


def test_the_deepest_posture_with_a_comfortable_report():
    """Knee 90 tall; 25 comfortable, 15 not: comfortable to 25, which is 65 of the 75 degrees reached."""
    marks = make_reports({"stage": "knee", "side": "near", "level": 2}, {"stage": "toes", "level": 4})
    (near,) = find_comfort(SLUMP, marks, KNEE, 90.0)
    assert (near.side, near.deepest_deg, near.from_tall_deg, near.share_pct) == ("near", 25, -65, 86.7)
    assert near.where.model_dump() == {"stage": "knee", "side": "near", "time_s": 4.0}


def test_without_a_tall_angle_the_bottom_of_a_rep_is_no_place_to_measure_from():
    """Bottoms at 90, 95 and 110: depth from the first would be 5 and 20 degrees, a quarter of what was reached."""
    events = Events(reps=[rep(1, 90.0), rep(2, 95.0), rep(3, 110.0)])
    marks = make_reports({"rep": 1, "level": 2}, {"rep": 2, "level": 2}, {"rep": 3, "level": 6})
    assert find_comfort(events, marks, "trunk_thigh_deg", None) == []
    (from_tall,) = find_comfort(events, marks, "trunk_thigh_deg", 2.0)
    assert (from_tall.deepest_deg, from_tall.from_tall_deg, from_tall.share_pct) == (95, 93, 86.1)


def test_each_leg_has_its_own_deepest_posture():
    marks = make_reports(*({"stage": "knee", "side": side, "level": 1} for side in ("near", "far")))
    assert [(one.side, one.deepest_deg) for one in find_comfort(SLUMP, marks, KNEE, 90.0)] == [
        ("far", 40),
        ("near", 25),
    ]


def test_no_increase_from_before_is_comfortable_too():
    marks = make_reports({"stage": "toes", "level": 4}, baseline_level=4)
    assert find_comfort(SLUMP, marks, KNEE, 90.0)[0].deepest_deg == 15
    assert find_comfort(SLUMP, make_reports({"stage": "toes", "level": 4}, baseline_level=3), KNEE, 90.0) == []


def test_the_client_may_set_the_threshold():
    assert (
        find_comfort(SLUMP, make_reports({"stage": "toes", "level": 4}, threshold=4), KNEE, 90.0)[0].deepest_deg == 15
    )


def test_a_posture_without_a_report_is_not_comfortable():
    assert find_comfort(SLUMP, parse_marks(None), KNEE, 90.0) == []


def test_reps_by_their_bottom_and_moments_by_the_angle_there():
    angle = "trunk_thigh_deg"
    tracked_motion = motion(trunk_thigh_deg=np.repeat([0.0, 40.0, 70.0, 0.0, 60.0], 20))
    events = Events(reps=[rep(1, 70), rep(2, 80)])
    marks = make_reports({"rep": 1, "level": 0}, {"rep": 2, "level": 6}, {"at_s": 9, "level": 1})
    (deepest,) = find_comfort(events, marks, angle, 0.0, tracked_motion)
    assert (deepest.deepest_deg, deepest.share_pct, deepest.where.model_dump()) == (70, 87.5, {"rep": 1, "time_s": 1.0})


def test_backward_range_is_measured_like_forward_range():
    events = Events(holds=[hold(1, 0, 1, {"trunk_inclination_deg": 2}), hold(2, 2, 3, {"trunk_inclination_deg": -22})])
    (deepest,) = find_comfort(events, make_reports({"hold": 2, "level": 1}), "trunk_inclination_deg", 2.0)
    assert (deepest.deepest_deg, deepest.from_tall_deg, deepest.share_pct) == (-22, -24, 100)


def test_a_very_small_range_has_no_share():
    (deepest,) = find_comfort(Events(reps=[rep(1, 3)]), make_reports({"rep": 1, "level": 0}), "trunk_thigh_deg", 0.0)
    assert deepest.share_pct is None


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(1, 120), st.integers(0, 10)), min_size=1, max_size=8), st.floats(-50, 50))
def test_shares_do_not_depend_on_a_common_shift_of_the_angles(postures, shift):
    def deepest_shifted_by(by: float):
        events = Events(reps=[rep(index, deg + by) for index, (deg, _) in enumerate(postures, 1)])
        marks = make_reports(*({"rep": index, "level": level} for index, (_, level) in enumerate(postures, 1)))
        return find_comfort(events, marks, "trunk_thigh_deg", by)

    before, after = deepest_shifted_by(0.0), deepest_shifted_by(shift)
    assert len(before) == len(after) == (1 if any(level <= 2 for _, level in postures) else 0)
    for one, two in zip(before, after, strict=True):
        assert one.share_pct == pytest.approx(two.share_pct, abs=0.11)
        assert one.share_pct is None or 0 <= one.share_pct <= 100
