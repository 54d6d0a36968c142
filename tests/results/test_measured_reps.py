"""Measured reps: complete ones, or the ways up of a clip that has none."""

from analyzer.results.measured_reps import select_measured_reps
from analyzer.results.schema import Rep


def make_rep(index: int, complete: bool, ascent_s: float | None, has_ascent: bool | None = None) -> Rep:
    return Rep(
        index=index,
        start_s=3.0 * index,
        bottom_s=3.0 * index + 1,
        end_s=3.0 * index + 2,
        descent_s=None,
        pause_s=None,
        ascent_s=ascent_s,
        complete=complete,
        has_ascent=has_ascent,
    )


def test_complete_reps_are_measured_alone():
    whole, unlowered = make_rep(1, True, 0.9), make_rep(2, False, 0.8)
    assert select_measured_reps([whole, unlowered]) == [whole]


def test_way_up_is_measured_where_no_rep_is_complete():
    unlowered, cut = make_rep(1, False, 0.8), make_rep(2, False, None)
    assert select_measured_reps([unlowered, cut]) == [unlowered]
    assert select_measured_reps([cut]) == []


def test_way_up_whose_time_is_not_measured_counts_by_its_own_field():
    unlowered, cut = make_rep(1, False, None, has_ascent=True), make_rep(2, False, None, has_ascent=False)
    assert select_measured_reps([unlowered, cut]) == [unlowered]
