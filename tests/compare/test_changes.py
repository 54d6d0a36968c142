import pytest

from analyzer.coaching.language_check import find_forbidden_words
from analyzer.compare.changes import compare_sides
from analyzer.compare.side import CompareError
from analyzer.movements.protocol import ComparableMeasure
from tests.compare.results import KNOWN_MOVEMENTS, rep, result, side, three_reps


def compare_results(a, b, **more):
    return compare_sides([side(a), side(b)], **more)


def list_rows(pair):
    return {row.key.partition(".")[2]: row for row in pair.rows}


def list_texts(pair):
    return [sentence.text for sentence in pair.sentences]


def test_only_a_difference_beyond_the_minimal_detectable_change_is_clear():
    # Re-filmed, spread 1 (floor 2), 3 v 3: trunk 6.1, knee and trunk-thigh 8.
    pair = compare_results(result(*three_reps()), result(*three_reps(trunk=70, fold=97), name="b.mp4")).pairs[0]
    assert list_rows(pair)["trunk_deg"].clear and list_rows(pair)["trunk_deg"].change == 10
    assert not list_rows(pair)["fold_deg"].clear and list_rows(pair)["fold_deg"].threshold == 8
    assert list_texts(pair) == ["In B your trunk leans 10 degrees further."]
    assert pair.rows[0].key == "hinge.trunk_deg"  # what changed comes first


def test_smaller_differences_are_described_as_consistent():
    pair = compare_results(result(*three_reps()), result(*three_reps(trunk=64), name="b.mp4")).pairs[0]
    assert list_texts(pair) == ["About the same in A and B: consistent."]
    assert [row.clear for row in pair.rows] == [False] * 4


def test_threshold_depends_on_the_setting():
    a, b = result(*three_reps()), result(*three_reps(trunk=67), name="b.mp4")
    is_clear = {
        setting: list_rows(compare_results(a, b, setting=setting).pairs[0])["trunk_deg"].clear
        for setting in ("same_clip", "refilmed", "other_day")
    }
    assert is_clear == {"same_clip": True, "refilmed": True, "other_day": False}
    assert compare_results(a, b).setting == "refilmed"


def test_set_ups_in_one_clip_are_compared_as_the_same_clip():
    clip = result(*(rep(i, trunk=60 if i < 4 else 65) for i in range(1, 7)), measures={"whole_s": 9.0})
    comparison = compare_sides([side(clip, (1, 3)), side(clip, (4, 6))])
    assert comparison.setting == "same_clip"
    assert [facts.reps for facts in comparison.sides] == [[1, 2, 3], [4, 5, 6]]
    assert list_rows(comparison.pairs[0])["trunk_deg"].clear  # 5, beyond 4
    assert "whole_s" not in list_rows(comparison.pairs[0])  # of the whole clip: the same in both


def test_three_set_ups_are_each_compared_with_the_first():
    clip = result(*(rep(i, trunk=60 + 10 * ((i - 1) // 2)) for i in range(1, 7)))
    comparison = compare_sides([side(clip, part) for part in ((1, 2), (3, 4), (5, 6))])
    assert [(pair.before, pair.after, list_rows(pair)["trunk_deg"].change) for pair in comparison.pairs] == [
        ("A", "B", 10),
        ("A", "C", 20),
    ]


def test_add_load_and_you_sit_deeper():
    unloaded = result(*three_reps(fold=95), movement="squat", variant="bodyweight")
    loaded = result(*three_reps(fold=107), movement="squat", variant="goblet", load_kg=16, name="b.mp4")
    for order in ((unloaded, loaded), (loaded, unloaded)):
        pair = compare_results(*order).pairs[0]
        assert pair.story == "load"
        assert list_texts(pair)[0] == "Add load and you sit 12 degrees deeper: you own this squat."
        assert pair.sentences[0].cue == "Elbows between knees."
        assert pair.rows[0].better
        assert pair.notes[0].text == f"{pair.before} is without load and {pair.after} with 16 kg."


def test_deeper_with_load_is_not_claimed_without_a_clear_change():
    unloaded = result(*three_reps(fold=95), movement="squat", load_kg=0)
    for fold in (99, 80):
        loaded = result(*three_reps(fold=fold), movement="squat", load_kg=16, name="b.mp4")
        pair = compare_results(unloaded, loaded).pairs[0]
        assert not any(row.better for row in pair.rows)
        assert not any("deeper" in text for text in list_texts(pair))


@pytest.mark.parametrize(
    ("before_deg", "after_deg", "better", "text"),
    [
        (38, 12, True, "In B your back rounds 26 degrees less."),
        (38, -15, True, "In A your back rounds by 38 degrees, in B it arches by 15 degrees."),
        (38, -30, False, "In A your back rounds by 38 degrees, in B it arches by 30 degrees."),
        (10, -35, False, "In A your back rounds by 10 degrees, in B it arches by 35 degrees."),
        (-35, 1, True, "In A your back arches by 35 degrees, in B it rounds by 1 degree."),
        (-35, 0.4, True, "In A your back arches by 35 degrees, in B it keeps its shape."),
        (38, -0.4, True, "In B your back rounds 38 degrees less."),
    ],
)
def test_a_back_is_better_where_it_changes_less_either_way(before_deg, after_deg, better, text):
    before, after = (
        result(*(rep(i, rounding=deg) for i in (1, 2, 3)), name=f"{deg}.mp4") for deg in (before_deg, after_deg)
    )
    pair = compare_results(before, after).pairs[0]
    back = list_rows(pair)["rounding_deg"]
    assert (back.clear, back.better) == (True, better)
    assert list_texts(pair) == [text]


def test_an_unknown_load_is_not_called_no_load():
    pair = compare_results(result(*three_reps()), result(*three_reps(), load_kg=60, name="b.mp4")).pairs[0]
    assert pair.story == "plain"


def test_sumo_against_conventional_is_by_the_trunk_alone():
    sumo = result(*three_reps(trunk=51, fold=70, knee=50), variant="sumo")
    conventional = result(*three_reps(), variant="conventional", name="b.mp4")
    pair = compare_results(sumo, conventional).pairs[0]
    assert (pair.story, pair.before, pair.after) == ("stance", "B", "A")
    assert set(list_rows(pair)) == {"trunk_deg"}
    assert list_texts(pair) == ["A wider stance lets you stand taller by 9 degrees. Want to train that one?"]
    assert "Knees at the bottom" in pair.left_out and "Fold" in pair.left_out
    assert "knee and trunk-thigh angles read smaller" in pair.notes[0].text
    both = compare_results(sumo, result(*three_reps(), variant="sumo", name="b.mp4")).pairs[0]
    assert "knee_deg" in list_rows(both)  # like with like


def test_opposite_sides_are_described_without_alarm():
    pair = compare_results(result(*three_reps()), result(*three_reps(knee=30), facing="left", name="b.mp4")).pairs[0]
    assert list_texts(pair) == ["Knees at the bottom: 10 degrees between your two sides."]
    assert not any(row.better for row in pair.rows)
    assert "that is fine" in pair.notes[0].text


def test_what_has_no_left_and_right_is_not_a_difference_between_sides():
    right, left = result(*three_reps()), result(*three_reps(trunk=70, ascent_s=1.5), facing="left", name="b.mp4")
    pair = compare_results(right, left).pairs[0]
    assert pair.story == "sides"
    assert list_texts(pair) == ["Way up: 0.5 s longer in B.", "In B your trunk leans 10 degrees further."]
    times_alone = result(*three_reps(), facing="left", grade="refused", name="b.mp4")
    assert list_texts(compare_results(right, times_alone).pairs[0]) == ["About the same in A and B: consistent."]


@pytest.mark.parametrize(("yaw_deg", "story"), [(20.0, "sides"), (45.0, "sides"), (60.0, "plain"), (89.0, "plain")])
def test_a_clip_from_the_front_shows_no_side(yaw_deg, story):
    angled = result(*three_reps(), yaw_deg=45.0)
    front = result(*three_reps(), facing="left", yaw_deg=yaw_deg, name="b.mp4")
    pair = compare_results(front, angled).pairs[0]
    assert pair.story == story
    assert any(note.id == "compare.note_sides" for note in pair.notes) == (story == "sides")


def test_the_stance_and_the_load_come_before_the_side_it_was_filmed_from():
    sumo = result(*three_reps(), variant="sumo", facing="left")
    pair = compare_results(sumo, result(*three_reps(), variant="conventional", name="b.mp4")).pairs[0]
    assert (pair.story, set(list_rows(pair))) == ("stance", {"trunk_deg"})
    loaded = result(*three_reps(), load_kg=16, facing="left", name="b.mp4")
    pair = compare_results(result(*three_reps(), load_kg=0), loaded).pairs[0]
    assert pair.story == "load" and "from both sides" in pair.notes[-1].text


def test_the_cue_is_quoted_in_the_coachs_words():
    pair = compare_results(
        result(*three_reps()), result(*three_reps(), name="b.mp4"), cue="Push the {floor} away."
    ).pairs[0]
    assert pair.notes[0].text == "A is before the cue and B after it: “Push the {floor} away.”"
    assert list_texts(pair)[0].startswith("About the same with the cue")


def test_without_degrees_times_alone_are_compared():
    a = result(*three_reps(ascent_s=1.0), grade="refused")
    pair = compare_results(a, result(*three_reps(trunk=90, ascent_s=1.5), name="b.mp4")).pairs[0]
    assert set(list_rows(pair)) == {"ascent_s"}
    assert list_texts(pair) == ["Way up: 0.5 s longer in B."]
    assert "degree" not in " ".join(list_texts(pair)) and "no degrees" in pair.notes[0].text


def test_a_turned_camera_needs_a_larger_difference():
    a = result(*three_reps())
    straight, turned = (
        list_rows(compare_results(a, result(*three_reps(), yaw_deg=yaw, name="b.mp4")).pairs[0])["trunk_deg"].threshold
        for yaw in (5.0, 20.0)
    )
    assert turned == pytest.approx(straight + 4.9, abs=0.002)


def test_other_movements_are_refused():
    with pytest.raises(CompareError, match=r"a\.mp4 shows hinge, b\.mp4 shows squat: only clips of the same movement"):
        compare_results(result(*three_reps()), result(*three_reps(), movement="squat", name="b.mp4"))


def test_hinge_and_toe_touch_are_compared_by_the_hips_share_alone():
    hinge = result(*(rep(i, share=0.9) for i in (1, 2, 3)))
    touch = result(*(rep(i, trunk=90, share=0.6) for i in (1, 2, 3)), movement="toe_touch", name="b.mp4")
    pair = compare_results(hinge, touch).pairs[0]
    assert (pair.story, pair.before, pair.after) == ("dissociation", "B", "A")
    assert [(row.family, row.change, row.threshold, row.better) for row in pair.rows] == [
        ("hip_share", 0.3, 0.24, True)
    ]
    assert list_texts(pair) == [
        "You can move your hips without your back: your hips do 90 % of the bend in the hinge, 60 % in the toe touch. "
        "That's the skill."
    ]
    with pytest.raises(CompareError, match="hips' share of the bend alone, and it is not known in both"):
        compare_results(hinge, result(*three_reps(), movement="toe_touch", name="b.mp4"))


@pytest.mark.parametrize(("share_a", "share_b"), [(0.4, 0.9), (0.9, 0.4)])
def test_shares_are_both_given_since_their_difference_is_no_percentage(share_a, share_b):
    a, b = (
        result(*(rep(i, share=share) for i in (1, 2, 3)), name=name)
        for share, name in ((share_a, "a.mp4"), (share_b, "b.mp4"))
    )
    words = f"Your hips do {100 * share_b:.0f} % of the bend in B, {100 * share_a:.0f} % in A."
    assert list_texts(compare_results(a, b).pairs[0]) == [words]


def test_a_back_that_arches_leaves_no_more_than_all_of_the_bend_to_the_hips():
    a, b = (result(*(rep(i, share=share) for i in (1, 2, 3)), name=name) for share, name in ((0.5, "a"), (1.04, "b")))
    assert list_texts(compare_results(a, b).pairs[0]) == ["Your hips do 100 % of the bend in B, 50 % in A."]


@pytest.mark.parametrize(("fold", "words"), [(78.0, "12 degrees less"), (102.0, "12 degrees further")])
def test_a_fold_is_not_said_to_be_of_the_hips_alone(fold, words):
    pair = compare_results(result(*three_reps()), result(*three_reps(fold=fold), name="b.mp4")).pairs[0]
    assert list_texts(pair) == [f"In B you fold {words}, hips and back together."]


def test_rounding_in_the_hinge_is_related_to_the_own_toe_touch():
    hinge = result(*(rep(i, share=0.7, rounding=value) for i, value in ((1, 10), (2, 12), (3, 14))))

    def describe_notes(own: float) -> str:
        touch = result(*(rep(i, share=0.6, rounding=own) for i in (1, 2)), movement="toe_touch", name="b.mp4")
        return " ".join(note.text for note in compare_results(hinge, touch).pairs[0].notes)

    assert "about 12 degrees: 30 % of what it does in your own toe touch" in describe_notes(40)
    assert "own toe touch" not in describe_notes(15)  # too little to be a range


def test_the_same_reps_twice_are_refused():
    clip = result(*three_reps())
    with pytest.raises(CompareError, match="are the same reps of one clip"):
        compare_sides([side(clip, (1, 2)), side(clip, (2, 3))])


def test_the_rep_that_is_shown_is_the_typical_one():
    a = result(rep(1, trunk=50), rep(2, trunk=62), rep(3, trunk=74))
    b = result(rep(1, trunk=90), rep(2, trunk=70), rep(3, trunk=79), name="b.mp4")
    shown = [facts.shown for facts in compare_results(a, b).sides]
    assert [(moment.what, moment.time_s) for moment in shown] == [("rep 2", 9.0), ("rep 3", 13.0)]


def test_a_rep_in_part_is_neither_compared_nor_shown():
    unlowered = rep(3, trunk=65).model_copy(update={"complete": False})
    a = result(rep(1, trunk=60), rep(2, trunk=70), unlowered)
    b = result(unlowered.model_copy(update={"index": 1}), name="b.mp4")
    sides = compare_results(a, b).sides
    assert [(facts.reps, facts.shown.what) for facts in sides] == [([1, 2], "rep 1"), ([1], "rep 1")]


def test_every_text_passes_the_language_check():
    for story in ({}, {"facing": "left"}, {"variant": "sumo"}, {"load_kg": 0}, {"grade": "refused"}):
        for size in (-20, 0, 20):
            a = result(*three_reps(), load_kg=16)
            b = result(*three_reps(trunk=60 + size, fold=90 + size, knee=20 + size, ascent_s=2), name="b.mp4", **story)
            pair = compare_results(a, b).pairs[0]
            assert pair.sentences
            for sentence in (*pair.sentences, *pair.notes):
                assert find_forbidden_words(sentence.text) == [] and (
                    sentence.cue is None or find_forbidden_words(sentence.cue) == []
                )


def test_a_failing_third_party_movement_is_one_clear_error(monkeypatch):
    def other_family(analysis):
        return [ComparableMeasure("hinge.x", "ankle", (1.0,))]

    def broken(analysis):
        return 1 / 0

    for quantities, match in ((other_family, "has the family ankle, expected trunk"), (broken, "ZeroDivisionError")):
        monkeypatch.setattr(KNOWN_MOVEMENTS["hinge"], "list_comparable_measures", quantities)
        with pytest.raises(CompareError, match=match):
            compare_results(result(*three_reps()), result(*three_reps(), name="b.mp4"))


def test_different_loads_are_noted():
    notes = [
        note.text
        for note in compare_results(
            result(*three_reps(), load_kg=40), result(*three_reps(trunk=70), load_kg=60, name="b.mp4")
        )
        .pairs[0]
        .notes
    ]
    assert notes == ["A is with 40 kg and B with 60 kg: part of the difference comes with the load."]
    assert (
        not compare_results(result(*three_reps(), load_kg=40), result(*three_reps(), load_kg=40, name="b.mp4"))
        .pairs[0]
        .notes
    )
