"""Key measures of stored results that lack them."""

import pytest

from analyzer.analysis.stored_analysis import parse_stored_analysis
from analyzer.movements.registry import load_movements
from analyzer.movements.stored_key_measures import complete_key_measures
from analyzer.results.schema import Analysis, KeyMeasure
from tests.compare.results import rep, result
from tests.movements.measures_snapshot import SNAPSHOT


def make_old_hinge() -> Analysis:
    reps = [rep(i, trunk_thigh_deg=fold, trunk_inclination_deg=60.0) for i, fold in ((1, 80), (2, 100), (3, 90))]
    return result(*reps)  # the uncertainty of the trunk is 2.5 degrees


def test_an_old_result_gains_values_of_its_events_and_intervals_of_its_quality():
    old = make_old_hinge()
    assert not old.key_measures
    fold, trunk, ascent = complete_key_measures(old).key_measures
    assert (fold.id, fold.value, fold.per_rep, fold.interval_80) == ("hinge.fold", 90, [80, 100, 90], None)
    assert (trunk.id, trunk.value, trunk.interval_80) == ("hinge.trunk", 60, (57.5, 62.5))
    assert (ascent.id, ascent.value, ascent.unit) == ("hinge.ascent", 1.0, "s")
    assert not old.key_measures  # unchanged


def test_a_file_without_the_field_is_read_with_key_measures():
    content = make_old_hinge().model_dump_json(exclude={"key_measures"}).encode()
    assert b"key_measures" not in content
    assert [measure.id for measure in parse_stored_analysis(content).key_measures] == [
        "hinge.fold", "hinge.trunk", "hinge.ascent",
    ]  # fmt: skip


def test_key_measures_that_are_there_are_kept_and_others_added_in_order():
    trunk = KeyMeasure(id="hinge.trunk", label="Trunk lean", value=61, unit="deg", interval_80=(58, 64), per_rep=[61])
    own = KeyMeasure(id="own.x", label="X", value=1, unit="s", interval_80=None, per_rep=[])
    stored = make_old_hinge().model_copy(update={"key_measures": [own, trunk]})
    completed = complete_key_measures(stored).key_measures
    assert [measure.id for measure in completed] == ["hinge.fold", "hinge.trunk", "hinge.ascent", "own.x"]
    assert completed[1] == trunk


def test_a_back_stored_without_its_direction_gains_it():
    back = KeyMeasure(id="hinge.back", label="Back", value=-15, unit="deg", interval_80=(-23, -6), per_rep=[-15])
    completed = complete_key_measures(make_old_hinge().model_copy(update={"key_measures": [back]}))
    assert [one.direction for one in completed.key_measures] == [None, None, "arched", None]


def test_nothing_is_added_to_an_unknown_movement_or_a_clip_without_events():
    for empty in (result(rep(1), movement="unknown"), result()):
        assert complete_key_measures(empty) is empty


@pytest.mark.parametrize("name", sorted(load_movements()))
def test_the_same_quantity_of_every_key_measure_is_one_that_is_compared(name: str):
    """Over simulated motions of every movement; a key measure without one is named here."""
    without = {
        "hinge.speed",
        "plank.gives",
        "toe_touch.hands",
        "sit_to_stand.feet",
        "carry.sway",
        "carry.steps",
        "carry.time",
    }
    specs = load_movements()[name].key_measures
    assert {spec.id for spec in specs if spec.comparable is None} == {i for i in without if i.startswith(f"{name}.")}
    text = SNAPSHOT.read_text(encoding="utf-8")
    unseen = {spec.comparable for spec in specs if spec.comparable and f'"key": "{spec.comparable}"' not in text}
    assert unseen <= {"reported", "back_from_line_deg"}  # simulated people report nothing and have no back outline
