"""Training options: order, evidence, the one next step, and what replaces it."""

import pytest

from analyzer.coaching.language_check import find_forbidden_words
from analyzer.coaching.screening import format_referral
from analyzer.coaching.trainable_menu import load_menu
from analyzer.coaching.training_options import find_active_referral, list_training_options
from analyzer.results.schema import Finding, Hold
from tests.coaching.client_history import at, make_comfort_row, make_filmed_clip
from tests.compare.results import three_reps

NOW, LATER = load_menu()["load_on"].now, load_menu()["load_on"].later[0]
KEEP, KEEP_MORE = ("general.keep_going", "load_on.training_effect"), ("general.keep_going", "load_on.a_little_more")
WHOLE = {"trunk_thigh_deg": [make_comfort_row(60, 100)]}
PART = {"trunk_thigh_deg": [make_comfort_row(30, 50)]}
EASIER = ("reported.modify", "ease_off.shorter_range")
REFERRED = ("clinician.soon", None)


def get_only_entry(*clips):
    [entry] = list_training_options(clips)
    return entry


# ---- what there is ---------------------------------------------------------------------------------------------


def test_the_latest_clip_is_the_evidence_and_loads_are_dated():
    entry = get_only_entry(
        make_filmed_clip(1, *three_reps(), load_kg=20),
        make_filmed_clip(4),
        make_filmed_clip(8, *three_reps()[:2], load_kg=32.5),
    )
    assert (entry.movement, entry.variant, entry.title) == ("hinge", None, "Hip hinge / deadlift")
    assert (entry.analysis, entry.at, entry.load_kg, entry.reps) == ("clip-8-10", at(8), 32.5, 2)
    assert [(one.analysis, one.at, one.load_kg) for one in entry.loads] == [
        ("clip-1-10", at(1), 20), ("clip-8-10", at(8), 32.5),
    ]  # fmt: skip


def test_an_unknown_load_is_not_taken_from_an_earlier_clip():
    entry = get_only_entry(make_filmed_clip(1, load_kg=20), make_filmed_clip(8))
    assert (entry.load_kg, [one.load_kg for one in entry.loads]) == (None, [20])
    assert get_only_entry(make_filmed_clip(1, load_kg=0)).load_kg == 0


def test_a_hold_has_a_duration_and_no_reps():
    holds = [Hold(index=i, start_s=0, end_s=s, duration_s=s, in_zone_s=None) for i, s in ((1, 12.0), (2, 22.0))]
    entry = get_only_entry(make_filmed_clip(1, movement="plank", holds=holds))
    assert (entry.reps, entry.held_s) == (None, 22)
    assert get_only_entry(make_filmed_clip(1, *three_reps())).held_s is None


def test_an_incomplete_rep_is_not_counted():
    part = three_reps()[2].model_copy(update={"complete": False})
    assert get_only_entry(make_filmed_clip(1, *three_reps()[:2], part)).reps == 2


def test_variants_are_separate_and_unknown_movements_are_left_out():
    clips = [
        make_filmed_clip(1, variant="sumo"),
        make_filmed_clip(2),
        make_filmed_clip(3, variant="sumo"),
        make_filmed_clip(4, movement="unknown"),
    ]
    rows = [(entry.variant, entry.title, entry.analysis) for entry in list_training_options(clips)]
    assert rows == [("sumo", "Hip hinge / deadlift, sumo", "clip-3-10"), (None, "Hip hinge / deadlift", "clip-2-10")]


def test_a_movement_that_is_not_installed_any_more_is_listed():
    entry = get_only_entry(make_filmed_clip(1, movement="side_bend", next=("side_bend.more", "side_bend.bend")))
    assert (entry.title, entry.next) == ("Side bend", None)


# ---- what was reported -----------------------------------------------------------------------------------------


def test_without_reports_there_is_no_light_and_no_range():
    entry = get_only_entry(make_filmed_clip(1, *three_reps(), next=KEEP))
    assert (entry.light, entry.reported_at, entry.comfortable, entry.leave) == (None, None, [], None)
    assert (entry.next.say, entry.next.way) == (NOW.say, "now")


@pytest.mark.parametrize(
    ("lights", "light"), [(["go", "go"], "go"), (["go", "modify"], "modify"), (["modify", "stop", "go"], "stop")]
)
def test_the_strictest_light_of_a_clip_is_used(lights, light):
    assert get_only_entry(make_filmed_clip(1, lights=lights)).light == light


def test_the_last_report_is_used_and_dated_even_if_later_clips_have_none():
    entry = get_only_entry(
        make_filmed_clip(1, lights=["stop"]), make_filmed_clip(4, lights=["go"], comfortable=WHOLE), make_filmed_clip(8)
    )
    assert (entry.light, entry.reported_at, entry.analysis) == ("go", at(4), "clip-8-10")


def test_go_comes_first_and_stop_last():
    clips = [
        make_filmed_clip(1, movement="squat", lights=["go"]),
        make_filmed_clip(2, movement="toe_touch", lights=["modify"]),
        make_filmed_clip(3, movement="plank"),
        make_filmed_clip(4, movement="hinge", lights=["go"]),
        make_filmed_clip(5, movement="overhead", lights=["stop"]),
    ]
    assert [entry.movement for entry in list_training_options(clips)] == [
        "hinge",
        "squat",
        "plank",
        "toe_touch",
        "overhead",
    ]


# ---- the next step ---------------------------------------------------------------------------------------------


def test_a_stop_has_neutral_words_and_no_step():
    entry = get_only_entry(
        make_filmed_clip(1, lights=["stop"], next=("reported.stop", "something_else.something_that_feels_good"))
    )
    assert (entry.next, entry.leave) == (None, "Leave this one for now and come back to it.")


def test_a_stop_remains_when_a_later_clip_has_no_report():
    entry = get_only_entry(make_filmed_clip(1, lights=["stop"]), make_filmed_clip(8, next=KEEP))
    assert (entry.light, entry.next) == ("stop", None)


def test_range_comes_before_load():
    part = get_only_entry(make_filmed_clip(1, lights=["go"], comfortable=PART, next=KEEP_MORE))
    assert (part.next.say, part.next.way) == (NOW.say, "now")
    whole = get_only_entry(make_filmed_clip(1, lights=["go"], comfortable=WHOLE, next=KEEP_MORE))
    assert (whole.next.say, whole.next.way, whole.next.name) == (LATER.say, "up", LATER.name)


def test_a_later_step_that_adds_range_may_come_before_the_whole_range_is_comfortable():
    step = load_menu()["after_slump"].later[0]
    assert step.by == "range"
    clip = make_filmed_clip(1, movement="slump", lights=["go"], comfortable=PART, can=["slump.recorded"],
                  next=("general.keep_going", "after_slump.train_the_range"))  # fmt: skip
    assert (get_only_entry(clip).next.name, get_only_entry(clip).next.way) == (step.name, "up")


def test_of_later_steps_the_one_that_adds_range_is_taken(monkeypatch):
    row = load_menu()["hip_skill"]
    further = row.later[0].model_copy(update={"name": "Further", "say": "A little further.", "by": "range"})
    edited = dict(load_menu()) | {"hip_skill": row.model_copy(update={"later": (row.later[0], further)})}
    monkeypatch.setattr("analyzer.coaching.trainable_menu.load_menu", lambda: edited)
    heavier = ("general.keep_going", "hip_skill.heavier")
    assert get_only_entry(make_filmed_clip(1, lights=["go"], comfortable=PART, next=heavier)).next.name == "Further"
    assert get_only_entry(make_filmed_clip(1, lights=["go"], comfortable=WHOLE, next=heavier)).next.name == "Heavier"


def test_a_step_is_found_after_its_sentence_and_its_name_were_edited(monkeypatch):
    clip = make_filmed_clip(1, next=KEEP)
    edited_step = NOW.model_copy(update={"name": "Keep it", "say": "Keep this one. It suits you."})
    edited = dict(load_menu()) | {"load_on": load_menu()["load_on"].model_copy(update={"now": edited_step})}
    monkeypatch.setattr("analyzer.coaching.trainable_menu.load_menu", lambda: edited)
    assert clip.analysis.findings[0].try_ == NOW.say != edited_step.say
    step = get_only_entry(clip).next
    assert (step.name, step.say, step.way) == ("Keep it", "Keep this one. It suits you.", "now")


def test_a_step_is_found_whatever_the_text_of_its_finding():
    clip = make_filmed_clip(1, next=("statue.without_words_here", "load_on.training_effect"))
    assert get_only_entry(clip).next.say == NOW.say


def test_an_easier_step_stays_until_the_next_report():
    first = make_filmed_clip(1, lights=["modify"], next=EASIER)
    assert get_only_entry(first, make_filmed_clip(8, next=KEEP)).next.way == "down"
    again = get_only_entry(first, make_filmed_clip(8, lights=["go"], comfortable=WHOLE, next=KEEP_MORE))
    assert (again.next.say, again.next.way) == (LATER.say, "up")


def test_a_step_that_the_menu_does_not_have_is_left_out():
    for step_id in ("load_on.swim_to_the_island", "no_such_row.training_effect", "training_effect"):
        assert get_only_entry(make_filmed_clip(1, next=("general.keep_going", step_id))).next is None
    assert get_only_entry(make_filmed_clip(1, next=("general.keep_going", None))).next is None
    assert get_only_entry(make_filmed_clip(1, can=["hinge.reps"])).next is None


# ---- a clinician first -----------------------------------------------------------------------------------------


def test_a_referral_holds_back_every_step_of_every_movement():
    clips = [
        make_filmed_clip(1, movement="squat", next=KEEP),
        make_filmed_clip(8, lights=["go"], screen=("answered", "soon"), next=REFERRED),
    ]
    assert find_active_referral(clips) == "Said of clinician.soon."
    assert [entry.next for entry in list_training_options(clips)] == [None, None]


def test_a_yes_is_active_until_all_answers_are_no():
    yes = make_filmed_clip(1, movement="slump", screen=("answered", "emergency"), next=("clinician.emergency", None))
    not_asked = make_filmed_clip(2, next=KEEP)
    open_questions = make_filmed_clip(3, movement="slump", lights=["go"], screen=("unanswered", None))
    assert find_active_referral([yes, not_asked, open_questions]) == "Said of clinician.emergency."
    no = make_filmed_clip(4, movement="slump", screen=("answered", None))
    assert find_active_referral([yes, not_asked, open_questions, no]) is None
    assert [one.next.say for one in list_training_options([yes, not_asked, no]) if one.movement == "hinge"] == [NOW.say]


def test_a_report_that_refers_is_active_until_the_next_report_of_that_movement():
    strong = make_filmed_clip(1, lights=["stop"], screen=("unanswered", None), next=("clinician.not_urgent", None))
    assert (
        find_active_referral([strong, make_filmed_clip(2), make_filmed_clip(3, movement="squat", lights=["go"])])
        is not None
    )
    assert find_active_referral([strong, make_filmed_clip(4, lights=["go"])]) is None


def test_the_most_urgent_referral_is_returned_also_of_an_unknown_movement():
    clips = [make_filmed_clip(1, movement="unknown", screen=("answered", "soon"), next=REFERRED),
             make_filmed_clip(2, lights=["stop"], next=("clinician.not_urgent", None))]  # fmt: skip
    assert find_active_referral(clips) == "Said of clinician.soon."


def test_a_clinician_comes_first_also_where_the_movement_is_a_stop():
    [entry] = list_training_options([make_filmed_clip(1, lights=["stop"], screen=("answered", "soon"), next=REFERRED)])
    assert (entry.next, entry.light) == (None, "stop")


# ---- words -----------------------------------------------------------------------------------------------------


def test_every_text_passes_the_language_check():
    referral = format_referral("not_urgent")
    refers = make_filmed_clip(9, movement="squat")
    refers.analysis.findings.append(Finding(id="clinician.not_urgent", kind="next", text=referral))
    clips = [
        make_filmed_clip(1, lights=["stop"]),
        make_filmed_clip(2, lights=["modify"], variant="sumo", next=EASIER),
        refers,
    ]
    entries = list_training_options(clips[:2])
    texts = [entry.title for entry in entries] + [entry.leave for entry in entries if entry.leave]
    texts += [text for entry in entries if entry.next for text in (entry.next.name, entry.next.say)]
    assert len(texts) == 5
    assert find_active_referral(clips) == referral
    assert [(text, str(hit)) for text in [*texts, referral] for hit in find_forbidden_words(text)] == []
