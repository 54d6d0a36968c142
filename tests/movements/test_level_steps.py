"""Steps between levels: when they begin and end, and how large they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.movements.level_steps import find_steps

TIMES_S = np.arange(0, 300) / 30


def smooth(start_s: float, lasts_s: float, change: float) -> np.ndarray:
    """A minimum-jerk movement (Flash & Hogan 1985)."""
    part = np.clip((TIMES_S - start_s) / lasts_s, 0, 1)
    return change * part**3 * (10 - 15 * part + 6 * part**2)


@given(st.floats(1, 4), st.floats(0.5, 2), st.sampled_from([-40.0, 25.0, 80.0]), st.floats(-90, 90))
def test_smooth_step_is_found_with_its_times_and_size(start_s, lasts_s, change, level):
    (step,) = find_steps(TIMES_S, level + smooth(start_s, lasts_s, change), 10.0)
    assert step.change == pytest.approx(change, rel=0.02)
    assert step.start_s == pytest.approx(start_s, abs=0.1)
    assert step.end_s == pytest.approx(start_s + lasts_s, abs=0.1)


def test_two_steps_with_a_hold_between_stay_two():
    steps = find_steps(TIMES_S, smooth(1, 1, 20) + smooth(3, 1, 15) - smooth(6, 1, 35), 10.0)
    assert [round(step.change) for step in steps] == [20, 15, -35]


def test_small_or_unknown_steps_are_not_found():
    assert find_steps(TIMES_S, smooth(2, 1, 9), 10.0) == []
    assert find_steps(TIMES_S, np.full(300, np.nan), 10.0) == []
