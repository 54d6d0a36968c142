"""Statistics with unknown values, with answers worked out on paper."""

import numpy as np
import pytest

from analyzer.movements.statistics import (
    drop_unknown,
    mean_known,
    median,
    median_known,
    percentile,
    round_known,
    sample_sd,
    select_interval,
)


def test_sample_sd_needs_three_values():
    assert sample_sd([1.0, None, 3.0]) is None
    assert sample_sd([1.0, 2.0, None, 3.0]) == pytest.approx(1.0)


def test_unknown_values_are_left_out():
    assert drop_unknown([1.0, None, 3.0]) == (1.0, 3.0)
    assert mean_known([1.0, None, 3.0]) == 2.0
    assert median_known([1.0, None, 3.0, 8.0]) == 3.0
    assert percentile(np.array([0.0, np.nan, 10.0]), 25) == 2.5
    assert median(np.array([0.0, np.nan, 10.0])) == 5.0


def test_unknown_values_give_none():
    assert mean_known([None]) is None
    assert median_known([1.0, None], min_count=2) is None
    assert median(np.array([np.nan])) is None
    assert round_known(np.nan) is None
    assert round_known(None) is None


def test_what_rounds_to_zero_has_no_sign():
    assert str(round_known(-0.04)) == "0.0"
    assert round_known(-0.06) == -0.1


def test_interval_includes_both_ends_and_drops_nan():
    times_s = np.array([0.0, 1.0, 2.0, 3.0])
    assert select_interval(times_s, np.array([5.0, np.nan, 7.0, 8.0]), 1.0, 3.0).tolist() == [7.0, 8.0]
