"""From results of repeats to `repeatability.json`, and to the thresholds of comparisons."""

from math import sqrt

import pytest

from analyzer.repeatability.build import build_repeatability
from analyzer.repeatability.repeats import find_repeats
from analyzer.repeatability.schema import RepeatabilityError, read_mdc_table
from tests.repeatability.people import draw_pairs, make_clip, make_pairs


def build(clips, setting="refilmed"):
    return build_repeatability(find_repeats(clips, setting), setting)


def test_key_measures_come_first_with_their_values():
    [hinge] = build(make_pairs([(90, 92), (100, 96), (80, 86)])).movements
    assert (hinge.movement, hinge.people, hinge.clips) == ("hinge", 3, 6)
    fold, up, *others = hinge.measures
    assert (fold.key, fold.label, fold.unit, fold.is_key) == ("hinge.fold", "Trunk-thigh", "deg", True)
    assert (up.key, up.within_person_sd) == ("hinge.ascent", 0)
    assert {other.key: other.is_key for other in others}["hinge.trunk_thigh_deg"] is False
    # Differences 2, -4, 6, as in the test of the statistics; reps a degree apart have an SD of 1.
    assert fold.within_person_sd == fold.sem == pytest.approx(sqrt(56 / 6), abs=1e-4)
    assert fold.mdc95 == pytest.approx(1.96 * sqrt(56 / 3), abs=1e-4)
    assert (fold.people, fold.clips, fold.degrees_of_freedom) == (3, 6, 3)
    assert (fold.rep_sd, fold.reps_per_clip) == (1, 3)
    assert fold.agreement is not None
    assert (fold.agreement.n, fold.agreement.bias) == (3, pytest.approx(4 / 3, abs=1e-4))
    assert [group.values for group in fold.groups] == [[90, 92], [100, 96], [80, 86]]
    assert fold.groups[0].files == ["p001.mp4", "p002.mp4"]


def test_an_mdc_is_used_from_ten_repeats_of_five_people():
    def table(clips):
        return build(clips).to_mdc_table().measures

    assert table(make_pairs(draw_pairs(9, 2))) == {}
    own = table(make_pairs(draw_pairs(10, 2)))["hinge.fold"]
    assert (own.source, own.setting, own.reps, own.yaw_deg) == ("your own 10 pairs", "refilmed", 3, 3)
    often = [make_clip(name, number, [88 + number] * 2) for name in "abcd" for number in range(1, 7)]
    assert table(often) == {}  # 20 repeats, but of four people
    five = [*often, make_clip("e", 1, [90]), make_clip("e", 2, [91])]
    assert table(five)["hinge.fold"].source == "your own 26 clips of 5 people"


def test_a_measure_that_one_clip_lacks_has_fewer_repeats():
    clips = make_pairs([(90, 92), (100, 96)])
    without = clips[0].analysis.model_copy(update={"key_measures": clips[0].analysis.key_measures[1:]})
    [hinge] = build([type(clips[0])(clips[0].file, clips[0].client, None, without), *clips[1:]]).movements
    assert {measure.key: measure.clips for measure in hinge.measures[:2]} == {"hinge.fold": 2, "hinge.ascent": 4}
    fold = hinge.measures[0]
    assert fold.agreement is None  # one pair


def test_a_view_without_degrees_gives_times_only():
    [hinge] = build([make_clip("anna", number, [90], grade="refused") for number in (1, 2)]).movements
    assert {measure.unit for measure in hinge.measures} == {"s"}


def test_thresholds_are_read_from_the_file(tmp_path):
    path = tmp_path / "repeatability.json"
    built = build(make_pairs(draw_pairs(18, 2)))
    path.write_text(built.model_dump_json())
    assert read_mdc_table(path) == built.to_mdc_table()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        ("{}", "is no repeatability.json of this version"),
        ("not json", "is no repeatability.json of this version"),
    ],
)
def test_another_file_is_refused_in_one_line(tmp_path, content, message):
    path = tmp_path / "repeatability.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(RepeatabilityError, match=message) as error:
        read_mdc_table(path)
    assert "\n" not in str(error.value)


def test_a_file_with_too_few_repeats_is_refused_with_the_number_needed(tmp_path):
    path = tmp_path / "repeatability.json"
    path.write_text(build(make_pairs(draw_pairs(4, 2))).model_dump_json())
    with pytest.raises(RepeatabilityError, match="from 10 repeats of at least 5 people"):
        read_mdc_table(path)
