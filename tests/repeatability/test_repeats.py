"""Which clips are repeats of each other, and why the others are not."""

from analyzer.repeatability.repeats import find_repeats
from tests.repeatability.people import make_clip

FOLD = [89, 90, 91]


def files(found):
    return [[clip.file for clip in group.clips] for group in found.groups]


def test_same_person_movement_variant_and_load_are_repeats():
    clips = [make_clip(name, number, FOLD) for name in ("ben", "anna") for number in (1, 2)]
    found = find_repeats(clips, "refilmed")
    assert files(found) == [["anna1.mp4", "anna2.mp4"], ["ben1.mp4", "ben2.mp4"]]
    assert found.left_out == []


def test_other_variants_and_loads_are_no_repeats():
    clips = [make_clip("anna", 1, FOLD, variant="sumo"), make_clip("anna", 2, FOLD, variant="conventional")]
    clips += [make_clip("ben", 1, FOLD, load_kg=40.0), make_clip("ben", 2, FOLD, load_kg=60.0)]
    found = find_repeats(clips, "refilmed")
    assert files(found) == []
    assert found.left_out == [
        "anna, hinge: anna1.mp4, anna2.mp4: differ in variant or load "
        "(sumo, no load given; conventional, no load given); repeats have the same",
        "ben, hinge: ben1.mp4, ben2.mp4: differ in variant or load (no variant, 40 kg; no variant, 60 kg); "
        "repeats have the same",
    ]


def test_other_movements_and_unknown_ones_are_no_repeats():
    clips = [make_clip("anna", 1, FOLD), make_clip("anna", 2, FOLD, movement="squat")]
    clips.append(make_clip("anna", 3, FOLD, movement="unknown"))
    assert sorted(find_repeats(clips, "refilmed").left_out) == [
        "anna, hinge: anna1.mp4: filmed once",
        "anna, squat: anna2.mp4: filmed once",
        "anna3.mp4: its movement is unknown",
    ]


def test_clips_of_different_days_are_repeats_of_the_other_setting():
    clips = [make_clip("anna", 1, FOLD, "2026-03-01"), make_clip("anna", 2, FOLD, "2026-03-08")]
    found = find_repeats(clips, "refilmed")
    assert files(found) == []
    assert found.left_out == [
        "anna, hinge: anna1.mp4, anna2.mp4: filmed on different days, which the setting other-day is for"
    ]
    assert files(find_repeats(clips, "other_day")) == [["anna1.mp4", "anna2.mp4"]]


def test_other_day_takes_the_first_clip_of_each_day():
    days = ("2026-03-01", "2026-03-01", "2026-03-08")
    clips = [make_clip("anna", number, FOLD, day) for number, day in enumerate(days, start=1)]
    assert files(find_repeats(clips, "other_day")) == [["anna1.mp4", "anna3.mp4"]]
    assert find_repeats(clips[:2], "other_day").left_out == [
        "anna, hinge: anna1.mp4, anna2.mp4: filmed on one day only, which the setting re-filmed is for"
    ]
    assert find_repeats([make_clip("anna", 1, FOLD)], "other_day").left_out == [
        "anna, hinge: anna1.mp4: the day is not known"
    ]


def test_a_copy_of_a_file_is_no_repeat():
    clip, other = make_clip("anna", 1, FOLD), make_clip("anna", 2, FOLD)
    same = other.analysis.model_copy(update={"clip": clip.analysis.clip})
    found = find_repeats([clip, type(other)(other.file, "anna", None, same)], "refilmed")
    assert files(found) == []
    assert found.left_out[0] == "anna2.mp4: is the same file as anna1.mp4"
