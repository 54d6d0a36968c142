"""The zero-lag filter: answers worked out on paper, and SciPy's own filter as a reference."""

import numpy as np
import pytest
from scipy.signal import butter, filtfilt

from analyzer.kinematics.zero_lag_filter import low_pass_zero_lag


@pytest.mark.parametrize(("rows", "fps", "cutoff_hz"), [(600, 30, 6), (4, 15, 6), (20, 25, 6), (234, 60, 4)])
def test_same_as_scipy(rows, fps, cutoff_hz):
    path = np.random.default_rng(1).normal(size=(rows, 6)).cumsum(axis=0)
    share = np.arctan(np.tan(np.pi * cutoff_hz / fps) / 0.802) / (np.pi / 2)
    expected = filtfilt(*butter(2, share), path, axis=0, padlen=min(rows - 1, fps))
    assert low_pass_zero_lag(path, fps, cutoff_hz) == pytest.approx(expected, abs=1e-9)


def test_a_sine_at_the_cut_off_keeps_its_phase_and_half_its_power():
    wave = np.sin(2 * np.pi * 6 * np.arange(900) / 30 + 0.4)[:, None]
    middle = low_pass_zero_lag(wave, 30, 6)[300:600] / wave[300:600]
    assert middle == pytest.approx(np.full((300, 1), np.sqrt(0.5)), abs=0.01)


def test_a_straight_line_stays():
    line = np.linspace([0.0, 5], [9, -4], 50)
    assert low_pass_zero_lag(line, 30, 6) == pytest.approx(line)


def test_few_rows_and_a_high_cut_off_are_not_filtered():
    for path, fps in ((np.ones((3, 1)), 30), (np.arange(9.0)[:, None] ** 2, 12)):
        assert low_pass_zero_lag(path, fps, 6) is path
