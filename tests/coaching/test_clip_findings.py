"""Coaching of one clip: from observations and marks to measures and findings."""

import json

import numpy as np
import pytest

from analyzer.coaching.clip_findings import coach_clip
from analyzer.coaching.language_check import find_forbidden_words
from analyzer.coaching.marks import MarksError, parse_marks
from analyzer.coaching.screening import REFERRAL_TIERS, format_referral, load_screening
from analyzer.coaching.trainable_menu import load_menu
from analyzer.movements.motion import ClipDetails
from analyzer.movements.protocol import Events
from tests.coaching.people import StubMovement, motion, rep, stage

TALL = {
    "trunk_thigh_deg": 0.0,
    "trunk_inclination_deg": -5.0,
    "knee_flexion_deg": 88.0,
    "neck_flexion_deg": 0.0,
    "back_rounding_deg": np.nan,
}
NO = {question.id: False for question in load_screening().questions}
HINGE, SLUMP = StubMovement("hinge"), StubMovement("slump", "neck_flexion_deg")
REPS = Events(reps=[rep(1, 60), rep(2, 80), rep(3, 70)])
STAGES = Events(
    stages=[
        stage("tall_sit", 0, 1, trunk_inclination_deg=-5, knee_flexion_deg=88),
        stage("slump", 1, 3, trunk_inclination_deg=15, knee_flexion_deg=88),
        stage("knee_straight", 3, 5, "near", trunk_inclination_deg=15, knee_flexion_deg=22),
    ]
)


def coach(movement=HINGE, events=REPS, observations=(), degrees=True, facts=None, **marks):
    tracked_motion = motion(degrees=degrees, **TALL)
    coaching = coach_clip(
        movement, tracked_motion, facts or ClipDetails(), events, list(observations), parse_marks(marks)
    )
    json.dumps(coaching.measures.to_json(), allow_nan=False)  # plain JSON
    for finding in coaching.findings:
        for text in (finding.text, finding.cue, finding.try_):
            assert find_forbidden_words(text or "") == []
    return coaching


def list_ids(coaching) -> list[str]:
    return [finding.id for finding in coaching.findings]


# ---- context ---------------------------------------------------------------------------------------------------


def test_task_load_tempo_and_variant_travel_with_every_result():
    reps = [rep(1, 60, descent_s=2.0), rep(2, 60, descent_s=3.0), rep(3, 60, descent_s=9.0, complete=False)]
    tracked_motion = motion(fps=30, trunk_thigh_deg=0.0)
    facts = ClipDetails("sumo", 60.0, 170.0)
    coaching = coach_clip(HINGE, tracked_motion, facts, Events(reps=reps), [], parse_marks(None))
    context = coaching.measures.to_json()["context"]
    assert (context["task"], context["variant"], context["load_kg"], context["reps"]) == ("hinge", "sumo", 60.0, 2)
    assert context["tempo"] == {"descent_s": 2.5, "pause_s": 0.0, "ascent_s": 1.0}


def test_the_task_in_the_coach_s_words_replaces_the_name():
    assert coach(context={"task": "pick up the box"}).measures.to_json()["context"]["task"] == "pick up the box"


def test_clips_with_few_frames_per_second_have_no_tempo():
    tracked_motion = motion(fps=15, trunk_thigh_deg=0.0)
    coaching = coach_clip(HINGE, tracked_motion, ClipDetails(), REPS, [], parse_marks(None))
    assert coaching.measures.to_json()["context"]["tempo"] is None


def test_context_is_stored_exactly_as_the_coach_wrote_it():
    given = {"goal": "ski", "note": {"kind": "programming"}}
    context = coach(context=given, habitual_posture="rounded", history={"sitting": "eases"}).measures.to_json()[
        "context"
    ]
    assert (context["goal"], context["habitual_posture"], context["daily"]["sitting"]) == ("ski", "rounded", "eases")
    assert context["note"] == {"kind": "programming", "text": None}
    empty = coach().measures.to_json()["context"]
    assert {empty[name] for name in ("goal", "history", "constraints", "note", "habitual_posture")} == {None}


def test_without_marks_there_is_only_the_context():
    assert set(coach().measures.to_json()) == {"context"}


def test_an_unknown_movement_has_no_findings():
    coaching = coach(None, Events(), reports=[{"at_s": 1, "level": 2, "where": "back"}], screen=NO)
    assert coaching.findings == []
    assert coaching.measures.to_json()["reported"][0]["level"] == 2
    assert coaching.measures.to_json()["context"]["task"] is None


# ---- the questions come first ----------------------------------------------------------------------------------


def test_the_slump_test_starts_with_the_screening_questions():
    coaching = coach(SLUMP, STAGES)
    assert list_ids(coaching) == ["general.ask_first"]
    assert coaching.measures.to_json()["screen"]["state"] == "unanswered"
    assert coaching.findings[-1].try_ == load_menu()["ask_first"].now.say


def test_the_questions_are_asked_before_the_test_or_before_the_next_set():
    slump = coach(SLUMP, STAGES).measures.to_json()["screen"]["intro"]
    assert slump == "Before this test, please answer each with yes or no. A yes means no test today."
    after_a_lift = coach(reports=[{"rep": 1, "level": 2, "where": "back"}]).measures.to_json()["screen"]["intro"]
    assert after_a_lift.startswith("Before the next set, please answer") and "test" not in after_a_lift


def test_a_lift_has_screening_questions_only_after_a_symptom():
    assert "screen" not in coach().measures.to_json()
    assert "screen" not in coach(reports=[{"rep": 1, "level": 0}]).measures.to_json()
    coaching = coach(reports=[{"rep": 1, "level": 1}])
    assert coaching.measures.to_json()["screen"]["state"] == "unanswered"
    assert list_ids(coaching)[-1] == "general.ask_first"


def test_the_test_continues_when_every_answer_is_no():
    coaching = coach(SLUMP, STAGES, screen=NO)
    assert coaching.measures.to_json()["screen"]["state"] == "answered"
    assert "general.ask_first" not in list_ids(coaching)


@pytest.mark.parametrize("question", load_screening().questions, ids=lambda question: question.id)
@pytest.mark.parametrize("movement", [HINGE, SLUMP, None], ids=["hinge", "slump", "unknown"])
def test_any_yes_replaces_every_finding_by_the_neutral_text(question, movement):
    coaching = coach(
        movement,
        Events(),
        reports=[{"at_s": 1, "level": 2}],
        screen={question.id: True},
        clinician="Dr Okafor",
        keep_doing="your carries",
    )
    assert list_ids(coaching) == [f"clinician.{question.tier}"]
    assert coaching.findings[0].text == format_referral(question.tier, "Dr Okafor", "your carries")
    assert ("carries" in coaching.findings[0].text) == (question.tier != "emergency")
    assert (coaching.findings[0].cue, coaching.findings[0].try_) == (None, None)


# ---- reports ---------------------------------------------------------------------------------------------------


def test_a_new_leg_symptom_stops_and_defers_whatever_the_number():
    coaching = coach(screen=NO, reports=[{"rep": 1, "level": 1, "where": "thigh", "word": "ache", "familiar": False}])
    assert list_ids(coaching) == ["clinician.soon"]


def test_levels_from_six_stop_and_defer():
    coaching = coach(screen=NO, reports=[{"rep": 1, "level": 6, "where": "back", "familiar": True}])
    assert list_ids(coaching) == ["clinician.not_urgent"]
    assert coaching.findings[0].text == "Let's leave this one for today and come back to it. " + format_referral(
        "not_urgent"
    )


def test_an_emergency_has_no_other_text():
    coaching = coach(screen={"foot_drop": True}, reports=[{"rep": 1, "level": 8, "where": "back"}])
    assert coaching.findings[0].text == format_referral("emergency")


def test_levels_four_and_five_give_an_easier_step_one_lever_after_the_other():
    reports = [{"rep": 2, "level": 5, "where": "back"}, {"rep": 1, "level": 1, "where": "back"}]
    coaching = coach(screen=NO, reports=reports)
    assert list_ids(coaching) == ["reported.comfortable", "reported.modify"]
    assert coaching.findings[0].text == (
        "You went to 75 % of today's range and it stayed comfortable: that's yours to train."
    )  # 60 of 80
    assert coaching.findings[1].try_ == load_menu()["ease_off"].easier[0].say
    again = coach(screen=NO, reports=reports, tried=["range"])
    assert again.findings[1].try_ == load_menu()["ease_off"].easier[1].say


def test_a_coach_may_stop_earlier():
    coaching = coach(screen=NO, reports=[{"rep": 1, "level": 5, "where": "back"}], lights={"go_to": 2, "modify_to": 4})
    assert list_ids(coaching) == ["reported.stop"]
    assert coaching.findings[0].try_ == load_menu()["something_else"].now.say


def test_reports_of_zero_allow_a_later_step():
    coaching = coach(reports=[{"rep": 1, "level": 0}, {"rep": 2, "level": 0}])
    assert list_ids(coaching) == ["reported.nothing", "general.keep_going"]
    assert coaching.findings[-1].try_ == load_menu()["load_on"].later[0].say


def test_a_level_between_threshold_and_modify_keeps_the_step():
    coaching = coach(screen=NO, reports=[{"rep": 2, "level": 3, "where": "back"}, {"rep": 1, "level": 0}])
    assert list_ids(coaching) == ["reported.comfortable", "general.keep_going"]
    assert coaching.findings[-1].try_ == load_menu()["load_on"].now.say


def test_a_fully_comfortable_range_has_its_own_text():
    coaching = coach(screen=NO, reports=[{"rep": 2, "level": 1, "where": "back"}])
    assert list_ids(coaching) == ["reported.all_comfortable", "general.keep_going"]


def test_the_comfortable_range_of_the_slump_test():
    coaching = coach(
        SLUMP,
        STAGES,
        screen=NO,
        reports=[
            {"stage": "slump", "level": 1, "where": "back"},
            {"stage": "knee_straight", "level": 2, "where": "thigh", "word": "stretch"},
        ],
    )
    angles = coaching.measures.to_json()["comfortable_range"]["angles"]
    assert angles["trunk_inclination_deg"][0]["from_tall_deg"] == 20
    assert angles["knee_flexion_deg"][0]["deepest_deg"] == 22
    assert [finding.text for finding in coaching.findings if finding.id == "reported.comfortable_knee"] == [
        "You straightened your knee to 22 degrees short of straight and it stayed comfortable."
    ]
    assert coaching.events.stages[2].reported.word == "stretch"


def test_without_degrees_postures_are_listed_by_name():
    coaching = coach(degrees=False, screen=NO, reports=[{"rep": 1, "level": 1}, {"rep": 2, "level": 4}])
    comfort = coaching.measures.to_json()["comfortable_range"]
    assert comfort["angles"] == {}
    assert ([p["rep"] for p in comfort["comfortable"]], [p["rep"] for p in comfort["not_comfortable"]]) == ([1], [2])
    assert list_ids(coaching) == ["reported.modify", "general.refilm"]


@pytest.mark.parametrize("degrees", [True, False])
def test_the_questions_and_a_stop_appear_in_every_view(degrees):
    assert "general.ask_first" in list_ids(coach(SLUMP, STAGES, degrees=degrees))
    stopped = coach(degrees=degrees, screen=NO, reports=[{"rep": 1, "level": 2}], lights={"go_to": 1, "modify_to": 1})
    assert "reported.stop" in list_ids(stopped)


def test_a_knee_that_stayed_bent_is_not_called_straightened():
    coaching = coach(SLUMP, STAGES, screen=NO, reports=[{"stage": "slump", "level": 1, "where": "back"}])
    assert "reported.comfortable_knee" not in list_ids(coaching)


def test_direction_needs_a_second_test():
    slumped = [{"stage": "tall_sit", "level": 0}, {"stage": "slump", "level": 4, "where": "back", "familiar": True}]
    alone = coach(SLUMP, STAGES, screen=NO, reports=slumped)
    assert "direction" not in alone.measures.to_json()
    coaching = coach(SLUMP, STAGES, screen=NO, reports=slumped, history={"standing": "eases"})
    assert coaching.measures.to_json()["direction"] == "rounding"
    assert "direction.rounding" in list_ids(coaching)
    mixed = coach(SLUMP, STAGES, screen=NO, reports=slumped, history={"standing": "brings_on"})
    assert mixed.measures.to_json()["direction"] == "none_seen"


def test_a_report_of_a_rep_that_is_not_there_is_an_error():
    with pytest.raises(MarksError, match="no rep 9"):
        coach(reports=[{"rep": 9, "level": 1}])


@pytest.mark.parametrize("level", range(11))
@pytest.mark.parametrize("where", ["back", "buttock", "thigh", "below_knee", "none", None])
@pytest.mark.parametrize("degrees", [True, False])
@pytest.mark.parametrize("movement", [HINGE, SLUMP], ids=lambda movement: movement.name)
def test_any_combination_of_reports_gives_allowed_words_and_steps(level, where, degrees, movement):
    """The language check runs inside `story`; never more than two things to try, and a stop is never a step up."""
    for familiar in (None, True, False):
        for answers in ({}, NO, {"worried": True}):
            coaching = coach(
                movement,
                REPS,
                degrees=degrees,
                screen=answers,
                reports=[{"rep": 1, "level": level, "where": where, "familiar": familiar}],
            )
            tries = [finding for finding in coaching.findings if finding.kind == "next"]
            assert 1 <= len(tries) <= 2
            if level >= 6 or answers.get("worried"):
                assert list_ids(coaching) in [[f"clinician.{tier}"] for tier in REFERRAL_TIERS]
