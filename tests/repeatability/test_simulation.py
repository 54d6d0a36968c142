"""The statistics recover what a simulation puts in, and call 5 % of unchanged people changed."""

import pytest

from benchmarks.repeatability import simulate


@pytest.mark.parametrize("kind", ["normal", "heavy"])
def test_mdc_of_fifteen_pairs_is_recovered_and_exceeded_by_five_percent(kind: str):
    summary = simulate(kind, people=15, studies=800, seed=1)
    assert summary.mean_ratio == pytest.approx(1, abs=0.05)
    assert summary.median_ratio == pytest.approx(1, abs=0.1)
    assert 0.04 <= summary.false_table <= 0.06
    assert 0.04 <= summary.false_least_change <= 0.06
    assert summary.false_mdc95 > summary.false_least_change  # why comparisons use Student's t


def test_intervals_contain_the_truth_for_normal_errors():
    assert simulate("normal", people=15, studies=800, seed=2).coverage == pytest.approx(0.95, abs=0.02)
