"""Zero-lag filters, against SciPy's and with answers worked out on paper."""

import numpy as np
import pytest
from scipy import signal

from analyzer.kinematics.zero_lag_filter import design_band_pass, design_low_pass, filter_zero_lag

FPS = 30.0


def walk(rows: int, columns: int = 3) -> np.ndarray:
    return np.random.default_rng(rows).normal(size=(rows, columns)).cumsum(axis=0)


def wave(hz: float) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(900) / FPS)[:, None]


@pytest.mark.parametrize("rows", [4, 30, 700])
def test_low_pass_agrees_with_scipy(rows):
    values, pad = walk(rows), min(rows - 1, 30)
    expected = signal.filtfilt(*signal.butter(2, 4.0, fs=FPS), values, axis=0, padlen=pad)
    assert filter_zero_lag(design_low_pass(4.0, FPS), values, pad) == pytest.approx(expected, abs=1e-9)


def test_band_pass_agrees_with_scipy():
    values = walk(200)
    sections = signal.butter(2, (2.0, 8.0), btype="bandpass", fs=FPS, output="sos")
    expected = signal.sosfiltfilt(sections, values, axis=0, padlen=15)
    assert filter_zero_lag(design_band_pass(2.0, 8.0, FPS), values, 15) == pytest.approx(expected, abs=1e-9)


def test_each_pass_takes_three_decibels_at_the_cutoff():
    smooth = filter_zero_lag(design_low_pass(3.0, FPS), wave(3.0), 30)
    assert smooth[300:600] == pytest.approx(wave(3.0)[300:600] / 2, abs=1e-6)


def test_straight_lines_pass_a_low_pass_and_not_a_band_pass():
    line = np.linspace(-5.0, 40.0, 300)[:, None]
    assert filter_zero_lag(design_low_pass(3.0, FPS), line, 30) == pytest.approx(line, abs=1e-3)
    assert filter_zero_lag(design_band_pass(2.0, 8.0, FPS), np.full((300, 1), 7.0), 30) == pytest.approx(0, abs=1e-9)
