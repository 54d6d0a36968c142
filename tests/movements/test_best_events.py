"""The best rep or hold by what a movement counts as better, with places worked out by hand."""

from collections.abc import Mapping

import pytest

from analyzer.movements.best_events import find_best_events
from analyzer.movements.protocol import ComparableMeasure, Events, ImprovementDirection, Movement
from tests.compare.results import rep, result


class Lift(Movement):
    """A movement with the values of each comparable measure given."""

    name, title, main_angle = "lift", "Lift", "trunk_thigh_deg"

    def __init__(self, better: Mapping[str, ImprovementDirection], **values: tuple[str, tuple[float, ...]]) -> None:
        self.better = better
        self._values = values

    def recognise(self, motion):
        return 0.0

    def find_events(self, motion, details):
        return Events()

    def list_comparable_measures(self, analysis):
        return [ComparableMeasure(f"lift.{key}", family, known) for key, (family, known) in self._values.items()]


THREE = result(rep(1), rep(2), rep(3))


def positions(movement: Lift) -> tuple[int, ...]:
    best = find_best_events(movement, THREE)
    assert best is not None
    return best.positions


@pytest.mark.parametrize(("direction", "expected"), [("more", 2), ("less", 0)])
def test_one_measure_decides_by_its_direction(direction: ImprovementDirection, expected: int):
    assert positions(Lift({"lift.trunk_deg": direction}, trunk_deg=("trunk", (40.0, 50.0, 60.0)))) == (expected,)


def test_the_best_average_place_wins():
    # places by depth, deepest first: 2, 1, 0; by back, least first: 1, 0, 2; together 3, 1, 2
    lift = Lift(
        {"lift.fold_deg": "more", "lift.rounding_deg": "less"},
        fold_deg=("trunk_thigh", (70.0, 80.0, 90.0)),
        rounding_deg=("back", (20.0, 10.0, 30.0)),
    )
    assert positions(lift) == (1,)


def test_a_back_that_arches_is_no_better_than_one_that_rounds_as_far():
    lift = Lift({"lift.rounding_deg": "less"}, rounding_deg=("back", (-30.0, 5.0, 20.0)))
    assert positions(lift) == (1,)


def test_values_that_read_the_same_share_a_place_and_leave_no_best_one():
    lift = Lift({"lift.trunk_deg": "more"}, trunk_deg=("trunk", (40.0, 60.4, 59.6)))
    assert positions(lift) == ()


def test_several_may_share_the_best_average():
    lift = Lift({"lift.trunk_deg": "more"}, trunk_deg=("trunk", (60.4, 40.0, 50.0, 59.6)))
    best = find_best_events(lift, result(*(rep(i) for i in range(1, 5))))
    assert best is not None and best.positions == (0, 3)


def test_measures_that_do_not_clearly_differ_do_not_decide():
    alike = Lift({"lift.trunk_deg": "more"}, trunk_deg=("trunk", (58.0, 59.0, 62.0)))
    best = find_best_events(alike, THREE)
    assert best is not None and best.positions == () and not best.measures[0].differs


def test_a_measure_that_is_not_known_of_every_rep_is_left_out():
    lift = Lift(
        {"lift.trunk_deg": "more", "lift.fold_deg": "more"},
        trunk_deg=("trunk", (60.0, 40.0)),
        fold_deg=("trunk_thigh", (70.0, 80.0, 90.0)),
    )
    best = find_best_events(lift, THREE)
    assert best is not None and [measure.key for measure in best.measures] == ["lift.fold_deg"]


def test_nothing_better_or_one_rep_has_no_best_one():
    values = {"trunk_deg": ("trunk", (40.0, 50.0, 60.0))}
    assert find_best_events(Lift({}, **values), THREE) is None
    assert find_best_events(Lift({"lift.trunk_deg": "more"}, **values), result(rep(1))) is None
