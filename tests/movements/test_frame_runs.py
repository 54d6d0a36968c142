"""Runs, gaps and rates: known answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.movements.frame_runs import close_gaps, find_runs, rate_per_s, sum_duration_s

TIMES_S = np.arange(0, 10) / 2.0


def frames(text: str) -> np.ndarray:
    return np.array([letter == "x" for letter in text])


def test_runs_give_the_first_and_last_frame_of_each_run():
    assert find_runs(frames("xx..x...xx")) == [(0, 1), (4, 4), (8, 9)]
    assert find_runs(frames("....")) == []


def test_gaps_up_to_the_limit_are_closed_except_at_the_ends():
    gaps = frames(".x.x...x..")
    assert close_gaps(gaps, TIMES_S, 1.0).tolist() == frames(".xxx...x..").tolist()
    assert close_gaps(gaps, TIMES_S, 2.0).tolist() == frames(".xxxxxxx..").tolist()


def test_each_frame_lasts_until_the_next():
    assert sum_duration_s(frames("xx......xx"), TIMES_S) == pytest.approx(2.0)


@given(st.floats(-20, 20), st.floats(-90, 90))
def test_rate_of_a_straight_line_is_its_slope_at_every_frame(slope, level):
    times = np.arange(60) / 30
    values = level + slope * times
    values[20:24] = np.nan
    assert rate_per_s(times, values, 0.5) == pytest.approx(np.full(60, slope), abs=1e-6)


def test_rate_needs_three_known_values():
    assert np.isnan(rate_per_s(TIMES_S, np.where(frames("xx........"), 1.0, np.nan), 1.0)).all()
